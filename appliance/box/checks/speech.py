"""What callers may say: is there a model for it, and does it know the words?

Nothing here keeps the box from running: keys always work beside speech. Only a pronunciation
that is none is an error.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from appliance.box.checks import alike
from appliance.flow.hearings import Heard
from appliance.flow.language import read_flows
from appliance.model.findings import FieldPath, Finding
from appliance.model.site import SiteFile
from appliance.speech.catalog.folder import ModelFolder
from appliance.speech.catalog.ownwords import given
from appliance.speech.catalog.resolve import KEYS, resolve
from appliance.speech.catalog.words import Doubt, Vocabulary

KINDS = {"digits": "digits", "number": "numbers", "day": "days", "yes_no": "yes and no"}
MOST_NAMES = 20
"""Of words of people's names that are told of one by one."""
UNHEARD = "Callers who say it are not understood; keys work."


def check(site: SiteFile, base_dir: Path) -> Iterator[Finding]:
    """All findings about [speech] and the words of all questions. `base_dir`: the folder of
    site.toml."""
    yield from pronunciations(site)
    yield from advice(site, base_dir)


def pronunciations(site: SiteFile) -> Iterator[Finding]:
    """Errors in [speech.words]."""
    for one in given(site.speech)[1]:
        path: FieldPath = ("speech", "words", one.word)
        yield Finding(
            path if one.index is None else (*path, one.index),
            str(one),
            "The word would be left out of the grammar, or heard where nobody says it.",
            'Write one word, and its sounds in ARPABET: newin = ["N UW IH N"].',
        )


def advice(site: SiteFile, base_dir: Path) -> Iterator[Finding]:
    """What callers would say in vain: warnings. Reads models, and a dictionary of 35 MB where
    they lack words."""
    if not site.speech.enabled:
        return
    data_dir = (base_dir / site.site.data_dir).resolve()
    resolved = resolve(site.speech, data_dir, remember=False)
    ways, _ = given(site.speech)
    yield from resolved.findings
    flows, _ = read_flows(site)
    by_language: dict[str, list[Heard]] = {}
    for heard in flows.hearings():
        by_language.setdefault(heard.language, []).append(heard)
    for language, questions in by_language.items():
        folder = resolved.folders.get(language)
        if folder is None:
            yield _no_model(language, questions, language in site.speech.models)
        else:
            vocabulary = Vocabulary(ModelFolder(folder), language, ways)
            yield from _words(vocabulary, questions)
            yield from _ready_made(vocabulary, questions)
            yield from alike.check(vocabulary.sound_alike, questions)


def _no_model(language: str, questions: list[Heard], configured: bool) -> Finding:
    count = len(questions)
    asked = "One question listens" if count == 1 else f"{count} questions listen"
    get = f"Run: callfloor models fetch {language}, then callfloor models use MODEL"
    return Finding(
        questions[0].path,
        f"{asked} to callers in '{language}', and there is no speech model for it.",
        f"Nobody hears them there. {KEYS}",
        f"Correct models.{language} of [speech]."
        if configured
        else f"{get}; or switch it off (speech.on = false).",
        "warning",
    )


def _words(vocabulary: Vocabulary, questions: Iterable[Heard]) -> Iterator[Finding]:
    """Each word that may be said in vain, where it stands first."""
    places: dict[str, list[FieldPath]] = {}
    for heard in questions:
        for path, phrase in heard.phrases:
            for word in phrase.split():
                found = places.setdefault(word, [])
                if path not in found:
                    found.append(path)
    names: list[tuple[Doubt, list[FieldPath]]] = []
    for word, paths in places.items():
        doubt = vocabulary.doubt(word)
        if doubt is None:
            continue
        if paths[0][0] == "agent" and doubt.guess:
            names.append((doubt, paths))
        else:
            yield _finding(vocabulary, doubt, paths)
    for doubt, paths in names[:MOST_NAMES]:
        yield _finding(vocabulary, doubt, paths)
    if rest := names[MOST_NAMES:]:
        yield _more_names(vocabulary, rest)


def _more_names(vocabulary: Vocabulary, rest: list[tuple[Doubt, list[FieldPath]]]) -> Finding:
    """Warnings by the hundred would hide all others."""
    shown = ", ".join(f"{one.word} ({one.guess})" for one, _ in rest[:MOST_NAMES])
    more = " ..." if len(rest) > MOST_NAMES else ""
    return Finding(
        rest[0][1][0],
        f"No dictionary has {len(rest)} more words of names: {shown}{more}; "
        f"{vocabulary.model.name} will listen for what the letters sound like.",
        "Callers who say them otherwise are not understood; keys work.",
        "Give those that sound otherwise in [speech.words].",
        "warning",
    )


def _ready_made(vocabulary: Vocabulary, questions: Iterable[Heard]) -> Iterator[Finding]:
    """Digits, numbers, days, yes and no: does the model have the words of this language?"""
    for heard in questions:
        kind, language = heard.hearing.kind, heard.language
        if kind != "choices" and (why := vocabulary.cannot_hear(heard.hearing)):
            yield Finding(
                heard.path,
                f"{vocabulary.model.name} cannot hear {KINDS[kind]} in '{language}': {why}.",
                f"Nobody hears callers there. {KEYS}",
                "Nothing, where keys are enough; else ask by a menu, whose words you choose.",
                "warning",
            )


def _finding(vocabulary: Vocabulary, doubt: Doubt, paths: list[FieldPath]) -> Finding:
    also = f" (and {len(paths) - 1} more places)" if len(paths) > 1 else ""
    # Looking for neighbours takes its time, and a name is hardly ever another one misspelled.
    others = () if paths[0][0] == "agent" else vocabulary.near(doubt.word)
    near = f" Spelled alike: {', '.join(others)}." if others else ""
    name = vocabulary.model.name
    if doubt.guess:
        return Finding(
            paths[0],
            f"How is '{doubt.word}' said? No dictionary has it{also}; {name} will listen for "
            f"{doubt.guess}.",
            "Callers who say it otherwise are not understood; keys work.",
            f"If it is said otherwise, add to [speech.words]: {doubt.word} = "
            f'["{doubt.guess}"], with the right sounds.{near}',
            "warning",
        )
    if vocabulary.learns:
        to_do = (
            f"Add its sounds in ARPABET to [speech.words], such as {doubt.word} = "
            f'["N UW IH N"], or write another word.{near}'
        )
    else:
        to_do = (
            f"Write a word that it knows; {name} takes no new ones, also not from "
            f"[speech.words].{near}"
        )
    return Finding(
        paths[0], f"{name} does not know the word '{doubt.word}'{also}.", UNHEARD, to_do, "warning"
    )
