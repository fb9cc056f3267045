"""What every act on a call works with: the tables of calls and legs, and the way out.

One turn of the switchboard collects effects and events in `out`. Effects of the queues wait
in `pending` and are carried out one after another, so that no act runs inside another.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from appliance.calls.effects import AnswerLeg, Effect, Mix, PlayFiles, StopPlaying
from appliance.calls.mix import mix
from appliance.calls.setup import Seams, Setup
from appliance.calls.state import Call, Stage
from appliance.calls.strangers import Strangers
from appliance.calls.timers import Timers
from appliance.calls.unplayed import Unplayed
from appliance.model.events import CallAnswered, Event
from appliance.model.ids import AgentId, CallId, LegId, OfferId, QueueId, TrunkId
from appliance.model.legs import PlayDone
from appliance.model.prompt import Prompt

if TYPE_CHECKING:
    from appliance.acd.floor import Floor
    from appliance.calls.line import Line
    from appliance.flow.language import FlowSet

Turn = list[Event | Effect]
Why = Literal[
    "exit_key", "overflow", "unstaffed", "full", "no_answer", "busy", "unreachable", "done"
]
"""Why a queue, agent, mailbox or number did not keep the call (`flow.effects.Returned`)."""


@dataclass(frozen=True, slots=True)
class CameBack:
    """Waits in `pending`: the flow of this call goes on."""

    call: CallId
    why: Why


@dataclass(frozen=True, slots=True)
class PlayFor:
    """Why something is played: the flow (with its id), the queue, a whisper, a voicemail.
    `files`: what is played, filled in when it begins."""

    call: CallId
    why: Literal["flow", "queue", "whisper", "greeting", "beep"]
    key: int | str = 0
    files: tuple[str, ...] = ()


class Desk:
    """Tables shared by the acts; changed only within a turn."""

    def __init__(self, setup: Setup, seams: Seams, floor: "Floor", flows: "FlowSet") -> None:
        self.setup = setup
        self.seams = seams
        self.floor = floor
        self.flows = flows
        self.calls: dict[CallId, Call] = {}
        self.legs: dict[LegId, CallId] = {}
        self.dialled: dict[LegId, TrunkId] = {}
        """Over which line each outside number was dialled; read by `channels_in_use`."""
        self.offers: dict[OfferId, CallId] = {}
        self.plays: dict[int, PlayFor] = {}
        self.timers = Timers()
        self.strangers = Strangers()
        self.unplayed = Unplayed()
        self.lines: dict[TrunkId, Line] = {}
        self.orphans: set[LegId] = set()
        self.now = 0.0
        self.out: Turn = []
        self.pending: deque[Any] = deque()
        self.sent_on: set[tuple[CallId, QueueId]] = set()
        """Queues that sent a caller elsewhere within this turn."""
        self._touched: dict[CallId, None] = {}
        self._last_play = 0

    # -- the way out ------------------------------------------------------------------------

    def log(self, event: Event) -> None:
        self.out.append(event)

    def do(self, effect: Effect) -> None:
        self.out.append(effect)

    def floor_did(self, effects: Iterable[Any]) -> None:
        """Take what a method of `Floor` returned."""
        self.pending.extend(effects)

    def come_back(self, call: Call, why: Why) -> None:
        """Give the call back to its flow once the running act is over."""
        self.pending.append(CameBack(call.id, why))

    def answer(self, call: Call) -> None:
        """Pick up, once."""
        if not call.answered:
            call.answered = True
            self.do(AnswerLeg(leg=call.leg))
            self.log(CallAnswered(call=call.id))
            self.touch(call)

    def touch(self, call: Call) -> None:
        """The call changed: its audio graph is derived anew at the end of the turn."""
        self._touched[call.id] = None

    def end_turn(self) -> Turn:
        for call_id in self._touched:
            if call := self.calls.get(call_id):
                self._remix(call)
        self._touched.clear()
        self.sent_on.clear()
        out, self.out = self.out, []
        return out

    def _remix(self, call: Call) -> None:
        links = mix(call, self.setup.music_of(call.queue or call.last_queue))
        if links != call.links:
            call.links = links
            self.do(Mix(call=call.id, links=links))
        if call.stage is Stage.ENDED:
            del self.calls[call.id]

    # -- looking up -------------------------------------------------------------------------

    def call_of(self, leg: LegId) -> Call | None:
        call_id = self.legs.get(leg)
        return self.calls.get(call_id) if call_id else None

    def call_with(self, agent: AgentId) -> Call | None:
        """The call in which this agent is a party (not merely rung)."""
        for call in self.calls.values():
            if call.stage is not Stage.ENDED and call.agent_party(agent):
                return call
        return None

    def live(self, call_id: CallId) -> Call | None:
        call = self.calls.get(call_id)
        return call if call and call.stage is not Stage.ENDED else None

    def line_up(self, trunk: TrunkId) -> bool:
        """False only when the line is known to be down or off."""
        line = self.lines.get(trunk)
        return line is None or line.state not in ("down", "disabled")

    def channels_in_use(self, trunk: TrunkId) -> int:
        """Calls over this line in both directions."""
        self.dialled = {leg: line for leg, line in self.dialled.items() if leg in self.legs}
        coming = sum(1 for call in self.calls.values() if call.trunk == trunk)
        return coming + sum(1 for line in self.dialled.values() if line == trunk)

    # -- sound ------------------------------------------------------------------------------

    def play(self, call: Call, leg: LegId, prompts: Iterable[Prompt], purpose: PlayFor) -> int:
        """Start to play; an empty list is done at once. Returns the play's number."""
        self._last_play += 1
        play = self._last_play
        files = tuple(
            name for prompt in prompts for name in self.seams.files(prompt, call.language)
        )
        self.plays[play] = replace(purpose, files=files)
        if files:
            self.do(PlayFiles(play=play, leg=leg, files=files))
        else:
            self.pending.append(PlayDone(play=play))
        return play

    def stop_play(self, play: int | None) -> None:
        if play is not None and self.plays.pop(play, None) is not None:
            self.do(StopPlaying(play=play))

    # -- time -------------------------------------------------------------------------------

    def timer(self, call: Call, name: str, seconds: float) -> None:
        self.timers.set(call.id, name, self.now + seconds)
