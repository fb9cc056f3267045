"""A pretend engine around the real switchboard, floor and flows: legs without sound.

It carries out effects as the real engine does and answers with the same events, so that a
whole box can be driven in memory, with its own clock.
"""

import itertools
import tomllib
from collections import deque
from typing import Any

from appliance.acd.floor import Floor
from appliance.calls import effects as fx
from appliance.calls.restart import Leftovers
from appliance.calls.setup import Seams, Setup
from appliance.calls.switchboard import Switchboard
from appliance.flow.language import compile_flows
from appliance.history.board import Board, BoardSite
from appliance.model import legs
from appliance.model.commands import AnyCommand, Reply
from appliance.model.events import Event, Record
from appliance.model.ids import LegId, TrunkId
from appliance.model.site import SiteFile

SITE = """
[[trunk]]
id = "line"
host = "192.0.2.1"
addresses = ["192.0.2.1"]
channels = 20
options_s = 0
flow = "main"
[trunk.numbers]
"+49302000" = "direct"
"+49303000" = "mail"
"+49304000" = "out"
"+49305000" = "queued"
"+49306000" = "everyone"

[[queue]]
id = "support"
strategy = "longest_idle"
ring_s = 10
wrap_up_s = 5
record = true
exit_key = "9"
redial_s = 60
[queue.announce]
first_s = 5
every_s = 10
[queue.overflow]
after_s = 120
to = "flow"

[[queue]]
id = "all"
strategy = "ring_all"
ring_s = 8
whisper = "Call for all"

[[agent]]
id = "a1"
seat = "sip:a1@192.0.2.9"
queues = [{ id = "support" }, { id = "all" }]
login = true
[[agent]]
id = "a2"
seat = "sip:a2@192.0.2.9"
queues = [{ id = "support" }, { id = "all" }]
login = true
[[agent]]
id = "a3"
seat = "sip:a3@192.0.2.9"
queues = [{ id = "all" }]
login = true

[[mailbox]]
id = "box"
max_s = 60

[flow.main]
start = "menu"
fallback = "support"
[flow.main.node.menu]
type = "menu"
prompt = "One for support, two for all."
on_failed = "support"
[flow.main.node.menu.choice.1]
next = "support"
say = ["support", "help"]
[flow.main.node.menu.choice.2]
next = "all"
say = ["anybody"]
[flow.main.node.support]
type = "queue"
queue = "support"
on_exit_key = "mail"
on_overflow = "mail"
[flow.main.node.all]
type = "queue"
queue = "all"
[flow.main.node.mail]
type = "voicemail"
mailbox = "box"
[flow.queued]
start = "support"
[flow.queued.node.support]
type = "queue"
queue = "support"
[flow.everyone]
start = "all"
[flow.everyone.node.all]
type = "queue"
queue = "all"
[flow.direct]
start = "one"
[flow.direct.node.one]
type = "agent"
agent = "a1"
on_no_answer = "mail"
on_busy = "mail"
on_unreachable = "mail"
[flow.direct.node.mail]
type = "voicemail"
mailbox = "box"
[flow.mail]
start = "mail"
[flow.mail.node.mail]
type = "voicemail"
mailbox = "box"
[flow.out]
start = "out"
[flow.out.node.out]
type = "forward"
number = "+498001234"
on_no_answer = "mail"
on_busy = "mail"
on_unreachable = "mail"
[flow.out.node.mail]
type = "voicemail"
mailbox = "box"
"""


def read_site(text: str = SITE) -> SiteFile:
    return SiteFile.model_validate(tomllib.loads(text))


class World:
    """Drive it with `arrive`, `tell`, `command`, `pass_time`; look at `events` and `links`."""

    def __init__(self, text: str = SITE) -> None:
        self.now = 1_700_000_000.0
        self.site = read_site(text)
        self.events: list[Event] = []
        self.up: set[LegId] = set()
        self.dialled: dict[LegId, fx.DialLeg] = {}
        self.callers: dict[LegId, str] = {}
        self.waiting: set[LegId] = set()
        self.answered: set[LegId] = set()
        self.plays: dict[int, LegId] = {}
        self.missing: set[str] = set()
        """Prompt files that cannot be played."""
        self.links: dict[str, fx.Links] = {}
        self.hearings: dict[LegId, fx.HearSpeech] = {}
        """Whom a recogniser listens to, and for what."""
        self.recordings: dict[str, bool] = {}
        self.refers: list[fx.ReferProgress] = []
        self.left = Leftovers()
        self.board = Board(BoardSite.of(self.site))
        self._seq = itertools.count(1)
        self._ids = itertools.count(1)
        self._todo: deque[Any] = deque()
        self.room = ""
        floor = Floor(self.site.queue, self.site.agent, seed=1)
        self.box = Switchboard(
            Setup(self.site, "v1", {TrunkId("line"): ("192.0.2.1",)}),
            Seams(
                files=lambda prompt, language: (f"{prompt.kind}/{prompt.value}",),
                may_record=lambda: self.room,
                new_id=lambda: f"id{next(self._ids)}",
                new_leg=lambda: LegId(f"out{next(self._ids)}"),
            ),
            floor,
            compile_flows(self.site),
        )
        self.take(self.box.start(self.now))
        self.take(self.box.floor_did(floor.restore({}, self.now), self.now))

    # -- what happens outside ---------------------------------------------------------------

    def arrive(
        self, called: str = "+49301000", caller: str = "+4930555", source: str = "192.0.2.1"
    ) -> LegId:
        leg = LegId(f"in{next(self._ids)}")
        self.callers[leg] = caller
        self.waiting.add(leg)
        self.tell(
            legs.Invited(
                leg=leg,
                source=source,
                source_port=5060,
                user=called,
                from_uri=f"sip:{caller}@192.0.2.1",
            )
        )
        return leg

    def call_from_seat(self, agent: str, user: str) -> LegId:
        """The agent's phone calls the box."""
        leg = LegId(f"seat{next(self._ids)}")
        self.waiting.add(leg)
        invite = legs.Invited(
            leg=leg,
            source="192.0.2.9",
            source_port=5060,
            user=user,
            from_uri=f"sip:{agent}@192.0.2.9",
        )
        self.tell(invite)
        return leg

    def tell(self, event: Any) -> None:
        self.take(self.box.handle(event, self.now))

    def command(self, command: AnyCommand) -> Reply:
        reply, turn = self.box.command(command, self.now)
        self.take(turn)
        return reply

    def ring(self, leg: LegId) -> None:
        self.tell(legs.Ringing(leg=leg))

    def pick_up(self, leg: LegId) -> None:
        """The dialled party answers."""
        self.dialled.pop(leg)
        self.up.add(leg)
        self.tell(legs.MediaUp(leg=leg, codec="PCMA"))
        self.tell(legs.Answered(leg=leg))

    def refuse(self, leg: LegId, code: int) -> None:
        self.dialled.pop(leg, None)
        self.tell(legs.Ended(leg=leg, code=code))

    def hang_up(self, leg: LegId) -> None:
        """The party on a live leg (or a caller who is not answered yet) hangs up."""
        code = 200 if leg in self.up else 487
        self.up.discard(leg)
        self.waiting.discard(leg)
        self.tell(legs.Ended(leg=leg, code=code))

    def play_out(self) -> None:
        """Every running prompt reaches its end."""
        for play in list(self.plays):
            if self.plays.pop(play, None) is not None:
                self.tell(legs.PlayDone(play=play))

    def pass_time(self, seconds: float) -> None:
        until = self.now + seconds
        while (when := self.box.next_deadline()) is not None and when <= until:
            self.now = max(self.now, when)
            self.take(self.box.tick(self.now))
        self.now = until

    def seat_leg(self, agent: str) -> LegId:
        """The leg on which this agent's seat is rung or talks."""
        for call in self.box.desk.calls.values():
            for offered in call.offers.values():
                if offered.agent == agent:
                    return offered.leg
            for party in call.parties.values():
                if party.agent == agent:
                    return party.leg
        raise AssertionError(f"{agent} is neither rung nor talking")

    # -- the pretend engine ------------------------------------------------------------------

    def take(self, turn: list[Any]) -> None:
        self._todo.extend(turn)
        while self._todo:
            item = self._todo.popleft()
            if isinstance(item, Event):
                self._log(item)
            else:
                self._do(item)

    def _log(self, event: Event) -> None:
        self.events.append(event)
        record = Record(next(self._seq), int(self.now * 1e6), event)
        self.left.fold(record)
        self.board.apply(record)

    def _do(self, effect: Any) -> None:
        if isinstance(effect, fx.AnswerLeg):
            self.waiting.discard(effect.leg)
            self.up.add(effect.leg)
        elif isinstance(effect, fx.RejectLeg | fx.HangUpLeg):
            self._drop(effect.leg)
        elif isinstance(effect, fx.DialLeg):
            self.dialled[effect.leg] = effect
        elif isinstance(effect, fx.PlayFiles):
            self._play(effect)
        elif isinstance(effect, fx.StopPlaying):
            self.plays.pop(effect.play, None)
        elif isinstance(effect, fx.Mix):
            self.links[effect.call] = effect.links
        elif isinstance(effect, fx.HearSpeech):
            assert effect.leg not in self.hearings, "started twice"
            self.hearings[effect.leg] = effect
        elif isinstance(effect, fx.StopHearing):
            del self.hearings[effect.leg]
        elif isinstance(effect, fx.StartRecording):
            self.recordings[effect.recording] = True
        elif isinstance(effect, fx.StopRecording):
            self.recordings[effect.recording] = False
        elif isinstance(effect, fx.ReferProgress):
            self.refers.append(effect)

    def _play(self, effect: fx.PlayFiles) -> None:
        bad = tuple(name for name in effect.files if name in self.missing)
        if bad:
            failed = legs.PlayFailed(play=effect.play, prompts=bad, why="no such file")
            self._todo.extend(self.box.handle(failed, self.now))
        else:
            self.plays[effect.play] = effect.leg

    def _drop(self, leg: LegId) -> None:
        """We hang up; the engine reports the end of the leg afterwards."""
        if leg in self.up | self.waiting | set(self.dialled):
            self.up.discard(leg)
            self.waiting.discard(leg)
            self.dialled.pop(leg, None)
            later = self.box.handle(legs.Ended(leg=leg, code=200, by_peer=False), self.now)
            self._todo.extend(later)

    # -- looking -----------------------------------------------------------------------------

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def heard_by(self, leg: LegId) -> set[str]:
        """Sources that a leg hears: other legs, music, and 'prompt' for a running play."""
        found = {s for links in self.links.values() for s, sink in links if sink == f"leg:{leg}"}
        if leg in self.plays.values():
            found.add("prompt")
        return found

    def state(self, agent: str) -> str:
        return self.box.desk.floor.agent_view(agent, self.now).state
