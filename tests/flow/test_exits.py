"""Nodes that hand the call on, and what follows when it comes back."""

import pytest

from appliance.flow.effects import HangUp, ToAgent, ToNumber, ToQueue, ToVoicemail
from appliance.model.events import FlowEntered
from tests.flow.caller import Caller
from tests.flow.texts import ends, flow, node


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        ("exit_key", "exit"),
        ("overflow", "over"),
        ("unstaffed", "over"),
        ("full", "full"),
        ("unreachable", "over"),
        ("done", "after"),
    ],
)
def test_a_queue_comes_back_along_its_edges(why: str, expected: str) -> None:
    edges = {"on_exit_key": "exit", "on_overflow": "over", "on_full": "full", "next": "after"}
    caller = Caller(
        flow(
            node("a", "queue", queue="sales", **edges),
            ends("exit", "over", "full", "after"),
        )
    )
    assert caller.run.state == "away"
    caller.come_back(why)
    assert caller.nodes == ["a", expected]
    assert len(caller.of(FlowEntered)) == 2


def test_a_queue_without_edges_ends_served_when_done_and_falls_back_else() -> None:
    text = flow(node("a", "queue", queue="sales"))
    caller = Caller(text)
    caller.come_back("done")
    assert caller.exit == HangUp(cause="", code=603, served=True)
    caller = Caller(text)
    caller.come_back("overflow")
    assert caller.exit == ToQueue(queue="support", priority=0, skills={}, language="en")


def test_a_fallback_that_fails_itself_says_so_and_ends() -> None:
    caller = Caller(flow(start="support"))
    caller.come_back("overflow")
    assert caller.heard == ["phrase:cf-sorry"]
    caller.listen_out()
    assert caller.exit.served is False and "overflow" in caller.exit.cause


def test_agent_rings_and_comes_back() -> None:
    edges = {"on_no_answer": "support", "on_unreachable": "bye"}
    caller = Caller(flow(node("a", "agent", agent="agent1", ring_s=12, **edges), ends("bye")))
    assert caller.exit == ToAgent(agent="agent1", ring_s=12)
    caller.come_back("busy")
    assert caller.nodes[-1] == "support", "busy is as no_answer where it has no way of its own"


def test_voicemail_has_a_greeting_and_ends_the_call() -> None:
    own = [{"de": "Bitte sprechen", "en": "Please speak"}]
    caller = Caller(flow(node("a", "voicemail", mailbox="night", prompt=own)))
    assert isinstance(caller.exit, ToVoicemail)
    assert [p.value for p in caller.exit.greeting] == ["Please speak"]
    caller.come_back("done")
    assert isinstance(caller.exit, HangUp) and caller.exit.served
    built_in = Caller(flow(node("a", "voicemail", mailbox="night")))
    assert [p.value for p in built_in.exit.greeting] == ["vm-intro"]


def test_forward_calls_a_number() -> None:
    caller = Caller(
        flow(node("a", "forward", number="+4930555", trunk="line", on_no_answer="support"))
    )
    assert caller.exit == ToNumber(number="+4930555", trunk="line", ring_s=30)
    caller.come_back("unreachable")
    assert caller.nodes[-1] == "support"
