"""What an archive says of itself is a lie until checked."""

import os
import stat
import struct
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.speech.catalog.unpack import (
    Limits,
    Refused,
    copy,
    folder_size,
    unpack,
    unpacked_size,
)
from tests.speech.catalog.modelfiles import write_model

MODEL = {"model/am/final.mdl": b"net", "model/conf/mfcc.conf": b"--x=1\n"}


def zipped(path: Path, files: dict[str, bytes], **more: zipfile.ZipInfo) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            out.writestr(name, content)
        for info in more.values():
            out.writestr(info, b"content")
    return path


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def refused(archive: Path, into: Path, says: str, limits: Limits | None = None) -> None:
    limits = limits or Limits()
    with pytest.raises(Refused) as error:
        unpacked_size(archive, limits)
        unpack(archive, into, limits)
    assert says in str(error.value)
    outside = [one for one in into.parent.rglob("*") if one.is_file() and one != archive]
    assert [one for one in outside if not one.is_relative_to(into)] == []


def test_a_model_is_found_in_its_top_folder(tmp_path: Path, into: Path) -> None:
    told: list[tuple[float, float]] = []
    junk = {"__MACOSX/model/._x": b"", "model/.DS_Store": b""}
    archive = zipped(tmp_path / "m.zip", {**MODEL, **junk})
    root = unpack(archive, into, step=lambda *now: told.append(now))
    assert root == into / "model"
    assert (root / "am/final.mdl").read_bytes() == b"net"
    assert sorted(one.name for one in root.rglob("*") if one.is_file()) == [
        "final.mdl",
        "mfcc.conf",
    ]
    assert unpacked_size(archive) == 9
    assert told[-1] == (9, 9)


def test_a_model_without_a_top_folder_is_found_as_well(tmp_path: Path, into: Path) -> None:
    files = {name.removeprefix("model/"): content for name, content in MODEL.items()}
    assert unpack(zipped(tmp_path / "m.zip", files), into) == into


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt",
        "model/../../evil.txt",
        "/etc/evil.txt",
        "//server/evil.txt",
        "C:/evil.txt",
        "C:evil.txt",
        "model/am/../../../evil",
    ],
)
def test_names_that_lead_outside_are_refused(tmp_path: Path, into: Path, name: str) -> None:
    refused(zipped(tmp_path / "m.zip", {**MODEL, name: b"x"}), into, "outside of the model")


@pytest.mark.parametrize("name", ["model\\..\\..\\evil", "model/a\nb", "model/a\x07b"])
def test_names_that_are_none_are_refused(tmp_path: Path, into: Path, name: str) -> None:
    refused(zipped(tmp_path / "m.zip", {**MODEL, name: b"x"}), into, "is no usable file name")


def test_a_name_cut_off_by_a_nul_is_refused(tmp_path: Path, into: Path) -> None:
    archive = zipped(tmp_path / "m.zip", {**MODEL, "model/goodXevil": b"x"})
    archive.write_bytes(archive.read_bytes().replace(b"goodXevil", b"good\0evil"))
    refused(archive, into, "is no usable file name")


@pytest.mark.parametrize(
    ("mode", "says"),
    [(stat.S_IFLNK, "symbolic link"), (stat.S_IFIFO, "no plain file"), (stat.S_IFCHR, "no plain")],
)
def test_what_is_no_file_is_refused(tmp_path: Path, into: Path, mode: int, says: str) -> None:
    info = zipfile.ZipInfo("model/am/odd")
    info.external_attr = (mode | 0o777) << 16
    refused(zipped(tmp_path / "m.zip", MODEL, info=info), into, "'model/am/odd' in the zip is")
    with pytest.raises(Refused, match=says):
        unpacked_size(tmp_path / "m.zip")


def test_an_encrypted_member_is_named(tmp_path: Path, into: Path) -> None:
    archive = zipped(tmp_path / "m.zip", MODEL)
    data = bytearray(archive.read_bytes())
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    archive.write_bytes(data)
    refused(archive, into, "'model/am/final.mdl' in the zip is encrypted.")


def test_an_odd_way_of_packing_is_named(tmp_path: Path, into: Path) -> None:
    archive = tmp_path / "m.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_LZMA) as out:
        out.writestr("model/am/final.mdl", b"x" * 100)
    refused(archive, into, "'model/am/final.mdl' in the zip is packed in a way")


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path, into: Path) -> None:
    archive = zipped(tmp_path / "m.zip", {**MODEL, "model/zeros": bytes(30_000_000)})
    refused(archive, into, "would grow from")
    refused(archive, into, "model/zeros")
    assert not list(into.iterdir())


def test_members_that_share_their_bytes_are_a_bomb(tmp_path: Path, into: Path) -> None:
    """Many names in the directory of the zip, one content: more comes out than goes in."""
    archive = zipped(tmp_path / "m.zip", {"model/am/final.mdl": os.urandom(50_000)})
    data = archive.read_bytes()
    at = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entry = data[at:end]
    copies = b"".join(entry.replace(b"final.mdl", b"fina%d.mdl" % n) for n in range(10))
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 10, 10, len(copies), at, 0)
    archive.write_bytes(data[:at] + copies + tail)
    refused(archive, into, "says that more is in it than there is")


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (Limits(files=1), "holds 2 files; a model has no more than 1"),
        (Limits(size=8), "m.zip would be 9 bytes ('model/conf/mfcc.conf' alone 6)"),
        (Limits(depth=2), "nested too deeply"),
    ],
)
def test_limits_hold(tmp_path: Path, into: Path, limits: Limits, says: str) -> None:
    refused(zipped(tmp_path / "m.zip", MODEL), into, says, limits)


def test_names_that_differ_in_capitals_only_are_refused(tmp_path: Path, into: Path) -> None:
    archive = zipped(tmp_path / "m.zip", {**MODEL, "model/AM/FINAL.mdl": b"other"})
    refused(archive, into, "'model/AM/FINAL.mdl' is in the zip twice")


def test_a_name_that_comes_twice_is_refused(tmp_path: Path, into: Path) -> None:
    archive = tmp_path / "m.zip"
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(archive, "w") as out:
        out.writestr("model/am/final.mdl", b"one")
        out.writestr("model/am/final.mdl", b"two")
    refused(archive, into, "is in the zip twice")


def test_a_file_that_is_a_folder_too_is_refused(tmp_path: Path, into: Path) -> None:
    archive = zipped(tmp_path / "m.zip", {**MODEL, "model/am": b"file"})
    refused(archive, into, "'model/am' in the zip is a file and the folder of")


def test_damage_inside_names_the_member(tmp_path: Path, into: Path) -> None:
    archive = tmp_path / "m.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("model/am/final.mdl", b"content of the net")
    archive.write_bytes(archive.read_bytes().replace(b"of the net", b"of the not"))
    refused(archive, into, "'model/am/final.mdl' in the zip is damaged.")


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_zip_is_told(tmp_path: Path, into: Path, content: bytes) -> None:
    archive = tmp_path / "m.zip"
    archive.write_bytes(content)
    refused(archive, into, "m.zip is no zip, or is cut off")


def test_a_zip_cut_off_is_told(tmp_path: Path, into: Path) -> None:
    archive = zipped(tmp_path / "m.zip", MODEL)
    archive.write_bytes(archive.read_bytes()[:-30])
    refused(archive, into, "m.zip is no zip, or is cut off")


@pytest.mark.parametrize(
    "files", [{"readme.txt": b"x"}, {"a/readme": b"x", "b/am/final.mdl": b"x"}, {}]
)
def test_a_zip_without_a_model_is_told(tmp_path: Path, into: Path, files: dict[str, bytes]) -> None:
    refused(zipped(tmp_path / "m.zip", files), into, "m.zip holds no Vosk model")


def test_a_folder_is_copied_and_left_alone(tmp_path: Path, into: Path) -> None:
    source = write_model(tmp_path / "stick" / "mine")
    assert copy(source, into) == into
    copied = {one.relative_to(into): one.read_bytes() for one in into.rglob("*") if one.is_file()}
    there = {
        one.relative_to(source): one.read_bytes() for one in source.rglob("*") if one.is_file()
    }
    assert copied == there
    assert folder_size(source) == sum(map(len, there.values()))


def test_links_in_a_folder_are_refused(tmp_path: Path, into: Path) -> None:
    source = write_model(tmp_path / "mine")
    (source / "graph/secret").symlink_to("/etc/passwd")
    with pytest.raises(Refused, match="graph/secret is a symbolic link"):
        copy(source, into)
    (source / "graph/secret").unlink()
    os.mkfifo(source / "graph/pipe")
    with pytest.raises(Refused, match="graph/pipe is no plain file"):
        copy(source, into)


def test_a_large_folder_is_no_model(tmp_path: Path, into: Path) -> None:
    source = write_model(tmp_path / "mine")
    with pytest.raises(Refused, match="more than 3 files"):
        copy(source, into, Limits(files=3))
    with pytest.raises(Refused, match="more than 30 bytes"):
        copy(source, into, Limits(size=30))


@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6))
def test_any_damage_is_refused_or_harmless(changes: list[tuple[float, int]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        into = Path(place, "into")
        into.mkdir()
        archive = zipped(Path(place, "m.zip"), MODEL)
        data = bytearray(archive.read_bytes())
        for where, value in changes:
            data[int(where * len(data))] = value
        archive.write_bytes(data)
        try:
            unpacked_size(archive)
            unpack(archive, into)
        except Refused as error:
            assert str(error)
        assert {one.name for one in Path(place).iterdir()} == {"m.zip", "into"}
