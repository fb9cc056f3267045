"""What is told of a question, whatever its worker does: each beginning has one end."""

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.model.hearing import SpeechBegan, SpeechDone, SpeechOff
from appliance.speech.live import wire
from appliance.speech.live.ear import QUIET
from appliance.speech.live.endpoint import ONSET, PAUSE
from tests.speech.live.listened import NOTHING, SALES, Question, play

ACTIONS = st.one_of(
    st.tuples(st.just("voice"), st.integers(1, 60)),
    st.tuples(st.just("silence"), st.integers(1, 60)),
    st.tuples(st.just("heard"), st.just(0)),
    st.tuples(st.just("not yet"), st.just(0)),
    st.tuples(st.just("lost"), st.just(0)),
)


@settings(max_examples=150)
@given(st.lists(ACTIONS, max_size=40))
def test_each_beginning_is_followed_by_one_end(actions: list[tuple[str, int]]) -> None:
    def steps(question: Question) -> None:
        for what, frames in actions:
            if what in ("voice", "silence"):
                question.feed(what == "voice", frames)
            elif what == "lost":
                question.lose()
            else:
                question.answer(SALES if what == "heard" else None)
        question.feed(False, 60)
        while question.crew.link.open:
            question.answer(NOTHING)

    question = play(steps)
    told = question.told
    waiting = 0
    for one in told:
        if isinstance(one, SpeechBegan):
            waiting += 1
        elif isinstance(one, SpeechDone):
            waiting -= 1
            assert (one.verdict == "none") == bool(one.missed)
        assert waiting >= 0
    assert waiting == 0
    offs = [at for at, one in enumerate(told) if isinstance(one, SpeechOff)]
    assert offs in ([], [len(told) - 1])
    assert bool(offs) == (question.losses > 1)
    assert not question.crew.lent and not question.crew.entered


def test_the_end_of_a_complete_answer_begins_a_new_utterance() -> None:
    def steps(question: Question) -> None:
        question.feed(True, 20)
        question.feed(False, PAUSE)
        question.answer(SALES)
        question.feed(True, 20)
        question.feed(False, 40)
        question.answer(None)
        question.answer(SALES)

    assert [type(one) for one in play(steps).told] == [SpeechBegan, SpeechDone] * 2


def test_an_answer_that_comes_after_the_longer_silence_counts_once() -> None:
    def steps(question: Question) -> None:
        question.feed(True, 20)
        question.feed(False, 40)
        question.answer(SALES)
        question.answer(NOTHING)

    told = play(steps).told
    assert [type(one) for one in told] == [SpeechBegan, SpeechDone]
    assert isinstance(told[1], SpeechDone)
    assert told[1].choice == "sales"


def test_nothing_is_told_after_the_stop_and_the_worker_is_given_back() -> None:
    def steps(question: Question) -> None:
        question.feed(True, 20)
        question.it.stop()
        question.feed(True, 20)

    question = play(steps)
    assert question.told == []
    assert not question.crew.lent and not question.crew.entered


def test_replies_to_the_question_before_are_ignored() -> None:
    def steps(question: Question) -> None:
        question.feed(True, 20)
        question.it.reply(wire.Heard(4, "sales", "sales", 1.0, "sure", ""))
        question.it.reply(wire.Deaf(4, "no"))

    assert [type(one) for one in play(steps).told] == [SpeechBegan]


def test_what_is_said_before_there_is_a_worker_is_not_lost() -> None:
    def steps(question: Question) -> None:
        question.feed(True, 20)
        question.feed(False, 40)
        assert question.crew.link.sent == []
        question.crew.lent = True
        question.it.lent(question.crew.link)
        question.answer(None)
        question.answer(SALES)

    question = play(steps, ready=False)
    assert question.crew.link.sent[:2] == [wire.QUESTION, wire.SOUND]
    assert [type(one) for one in question.told] == [SpeechBegan, SpeechDone]


def test_nothing_is_told_after_a_question_turned_out_to_be_deaf() -> None:
    """The answers of what was asked meanwhile come right behind."""

    def steps(question: Question) -> None:
        question.feed(True, 20)
        question.feed(False, PAUSE)
        question.it.reply(wire.Deaf(5, "no such words"))
        question.it.reply(wire.NotYet(5))
        question.feed(False, 60)
        question.feed(True, 20)

    told = play(steps).told
    assert [type(one) for one in told] == [SpeechBegan, SpeechDone, SpeechOff]


def test_frames_that_wait_for_each_other_in_silence_delay_no_beginning() -> None:
    for lead in range(QUIET):

        def steps(question: Question, lead: int = lead) -> None:
            for _ in range(40 + lead):
                question.feed(False, 1)
            for n in range(ONSET):
                assert not question.it.engaged, n
                question.feed(True, 1)
            assert question.it.engaged

        assert [type(one) for one in play(steps).told] == [SpeechBegan]


def test_soft_beginnings_are_heard_too() -> None:
    """The frames before the first voiced one go along, and those of a pause that was none."""

    def steps(question: Question) -> None:
        question.feed(False, 50)
        question.feed(True, ONSET)
        question.feed(False, PAUSE + 3)
        question.feed(True, 10)

    sent = play(steps).crew.link.sent
    assert sent.count(wire.SILENCE) == 0
    assert sent[:2] == [wire.QUESTION, wire.SOUND]
