"""What the box itself says: place in the queue, expected wait, whispers, prompts of site.toml.

Pure: only names of phrases. `appliance.speech.prompts` has them ready as files.
"""

import math
from bisect import bisect_left, bisect_right

from appliance.model.prompt import Prompt
from appliance.model.site import Queue
from appliance.speech.languages import LANGUAGES, language_of
from appliance.speech.languages.language import MINUTES, POSITIONS

SOUND_SUFFIXES = (
    ".wav", ".flac", ".ogg", ".opus", ".oga", ".mp3", ".aiff", ".aif", ".au",
    ".gsm", ".ulaw", ".ul", ".alaw", ".al", ".sln", ".sln16",
)  # fmt: skip
"""What a file name ends with for us to take it as a recording."""
DEFAULT_MUSIC = "music"


def queue_phrases(
    language: str, position: int | None, low_s: float | None, high_s: float | None
) -> list[Prompt]:
    """The announcement in a queue: place (1 = next) and wait as a range in seconds.

    None leaves that part out. Waits are rounded outwards to minutes that a person would say,
    so the range told is never narrower than the one given, and never rises if that does not.
    """
    names: list[str] = []
    if position is not None and position >= 1:
        names.append(f"position/{position}" if position in POSITIONS else "cf-long-queue")
    if high_s is not None:
        names += _wait_names(low_s or 0.0, high_s)
    return [phrase(name, language) for name in names]


def _wait_names(low_s: float, high_s: float) -> list[str]:
    if math.isnan(low_s) or math.isnan(high_s):
        return []
    low, high = sorted((max(0.0, low_s), max(0.0, high_s)))
    most = MINUTES[-1] * 60
    above = _step_up(high) if high <= most else None
    below = _step_down(low)
    if above is None:
        return [f"wait-more/{below}"] if below else ["cf-long-wait"]
    if not below:
        return [f"wait-less/{above}"]
    if below == above:
        return [f"wait-about/{above}"]
    return [f"wait-low/{below}", f"wait-high/{above}"]


def _step_up(seconds: float) -> int:
    return MINUTES[bisect_left(MINUTES, seconds / 60)]


def _step_down(seconds: float) -> int:
    """0 below one minute."""
    index = bisect_right(MINUTES, seconds / 60)
    return MINUTES[index - 1] if index else 0


def phrase(name: str, language: str) -> Prompt:
    return Prompt(kind="phrase", value=name, language=language)


def whisper_prompt(queue: Queue, language: str) -> Prompt | None:
    """What the agent hears before a caller of this queue; None for nothing.

    `Queue.whisper` is a text, a file, ``phrase:NAME``, or ``auto`` for "Call from queue ...".
    """
    if queue.whisper != "auto":
        return site_prompt(queue.whisper, language)
    text = language_of(language).whisper(queue.name or queue.id)
    return Prompt(kind="text", value=text, language=language)


def site_prompt(value: str, language: str = "") -> Prompt | None:
    """A prompt that site.toml gives as one string: a text, a file or ``phrase:NAME``."""
    if not value.strip():
        return None
    if value.startswith("phrase:"):
        return Prompt(kind="phrase", value=value.removeprefix("phrase:").strip(), language=language)
    if is_file_name(value):
        return Prompt(kind="file", value=value, language=language)
    return Prompt(kind="text", value=value, language=language)


def is_file_name(value: str) -> bool:
    return value.lower().endswith(SOUND_SUFFIXES)


def music_prompt(value: str) -> Prompt:
    """Music on hold: '' and ``music`` are the built-in loop, all else is a file."""
    return Prompt(kind="music", value=value or DEFAULT_MUSIC)


def built_in_phrases() -> set[str]:
    """Names of all phrases with words of our own, in any language."""
    return {name for one in LANGUAGES.values() for name in one.names()} | {"beep"}
