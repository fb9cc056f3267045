"""Ringing an agent's seat for a waiting caller or a transfer, until accepted or failed."""

from appliance.acd.effects import CancelRing, Connect, Ring
from appliance.acd.offers import Failure
from appliance.calls import inqueue, talking
from appliance.calls.desk import Desk, PlayFor
from appliance.calls.effects import DialLeg, HangUpLeg
from appliance.calls.state import Call, OfferLeg
from appliance.model.ids import OfferId
from appliance.model.legs import Ended
from appliance.speech.phrases import whisper_prompt

REACH_S = 4.0
"""A phone that has not even answered 100 or 180 within this is unreachable."""


def ring(desk: Desk, effect: Ring) -> None:
    """Dial the seat with the caller's number and, as the name, the queue."""
    call = desk.live(effect.call)
    agent = desk.setup.agents.get(effect.agent)
    if call is None or agent is None:
        desk.floor_did(
            desk.floor.offer_failed(effect.offer, "unreachable", desk.now, cause="call is gone")
        )
        return
    leg = desk.seams.new_leg()
    offered = OfferLeg(effect.offer, effect.agent, effect.queue, leg)
    call.offers[effect.offer] = offered
    desk.offers[effect.offer] = call.id
    desk.legs[leg] = call.id
    desk.do(
        DialLeg(
            leg=leg,
            target=agent.seat,
            caller=call.caller,
            caller_name=_shown(desk, call, effect),
            headers={
                "X-Callfloor-Call": call.id,
                "X-Callfloor-Queue": effect.queue or "",
                "X-Callfloor-Called": call.called,
            },
        )
    )
    desk.timers.set(call.id, f"reach:{effect.offer}", desk.now + REACH_S)


def _shown(desk: Desk, call: Call, effect: Ring) -> str:
    queue = desk.setup.queues.get(effect.queue) if effect.queue else None
    caller = call.caller_name or call.caller or "anonymous"
    return f"{queue.name or queue.id}: {caller}" if queue else caller


def find(call: Call, leg: str) -> OfferLeg | None:
    for offered in call.offers.values():
        if offered.leg == leg:
            return offered
    return None


def rings(desk: Desk, call: Call, offered: OfferLeg) -> None:
    """180 or 183 from the seat."""
    if not offered.reached:
        offered.reached = True
        desk.timers.cancel(call.id, f"reach:{offered.offer}")
        desk.floor_did(desk.floor.offer_ringing(offered.offer, desk.now))


def picked_up(desk: Desk, call: Call, offered: OfferLeg) -> None:
    """200 from the seat: the queues decide whether this one is the first."""
    desk.timers.cancel(call.id, f"reach:{offered.offer}")
    offered.accepted = True
    desk.floor_did(desk.floor.offer_accepted(offered.offer, desk.now))


def failed(desk: Desk, call: Call, offered: OfferLeg, ended: Ended) -> None:
    """The seat refused, is busy, does not exist, or the phone gave up."""
    _forget(desk, call, offered)
    result = result_of(ended.code)
    cause = f"{ended.code} {ended.reason}".strip()
    desk.floor_did(desk.floor.offer_failed(offered.offer, result, desk.now, cause=cause))


def not_reached(desk: Desk, call: Call, offer: OfferId) -> None:
    """No provisional answer in time."""
    offered = call.offers.get(offer)
    if offered is None or offered.reached or offered.accepted:
        return
    _forget(desk, call, offered)
    desk.do(HangUpLeg(leg=offered.leg, cause="seat does not answer SIP"))
    desk.floor_did(
        desk.floor.offer_failed(
            offer, "unreachable", desk.now, cause=f"no SIP answer from the seat in {REACH_S:g} s"
        )
    )


def cancel(desk: Desk, effect: CancelRing) -> None:
    """Stop ringing; the seat may be gone already."""
    call_id = desk.offers.get(effect.offer)
    call = desk.calls.get(call_id) if call_id else None
    offered = call.offers.get(effect.offer) if call else None
    if call is not None and offered is not None:
        _forget(desk, call, offered)
        desk.do(HangUpLeg(leg=offered.leg, cause=effect.cause))


def _forget(desk: Desk, call: Call, offered: OfferLeg) -> None:
    call.offers.pop(offered.offer, None)
    desk.offers.pop(offered.offer, None)
    desk.legs.pop(offered.leg, None)
    desk.timers.cancel(call.id, f"reach:{offered.offer}")


def connect(desk: Desk, effect: Connect) -> None:
    """The accepted agent becomes a party; a whisper is heard before the caller is."""
    call = desk.live(effect.call)
    offered = call.offers.get(effect.offer) if call else None
    if call is None or offered is None:
        desk.floor_did(desk.floor.talk_ended(effect.call, effect.agent, desk.now, talk_s=0.0))
        return
    inqueue.stop_saying(desk, call)
    call.offers.pop(effect.offer)
    desk.offers.pop(effect.offer, None)
    party = talking.new_agent_party(call, offered)
    party.queue = effect.queue
    # Whispered only to him who was rung from a queue; who is rung by name takes a call over.
    queue = desk.setup.queues.get(offered.queue) if offered.queue else None
    whisper = whisper_prompt(queue, desk.setup.site.site.language) if queue else None
    if whisper is not None and party.role == "primary":
        desk.play(call, party.leg, (whisper,), PlayFor(call.id, "whisper", party.leg))
        return
    talking.join(desk, call, party)


def result_of(code: int) -> Failure:
    """SIP status of a failed INVITE as the result of an offer (RFC 3261 21)."""
    if code in (486, 600):
        return "busy"
    if code in (403, 603, 607, 488, 606):
        return "refused"
    if code in (480, 487, 200):
        return "no_answer"
    return "unreachable"
