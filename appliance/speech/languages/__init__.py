"""What the box itself says, by language. A language is one module and one line here."""

from appliance.speech.languages import english, german
from appliance.speech.languages.language import Language

LANGUAGES: dict[str, Language] = {one.code: one for one in (english.ENGLISH, german.GERMAN)}


def language_of(code: str) -> Language:
    """The language of a code. Without a module of its own: English words, but its own voice
    for the site's texts; `PromptStore.prepare` says so."""
    return LANGUAGES.get(code, english.ENGLISH)


__all__ = ["LANGUAGES", "Language", "language_of"]
