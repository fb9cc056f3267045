"""A house for a whole module: an office is a process and takes a second to start."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver

from tests.web.browser import open_browser
from tests.web.floors import busy_floor
from tests.web.house import House
from tests.web.recorded import finished, transcribed


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    recording, path = finished(made.core, "taped")
    transcribed(made.core, "taped", recording, path, ("caller", 1.0, "hello there"))
    busy_floor(made.core, 6, 2)
    made.settle()
    yield made
    made.end()


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    driver = open_browser()
    yield driver
    driver.quit()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
