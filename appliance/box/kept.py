"""The settings that the box last ran with, kept in its data folder.

A box that starts while site.toml is wrong takes calls with these. Beside the text of the file
they hold what it refers to and what may be gone by then: the passwords of lines, and the names
under which its recordings lie in the prompt cache. All of it is for the box's own user only.
"""

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from pydantic import ValidationError

from appliance.box.config import LoadedSite, SiteError
from appliance.box.locate import Lines
from appliance.box.sentences import label
from appliance.box.versions import write_whole
from appliance.model.events import Trouble
from appliance.model.findings import Finding
from appliance.model.site import SiteFile

FOLDER = "applied"
FILE = "settings.json"
PROMPTS = "prompts"
_DATA_DIR = re.compile(rb"""\bdata_dir["']?\s*=\s*(["'])([^"'\n]+)\1""")

Load = Callable[[Path], tuple[LoadedSite, list[Finding]]]


class Applied(msgspec.Struct):
    """`content`: site.toml as it was applied at `at_us` (UTC microseconds). `sounds`: file name
    in it to the name in the prompt cache; `passwords`: the same to a file in this folder."""

    version: str
    at_us: int
    content: str
    sounds: dict[str, str] = {}
    passwords: dict[str, str] = {}


@dataclass(frozen=True)
class Settings:
    """What to start with. `wrong`: why site.toml is not it, and then `at_us` is when the
    settings were applied (UTC microseconds)."""

    loaded: LoadedSite
    findings: list[Finding] = field(default_factory=list)
    wrong: SiteError | None = None
    at_us: int = 0

    def trouble(self) -> Trouble | None:
        """For the log and the board: what is wrong, at which line; None when nothing is."""
        if self.wrong is None:
            return None
        return Trouble(
            where="config",
            what=f"{self.wrong.path.name} cannot be used: {_first(self.wrong)}",
            meaning=f"Calls are taken with the settings of {_moment(self.at_us)} UTC (version "
            f"{self.loaded.version}), the last that were right; what was changed since is not "
            "in use.",
            remedy=f"Correct {self.wrong.path} (callfloor check names everything that is wrong), "
            "then callfloor config reload.",
        )


def to_start_with(path: Path, load: Load, data_dir: Path | None = None) -> Settings:
    """site.toml, or what the box last ran with when that cannot be used.

    `load` reads and checks site.toml. `data_dir`: where the box has its data, as far as is
    known; else it is what the file says of it, however wrong the rest. Raises `SiteError`,
    with what is wrong with site.toml, when nothing is kept or it would not help.
    """
    path = path.absolute()
    try:
        loaded, findings = load(path)
    except SiteError as error:
        for folder in _folders(path, data_dir):
            kept = _kept(path, folder)
            if kept is not None:
                return Settings(kept[0], [], error, kept[1].at_us)
        raise
    return Settings(loaded, findings)


def keep(loaded: LoadedSite, sounds: Mapping[str, str], now: float) -> None:
    """Keep settings that have just been applied; `now`: UTC seconds since 1970.

    `sounds`: as `Applied.sounds`. Raises OSError; what was kept before stays then.
    """
    folder = loaded.data_dir / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    passwords = dict(_passwords(loaded))
    for name, secret in passwords.values():
        _write(folder / name, secret)
    applied = Applied(
        version=loaded.version,
        at_us=round(now * 1e6),
        content=loaded.content.decode("utf-8-sig"),
        sounds=dict(sounds),
        passwords={named: name for named, (name, _) in passwords.items()},
    )
    _write(folder / FILE, msgspec.json.encode(applied))
    wanted = {FILE, *applied.passwords.values()}
    for old in folder.iterdir():
        if old.name not in wanted:
            old.unlink(missing_ok=True)


def _passwords(loaded: LoadedSite) -> Iterator[tuple[str, tuple[str, bytes]]]:
    """Each password file as site.toml names it, the name for its copy, and what is in it."""
    for trunk in loaded.site.trunk:
        if trunk.password_file is not None:
            named = str(trunk.password_file)
            name = f"password-{hashlib.sha256(named.encode()).hexdigest()[:12]}"
            yield named, (name, (loaded.base_dir / named).read_bytes())


def _write(path: Path, content: bytes) -> None:
    if path.exists():
        path.chmod(0o600)  # a file that is replaced keeps its mode
    write_whole(path, content)


# -- taking them again ------------------------------------------------------------------------


def _folders(path: Path, known: Path | None) -> Iterator[Path]:
    """Where the data may be, the likeliest first; also for a file that is no TOML any more."""
    names: list[str] = []
    try:
        content = path.read_bytes()
        names += [found[2].decode() for found in _DATA_DIR.finditer(content)]
    except (OSError, UnicodeDecodeError):
        pass  # it may be gone altogether
    names.append(str(SiteFile().site.data_dir))
    folders = [(path.parent / name).resolve() for name in names]
    yield from dict.fromkeys([*([known] if known else []), *folders])


def _kept(path: Path, data_dir: Path) -> tuple[LoadedSite, Applied] | None:
    """What is kept in this data folder for this site.toml, if the box can start with it."""
    try:
        body = (data_dir / FOLDER / FILE).read_bytes()
        applied = msgspec.json.decode(body, type=Applied)
        data = tomllib.loads(applied.content)
        site = SiteFile.model_validate(_with_stand_ins(data, applied, path.parent, data_dir))
    except (OSError, msgspec.MsgspecError, tomllib.TOMLDecodeError, ValidationError):
        return None
    if (path.parent / site.site.data_dir).resolve() != data_dir or not _usable(site, path.parent):
        return None
    content = applied.content.encode()
    loaded = LoadedSite(site, path, data_dir, applied.version, Lines(content), content)
    return loaded, applied


def _usable(site: SiteFile, base_dir: Path) -> bool:
    """Old settings do not help where nothing can be written; a newer version of the box may
    read flows otherwise than the one that kept them."""
    from appliance.box.checks import files
    from appliance.flow.language import read_flows

    errors = [one.path for one in files.check(site, base_dir) if one.severity == "error"]
    return ("site", "data_dir") not in errors and not read_flows(site)[1]


def _with_stand_ins(data: Any, applied: Applied, base_dir: Path, data_dir: Path) -> Any:
    """`data` with the kept copy of each file that is not where site.toml names it."""
    instead = {
        name: str(data_dir / PROMPTS / copy)
        for name, copy in applied.sounds.items()
        if not (base_dir / name).is_file() and (data_dir / PROMPTS / copy).is_file()
    }
    for trunk in data.get("trunk", []):
        named = trunk.get("password_file")
        if named in applied.passwords and not _has_text(base_dir / named):
            trunk["password_file"] = str(data_dir / FOLDER / applied.passwords[named])
    return _replaced(data, instead)


def _has_text(file: Path) -> bool:
    try:
        return bool(file.read_text().strip())
    except (OSError, UnicodeDecodeError):
        return False


def _replaced(value: Any, instead: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return instead.get(value, value)
    if isinstance(value, list):
        return [_replaced(one, instead) for one in value]
    if isinstance(value, dict):
        return {key: _replaced(one, instead) for key, one in value.items()}
    return value


def _first(error: SiteError) -> str:
    """The first error in few words, with its line."""
    wrong = [one for one in error.findings if one.severity == "error"]
    one = wrong[0]
    line = f"line {one.line}: " if one.line else ""
    name = f"{label(one.path, error.data)}: " if one.path else ""
    more = len(wrong) - 1
    rest = f" ({more} more error{'s' if more > 1 else ''})" if more else ""
    return f"{line}{name}{one.what}{rest}"


def _moment(at_us: int) -> str:
    return f"{datetime.fromtimestamp(at_us / 1e6, UTC):%Y-%m-%d %H:%M:%S}"
