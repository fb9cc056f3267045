"""One question's utterances with a recogniser whose every word is known beforehand."""

from collections.abc import Sequence

import pytest

from appliance.model.hearing import Hearing
from appliance.speech.live.description import Description
from appliance.speech.live.recogniser import RATE, Word
from appliance.speech.live.session import AGAIN, AGAIN_S, AHEAD_S, Session
from appliance.speech.live.wire import Heard, NotYet, Question

MENU = Hearing(
    kind="choices",
    language="en",
    choices={"sales": ("sales",), "support": ("support",), "contract": ("support contract",)},
)
AHEAD = int(AHEAD_S * RATE) * 2
LONG = int(AGAIN_S * RATE) * 2 + 1000


def word(text: str, conf: float = 1.0, seconds: float = 0.5) -> Word:
    return Word(text, conf, 0.0, seconds)


class Scripted:
    """Hears `words` whatever is said; counts the bytes that it was given."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = list(words)
        self.taken, self.finished, self.resets, self.closed = 0, 0, 0, False

    def accept(self, pcm: bytes) -> None:
        self.taken += len(pcm)

    def partial(self) -> str:
        return " ".join(one.word for one in self.words)

    def finish(self) -> list[Word]:
        self.finished += 1
        return self.words

    def reset(self) -> None:
        self.resets += 1

    def close(self) -> None:
        self.closed = True


class ScriptedModel:
    def __init__(self, recogniser: Scripted) -> None:
        self.recogniser = recogniser

    def knows(self, word: str) -> bool:
        return True

    def begin(self, phrases: Sequence[str]) -> Scripted:
        return self.recogniser


def session(
    *words: Word, about: Description | None = None, hearing: Hearing = MENU, **limits: float
) -> tuple[Session, Scripted]:
    recogniser = Scripted(words)
    question = Question(7, hearing, **limits)
    about = about or Description(id="test", accept=0.8, confirm=0.5)
    return Session(ScriptedModel(recogniser), about, question), recogniser


def test_a_complete_answer_ends_at_the_first_pause() -> None:
    one, recogniser = session(word("sales", 0.9))
    one.sound(bytes(4000))
    assert one.pause() == Heard(7, "sales", "sales", 0.9, "sure", "")
    assert (recogniser.taken, recogniser.finished) == (4000, 1)


def test_one_that_could_go_on_is_waited_for_and_heard_once() -> None:
    one, recogniser = session(word("support"))
    one.sound(bytes(4000))
    assert one.pause() == NotYet(7, "support")
    one.silence(bytes(1000))
    told = one.finish()
    assert (told.choice, told.verdict) == ("support", "sure")
    assert (recogniser.taken, recogniser.finished) == (4000, 1)


def test_if_it_goes_on_all_of_it_is_heard_again() -> None:
    one, recogniser = session(word("support"))
    one.sound(bytes(4000))
    one.pause()
    one.silence(bytes(1000))
    one.sound(bytes(2000))
    assert recogniser.taken == 4000 + 5000 + 2000
    one.finish()
    assert recogniser.finished == 2


def long_one() -> tuple[Session, Scripted]:
    """Too long to be heard again."""
    one, recogniser = session(word("support"))
    one.sound(bytes(LONG))
    assert one.pause() == NotYet(7, "support")
    assert recogniser.taken == LONG + AHEAD
    return one, recogniser


def test_a_long_one_is_given_silence_ahead_which_is_left_out_later() -> None:
    one, recogniser = long_one()
    for _ in range(5):
        one.silence(bytes(1000))
    assert recogniser.taken == LONG + AHEAD
    one.silence(bytes(AHEAD))
    assert recogniser.taken == LONG + AHEAD + 5000
    one.pause()
    assert recogniser.taken == LONG + 5000 + 2 * AHEAD
    assert recogniser.finished == 0


def test_speech_after_a_pause_in_a_long_one_is_heard_whole_and_once() -> None:
    one, recogniser = long_one()
    one.sound(bytes(2000))
    assert recogniser.taken == LONG + AHEAD + 2000
    one.silence(bytes(1000))
    assert recogniser.taken == LONG + AHEAD + 3000


def test_many_pauses_are_not_heard_again_each_time() -> None:
    one, recogniser = session(word("support"))
    for _ in range(20):
        one.sound(bytes(400))
        one.pause()
    assert recogniser.finished == AGAIN
    assert recogniser.taken < 20 * 400 + 20 * AHEAD + AGAIN * 20 * 400


def test_the_next_utterance_owes_nothing() -> None:
    one, recogniser = long_one()
    one.finish()
    one.silence(bytes(1000))
    assert recogniser.taken == LONG + AHEAD + 1000
    one.sound(bytes(1000))
    one.pause()
    one.reset()
    assert recogniser.resets == 0, "it was finished"
    one.sound(bytes(1000))
    one.reset()
    assert recogniser.resets == 1
    assert recogniser.taken == LONG + AHEAD + 3000


def test_nothing_at_all_is_no_match_and_never_asked_of_vosk() -> None:
    one, recogniser = session()
    assert one.finish() == Heard(7, "", "", 0.0, "none", "no_match")
    one.reset()
    assert (recogniser.finished, recogniser.resets) == (0, 0)


@pytest.mark.parametrize(
    ("conf", "verdict", "choice", "missed"),
    [
        (0.8, "sure", "sales", ""),
        (0.79, "unsure", "sales", ""),
        (0.5, "unsure", "sales", ""),
        (0.49, "none", "", "low_confidence"),
        (0.0, "none", "", "low_confidence"),
    ],
)
def test_verdicts(conf: float, verdict: str, choice: str, missed: str) -> None:
    one, _ = session(word("sales", conf))
    one.sound(bytes(4000))
    told = one.finish()
    assert (told.verdict, told.choice, told.missed) == (verdict, choice, missed)
    assert told.confidence == conf


def test_the_site_moves_the_limits() -> None:
    one, _ = session(word("sales", 0.6), sure=0.55)
    one.sound(bytes(4000))
    assert one.finish().verdict == "sure"
    one, _ = session(word("sales", 0.6), sure=0.99, unsure=0.7)
    one.sound(bytes(4000))
    assert one.finish().verdict == "none"


def test_words_around_the_answer_do_not_make_it_less_sure() -> None:
    one, _ = session(word("i", 0.3), word("want", 0.3), word("sales", 0.9), word("please", 0.2))
    one.sound(bytes(4000))
    assert one.finish().confidence == 0.9


def test_unknown_words_around_it_do() -> None:
    one, _ = session(word("[unk]", 1.0, 0.5), word("sales", 1.0, 0.5))
    one.sound(bytes(4000))
    assert one.finish().confidence == 0.75


@pytest.mark.parametrize("beside", ["[unk]", "#apple", "not"])
def test_a_yes_beside_something_else_is_asked_back_however_well_it_was_heard(beside: str) -> None:
    about = Description(id="test", accept=0.6, confirm=0.3, decoys=("#apple",))
    asked = Hearing(kind="yes_no", language="en")
    one, _ = session(word("yes"), word(beside, 1.0, 0.1), about=about, hearing=asked)
    one.sound(bytes(4000))
    told = one.finish()
    assert (told.choice, told.verdict, told.confidence > 0.6) == ("yes", "unsure", True)
    one, _ = session(word("yes"), word("please"), about=about, hearing=asked)
    one.sound(bytes(4000))
    assert one.finish().verdict == "sure"


def test_decoys_are_unknown_words() -> None:
    about = Description(id="test", accept=0.8, confirm=0.5, decoys=("#apple", "#sales"))
    one, _ = session(word("#apple", 1.0, 0.5), word("sales", 1.0, 0.5), about=about)
    assert one.grammar.decoys == {"#apple"}, "what is asked for is no decoy"
    one.sound(bytes(4000))
    told = one.finish()
    assert (told.text, told.choice, told.confidence) == ("[unk] sales", "sales", 0.75)
    one, _ = session(word("#apple"), word("[unk]"), about=about)
    one.sound(bytes(4000))
    told = one.finish()
    assert (told.text, told.missed) == ("[unk]", "no_match")


def test_what_is_said_twice_is_told_twice() -> None:
    one, _ = session(word("sales"), word("sales"))
    one.sound(bytes(4000))
    assert one.finish().text == "sales sales"


def test_a_model_corrects_its_confidence() -> None:
    about = Description(id="test", calibration=((0.2, 0.0), (0.8, 0.6), (1.0, 0.9)))
    for raw, told in ((0.0, 0.0), (0.2, 0.0), (0.5, 0.3), (0.8, 0.6), (0.9, 0.75), (1.0, 0.9)):
        assert about.calibrated(raw) == pytest.approx(told)
    one, _ = session(word("sales", 0.9), about=about)
    one.sound(bytes(4000))
    assert one.finish().confidence == 0.75


def test_a_closed_session_closes_its_recogniser() -> None:
    one, recogniser = session()
    one.close()
    assert recogniser.closed
