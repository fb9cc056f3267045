"""Recordings heard in this process, as tools do it."""

from pathlib import Path

import numpy as np
import pytest

from appliance.model.hearing import Hearing
from appliance.speech.live.grammar import NoWords
from appliance.speech.live.offline import LoadedModel, hear_file, load
from tests.speech.live.conftest import MENU, g711, line, said


@pytest.fixture(scope="module")
def loaded(model: Path) -> LoadedModel:
    return load(model)


@pytest.mark.parametrize("text", ["sales", "billing", "technical support", "operator"])
def test_a_file_is_heard_as_a_call(loaded: LoadedModel, text: str) -> None:
    (done,) = hear_file(loaded, MENU, g711(line(0.5, said(text), 0.2)))
    assert done.text == text
    assert done.verdict == "sure"
    assert done.choice in MENU.choices
    assert abs(done.spoken_s - said(text).size / 8000) < 0.3
    assert 0.1 < done.latency_s < 0.7


def test_several_utterances_in_one_file(loaded: LoadedModel) -> None:
    sound = line(0.3, said("sales"), 1.0, said("billing"), 1.0, said("operator"), 0.5)
    assert [one.choice for one in hear_file(loaded, MENU, sound)] == [
        "sales",
        "billing",
        "operator",
    ]


def test_what_is_no_utterance(loaded: LoadedModel) -> None:
    assert hear_file(loaded, MENU, np.zeros(0, np.int16)) == []
    assert hear_file(loaded, MENU, line(2.0)) == []


def test_a_sentence_with_the_word_in_it(loaded: LoadedModel) -> None:
    (done,) = hear_file(loaded, MENU, line(0.3, said("i want to talk to sales please"), 0.5))
    assert done.choice == "sales"


def test_a_pause_between_words_does_not_cut_an_answer_that_goes_on(loaded: LoadedModel) -> None:
    """0.3 s is more than the pause that ends a complete answer, less than what ends any."""
    digits = Hearing(kind="digits", language="en", least=2, most=4)
    sound = line(0.3, *(part for text in "4719" for part in (said(text), 0.3)), 0.7)
    (done,) = hear_file(loaded, digits, sound)
    assert done.choice == "4719"


VOICES = ("en-us", "en-gb")
DIGITS = Hearing(kind="digits", language="en", most=8)
DAY = Hearing(kind="day", language="en", today="2026-11-23")


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize(
    ("hearing", "text", "choice", "verdict"),
    [
        (DIGITS, "four one nine oh", "4190", "sure"),
        (DIGITS, "eight two one nine nine", "82199", "sure"),
        (DIGITS, "six zero double seven", "6077", "sure"),
        (DIGITS, "nineteen eighty four", "1984", "unsure"),
        (DIGITS, "twenty one thirty", "2130", "unsure"),
        (Hearing(kind="number", language="en"), "one oh five", "105", "sure"),
        (Hearing(kind="number", language="en"), "one hundred and five", "105", "sure"),
        (Hearing(kind="number", language="en"), "double seven", "77", "sure"),
        (DAY, "friday", "2026-11-27", "sure"),
        (DAY, "thursday the third of december", "2026-12-03", "sure"),
        (DAY, "may the third", "2027-05-03", "sure"),
        (DAY, "saturday the third", "2026-12-03", "unsure"),
    ],
)
def test_digits_numbers_and_days_as_people_say_them(
    loaded: LoadedModel, hearing: Hearing, text: str, choice: str, verdict: str, voice: str
) -> None:
    (done,) = hear_file(loaded, hearing, g711(line(0.3, said(text, voice), 0.8)))
    assert (done.choice, done.verdict) == (choice, verdict)


def test_a_question_that_the_model_cannot_hear(loaded: LoadedModel) -> None:
    with pytest.raises(NoWords):
        hear_file(loaded, Hearing(kind="choices", language="en"), line(0.1))
