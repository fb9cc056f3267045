"""What shall become text, as site.toml says it; the office gets it from the process that reads
that file."""

import msgspec


class Model(msgspec.Struct, frozen=True):
    """A model and the folder that it lies in."""

    name: str
    folder: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """`kinds` as in recording.started. `models` by language; recordings in another language
    wait. `language`: of callers whose language nobody asked. `channels`: most callers at once.
    `poor`: names of models that know commands only; what they made is made again once there is a
    better one. `missing`: models that site.toml names and that cannot be used, in words."""

    kinds: tuple[str, ...] = ()
    language: str = "en"
    channels: int = 120
    models: dict[str, Model] = {}
    poor: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
