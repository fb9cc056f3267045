"""What is wrong with words, names and questions that listen is named at its place."""

from typing import Any

import pytest

from appliance.flow.language import FlowSet
from appliance.model.findings import Finding
from tests.flow.caller import ROOMS, flows_of, site_of
from tests.flow.test_check import GOOD, findings, node, only

ERIKA = '[[agent]]\nid = "erika"\nname = "Erika Mustermann"\nseat = "sip:e@127.0.0.1"\n'
NAMES = '[flow.main.node.names]\ntype = "directory"\nprompt = "Who?"\non_no_answer = "support"\n'
SECOND = "choice.2.next"


def menu(*lines: str) -> str:
    return GOOD.replace(SECOND, "\n".join([*lines, SECOND]))


def german(text: str) -> str:
    return (
        text.replace('start = "menu"', 'start = "german"')
        .replace('"Press 1 or 2"', '{ en = "1 or 2", de = "1 oder 2" }')
        .replace("# end", "")
        + '[flow.main.node.german]\ntype = "language"\nlanguage = "de"\nnext = "menu"\n'
    )


def directory(more: str = "", rooms: str = ROOMS + ERIKA) -> list[Finding]:
    text = GOOD.replace('choice.2.next = "number"', 'choice.2.next = "number"\nchoice.3.next = "x"')
    return findings(text.replace('"x"', '"names"') + NAMES + more, rooms=rooms)


WORDS = [
    ('["..."]', "no word", "error"),
    ('["#$"]', "'#$' is no word: it has no letters", "error"),
    ('[" "]', "An empty text", "error"),
    ('["press 1"]', "figures", "error"),
    (f'["{"so much to say " * 5}"]', "60 are the most", "error"),
]


@pytest.mark.parametrize(("say", "what", "severity"), WORDS)
def test_words_that_nobody_says(say: str, what: str, severity: str) -> None:
    one = only(menu(f"choice.1.say = {say}"))
    assert one.path == node("menu", "choice", "1", "say")
    assert what in one.what and one.severity == severity


@pytest.mark.parametrize(("say", "what", "severity"), WORDS)
def test_other_names_that_nobody_says(say: str, what: str, severity: str) -> None:
    agent = ERIKA + f"say = {say}\n"
    [one] = findings(GOOD, rooms=ROOMS + agent)
    assert one.path == ("agent", 1, "say")
    assert what in one.what and one.severity == severity


def test_words_that_sound_the_same_mean_two_choices() -> None:
    one = only(menu('choice.1.say = ["E-Mail!"]', 'choice.2.say = ["e mail"]'))
    assert one.path == node("menu", "choice", "2", "say")
    assert "also means choice 1" in one.what


def test_the_same_words_in_two_languages_are_no_defect() -> None:
    words = ('choice.1.say = { en = ["fax"], de = ["mail"] }',
             'choice.2.say = { en = ["mail"], de = ["fax"] }')  # fmt: skip
    assert findings(german(menu(*words))) == []


def test_a_list_that_is_wrong_in_all_languages_is_named_once() -> None:
    words = menu('choice.1.say = ["1"]', 'choice.2.say = ["x"]')
    [one] = findings(german(words))
    assert one.path == node("menu", "choice", "1", "say")


def test_words_for_a_language_that_no_caller_is_in() -> None:
    one = only(menu('choice.1.say = { en = ["orders"], fr = ["commandes"] }'))
    assert one.path == node("menu", "choice", "1", "say", "fr")
    assert one.severity == "warning" and "language node" in one.to_do


def test_words_that_a_language_of_calls_lacks() -> None:
    [one] = findings(german(menu('choice.1.say = { en = ["orders"] }', 'choice.2.say = ["x"]')))
    assert one.path == node("menu", "choice", "1", "say") and one.severity == "warning"
    assert "de" in one.what and "by key only" in one.means


def letters(number: int) -> str:
    """A word of letters for each number."""
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


@pytest.mark.parametrize(("phrases", "wrong"), [(200, False), (201, True), (20_000, True)])
def test_an_absurdly_long_menu_is_refused(phrases: int, wrong: bool) -> None:
    say = [f"a {letters(n)}" for n in range(phrases)]
    found = findings(menu(f"choice.1.say = {say}"))
    assert [one.path for one in found] == ([node("menu", "choice")] if wrong else [])
    if wrong:
        assert str(phrases) in found[0].what and "200" in found[0].what
        assert found[0].severity == "error"


@pytest.mark.parametrize(
    ("lines", "severity"),
    [
        (["speech.on = true"], "error"),
        (["speech.on = true", 'choice.1.say = ["x"]'], None),
        (["speech.on = false", 'choice.1.say = ["x"]'], None),
        ([], None),
    ],
)
def test_nothing_to_listen_for_where_speech_is_asked_for(
    lines: list[str], severity: str | None
) -> None:
    found = findings(menu(*lines))
    assert [one.severity for one in found] == ([severity] if severity else [])
    assert all(one.path == node("menu", "speech", "on") for one in found)
    assert all("no choice has words in: en" in one.what for one in found)


def test_nothing_to_listen_for_in_one_language() -> None:
    text = german(menu("speech.on = true", 'choice.1.say = { en = ["x"] }'))
    found = {one.path: one.severity for one in findings(text)}
    assert found[node("menu", "speech", "on")] == "warning"


def test_speech_is_asked_for_and_switched_off_for_the_box() -> None:
    rooms = "[speech]\nenabled = false\n" + ROOMS
    text = menu("speech.on = true", 'choice.1.say = ["x"]')
    [one] = findings(text, rooms=rooms)
    assert one.path == node("menu", "speech", "on") and one.severity == "warning"
    assert list(flows_of_rooms(text, rooms).hearings()) == []


def flows_of_rooms(text: str, rooms: str) -> FlowSet:
    from appliance.flow.language import compile_flows

    return compile_flows(site_of(text, rooms))


# -- directories -------------------------------------------------------------------------------


def test_a_directory_that_is_well() -> None:
    assert directory() == []


DIRECTORIES: list[tuple[str, str, Any, str]] = [
    ('agents = ["erika", "nobody"]', ROOMS + ERIKA, node("names", "agents", 1), "error"),
    ('agents = ["erika", "agent1"]', ROOMS + ERIKA, node("names", "agents", 1), "warning"),
    ("", ROOMS, node("names"), "warning"),
    ("", ROOMS + ERIKA + ERIKA.replace('"erika"', '"double"'), ("agent", 2, "name"), "warning"),
    ("", ROOMS + "".join(
        ERIKA.replace('"erika"', f'"a{n}"').replace("Mustermann", f"Muster{letters(n)}")
        for n in range(251)), node("names", "agents"), "warning"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "rooms", "path", "severity"), DIRECTORIES)
def test_what_is_wrong_with_a_directory(more: str, rooms: str, path: Any, severity: str) -> None:
    found = directory(more, rooms)
    assert [(one.path, one.severity) for one in found] == [(path, severity)]


def test_a_directory_needs_no_words_of_its_own_but_an_edge_for_who_does_not_answer() -> None:
    text = GOOD.replace('fallback = "support"\n', "").replace('"told"\n', '"names"\n')
    found = findings(text + NAMES.replace('on_no_answer = "support"\n', ""), rooms=ROOMS + ERIKA)
    errors = {one.path for one in found if one.severity == "error"}
    assert {node("names", "on_no_answer"), node("names", "on_failed")} <= errors


def test_yes_or_no_needs_both_ways() -> None:
    text = GOOD.replace('fallback = "support"\n', "").replace('"told"\n', '"sure"\n')
    text += '[flow.main.node.sure]\ntype = "yes_no"\nprompt = "Sure?"\non_yes = "support"\n'
    errors = {one.path for one in findings(text) if one.severity == "error"}
    assert node("sure", "on_no") in errors and node("sure", "on_yes") not in errors


@pytest.mark.parametrize(
    ("line", "field", "says"),
    [("speech.tris = 3", "tris", "tries"), ("speech.tries = 0", "tries", "at least 1"),
     ('speech.confirm = "no"', "confirm", "'never'"), ("speech.on = 1", "on", "true or false"),
     ("speech.longest_s = 61", "longest_s", "at most 60")],
)  # fmt: skip
def test_a_wrong_field_of_speech_is_named_itself(line: str, field: str, says: str) -> None:
    [one] = findings(menu(line))
    assert one.path == node("menu", "speech", field)
    assert says in one.to_do and "first_key_s" not in one.to_do


# -- for who asks the lexicon ------------------------------------------------------------------


def test_every_phrase_is_told_with_its_language_and_field() -> None:
    text = german(menu('choice.1.say = { en = ["Orders"], de = ["Bestellung"] }',
                       'choice.2.say = ["x ray", "fax"]')) + NAMES  # fmt: skip
    flows = flows_of_rooms(text, ROOMS + ERIKA + 'say = ["Riki"]\n')
    heard = {(one.path[-1], one.language): one for one in flows.hearings()}
    assert set(heard) == {
        (name, code) for name in ("menu", "number", "names") for code in ("en", "de")
    }
    assert heard["menu", "de"].phrases == (
        (node("menu", "choice", "1", "say", "de", 0), "bestellung"),
        (node("menu", "choice", "2", "say", 0), "x ray"),
        (node("menu", "choice", "2", "say", 1), "fax"),
    )
    assert heard["names", "en"].phrases == (
        (("agent", 1, "name"), "erika mustermann"),
        (("agent", 1, "name"), "mustermann"),
        (("agent", 1, "name"), "erika"),
        (("agent", 1, "say", 0), "riki"),
    )
    assert heard["number", "en"].hearing.kind == "digits" and not heard["number", "en"].phrases
    assert all(one.hearing.language == code for (_, code), one in heard.items())


def test_a_site_without_words_has_only_its_digits_to_hear() -> None:
    assert [one.hearing.kind for one in flows_of(GOOD).hearings()] == ["digits"]
