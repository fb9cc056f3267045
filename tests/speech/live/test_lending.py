"""When a question has a worker, and what is told where it has none."""

from appliance.model.hearing import SpeechBegan, SpeechDone, SpeechOff
from appliance.speech.live import wire
from appliance.speech.live.endpoint import ONSET, PAUSE
from tests.speech.live.listened import NOTHING, SALES, TRAILING, Question, play


def test_silence_reaches_no_worker_and_holds_none() -> None:
    def steps(question: Question) -> None:
        question.feed(False, 500)
        assert not question.crew.lent

    assert play(steps).crew.link.sent == [wire.QUESTION]


def test_a_worker_is_lent_from_the_first_sound_to_the_answer() -> None:
    """One that has heard nobody else needs no grammar then."""

    def steps(question: Question) -> None:
        for _ in range(2):
            question.feed(True, 20)
            assert question.crew.lent and question.it.engaged
            question.feed(False, PAUSE)
            question.answer(SALES)
            assert not question.crew.lent and not question.it.engaged
        question.crew.link.question = 4  # of somebody else meanwhile
        question.feed(True, 20)

    sent = play(steps).crew.link.sent
    assert sent.count(wire.QUESTION) == 2
    assert sent[1] == wire.SOUND
    last = len(sent) - sent[::-1].index(wire.QUESTION)
    assert sent[last] == wire.SOUND


def test_an_answer_that_is_still_to_come_keeps_the_worker() -> None:
    def steps(question: Question) -> None:
        question.feed(True, 20)
        question.feed(False, 40)
        question.answer(None)
        assert question.crew.lent and question.it.engaged
        question.answer(NOTHING)
        assert not question.crew.lent

    play(steps)


def test_who_begins_while_all_are_busy_is_not_heard_this_once() -> None:
    def steps(question: Question) -> None:
        question.busy = "all 2 are in use"
        question.feed(True, 20)
        question.feed(False, PAUSE + 1)
        question.feed(True, 20)  # the same utterance: not told again
        question.feed(False, 40)
        assert not question.crew.lent
        question.busy = ""
        question.feed(True, 20)
        question.feed(False, PAUSE)
        question.answer(SALES)

    off, *rest = play(steps).told
    assert isinstance(off, SpeechOff)
    assert (off.why, off.detail, off.once) == ("busy", "all 2 are in use", True)
    assert [type(one) for one in rest] == [SpeechBegan, SpeechDone]


def test_half_of_what_is_said_is_no_answer_where_one_became_free_meanwhile() -> None:
    """The beginning was not heard, so nothing is until the silence that ends anything."""

    def steps(question: Question) -> None:
        question.busy = "all 2 are in use"
        question.feed(True, 20)
        question.busy = ""
        question.feed(False, TRAILING - 1)
        question.feed(True, 20)
        assert not question.it.engaged
        question.feed(False, TRAILING)
        question.feed(True, 20)
        question.feed(False, PAUSE)
        question.answer(SALES)

    assert [type(one) for one in play(steps).told] == [SpeechOff, SpeechBegan, SpeechDone]


def test_the_rest_of_what_got_lost_is_no_answer() -> None:
    def steps(question: Question) -> None:
        question.feed(True, 20)
        question.lose()
        question.feed(False, TRAILING - 1)
        question.feed(True, 20)
        assert not question.it.engaged
        question.feed(False, TRAILING)
        question.feed(True, 20)
        assert question.it.engaged

    assert [type(one) for one in play(steps).told] == [SpeechBegan, SpeechDone, SpeechBegan]


def test_a_worker_that_dies_while_nobody_speaks_costs_the_next_caller_nothing() -> None:
    def steps(question: Question) -> None:
        question.crew.link.question = 4
        question.feed(True, ONSET - 1)
        question.it.lost("it died")
        question.feed(True, 1)
        assert question.it.engaged

    play(steps)


def test_who_waits_too_long_for_a_slow_worker_is_asked_again_and_heard_then() -> None:
    """What he said meanwhile got lost; the question is not deaf for it."""

    def steps(question: Question) -> None:
        question.feed(True, 20)
        assert question.it._timer is not None
        question.it._timer.cancel()
        question.it._nobody()
        question.feed(True, 20)  # the rest of it
        question.feed(False, TRAILING)
        question.crew.lent, question.crew.ready = True, True
        question.it.lent(question.crew.link)
        question.answer(None)
        question.feed(True, 20)
        question.feed(False, PAUSE)
        question.answer(SALES)

    lost, heard = play(steps, ready=False).told[1::2]
    assert isinstance(lost, SpeechDone)
    assert isinstance(heard, SpeechDone)
    assert (lost.verdict, lost.missed) == ("none", "lost")
    assert heard.choice == "sales"


def test_nobody_waits_for_a_worker_of_a_model_that_does_not_run() -> None:
    def steps(question: Question) -> None:
        question.feed(True, 20)
        assert question.it._timer is not None
        question.it._timer.cancel()
        question.crew.why_stuck = "its file is damaged"
        question.it._nobody()

    told = play(steps, ready=False).told
    assert [type(one) for one in told] == [SpeechBegan, SpeechDone, SpeechOff]
    assert isinstance(told[-1], SpeechOff)
    assert (told[-1].why, told[-1].detail) == ("broken", "its file is damaged")
