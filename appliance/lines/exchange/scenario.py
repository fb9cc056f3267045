"""The shape of a scenario file: the exchange itself, groups of callers, agents' phones.

`docs/exchange.md` lists all fields; a test compares the two.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from appliance.lines.exchange.spans import Seconds, Span
from appliance.lines.exchange.steps import AnyStep, Dial, HangUp, Redial, Step

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
User = Annotated[str, Field(pattern=r"^[a-z0-9+][a-z0-9_.#-]{0,31}$")]
Port = Annotated[int, Field(ge=1, le=65_535)]
Share = Annotated[float, Field(ge=0, le=1)]
Hz = Annotated[int, Field(ge=200, le=3400)]
Codec = Literal["PCMA", "PCMU", "G722", "opus", "none"]


class Shape(BaseModel):
    # strict: TOML has types of its own, so `port = "5060"` is a mistake.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Side(Shape):
    """The exchange itself: where it is, and where the box is."""

    box: str = Field(
        "127.0.0.1:5060",
        pattern=r"^[A-Za-z0-9.-]+:\d{1,5}$",
        description="Where callers' calls and transfers go: address and SIP port of the box",
    )
    listen: str = Field("127.0.0.1", description="Own address for SIP and RTP")
    port: Port = Field(5070, description="Own SIP port, UDP; callers and agents share it")
    rtp_port_first: Port = Field(30_000, description="First RTP port")
    rtp_port_last: Port = Field(34_000, description="Last RTP port")
    lines: int = Field(30, ge=1, le=120, description="Callers' calls at once; more are blocked")
    codecs: list[Codec] = Field(
        ["PCMA", "PCMU"], min_length=1, description="Offered and taken, in order of preference"
    )
    seed: int = Field(1, ge=0, description="Same seed, same arrivals and choices")
    agent_tones: list[Hz] = Field(
        [], description="Tones of agents that another process plays; `await agent` hears them"
    )
    listen_for: list[Hz] = Field([], description="Further tones to be measured at every end")

    @model_validator(mode="after")
    def _enough_ports(self) -> Self:
        there = max(0, self.rtp_port_last - self.rtp_port_first + 1)
        if there < 2 * self.lines:
            least = self.rtp_port_first + 2 * self.lines - 1
            raise ValueError(
                f"{there} RTP ports are too few for {self.lines} lines: write rtp_port_last = "
                f"{least} or more, or fewer lines"
            )
        return self


class Sound(Shape):
    """What callers and agents have in common: what they send while nothing else is sent."""

    tone_hz: Hz | list[Hz] = Field(
        [], description="Own tone, one or a list that calls take in turn; none: silence is sent"
    )
    tone_dbov: float = Field(-20.0, ge=-60, le=-3, description="Its level, dBov")
    silent: bool = Field(False, description="Fault: never sends RTP")
    late_media_s: Seconds = Field(
        Span(), description="Fault: sends RTP only this long after the answer"
    )

    @property
    def tones(self) -> list[int]:
        return self.tone_hz if isinstance(self.tone_hz, list) else [self.tone_hz]


class Wave(Shape):
    """Busy and calm times: the rate swings around its mean."""

    period_s: float = Field(600, gt=0, le=86_400, description="From one busy time to the next")
    swing: Share = Field(0.5, description="0: even; 1: from nothing to twice the mean")


def _dials_twice(steps: list[Step]) -> bool:
    calling = False
    for step in steps:
        if isinstance(step, Dial | Redial) and calling:
            return True
        calling = isinstance(step, Dial | Redial) or (calling and not isinstance(step, HangUp))
    return False


class CallerGroup(Sound):
    """Callers who behave alike. Each call runs `steps` from the first to the last."""

    id: Id = Field(description="Names the group in reports")
    number: str = Field(
        "+4930200####",
        pattern=r"^(anonymous|\+?[0-9#]{2,20})$",
        description="Caller's number; each # is a digit drawn for the call; or anonymous",
    )
    name: str = Field("", max_length=60, description="Caller's name as sent; empty: the number")
    dial: str = Field("", pattern=r"^(\+?[0-9*#]{1,24})?$", description="Number of `dial`")
    per_hour: float = Field(0, ge=0, le=1_000_000, description="Random arrivals (Poisson)")
    wave: Wave | None = Field(None, description="Busy and calm times of per_hour")
    at: list[Annotated[float, Field(ge=0)]] = Field(
        [], description="Arrivals at fixed times, seconds after the start"
    )
    calls: int = Field(0, ge=0, description="Most arrivals of per_hour; 0: no end")
    lines: int = Field(120, ge=1, le=120, description="Most scripts of this group at once")
    ring: Seconds = Field(Span(60, 60), description="Gives up when not answered in this time")
    codecs: list[Codec] = Field(
        [], description="Offered instead of the exchange's; none: an offer nobody can take"
    )
    late_offer: bool = Field(False, description="Fault: INVITE without SDP; answer in the ACK")
    steps: list[AnyStep] = Field(min_length=1, max_length=200, description="The script")

    @model_validator(mode="after")
    def _can_call(self) -> Self:
        if not isinstance(self.steps[0], Dial):
            raise ValueError('steps must begin with "dial"; nothing can happen before it')
        if _dials_twice(self.steps):
            raise ValueError('a second call needs a "hang up" between the two')
        if not self.dial and any(s == Dial() for s in self.steps):
            raise ValueError('"dial" has no number: write it behind the word, or set dial')
        if not self.at and not self.per_hour:
            raise ValueError("no call would ever come: set per_hour or at")
        return self


class Act(Shape):
    """Something that an agent may do in a call; at most one act is done in each."""

    chance: Share = Field(1.0, description="Probability, drawn at the answer")
    after: Seconds = Field(Span(), description="Time after the answer")
    steps: list[AnyStep] = Field(min_length=1, max_length=200, description="Steps; no dial")

    @model_validator(mode="after")
    def _no_dial(self) -> Self:
        if any(isinstance(step, Dial | Redial) for step in self.steps):
            raise ValueError('an agent\'s phone takes calls and does not dial: use "refer"')
        return self


class AgentPhone(Sound):
    """The phone of an agent: a user of the exchange, sip:ID@address:port; or `count` of them."""

    id: User = Field(description="User part of the phone's SIP address; # is its number")
    count: int = Field(1, ge=1, le=250, description="So many phones, # in id counts from 1")
    ring: Seconds = Field(Span(2, 6), description="Rings this long before the agent acts")
    answer: Share = Field(1.0, description="Probability of an answer; else it rings on")
    busy: Share = Field(0.0, description="Probability of refuse_code at once")
    refuse_code: int = Field(486, ge=300, le=699, description="SIP status of a busy phone")
    talk: Seconds = Field(Span(20, 90), description="Hangs up this long after the answer")
    act: list[Act] = Field([], description="What may happen in a call")

    @model_validator(mode="after")
    def _numbered(self) -> Self:
        if (self.count > 1) != ("#" in self.id):
            raise ValueError("an id with # and a count above 1 belong together")
        return self

    def phones(self) -> list["AgentPhone"]:
        """Each phone by itself; the tones are dealt out among them."""
        if self.count == 1:
            return [self]
        made = []
        for number in range(1, self.count + 1):
            own: int | list[int] = self.tones[(number - 1) % len(self.tones)] if self.tones else []
            changes = {"id": self.id.replace("#", str(number)), "count": 1, "tone_hz": own}
            made.append(self.model_copy(update=changes))
        return made


class Scenario(Shape):
    """The whole file."""

    exchange: Side = Side()
    caller: list[CallerGroup] = []
    agent: list[AgentPhone] = []

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.caller and not self.agent:
            raise ValueError("nobody is in it: add [[caller]] or [[agent]] tables")
        for kind in (self.caller, self.phones):
            ids = [one.id for one in kind]
            twice = sorted({one for one in ids if ids.count(one) > 1})
            if twice:
                raise ValueError(f"id used twice: {', '.join(twice)}")
        return self

    @property
    def phones(self) -> list[AgentPhone]:
        return [phone for agent in self.agent for phone in agent.phones()]

    @property
    def agent_tones(self) -> frozenset[float]:
        """What `await agent` listens for, Hz."""
        own = (hz for agent in self.agent for hz in agent.tones)
        return frozenset(float(hz) for hz in (*own, *self.exchange.agent_tones))

    @property
    def all_tones(self) -> frozenset[float]:
        """Every tone that is measured, Hz."""
        callers = (float(hz) for group in self.caller for hz in group.tones)
        return frozenset((*callers, *self.agent_tones, *map(float, self.exchange.listen_for)))
