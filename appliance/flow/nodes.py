"""The node types of the flow language. `docs/flows.md` lists them; a test compares the two.

A field that names the next node is called `next` or starts with `on_`. An empty one means
the flow's fallback. Times are seconds.
"""

import datetime
from typing import Annotated, Literal, get_args

from pydantic import Field

from appliance.flow.node import DataKey, Node, Ref, Wait
from appliance.flow.parts import Lang, PromptValue
from appliance.flow.questions import Collect, Directory, Menu, YesNo
from appliance.model.site import Id, Shape, Skills

Day = Annotated[
    str, Field(pattern=r"^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$")
]
Range = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class Saying(Node):
    """What play and greeting share."""

    prompt: PromptValue = Field(description="What is heard")
    barge_in: bool = Field(
        True,
        description="A key stops the prompt, and so does what is said for a menu or directory "
        "that follows",
    )
    next: Ref = Field("", description="Node that follows")


class Play(Saying):
    """Says something and goes on. A key stops it and counts for the next menu."""

    type: Literal["play"]


class Greeting(Saying):
    """As play, but once per call: a caller who comes back here does not hear it again."""

    type: Literal["greeting"]


class SpecialDay(Shape):
    date: datetime.date = Field(description="Day, such as 2025-12-24")
    until: datetime.date | None = Field(None, description="Last day, if there are several")
    open: list[Range] = Field([], description="Hours of that day; empty: counts as a holiday")
    name: str = Field("", max_length=80, description="Shown to people")


class Hours(Node):
    """Opening hours in the site's time zone."""

    type: Literal["hours"]
    week: dict[Day, list[Range]] = Field(
        description='Day or days ("mon-fri") to ranges such as "08:00-12:30"; missing: closed'
    )
    holidays: bool = Field(True, description="Public holidays are kept")
    country: str = Field("", pattern="^([A-Z]{2})?$", description="Whose; empty: the site's")
    region: str = Field("", description="Region of them; empty: the site's")
    special: list[SpecialDay] = Field([], description="Days of their own; win over holidays")
    on_open: Ref = Field("", description="Within hours")
    on_closed: Ref = Field("", description="Outside them")
    on_holiday: Ref = Field(
        "", description="Holiday or special day without hours; empty: as on_closed"
    )


class Language(Node):
    """Sets the language of prompts and of the call."""

    type: Literal["language"]
    language: Lang = Field(description="ISO 639-1 code")
    next: Ref = Field("", description="Node that follows")


class Set(Node):
    """Sets what queues and agents' screens use."""

    type: Literal["set"]
    priority: int | None = Field(None, ge=0, le=100, description="Priority in queues")
    skills: Skills = Field({}, description="Required skills with least level; added")
    data: dict[DataKey, str] = Field({}, description="Values for the agent; {placeholders}")
    next: Ref = Field("", description="Node that follows")


class CallerList(Node):
    """Branches by what [[caller]] in site.toml says: blocked, then VIP, then known."""

    type: Literal["caller_list"]
    on_blocked: Ref = Field("", description="Blocked callers; empty: refused")
    on_vip: Ref = Field("", description="VIP callers; empty: as next")
    on_known: Ref = Field("", description="Other callers in the list; empty: as next")
    on_anonymous: Ref = Field("", description="Callers without a number; empty: as next")
    next: Ref = Field("", description="Everybody else")


class Queue(Node):
    """Hands the call to a queue."""

    type: Literal["queue"]
    queue: Id = Field(description="Queue")
    priority: int | None = Field(None, ge=0, le=100, description="Priority, if not the call's")
    skills: Skills = Field({}, description="Required skills, added to the call's")
    on_exit_key: Ref = Field("", description="The caller pressed the queue's exit key")
    on_overflow: Ref = Field("", description="The queue's overflow says flow:")
    on_unstaffed: Ref = Field("", description="Nobody is logged in; empty: as on_overflow")
    on_full: Ref = Field("", description="The queue takes no more; empty: as on_overflow")
    next: Ref = Field("", description="After the talk; empty: the call ends")


class Agent(Node):
    """Rings one agent."""

    type: Literal["agent"]
    agent: Id = Field(description="Agent")
    ring_s: Wait = Field(20, description="Ring time, seconds")
    on_no_answer: Ref = Field("", description="Not answered in time")
    on_busy: Ref = Field("", description="Busy or refused; empty: as on_no_answer")
    on_unreachable: Ref = Field(
        "", description="Phone not there, agent not logged in; empty: as on_no_answer"
    )
    next: Ref = Field("", description="After the talk; empty: the call ends")


class Voicemail(Node):
    """Takes a message."""

    type: Literal["voicemail"]
    mailbox: Id = Field(description="Mailbox")
    prompt: PromptValue | None = Field(
        None, description="Said before the tone; empty: the built-in words"
    )
    on_failed: Ref = Field("", description="No message could be taken")
    next: Ref = Field("", description="After the message; empty: the call ends")


class Forward(Node):
    """Calls an outside number and connects the caller."""

    type: Literal["forward"]
    number: str = Field(pattern=r"^\+?[0-9*#]{2,20}$", description="Number, best as +49...")
    trunk: Id | None = Field(None, description="Line; empty: the first that is up")
    ring_s: Wait = Field(30, description="Ring time, seconds")
    on_no_answer: Ref = Field("", description="Not answered in time")
    on_busy: Ref = Field("", description="Busy; empty: as on_no_answer")
    on_unreachable: Ref = Field(
        "", description="Line down or no such number; empty: as on_no_answer"
    )
    next: Ref = Field("", description="After the talk; empty: the call ends")


class HangUp(Node):
    """Ends the call."""

    type: Literal["hang_up"]
    prompt: PromptValue | None = Field(None, description="Last words; empty: none")
    cause: str = Field("", max_length=80, description="Cause in history")
    code: int = Field(603, ge=400, le=699, description="SIP status if not answered yet")


class Goto(Node):
    """Goes on in another flow."""

    type: Literal["goto"]
    flow: Id = Field(description="Flow")
    node: Ref = Field("", description="Node there; empty: its start")


AnyNode = Annotated[
    Play
    | Greeting
    | Menu
    | Collect
    | YesNo
    | Directory
    | Hours
    | Language
    | Set
    | CallerList
    | Queue
    | Agent
    | Voicemail
    | Forward
    | HangUp
    | Goto,
    Field(discriminator="type"),
]
NODE_TYPES: dict[str, type[Node]] = {
    str(cls.model_fields["type"].annotation.__args__[0]): cls
    for cls in get_args(get_args(AnyNode)[0])
}
"""Name in site.toml to class, in the order of the documentation."""
