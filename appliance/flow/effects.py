"""What a running call flow asks of the call, and what the call tells the flow.

The interpreter returns a list of these and of `appliance.model.events` events, in order.
After one exit effect (ToQueue, ToAgent, ToVoicemail, ToNumber, HangUp) nothing follows until
the call comes back with `Returned`.
"""

from typing import Literal

import msgspec

from appliance.model.hearing import Deaf, Hearing, SpeechDone
from appliance.model.prompt import Prompt as Prompt


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all effects."""


class Play(Effect, frozen=True, kw_only=True):
    """Play the prompts one after another; report PromptDone(id) at their end."""

    id: int
    prompts: tuple[Prompt, ...]


class StopPlay(Effect, frozen=True, kw_only=True):
    id: int


class Listen(Effect, frozen=True, kw_only=True):
    """From now on keys matter, and speech where there is something to listen for."""

    id: int
    hearing: Hearing | None = None


class StopListen(Effect, frozen=True, kw_only=True):
    id: int


class SetTimer(Effect, frozen=True, kw_only=True):
    """Report TimerFired(id) after `seconds`; setting the same id again replaces it."""

    id: int
    seconds: float


class CancelTimer(Effect, frozen=True, kw_only=True):
    id: int


class Answer(Effect, frozen=True, kw_only=True):
    """Pick up, if that has not happened yet."""


class ToQueue(Effect, frozen=True, kw_only=True):
    queue: str
    priority: int
    skills: dict[str, int]
    language: str
    agent: str | None = None


class ToAgent(Effect, frozen=True, kw_only=True):
    agent: str
    ring_s: float


class ToVoicemail(Effect, frozen=True, kw_only=True):
    mailbox: str
    greeting: tuple[Prompt, ...] = ()


class ToNumber(Effect, frozen=True, kw_only=True):
    number: str
    trunk: str | None
    ring_s: float


class HangUp(Effect, frozen=True, kw_only=True):
    """`code` is the SIP status if the call was not answered yet. Not `served`: the caller is
    refused, or the flow is `lost` and knows no way on."""

    cause: str = ""
    code: int = 603
    served: bool = True
    lost: bool = False


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what the call tells the flow."""


class PromptDone(Input, frozen=True, kw_only=True):
    id: int


class Digit(Input, frozen=True, kw_only=True):
    """`key`: one of 0-9 * # A-D."""

    key: str


class SpeechBegan(Input, frozen=True, kw_only=True):
    """The caller begins to speak. `id`: of the Listen; `Spoken` follows."""

    id: int


class Spoken(Input, frozen=True, kw_only=True):
    """What was heard after the `Listen` of this id."""

    id: int
    done: SpeechDone


class SpeechOff(Input, frozen=True, kw_only=True):
    """Nobody listens to speech for the `Listen` of this id: keys only. `once`: not to what is
    said now, and perhaps to what is said next."""

    id: int
    why: Deaf
    detail: str = ""
    once: bool = False


class TimerFired(Input, frozen=True, kw_only=True):
    id: int


class Returned(Input, frozen=True, kw_only=True):
    """Back from an exit: why the queue, agent, mailbox or number did not keep the call."""

    why: Literal[
        "exit_key", "overflow", "unstaffed", "full", "no_answer", "busy", "unreachable", "done"
    ]
