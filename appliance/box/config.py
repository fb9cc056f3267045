"""Reads site.toml: everything wrong with it at once, each with its line.

`load_site` is the only way in which the box reads its settings.
"""

import codecs
import hashlib
import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from appliance.box.locate import Lines
from appliance.box.sentences import finding, label
from appliance.model.findings import Finding
from appliance.model.site import SiteFile

REFUSED = (
    "The file is not used: a box that runs keeps its present settings and all calls, "
    "a stopped box does not start, or starts with the settings that it ran with before."
)


@dataclass(frozen=True)
class LoadedSite:
    """A valid site.toml. `version`: first 12 hex digits of the SHA-256 of its bytes."""

    site: SiteFile
    path: Path
    data_dir: Path
    version: str
    lines: Lines
    content: bytes

    @property
    def base_dir(self) -> Path:
        """What relative file names in the file are relative to."""
        return self.path.parent


class SiteError(Exception):
    """site.toml cannot be used. `findings` holds everything that is wrong with it."""

    def __init__(self, path: Path, findings: list[Finding], data: object = None) -> None:
        self.path = path
        self.findings = findings
        self.data = data
        super().__init__(
            "\n".join([*(render(path, found, data) for found in findings), "", REFUSED])
        )


class FieldErrors(SiteError):
    """Single fields are wrong; the rest of the file can be checked all the same."""

    def __init__(self, path: Path, error: ValidationError, lines: Lines, data: object) -> None:
        self.errors = error.errors(include_url=False)
        self.lines = lines
        super().__init__(path, located([finding(one) for one in self.errors], lines), data)


def load_site(path: Path | str) -> LoadedSite:
    """Read and validate a whole site.toml. Raises `SiteError` with all problems at once."""
    path = Path(path).absolute()
    return parse_site(path, read(path))


def parse_site(path: Path, content: bytes) -> LoadedSite:
    """As `load_site`, for bytes that are not (yet) in the file."""
    data = _toml(path, content)
    lines = Lines(content.removeprefix(codecs.BOM_UTF8))  # some editors write one
    try:
        site = SiteFile.model_validate(data)
    except ValidationError as error:
        raise FieldErrors(path, error, lines, data) from None
    return LoadedSite(
        site=site,
        path=path,
        data_dir=(path.parent / site.site.data_dir).resolve(),
        version=version_of(content),
        lines=lines,
        content=content,
    )


def version_of(content: bytes) -> str:
    """First 12 hex digits of the SHA-256."""
    return hashlib.sha256(content).hexdigest()[:12]


def render(path: Path, found: Finding, data: object = None) -> str:
    """``site.toml:12: error: queue 1 "sales": ring_s: ...`` and what to make of it."""
    where = f"{path}:{found.line}: " if found.line else f"{path}: "
    field = f"{label(found.path, data)}: " if found.path else ""
    return (
        f"{where}{found.severity}: {field}{found.what}\n"
        f"    for calls: {found.means}\n"
        f"    to do:     {found.to_do}"
    )


def located(found: list[Finding], lines: Lines) -> list[Finding]:
    """The findings with their lines, in the file's order."""
    with_lines = [one if one.line else replace(one, line=lines.of(one.path)) for one in found]
    return sorted(with_lines, key=lambda one: (one.line, str(one.path)))


def read(path: Path) -> bytes:
    """The file's bytes. Raises `SiteError` where it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        what, to_do = "There is no such file.", "Check the name given with --site."
    except OSError as error:
        what = f"It cannot be read: {error.strerror}."
        to_do = "Give the user that Callfloor runs as the right to read it."
    raise SiteError(path, [Finding((), what, "Without settings no call is taken.", to_do)])


def _toml(path: Path, content: bytes) -> dict[str, object]:
    means = "Nothing in the file can be used before this is put right."
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what, to_do = "This is not UTF-8 text.", "Save the file as UTF-8."
    except tomllib.TOMLDecodeError as error:
        line, what = _syntax(str(error), content)
        to_do = "Write it as TOML wants it: name = value, text in quotes, [table], [[list]]."
    except RecursionError:
        line, what, to_do = 1, "It is nested too deeply.", "Use fewer brackets in brackets."
    raise SiteError(path, [Finding((), what, means, to_do, line=line)])


def _syntax(message: str, content: bytes) -> tuple[int, str]:
    """Line and sentence from tomllib's ``Expected '=' ... (at line 1, column 5)``."""
    found = re.search(r"\(at line (\d+), column (\d+)\)$", message)
    if found is None:  # "(at end of document)"
        text = re.sub(r" \(at end of document\)$", "", message)
        return content.rstrip().count(b"\n") + 1, f"{text} at the end of the file."
    return int(found[1]), f"{message[: found.start()].rstrip()} at column {found[2]}."
