"""A box whose site.toml is wrong starts with the settings that it last ran with."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.box.check import load_checked
from appliance.box.config import LoadedSite, SiteError
from appliance.box.kept import FILE, FOLDER, Settings, keep, to_start_with
from tests.box.conftest import GOOD

AT = 1_795_000_000.0  # 2026-11-18 11:06:40 UTC
CACHED = "file-0123.wav"


@pytest.fixture
def open_mask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def ran(site_file: Path) -> LoadedSite:
    """The settings of a box that ran with them."""
    loaded, _ = load_checked(site_file)
    prompts = loaded.data_dir / "prompts"
    prompts.mkdir(parents=True)
    (prompts / CACHED).write_bytes(b"RIFF")
    loaded.data_dir.chmod(0o700)
    keep(loaded, {"music.wav": CACHED}, AT)
    return loaded


def start(path: Path, data_dir: Path | None = None) -> Settings:
    return to_start_with(path, load_checked, data_dir)


def test_a_right_file_is_taken_whatever_is_kept(site_file: Path, ran: LoadedSite) -> None:
    site_file.write_text(GOOD.replace("Test floor", "New floor"))
    found = start(site_file)
    assert found.loaded.site.site.name == "New floor"
    assert found.wrong is None and found.trouble() is None


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (GOOD.replace("[sip]\nport = 5060", "[sip]\nport = 70000"), 12, "sip.port: 70000"),
        (GOOD.replace("[sip]", "[sip"), 11, "Expected ']'"),
        (GOOD.replace('queue = "sales"', 'queue = "gone"'), 80, "no queue 'gone'"),
    ],
    ids=["field", "syntax", "name"],
)
def test_a_wrong_file_starts_the_box_with_what_it_ran_with(
    text: str, line: int, what: str, site_file: Path, ran: LoadedSite
) -> None:
    site_file.write_text(text.replace("Test floor", "Never applied"))
    found = start(site_file)
    assert found.loaded.site == ran.site
    assert (found.loaded.version, found.loaded.path) == (ran.version, site_file)
    assert found.loaded.data_dir == ran.data_dir
    trouble = found.trouble()
    assert trouble is not None and trouble.where == "config" and not trouble.over
    assert f"site.toml cannot be used: line {line}: " in trouble.what and what in trouble.what
    assert "settings of 2026-11-18 11:06:40 UTC" in trouble.meaning
    assert ran.version in trouble.meaning
    assert str(site_file) in trouble.remedy and "config reload" in trouble.remedy


def test_a_file_that_is_gone_does_so_too(site_file: Path, ran: LoadedSite) -> None:
    site_file.unlink()
    found = start(site_file)
    assert found.loaded.site == ran.site
    assert "There is no such file" in str(found.trouble())


def test_a_box_that_never_ran_is_refused(site_file: Path) -> None:
    site_file.write_text("[nonsense]\n" + GOOD)
    with pytest.raises(SiteError, match="nonsense"):
        start(site_file)


def test_the_data_folder_is_found_in_a_file_that_is_no_toml(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    text = "[site]\ndata_dir = 'elsewhere'\n"
    path.write_text(text)
    loaded, _ = load_checked(path)
    keep(loaded, {}, AT)
    path.write_text(text + "[[[")
    assert start(path).loaded.data_dir == tmp_path / "elsewhere"
    path.unlink()  # says nothing any more: whoever starts the box may know
    with pytest.raises(SiteError):
        start(path)
    assert start(path, loaded.data_dir).loaded.site == loaded.site


def test_settings_of_another_box_are_not_taken(site_file: Path, ran: LoadedSite) -> None:
    other = site_file.parent / "other" / "site.toml"
    other.parent.mkdir()
    other.write_text("[")
    with pytest.raises(SiteError):
        start(other, ran.data_dir)


@pytest.mark.parametrize("kept", [b"", b"{}", b'{"version":"1","at_us":1,"content":"[["}'])
def test_what_is_kept_and_spoilt_is_as_nothing(
    kept: bytes, site_file: Path, ran: LoadedSite
) -> None:
    (ran.data_dir / FOLDER / FILE).write_bytes(kept)
    site_file.write_text("[")
    with pytest.raises(SiteError, match=r"site\.toml:1"):
        start(site_file)


# -- what site.toml refers to -----------------------------------------------------------------


def test_a_recording_that_is_gone_is_heard_from_the_cache(site_file: Path, ran: LoadedSite) -> None:
    (site_file.parent / "music.wav").unlink()
    found = start(site_file)
    assert found.loaded.site.queue[0].music == str(ran.data_dir / "prompts" / CACHED)
    assert "music.wav" in str(found.trouble())


def test_a_recording_that_is_there_is_taken_from_its_place(
    site_file: Path, ran: LoadedSite
) -> None:
    site_file.write_text("[")
    assert start(site_file).loaded.site.queue[0].music == "music.wav"


@pytest.mark.parametrize("how", ["gone", "empty"])
def test_a_line_registers_with_the_password_that_it_had(
    how: str, site_file: Path, ran: LoadedSite
) -> None:
    secret = site_file.parent / "secret"
    secret.unlink() if how == "gone" else secret.write_text("")
    found = start(site_file)
    file = found.loaded.site.trunk[0].password_file
    assert file is not None and file.is_relative_to(ran.data_dir)
    assert file.read_text() == "hunter2\n"
    assert "hunter2" not in f"{found.trouble()} {found.wrong}"


def test_a_password_that_was_changed_since_is_the_right_one(
    site_file: Path, ran: LoadedSite
) -> None:
    (site_file.parent / "secret").write_text("hunter3")
    site_file.write_text("[")
    assert str(start(site_file).loaded.site.trunk[0].password_file) == "secret"


def test_nobody_else_can_read_what_is_kept(open_mask: None, site_file: Path) -> None:
    loaded, _ = load_checked(site_file)
    folder = loaded.data_dir / FOLDER
    folder.mkdir(parents=True, mode=0o755)
    keep(loaded, {}, AT)
    for one in folder.iterdir():
        one.chmod(0o644)
    (folder / "password-of-a-line-that-is-no-more").write_text("x")
    keep(loaded, {}, AT)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {one.stat().st_mode & 0o777 for one in folder.iterdir()} == {0o600}
    names = sorted(one.name for one in folder.iterdir())
    assert len(names) == 2 and names[1] == FILE
    assert "hunter2" not in (folder / FILE).read_text()
