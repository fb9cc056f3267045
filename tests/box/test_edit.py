"""Changing site.toml by program: checked whole, comments kept, versions to go back to."""

import os
import stat
import threading
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from appliance.box.config import SiteError, load_site
from appliance.box.edit import Editor
from appliance.box.rewrite import EditError, edited, value_of
from appliance.box.versions import KEPT, write_whole
from tests.box.conftest import GOOD


class Ticks:
    """A clock that moves one second at each look."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture
def editor(site_file: Path) -> Editor:
    return Editor(site_file, Ticks())


def comments(text: str) -> list[str]:
    return [line[line.index("#") :] for line in text.splitlines() if "#" in line]


def test_one_value_changes_and_nothing_else(editor: Editor, site_file: Path) -> None:
    changes = editor.set(("queue", "sales", "overflow", "after_s"), 90, by="technician")
    assert changes.changed == ["queue sales: overflow.after_s 60.0 -> 90.0"]
    assert site_file.read_text() == GOOD.replace("after_s = 60", "after_s = 90")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (("site", "name"), "Renamed"),
        (("web", "port"), 8081),  # a table that is not in the file yet
        (("vip_priority",), 9),
        (("queue", "service", "announce", "first_s"), 5),
        (("queue", 0, "ring_s"), 20.5),
        (("agent", "agent1", "skills", "french"), 2),
        (("agent", "agent2", "queues"), [{"id": "sales", "order": 2}]),
        (("agent", "agent9"), {"seat": "sip:agent9@127.0.0.1:5070", "queues": [{"id": "sales"}]}),
        (("caller", "+4930777"), {"vip": True, "data": {"account": "7"}}),
        (("mailbox", "day"), {"name": "Day"}),
        (("caller", "+4940*"), None),
        (("region",), None),
        (("site", "region"), None),
        (("trunk", "provider", "numbers", "+4930654321"), "main"),
        (("trunk", "provider", "name"), 'Quote " and \\ backslash'),
    ],
)
def test_any_place_can_be_set_and_comments_stay(
    field: tuple[Any, ...], value: Any, editor: Editor, site_file: Path
) -> None:
    editor.set(field, value, by="technician", restart=True)
    text = site_file.read_text()
    assert comments(text) == comments(GOOD)
    table: Any = tomllib.loads(text)
    for part in field[:-1]:
        table = next(x for x in table if part in x.values()) if named(table, part) else table[part]
    last = field[-1]
    if isinstance(table, list):
        found = [one for one in table if last in one.values()]
        assert found == ([] if value is None else [{**found[0], **value}])
    else:
        assert table.get(last) == value


def named(table: Any, part: Any) -> bool:
    return isinstance(table, list) and isinstance(part, str)


def test_a_wrong_value_is_not_written(editor: Editor, site_file: Path) -> None:
    with pytest.raises(SiteError, match="ring_s"):
        editor.set(("queue", "sales", "ring_s"), -1, by="technician")
    with pytest.raises(SiteError, match="There is no queue 'none'"):
        editor.set(("agent", "agent2", "queues"), [{"id": "none"}], by="technician")
    with pytest.raises(SiteError, match="There is no such setting"):
        editor.set(("queue", "sales", "rings"), 1, by="technician")
    assert site_file.read_text() == GOOD
    assert editor.versions() == []


@pytest.mark.parametrize(
    "field",
    [("queue", "none", "ring_s"), ("queue", 7, "ring_s"), ("site", "name", "x"), ("queue",), ()],
)
def test_what_is_not_there_cannot_be_set(
    field: tuple[Any, ...], editor: Editor, site_file: Path
) -> None:
    with pytest.raises((EditError, SiteError), match=r"Nothing was changed|is not"):
        editor.set(field, 5, by="technician")
    assert site_file.read_text() == GOOD


def test_what_needs_a_restart_is_refused(editor: Editor, site_file: Path) -> None:
    with pytest.raises(EditError, match=r"sip\.port cannot change while the box runs"):
        editor.set(("sip", "port"), 5062, by="technician")
    assert site_file.read_text() == GOOD
    assert not editor.set(("sip", "port"), 5062, by="technician", restart=True).ok
    assert load_site(site_file).site.sip.port == 5062


def test_two_people_do_not_overwrite_each_other(editor: Editor, site_file: Path) -> None:
    seen = load_site(site_file).version
    editor.set(("site", "name"), "One", by="a", base=seen)
    with pytest.raises(EditError, match="Somebody else has changed"):
        editor.set(("site", "name"), "Two", by="b", base=seen)
    assert load_site(site_file).site.site.name == "One"


def test_no_edit_is_lost_between_threads(site_file: Path) -> None:
    fields = ["ring_s", "retry_s", "wrap_up_s", "redial_s", "priority_s"]

    def work(field: str) -> None:
        for value in range(1, 5):
            Editor(site_file, Ticks()).set(("queue", "sales", field), value, by=field)

    threads = [threading.Thread(target=work, args=(field,)) for field in fields]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    queue = load_site(site_file).site.queue[0]
    assert [getattr(queue, field) for field in fields] == [4] * len(fields)
    assert len(Editor(site_file, Ticks()).versions()) == KEPT


def test_versions_say_who_and_when_and_ten_can_be_restored(editor: Editor, site_file: Path) -> None:
    for number in range(15):
        editor.set(("site", "name"), f"Name {number}", by=f"person {number}")
    kept = editor.versions()
    assert len(kept) == KEPT
    assert [one.by for one in kept] == [f"person {number}" for number in range(4, 15)]
    assert [one.at for one in kept] == sorted(one.at for one in kept)
    assert kept[-1].version == load_site(site_file).version
    assert kept[-1].what == "site.name"
    editor.restore(kept[0].version, by="boss")
    assert load_site(site_file).site.site.name == "Name 4"
    assert editor.versions()[-1].by == "boss"
    assert editor.versions()[-1].what == f"restored {kept[0].version}"


def test_a_version_written_by_hand_is_kept_too(editor: Editor, site_file: Path) -> None:
    first = load_site(site_file).version
    editor.set(("site", "name"), "Two", by="page")
    site_file.write_text(site_file.read_text().replace("Two", "Three by hand"))
    editor.set(("site", "name"), "Four", by="page")
    assert [one.by for one in editor.versions()] == [
        "(edited by hand)",
        "page",
        "(edited by hand)",
        "page",
    ]
    editor.restore(first, by="page")
    assert site_file.read_text() == GOOD


@pytest.mark.parametrize("broken", ["[site]\nname = ", '[site]\nname = 5\ndata_dir = "var"\n', ""])
def test_a_broken_file_can_be_restored(broken: str, editor: Editor, site_file: Path) -> None:
    editor.set(("site", "name"), "Good", by="page")
    good = load_site(site_file).version
    site_file.write_text(broken)
    editor.restore(good, by="page")
    assert load_site(site_file).site.site.name == "Good"


def test_an_unknown_version_changes_nothing(editor: Editor, site_file: Path) -> None:
    for version in ("0123456789ab", ""):
        with pytest.raises(EditError, match="There is no version"):
            editor.restore(version, by="page")
    assert site_file.read_text() == GOOD


def test_versions_are_for_the_owner_alone(editor: Editor, site_file: Path) -> None:
    editor.set(("site", "name"), "Two", by="page")
    folder = site_file.parent / "var" / "config-history"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(one.stat().st_mode) == 0o600 for one in folder.iterdir())


def test_a_file_keeps_its_mode_and_a_link_stays_a_link(editor: Editor, site_file: Path) -> None:
    real = site_file.rename(site_file.with_name("real.toml"))
    site_file.symlink_to(real)
    real.chmod(0o640)
    editor.set(("site", "name"), "Two", by="page")
    assert site_file.is_symlink()
    assert "Two" in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_write_that_fails_leaves_the_old_file(
    site_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    before = sorted(site_file.parent.iterdir())
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(site_file, b"new")
    assert site_file.read_text() == GOOD
    assert sorted(site_file.parent.iterdir()) == before


NAMES = st.sampled_from(["a", "b", "c"])
TREES = st.recursive(
    st.integers(0, 9) | st.text(max_size=4),
    lambda inner: st.dictionaries(NAMES, inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=8,
)


@given(
    st.dictionaries(NAMES, TREES, max_size=3),
    st.lists(NAMES, min_size=1, max_size=3),
    TREES | st.none(),
)
def test_an_edit_does_what_it_says_or_nothing(data: Any, field: list[str], value: Any) -> None:
    text = "# first\n" + tomlkit.dumps(data) + "# last\n"
    try:
        result = edited(text, tuple(field), value)
    except EditError:
        return
    assert comments(result)[0] == "# first"
    after: Any = tomllib.loads(result)
    for part in field[:-1]:
        named = isinstance(after, list)
        after = next(one for one in after if one.get("id") == part) if named else after[part]
    if isinstance(after, dict):
        assert after.get(field[-1]) == value
    else:  # a list whose entries are named
        assert value is None or any(value.items() <= one.items() for one in after)


@pytest.mark.parametrize(
    ("typed", "value"),
    [("5", 5), ("1.5", 1.5), ("true", True), ('"x"', "x"), ("plain text", "plain text"), ("", "")],
)
def test_a_typed_value_is_toml_or_text(typed: str, value: Any) -> None:
    assert value_of(typed) == value
