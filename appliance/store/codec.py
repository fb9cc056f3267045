"""Events to lines of table `event` and back."""

import msgspec

from appliance.model.events import AnyEvent, Event, Record
from appliance.store.errors import LogDamaged
from appliance.store.schema import Row, Stored, is_intact, row_crc

_encode = msgspec.json.Encoder().encode
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
_kinds: dict[type[Event], tuple[str, bool, bool]] = {}


class Encoded(msgspec.Struct, frozen=True, array_like=True):
    """An event's name, whom it concerns, and its JSON."""

    name: str
    call: str | None
    agent: str | None
    body: bytes


def encode(event: AnyEvent) -> Encoded:
    """Raises TypeError or msgspec.EncodeError for what is no event."""
    name, has_call, has_agent = _kinds.get(type(event)) or _learn(type(event))
    return Encoded(
        name,
        event.call if has_call else None,  # type: ignore[union-attr]
        event.agent if has_agent else None,  # type: ignore[union-attr]
        _encode(event),
    )


def row_of(seq: int, at_us: int, of: Encoded) -> Row:
    """The line in the log for an event with its place and time."""
    columns = (of.name.encode(), _bytes(of.call), _bytes(of.agent))
    crc = row_crc(seq, at_us, of.body, *columns)
    return (seq, at_us, of.name, of.call, of.agent, of.body, crc)


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode()


def decode(row: Stored) -> Record:
    """One line of the log. Raises LogDamaged when it is not what was written."""
    seq, at_us, body = row[0], row[1], row[5]
    if not is_intact(row):
        raise LogDamaged(
            f"Event {seq} in the log is not what was written (checksum). Calls go on; reports "
            "that need it fail. Restart the box: it restores the last good backup."
        )
    try:
        return Record(seq, at_us, _decoder.decode(body))
    except msgspec.MsgspecError as error:
        raise LogDamaged(
            f"Event {seq} in the log is unknown to this version ({error}). Install the version "
            "that wrote it."
        ) from error


def _learn(kind: type[Event]) -> tuple[str, bool, bool]:
    if not issubclass(kind, Event):
        raise TypeError(f"{kind.__name__} is no event")
    fields = kind.__struct_fields__
    _kinds[kind] = (str(kind.__struct_config__.tag), "call" in fields, "agent" in fields)
    return _kinds[kind]
