"""Files that site.toml names: there, readable, and secret where they hold secrets."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from appliance.model.findings import FieldPath, Finding
from appliance.model.site import SiteFile
from appliance.speech.phrases import is_file_name


def check(site: SiteFile, base_dir: Path) -> Iterator[Finding]:
    """Findings about files. `base_dir`: what relative names are relative to."""
    yield from _data_dir((base_dir / site.site.data_dir).resolve())
    for i, trunk in enumerate(site.trunk):
        path: FieldPath = ("trunk", i, "password_file")
        if trunk.kind == "register":
            yield from _credentials(path, trunk.username, trunk.password_file)
        if trunk.password_file is not None:
            yield from _password(path, base_dir / trunk.password_file)
    yield from _sounds(site, base_dir)


def _data_dir(folder: Path) -> Iterator[Finding]:
    """Writable, or to be made in a folder that is writable. Nothing is left behind."""
    there = next((one for one in (folder, *folder.parents) if one.exists()), Path("/"))
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        yield Finding(
            ("site", "data_dir"),
            f"Nothing can be written in {there}: {error.strerror or error}.",
            "The box does not start: calls could not be put on record.",
            f"Give the user that Callfloor runs as the right to write in {there}, or choose "
            "another folder.",
        )
    else:
        if there == folder and folder.stat().st_mode & 0o007:
            yield Finding(
                ("site", "data_dir"),
                f"{folder} is open to other users of this machine "
                f"(mode {folder.stat().st_mode & 0o777:04o}).",
                "Calls work, but others can see what is kept there: numbers, voices, messages.",
                f"Run: chmod o-rwx {folder}",
                "warning",
            )


def _credentials(path: FieldPath, user: str, password: Path | None) -> Iterator[Finding]:
    means = "The line could not register and would stay down."
    if not user:
        to_do = "Write the user name that the provider gave you."
        yield Finding((*path[:-1], "username"), "It is empty.", means, to_do)
    if password is None:
        to_do = "Put the password into a file with mode 0600 and name it here."
        yield Finding(path, "It is missing.", means, to_do)


def _password(path: FieldPath, file: Path) -> Iterator[Finding]:
    means = "The line could not register and would stay down."
    try:
        mode, text = file.stat().st_mode, file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        to_do = "Put the password, and nothing else, into this file."
        yield Finding(path, f"{file} cannot be read: {reason}.", means, to_do)
        return
    if not text.strip():
        yield Finding(path, f"{file} is empty.", means, "Put the password into it.")
    if mode & 0o077:
        yield Finding(
            path,
            f"{file} can be read by other users of this machine (mode {mode & 0o777:04o}).",
            "Who has the password can call at your cost.",
            f"Run: chmod 600 {file}",
        )


def _sounds(site: SiteFile, base_dir: Path) -> Iterator[Finding]:
    named: list[tuple[FieldPath, str]] = []
    for i, queue in enumerate(site.queue):
        named += [(("queue", i, "music"), queue.music), (("queue", i, "whisper"), queue.whisper)]
        named += [
            (("queue", i, "announce", "comfort", j), text)
            for j, text in enumerate(queue.announce.comfort)
        ]
    for path, name in named:
        if is_file_name(name) and not (base_dir / name).is_file():
            yield Finding(
                path,
                f"There is no file {base_dir / name}.",
                "Callers or agents would hear nothing there.",
                "Put the file there or correct the name (relative to site.toml).",
            )
