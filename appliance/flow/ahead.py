"""Which question a prompt leads to, where nobody but the call's facts decides between them."""

from typing import TYPE_CHECKING

from appliance.flow.hearings import hearing_of
from appliance.flow.hours import state_at
from appliance.flow.node import Node
from appliance.flow.nodes import CallerList, Hours, Saying, Set
from appliance.flow.questions import Asking
from appliance.model.hearing import Hearing

if TYPE_CHECKING:
    from appliance.flow.interpreter import FlowRun


def hearing_ahead(run: "FlowRun", node: Saying) -> Hearing | None:
    """What a caller may say into a prompt that he need not hear out: an answer to the question
    that it leads to just now, if speech may stop prompts there. Only a choice or a name can be
    meant before it is asked for: "okay" is said to any information, "one moment" to all."""
    question = _question_ahead(run, node)
    if question is None or not question.speech_stops_prompt:
        return None
    scene = run.scene()
    hearing = hearing_of(question, scene.language, scene.people, scene.today)
    return hearing if hearing is not None and hearing.kind == "choices" else None


def _question_ahead(run: "FlowRun", node: Node) -> Asking | None:
    seen: set[int] = set()
    follows: Node | None = node
    while follows is not None and id(follows) not in seen:
        if isinstance(follows, Asking):
            return follows
        seen.add(id(follows))
        follows = run.flow.nodes.get(_edge(run, follows))
    return None


def _edge(run: "FlowRun", node: Node) -> str:
    """'' where the caller has to hear, or decides, or the call leaves the flow."""
    match node:
        case Saying(barge_in=True) | Set():
            return node.next
        case Hours():
            return hours_edge(run, node)[0]
        case CallerList() if not run.facts.blocked:
            return caller_edge(run, node)[0]
    return ""


def hours_edge(run: "FlowRun", node: Hours) -> tuple[str, str]:
    """Where the hours lead at this moment, and why."""
    facts = run.facts
    assert run.utc is not None
    state = state_at(node, run.utc, facts.timezone, facts.country, facts.region)
    edge = node.on_open if state == "open" else node.on_closed
    if state == "holiday" and node.on_holiday:
        edge = node.on_holiday
    return edge, state


def caller_edge(run: "FlowRun", node: CallerList) -> tuple[str, str]:
    """Where a caller who is not blocked goes, and why."""
    facts = run.facts
    if facts.vip:
        return node.on_vip or node.next, "vip"
    if facts.known:
        return node.on_known or node.next, "known"
    if facts.anonymous or not facts.caller:
        return node.on_anonymous or node.next, "anonymous"
    return node.next, "not in the list"
