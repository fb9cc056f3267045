"""What a person types into the search box."""

import pytest

from appliance.store.transcriptsquery import BadQuery, Query, parse


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("invoice", ['"invoice"'], []),
        ("the invoice", ['"the"', '"invoice"'], []),
        ('"credit card" lost', ['"credit card"', '"lost"'], []),
        ("refund*", ['"refund" *'], []),
        ('"credit ca"*', ['"credit ca" *'], []),
        ("invoice -paid", ['"invoice"'], ['"paid"']),
        ('invoice -"paid in full"', ['"invoice"'], ['"paid in full"']),
        ("invoice - paid", ['"invoice"', '"paid"'], []),
        ("this OR that", ['"this"', '"OR"', '"that"'], []),
        ("text:invoice", ['"text:invoice"'], []),
        ("Straße, 5!", ['"Straße,"', '"5!"'], []),
        ("a\udcffb\0c", ['"a"', '"b"', '"c"'], []),
        ("invoice _", ['"invoice"'], []),
    ],
)
def test_what_a_person_types(text: str, wanted: list[str], unwanted: list[str]) -> None:
    assert parse(text) == Query(tuple(wanted), tuple(unwanted))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no word"),
        ("  ?! ", "no word"),
        ("_ __", "no word"),
        ("\udcff", "no word"),
        ('"credit card', "quotation mark is open"),
        ('"', "quotation mark is open"),
        ("*", "after the beginning of a word"),
        ("-paid", "only what must not be said"),
        ("a b c d e f g h i", "more than 8 words"),
    ],
)
def test_what_cannot_be_searched_is_told(text: str, told: str) -> None:
    with pytest.raises(BadQuery, match=told):
        parse(text)
