"""Every name gets a pronunciation, and people are told where it comes from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.speech.lexicon import alike, letters, phones, pronounce
from appliance.speech.lexicon.graph import LexiconError
from appliance.speech.lexicon.pronounce import by_hand, dictionary

WAYS = st.lists(st.sampled_from(phones.PHONES), max_size=6)


@pytest.mark.parametrize(
    ("word", "way", "source"),
    [
        ("billing", "B IH L IH NG", "dictionary"),
        ("Müller", "M Y UW L ER", "dictionary"),
        ("O'Brien", "OW B R AY IH N", "dictionary"),
        ("callflow", "K AO L F L OW", "parts"),
        ("Tschirner", "CH ER N ER", "guess"),
        ("Gwelbine", "G W EH L B AY N", "guess"),
    ],
)
def test_words_are_said_by_the_best_source(word: str, way: str, source: str) -> None:
    found = dictionary().spoken(word)
    assert (" ".join(found.ways[0]), found.source) == (way, source)


@given(st.text())
def test_any_text_is_spoken_or_refused(word: str) -> None:
    try:
        found = dictionary().spoken(word)
    except LexiconError:
        assert not pronounce.plain(word) or not letters.guess(pronounce.plain(word))
        return
    assert all(set(way) <= set(phones.PHONES) and way for way in found.ways)
    assert len(found.ways) <= pronounce.VARIANTS


@given(WAYS)
def test_packing_loses_nothing(way: list[str]) -> None:
    assert pronounce.unpacked(pronounce.packed(way)) == way


def test_a_pronunciation_by_hand_is_checked() -> None:
    assert by_hand("sh m ih1 t") == ["SH", "M", "IH", "T"]
    with pytest.raises(LexiconError, match="'XX' is no phone"):
        by_hand("SH XX T")
    with pytest.raises(LexiconError, match="empty"):
        by_hand("  ")


@given(WAYS, WAYS, WAYS)
def test_distance_is_a_distance(a: list[str], b: list[str], c: list[str]) -> None:
    d = alike.distance
    assert (d(a, b) == 0) == (a == b)
    assert d(a, b) == d(b, a)
    assert d(a, c) <= d(a, b) + d(b, c)
    assert abs(len(a) - len(b)) <= d(a, b) <= max(len(a), len(b))


def test_phrases_that_sound_alike_are_paired() -> None:
    words = ["sales", "whales", "billing", "support", "please"]
    known = {word: dictionary().ways(word) for word in words}
    phrases = ["sales", "billing", "whales", "sales please", "unheard", "support"]
    assert alike.pairs(phrases, known) == [("sales", "whales")]
