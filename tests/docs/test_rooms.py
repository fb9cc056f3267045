"""README and docs/architecture.md show what is there, and the import rules know every room."""

import re
import tomllib
from pathlib import Path

import pytest

from appliance.box.check import check_loaded
from appliance.box.config import parse_site

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = sorted(one.name for one in (ROOT / "appliance").iterdir() if (one / "__init__.py").exists())
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_every_room_is_in_the_table_of_the_architecture() -> None:
    table = (ROOT / "docs" / "architecture.md").read_text()
    listed = set(re.findall(r"^\| `([a-z]+)/`", table, re.MULTILINE))
    assert listed == set(ROOMS)


@pytest.mark.parametrize("room", sorted(set(ROOMS) - {"linking", "demo"}))
def test_every_room_is_in_the_picture(room: str) -> None:
    picture = (ROOT / "docs" / "architecture.svg").read_text()
    shown = {"lines": "exchange"}.get(room, room)
    assert f">{shown}</text>" in picture


@pytest.mark.parametrize("room", sorted(set(ROOMS) - {"demo"}))
def test_every_room_is_bound_by_import_rules(room: str) -> None:
    """demo is left out: like the command line it puts rooms together."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    bound = {
        name
        for contract in rules["contracts"]
        for name in contract.get("source_modules", contract.get("modules", []))
    }
    assert f"appliance.{room}" in bound


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if "://" not in link:
            assert (page.parent / link).exists(), link


def test_pictures_are_for_light_and_dark_screens() -> None:
    for picture in (ROOT / "docs").glob("*.svg"):
        text = picture.read_text()
        assert "prefers-color-scheme: dark" in text
        assert "<title" in text
        assert "<desc" in text


def test_the_site_of_the_readme_is_right() -> None:
    """All of it but the address, which is the reader's own."""
    text = (ROOT / "README.md").read_text()
    example = text.split("```toml\n")[1].split("```")[0]
    found = check_loaded(parse_site(ROOT / "build" / "site.toml", example.encode()))
    assert [one.what for one in found] == ["'198.51.100.2' is no address of this machine."]


def test_commands_of_the_readme_exist() -> None:
    text = (ROOT / "README.md").read_text()
    targets = re.findall(r"`?make ([a-z]+)`?", text)
    makefile = (ROOT / "Makefile").read_text()
    assert {"demo", "test"} <= set(targets)
    for target in targets:
        assert re.search(rf"^(?:[a-z ]+ )?{target}(?: [a-z ]+)?:", makefile, re.MULTILINE), target
