"""What the queues did and ask for: one act for each of their effects and events."""

from collections.abc import Callable
from typing import Any

from appliance.acd import effects as acd
from appliance.calls import direct, inflow, inqueue, offers, seatcalls, transfers, unheard
from appliance.calls.desk import CameBack, Desk
from appliance.model.events import Event, OfferEnded


def happened(desk: Desk, event: Event) -> None:
    """An event of the queues goes to the log, and an offer's end has its consequence."""
    if unheard.holds_back(desk, event):
        return
    desk.log(event)
    if isinstance(event, OfferEnded):
        _offer_ended(desk, event)


def _offer_ended(desk: Desk, event: OfferEnded) -> None:
    """A direct offer or a consulted agent failed."""
    call = desk.live(event.call)
    if call is None or event.queue is not None or event.result in ("accepted", "withdrawn"):
        return
    why = direct.ended(desk, call, event)
    if why is not None:
        desk.come_back(call, why)
    elif call.consult_by and call.consult is None:
        transfers.consult_over(desk, call, "failed", event.result.replace("_", " "))


def _ring(desk: Desk, effect: acd.Ring) -> None:
    offers.ring(desk, effect)


def _cancel(desk: Desk, effect: acd.CancelRing) -> None:
    offers.cancel(desk, effect)


def _connect(desk: Desk, effect: acd.Connect) -> None:
    offers.connect(desk, effect)
    call = desk.live(effect.call)
    if call is not None:
        transfers.reached(desk, call)
        seatcalls.consulted_answered(desk, call)


def _announce(desk: Desk, effect: acd.Announce) -> None:
    if call := desk.live(effect.call):
        inqueue.announce(desk, call, effect)


def _comfort(desk: Desk, effect: acd.Comfort) -> None:
    if call := desk.live(effect.call):
        inqueue.comfort(desk, call, effect)


def _divert(desk: Desk, effect: acd.Divert) -> None:
    if call := desk.live(effect.call):
        inqueue.divert(desk, call, effect)


def _came_back(desk: Desk, item: CameBack) -> None:
    call = desk.live(item.call)
    if call is None:
        return
    if not transfers.fell_through(desk, call, item.why):
        inflow.come_back(desk, call, item.why)


ACTS: dict[type, Callable[[Desk, Any], None]] = {
    acd.Ring: _ring,
    acd.CancelRing: _cancel,
    acd.Connect: _connect,
    acd.Announce: _announce,
    acd.Comfort: _comfort,
    acd.Divert: _divert,
    CameBack: _came_back,
}
"""By the kind of thing that waits in `Desk.pending`."""
