"""The page of recordings in a real Chromium, over a real office, with real sound."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.keys import Keys

from appliance.model import events as ev
from appliance.recording.files import FOLDER
from tests.web.browser import SIZES, Page, houses, marks
from tests.web.floors import LONG_QUEUES
from tests.web.house import House, until
from tests.web.recorded import Line, finished, transcribed
from tests.web.recordingspage import LIST, ONE, OUTSIDE, PAGE, opened, rows, search

pytestmark = marks("recordings.html")

SCENES: dict[str, tuple[int, dict[str, Any]]] = {
    "empty": (0, {}),
    "full": (200, {"queues": LONG_QUEUES, "language": "de"}),
}
TALK: tuple[Line, ...] = (
    ("floor", 0.5, "good morning how can I help you"),
    ("caller", 4.0, "I have a question about the last invoice it says two hundred and twelve"),
    ("floor", 12.0, "one moment please"),
    ("caller", 12.2, "thank you"),
    ("floor", 25.0, "we will send a new invoice"),
)


def fill(house: House, count: int, opus: int = -1) -> None:
    """Calls with and without text, now and then a voicemail; number `opus` is none in FLAC."""
    for n in range(count):
        kind = "voicemail" if n % 7 == 3 else "call"
        talk: tuple[ev.AnyEvent, ...] = (
            ev.QueueEntered(call=f"c{n}", queue="q1"),
            ev.TalkStarted(call=f"c{n}", agent=f"agent-{n % 6 + 1}", queue="q1"),
        )
        before = talk if kind == "call" else ()
        form = "opus" if n == opus else "flac"
        made = finished(house.core, f"c{n}", kind=kind, seconds=30, form=form, before=before)
        if n % 5 != 2:
            transcribed(house.core, f"c{n}", *made, *TALK)
    house.settle()
    last = f"c{count - 1}-1"
    until(
        lambda: (
            (page := house.get("/recordings?limit=1")).ok
            and (not count or [one["recording"] for one in page.json()["recordings"]] == [last])
        ),
        30,
    )


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], House]]:
    def make(name: str) -> House:
        count, given = SCENES[name]
        house = House(tmp_path_factory.mktemp(name), **given)
        fill(house, count)
        return house

    yield from houses(make)


def now_s(page: Page) -> float:
    """Where the player is."""
    sound = page.deep(PAGE, ONE, "audio")
    return float(page.driver.execute_script("return arguments[0].currentTime", sound))


def sought(page: Page, seconds: float) -> None:
    """Waits until the player is there, or has played on from there a little."""
    page.wait(lambda: seconds - 0.2 <= now_s(page) < seconds + 3)


def hush(page: Page) -> None:
    page.driver.execute_script("arguments[0].pause()", page.deep(PAGE, ONE, "audio"))


def marked(page: Page) -> list[str]:
    """The words that are marked as being said now."""
    script = "return [...arguments[0].shadowRoot.querySelectorAll('.now')].map(e => e.textContent)"
    return list(page.driver.execute_script(script, page.deep(PAGE, ONE)))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("name", "where"), [("empty", ""), ("full", ""), ("full", "#c199-1")])
def test_it_shuts_nobody_out_and_nothing_sticks_out(
    browser: webdriver.Chrome,
    scene: Callable[[str], House],
    tmp_path: Path,
    name: str,
    where: str,
    size: str,
) -> None:
    page = opened(browser, scene(name), size, where)
    page.well(size, tmp_path / name, OUTSIDE)


def test_an_empty_floor_says_how_there_would_be_recordings(
    browser: webdriver.Chrome, scene: Callable[[str], House]
) -> None:
    page = opened(browser, scene("empty"))
    assert "record = true" in page.text(PAGE, ".scroll")
    search(page, "invoice")
    page.wait(lambda: "Nobody said this" in page.text(PAGE, ".scroll"))


def test_two_hundred_come_in_pages(
    browser: webdriver.Chrome, scene: Callable[[str], House]
) -> None:
    page = opened(browser, scene("full"))
    for count in (50, 100, 150, 200):
        page.wait(lambda count=count: rows(page) == count)
        assert page.text(PAGE, ".sum") == f"{count} Aufnahmen angezeigt"
        older = page.deep(PAGE, ".older")
        if older:
            older.send_keys(Keys.ENTER)
    assert page.deep(PAGE, ".older") is None
    listed = page.text(PAGE, LIST)
    assert listed.count("Agent ") == 171  # the others are voicemail
    assert LONG_QUEUES[0] in listed
    assert "kein Text" in listed


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("talk"))
    fill(house, 5, opus=1)
    yield house
    house.end()


def test_what_is_found_leads_to_its_moment(browser: webdriver.Chrome, talk: House) -> None:
    page = opened(browser, talk)
    search(page, "inv*")
    page.wait(lambda: page.deep(PAGE, LIST, ".place"))
    assert page.text(PAGE, ".sum") == "4 recordings found"
    assert page.text(PAGE, LIST, ".place mark") == "invoice"
    assert page.serious() == []
    page.deep(PAGE, LIST, ".place").send_keys(Keys.ENTER)
    page.wait(lambda: page.deep(PAGE, ONE, "audio"))
    sought(page, 4.0)
    assert browser.current_url.endswith("#c4-1@4")
    hush(page)
    browser.execute_script("arguments[0].currentTime = 20", page.deep(PAGE, ONE, "audio"))
    page.deep(PAGE, LIST, ".place").send_keys(Keys.ENTER)  # the same once more
    sought(page, 4.0)
    hush(page)
    page.deep(PAGE, "form button[type=button]").click()  # all again
    page.wait(lambda: rows(page) == 5)


@pytest.mark.parametrize("recording", ["c4-1", "c1-1"])
def test_a_word_is_played_when_it_is_clicked_and_marked_while_it_is_said(
    browser: webdriver.Chrome, talk: House, recording: str
) -> None:
    """FLAC and Opus."""
    page = opened(browser, talk, where=f"#{recording}")
    page.deep(PAGE, ONE, '[data-word="1-7"]').click()  # invoice, 6.8 s
    sought(page, 6.8)
    page.wait(lambda: now_s(page) > 7.3)  # it plays
    hush(page)
    seek = "arguments[0].currentTime = arguments[1]"
    for at, words in ((12.3, ["one", "thank"]), (6.9, ["invoice"]), (20.0, [])):
        browser.execute_script(seek, page.deep(PAGE, ONE, "audio"), at)
        page.wait(lambda words=words: sorted(marked(page)) == sorted(words))


def test_keys_reach_each_utterance_and_play_from_there(
    browser: webdriver.Chrome, talk: House
) -> None:
    page = opened(browser, talk, where="#c4-1")
    button = page.deep(PAGE, ONE, 'li[data-utterance="4"] button')
    assert button.get_attribute("aria-label") == "Play from 0:25, Agent 5"
    button.send_keys(Keys.ENTER)
    sought(page, 25.0)
    hush(page)
    speakers = browser.execute_script(
        "return [...arguments[0].shadowRoot.querySelectorAll('.speaker')].map(e => e.textContent)",
        page.deep(PAGE, ONE),
    )
    assert speakers == ["Agent 5", "Caller", "Agent 5", "Caller", "Agent 5"]


def focus(page: Page) -> Any:
    """What has the focus."""
    script = """let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at;"""
    return page.driver.execute_script(script)


def test_on_a_phone_the_recording_takes_the_place_of_the_list(
    browser: webdriver.Chrome, talk: House
) -> None:
    page = opened(browser, talk, "phone")
    page.deep(PAGE, LIST, ".row").click()
    page.wait(lambda: page.deep(PAGE, ONE, "header"))
    shown = "return arguments[0].getBoundingClientRect().height > 0"
    assert not browser.execute_script(shown, page.deep(PAGE, ".found"))
    page.wait(lambda: focus(page) == page.deep(PAGE, ONE, "h2"))
    page.deep(PAGE, ".back").click()
    page.wait(lambda: browser.execute_script(shown, page.deep(PAGE, ".found")))
    page.wait(lambda: focus(page) == page.deep(PAGE, LIST, ".row"))
    assert not browser.execute_script(shown, page.deep(PAGE, ".detail"))


@pytest.mark.parametrize("where", ["#%", "#%E0%A4%A"])
def test_an_address_that_is_none_leaves_the_page_whole(
    browser: webdriver.Chrome, talk: House, where: str
) -> None:
    page = opened(browser, talk)
    browser.execute_script("location.hash = arguments[0]", where)
    page.wait(lambda: "no recording" in page.text(PAGE, ONE, "[role=alert]"))
    browser.get("about:blank")
    browser.get(f"{talk.origin}/recordings{where}")
    page.wait(lambda: rows(page) == 5)
    browser.get_log("browser")  # what it says of the recording that there is not


def test_a_poll_that_fails_takes_neither_player_nor_text(
    browser: webdriver.Chrome, talk: House
) -> None:
    page = opened(browser, talk, where="#c4-1")
    page.wait(lambda: page.deep(PAGE, ONE, "audio"))
    browser.execute_script("arguments[0].setAttribute('mine', '1')", page.deep(PAGE, ONE, "audio"))
    talk.close()
    try:
        load = "const done = arguments[1]; arguments[0].load().then(() => done())"
        browser.execute_async_script(load, page.deep(PAGE, ONE))
        assert page.deep(PAGE, ONE, "audio").get_attribute("mine") == "1"
        assert "invoice" in page.text(PAGE, ONE, ".text")
    finally:
        talk.open()
    browser.get_log("browser")  # what the browser says of the refused connection


def test_a_zone_that_the_browser_does_not_know_leaves_the_page_whole(
    browser: webdriver.Chrome, talk: House
) -> None:
    page = opened(browser, talk)
    browser.execute_script(
        """const fetched = window.fetch;
        window.fetch = async (path, how) => {
          const reply = await fetched(path, how);
          if (!String(path).includes("/recordings?")) return reply;
          const body = await reply.json();
          body.site.timezone = "Nowhere/Nothing";
          return new Response(JSON.stringify(body));
        };"""
    )
    search(page, "invoice")
    page.wait(lambda: page.deep(PAGE, LIST, ".place"))
    page.deep(PAGE, "form button[type=button]").click()
    page.wait(lambda: rows(page) == 5)
    assert page.complaints() == []


def test_why_there_is_no_text_is_told(browser: webdriver.Chrome, talk: House) -> None:
    page = opened(browser, talk, where="#c2-1")
    assert "[speech] transcribe in site.toml" in page.text(PAGE, ONE, ".text")
    assert page.serious() == []
    failed = ev.TranscriptFailed(call="c2", recording="c2-1", model="small", cause="it is damaged")
    talk.core.append(failed)
    until(lambda: talk.get("/recordings/c2-1/transcript").json()["recording"]["cause"])
    browser.refresh()
    page.wait(lambda: "with the model small: it is damaged" in page.text(PAGE, ONE, ".text"))
    assert page.serious() == []


def test_a_recording_that_is_gone_is_told_and_leaves_the_list(
    browser: webdriver.Chrome, talk: House
) -> None:
    (talk.core.loaded.data_dir / FOLDER / "2026/11/23/c0-1.flac").unlink()
    page = opened(browser, talk)
    assert rows(page) == 4
    browser.get(f"{talk.origin}/recordings#c0-1")
    page.wait(lambda: 'no recording "c0-1"' in page.text(PAGE, ONE, "[role=alert]"))
    assert page.serious() == []


def test_language_and_colours_are_switched_by_keyboard(
    browser: webdriver.Chrome, talk: House
) -> None:
    page = opened(browser, talk)
    look = "return getComputedStyle(document.documentElement).backgroundColor"
    dark = browser.execute_script(look)
    for _ in range(2):  # as the system, dark, light
        page.deep(PAGE, "cf-tools", "button:nth-child(2)").send_keys(Keys.ENTER)
    assert browser.execute_script(look) != dark
    page.deep(PAGE, "cf-tools", "button:nth-child(1)").send_keys(Keys.ENTER)
    page.wait(lambda: page.text(PAGE, "h1") == "Aufnahmen")
    browser.refresh()
    page.wait(lambda: page.text(PAGE, "h1") == "Aufnahmen")  # it is remembered
    browser.execute_script("localStorage.clear()")


def test_an_office_that_is_away_is_told_and_asked_again(
    browser: webdriver.Chrome, talk: House
) -> None:
    page = opened(browser, talk)
    talk.close()
    try:
        search(page, "invoice")
        page.wait(lambda: "does not answer" in page.text(PAGE, "[role=alert]"))
        assert page.serious() == []
    finally:
        talk.open()
    page.deep(PAGE, ".bad button").click()
    page.wait(lambda: page.deep(PAGE, LIST, ".place"))
    browser.get_log("browser")  # what the browser says of the refused connection


def test_it_is_for_supervisors_who_are_brought_back_after_the_login(
    browser: webdriver.Chrome, talk: House
) -> None:
    page = opened(browser, talk)
    page.deep(PAGE, "cf-tools", "button:nth-child(3)").click()
    page.wait(lambda: browser.current_url.endswith("/login"))
    browser.get(f"{talk.origin}/recordings")
    page.wait(lambda: browser.current_url.endswith("/login?to=recordings"))
    page.wait(lambda: page.deep("cf-login", "input"))
    page.deep("cf-login", "input").send_keys(talk.secret("supervisor"), Keys.ENTER)
    page.wait(lambda: rows(page) > 0)
    browser.delete_all_cookies()
    page.login(talk.secret("kiosk"))
    assert page.deep("cf-wallboard", ".tools a") is None
    browser.get(f"{talk.origin}/recordings")
    page.wait(lambda: "for supervisors" in page.text(PAGE, "[role=alert]"))
    browser.delete_all_cookies()
    page.login(talk.secret("supervisor"))
    link = page.wait(lambda: page.deep("cf-wallboard", ".tools a"))
    assert link.get_attribute("aria-label") == "Recordings"
    link.click()
    page.wait(lambda: rows(page) > 0)
    browser.get_log("browser")  # what it says of refused requests
