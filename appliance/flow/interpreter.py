"""Runs one call through its flow. Pure: time is passed in, effects and events come out.

A run keeps the `FlowSet` that it began on, so a reload never changes a call on its way.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from appliance.flow.acts import ACTS, edge_for
from appliance.flow.dialogue import Dialogue, Left, Said, Scene, Telling, tell
from appliance.flow.effects import (
    Digit,
    Effect,
    HangUp,
    Input,
    Prompt,
    Returned,
    Spoken,
)
from appliance.flow.facts import CallFacts
from appliance.flow.hours import local_time
from appliance.flow.language import Flow, FlowSet
from appliance.flow.nodes import HangUp as HangUpNode
from appliance.flow.pace import STEP_LIMIT, Pace
from appliance.flow.parts import to_prompts
from appliance.flow.stage import Out, Stage
from appliance.model.events import CallTagged, FlowEntered, FlowLeft, FlowNode
from appliance.model.ids import AgentId, FlowId, NodeId

SORRY = "cf-sorry"
"""Built-in phrase before the box has to end a call that it cannot lead on."""

State = Literal["new", "running", "away", "ended"]
Exit = Literal["queue", "agent", "voicemail", "number", "hang_up"]


class FlowRun:
    """One call in its flow. `now` is monotonic seconds, `utc` the wall clock (aware).

    Raises `ValueError` if there is no flow of that name; nothing else raises.
    """

    def __init__(self, flows: FlowSet, flow: FlowId, facts: CallFacts, now: float) -> None:
        first = flows.get(flow)
        if first is None:
            raise ValueError(f"there is no flow {flow!r}; its calls cannot be led anywhere")
        self.flows = flows
        self.flow: Flow = first
        self.facts = facts
        self.state: State = "new"
        self.node: NodeId = NodeId("")
        self.language = facts.language
        self.priority = facts.priority
        self.skills: dict[str, int] = {}
        self.data: dict[str, str] = dict(facts.data)
        self.agent: AgentId | None = facts.agent
        self.stage = Stage()
        self.stage.now = now
        self._dialogue: Dialogue | None = None
        self._said: Said | None = None
        self._goal: tuple[str, str] | None = None
        self._ending = ""
        self._secret: set[str] = set()
        self._greeted: set[tuple[str, str]] = set()
        self.utc: datetime | None = None
        self._pace = Pace(now)
        self._fell_back = False
        self.excused = not facts.blocked

    # -- what the call tells ------------------------------------------------------------------

    def start(self, now: float, utc: datetime) -> list[Out]:
        """The first step. Call once."""
        if self.state != "new":
            return []
        self._begin_step(now, utc)
        self.state = "running"
        self._entered()
        self._tag_facts()
        if self.facts.blocked and not self.flows.excuses_blocked(self.flow.id):
            self.refuse_blocked()
        else:
            self._goal = (self.flow.start, "start")
        return self._settle()

    def handle(self, given: Input, now: float, utc: datetime) -> list[Out]:
        """What the call reports. Late and foreign reports (old ids) do nothing."""
        self._begin_step(now, utc)
        if self.state == "away" and isinstance(given, Returned):
            self._come_back(given.why)
        elif self.state == "running" and self._dialogue is not None:
            if isinstance(given, Digit | Spoken):
                self._pace.caller_acts()
            self._leave(tell(self._dialogue, self.stage, given))
        return self._settle()

    @property
    def answered(self) -> bool:
        """Has the flow asked for the call to be picked up?"""
        return self.stage.answered

    # -- from node to node --------------------------------------------------------------------

    def _begin_step(self, now: float, utc: datetime) -> None:
        self.stage.now = now
        self.utc = utc

    def _settle(self) -> list[Out]:
        while self._goal is not None and self.state == "running":
            (node, cause), self._goal = self._goal, None
            self._enter(node, cause)
        return self.stage.take()

    def _leave(self, left: Left | None) -> None:
        if left is None:
            return
        self.stage.clear()
        self._dialogue, self._said = None, left.said
        if self._ending:
            cause, self._ending = self._ending, ""
            well = cause == "hang_up"
            self.end("" if well else cause, served=well, lost=not well)
        elif left.words and self.excused:
            then, refused = replace(left, words=()), Left(self.node, "refused")
            self.talk(Telling(self.scene(), left.words, then, barge_in=True, refused=refused))
        elif left.to is not None:
            self.leave_to(left.to, "agent", left.to.agent)
        else:
            self.go(left.target, left.cause)

    def go(self, target: str, cause: str) -> None:
        """`target` '' is the fallback; a fallback that leads to itself ends the call."""
        if target:
            self._goal = (target, cause)
        else:
            self.fall_back(f"{cause}: no way on" if cause else "no way on")

    def fall_back(self, cause: str) -> None:
        if not self.flow.fallback or self.flow.fallback == self.node:
            self._sorry(cause)
        else:
            self._goal = (self.flow.fallback, f"{cause}; fallback")

    def _enter(self, node_id: str, cause: str) -> None:
        if self._pace.goes_round(self.stage.now):
            self._break_circle()
            return
        node = self.flow.nodes.get(node_id)
        if node is None:
            self._lost(node_id)
            return
        self.node = NodeId(node_id)
        self.stage.emit(
            FlowNode(call=self.facts.call, flow=self.flow.id, node=self.node, cause=cause)
        )
        ACTS[type(node)](self, node)

    def _break_circle(self) -> None:
        cause = f"more than {STEP_LIMIT} steps without a caller's act"
        if self._fell_back:
            self._sorry(cause)
            return
        self._fell_back = True
        self._pace.caller_acts()
        self.fall_back(cause)

    def _lost(self, node_id: str) -> None:
        self.node = NodeId(node_id)
        if node_id == self.flow.fallback:
            self._sorry(f"there is no node {node_id}")
        else:
            self.fall_back(f"there is no node {node_id!r}")

    def _sorry(self, cause: str) -> None:
        """Nothing is left to be done: says so and ends the call."""
        self._note(cause)
        prompts = (Prompt(kind="phrase", value=SORRY, language=self.language),)
        self.last_words(Telling(self.scene(), prompts, Left(""), barge_in=True), cause)

    def _note(self, cause: str) -> None:
        call, flow = self.facts.call, self.flow.id
        self.stage.emit(FlowNode(call=call, flow=flow, node=self.node, cause=cause))

    # -- what nodes do, see appliance.flow.acts -----------------------------------------------

    def talk(self, dialogue: Dialogue) -> None:
        said, self._said = self._said, None
        self._dialogue = dialogue
        self._leave(dialogue.begin(said))

    def last_words(self, dialogue: Dialogue, ending: str) -> None:
        """A dialogue after which the call ends."""
        self._ending = ending
        self.stage.typed.clear()
        self.talk(dialogue)

    def first_greeting(self) -> bool:
        """Is this the first time that the call is greeted by this node?"""
        key = (self.flow.id, self.node)
        first = key not in self._greeted
        self._greeted.add(key)
        return first

    def enter_flow(self, other: Flow, node: str) -> None:
        self.flow = other
        self._entered()
        self._goal = (node or other.start, f"goto {other.id}")

    def set_data(self, data: dict[str, str]) -> None:
        self.data.update(data)
        self._secret.difference_update(data)

    def leave_to(self, effect: Effect, to: Exit, target: str) -> None:
        """Hands the call on; nothing follows until it comes back."""
        if not self.excused:
            self.refuse_blocked()
            return
        self.stage.clear()
        self.stage.typed.clear()
        self.stage.answer()
        self.state = "away"
        self._left(to, target)
        self.stage.emit(effect)

    def refuse_blocked(self) -> None:
        self.end("blocked caller", code=603, served=False)

    def end(self, cause: str, code: int = 603, served: bool = True, *, lost: bool = False) -> None:
        self.stage.clear()
        node = self.flow.nodes.get(self.node)
        if isinstance(node, HangUpNode) and not cause:
            cause = node.cause
        self.state = "ended"
        self._left("hang_up", "")
        self.stage.emit(HangUp(cause=cause, code=code, served=served, lost=lost))

    def _come_back(self, why: str) -> None:
        self.state = "running"
        self._entered()
        node = self.flow.nodes.get(self.node)
        edge = edge_for(node, why) if node is not None else ""
        if why == "done" and not edge:
            self.end("", served=True)
        else:
            self.go(edge, why)

    # -- facts and events ---------------------------------------------------------------------

    def _entered(self) -> None:
        flow = self.flow
        self.stage.emit(FlowEntered(call=self.facts.call, flow=flow.id, version=flow.version))

    def _left(self, to: Exit, target: str) -> None:
        self.stage.emit(FlowLeft(call=self.facts.call, flow=self.flow.id, to=to, target=target))

    def _tag_facts(self) -> None:
        facts = self.facts
        if facts.vip or facts.priority or facts.data:
            self.stage.emit(
                CallTagged(
                    call=facts.call,
                    priority=facts.priority or None,
                    data=dict(facts.data) or None,
                    vip=facts.vip or None,
                )
            )

    def scene(self) -> Scene:
        assert self.utc is not None
        return Scene(
            stage=self.stage,
            call=self.facts.call,
            flow=self.flow.id,
            node=self.node,
            language=self.language,
            say=self.say,
            store=self._store,
            default=self.flows.language,
            hears=self.flows.hears,
            today=local_time(self.utc, self.facts.timezone).date().isoformat(),
            people=self.flows.people,
        )

    def say(self, value: Any) -> tuple[Prompt, ...]:
        return to_prompts(value, self.language, self.flows.language, self.known())

    def known(self) -> dict[str, str]:
        """What placeholders stand for. Secrets stand for nothing: they are never said."""
        known = {f"data.{k}": v for k, v in self.data.items() if k not in self._secret}
        caller, called = self.facts.caller, self.facts.called
        return {**known, "caller": caller, "called": called, "language": self.language}

    def _store(self, key: str, value: str, secret: bool) -> None:
        self.data[key] = value
        (self._secret.add if secret else self._secret.discard)(key)
        shown = "*" * len(value) if secret else value
        self.stage.emit(CallTagged(call=self.facts.call, data={key: shown}))
