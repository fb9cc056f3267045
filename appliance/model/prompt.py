"""One thing to be heard. Shared by call flows, calls, and the room that renders prompts."""

from typing import Literal

import msgspec


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to be heard. Rendered ahead of time by `appliance.speech.prompts`.

    `kind`: text (spoken by the synthesiser), file (recorded), phrase (a name from the sounds
    package such as ``vm-goodbye``), number or digits (said in the call's language),
    silence (value in ms), music (a looped file).
    """

    kind: Literal["text", "file", "phrase", "number", "digits", "silence", "music"]
    value: str
    language: str = ""
