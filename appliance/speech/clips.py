"""From a prompt to clips: the pieces that are one file each. Pure; nothing is read or made."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from appliance.model.prompt import Prompt
from appliance.speech.languages import LANGUAGES, language_of
from appliance.speech.languages.language import DIGIT_NAMES, number_pieces
from appliance.speech.phrases import DEFAULT_MUSIC, is_file_name
from appliance.speech.sounds import Sounds


@dataclass(frozen=True)
class Clip:
    """`kind` text: spoken by `voice`; file: a recording at `value`; made: by arithmetic;
    unknown: a phrase that nobody has."""

    kind: Literal["text", "file", "made", "unknown"]
    value: str
    voice: str = ""


def clips_of(prompt: Prompt, language: str, sounds: Sounds, base_dir: Path) -> list[Clip]:
    """The clips of a prompt, in order. `language` where the prompt names none."""
    code = prompt.language or language
    value = prompt.value
    if prompt.kind == "text" and value.startswith("phrase:"):
        return phrase_clips(value.removeprefix("phrase:").strip(), code, sounds)
    if prompt.kind == "text" and not is_file_name(value):
        return [Clip("text", value, voice_of(code))]
    if prompt.kind in ("text", "file"):
        return [Clip("file", str(base_dir / value))]
    if prompt.kind == "silence":
        return [Clip("made", f"silence-{int(value) if value.isdigit() else 200}")]
    if prompt.kind == "music":
        built_in = value in ("", DEFAULT_MUSIC, "default")
        return [Clip("made", "music") if built_in else Clip("file", str(base_dir / value))]
    if prompt.kind == "phrase":
        return phrase_clips(value, code, sounds)
    return [clip for name in _said(prompt.kind, value) for clip in phrase_clips(name, code, sounds)]


def voice_of(code: str) -> str:
    """espeak-ng's voice: a language without words of ours still has its own voice."""
    return LANGUAGES[code].voice if code in LANGUAGES else code


def phrase_clips(name: str, code: str, sounds: Sounds) -> list[Clip]:
    """The site's own recording, else the package's, else words of our own to be spoken."""
    own = sounds.own_file(name, code)
    if own is not None:
        return [Clip("file", str(own))]
    language = language_of(code)
    recorded = sounds.package_files(_package_names(name, code), code)
    if recorded:
        return [Clip("file", str(path)) for path in recorded]
    if name == "beep":
        return [Clip("made", "beep")]
    text = language.text(name)
    return [Clip("text", text, language.voice)] if text else [Clip("unknown", name)]


def _package_names(name: str, code: str) -> list[str]:
    """Names of the package's phrases; a name that is not composed stands for itself.

    A language without a module is composed as English up to 20: beyond, "vingt un" is no word.
    """
    rest = name.partition("/")[2]
    foreign = code not in LANGUAGES and rest.isdigit() and int(rest) > 20
    return ([] if foreign else language_of(code).package(name)) or [name]


def _said(kind: str, value: str) -> list[str]:
    """Names of the phrases for digits or a number."""
    digits = [f"digit/{DIGIT_NAMES[c]}" for c in value if c in DIGIT_NAMES]
    if kind == "digits" or not value.isdigit():
        return digits
    pieces = number_pieces(int(value)) if len(value) <= 9 else []
    return [f"number/{piece}" for piece in pieces] or digits
