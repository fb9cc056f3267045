"""The shape of site.toml: every setting with its type, default, unit and meaning.

Only shapes and single-field limits. Checks across fields (unknown names, dead ends, ports
used twice) are `appliance.box.check`. `docs/settings.md` is compared with this file by a test.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
"""Chosen once, never shown to callers, never changed: lower case, digits, - and _."""
Seconds = Annotated[float, Field(ge=0, le=86_400)]
Port = Annotated[int, Field(ge=1, le=65_535)]
Skills = dict[str, Annotated[int, Field(ge=1, le=10)]]


class Shape(BaseModel):
    """Base of all tables: unknown names and wrong types are errors."""

    # strict: TOML has types of its own, so `port = "5060"` or `ring_s = true` is a mistake.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Site(Shape):
    """The box as a whole: name, place, language, where it keeps its data."""

    name: str = Field("Callfloor", max_length=80, description="Shown on pages and wallboard")
    country: str = Field("DE", pattern="^[A-Z]{2}$", description="ISO 3166; how numbers are read")
    region: str = Field("", description="Part of the country, for public holidays (e.g. BE)")
    language: str = Field("en", pattern="^[a-z]{2}$", description="Default language of prompts")
    timezone: str = Field("Europe/Berlin", description="IANA name; opening hours are in it")
    data_dir: Path = Field(
        Path("var"),
        strict=False,
        description="Databases, recordings, prompts; relative to site.toml",
    )


class Sip(Shape):
    """Where the box speaks SIP and RTP, and its limits."""

    listen: str = Field("127.0.0.1", description="Address for SIP and RTP")
    port: Port = Field(5060, description="UDP and TCP port")
    transports: list[Literal["udp", "tcp"]] = Field(["udp"], description="What to listen on")
    rtp_port_first: Port = Field(20_000, description="First RTP port")
    rtp_port_last: Port = Field(24_000, description="Last RTP port")
    max_calls: int = Field(120, ge=1, le=120, description="Callers at once; two legs each")
    user_agent: str = Field("Callfloor", max_length=60, description="SIP User-Agent")
    silence_alarm_s: Seconds = Field(20, description="No RTP for this long is an event")
    silence_hangup_s: Seconds = Field(0, description="No RTP for this long ends the call; 0 never")
    jitter_ms: int = Field(
        40,
        ge=20,
        le=200,
        description="What a packet may be late by, in ms, before it is heard; grows by itself",
    )


class Web(Shape):
    """Where the pages and the API listen."""

    listen: str = Field("127.0.0.1", description="Address of pages and API")
    port: Port = Field(8080, description="TCP port of pages and API")


class Recording(Shape):
    """How recordings are kept."""

    format: Literal["flac", "opus"] = Field("flac", description="Format of finished files")
    max_hours: float = Field(4, gt=0, le=24, description="One recording is cut off after this")
    min_free_mb: int = Field(500, ge=0, description="Below this no recording is started")


ModelName = Annotated[str, Field(pattern=r"^[a-z0-9][A-Za-z0-9._-]{0,63}$")]
"""Folder of a speech model below models/ of the data folder, or a built-in one."""
Lang = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
"""ISO 639-1 code of a language."""


class Speech(Shape):
    """Callers who speak in menus. Keys always work beside it."""

    enabled: bool = Field(True, description="Listen where a question has words to listen for")
    models: dict[Lang, ModelName] = Field(
        {}, description="Model by language (callfloor models list); missing: the built-in one"
    )
    recognisers: int = Field(
        0, ge=0, le=32, description="Callers who may speak at once; 0: two for each core but one"
    )
    sure: float | None = Field(
        None, ge=0, le=1, description="Confidence from which it is not asked back; empty: model's"
    )
    unsure: float | None = Field(
        None, ge=0, le=1, description="Confidence below which it counts as not understood"
    )
    keep_failed: bool = Field(
        False, description="Keep the audio of what was not understood, for tuning"
    )
    keep_failed_days: int = Field(14, ge=1, le=365, description="Then that audio is deleted")
    words: dict[str, list[str]] = Field(
        {}, description="Pronunciations by hand: word to ARPABET phones, such as 'N W IH N'"
    )
    transcribe: list[Literal["voicemail", "calls"]] = Field(
        [], description="What becomes text, in the background"
    )
    transcribe_models: dict[Lang, ModelName] = Field(
        {}, description="Model for that by language; missing: the one of `models`"
    )


class Storage(Shape):
    """Backups of the databases."""

    backup_at: str = Field(
        "03:00",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="Local time of the nightly database backup",
    )
    keep_backups: int = Field(7, ge=1, le=365, description="Backups kept")


class ServiceLevel(Shape):
    """What counts as answered in time."""

    seconds: Seconds = Field(20, description="Answered within this counts as in time")
    short_abandon_s: Seconds = Field(5, description="Abandons before this are short abandons")
    formula: Literal[
        "answered_and_abandoned", "answered_only", "all_offered", "late_abandons", "short_abandons"
    ] = Field("all_offered", description="How the percentage is made; named on every screen")


class Trunk(Shape):
    """A line: a SIP provider, a gateway, or one of the box's own edge processes."""

    id: Id = Field(description="Names this line: chosen once, never changed")
    name: str = Field("", max_length=80, description="Shown to people")
    enabled: bool = Field(True, description="False: no calls in or out, no keep-alive")
    kind: Literal["peer", "register"] = Field(
        "peer", description="Known by address, or registered with credentials"
    )
    host: str = Field(description="Name or address of the provider or gateway")
    port: Port = Field(5060, description="SIP port there")
    transport: Literal["udp", "tcp"] = Field("udp", description="SIP transport")
    addresses: list[str] = Field(
        [], description="Source addresses or networks calls come from; empty: the host's addresses"
    )
    source_port: Port | None = Field(
        None,
        description="Only calls from this source port, where several gateways share an address",
    )
    username: str = Field("", description="Registration user")
    password_file: Path | None = Field(
        None, strict=False, description="File with the password, mode 0600"
    )
    register_s: int = Field(300, ge=30, le=86_400, description="Registration lifetime")
    options_s: Seconds = Field(30, description="Keep-alive interval; 0: none, always up")
    channels: int = Field(30, ge=1, le=120, description="Calls at once, both directions")
    codecs: list[Literal["PCMA", "PCMU", "G722", "opus"]] = Field(
        ["PCMA", "PCMU", "G722", "opus"], min_length=1, description="In order of preference"
    )
    dtmf: Literal["rfc4733", "inband", "both"] = Field("rfc4733", description="How keys arrive")
    caller_id: str = Field("", description="Number sent on outgoing calls")
    flow: Id | None = Field(None, description="Flow of calls to any number not in numbers")
    numbers: dict[str, Id] = Field({}, description="Called number to flow")


class Announcements(Shape):
    """What waiting callers are told."""

    position: bool = Field(True, description="Say the place in the queue")
    estimate: bool = Field(True, description="Say the expected wait as a range")
    first_s: Seconds = Field(15, description="First announcement after this wait")
    every_s: Seconds = Field(45, description="Then every so often")
    comfort: list[str] = Field([], description="Prompts played in turn between announcements")
    comfort_every_s: Seconds = Field(0, description="Interval of comfort messages; 0 never")


class Overflow(Shape):
    """When waiting callers are sent elsewhere, and where to."""

    after_s: Seconds = Field(0, description="Wait after which the caller overflows; 0 never")
    length: int = Field(0, ge=0, description="Callers waiting at which new ones overflow; 0 never")
    unstaffed: bool = Field(False, description="Overflow when nobody is logged in")
    to: str = Field(
        "", description="queue:ID, voicemail:ID, number:+49..., or flow: back to the flow's edge"
    )


class Relax(Shape):
    """One step in which a queue asks less of its agents."""

    after_s: Seconds = Field(description="From this wait on")
    by: int = Field(ge=1, le=10, description="Levels taken off every required skill")


class Queue(Shape):
    """A queue: callers wait here for an agent."""

    id: Id = Field(description="Names this queue: chosen once, never changed")
    name: str = Field("", max_length=80, description="Shown to people")
    strategy: Literal[
        "longest_idle",
        "round_robin",
        "fewest_calls",
        "least_talk",
        "ring_all",
        "ordered",
        "weighted_random",
    ] = Field("longest_idle", description="Which free agent gets the next caller")
    priority: int = Field(0, ge=0, le=100, description="Added to each caller's own priority")
    priority_s: Seconds = Field(60, description="Ageing: one step of priority is worth this wait")
    ring_s: Seconds = Field(15, gt=0, description="How long one agent is rung")
    retry_s: Seconds = Field(
        2, description="Rest of an agent who missed an offer, before any queue's next caller"
    )
    max_no_answer: int = Field(
        3, ge=1, le=20, description="Missed offers in a row that make an agent not ready"
    )
    wrap_up_s: Seconds = Field(0, description="After-call work; 0 none")
    skills: Skills = Field({}, description="Required of agents, with least level")
    relax: list[Relax] = Field([], description="How requirements loosen with the wait")
    last_agent: bool = Field(False, description="Prefer the agent the caller last talked with")
    last_agent_wait_s: Seconds = Field(20, description="How long to wait for that agent")
    redial_s: Seconds = Field(
        120, description="Who dropped and redials within this keeps the place; 0 none"
    )
    max_waiting: int = Field(500, ge=1, le=100_000, description="More are not taken in")
    music: str = Field("music", description="Prompt played on a loop while waiting and on hold")
    announce: Announcements = Announcements()
    overflow: Overflow = Overflow()
    exit_key: str = Field("", pattern="^[0-9*#]?$", description="Key that leaves the queue")
    whisper: str = Field(
        "",
        description="What the agent hears before the caller: a text, a sound file, phrase:NAME, or "
        "auto for the queue's name",
    )
    record: bool = Field(False, description="Record every call of this queue")
    service_level: ServiceLevel = ServiceLevel()


class AgentQueue(Shape):
    """A queue that an agent serves."""

    id: Id = Field(description="Queue")
    order: int = Field(1, ge=1, le=1000, description="Place in an ordered queue, 1 first")
    weight: float = Field(1, gt=0, le=1000, description="Weight in weighted_random")


class Agent(Shape):
    """An agent and the phone that rings for them."""

    id: Id = Field(description="Names this agent: chosen once, never changed")
    name: str = Field("", max_length=80, description="Shown to people; asked for in a directory")
    say: list[str] = Field(
        [], description="Other names that callers ask for in a directory, such as a nickname"
    )
    seat: str = Field(pattern="^sip:.+", description="SIP address of the agent's phone")
    queues: list[AgentQueue] = Field([], description="Queues served")
    skills: Skills = Field({}, description="Skill to level, 1 to 10")
    wrap_up_s: Seconds | None = Field(None, description="Overrides the queue's wrap-up")
    login: bool = Field(False, description="Logged in and ready when first seen")


class Caller(Shape):
    """Special treatment of known callers."""

    number: str = Field(description="E.164 number, or a prefix that ends in *")
    vip: bool = Field(False, description="Served with vip_priority")
    blocked: bool = Field(False, description="Refused")
    priority: int = Field(0, ge=0, le=100, description="Priority in queues")
    agent: Id | None = Field(None, description="Preferred agent")
    data: dict[str, str] = Field({}, description="Shown to agents")


class Mailbox(Shape):
    """A voicemail box."""

    id: Id = Field(description="Names this mailbox: chosen once, never changed")
    name: str = Field("", max_length=80, description="Shown to people")
    max_s: Seconds = Field(180, gt=0, description="Longest message")
    silence_s: Seconds = Field(8, description="Silence that ends a message; 0 never")


class PauseReason(Shape):
    """A reason that agents can give for a pause."""

    id: Id = Field(description="Names this reason: chosen once, never changed")
    name: str = Field("", max_length=80, description="Shown to people")


class Dial(Shape):
    """Which outside numbers transfers, consultations and forwards may dial."""

    premium: bool = Field(False, description="Premium-rate and shared-cost numbers")
    satellite: bool = Field(False, description="Satellite and other numbers of no country")
    abroad: bool = Field(True, description="Numbers of other countries")
    deny: list[Annotated[str, Field(pattern=r"^\+?[0-9]{1,20}$")]] = Field(
        [], description="Prefixes that are never dialled, such as +49137"
    )


class SiteFile(Shape):
    """The whole file. `flow` tables are read by `appliance.flow.language`."""

    site: Site = Site()
    sip: Sip = Sip()
    web: Web = Web()
    recording: Recording = Recording()
    speech: Speech = Speech()
    storage: Storage = Storage()
    dial: Dial = Dial()
    trunk: list[Trunk] = []
    queue: list[Queue] = []
    agent: list[Agent] = []
    caller: list[Caller] = []
    mailbox: list[Mailbox] = []
    pause_reason: list[PauseReason] = []
    vip_priority: int = Field(5, ge=0, le=100, description="Priority of VIP callers")
    flow: dict[Id, dict[str, object]] = {}
