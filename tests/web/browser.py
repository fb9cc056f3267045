"""A real Chromium on the office's pages, and axe-core to look for what shuts people out."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

from appliance.web.services import PAGES
from tests.web.house import House

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {"wall": (1920, 1080, False), "small": (1280, 720, False), "phone": (390, 844, True)}


def marks(page: str) -> list[pytest.MarkDecorator]:
    """Of a module that looks at `page` (recordings.html)."""
    there = CHROMIUM.exists() and DRIVER.exists() and (PAGES / page).exists()
    why = "needs chromium, chromium-driver and the built pages (make setup)"
    return [pytest.mark.browser, pytest.mark.skipif(not there, reason=why)]


def houses(make: Callable[[str], House]) -> Iterator[Callable[[str], House]]:
    """For a fixture: houses by name, each made once."""
    made: dict[str, House] = {}

    def get(name: str) -> House:
        if name not in made:
            made[name] = make(name)
        return made[name]

    yield get
    for house in made.values():
        house.end()


def open_browser() -> webdriver.Chrome:
    """Headless, without network beyond what pages ask for."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in (
        "--headless=new",
        "--no-proxy-server",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--hide-scrollbars",
    ):
        options.add_argument(argument)
    if os.geteuid() == 0:  # containers of the continuous integration
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service(str(DRIVER)))


class Page:
    """A page with its size and colours."""

    def __init__(self, driver: webdriver.Chrome, origin: str) -> None:
        self.driver = driver
        self.origin = origin

    def size(self, width: int, height: int, *, phone: bool = False) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def dressed(self, size: str) -> None:
        """One of SIZES, dark, and nothing moves."""
        width, height, phone = SIZES[size]
        self.size(width, height, phone=phone)
        self.colours("dark", still=True)

    def colours(self, scheme: str, *, still: bool = False) -> None:
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce" if still else "no-preference"},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def login(self, secret: str) -> None:
        """Through the login page, as a person does."""
        self.driver.get(f"{self.origin}/login")
        self.wait(lambda: self.deep("cf-login", "input"))
        self.deep("cf-login", "input").send_keys(secret)
        self.deep("cf-login", "button").click()
        self.wait(lambda: self.driver.current_url == f"{self.origin}/")

    def deep(self, *selectors: str) -> Any:
        """An element through shadow roots; None where there is none yet."""
        return self.driver.execute_script(
            "let at = document; for (const s of arguments[0]) {"
            " at = (at.shadowRoot ?? at).querySelector(s); if (!at) return null; } return at;",
            list(selectors),
        )

    def text(self, *selectors: str) -> str:
        found = self.driver.execute_script(
            "let at = document; for (const s of arguments[0]) {"
            " at = (at.shadowRoot ?? at).querySelector(s); if (!at) return ''; }"
            " const own = (n) => n.nodeType === 3 ? n.data :"
            " [...(n.shadowRoot ?? n).childNodes].map(own).join('');"
            " return own(at).replace(/\\s+/g, ' ').trim();",
            list(selectors),
        )
        return str(found)

    def wait(self, until: Callable[[], Any], seconds: float = 15.0) -> Any:
        return WebDriverWait(self.driver, seconds, poll_frequency=0.05).until(lambda _: until())

    def shot(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        assert self.driver.save_screenshot(str(path))

    def serious(self) -> list[str]:
        """What axe finds that is serious or critical, in words."""
        self.driver.execute_script(AXE.read_text())
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']})"
            ".then(r => done(JSON.stringify(r.violations)));"
        )
        return [
            f"{each['impact']} {each['id']}: {node['target']} {node['failureSummary']}"
            for each in json.loads(found)
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]

    def fonts(self) -> None:
        """Waits until all letters are as they shall be."""
        self.wait(lambda: self.driver.execute_script("return document.fonts.status") == "loaded")

    def well(self, size: str, shots: Path, outside: str) -> None:
        """Shuts nobody out, in both colours (pictures go to `shots`-*.png); no thing is where it
        should not be, which the script `outside` tells; nothing is refused."""
        assert AXE.exists(), "npm ci in web/ brings axe-core"
        for scheme in ("dark", "light"):
            self.colours(scheme, still=True)
            self.shot(shots.with_name(f"{shots.name}-{size}-{scheme}.png"))
            assert self.serious() == []
        assert self.driver.execute_script(outside) == []
        if size != "phone":
            height = self.driver.execute_script("return document.documentElement.scrollHeight")
            assert height <= SIZES[size][1]
        assert self.complaints() == []

    def complaints(self) -> list[str]:
        """Errors of the browser's console, refused styles and scripts among them."""
        entries = self.driver.get_log("browser")
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]
