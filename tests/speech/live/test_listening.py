"""What is told of a question, whatever its worker does: each beginning has one end."""

import asyncio
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.model.hearing import SpeechBegan, SpeechDone, SpeechOff, SpeechReport
from appliance.model.ids import LegId
from appliance.speech.live import wire
from appliance.speech.live.attention import Attention
from appliance.speech.live.ear import FRAME_BYTES, QUIET
from appliance.speech.live.endpoint import FRAME_S, ONSET, PAUSE
from appliance.speech.live.listening import Listening
from tests.speech.live.conftest import MENU

QUESTION = wire.Question(5, MENU)
SALES = wire.Heard(5, "sales", "sales", 1.0, "sure", "")
TRAILING = round(MENU.trailing_s / FRAME_S)
NOTHING = wire.Heard(5, "", "", 0.0, "none", "no_match")


class Link:
    """Notes what is sent, and answers in order when it is told to."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.open: list[bytes] = []
        self.question = 0

    def ask(self, question: bytes) -> None:
        self.sent.append(wire.QUESTION)

    def tell(self, packet: bytes) -> None:
        self.sent.append(packet[:1])

    def request(self, kind: bytes) -> None:
        self.sent.append(kind)
        self.open.append(kind)


class Crew:
    """Has a link at once, or later; the same one again until it is lost."""

    model = "test"

    def __init__(self, ready: bool = True) -> None:
        self.ready, self.link, self.lent, self.waits = ready, Link(), False, False
        self.entered, self.why_stuck = False, ""

    def enter(self, user: Listening) -> None:
        self.entered = True

    def take(self, user: Listening, speaks: bool) -> Link | None:
        assert not self.lent
        self.lent, self.waits = self.ready, not self.ready
        return self.link if self.ready else None

    def stuck(self) -> str:
        return self.why_stuck

    def wait_no_more(self, user: Listening) -> None:
        self.waits = False

    def leave(self, user: Listening) -> None:
        self.entered = self.waits = self.lent = False

    def give_back(self, link: Link) -> None:
        assert self.lent
        assert not self.link.open, "nothing may come of it for the next one"
        self.lent = False


class Ear:
    """Hears a voice in frames of other bytes than zero."""

    quiet = True

    def gap(self) -> None:
        pass

    def frame(self, near: memoryview, far: memoryview, speaking: bool) -> tuple[bytes, int]:
        self.quiet = near[0] == 0
        return bytes(near), int(near[0] != 0)

    def pitched(self) -> bool:
        return True


class Question:
    """A listening with all around it. `busy`: others have all recognisers."""

    def __init__(self, ready: bool = True) -> None:
        self.told: list[SpeechReport] = []
        self.crew = Crew(ready)
        self.losses = 0
        self.busy = ""
        made: Any = self.crew
        ear: Any = Ear()
        self.it = Listening(
            *(LegId("a"), 1, QUESTION, b"", made, self.told.append),
            *(lambda: self.busy, None, Attention(ear)),
        )
        self.it.start()
        if ready:
            self.it.reply(wire.Ready(5))

    def feed(self, voiced: bool, frames: int) -> None:
        self.it.feed(memoryview(bytes([voiced]) * FRAME_BYTES * frames), memoryview(b""))

    def answer(self, heard: wire.Heard | None) -> None:
        """To the oldest request, as a worker would: a finish is never answered by not yet."""
        self.it.reply(wire.Ready(5))
        if self.crew.link.open:
            kind = self.crew.link.open.pop(0)
            last = kind == wire.FINISH
            self.it.reply(heard or (NOTHING if last else wire.NotYet(5)))

    def lose(self) -> None:
        """Also one that was lent only to build its grammar; an idle one is not ours."""
        if self.crew.lent:
            self.losses += 1
            self.crew.link, self.crew.lent = Link(), False
            self.it.lost("it died")
            if self.it._again is not None:
                self.it._again.cancel()
                self.it._prepare()


def play(steps: Callable[[Question], None], ready: bool = True) -> Question:
    async def run() -> Question:
        question = Question(ready)
        steps(question)
        await asyncio.sleep(0)
        question.it.stop()
        return question

    return asyncio.run(run())


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
