"""A party leaves: its own talk and hold times are written and its agent is set free."""

from appliance.calls.desk import Desk
from appliance.calls.effects import HangUpLeg
from appliance.calls.state import Call, Party
from appliance.model.events import ConferenceEnded, HoldEnded, PartyLeft, TalkEnded


def end_hold(desk: Desk, call: Call, party: Party) -> None:
    """Close this party's own hold, if it has one."""
    if party.held_since is not None:
        held = party.end_hold(desk.now)
        if party.agent:
            desk.log(HoldEnded(call=call.id, agent=party.agent, hold_s=round(held, 3)))


def leave(desk: Desk, call: Call, party: Party, cause: str, *, hang_up: bool = False) -> None:
    """The party is out: its times are written and its agent goes to wrap-up."""
    forget(desk, call, party)
    if hang_up:
        desk.do(HangUpLeg(leg=party.leg, cause=cause))
    was_joined = party.joined
    talked = party.talked(desk.now) if party.held_since is None else 0.0
    if was_joined:
        talked = log_end(desk, call, party, cause)
    if party.agent:
        desk.floor_did(desk.floor.talk_ended(call.id, party.agent, desk.now, talk_s=talked))
    if call.conference and len(call.parties) < 2:
        call.conference = False
        desk.log(ConferenceEnded(call=call.id, cause=cause))
    desk.touch(call)


def forget(desk: Desk, call: Call, party: Party) -> None:
    """Out of the tables; a whisper that still plays to it stops, and so does its silence."""
    call.parties.pop(party.leg, None)
    desk.legs.pop(party.leg, None)
    desk.timers.cancel(call.id, f"silent:{party.leg}")
    for play, purpose in list(desk.plays.items()):
        if purpose.why == "whisper" and purpose.key == party.leg:
            desk.stop_play(play)


def log_end(desk: Desk, call: Call, party: Party, cause: str) -> float:
    """Write what this party talked and held; returns the seconds talked."""
    end_hold(desk, call, party)
    talked = round(party.talked(desk.now), 3)
    if party.agent:
        desk.log(
            TalkEnded(
                call=call.id,
                agent=party.agent,
                talk_s=talked,
                hold_s=round(party.held_s, 3),
                queue=party.queue,
                role=party.role,
                cause=cause,
            )
        )
    elif party.party:
        desk.log(
            PartyLeft(
                call=call.id, party=party.party, number=party.number, talk_s=talked, cause=cause
            )
        )
    return talked
