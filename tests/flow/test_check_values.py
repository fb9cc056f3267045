"""Odd values in a flow: each is named at its own place, and nothing that is right is."""

import pytest

from tests.flow.caller import ROOMS
from tests.flow.test_check import GOOD, findings, node, only, with_hours

PLACES = [
    ('choice.2.next = "number"', 'choice.2 = { next = "number", say = 5 }',
     ("menu", "choice", "2", "say"), "a list"),
    ('choice.2.next = "number"', 'choice.2 = { next = "number", say = ["a", 5] }',
     ("menu", "choice", "2", "say", 1), "text in quotes"),
    ('choice.2.next = "number"', 'choice.2 = { next = "number", say = { en = "two" } }',
     ("menu", "choice", "2", "say", "en"), "a list"),
    ('choice.2.next = "number"', 'choice.2.nxt = "number"', ("menu", "choice", "2", "nxt"), "next"),
    ('"You said"', '{ file = "x.wav", fil = 1 }', ("told", "prompt", 0, "fil"), "file"),
    ('"You said"', '{ say = "digits" }', ("told", "prompt", 0, "value"), "Add value."),
    ('"You said"', '{ say = "digit", value = "1" }', ("told", "prompt", 0, "say"), "digits"),
    ('"You said"', '{ text = 5 }', ("told", "prompt", 0, "text"), "text in quotes"),
    ('"Press 1 or 2"', '{ en = { phrase = "a", of = 1 } }', ("menu", "prompt", "en", "of"),
     "phrase"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "path", "says"), PLACES)
def test_a_wrong_field_inside_a_table_is_named_itself(
    old: str, new: str, path: tuple[str | int, ...], says: str
) -> None:
    [one] = findings(GOOD.replace(old, new, 1))
    assert one.path == node(*path)
    assert says in one.to_do
    if "no field" in one.what:
        assert repr(path[-1]) in one.what
        assert "first_key_s" not in one.to_do, "only what this table takes"


@pytest.mark.parametrize("odd", ["{data.Order}", "{Caller}", "{data.}", "{}"])
def test_braces_that_are_no_placeholder(odd: str) -> None:
    said = only(GOOD.replace('"{data.order}"', f'"1{odd}"'))
    assert (said.path, said.severity) == (node("told", "prompt", 1, "value"), "warning")
    assert odd in said.what
    tag = '[flow.main.node.tag]\ntype = "set"\nnext = "support"\ndata = { a = "ODD" }\n'
    text = GOOD.replace('choice.1.next = "support"', 'choice.1.next = "tag"') + tag.replace(
        "ODD", odd
    )
    assert only(text).path == node("tag", "data", "a")


@pytest.mark.parametrize("silent", ["[]", "{ en = [] }"])
def test_a_prompt_without_a_word(silent: str) -> None:
    found = findings(GOOD.replace('"Press 1 or 2"', silent))
    assert [one.what for one in found if one.path == node("menu", "prompt")][:1] == [
        "It has no words: the list is empty."
    ]
    assert {one.severity for one in found} == {"warning"}


def test_a_language_with_an_empty_list_is_missing() -> None:
    one = only(GOOD.replace('"Press 1 or 2"', '{ en = [], de = "1 oder 2" }'))
    assert one.what == "It is not given in: en." and "hear it in de" in one.means


def test_a_word_of_nothing() -> None:
    one = only(GOOD.replace("choice.2.next", 'choice.2.say = ["two", " "]\nchoice.2.next'))
    assert one.path == node("menu", "choice", "2", "say")


def test_open_on_special_days_only_is_open() -> None:
    fair = 'special = [{ date = 2025-05-01, open = ["09:00-18:00"] }]'
    assert findings(with_hours("{}", fair)) == []


def test_each_range_in_a_longer_one_is_named() -> None:
    found = findings(with_hours('{ mon = ["08:00-18:00", "09:00-10:00", "11:00-12:00"] }'))
    assert [one.path[-1] for one in found] == [1, 2]


def test_ranges_of_one_entry_that_overlap_are_named_there_only() -> None:
    week = '{ mon-tue = ["08:00-12:00", "11:00-13:00"], tue = ["15:00-16:00"] }'
    assert only(with_hours(week)).path == node("hours", "week", "mon-tue", 1)
    week = '{ mon-tue = ["10:00-08:00"], tue = ["09:00-12:00"] }'
    assert only(with_hours(week)).path == node("hours", "week", "mon-tue", 0)


def test_a_wrong_country_of_the_site_is_named_there_though_the_node_has_a_region() -> None:
    rooms = '[site]\ncountry = "XX"\n' + ROOMS
    text = with_hours('{ mon = ["08:00-12:00"] }', 'region = "BE"')
    assert only(text, rooms=rooms).path == ("site", "country")


@pytest.mark.parametrize("date", ['"2025-12-24"', "2025-12-24T18:00:00", "20251224"])
def test_a_date_that_is_none(date: str) -> None:
    [one] = findings(with_hours('{ mon = ["08:00-12:00"] }', f"special = [{{ date = {date} }}]"))
    assert one.path == node("hours", "special", 0, "date")
    assert "a date without quotes and without a time" in one.to_do
    assert "datetime" not in one.what


def test_a_wrong_region_of_the_site_is_named_there_though_the_node_names_the_country() -> None:
    rooms = '[site]\ncountry = "DE"\nregion = "ZZ"\n' + ROOMS
    text = with_hours('{ mon = ["08:00-12:00"] }', 'country = "DE"')
    assert only(text, rooms=rooms).path == ("site", "region")
    assert findings(with_hours('{ mon = ["08:00-12:00"] }', 'country = "AT"'), rooms=rooms) == []
