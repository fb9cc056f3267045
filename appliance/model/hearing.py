"""Callers who speak: what a question listens for, and what a recogniser tells of it.

Shared by call flows (which ask), calls (which pass on) and speech (which listens).
"""

from typing import Literal

import msgspec

from appliance.model.ids import LegId

HearingKind = Literal["choices", "yes_no", "digits", "number", "day"]
"""`choices`: one of a menu's phrases. The others are ready-made: ``yes`` or ``no``; spelled
digits (``0049``); a number (``23``); a day (ISO 8601 date)."""

Verdict = Literal["sure", "unsure", "none"]
"""Of one utterance: act on it, ask back, or nothing of use was understood."""

Missed = Literal[
    "",  # understood, or nearly
    "no_match",  # speech that fits nothing that was asked for
    "low_confidence",  # fits, but too badly to ask back
    "too_long",  # cut off at the longest time
    "lost",  # the recogniser hung or died
]

Deaf = Literal[
    "busy",  # every recogniser hears somebody else
    "no_model",  # none for this language
    "broken",  # the recogniser cannot be started, or failed within this question
    "words",  # the model knows none of the words
]


class Hearing(msgspec.Struct, frozen=True, kw_only=True):
    """What one question listens for. Times in seconds.

    `choices`: the value that is reported -> its phrases, lower case, in `language` (ISO 639-1).
    `least`, `most`: how many digits. `trailing_s`: silence that ends an utterance which could go
    on; one that is complete ends sooner. `barge_in`: speech stops the prompt. `today`: ISO date
    that days are counted from. `secret`: what is said is never kept.
    """

    kind: HearingKind
    language: str
    choices: dict[str, tuple[str, ...]] = {}
    least: int = 1
    most: int = 20
    trailing_s: float = 0.6
    longest_s: float = 8.0
    barge_in: bool = True
    today: str = ""
    secret: bool = False


class SpeechEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Told of one question's listening: `listen` is the number that it was started with."""

    leg: LegId
    listen: int


class SpeechBegan(SpeechEvent, frozen=True, kw_only=True):
    """The caller speaks: a prompt has to stop, time-outs wait. `SpeechDone` always follows,
    unless the listening is stopped."""


class SpeechDone(SpeechEvent, frozen=True, kw_only=True):
    """One utterance is over; the listening goes on until it is stopped.

    `text`: what was heard. `choice`: the value of it, '' unless `verdict` is sure or unsure.
    `confidence`: 0 to 1, calibrated: of utterances with 0.9, nine in ten are right. `spoken_s`:
    length of the speech; `latency_s`: from its last sound to this report. `audio`: file name of
    what was kept of it, relative to the data folder, or ''.
    """

    text: str
    choice: str
    confidence: float
    verdict: Verdict
    missed: Missed = ""
    spoken_s: float = 0.0
    latency_s: float = 0.0
    model: str = ""
    audio: str = ""


class SpeechOff(SpeechEvent, frozen=True, kw_only=True):
    """Nobody listens (any more) for this question: keys only. `once`: only what is being said
    now is not heard; what is said next may be. `detail` is for people."""

    why: Deaf
    detail: str = ""
    once: bool = False


SpeechReport = SpeechBegan | SpeechDone | SpeechOff
