"""A model out of a zip or a folder that somebody brought: only plain files, only where they belong.

Whatever an archive says of itself (names, kinds, sizes) is taken for a lie until checked.
"""

import errno
import os
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from appliance.speech.catalog.folder import FLAT, NEW, reason

Step = Callable[[float, float], None]
_BLOCK = 1 << 20
_JUNK = ("__MACOSX", ".DS_Store", "Thumbs.db")


_DAMAGED = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    IndexError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What zipfile says of bytes that are no zip, or none that it knows."""


class Refused(Exception):
    """An archive or folder that is not taken; says which member and why, for a person."""


@dataclass(frozen=True)
class Limits:
    """`files` at most; `size`: bytes of all together; `ratio`: unpacked to packed, above
    `free_size` bytes."""

    files: int = 2000
    size: int = 6_000_000_000
    ratio: int = 60
    free_size: int = 20_000_000
    depth: int = 8


def unpacked_size(archive: Path, limits: Limits = Limits()) -> int:
    """Bytes that it takes unpacked. Raises `Refused` for everything that is wrong with it."""
    with _opened(archive) as zipped:
        return sum(one.file_size for one in _members(zipped, archive, limits))


def unpack(
    archive: Path,
    into: Path,
    limits: Limits = Limits(),
    step: Step | None = None,
) -> Path:
    """Unpacks into the empty folder `into`; returns where in it the model is. Raises `Refused`
    and OSError."""
    with _opened(archive) as zipped:
        members = _members(zipped, archive, limits)
        total, done = sum(one.file_size for one in members) or 1, 0
        for member in members:
            for size in _extract(zipped, member, into):
                done += size
                if step:
                    step(done, total)
    return model_in(into, archive.name)


def copy(
    folder: Path,
    into: Path,
    limits: Limits = Limits(),
    step: Step | None = None,
) -> Path:
    """As `unpack`, for a folder."""
    files = _plain_files(folder, limits)
    total, done = sum(one.stat().st_size for one in files) or 1, 0
    for file in files:
        target = into / file.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        with file.open("rb") as source:
            for size in _written(source.read, target):
                done += size
                if step:
                    step(done, total)
    return model_in(into, folder.name)


def folder_size(folder: Path, limits: Limits = Limits()) -> int:
    """Bytes of a folder that may be copied. Raises `Refused`."""
    return sum(one.stat().st_size for one in _plain_files(folder, limits))


def model_in(folder: Path, told: str) -> Path:
    """The folder itself, or the one folder in it (official zips have one), with the model."""
    for _ in range(3):
        if (folder / NEW.mdl).is_file() or (folder / FLAT.mdl).is_file():
            return folder
        inside = [one for one in folder.iterdir() if one.is_dir()]
        if len(inside) != 1:
            break
        folder = inside[0]
    raise Refused(f"{told} holds no Vosk model: there is no am/final.mdl in its top folder.")


def _opened(archive: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(archive)
    except _DAMAGED as error:
        why: Exception = error
    except OSError as error:
        if error.errno != errno.EINVAL:  # a place before the beginning of the file
            raise
        why = error
    raise Refused(f"{archive.name} is no zip, or is cut off: {reason(why)}.")


def _members(zipped: zipfile.ZipFile, archive: Path, limits: Limits) -> list[zipfile.ZipInfo]:
    """The files to unpack, each looked at before the first is."""
    if not all(one.filename for one in zipped.infolist()):
        raise Refused(f"{archive.name} holds a file without a name.")
    listed = [one for one in zipped.infolist() if not _junk(one.filename)]
    files = [one for one in listed if not one.is_dir()]
    if len(files) > limits.files:
        raise Refused(
            f"{archive.name} holds {len(files)} files; a model has no more than {limits.files}."
        )
    for one in listed:
        _harmless(one, limits)
    _sizes(files, archive, limits)
    _clashes(one.filename for one in files)
    return files


def _junk(name: str) -> bool:
    return any(part in _JUNK for part in PurePosixPath(name).parts)


def _harmless(member: zipfile.ZipInfo, limits: Limits) -> None:
    name = member.filename
    shown = ascii(name)[1:-1][:100]
    path = PurePosixPath(name)
    mode = member.external_attr >> 16
    if "\0" in member.orig_filename or "\\" in name or not path.parts:
        raise Refused(f"'{shown}' in the zip is no usable file name.")
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise Refused(f"'{shown}' in the zip would be written outside of the model's folder.")
    if len(path.parts) > limits.depth or any(len(one.encode()) > 200 for one in path.parts):
        raise Refused(f"'{shown}' in the zip is nested too deeply or has too long a name.")
    if any(ord(one) < 32 for one in name):
        raise Refused(f"'{shown}' in the zip is no usable file name.")
    if stat.S_ISLNK(mode):
        raise Refused(f"'{shown}' in the zip is a symbolic link.")
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Refused(f"'{shown}' in the zip is no plain file.")
    if member.flag_bits & 0x1:
        raise Refused(f"'{shown}' in the zip is encrypted.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(f"'{shown}' in the zip is packed in a way that no model's zip is.")


def _sizes(files: list[zipfile.ZipInfo], archive: Path, limits: Limits) -> None:
    total = sum(one.file_size for one in files)
    largest = max(files, key=lambda one: one.file_size, default=None)
    named = f" ('{largest.filename}' alone {largest.file_size})" if largest else ""
    if total > limits.size:
        raise Refused(f"{archive.name} would be {total} bytes{named}; no model is that large.")
    packed = sum(one.compress_size for one in files)
    if packed > archive.stat().st_size:
        raise Refused(f"{archive.name} says that more is in it than there is: a zip bomb.")
    if total > limits.free_size and total > limits.ratio * max(1, archive.stat().st_size):
        raise Refused(
            f"{archive.name} would grow from {archive.stat().st_size} to {total} "
            f"bytes{named}: a zip bomb."
        )


def _clashes(names: Iterable[str]) -> None:
    """Two names that are one on a disk that does not tell capitals, or a file that is a
    folder as well."""
    seen: dict[str, str] = {}
    for name in names:
        folded = str(PurePosixPath(name)).casefold()
        if folded in seen:
            raise Refused(f"'{name}' is in the zip twice, as '{seen[folded]}' too.")
        seen[folded] = name
    for folded, name in seen.items():
        for parent in PurePosixPath(folded).parents:
            if str(parent) in seen:
                raise Refused(
                    f"'{seen[str(parent)]}' in the zip is a file and the folder of '{name}'."
                )


def _extract(zipped: zipfile.ZipFile, member: zipfile.ZipInfo, into: Path) -> Iterator[int]:
    target = into / PurePosixPath(member.filename)
    if not target.resolve().is_relative_to(into.resolve()):
        raise Refused(f"'{member.filename}' would be written outside of the model's folder.")
    target.parent.mkdir(parents=True, exist_ok=True)
    damaged = Refused(f"'{member.filename}' in the zip is damaged. Get the file again.")
    try:
        source = zipped.open(member)
    except (*_DAMAGED, OSError):
        raise damaged from None

    def read(size: int) -> bytes:
        try:
            return source.read(size)
        except (*_DAMAGED, OSError):
            raise damaged from None

    with source:
        yield from _written(read, target)


def _written(read: Callable[[int], bytes], target: Path) -> Iterator[int]:
    """Synced, so that a power cut after the model was put in place cannot empty it."""
    with target.open("xb") as out:
        while block := read(_BLOCK):
            out.write(block)
            yield len(block)
        out.flush()
        os.fsync(out.fileno())


def _plain_files(folder: Path, limits: Limits) -> list[Path]:
    found = []

    def stop(error: OSError) -> None:
        raise error  # what may not be read would else be left out

    for base, folders, names in os.walk(folder, onerror=stop):
        for name in [*folders, *names]:
            one = Path(base, name)
            mode = one.lstat().st_mode
            if stat.S_ISLNK(mode):
                raise Refused(f"{one} is a symbolic link. Copy the real file there.")
            if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
                raise Refused(f"{one} is no plain file.")
            if stat.S_ISREG(mode) and not _junk(name):
                found.append(one)
        if len(found) > limits.files:
            raise Refused(f"{folder} holds more than {limits.files} files: it is no model.")
    if sum(one.stat().st_size for one in found) > limits.size:
        raise Refused(f"{folder} holds more than {limits.size} bytes: it is no model.")
    return sorted(found)


def free_space(folder: Path) -> int:
    """Bytes that may be written there; the folder need not exist yet."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    return shutil.disk_usage(there).free
