"""Words as they are said and names as they are spelled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.flow.spoken import as_spoken, key_spellings, name_parts, sayable


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("  Billing, please! ", "billing please"),
        ("Müller-Lüdenscheidt", "müller lüdenscheidt"),
        ("Straße", "straße"),
        ("don’t know", "don't know"),
        ("'quoted'", "quoted"),
        ("u\u0308ber", "über"),
        ("R & D", "r d"),
        ("...", ""),
        ("e-mail/fax", "e mail fax"),
    ],
)
def test_words_without_what_nobody_says(text: str, spoken: str) -> None:
    assert as_spoken(text) == spoken


@given(st.text(max_size=40))
def test_what_is_spoken_stays_as_it_is(text: str) -> None:
    once = as_spoken(text)
    assert as_spoken(once) == once
    assert once == once.strip() and "  " not in once


@pytest.mark.parametrize(
    ("phrase", "can"),
    [("one", True), ("1", False), ("a 1", False), ("", False), ("½", False), ("日本", True)],
)
def test_figures_are_no_words(phrase: str, can: bool) -> None:
    assert sayable(phrase) == can


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Erika Mustermann", ("erika", "mustermann")),
        ("Mustermann, Erika", ("erika", "mustermann")),
        ("Dr. Erika Mustermann", ("erika", "mustermann")),
        ("Prof. Dr. Mustermann", ("", "mustermann")),
        ("Anna Maria von der Muster", ("anna maria", "von der muster")),
        ("von Muster", ("von", "muster")),
        ("Zentrale", ("", "zentrale")),
        ("", ("", "")),
        (",", ("", "")),
    ],
)
def test_given_and_family_name(name: str, parts: tuple[str, str]) -> None:
    assert name_parts(name) == parts


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("müller", ("6835537", "685537")),
        ("straße", ("7872773", "787273")),
        ("núñez", ("68639",)),
        ("o'hara", ("64272",)),
        ("ångström", ("2264787636", "26478766")),
        ("иванов", ()),
    ],
)
def test_keys_of_a_name(words: str, keys: tuple[str, ...]) -> None:
    assert key_spellings(words) == keys
    assert all(set(one) <= set("23456789") for one in key_spellings(words))
