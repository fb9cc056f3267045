"""A caller or an agent's phone, as the exchange keeps it: its leg, clocks and figures."""

import asyncio
from dataclasses import dataclass, field

from appliance.lines.exchange.agent import Agent
from appliance.lines.exchange.ear import Ear
from appliance.lines.exchange.scenario import CallerGroup
from appliance.lines.exchange.script import Script
from appliance.model.ids import LegId
from appliance.sip.leg import Leg
from appliance.sip.phone import Rtp, mute, offer_late, offer_nothing

NO_RTP = Rtp(0, 0, 0, 0.0)


@dataclass
class Party:
    """A caller or an agent's phone with the leg of its present call."""

    name: str
    machine: Script | Agent
    caller: str = ""
    group: CallerGroup | None = None
    leg: LegId | None = None
    call: int = 0
    placed_at: float = 0.0
    answered_at: float | None = None
    codec: str = ""
    muted: bool = False
    ear: Ear = field(default_factory=Ear)
    rtp: Rtp | None = None
    earlier: Rtp = NO_RTP
    timers: dict[str, asyncio.TimerHandle] = field(default_factory=dict)

    def keep_rtp(self, now: Rtp | None) -> None:
        """A re-INVITE may begin a new stream that counts from 0: add up the earlier ones."""
        if now is None:
            return
        if self.rtp is not None and (now.sent, now.received) < (self.rtp.sent, self.rtp.received):
            self.earlier = _sum(self.earlier, self.rtp)
        self.rtp = now


def _sum(one: Rtp, other: Rtp) -> Rtp:
    return Rtp(
        one.sent + other.sent,
        one.received + other.received,
        one.lost + other.lost,
        max(one.jitter_ms, other.jitter_ms),
    )


def rtp_facts(party: Party) -> dict[str, float] | None:
    if party.rtp is None:
        return None
    total = _sum(party.earlier, party.rtp)
    return {
        "sent": total.sent,
        "received": total.received,
        "lost": total.lost,
        "jitter_ms": round(total.jitter_ms, 2),
    }


def prepare(party: Party, leg: Leg) -> None:
    """What this caller offers."""
    assert party.group is not None
    mute(leg, party.muted)
    if party.group.late_offer:
        offer_late(leg)
    if party.group.codecs == ["none"]:
        offer_nothing(leg)
    elif party.group.codecs:
        leg.codecs = tuple(party.group.codecs)
