"""The wallboard page in a real Chromium, over a real office and the real event log."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.keys import Keys

from appliance.model import events as ev
from tests.web.browser import SIZES, Page, houses, marks
from tests.web.floors import LONG_QUEUES, agent, busy_floor, waiting
from tests.web.house import House

pytestmark = marks("index.html")

SCENES: dict[str, dict[str, Any]] = {
    "empty": {"queues": (), "agents": 0},
    "one": {"queues": ("Sales",), "agents": 1},
    "demo": {"queues": ("Sales", "Support"), "agents": 6},
    "full": {"queues": LONG_QUEUES, "agents": 200, "language": "de"},
}
BOARD = "cf-wallboard"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], House]]:
    def make(name: str) -> House:
        given = SCENES[name]
        house = House(tmp_path_factory.mktemp(name), **given)
        busy_floor(house.core, given["agents"], len(given["queues"]))
        house.settle()
        return house

    yield from houses(make)


def opened(
    browser: webdriver.Chrome, house: House, size: str = "wall", *, dark: bool = True
) -> Page:
    """The wallboard of a house, logged in as a kiosk, drawn."""
    page = Page(browser, house.origin)
    page.dressed(size)
    page.login(house.secret("kiosk"))
    page.wait(lambda: page.deep(BOARD, "cf-agents", ".cells"))
    page.fonts()
    return page


def figure(page: Page, queue: int, which: int) -> str:
    """1 waiting, 2 longest wait, 3 service level of a queue's card."""
    card = f"li:nth-child({queue}) cf-queue"
    return page.text(BOARD, "cf-queues", card, f".great div:nth-child({which}) dd")


# -- how it looks ---------------------------------------------------------------------------

CLIPPED = """
const bad = [];
const walk = (root) => { for (const el of root.querySelectorAll('*')) {
  if (el.shadowRoot) walk(el.shadowRoot);
  const box = el.getBoundingClientRect();
  if (!box.width || !box.height) continue;
  if (box.right > innerWidth + 1) bad.push(el.tagName + ' sticks out to the right');
  if (['DD','DT','H2'].includes(el.tagName) && el.scrollHeight > 1.2 * el.clientHeight + 8)
    bad.push(el.tagName + ' is cut: ' + el.textContent.trim());
  if (el.tagName === 'ARTICLE' && el.scrollHeight > el.clientHeight + 2)
    bad.push('card overflows by ' + (el.scrollHeight - el.clientHeight));
} };
walk(document);
return [...new Set(bad)];
"""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SCENES)
def test_it_shuts_nobody_out_and_nothing_breaks(
    browser: webdriver.Chrome, scene: Callable[[str], House], tmp_path: Path, name: str, size: str
) -> None:
    page = opened(browser, scene(name), size)
    page.well(size, tmp_path / name, CLIPPED)


def test_figures_are_large_enough_for_eight_metres(
    browser: webdriver.Chrome, scene: Callable[[str], House]
) -> None:
    """Rule of thumb: 1 cm of letter height per 4 m; a 55-inch screen has 0.63 mm per pixel."""
    for name, least in [("demo", 100), ("full", 50)]:
        page = opened(browser, scene(name))
        figure_px = browser.execute_script(
            "return parseFloat(getComputedStyle(arguments[0]).fontSize)",
            page.deep(BOARD, "cf-queues", "cf-queue", ".great dd"),
        )
        assert figure_px >= least


def test_two_hundred_agents_come_in_pages(
    browser: webdriver.Chrome, scene: Callable[[str], House]
) -> None:
    page = opened(browser, scene("full"))
    first = page.text(BOARD, "cf-agents", "cf-agent", "h3")
    assert first == "Agent 1"
    pager = page.deep(BOARD, "cf-agents", ".pager span")
    assert pager.get_attribute("aria-label").startswith("Seite 1 von ")
    page.deep(BOARD, "cf-agents", ".pager button:nth-of-type(3)").click()  # stop turning
    page.deep(BOARD, "cf-agents", ".pager button:nth-of-type(2)").send_keys(Keys.ENTER)
    page.wait(lambda: page.text(BOARD, "cf-agents", "cf-agent", "h3") != first)
    page.deep(BOARD, "cf-agents", ".pager button:nth-of-type(1)").send_keys(Keys.SPACE)
    page.wait(lambda: page.text(BOARD, "cf-agents", "cf-agent", "h3") == first)
    page.deep(BOARD, "cf-agents", ".pager button:nth-of-type(3)").click()
    page.wait(lambda: page.text(BOARD, "cf-agents", "cf-agent", "h3") != first, 12)  # by itself
    sums = page.text(BOARD, "cf-agents", ".sums")
    assert "20 Klingelt" in sums
    assert "20 Nacharbeit" in sums


# -- what it tells --------------------------------------------------------------------------


@pytest.fixture
def live(browser: webdriver.Chrome, tmp_path: Path) -> Iterator[tuple[House, Page]]:
    house = House(tmp_path)
    busy_floor(house.core, 6, 2)
    house.settle()
    yield house, opened(browser, house)
    house.end()


def test_events_move_the_figures(live: tuple[House, Page]) -> None:
    house, page = live
    assert figure(page, 1, 1) == "1"
    house.core.append(*waiting("x1", "q1"), *waiting("x2", "q1"))
    page.wait(lambda: figure(page, 1, 1) == "3")
    house.core.append(
        ev.QueueLeft(call="x1", queue="q1", reason="answered", waited_s=3),
        ev.TalkStarted(call="x1", agent="agent-2", queue="q1"),
    )
    page.wait(lambda: figure(page, 1, 1) == "2")
    page.wait(lambda: "1 talking" in page.text(BOARD, "cf-strip"))
    answered = page.text(BOARD, "cf-queues", "cf-queue", ".day div:nth-child(1) dd")
    assert answered == "9"
    assert "answered within 20 s ÷" in page.text(BOARD, "cf-queues", "cf-queue", "footer p")
    house.core.append(ev.QueueLeft(call="x2", queue="q1", reason="abandoned", waited_s=3))
    house.core.append(ev.QueueLeft(call="wait-1-0", queue="q1", reason="abandoned", waited_s=3))
    page.wait(lambda: "nobody waits" in page.text(BOARD, "cf-queues", "cf-queue", ".great"))


@pytest.mark.parametrize(
    ("state", "word"),
    [("ringing", "Ringing"), ("wrap_up", "Wrap-up"), ("paused", "Paused · Lunch")],
)
def test_each_state_is_named_in_words(live: tuple[House, Page], state: Any, word: str) -> None:
    house, page = live
    house.core.append(agent(2, state, reason="lunch" if state == "paused" else ""))
    tile = "li:nth-child(2) cf-agent"
    page.wait(lambda: word in page.text(BOARD, "cf-agents", tile, "p"))
    assert page.deep(BOARD, "cf-agents", tile, f"article.{state} .sign svg")
    assert page.text(BOARD, "cf-agents", tile, "cf-since").startswith("0:0")


def test_times_tick_without_events(live: tuple[House, Page]) -> None:
    _, page = live
    shown = {figure(page, 1, 2)}
    page.wait(lambda: shown.add(figure(page, 1, 2)) or len(shown) >= 3, 6)


def test_a_wait_over_the_target_is_marked_in_words(live: tuple[House, Page]) -> None:
    house, page = live
    house.core.append(ev.QueueEntered(call="flow-0", queue="q1", kept_s=60))
    page.wait(lambda: "over 20 s" in page.text(BOARD, "cf-queues", "cf-queue", ".great"))
    assert page.serious() == []


def test_lines_troubles_and_calls_in_the_flow(live: tuple[House, Page]) -> None:
    house, page = live
    assert "Trunk backup down" in page.text(BOARD, "cf-lines")
    assert "menu" in page.text(BOARD, "cf-strip", ".each")
    assert "+49" not in page.text(BOARD)  # a screen on the wall shows no numbers
    trouble = ev.Trouble(
        where="disk", what="Disk nearly full.", meaning="No recordings.", remedy="Delete some."
    )
    house.core.append(trouble)
    page.wait(lambda: "Disk nearly full. No recordings." in page.text(BOARD, "cf-banners"))
    assert page.deep(BOARD, "cf-banners", "[role=status][aria-live=polite]")
    house.core.append(
        ev.Trouble(where="disk", what="Space again.", meaning="", remedy="", over=True),
        ev.LineChanged(trunk="backup", state="up"),
    )
    page.wait(lambda: "Disk" not in page.text(BOARD, "cf-banners"))
    page.wait(lambda: "Trunk backup up" in page.text(BOARD, "cf-lines"))


def test_it_says_when_box_or_core_are_away_and_comes_back(live: tuple[House, Page]) -> None:
    house, page = live
    house.core.stop()
    page.wait(lambda: "The core is not running (since " in page.text(BOARD, "cf-banners"))
    assert figure(page, 2, 1) == "4"  # as it was
    assert page.serious() == []
    house.core.start()
    house.core.append(*waiting("later", "q2"))
    page.wait(lambda: figure(page, 2, 1) == "5")
    assert "core" not in page.text(BOARD, "cf-banners")
    house.close()
    page.wait(lambda: "Connection to the box lost (since " in page.text(BOARD, "cf-banners"))
    house.open()
    page.wait(lambda: page.text(BOARD, "cf-banners") == "", 20)
    assert figure(page, 2, 1) == "5"


HURRY = """
const wait = window.setTimeout.bind(window);
window.patient = window.setTimeout;
window.setTimeout = (act, ms, ...more) => wait(act, ms === 25000 ? 1000 : ms, ...more);
"""


def test_a_box_that_takes_the_connection_and_says_nothing_is_asked_again(
    live: tuple[House, Page],
) -> None:
    """As a hung office or a proxy without one does; browsers themselves wait for minutes."""
    house, page = live
    page.driver.execute_script(HURRY)
    house.close()
    with socket.create_server(("127.0.0.1", house.port)) as dumb:
        dumb.settimeout(30)
        handshake, _ = dumb.accept()
    page.driver.execute_script("window.setTimeout = window.patient")
    with handshake:
        house.open()
        page.wait(lambda: page.text(BOARD, "cf-banners") == "", 20)


# -- people ---------------------------------------------------------------------------------


def test_colours_and_language_are_switched_by_keyboard(live: tuple[House, Page]) -> None:
    _, page = live
    look = "return getComputedStyle(document.documentElement).backgroundColor"
    dark = page.driver.execute_script(look)
    colours = page.deep(BOARD, ".tools button:nth-child(2)")
    for _ in range(2):  # as the system, dark, light
        colours.send_keys(Keys.ENTER)
    assert page.driver.execute_script(look) != dark
    page.deep(BOARD, ".tools button:nth-child(1)").send_keys(Keys.ENTER)
    page.wait(lambda: "wartend" in page.text(BOARD, "cf-queues"))
    assert page.driver.execute_script("return document.documentElement.lang") == "de"
    page.driver.refresh()
    page.wait(lambda: "wartend" in page.text(BOARD, "cf-queues"))  # it is remembered
    kept = page.driver.execute_script("return JSON.stringify(localStorage)")
    assert "cf_" not in kept
    page.driver.execute_script("localStorage.clear()")


def test_nothing_moves_for_those_who_asked_for_that(live: tuple[House, Page]) -> None:
    house, page = live
    house.core.append(agent(1, "ringing"))
    page.wait(lambda: page.deep(BOARD, "cf-agents", "cf-agent", "article.ringing svg"))
    moves = "return getComputedStyle(arguments[0]).animationName"
    sign = page.deep(BOARD, "cf-agents", "cf-agent", "article.ringing svg")
    assert page.driver.execute_script(moves, sign) == "none"
    page.colours("dark", still=False)
    assert page.driver.execute_script(moves, sign) == "ring"


def test_login_logout_and_a_withdrawn_token(live: tuple[House, Page]) -> None:
    house, page = live
    cookies = page.driver.execute_script("return document.cookie")
    assert cookies == ""  # out of reach of scripts
    page.deep(BOARD, ".tools button:nth-child(3)").click()
    page.wait(lambda: page.driver.current_url.endswith("/login"))
    page.wait(lambda: page.deep("cf-login", "input"))
    assert page.serious() == []
    page.deep("cf-login", "input").send_keys("cf_wrong", Keys.ENTER)
    page.wait(lambda: "not valid" in page.text("cf-login", "[role=alert]"))
    assert page.serious() == []
    page.driver.get(house.origin)  # without a session there is no board
    page.wait(lambda: page.driver.current_url.endswith("/login"))
    token, secret = house.tokens.create("kiosk")
    page.login(secret)
    page.wait(lambda: figure(page, 2, 1) == "4")
    house.tokens.revoke(token.id)
    page.wait(lambda: page.driver.current_url.endswith("/login"))
