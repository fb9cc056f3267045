"""Words for numbers, places and waits, as people say them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.site import Queue
from appliance.speech.languages import LANGUAGES, language_of
from appliance.speech.languages.english import number as english
from appliance.speech.languages.german import number as german
from appliance.speech.languages.language import MINUTES, NUMBERS, number_pieces
from appliance.speech.phrases import music_prompt, queue_phrases, site_prompt, whisper_prompt


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (0, "null"), (1, "eins"), (2, "zwei"), (11, "elf"), (12, "zwölf"), (16, "sechzehn"),
        (17, "siebzehn"), (20, "zwanzig"), (21, "einundzwanzig"), (30, "dreißig"),
        (33, "dreiunddreißig"), (66, "sechsundsechzig"), (77, "siebenundsiebzig"),
        (99, "neunundneunzig"), (100, "hundert"), (101, "hunderteins"), (200, "zweihundert"),
        (312, "dreihundertzwölf"), (1000, "eintausend"), (7000, "siebentausend"),
    ],
)  # fmt: skip
def test_german_numbers(n: int, words: str) -> None:
    assert german(n) == words


@pytest.mark.parametrize(
    ("n", "words"),
    [(0, "zero"), (13, "thirteen"), (21, "twenty-one"), (40, "forty"), (100, "one hundred"),
     (312, "three hundred twelve"), (2000, "two thousand")],
)  # fmt: skip
def test_english_numbers(n: int, words: str) -> None:
    assert english(n) == words


@pytest.mark.parametrize(
    ("n", "en", "de"),
    [(1, "first", "erste"), (2, "second", "zweite"), (3, "third", "dritte"),
     (7, "seventh", "siebte"), (8, "eighth", "achte"), (9, "ninth", "neunte"),
     (12, "twelfth", "zwölfte"), (19, "nineteenth", "neunzehnte"), (20, "twentieth", "zwanzigste"),
     (21, "twenty-first", "einundzwanzigste"), (30, "thirtieth", "dreißigste"),
     (31, "thirty-first", "einunddreißigste")],
)  # fmt: skip
def test_days_of_the_month(n: int, en: str, de: str) -> None:
    assert LANGUAGES["en"].text(f"monthday/{n}") == f"the {en} of"
    assert LANGUAGES["de"].text(f"monthday/{n}") == f"der {de}"


@pytest.mark.parametrize(("stem", "most"), [("weekday", 7), ("monthday", 31), ("month", 12),
                                            ("press", 8)])  # fmt: skip
@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_counted_begins_at_one_and_no_two_are_alike(
    code: str, stem: str, most: int
) -> None:
    said = [LANGUAGES[code].text(f"{stem}/{n}") for n in range(1, most + 1)]
    assert None not in said and len(set(said)) == most
    assert LANGUAGES[code].text(f"{stem}/0") is LANGUAGES[code].text(f"{stem}/{most + 1}") is None


@given(st.integers(0, 9999))
def test_a_number_is_the_sum_of_its_pieces_and_all_are_ready(n: int) -> None:
    pieces = number_pieces(n)
    assert sum(pieces) == n
    assert set(pieces) <= set(NUMBERS)
    assert len(pieces) <= 3


def test_numbers_differ_from_each_other_in_words() -> None:
    for words in (english, german):
        assert len({words(n) for n in range(10_000)}) == 10_000


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_the_same_phrases_with_words(code: str) -> None:
    language = LANGUAGES[code]
    assert set(language.texts) == set(LANGUAGES["en"].texts)
    names = list(language.names())
    assert len(names) == len(set(names))
    assert all(language.text(name) for name in names)
    assert language.text("number/212") is None and language.text("no/such") is None


def words(code: str, position: int | None, low: float | None, high: float | None) -> str:
    language = language_of(code)
    return " ".join(language.text(p.value) or "?" for p in queue_phrases(code, position, low, high))


@pytest.mark.parametrize(
    ("position", "low", "high", "en", "de"),
    [
        (3, None, None, "You are number three in the queue.",
         "Sie sind an Position drei in der Warteschlange."),
        (None, 30, 50, "The expected wait is less than one minute.",
         "Die Wartezeit beträgt voraussichtlich weniger als eine Minute."),
        (None, 60, 130, "The expected wait is between one and three minutes.",
         "Die Wartezeit beträgt voraussichtlich zwischen einer und drei Minuten."),
        (None, 660, 1260, "The expected wait is between ten and twenty-five minutes.",
         "Die Wartezeit beträgt voraussichtlich zwischen zehn und fünfundzwanzig Minuten."),
        (None, 300, 300, "The expected wait is about five minutes.",
         "Die Wartezeit beträgt voraussichtlich etwa fünf Minuten."),
        (None, 1300, 4000, "The expected wait is more than twenty minutes.",
         "Die Wartezeit beträgt voraussichtlich mehr als zwanzig Minuten."),
        (None, 7000, 9000, "The expected wait is more than one hour.",
         "Die Wartezeit beträgt voraussichtlich mehr als eine Stunde."),
        (None, 0, float("inf"), "The expected wait may be more than one hour.",
         "Die Wartezeit kann mehr als eine Stunde betragen."),
    ],
)  # fmt: skip
def test_announcements(
    position: int | None, low: float | None, high: float | None, en: str, de: str
) -> None:
    assert words("en", position, low, high) == en
    assert words("de", position, low, high) == de


def test_the_next_caller_and_the_hundreds_are_told_differently() -> None:
    assert "next" in words("en", 1, None, None)
    assert words("de", 250, None, None) == "Vor Ihnen warten mehr als einhundert Anrufer."
    assert queue_phrases("en", None, None, None) == []
    assert queue_phrases("en", 0, None, float("nan")) == []


def told(low_s: float, high_s: float) -> tuple[float, float]:
    """The range in minutes that a listener takes from the announcement."""
    low, high = 0.0, float("inf")
    for prompt in queue_phrases("en", None, low_s, high_s):
        stem, _, minutes = prompt.value.partition("/")
        if stem in ("wait-low", "wait-about", "wait-more"):
            low = float(minutes)
        if stem in ("wait-high", "wait-about", "wait-less"):
            high = float(minutes)
    return low, high


WAITS = st.floats(0, 5000)


@given(WAITS, WAITS)
def test_the_range_told_holds_the_range_given_and_is_near_it(a: float, b: float) -> None:
    low_s, high_s = sorted((a, b))
    low, high = told(low_s, high_s)
    assert low * 60 <= low_s and high_s <= high * 60
    if high_s <= 3600:
        assert high in MINUTES and high * 60 <= max(60, high_s * 1.34 + 60)


@given(WAITS, WAITS, st.floats(0, 1), st.floats(0, 1))
def test_what_is_told_never_rises_when_the_estimate_falls(
    a: float, b: float, less: float, less_too: float
) -> None:
    low_s, high_s = sorted((a, b))
    before = told(low_s, high_s)
    after = told(*sorted((low_s * less, high_s * min(less, less_too))))
    assert after[1] <= before[1]


def test_strings_of_site_toml() -> None:
    assert site_prompt("  ") is None
    for value, kind, rest in (
        ("Please hold", "text", "Please hold"),
        ("prompts/hold.MP3", "file", "prompts/hold.MP3"),
        ("phrase:vm-goodbye", "phrase", "vm-goodbye"),
    ):
        prompt = site_prompt(value, "de")
        assert prompt is not None
        assert (prompt.kind, prompt.value, prompt.language) == (kind, rest, "de")
    assert music_prompt("").value == music_prompt("music").value == "music"


def test_the_whisper_names_the_queue() -> None:
    queue = Queue(id="support", name="Support", whisper="auto")
    english, german = (whisper_prompt(queue, code) for code in ("en", "de"))
    assert english is not None and english.value == "Call from queue Support."
    assert german is not None and german.value == "Anruf aus der Warteschlange Support."
    assert whisper_prompt(Queue(id="support"), "en") is None
