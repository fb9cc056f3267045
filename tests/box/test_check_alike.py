"""`callfloor check` names choices of a menu that sound alike."""

import json
import time
from pathlib import Path

import pytest

from appliance.box.check import load_checked
from appliance.box.config import SiteError
from appliance.model.findings import Finding
from appliance.speech.catalog import shelf
from tests.box.test_cli import callfloor

SITE = """\
[[trunk]]
id = "line"
host = "127.0.0.1"
flow = "main"
[flow.main]
start = "menu"
fallback = "bye"
[flow.main.node.menu]
type = "menu"
prompt = "What do you want?"
CHOICES
[flow.main.node.bye]
type = "hang_up"
"""
NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
STEMS = ["call", "sale", "bill", "form", "part", "room", "bank", "week", "point", "order"]
pytestmark = pytest.mark.skipif(
    not (shelf.BUILT_IN / "en-commands").is_dir(), reason="there is no built-in model"
)


def site(tmp_path: Path, more: str = "", **choices: list[str]) -> Path:
    """A menu with these choices (k1: key 1)."""
    lines = (
        f'choice.{key[1:]} = {{ next = "bye", say = {json.dumps(say)} }}'
        for key, say in choices.items()
    )
    file = tmp_path / "site.toml"
    file.write_text(SITE.replace("CHOICES", "\n".join(lines)) + more)
    return file


def warnings(tmp_path: Path, more: str = "", **choices: list[str]) -> list[Finding]:
    """Those about sound."""
    _, found = load_checked(site(tmp_path, more, **choices), advice=True)
    return [one for one in found if "sound" in one.what and "like" in one.what]


def test_the_command_names_menu_line_and_both_choices(tmp_path: Path) -> None:
    file = site(tmp_path, k1=["sales", "orders"], k2=["whales"], k3=["billing"])
    done = callfloor("check", "--site", str(file))
    assert done.returncode == 0
    shown = done.stdout + done.stderr
    assert f"{file}:12: warning: flow.main.node.menu.choice.2.say" in shown
    assert "Menu 'menu': 'whales' of choice 2 sounds like 'sales' of choice 1." in shown
    assert "wrong place" in shown and "other words" in shown


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (["sales"], ["support"], False),
        (["orders"], ["new orders"], False),
        (["forty"], ["fourteen"], True),
        (["spare parts for cars"], ["spare parts for vans"], False),
        (["spare parts for cars"], ["spare parts for bars"], True),
        (["the sales"], ["the whales please"], False),
        (["write"], ["right"], True),
    ],
)
def test_what_sounds_alike(tmp_path: Path, one: list[str], other: list[str], alike: bool) -> None:
    """What both begin or end with tells them not apart, and makes them not alike."""
    assert bool(warnings(tmp_path, k1=one, k2=other)) == alike


def test_ways_to_say_one_choice_may_sound_alike(tmp_path: Path) -> None:
    assert warnings(tmp_path, k1=["sale", "sales"], k2=["billing"]) == []


def test_a_word_sounds_as_the_site_says(tmp_path: Path) -> None:
    words = '\n[speech.words]\nknuth = ["K AH N UW TH"]\nxerox = ["K AH N UW T"]\n'
    assert warnings(tmp_path, words, k1=["knuth"], k2=["xerox"])


def test_another_language_has_no_sounds(tmp_path: Path) -> None:
    german = '\n[flow.main.node.de]\ntype = "language"\nlanguage = "de"\nnext = "menu"\n'
    assert len(warnings(tmp_path, german, k1=["sales"], k2=["whales"])) == 1


def test_a_menu_that_is_too_long_anyway_is_not_compared(tmp_path: Path) -> None:
    """A thousand phrases are half a million pairs."""
    many = [f"{one} {other}" for one in NUMBERS for other in [*NUMBERS, *STEMS, "red", "blue"]]
    file = site(tmp_path, k1=many, k2=["sales"], k3=["whales"])
    with pytest.raises(SiteError, match="222 phrases") as error:
        load_checked(file, advice=True)
    assert "sounds like" not in str(error.value)


def test_many_pairs_are_told_of_together_and_soon(tmp_path: Path) -> None:
    """As many phrases as a menu may have."""
    first = [f"{stem} {more}" for stem in STEMS for more in NUMBERS]
    second = [f"{stem}s {more}" for stem in STEMS for more in NUMBERS]
    file = site(tmp_path, k1=first, k2=second)
    began = time.process_time()
    load_checked(file)
    without = time.process_time() - began
    found = warnings(tmp_path, k1=first, k2=second)
    assert time.process_time() - began - 2 * without < 3.0
    assert len(found) == 6
    assert sum("more pairs of choices of this menu sound alike" in one.what for one in found) == 1
