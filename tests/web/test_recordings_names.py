"""Names and words as they come: long German ones, and such as would like to be a page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver

from appliance.model import events as ev
from tests.web.browser import SIZES, marks
from tests.web.floors import LONG_QUEUES
from tests.web.house import House, until
from tests.web.recorded import finished, transcribed
from tests.web.recordingspage import LIST, ONE, OUTSIDE, PAGE, opened, rows, search

pytestmark = marks("recordings.html")

EVIL = "<img src=x onerror='window.evil=1'><script>window.evil=1</script>"
LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle Niederhausen"


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    queues = (*LONG_QUEUES[:2], EVIL)
    house = House(tmp_path_factory.mktemp("named"), queues=queues, agents=3, language="de")
    for number, (call, name) in enumerate((("long", LONG), ("evil", EVIL)), 1):
        arrived = ev.CallArrived(call=call, trunk="main", caller="+4930" * 4, caller_name=name)
        talks = (ev.TalkStarted(call=call, agent=f"agent-{n}") for n in (1, 2, 3))
        before = (arrived, ev.QueueEntered(call=call, queue=f"q{number * 2 - 1}"), *talks)
        made = finished(house.core, call, seconds=30, before=before)
        words = (("caller", 1.0, f"ich suche die {name}"), ("floor", 9.0, f"{name} einen Moment"))
        transcribed(house.core, call, *made, *words)
    house.settle()
    until(lambda: len(house.get("/recordings").json().get("recordings", [])) == 2)
    yield house
    house.end()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("where", ["#long-1", "#evil-1"])
def test_names_are_text_and_have_room(
    browser: webdriver.Chrome, named: House, tmp_path: Path, where: str, size: str
) -> None:
    page = opened(browser, named, size, where)
    name = EVIL if where == "#evil-1" else LONG
    assert name in page.text(PAGE, ONE, "h2")
    assert name in page.text(PAGE, ONE, "ol")
    assert EVIL in page.text(PAGE, LIST)
    page.well(size, tmp_path / "named", OUTSIDE)
    if size == "phone":
        page.deep(PAGE, ".back").click()
    search(page, "onerror moment")
    page.wait(lambda: page.text(PAGE, ".sum") == "1 Aufnahme gefunden")
    assert f"ich suche die {EVIL}" in page.text(PAGE, LIST, ".place")
    assert browser.execute_script("return window.evil ?? null") is None
    assert page.complaints() == []


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ('"neuer Vertrag', "Ein Anführungszeichen ist offen."),
        ("-nicht", "Da steht nur, was nicht gesagt sein darf."),
        ("*", "Ein * steht nach einem Wortanfang."),
        ("a b c d e f g h i", "Das sind zu viele Wörter."),
        ("...", "Da steht kein Wort."),
    ],
)
def test_what_is_wrong_with_a_search_is_told_in_the_language_of_the_page(
    browser: webdriver.Chrome, named: House, query: str, told: str
) -> None:
    page = opened(browser, named)
    search(page, query)
    page.wait(lambda: page.text(PAGE, ".sum").startswith(told))
    assert rows(page) == 0
    assert page.serious() == []
