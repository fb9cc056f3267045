"""From voiced frames to spans, and from words to utterances: pure, so attacked at random."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from appliance.model.transcript import UNKNOWN, Word
from appliance.speech.transcribe.quiet import QUIET_S, Quiet
from appliance.speech.transcribe.speaking import (
    CLOSE,
    FRAME_S,
    LONGEST,
    OPEN,
    PAD,
    Span,
    Speaking,
)
from appliance.speech.transcribe.utterances import MOST, PAUSE_S, utterances, word

Run = tuple[bool, int]
runs = st.lists(st.tuples(st.booleans(), st.integers(1, 400)), max_size=30)


def spans(given_runs: list[Run]) -> list[Span]:
    """Checks at each frame that nothing is asked for that may have been forgotten."""
    speaking, found, at = Speaking(), list[Span](), 0
    for voiced, frames in given_runs:
        for _ in range(frames):
            needed = speaking.needed_from
            new = speaking.take(voiced)
            at += 1
            for start, end in new:
                assert needed <= start < end <= at
            found += new
    needed, last = speaking.needed_from, speaking.end()
    for start, end in last:
        assert needed <= start < end <= at
    return found + last


@given(runs)
def test_spans_are_in_order_apart_and_of_bounded_length(given_runs: list[Run]) -> None:
    found = spans(given_runs)
    for before, after in pairwise(found):
        assert before[1] <= after[0]
    for start, end in found:
        assert end - start <= LONGEST + PAD


@given(runs)
def test_no_longer_speech_is_missed(given_runs: list[Run]) -> None:
    """A voiced run that opens a span is in spans whole, apart from what a cut joins anyway."""
    found, at = spans(given_runs), 0
    for voiced, frames in given_runs:
        if voiced and frames >= OPEN:
            heard = {
                f for start, end in found for f in range(max(start, at), min(end, at + frames))
            }
            assert len(heard) == frames
        at += frames


def test_silence_and_clicks_cost_nothing() -> None:
    assert spans([(False, 5000)]) == []
    assert spans([(False, 40), (True, 3)] * 50) == []


def test_words_close_together_are_one_span_and_a_pause_parts_them() -> None:
    near = spans([(False, 100), (True, 50), (False, CLOSE - 5), (True, 50), (False, 100)])
    assert near == [(100 - PAD, 100 + 50 + CLOSE - 5 + 50 + PAD)]
    far = spans([(False, 100), (True, 50), (False, CLOSE + 25), (True, 50), (False, 100)])
    assert [end - start for start, end in far] == [50 + 2 * PAD] * 2


def test_who_never_stops_is_cut_where_he_breathes() -> None:
    talk = [(True, 400), (False, 8)] * 5
    found = spans(talk)
    assert len(found) >= 2
    assert found[0][1] in range(1216, 1224)  # the last breath before the limit
    assert sum(end - start for start, end in found) >= sum(frames for _, frames in talk) - CLOSE


def test_a_frame_is_one_of_those_that_the_detector_takes() -> None:
    assert FRAME_S in (0.01, 0.02, 0.03)


# -- utterances -------------------------------------------------------------------------------

gaps = st.lists(st.floats(0, 3), min_size=1, max_size=200)


@given(gaps)
def test_every_word_is_in_one_utterance_in_order(given_gaps: list[float]) -> None:
    at, words = 0.0, list[Word]()
    for n, gap in enumerate(given_gaps):
        at += gap
        words.append(word(f"w{n}", at, at + 0.3, 0.9))
        at += 0.3
    made = list(utterances("caller", words))
    assert [each for one in made for each in one.words] == words
    for one in made:
        assert one.start == one.words[0].start
        assert one.end == one.words[-1].end
        assert len(one.words) <= MOST
        assert all(b.start - a.end < PAUSE_S for a, b in pairwise(one.words))


def test_what_was_not_understood_is_one_sign_and_no_word() -> None:
    words = [
        word(text, n, n + 1.0, 0.5)
        for n, text in enumerate(["yes", "[unk]", "<unk>", "<UNK>", "no"])
    ]
    (one,) = utterances("floor", words)
    assert one.text == f"yes {UNKNOWN} no"
    assert (one.words[1].start, one.words[1].end) == (1.0, 4.0)


def test_figures_of_a_recogniser_are_kept_in_bounds() -> None:
    odd = word("x", -0.001, -0.0, 1.0000001)
    assert (odd.start, odd.end, odd.confidence) == (0.0, 0.0, 1.0)


# -- when -------------------------------------------------------------------------------------


def look(quiet: Quiet, now: float, *, known: bool = True, flows: int = 0, calls: int = 0) -> bool:
    return quiet.look(known=known, flows=flows, calls=calls, channels=10, now=now)


def test_a_caller_in_a_flow_stops_it_at_once_and_it_goes_on_when_all_is_quiet() -> None:
    quiet = Quiet()
    assert not look(quiet, 0.0)
    assert look(quiet, QUIET_S)
    assert not look(quiet, QUIET_S + 0.01, flows=1)
    assert not look(quiet, 10.0)
    assert not look(quiet, 10.0 + QUIET_S - 0.01)
    assert look(quiet, 10.0 + QUIET_S)


def test_calls_on_half_of_the_channels_are_quiet_one_more_is_not() -> None:
    quiet = Quiet()
    look(quiet, 0.0)
    assert look(quiet, 5.0, calls=5)
    assert not look(quiet, 6.0, calls=6)


def test_nobody_knows_is_not_quiet() -> None:
    quiet = Quiet()
    look(quiet, 0.0)
    assert look(quiet, 5.0)
    assert not look(quiet, 6.0, known=False)
    assert not look(quiet, 7.0)
