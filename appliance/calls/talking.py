"""Caller and agents talk: joining, hold, leaving, and each agent's own times."""

from appliance.calls import recording, unheard
from appliance.calls.desk import Desk
from appliance.calls.parties import end_hold, leave, log_end
from appliance.calls.state import Call, OfferLeg, Party, Stage
from appliance.model.events import (
    HoldStarted,
    PartyJoined,
    TalkStarted,
)


def new_agent_party(call: Call, offered: OfferLeg) -> Party:
    """The accepted seat. It is the consulted one while another agent consults."""
    party = Party(
        leg=offered.leg,
        role="consult" if call.consult_by else "primary",
        agent=offered.agent,
        queue=offered.queue,
        offer=offered.offer,
        up=True,
    )
    call.parties[party.leg] = party
    return party


def join(desk: Desk, call: Call, party: Party) -> None:
    """From here the party is heard and its time counts."""
    if party.joined:
        return
    party.joined = party.up = True
    party.since = desk.now
    if party.role == "primary":
        call.stage = Stage.TALK
        call.queue = None
        unheard.heard(desk, call)
        call.reached = "answered" if party.agent else (call.reached or "forwarded")
        if party.queue:
            recording.begin_by_rule(desk, call, party.queue)
    _log_start(desk, call, party)
    desk.touch(call)
    if party.role == "primary" and party.peer_held and not call.conference:
        hold(desk, call, party)  # his phone holds already: music, and no dead air


def _log_start(desk: Desk, call: Call, party: Party) -> None:
    if party.agent:
        desk.log(TalkStarted(call=call.id, agent=party.agent, queue=party.queue, role=party.role))
    elif party.party:
        desk.log(
            PartyJoined(call=call.id, party=party.party, number=party.number, role=party.purpose)
        )


def take_over(desk: Desk, call: Call, party: Party) -> None:
    """A consulted or conference party becomes the caller's main one; its clock starts anew."""
    if party.joined:
        log_end(desk, call, party, "transferred")
    party.role = "primary"
    party.purpose = "transfer"
    if party.agent:
        party.queue = call.last_queue
        desk.floor.takes_over(call.id, party.agent, call.last_queue)
    party.joined = False
    party.held_s, party.held_since = 0.0, None
    if party.up:
        join(desk, call, party)


def hold(desk: Desk, call: Call, party: Party) -> bool:
    """The caller hears music. False when there is nothing to hold."""
    if call.held or not party.joined or party.agent is None:
        return False
    call.held = True
    party.start_hold(desk.now)
    desk.log(HoldStarted(call=call.id, agent=party.agent))
    desk.touch(call)
    return True


def resume(desk: Desk, call: Call) -> bool:
    """Ends the hold whoever began it."""
    if not call.held:
        return False
    call.held = False
    for party in call.parties.values():
        end_hold(desk, call, party)
    desk.touch(call)
    return True


def part(desk: Desk, call: Call, party: Party, cause: str) -> None:
    """A party hung up while the caller is still there: who goes on, or is it the end?"""
    was_primary = party.role == "primary"
    leave(desk, call, party, cause)
    rest = [other for other in call.parties.values() if other.joined]
    if was_primary and rest:
        resume(desk, call)
        take_over(desk, call, rest[0])
    elif was_primary:
        call.left_by = "agent" if party.agent else "party"
        desk.come_back(call, "done")
