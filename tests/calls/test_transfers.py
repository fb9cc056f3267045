"""Transfers, consult, conference: each keeps one interaction with its parts."""

import pytest

from appliance.model import commands as c
from appliance.model import events as ev
from appliance.model import legs
from tests.calls.test_walk import all_links, talk
from tests.calls.world import World


@pytest.fixture
def world() -> World:
    return World()


def blind(kind: str, target: str) -> c.CallTransfer:
    return c.CallTransfer(agent="a1", target_kind=kind, target=target)


def consult(kind: str, target: str) -> c.CallConsult:
    return c.CallConsult(agent="a1", target_kind=kind, target=target)


def test_blind_to_agent_frees_the_first_and_keeps_one_call(world: World) -> None:
    caller, seat = talk(world)
    world.pass_time(10)
    assert world.command(blind("agent", "a2")).ok
    assert seat not in world.up
    assert world.state("a1") == "wrap_up"
    assert world.heard_by(caller) == {"music:music"}
    target = world.seat_leg("a2")
    world.ring(target)
    world.pick_up(target)
    world.pass_time(20)
    world.hang_up(caller)
    assert [(e.agent, e.talk_s) for e in world.of(ev.TalkEnded)] == [("a1", 10.0), ("a2", 20.0)]
    assert world.of(ev.TransferEnded)[0].result == "completed"
    assert len(world.of(ev.CallArrived)) == len(world.of(ev.CallEnded)) == 1
    assert len(world.of(ev.RecordingStarted)) == len(world.of(ev.RecordingStopped)) == 1


def test_blind_to_agent_is_the_queues_work_for_the_second_too(world: World) -> None:
    caller, _ = talk(world)
    world.pass_time(10)
    assert world.command(blind("agent", "a2")).ok
    target = world.seat_leg("a2")
    world.pick_up(target)
    assert world.heard_by(target) == {f"leg:{caller}"}
    world.pass_time(20)
    world.hang_up(caller)
    assert [(e.agent, e.queue) for e in world.of(ev.TalkStarted)] == [
        ("a1", "support"),
        ("a2", "support"),
    ]
    assert [(e.agent, e.queue) for e in world.of(ev.TalkEnded)] == [
        ("a1", "support"),
        ("a2", "support"),
    ]
    wraps = [e for e in world.of(ev.AgentChanged) if e.state == "wrap_up"]
    assert [(e.agent, e.queue, e.limit_s) for e in wraps] == [
        ("a1", "support", 5.0),
        ("a2", "support", 5.0),
    ]
    world.pass_time(5)
    assert world.state("a2") == "ready"
    # It was rung by name: the queue has had one caller and made one offer.
    assert [e.queue for e in world.of(ev.OfferMade)] == ["support", None]
    assert len(world.of(ev.QueueEntered)) == 1


def test_blind_to_agent_whispers_nothing(world: World) -> None:
    """The queue's whisper is for him who is rung from the queue."""
    caller = world.arrive()
    world.tell(legs.Digit(leg=caller, key="2"))
    seat = world.seat_leg("a1")
    world.pick_up(seat)
    assert world.heard_by(seat) == {"prompt"}
    world.play_out()
    assert world.command(blind("agent", "a2")).ok
    target = world.seat_leg("a2")
    world.pick_up(target)
    assert world.heard_by(target) == {f"leg:{caller}"}
    assert world.of(ev.TalkStarted)[-1].queue == "all"


def test_blind_to_busy_agent_is_refused_and_the_call_goes_on(world: World) -> None:
    caller, seat = talk(world)
    world.command(c.AgentPause(agent="a2"))
    reply = world.command(blind("agent", "a2"))
    assert not reply.ok
    assert "paused" in reply.error
    assert world.heard_by(caller) == {f"leg:{seat}"}


def test_blind_that_is_not_answered_returns_to_the_queue(world: World) -> None:
    caller, _ = talk(world)
    world.command(blind("agent", "a2"))
    target = world.seat_leg("a2")
    world.refuse(target, 486)
    assert world.of(ev.TransferEnded)[0].result == "failed"
    assert world.of(ev.QueueEntered)[-1].queue == "support"
    assert caller in world.up


@pytest.mark.parametrize(
    ("kind", "target", "left"),
    [("queue", "all", "queue"), ("mailbox", "box", "mailbox")],
)
def test_blind_to_queue_and_mailbox(world: World, kind: str, target: str, left: str) -> None:
    caller, _ = talk(world)
    assert world.command(blind(kind, target)).ok
    assert world.of(ev.TransferEnded)[0].result == "completed"
    assert caller in world.up


def test_blind_to_number(world: World) -> None:
    caller, _ = talk(world)
    assert world.command(blind("number", "+4989123")).ok
    leg = next(leg for leg, dial in world.dialled.items() if dial.trunk)
    world.pick_up(leg)
    assert world.heard_by(caller) == {f"leg:{leg}"}
    world.hang_up(leg)
    assert world.of(ev.CallEnded)[0].outcome == "answered"


def test_attended_transfer_with_every_ones_own_times(world: World) -> None:
    caller, seat = talk(world)
    world.pass_time(10)
    assert world.command(consult("agent", "a2")).ok
    assert world.heard_by(caller) == {"music:music"}
    other = world.seat_leg("a2")
    world.pick_up(other)
    assert world.heard_by(seat) == {f"leg:{other}"}
    tape = world.of(ev.RecordingStarted)[0].recording
    assert (f"leg:{other}", f"right:{tape}") in all_links(world)
    world.pass_time(5)
    assert world.command(c.ConsultComplete(agent="a1")).ok
    assert seat not in world.up
    assert world.heard_by(caller) == {f"leg:{other}"}
    world.pass_time(30)
    world.hang_up(other)
    ended = [(e.agent, e.role, e.talk_s, e.hold_s) for e in world.of(ev.TalkEnded)]
    assert ended == [
        ("a1", "primary", 10.0, 5.0),
        ("a2", "consult", 5.0, 0.0),
        ("a2", "primary", 30.0, 0.0),
    ]
    assert world.of(ev.TransferEnded)[0].result == "completed"


def test_consult_cancelled_returns_to_the_caller(world: World) -> None:
    caller, seat = talk(world)
    world.command(consult("agent", "a2"))
    other = world.seat_leg("a2")
    world.pick_up(other)
    assert world.command(c.ConsultCancel(agent="a1")).ok
    assert other not in world.up
    assert world.heard_by(caller) == {f"leg:{seat}"}
    assert world.of(ev.TransferEnded)[0].result == "cancelled"


def test_consult_cancelled_while_ringing_stops_the_ringing(world: World) -> None:
    caller, seat = talk(world)
    world.command(consult("agent", "a2"))
    other = world.seat_leg("a2")
    world.ring(other)
    assert world.command(c.ConsultCancel(agent="a1")).ok
    assert other not in world.dialled
    assert world.state("a2") == "ready"
    assert world.heard_by(caller) == {f"leg:{seat}"}


def test_consulted_agent_busy_gives_the_caller_back(world: World) -> None:
    caller, seat = talk(world)
    world.command(consult("agent", "a2"))
    world.refuse(world.seat_leg("a2"), 486)
    assert world.heard_by(caller) == {f"leg:{seat}"}
    assert world.of(ev.TransferEnded)[0].result == "failed"


def test_agent_hangs_up_while_consulting_completes_the_transfer(world: World) -> None:
    caller, seat = talk(world)
    world.command(consult("agent", "a2"))
    other = world.seat_leg("a2")
    world.pick_up(other)
    world.hang_up(seat)
    assert world.heard_by(caller) == {f"leg:{other}"}


def test_conference_joins_all_three_and_survives_the_agent(world: World) -> None:
    caller, seat = talk(world)
    world.command(consult("number", "+4989123"))
    outside = next(leg for leg, dial in world.dialled.items() if dial.trunk)
    world.pick_up(outside)
    assert world.command(c.ConsultConference(agent="a1")).ok
    assert world.heard_by(caller) == {f"leg:{seat}", f"leg:{outside}"}
    assert world.heard_by(outside) == {f"leg:{seat}", f"leg:{caller}"}
    world.hang_up(seat)
    assert world.heard_by(caller) == {f"leg:{outside}"}
    assert len(world.of(ev.ConferenceEnded)) == 1
    world.hang_up(outside)
    assert len(world.of(ev.CallEnded)) == 1


def test_caller_leaves_during_consult_ends_everything(world: World) -> None:
    caller, seat = talk(world)
    world.command(consult("agent", "a2"))
    other = world.seat_leg("a2")
    world.pick_up(other)
    world.hang_up(caller)
    assert not world.up
    assert seat not in world.up
    assert world.state("a2") != "talking"


def test_phone_transfer_by_refer(world: World) -> None:
    caller, seat = talk(world)
    world.tell(legs.Referred(leg=seat, target="sip:a2@192.0.2.9"))
    assert not world.refers, "202 was the answer; the outcome is told when it is known"
    world.pick_up(world.seat_leg("a2"))
    assert (world.refers[-1].code, world.refers[-1].final) == (200, True)
    assert world.of(ev.TalkStarted)[-1].agent == "a2"
    assert caller in world.up


def test_phone_transfer_to_nowhere_is_refused(world: World) -> None:
    _, seat = talk(world)
    world.command(c.AgentPause(agent="a2"))
    world.tell(legs.Referred(leg=seat, target="sip:a2@192.0.2.9"))
    assert world.refers[-1].code == 603
    assert world.state("a1") == "talking"


def phone_consult(world: World) -> tuple[str, str, str, str]:
    """The agent holds on the phone and calls a2 from it; caller, seat, second, target legs."""
    caller, seat = talk(world)
    world.tell(legs.PeerHeld(leg=seat, held=True))
    second = world.call_from_seat("a1", "a2")
    target = world.seat_leg("a2")
    world.ring(target)
    world.pick_up(target)
    return caller, seat, second, target


def test_phone_consults_on_a_second_leg_and_completes_with_replaces(world: World) -> None:
    caller, seat, second, target = phone_consult(world)
    assert world.heard_by(caller) == {"music:music"}
    assert world.heard_by(second) == {f"leg:{target}"}
    assert world.heard_by(target) == {f"leg:{second}"}
    tape = world.of(ev.RecordingStarted)[0].recording
    assert (f"leg:{second}", f"right:{tape}") in all_links(world)
    world.tell(legs.Referred(leg=seat, target="sip:a2@box", replaces=second))
    assert world.heard_by(caller) == {f"leg:{target}"}
    assert not {seat, second} & world.up
    assert world.of(ev.TransferEnded)[-1].result == "completed"


def test_phone_hangs_up_the_second_leg_and_takes_the_caller_back(world: World) -> None:
    caller, seat, second, target = phone_consult(world)
    world.hang_up(second)
    assert target not in world.up
    assert world.heard_by(caller) == {"music:music"}
    world.tell(legs.PeerHeld(leg=seat, held=False))
    assert world.heard_by(caller) == {f"leg:{seat}"}


@pytest.mark.parametrize("who", ["caller", "target"])
def test_only_who_consults_can_complete_with_replaces(world: World, who: str) -> None:
    caller, seat, second, target = phone_consult(world)
    leg = caller if who == "caller" else target
    world.tell(legs.Referred(leg=leg, target="sip:a2@box", replaces=second))
    assert [(told.leg, told.code) for told in world.refers] == [(leg, 603)]
    assert {caller, seat, second, target} <= world.up | world.waiting
    assert world.heard_by(second) == {f"leg:{target}"}
    assert not world.of(ev.TransferEnded)


def test_a_consulted_agent_who_hangs_up_on_his_page_ends_his_own_part(world: World) -> None:
    caller, seat = talk(world)
    world.command(consult("agent", "a2"))
    second = world.seat_leg("a2")
    world.pick_up(second)
    (call,) = world.box.desk.calls
    assert world.command(c.CallHangup(call=call, by="agent a2")).ok
    assert second not in world.up
    assert not world.of(ev.CallEnded)
    assert world.heard_by(caller) == {f"leg:{seat}"}
    assert [e.result for e in world.of(ev.TransferEnded)] == ["failed"]
    assert world.command(c.CallHangup(call=call, by="agent a1")).ok
    assert caller not in world.up


def test_phone_joins_all_three_with_its_own_conference_key(world: World) -> None:
    caller, seat, second, target = phone_consult(world)
    world.tell(legs.PeerHeld(leg=seat, held=False))
    assert world.heard_by(caller) == {f"leg:{seat}"}
    assert world.heard_by(target) == {f"leg:{second}"}


def test_phone_without_a_call_cannot_call_through_the_box(world: World) -> None:
    leg = world.call_from_seat("a1", "+49891")
    assert leg not in world.waiting
    assert not world.of(ev.CallArrived)


def test_consulted_agent_refuses_the_phones_call(world: World) -> None:
    caller, seat = talk(world)
    world.tell(legs.PeerHeld(leg=seat, held=True))
    second = world.call_from_seat("a1", "a2")
    world.refuse(world.seat_leg("a2"), 486)
    assert second not in world.waiting | world.up
    assert world.heard_by(caller) == {"music:music"}


def test_consulted_agent_cannot_put_the_consulting_one_out(world: World) -> None:
    talk(world)
    world.command(consult("agent", "a2"))
    second = world.seat_leg("a2")
    world.ring(second)
    world.pick_up(second)
    for act in (c.ConsultComplete, c.ConsultCancel, c.ConsultConference):
        assert "the other agent" in world.command(act(agent="a2")).error
    assert world.state("a1") == "talking"
    assert world.command(c.ConsultConference(agent="a1")).ok


def test_a_conference_goes_on_when_one_phone_holds(world: World) -> None:
    caller, seat = talk(world)
    world.command(consult("number", "030777"))
    (number,) = world.dialled
    world.pick_up(number)
    world.command(c.ConsultConference(agent="a1"))
    world.tell(legs.PeerHeld(leg=seat, held=True))
    assert f"leg:{number}" in world.heard_by(caller)
    assert f"leg:{caller}" in world.heard_by(number)
    assert not world.of(ev.HoldStarted)[1:]


def test_a_transfer_to_no_number_is_refused(world: World) -> None:
    caller, seat = talk(world)
    assert not world.command(blind("number", " ")).ok
    world.tell(legs.Referred(leg=seat, target="sip:"))
    assert world.refers[-1].code == 603
    assert world.heard_by(caller) == {f"leg:{seat}"}


def test_transfer_to_a_premium_number_is_refused_by_key_and_by_phone(world: World) -> None:
    caller, seat = talk(world)
    reply = world.command(blind("number", "+499001234567"))
    assert not reply.ok
    assert "premium" in reply.error
    world.tell(legs.Referred(leg=seat, target="sip:09001234567@box"))
    assert world.refers[-1].code == 603
    assert world.heard_by(caller) == {f"leg:{seat}"}


def test_phone_is_told_when_its_transfer_fails(world: World) -> None:
    _, seat = talk(world)
    world.tell(legs.Referred(leg=seat, target="sip:a2@192.0.2.9"))
    world.refuse(world.seat_leg("a2"), 486)
    assert (world.refers[-1].code, world.refers[-1].final) == (503, True)


def test_who_takes_over_after_a_consultation_has_the_queues_wrap_up(world: World) -> None:
    caller, _ = talk(world)
    world.command(consult("agent", "a2"))
    other = world.seat_leg("a2")
    world.pick_up(other)
    world.command(c.ConsultComplete(agent="a1"))
    world.hang_up(other)
    assert world.state("a2") == "wrap_up"
    assert world.of(ev.TalkEnded)[-1].queue == "support"
    assert caller not in world.up


def test_who_was_only_consulted_has_no_wrap_up(world: World) -> None:
    talk(world)
    world.command(consult("agent", "a2"))
    world.pick_up(world.seat_leg("a2"))
    world.command(c.ConsultCancel(agent="a1"))
    assert world.state("a2") == "ready"


def test_who_picks_up_after_the_transfer_is_complete_works_for_the_queue(world: World) -> None:
    talk(world)
    world.command(consult("agent", "a2"))
    second = world.seat_leg("a2")
    world.ring(second)
    world.command(c.ConsultComplete(agent="a1"))
    world.pick_up(second)
    assert [(e.agent, e.queue) for e in world.of(ev.TalkStarted)][-1] == ("a2", "support")
    world.pass_time(10)
    world.hang_up(second)
    assert world.of(ev.TalkEnded)[-1].queue == "support"
    assert world.state("a2") == "wrap_up"
