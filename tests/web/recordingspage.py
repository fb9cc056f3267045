"""The page of recordings as tests see it."""

from selenium import webdriver
from selenium.webdriver.common.keys import Keys

from tests.web.browser import Page
from tests.web.house import House

PAGE, LIST, ONE = "cf-recordings", "cf-list", "cf-recording"

OUTSIDE = """
const bad = [];
const walk = (root) => { for (const el of root.querySelectorAll('*')) {
  if (el.shadowRoot) walk(el.shadowRoot);
  const box = el.getBoundingClientRect();
  if (box.width && box.height && box.right > innerWidth + 1)
    bad.push(el.tagName + ' sticks out to the right');
} };
walk(document);
return [...new Set(bad)];
"""


def opened(browser: webdriver.Chrome, house: House, size: str = "small", where: str = "") -> Page:
    """The page of a house, as a supervisor sees it, drawn."""
    page = Page(browser, house.origin)
    page.dressed(size)
    page.login(house.secret("supervisor"))
    browser.get("about:blank")
    browser.get(f"{house.origin}/recordings{where}")
    page.wait(lambda: rows(page) or page.deep(PAGE, ".scroll .empty"))
    if where:
        page.wait(lambda: page.deep(PAGE, ONE, "header"))
    page.fonts()
    return page


def rows(page: Page) -> int:
    """Recordings in the list."""
    script = "return arguments[0]?.shadowRoot.querySelectorAll('.row').length ?? 0"
    return int(page.driver.execute_script(script, page.deep(PAGE, LIST)))


def search(page: Page, text: str) -> None:
    field = page.deep(PAGE, "input")
    field.clear()
    field.send_keys(text, Keys.ENTER)
