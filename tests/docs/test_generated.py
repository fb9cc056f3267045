"""docs/settings.md, events.md and commands.md say what the code does."""

import typing
from collections.abc import Callable

import pytest

from appliance.model import commands, events
from appliance.model.site import Shape
from tests.box.schema import settings
from tests.docs.generate import DOCS, PAGES, Undocumented, _struct, _table


@pytest.mark.parametrize(("page", "make"), PAGES.items(), ids=list(PAGES))
def test_a_page_is_up_to_date(page: str, make: Callable[[], str]) -> None:
    assert (DOCS / page).read_text() == make(), f"docs/{page} is old: run `make docs`"


def test_every_setting_is_on_the_page() -> None:
    text = (DOCS / "settings.md").read_text()
    sections = text.split("\n## ")
    for setting in settings():
        path = ".".join(name for name, _ in setting.tables)
        section = next(
            (one for one in sections if one.startswith((f"`[{path}]`", f"`[[{path}]]`"))), text
        )
        if setting.name != "flow" or setting.tables:
            assert f"`{setting.name}`" in section or f"[{setting.name}]" in text, setting


@pytest.mark.parametrize(
    ("page", "union"), [("events.md", events.AnyEvent), ("commands.md", commands.AnyCommand)]
)
def test_every_event_and_command_is_on_its_page(page: str, union: typing.Any) -> None:
    text = (DOCS / page).read_text()
    for struct in typing.get_args(union):
        assert f"\n## `{struct.__struct_config__.tag}`\n" in text


def test_unions_have_every_class() -> None:
    """An event or command class that is in no union would never be logged or understood."""
    for module, base, union in (
        (events, events.Event, events.AnyEvent),
        (commands, commands.Command, commands.AnyCommand),
    ):
        tagged = {
            one
            for one in vars(module).values()
            if isinstance(one, type) and issubclass(one, base) and one.__struct_config__.tag
        }
        bases = {base, events.CallEvent}
        assert tagged - bases == set(typing.get_args(union))


def test_what_has_no_description_is_an_error() -> None:
    class Silent(commands.Command, frozen=True, kw_only=True, tag="silent"):
        pass

    with pytest.raises(Undocumented, match="Silent"):
        list(_struct(Silent))

    class Mute(Shape):
        quiet: int = 0

    with pytest.raises(Undocumented, match=r"Mute\.quiet"):
        list(_table(Mute, Mute.model_json_schema()))
