"""Every number and every day, said by writers of our own, is read back."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.speech.live.tongues import TONGUES
from appliance.speech.live.tongues.calendar import day_of_month, weekday

NUMBERS = st.integers(0, 999_999) | st.integers(0, 2000)
TODAYS = st.dates(date(2024, 1, 1), date(2040, 12, 31))
words = str.split
ENGLISH, GERMAN = TONGUES["en"], TONGUES["de"]
ONES = words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen "
    "fourteen fifteen sixteen seventeen eighteen nineteen"
)
TENS = words("- - twenty thirty forty fifty sixty seventy eighty ninety")
EINS = words(
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn "
    "vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn"
)
ZIGS = words("- - zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig")


def english(n: int, link: str = "and ") -> str:
    if n >= 1000:
        low = n % 1000
        joint = link if 0 < low < 100 else ""
        return f"{english(n // 1000, link)} thousand {joint}{english(low, link) if low else ''}"
    if n >= 100:
        low = n % 100
        return f"{ONES[n // 100]} hundred {link + english(low, link) if low else ''}"
    if n < 20:
        return ONES[n]
    return f"{TENS[n // 10]} {ONES[n % 10] if n % 10 else ''}"


def german(n: int, gap: str, bare: bool) -> str:
    """`bare`: hundert instead of einhundert."""
    if n >= 1000:
        high = "" if bare and n < 2000 else german(n // 1000, gap, bare).removesuffix("s")
        if n // 1000 % 100 in (6,) or high.endswith("sech"):
            high = german(n // 1000, gap, bare)
        return gap.join(
            filter(None, [high, "tausend", german(n % 1000, gap, bare) * (n % 1000 > 0)])
        )
    if n >= 100:
        high = "" if bare and n < 200 else ("ein" if n < 200 else EINS[n // 100])
        low = german(n % 100, gap, bare) if n % 100 else ""
        return gap.join(filter(None, [high, "hundert", low]))
    if n < 20:
        return EINS[n]
    one = "ein" if n % 10 == 1 else EINS[n % 10]
    return gap.join([one, "und", ZIGS[n // 10]]) if n % 10 else ZIGS[n // 10]


@given(NUMBERS, st.sampled_from(["", "and "]))
def test_english_numbers(n: int, link: str) -> None:
    assert ENGLISH.number(english(n, link).split()) == n


@given(NUMBERS, st.sampled_from(["", " "]), st.booleans())
def test_german_numbers_in_one_word_or_in_many(n: int, gap: str, bare: bool) -> None:
    assert GERMAN.number(german(n, gap, bare).split()) == n


@pytest.mark.parametrize(
    ("code", "text", "n"),
    [
        ("en", "twelve hundred", 1200),
        ("en", "twenty three hundred and five", 2305),
        ("en", "one twenty three", 123),
        ("en", "nineteen eighty four", 1984),
        ("en", "one oh five", 105),
        ("en", "one zero five", 105),
        ("en", "nineteen oh five", 1905),
        ("en", "twenty oh one", 2001),
        ("en", "five oh oh", 500),
        ("en", "double seven", 77),
        ("en", "one double four", 144),
        ("en", "oh", 0),
        ("en", "a hundred", 100),
        ("en", "a thousand and ten", 1010),
        ("de", "zwölfhundert", 1200),
        ("de", "tausend und eins", 1001),
        ("de", "eins null fünf", 105),
        ("de", "doppel sieben", 77),
        ("de", "zwo hundert", 200),
        ("de", "dreissig", 30),
    ],
)
def test_other_ways_to_say_numbers(code: str, text: str, n: int) -> None:
    assert TONGUES[code].number(text.split()) == n


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", ""),
        ("en", "one two"),
        ("en", "one hundred and"),
        ("en", "hundred"),
        ("en", "twenty twelve hundred thousand"),
        ("en", "two thousand hundred"),
        ("en", "zero one"),
        ("en", "twenty zero"),
        ("en", "a"),
        ("en", "and five"),
        ("en", "one hundred oh five"),
        ("en", "oh twenty five"),
        ("en", "one oh five" * 6),
        ("en", "twenty double five"),
        ("en", "double"),
        ("de", ""),
        ("de", "eins zwei"),
        ("de", "hundert und"),
        ("de", "zwanzig hundert"),
        ("de", "elf und zwanzig"),
        ("de", "null eins"),
        ("de", "zwanzig null eins"),
        ("de", "doppel"),
    ],
)
def test_what_is_no_number(code: str, text: str) -> None:
    assert TONGUES[code].number(text.split()) is None


@given(
    st.lists(st.sampled_from(sorted({*ONES, *TENS, "hundred", "thousand", "and", "a"})), max_size=8)
)
def test_any_english_words_are_a_number_below_a_million_or_none(words: list[str]) -> None:
    found = ENGLISH.number(words)
    assert found is None or 0 <= found <= 999_999


@given(
    st.lists(
        st.sampled_from(sorted({*EINS, *ZIGS, "hundert", "tausend", "und", "ein"})), max_size=8
    )
)
def test_any_german_words_too(words: list[str]) -> None:
    found = GERMAN.number(words)
    assert found is None or 0 <= found <= 999_999


@pytest.mark.parametrize(
    ("code", "text", "digits"),
    [
        ("en", "nineteen eighty four", "1984"),
        ("en", "twenty one thirty", "2130"),
        ("en", "four nineteen double seven", "41977"),
        ("en", "twenty oh six", "2006"),
        ("en", "eighty eight", "88"),
        ("en", "a", None),
        ("en", "nineteen hundred", None),
        ("en", "double nineteen", None),
        ("en", "four triple", None),
        ("de", "einundzwanzig dreißig", "2130"),
        ("de", "ein und zwanzig dreissig", "2130"),
        ("de", "einund zwanzig", "21"),
        ("de", "neunzehn vier und achtzig", "1984"),
        ("de", "drei zehn", "310"),
        ("de", "vier zwanzig", "420"),
        ("de", "doppel sieben zwo", "772"),
        ("de", "elf und zwanzig", None),
        ("de", "vier und", None),
    ],
)
def test_digits_by_ones_and_twos(code: str, text: str, digits: str | None) -> None:
    assert TONGUES[code].spelled(text.split()) == digits


@given(st.lists(st.integers(10, 99), min_size=1, max_size=6), st.sampled_from(["", " "]))
def test_digits_two_at_a_time_come_back(pairs: list[int], gap: str) -> None:
    digits = "".join(map(str, pairs))
    assert ENGLISH.spelled(" ".join(map(english, pairs)).split()) == digits
    assert GERMAN.spelled(" ".join(german(n, gap, False) for n in pairs).split()) == digits


@given(st.lists(st.sampled_from(sorted({*EINS, *ZIGS, "und", "ein", "doppel"})), max_size=9))
def test_any_german_words_are_digits_or_none(said: list[str]) -> None:
    found = GERMAN.spelled(said)
    assert found is None or (found == "" and not said) or found.isdecimal()


MONTHS = words(
    "january february march april may june july august september october november december"
)
MONATE = words("januar februar märz april mai juni juli august september oktober november dezember")
ORDINALS = dict(
    enumerate(
        words(
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
            "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth "
            "twentieth"
        ),
        1,
    )
) | {30: "thirtieth", 31: "thirty first"}


def ordinal(n: int) -> str:
    return ORDINALS.get(n) or f"twenty {ORDINALS[n - 20]}"


def ordnung(n: int) -> str:
    odd = {1: "erst", 3: "dritt", 7: "siebt", 8: "acht"}
    return odd.get(n) or german(n, "", False) + ("t" if n < 20 else "st")


@given(TODAYS, st.integers(0, 365), st.integers(0, 4))
def test_every_day_of_the_coming_year_in_english(today: date, ahead: int, form: int) -> None:
    day = today + timedelta(days=ahead)
    name, month = ordinal(day.day), MONTHS[day.month - 1]
    forms = (
        f"{name} of {month}",
        f"the {name} of {month}",
        f"{month} {name}",
        f"{month} the {name}",
        f"on {month} {english(day.day)}",
    )
    found = ENGLISH.day(forms[form].split(), today)
    assert found == (today if ahead > 364 and _same(day, today) else day)


@given(TODAYS, st.integers(0, 365), st.integers(0, 3))
def test_every_day_of_the_coming_year_in_german(today: date, ahead: int, form: int) -> None:
    day = today + timedelta(days=ahead)
    stem, month = ordnung(day.day), MONATE[day.month - 1]
    forms = (
        f"{stem}er {month}",
        f"am {stem}en {month}",
        f"der {stem}e {month}",
        f"am {stem}en {ordnung(day.month)}en",
    )
    found = GERMAN.day(forms[form].split(), today)
    assert found == (today if ahead > 364 and _same(day, today) else day)


def _same(day: date, today: date) -> bool:
    return (day.month, day.day) == (today.month, today.day)


@given(TODAYS, st.integers(1, 31))
def test_a_day_without_its_month_is_the_next_such_day(today: date, n: int) -> None:
    found = ENGLISH.day(["the", *ordinal(n).split()], today)
    assert found == GERMAN.day(["am", f"{ordnung(n)}en"], today)
    assert found is not None
    assert found.day == n
    assert timedelta() <= found - today <= timedelta(days=62)


@given(TODAYS, st.integers(0, 6))
def test_weekdays(today: date, day: int) -> None:
    """Coming: after today, within a week. Next: of the week after this one."""
    coming, next_one = weekday(today, day), weekday(today, day, "next")
    assert coming.weekday() == next_one.weekday() == day
    assert timedelta() < coming - today <= timedelta(days=7)
    monday = today - timedelta(days=today.weekday())
    assert timedelta(days=7) <= next_one - monday < timedelta(days=14)
    assert today <= weekday(today, day, "this")


@pytest.mark.parametrize(
    ("code", "text", "day"),
    [
        ("en", "today", "2026-11-23"),
        ("en", "the day after tomorrow", "2026-11-25"),
        ("en", "friday", "2026-11-27"),
        ("en", "monday", "2026-11-30"),
        ("en", "next friday", "2026-12-04"),
        ("en", "in three days", "2026-11-26"),
        ("en", "in a week", "2026-11-30"),
        ("en", "the third of may", "2027-05-03"),
        ("en", "february twenty ninth", "2028-02-29"),
        ("en", "may third", "2027-05-03"),
        ("en", "thursday the third", "2026-12-03"),
        ("en", "on thursday third of december", "2026-12-03"),
        ("en", "monday may the third", "2027-05-03"),
        ("en", "saturday the third", "2026-12-03"),
        ("de", "morgen", "2026-11-24"),
        ("de", "nächsten freitag", "2026-12-04"),
        ("de", "am sonnabend", "2026-11-28"),
        ("de", "dritter fünfter", "2027-05-03"),
        ("de", "in zwei wochen", "2026-12-07"),
        ("de", "donnerstag den dritten", "2026-12-03"),
        ("de", "am donnerstag dem dritten zwölften", "2026-12-03"),
        ("de", "montag der dritte mai", "2027-05-03"),
    ],
)
def test_days_as_people_say_them(code: str, text: str, day: str) -> None:
    found = TONGUES[code].day(text.split(), date(2026, 11, 23))
    assert found == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", ""),
        ("en", "may"),
        ("en", "february thirtieth"),
        ("en", "the third of"),
        ("en", "may june third"),
        ("en", "third may fourth"),
        ("en", "in nine hundred weeks"),
        ("en", "twenty tenth"),
        ("en", "saturday the"),
        ("en", "saturday monday"),
        ("en", "the third saturday"),
        ("de", "mai"),
        ("de", "am einunddreißigsten februar"),
        ("de", "fünfter dreizehnter"),
        ("de", "in tagen"),
    ],
)
def test_what_is_no_day(code: str, text: str) -> None:
    found = TONGUES[code].day(text.split(), date(2026, 11, 23))
    assert found is None or text == "the third of"


def test_no_such_day_of_any_month() -> None:
    assert day_of_month(date(2026, 1, 1), 31, 6) is None
    assert day_of_month(date(2026, 1, 1), 32) is None


@pytest.mark.parametrize("code", TONGUES)
def test_every_phrase_of_a_grammar_means_something(code: str) -> None:
    tongue = TONGUES[code]
    today = date(2026, 11, 23)
    numbers = [one for one in tongue.number_phrases() if tongue.number(one.split()) is None]
    assert numbers == []
    days = {one for one in tongue.day_phrases() if tongue.day(one.split(), today) is None}
    impossible = {"thirtieth", "thirty", "thirty first", "31", "dreißigste", "einunddreißigste"}
    assert all(any(word in one for word in impossible) for one in days)


@pytest.mark.parametrize("code", TONGUES)
def test_a_grammar_has_all_pairs_of_words_that_numbers_need(code: str) -> None:
    """Its bigrams: what no phrase has next to each other costs a recogniser dearly."""
    tongue = TONGUES[code]
    pairs = {pair for one in tongue.number_phrases() for pair in itertools.pairwise(one.split())}
    say = english if code == "en" else (lambda n: german(n, " ", True))
    wanted = [say(n).split() for n in range(1000)]
    assert {pair for one in wanted for pair in itertools.pairwise(one)} <= pairs


def test_a_grammar_has_dates_behind_weekdays_and_zeros_within_numbers() -> None:
    days = {pair for one in ENGLISH.day_phrases() for pair in itertools.pairwise(one.split())}
    assert {("saturday", "the"), ("friday", "may"), ("may", "third"), ("the", "third")} <= days
    numbers = {pair for one in ENGLISH.number_phrases() for pair in itertools.pairwise(one.split())}
    assert {(one, "oh") for one in (*ONES[1:], *TENS[2:])} <= numbers
    assert {("oh", one) for one in ONES[1:10]} <= numbers
    pairs = {pair for one in ENGLISH.pair_phrases() for pair in itertools.pairwise(one.split())}
    twos = [english(n).split() for n in range(10, 100)]
    assert {(one[-1], other[0]) for one in twos for other in twos if len(one) == 1} <= pairs


@pytest.mark.parametrize("code", TONGUES)
def test_yes_is_not_no(code: str) -> None:
    tongue = TONGUES[code]
    assert not set(tongue.yes) & set(tongue.no)
    assert not set(tongue.neither) & {*tongue.yes, *tongue.no}
