"""What a call does on entering each type of node, and which edge it takes on coming back."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from appliance.flow.ahead import caller_edge, hearing_ahead, hours_edge
from appliance.flow.choosing import Choosing, Deciding
from appliance.flow.collecting import Collecting
from appliance.flow.dialogue import Telling
from appliance.flow.effects import Prompt, ToAgent, ToNumber, ToQueue, ToVoicemail
from appliance.flow.naming import Naming
from appliance.flow.node import Node
from appliance.flow.nodes import (
    Agent,
    CallerList,
    Forward,
    Goto,
    Greeting,
    HangUp,
    Hours,
    Language,
    Play,
    Queue,
    Saying,
    Set,
    Voicemail,
)
from appliance.flow.parts import fill
from appliance.flow.questions import Collect, Directory, Menu, YesNo
from appliance.model.events import CallTagged

if TYPE_CHECKING:
    from appliance.flow.interpreter import FlowRun


def edge_for(node: Node, why: str) -> str:
    """The edge that a `Returned.why` takes; '' if the node has none for it."""
    for field in _EDGES.get(why, ()):
        edge: str = getattr(node, field, "")
        if edge:
            return edge
    return ""


def _play(run: "FlowRun", node: Play) -> None:
    _say(run, node)


def _say(run: "FlowRun", node: Saying) -> None:
    run.talk(Telling.of(run.scene(), node, hearing_ahead(run, node)))


def _greeting(run: "FlowRun", node: Greeting) -> None:
    if run.first_greeting():
        _say(run, node)
    else:
        run.go(node.next, "greeted before")


def _menu(run: "FlowRun", node: Menu) -> None:
    run.talk(Choosing(run.scene(), node))


def _collect(run: "FlowRun", node: Collect) -> None:
    run.talk(Collecting(run.scene(), node))


def _yes_no(run: "FlowRun", node: YesNo) -> None:
    run.talk(Deciding(run.scene(), node))


def _directory(run: "FlowRun", node: Directory) -> None:
    run.talk(Naming(run.scene(), node))


def _hours(run: "FlowRun", node: Hours) -> None:
    run.go(*hours_edge(run, node))


def _language(run: "FlowRun", node: Language) -> None:
    run.language = node.language
    run.stage.emit(CallTagged(call=run.facts.call, language=node.language))
    run.go(node.next, f"language {node.language}")


def _set(run: "FlowRun", node: Set) -> None:
    known = run.known()
    data = {key: fill(value, known) for key, value in node.data.items()}
    if node.priority is not None:
        run.priority = node.priority
    run.skills.update(node.skills)
    run.set_data(data)
    skills = dict(run.skills) if node.skills else None
    run.stage.emit(
        CallTagged(call=run.facts.call, priority=node.priority, skills=skills, data=data or None)
    )
    run.go(node.next, "set")


def _caller_list(run: "FlowRun", node: CallerList) -> None:
    facts = run.facts
    if facts.blocked and not node.on_blocked:
        run.refuse_blocked()
    elif facts.blocked:
        run.excused = True
        run.go(node.on_blocked, "blocked")
    else:
        run.go(*caller_edge(run, node))


def _queue(run: "FlowRun", node: Queue) -> None:
    effect = ToQueue(
        queue=node.queue,
        priority=run.priority if node.priority is None else node.priority,
        skills={**run.skills, **node.skills},
        language=run.language,
        agent=run.agent,
    )
    run.leave_to(effect, "queue", node.queue)


def _agent(run: "FlowRun", node: Agent) -> None:
    run.leave_to(ToAgent(agent=node.agent, ring_s=node.ring_s), "agent", node.agent)


def _voicemail(run: "FlowRun", node: Voicemail) -> None:
    built_in = (Prompt(kind="phrase", value="vm-intro", language=run.language),)
    greeting = run.say(node.prompt) or built_in
    run.leave_to(ToVoicemail(mailbox=node.mailbox, greeting=greeting), "voicemail", node.mailbox)


def _forward(run: "FlowRun", node: Forward) -> None:
    effect = ToNumber(number=node.number, trunk=node.trunk, ring_s=node.ring_s)
    run.leave_to(effect, "number", node.number)


def _hang_up(run: "FlowRun", node: HangUp) -> None:
    if node.prompt is None:
        run.end(node.cause, code=node.code, served=run.answered)
    else:
        run.last_words(Telling.last_words(run.scene(), node), "hang_up")


def _goto(run: "FlowRun", node: Goto) -> None:
    other = run.flows.get(node.flow)
    if other is None:
        run.fall_back(f"there is no flow {node.flow!r}")
    else:
        run.enter_flow(other, node.node)


ACTS: dict[type[Node], Callable[["FlowRun", Any], None]] = {
    Play: _play,
    Greeting: _greeting,
    Menu: _menu,
    Collect: _collect,
    YesNo: _yes_no,
    Directory: _directory,
    Hours: _hours,
    Language: _language,
    Set: _set,
    CallerList: _caller_list,
    Queue: _queue,
    Agent: _agent,
    Voicemail: _voicemail,
    Forward: _forward,
    HangUp: _hang_up,
    Goto: _goto,
}

_EDGES: dict[str, tuple[str, ...]] = {
    "done": ("next",),
    "exit_key": ("on_exit_key",),
    "overflow": ("on_overflow",),
    "unstaffed": ("on_unstaffed", "on_overflow"),
    "full": ("on_full", "on_overflow"),
    "no_answer": ("on_no_answer", "on_overflow", "on_failed"),
    "busy": ("on_busy", "on_no_answer", "on_overflow", "on_failed"),
    "unreachable": ("on_unreachable", "on_no_answer", "on_overflow", "on_failed"),
}
