"""Where an utterance begins and ends, frame by frame."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.speech.live.endpoint import BREATH, ENDLESS, FRAME_S, ONSET, PAUSE, Cue, Endpoint

TRAILING = 30
"""Frames of 0.6 s."""


def cues(endpoint: Endpoint, voiced: str) -> list[tuple[int, Cue]]:
    """`voiced`: a dot or a letter for each frame."""
    told = ((at, endpoint.frame(int(sign != "."))) for at, sign in enumerate(voiced))
    return [(at, cue) for at, cue in told if cue]


def test_a_word() -> None:
    endpoint = Endpoint(trailing_s=0.4, longest_s=8.0)
    assert cues(endpoint, "." * 10 + "x" * 30 + "." * 30) == [
        (10 + ONSET - 1, Cue.BEGAN),
        (40 + PAUSE - 1, Cue.PAUSED),
        (40 + 20 - 1, Cue.ENDED),
    ]
    assert not endpoint.speaking
    assert endpoint.spoken == 30


def test_a_click_or_a_short_cough_is_nothing() -> None:
    assert cues(Endpoint(0.6, 8.0), ".x..xx...xxxx....x.x.x.x.....xxxx") == []


def test_a_gap_within_a_word_delays_nothing() -> None:
    assert cues(Endpoint(0.6, 8.0), "xx.x.xxx") == [(6, Cue.BEGAN)]


def test_without_a_pitch_it_is_no_voice() -> None:
    endpoint = Endpoint(0.6, 8.0)
    assert [endpoint.frame(1, lambda: False) for _ in range(50)] == [None] * 50
    assert endpoint.frame(1, lambda: True) is Cue.BEGAN


def test_frames_that_turn_out_to_be_voiced_count_at_once() -> None:
    endpoint = Endpoint(0.6, 8.0)
    assert [endpoint.frame(0) for _ in range(8)] == [None] * 8
    assert endpoint.frame(8) is Cue.BEGAN
    assert endpoint.spoken >= ONSET


def test_a_pause_in_a_sentence_is_asked_about_each_time() -> None:
    told = cues(Endpoint(0.6, 8.0), "x" * 10 + "." * 12 + "x" * 10 + "." * 40)
    assert [cue for _, cue in told] == [Cue.BEGAN, Cue.PAUSED, Cue.PAUSED, Cue.ENDED]


def test_a_long_one_is_cut_and_the_rest_of_it_is_not_another() -> None:
    endpoint = Endpoint(0.6, longest_s=1.0)
    told = cues(endpoint, "x" * 120)
    assert told == [(ONSET - 1, Cue.BEGAN), (49, Cue.CUT)]
    assert cues(endpoint, ("." * (TRAILING - 1) + "x" * 10) * 2) == [], "after a breath neither"
    assert cues(endpoint, "." * TRAILING + "x" * ONSET) == [(TRAILING + ONSET - 1, Cue.BEGAN)]


def test_a_voice_without_an_end_is_told_once() -> None:
    endpoint = Endpoint(0.6, longest_s=1.0)
    told = cues(endpoint, "x" * 50 + ("x" * 20 + "." * (BREATH - 1)) * 20)
    assert told == [(ONSET - 1, Cue.BEGAN), (49, Cue.CUT), (49 + ENDLESS - 1, Cue.ENDLESS)]


def test_who_talks_on_and_stops_for_breath_is_not_without_an_end() -> None:
    endpoint = Endpoint(0.6, longest_s=1.0)
    cues(endpoint, "x" * 50 + "x" * (ENDLESS - BREATH - 2) + "." * BREATH)
    assert cues(endpoint, "x" * 10 + "." * TRAILING) == []
    assert cues(endpoint, "x" * 10) == [(ONSET - 1, Cue.BEGAN)]


def test_a_voice_that_only_takes_breath_is_without_an_end_too() -> None:
    endpoint = Endpoint(0.6, longest_s=1.0)
    cues(endpoint, "x" * 50)
    told = cues(endpoint, ("x" * 20 + "." * BREATH) * 20)
    assert told == [(50 + ENDLESS - 2, Cue.ENDLESS)]


def test_the_rest_of_what_was_lost_is_not_another() -> None:
    endpoint = Endpoint(0.6, 8.0)
    cues(endpoint, "x" * 20)
    endpoint.over(resting=True)
    assert cues(endpoint, "." * (TRAILING - 1) + "x" * 20) == []
    assert cues(endpoint, "." * TRAILING + "x" * ONSET) == [(TRAILING + ONSET - 1, Cue.BEGAN)]


def test_what_is_lost_long_after_its_end_keeps_nobody_from_speaking() -> None:
    endpoint = Endpoint(0.6, 8.0)
    cues(endpoint, "x" * 20 + "." * 40)
    endpoint.over(resting=True)
    assert cues(endpoint, "x" * 10) == [(ONSET - 1, Cue.BEGAN)]


def following(before: str, known: bool, after: str) -> list[tuple[int, Cue]]:
    last, endpoint = Endpoint(0.6, 1.0), Endpoint(0.6, 8.0)
    cues(last, before)
    endpoint.follow(last, known)
    return cues(endpoint, after)


def test_a_beginning_goes_on_in_the_next_question() -> None:
    assert following("." * 50 + "x" * (ONSET - 1), True, "x" * 10) == [(0, Cue.BEGAN)]
    assert following("." * 50 + "x" * 20, False, "x" * 10) == [(0, Cue.BEGAN)]


def test_what_the_question_before_was_told_of_has_to_begin_anew() -> None:
    assert following("x" * 20, True, "x" * 10) == [(ONSET - 1, Cue.BEGAN)]
    assert following("x" * 60, True, "x" * 10) == [(ONSET - 1, Cue.BEGAN)], "it was cut off"


def test_who_knows_that_it_is_over_says_so() -> None:
    endpoint = Endpoint(0.6, 8.0)
    cues(endpoint, "x" * 10 + "." * PAUSE)
    endpoint.over()
    assert cues(endpoint, "." * 40) == []
    assert cues(endpoint, "x" * ONSET) == [(ONSET - 1, Cue.BEGAN)]


@given(
    st.lists(st.booleans(), max_size=600),
    st.floats(0.0, 3.0),
    st.floats(0.0, 10.0),
)
def test_each_beginning_has_one_end(frames: list[bool], trailing: float, longest: float) -> None:
    endpoint = Endpoint(trailing, longest)
    speaking, length = False, 0
    for voiced in frames:
        cue = endpoint.frame(int(voiced))
        length += 1
        if cue is Cue.BEGAN:
            assert not speaking
            speaking, length = True, 0
        elif cue is Cue.ENDLESS:
            assert not speaking
        elif cue is not None:
            assert speaking
            speaking = cue is Cue.PAUSED
        assert speaking == endpoint.speaking
        assert length * FRAME_S <= max(longest, 0.2) + 1e-6 or not speaking
        assert 0 <= endpoint.spoken * FRAME_S <= max(longest, 0.2) + 1e-6
