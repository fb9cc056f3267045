"""A call walks line, flow, queue, agent, history, step by step, in memory."""

import pytest

from appliance.calls.effects import Links
from appliance.calls.setup import Setup
from appliance.model import commands as c
from appliance.model import events as ev
from appliance.model import legs
from appliance.model.ids import LegId, TrunkId
from tests.calls.world import SITE, World


@pytest.fixture
def world() -> World:
    return World()


def talk(world: World, agent: str = "a1") -> tuple[str, str]:
    """A caller who talks with an agent; returns caller's and agent's leg."""
    caller = world.arrive()
    world.tell(legs.Digit(leg=caller, key="1"))
    seat = world.seat_leg(agent)
    world.ring(seat)
    world.pick_up(seat)
    return caller, seat


def all_links(world: World) -> Links:
    return frozenset().union(*world.links.values()) if world.links else frozenset()


def test_caller_hears_menu_then_music_then_agent(world: World) -> None:
    caller = world.arrive()
    assert world.heard_by(caller) == {"prompt"}
    for agent in ("a1", "a2"):
        world.command(c.AgentPause(agent=agent, reason="lunch"))
    world.tell(legs.Digit(leg=caller, key="1"))
    assert world.heard_by(caller) == {"music:music"}
    world.command(c.AgentReady(agent="a2"))
    seat = world.seat_leg("a2")
    world.ring(seat)
    assert world.state("a2") == "ringing"
    world.pick_up(seat)
    assert world.heard_by(caller) == {f"leg:{seat}"}
    assert world.heard_by(seat) == {f"leg:{caller}"}


def test_recording_has_caller_left_and_agent_right(world: World) -> None:
    caller, seat = talk(world)
    started = world.of(ev.RecordingStarted)[0]
    assert (f"leg:{caller}", f"left:{started.recording}") in all_links(world)
    assert (f"leg:{seat}", f"right:{started.recording}") in all_links(world)


def test_talk_times_leave_out_hold(world: World) -> None:
    caller, _ = talk(world)
    world.pass_time(30)
    assert world.command(c.CallHold(agent="a1")).ok
    assert world.heard_by(caller) == {"music:music"}
    world.pass_time(12)
    assert world.command(c.CallResume(agent="a1")).ok
    world.pass_time(8)
    world.hang_up(caller)
    ended = world.of(ev.TalkEnded)[0]
    assert (ended.talk_s, ended.hold_s) == (38.0, 12.0)
    assert world.of(ev.CallEnded)[0].outcome == "answered"


def test_agent_hangs_up_and_goes_to_wrap_up_then_ready(world: World) -> None:
    caller, seat = talk(world)
    world.hang_up(seat)
    assert caller not in world.up
    assert world.of(ev.CallEnded)[0].hung_up_by == "agent"
    assert world.state("a1") == "wrap_up"
    world.pass_time(6)
    assert world.state("a1") == "ready"


@pytest.mark.parametrize(
    ("code", "result"),
    [(486, "busy"), (603, "refused"), (404, "unreachable"), (480, "no_answer")],
)
def test_refused_offer_goes_to_the_next_agent(world: World, code: int, result: str) -> None:
    caller = world.arrive()
    world.tell(legs.Digit(leg=caller, key="1"))
    first = next(iter(world.dialled))
    world.refuse(first, code)
    assert world.of(ev.OfferEnded)[0].result == result
    second = next(iter(world.dialled))
    assert world.of(ev.OfferMade)[1].agent != world.of(ev.OfferMade)[0].agent
    world.pick_up(second)
    assert world.of(ev.TalkStarted)


def test_seat_without_any_sip_answer_is_unreachable_after_four_seconds(world: World) -> None:
    caller = world.arrive()
    world.tell(legs.Digit(leg=caller, key="1"))
    world.pass_time(4.1)
    assert world.of(ev.OfferEnded)[0].result == "unreachable"
    assert len(world.of(ev.OfferMade)) == 2


def test_no_answer_within_ring_time(world: World) -> None:
    caller = world.arrive()
    world.tell(legs.Digit(leg=caller, key="1"))
    world.ring(next(iter(world.dialled)))
    world.pass_time(10.1)
    assert world.of(ev.OfferEnded)[0].result == "no_answer"


def test_caller_abandons_while_the_agent_rings(world: World) -> None:
    caller = world.arrive()
    world.tell(legs.Digit(leg=caller, key="1"))
    seat = world.seat_leg("a1")
    world.ring(seat)
    world.hang_up(caller)
    assert seat not in world.dialled
    assert world.of(ev.CallEnded)[0].outcome == "abandoned"
    assert world.state("a1") == "ready"
    assert not world.of(ev.TalkStarted)
    # What a crash cuts off behind the end of a call would never be closed again.
    assert isinstance([e for e in world.events if isinstance(e, ev.CallEvent)][-1], ev.CallEnded)


def test_agent_answers_in_the_moment_the_caller_hangs_up(world: World) -> None:
    caller = world.arrive()
    world.tell(legs.Digit(leg=caller, key="1"))
    seat = world.seat_leg("a1")
    world.ring(seat)
    world.up.discard(caller)
    turn = world.box.handle(legs.Ended(leg=caller, code=200), world.now)
    world.pick_up(seat)
    world.take(turn)
    assert seat not in world.up
    assert world.state("a1") == "ready"


def test_caller_who_hangs_up_in_the_menu_is_no_queue_abandon(world: World) -> None:
    world.hang_up(world.arrive())
    assert world.of(ev.CallEnded)[0].outcome == "abandoned_flow"
    assert not world.of(ev.QueueEntered)


def test_ring_all_whispers_to_the_first_and_stops_the_rest(world: World) -> None:
    caller = world.arrive()
    world.tell(legs.Digit(leg=caller, key="2"))
    assert len(world.dialled) == 3
    seat = world.seat_leg("a3")
    for leg in list(world.dialled):
        world.ring(leg)
    world.pick_up(seat)
    assert not world.dialled
    assert world.heard_by(seat) == {"prompt"}
    assert world.heard_by(caller) == {"music:music"}
    world.play_out()
    assert world.heard_by(seat) == {f"leg:{caller}"}
    assert [event.agent for event in world.of(ev.TalkStarted)] == ["a3"]
    assert world.state("a1") == world.state("a2") == "ready"


def test_exit_key_leads_to_voicemail_and_a_message_counts(world: World) -> None:
    for agent in ("a1", "a2"):
        world.command(c.AgentPause(agent=agent))
    caller = world.arrive()
    world.tell(legs.Digit(leg=caller, key="1"))
    world.tell(legs.Digit(leg=caller, key="9"))
    assert world.of(ev.QueueLeft)[0].reason == "exit_key"
    world.play_out()
    world.pass_time(7)
    world.hang_up(caller)
    assert world.of(ev.VoicemailLeft)[0].duration_s == pytest.approx(7)
    assert world.of(ev.CallEnded)[0].outcome == "voicemail"


def test_overflow_by_wait_returns_to_the_flow(world: World) -> None:
    for agent in ("a1", "a2"):
        world.command(c.AgentPause(agent=agent))
    caller = world.arrive()
    world.tell(legs.Digit(leg=caller, key="1"))
    world.pass_time(121)
    assert world.of(ev.QueueLeft)[0].reason == "overflow_wait"
    assert world.heard_by(caller) == {"prompt"}


def test_direct_agent_and_its_fallback(world: World) -> None:
    caller = world.arrive("+49302000")
    seat = world.seat_leg("a1")
    world.refuse(seat, 486)
    assert world.of(ev.FlowLeft)[-1].to == "voicemail"
    world.hang_up(caller)
    assert len(world.of(ev.CallEnded)) == 1


def test_forward_to_an_outside_number(world: World) -> None:
    caller = world.arrive("+49304000")
    leg, dial = next(iter(world.dialled.items()))
    assert dial.trunk == "line"
    assert dial.target == "+498001234"
    world.pick_up(leg)
    assert world.heard_by(caller) == {f"leg:{leg}"}
    world.pass_time(20)
    world.hang_up(caller)
    assert world.of(ev.PartyLeft)[0].talk_s == pytest.approx(20)
    assert world.of(ev.CallEnded)[0].outcome == "forwarded"


def test_stranger_is_refused_and_leaves_no_call(world: World) -> None:
    leg = world.arrive(source="198.51.100.7")
    assert leg not in world.waiting
    assert not world.of(ev.CallArrived)


def test_channel_limit_is_busy_with_reason(world: World) -> None:
    for _ in range(20):
        world.arrive()
    world.arrive()
    refused = world.of(ev.CallEnded)
    assert len(refused) == 1
    assert (refused[0].outcome, refused[0].sip_code) == ("refused", 486)


def test_full_disk_lets_the_call_go_on_and_says_so(world: World) -> None:
    world.room = "disk almost full"
    caller, seat = talk(world)
    assert world.of(ev.RecordingFailed)[0].cause == "disk almost full"
    assert world.heard_by(seat) == {f"leg:{caller}"}


def test_late_leg_events_of_an_ended_call_do_nothing(world: World) -> None:
    caller, seat = talk(world)
    world.hang_up(caller)
    before = len(world.events)
    world.tell(legs.Digit(leg=caller, key="1"))
    world.tell(legs.Ended(leg=seat, code=200))
    world.tell(legs.PeerHeld(leg=seat, held=True))
    assert len(world.events) == before


def test_registered_line_takes_the_number_from_to(world: World) -> None:
    site = world.site.model_copy(
        update={
            "trunk": [world.site.trunk[0].model_copy(update={"username": "u1", "kind": "register"})]
        }
    )
    world.box.reconfigure(
        Setup(site, "v2", {TrunkId("line"): ("192.0.2.1",)}), world.box.desk.flows, world.now
    )
    world.tell(
        legs.Invited(
            leg=LegId("in"),
            source="192.0.2.1",
            source_port=5060,
            user="u1",
            to_user="+49303000",
            from_uri="sip:+4930555@192.0.2.1",
        )
    )
    assert world.of(ev.CallArrived)[0].called == "+49303000"
    assert world.of(ev.FlowEntered)[0].flow == "mail"


def test_dialled_numbers_use_channels_of_the_line() -> None:
    world = World(SITE.replace("channels = 20", "channels = 3"))
    first = world.arrive("+49304000", "+4930701")
    assert len(world.dialled) == 1
    world.arrive("+49304000", "+4930702")
    assert len(world.dialled) == 1, "two calls in, one out: no channel is left"
    refused = world.arrive("+49301000", "+4930703")
    assert world.of(ev.CallEnded)[-1].sip_code == 486
    assert refused not in world.up
    world.hang_up(first)
    world.arrive("+49304000", "+4930704")
    assert len(world.dialled) == 1


def test_a_message_ends_when_the_caller_says_nothing_any_more(world: World) -> None:
    caller = world.arrive("+49303000")
    world.play_out()
    world.pass_time(5)
    world.tell(legs.Quiet(leg=caller))
    assert world.of(ev.VoicemailLeft)[0].duration_s == pytest.approx(5)
    assert world.of(ev.CallEnded)[0].outcome == "voicemail"


def test_quiet_during_the_greeting_means_nothing(world: World) -> None:
    caller = world.arrive("+49303000")
    world.tell(legs.Quiet(leg=caller))
    assert caller in world.up


def test_the_log_says_who_or_what_ended_a_recording(world: World) -> None:
    caller, _ = talk(world)
    (call,) = world.box.desk.calls
    world.command(c.RecordingControl(call=call, action="stop", by="agent a1"))
    world.command(c.RecordingControl(call=call, action="start", by="agent a1"))
    world.hang_up(caller)
    caller = world.arrive("+49303000")
    world.play_out()
    world.pass_time(20)
    world.tell(legs.Digit(leg=caller, key="#"))
    assert [e.cause for e in world.of(ev.RecordingStopped)] == [
        "asked for by agent a1",
        "call ended",
        "key #",
    ]
