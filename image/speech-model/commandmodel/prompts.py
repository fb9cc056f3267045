"""Human recordings for the evaluation: Debian's asterisk-core-sounds, never trained on.

What is said follows from the names of the files. Knobs are tuned on the even half only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from . import vocabulary as v

FOLDER = Path("/usr/share/asterisk/sounds")
ENGLISH = "en_US_f_Allison"
TUNING_LANGUAGES = ["es_MX_f_Allison", "fr_CA_f_June", "it_IT_m_Carlo"]
REPORTED_LANGUAGES = ["ru_RU_f_IvrvoiceRU"]
TENS = v.listed("thirty forty fifty sixty seventy eighty ninety")
WORDS = {
    "digits/star": "star", "digits/pound": "pound", "extension": "extension",
    "vm-extension": "extension", "hours": "hours", "goodbye": "goodbye", "vm-goodbye": "goodbye",
    "hello": "hello", "number": "number", "location": "location", "time": "time",
    "minute": "minute", "minutes": "minutes", "queue-minutes": "minutes", "second": "second",
    "seconds": "seconds", "queue-seconds": "seconds", "pbx-transfer": "transfer",
    "auth-thankyou": "thank you", "vm-password": "password", "vm-message": "message",
    "vm-messages": "messages", "vm-no": "no", "vm-first": "first", "vm-last": "last",
    "digits/dollars": "dollars", "for": "for", "is": "is", "with": "with", "your": "your",
    "vm-and": "and", "vm-for": "for",
}  # fmt: skip
PHRASES = {
    "vm-Work": "work", "vm-Family": "family", "vm-Friends": "friends", "vm-Urgent": "urgent",
    "vm-press": "press", "vm-from": "from", "vm-received": "received", "activated": "activated",
    "de-activated": "deactivated", "added": "added", "enabled": "enabled",
    "disabled": "disabled", "removed": "removed", "cancelled": "cancelled", "calling": "calling",
    "call-forwarding": "call forwarding", "call-waiting": "call waiting",
    "do-not-disturb": "do not disturb", "speed-dial": "speed dial",
    "telephone-number": "telephone number", "you-entered": "you entered",
    "please-try-again": "please try again", "is-in-use": "is in use",
    "one-moment-please": "one moment please", "hello-world": "hello world",
    "is-set-to": "is set to",
}  # fmt: skip


@dataclass(frozen=True)
class Prompt:
    """A recording and what is said in it; `category` is the menu that it is tested in."""

    category: str
    path: Path
    text: str


def _listed() -> Iterable[tuple[str, str, str]]:
    for i, word in enumerate(v.DIGITS[:1] + v.DIGITS[2:]):
        yield "digit", f"digits/{i}", word
    yield "digit", "digits/oh", "oh"
    for i, word in enumerate(v.NUMBERS[:11], 10):
        yield "number", f"digits/{i}", word
    for i, word in enumerate(TENS, 3):
        yield "number", f"digits/{i}0", word
    for word in ("hundred", "thousand", "million"):
        yield "number", f"digits/{word}", word
    for i, word in enumerate(v.ORDINALS[:20], 1):
        yield "ordinal", f"digits/h-{i}", word
    yield "ordinal", "digits/h-30", "thirtieth"
    for i, word in enumerate(v.DAYS[:7]):
        yield "day", f"digits/day-{i}", word
    for word in ("today", "tomorrow", "yesterday"):
        yield "day", f"digits/{word}", word
    for i, word in enumerate(v.MONTHS):
        yield "month", f"digits/mon-{i}", word
    for name, word in WORDS.items():
        yield "word", name, word
    for word in v.ALPHABET:
        yield "alphabet", f"phonetic/{word[0]}_p", word
    for name, words in PHRASES.items():
        yield "phrase", name, words


def english() -> list[Prompt]:
    """All English recordings that are installed; empty without the Debian package."""
    place = FOLDER / ENGLISH
    made = [Prompt(kind, place / f"{name}.wav", text) for kind, name, text in _listed()]
    return [prompt for prompt in made if prompt.path.exists()]


def letters() -> list[Prompt]:
    """Names of letters, reported by themselves: many of them sound alike by telephone."""
    place = FOLDER / ENGLISH / "letters"
    made = [Prompt("letter", place / f"{letter}.wav", letter) for letter in v.LETTERS]
    return [prompt for prompt in made if prompt.path.exists()]


def foreign(folders: Iterable[str], longest: float = 2.5) -> list[Path]:
    """Recordings of other languages up to `longest` seconds (16-bit, 8 kHz)."""
    found: list[Path] = []
    for name in folders:
        paths = sorted((FOLDER / name).rglob("*.wav"))
        sizes = ((path, path.stat().st_size) for path in paths)
        found += [p for p, size in sizes if 4000 < size < longest * 16000 and _is_speech(p)]
    return found


def _is_speech(path: Path) -> bool:
    return not any(part in path.stem for part in ("tone", "beep", "silence"))
