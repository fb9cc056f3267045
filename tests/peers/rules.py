"""What must hold after every call and for the whole box, whatever was done to it."""

import asyncio
import re
import time
from collections import Counter

from appliance.calls.restart import Leftovers
from appliance.model import events as ev
from appliance.recording.verify import verify
from appliance.store.eventlog import FILE as EVENTS
from appliance.store.reader import EventReader
from tests.peers.box import Box
from tests.peers.lane import Lane

SETTLE_S = 8.0
_TROUBLE = re.compile(r"Traceback|could not be carried out|Segmentation|Assertion", re.IGNORECASE)


def after_test(lane: Lane) -> None:
    """Exactly one end for each call, nobody stuck, nothing open in the log."""
    arrived = Counter(e.call for e in lane.all(ev.CallArrived))
    ended = Counter(e.call for e in lane.all(ev.CallEnded))
    assert arrived == ended, f"arrived {arrived}, ended {ended}"
    assert not (repaired := lane.all(ev.StateRepaired)), repaired
    for n, agent in enumerate(lane.agents):
        assert lane.state_of(n) not in ("ringing", "talking"), f"{agent} is {lane.state_of(n)}"
    open_ = _leftovers(lane.records()).calls
    assert not open_, f"still open in the log: {open_}"
    lost = [e for e in lane.all(ev.RecordingFailed) if "too short" not in e.cause]
    assert not lost, lost
    _every_offer_ends_once(lane)
    _talks_fit_in_their_calls(lane)


def _leftovers(records: list[ev.Record]) -> Leftovers:
    left = Leftovers()
    for record in records:
        left.fold(record)
    return left


def _every_offer_ends_once(lane: Lane) -> None:
    made = Counter(e.offer for e in lane.all(ev.OfferMade))
    ended = Counter(e.offer for e in lane.all(ev.OfferEnded))
    assert made == ended, f"offers made {made}, ended {ended}"


def _talks_fit_in_their_calls(lane: Lane) -> None:
    """Nobody talks longer than the call lasts; each talk that starts ends."""
    started = Counter((e.call, e.agent) for e in lane.all(ev.TalkStarted))
    ended = Counter((e.call, e.agent) for e in lane.all(ev.TalkEnded))
    assert started == ended, f"talks started {started}, ended {ended}"
    times: dict[str, list[float]] = {}
    for record in lane.records():
        if isinstance(record.event, ev.CallEvent):
            times.setdefault(record.event.call, []).append(record.at_us / 1e6)
    for talk in lane.all(ev.TalkEnded):
        whole = times[talk.call][-1] - times[talk.call][0]
        assert talk.talk_s >= 0 and talk.hold_s >= 0, talk
        assert talk.talk_s + talk.hold_s <= whole + 0.05, (talk, whole)


async def after_all(box: Box) -> list[str]:
    """While the box still runs: it is empty, to its last socket."""
    wrong: list[str] = []
    deadline = time.monotonic() + SETTLE_S
    while box.alive and box.udp_sockets() > box.sockets_idle and time.monotonic() < deadline:  # noqa: ASYNC110 # the kernel has no event for it
        await asyncio.sleep(0.1)
    if not box.alive:
        return ["the core is not running any more"]
    if (extra := box.udp_sockets() - box.sockets_idle) > 0:
        wrong.append(f"{extra} RTP sockets are still open")
    state = await box.snapshot()
    if state["board"]["calls"]:
        wrong.append(f"calls on the board: {state['board']['calls']}")
    if state.get("legs"):
        wrong.append(f"{state['legs']} legs in the engine")
    if box.records and state["seq"] > box.records[-1].seq + 50:
        wrong.append("the log ran ahead of its follower")
    return wrong


def after_stop(box: Box) -> list[str]:
    """The core's own log, the whole event log folded, and every recording by its file."""
    wrong = [
        f"core.log: {line}"
        for line in box.log.read_text(errors="replace").splitlines()
        if _TROUBLE.search(line)
    ]
    with EventReader(box.data / EVENTS) as log:
        records = list(log.read())
    if left := _leftovers(records).calls:
        wrong.append(f"open in the event log: {left}")
    if [record.seq for record in records] != list(range(1, len(records) + 1)):
        wrong.append("the event log has gaps")
    return wrong + _recordings(box, records)


def _recordings(box: Box, records: list[ev.Record]) -> list[str]:
    taped = {queue["id"] for queue in box.site["queue"] if queue["record"]}
    report = verify(records, box.data / "recordings", taped.__contains__)
    wrong = [report.unexplained, report.missing, report.mismatched, report.orphans]
    return [f"recordings: {one}" for one in wrong if one]
