"""English as callers speak it."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from appliance.speech.live.tongues.calendar import day_of_month, weekday
from appliance.speech.live.tongues.spelling import spell
from appliance.speech.live.tongues.tongue import Tongue, Words

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = (
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
    "eighteenth", "nineteenth", "twentieth",
)  # fmt: skip
_WEEKDAYS = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip

_UNIT = {word: n for n, word in enumerate(_SMALL[1:10], 1)} | {"a": 1}
_TEEN = {word: n for n, word in enumerate(_SMALL[10:], 10)}
_TEN = {word: n for n, word in enumerate(_TENS, 2)}
_ORDINAL = {word: n for n, word in enumerate(_ORDINALS, 1)} | {"thirtieth": 30}
_WHICH = {"this": "this", "next": "next", "coming": "coming", "on": "coming"}
_OH = ("oh", "o")
_DIGITS = {word: str(n) for n, word in enumerate(_SMALL[:10])} | dict.fromkeys(_OH, "0")
_REPEATS = {"double": 2, "triple": 3}


def pair(words: Words) -> tuple[str, int] | None:
    """``nineteen``, ``twenty``, ``twenty one`` at the beginning: the digits, and how many words
    they take."""
    for count in (2, 1):
        if len(words) >= count and (found := _below_100(words[:count])) and found >= 10:
            return str(found), count
    return None


def spelled(words: Words) -> str | None:
    """``one oh five``, ``double seven``, ``nineteen eighty four``."""
    return spell(words, _DIGITS, _REPEATS, pair)


def number(words: Words) -> int | None:
    """0 to 999999: ``one hundred and twenty three``, ``twelve hundred``, ``one twenty three``,
    ``one oh five``, ``double seven``."""
    if list(words) == ["zero"]:
        return 0
    if not {*_OH, *_REPEATS}.isdisjoint(words) or "zero" in words[1:]:
        return _by_digits(words)
    if words and words[-1] in ("and", "a"):
        return None
    head, rest = _split(words, "thousand")
    if head is None:
        return _hundreds(words)
    return _sum(_hundreds(head), 1000, rest, _below_1000)


def _by_digits(words: Words) -> int | None:
    """A zero in the middle, or a digit that is said to come twice: nobody means two numbers."""
    year = _below_100(words[:-2])
    if year and year >= 10 and words[-2] in _OH and words[-1] in _UNIT:
        return year * 100 + _UNIT[words[-1]]
    digits = spell(words, _DIGITS, _REPEATS)
    return int(digits) if digits and len(digits) <= 6 else None


def _hundreds(words: Words) -> int | None:
    """1 to 9999 without ``thousand``."""
    head, rest = _split(words, "hundred")
    if head is not None:
        return _sum(_below_100(head), 100, rest, _below_100)
    for cut in range(1, len(words)):  # one twenty three, nineteen eighty four
        high, low = _below_100(words[:cut]), _below_100(words[cut:])
        if high and low and low >= 10 and (high >= 10 or cut == 1) and words[0] != "a":
            return high * 100 + low
    return _below_100(words)


def _below_1000(words: Words) -> int | None:
    found = _hundreds(words)
    return found if found is not None and found < 1000 else None


def _below_100(words: Words) -> int | None:
    if len(words) == 1:
        word = words[0]
        return _UNIT.get(word) or _TEEN.get(word) or (_TEN.get(word, 0) * 10 or None)
    if len(words) == 2 and words[0] in _TEN and words[1] in _UNIT and words[1] != "a":
        return _TEN[words[0]] * 10 + _UNIT[words[1]]
    return None


def _split(words: Words, mark: str) -> tuple[Words | None, Words]:
    if mark not in words:
        return None, words
    at = list(words).index(mark)
    return words[:at], words[at + 1 :]


def _sum(
    high: int | None, factor: int, rest: Words, read: Callable[[Words], int | None]
) -> int | None:
    if high is None or high * factor >= 1_000_000:
        return None
    if rest and rest[0] == "and":
        rest = rest[1:]
    if not rest:
        return high * factor
    low = read(rest)
    return None if low is None or low >= factor else high * factor + low


def say(n: int) -> str:
    """0 to 999999 in words, without ``and``."""
    if n < 20:
        return _SMALL[n]
    if n < 100:
        return f"{_TENS[n // 10 - 2]} {_SMALL[n % 10]}" if n % 10 else _TENS[n // 10 - 2]
    factor, name = (100, "hundred") if n < 1000 else (1000, "thousand")
    rest = f" {say(n % factor)}" if n % factor else ""
    return f"{say(n // factor)} {name}{rest}"


def number_phrases() -> Iterator[str]:
    for n in range(100):
        yield say(n)
    for n in range(1, 10):
        yield from (f"{say(n)} hundred", f"{say(n)} thousand", f"{say(n)} hundred thousand")
    for n in (*range(1, 20), *range(20, 100, 10)):
        yield from (f"one hundred {say(n)}", f"one hundred and {say(n)}")
        yield from (f"two thousand {say(n)}", f"two thousand and {say(n)}")
        yield from (f"{say(n)} thousand one hundred", f"{say(n)} hundred and one")
    for n in range(101, 1_000_000, 13_577):
        yield say(n)
    for high in (*range(1, 10), *range(10, 20), *range(20, 100, 10)):
        yield from (f"{say(high)} twenty three", f"{say(high)} fifteen")
    yield from ("a hundred", "a thousand", "a hundred and one", "a thousand and ten")
    for n in range(1, 10):
        other = say(n % 9 + 1)
        yield from (f"{say(n)} oh {other}", f"{say(n)} zero {other}", f"{other} double {say(n)}")
    for n in (*range(10, 20), *range(20, 100, 10)):
        yield f"{say(n)} oh {say(n % 9 + 1)}"
    yield from ("double one", "oh")


def pair_phrases() -> Iterator[str]:
    """Pairs of digits that are said as one number, beside each other and beside single ones."""
    singles = (*_SMALL[:10], _OH[0])
    pairs = (*_SMALL[10:], *_TENS)
    for one in pairs:
        yield one
        yield from (f"{one} {other}" for other in (*singles, *pairs))
        yield from (f"{other} {one}" for other in singles)


def day(words: Words, today: date) -> date | None:
    """``today``, ``next monday``, ``saturday the third``, ``the third of may``, ``may third``,
    ``in two weeks``."""
    words = list(words)
    match words:
        case ["today"]:
            return today
        case ["tomorrow"]:
            return today + timedelta(days=1)
        case ["day", "after", "tomorrow"] | ["the", "day", "after", "tomorrow"]:
            return today + timedelta(days=2)
        case ["in", *many, "day" | "days"]:
            return _ahead(many, 1, today)
        case ["in", *many, "week" | "weeks"]:
            return _ahead(many, 7, today)
        case [name] if name in _WEEKDAYS:
            return weekday(today, _WEEKDAYS.index(name))
        case [which, name] if which in _WHICH and name in _WEEKDAYS:
            return weekday(today, _WEEKDAYS.index(name), _WHICH[which])  # type: ignore[arg-type]
        case ["on", name, *said] | [name, *said] if name in _WEEKDAYS:
            words = said  # the date counts: who asks for it may judge the weekday
    return _date([word for word in words if word not in ("the", "on", "of")], today)


def _ahead(words: Words, factor: int, today: date) -> date | None:
    many = number(words) if list(words) != ["a"] else 1
    return today + timedelta(days=many * factor) if many and many * factor <= 366 else None


def _date(words: Words, today: date) -> date | None:
    months = [at for at, word in enumerate(words) if word in _MONTHS]
    if not words or len(months) > 1:
        return None
    if not months:
        return _day_number(words, today, None, cardinal=False)
    month = _MONTHS.index(words[months[0]]) + 1
    if months[0] == 0:
        return _day_number(words[1:], today, month, cardinal=True)
    if months[0] == len(words) - 1:
        return _day_number(words[:-1], today, month, cardinal=False)
    return None


def _day_number(words: Words, today: date, month: int | None, cardinal: bool) -> date | None:
    found: int | None = None
    if len(words) == 1:
        found = _ORDINAL.get(words[0])
    elif len(words) == 2 and words[0] in ("twenty", "thirty"):
        unit = _ORDINAL.get(words[1], 10)
        found = _TEN[words[0]] * 10 + unit if unit < 10 else None
    if found is None and cardinal:
        found = _below_100(words)
    return day_of_month(today, found, month) if found and found <= 31 else None


def ordinal(n: int) -> str:
    """1 to 31: ``twenty first``."""
    if n <= 20:
        return _ORDINALS[n - 1]
    return "thirtieth" if n == 30 else f"{_TENS[n // 10 - 2]} {_ORDINALS[n % 10 - 1]}"


def day_phrases() -> Iterator[str]:
    yield from ("today", "tomorrow", "day after tomorrow", "the day after tomorrow") * 3
    for name in _WEEKDAYS:
        yield from (name, name, f"on {name}", f"next {name}", f"this {name}", f"coming {name}")
        yield from (name,) * 6
        for n in range(1, 32, 5):
            yield f"{name} the {ordinal(n)}"
        for n, month in enumerate(_MONTHS, 3):
            yield f"{name} {month} {ordinal(n)}"
    for n in range(1, 32):
        yield from (f"the {ordinal(n)}", f"on the {ordinal(n)}")
        for month in _MONTHS:
            yield from (f"{ordinal(n)} of {month}", f"the {ordinal(n)} of {month}")
            yield from (f"{month} {ordinal(n)}", f"{month} the {ordinal(n)}", f"{month} {say(n)}")
            yield f"on {month} {ordinal(n)}"
    for n in range(1, 32):
        yield f"in {say(n)} {'day' if n == 1 else 'days'}"
    for n in range(1, 9):
        yield f"in {say(n)} {'week' if n == 1 else 'weeks'}"
    yield from ("in a week", "in a day")


ENGLISH = Tongue(
    code="en",
    before=(
        "to {}", "i want {}", "i want to talk to {}", "i would like to talk to {}",
        "i would like to speak to {}", "i need {}", "talk to {}", "speak to {}", "the {}",
        "i want to speak to {}", "i would like {}", "i have a question about {}", "give me {}",
        "connect me to {}", "transfer me to {}", "put me through to {}", "for {}", "about {}",
        "to the {}", "hello {}", "yes {}", "i want to {}", "i would like to {}",
    ),
    after=(
        "{} please", "{} department", "{} department please", "the {} department",
        "to the {} department", "{} thank you", "{} thanks",
    ),
    yes=(
        "yes", "yeah", "yep", "yup", "sure", "okay", "ok", "correct", "right", "exactly",
        "yes please", "yes it is", "yes i do", "yes that is right", "that is right",
        "that is correct", "that's right", "that's correct", "of course", "absolutely",
        "definitely", "please do", "you got it", "i do", "true",
    ),
    no=(
        "no", "nope", "nah", "wrong", "incorrect", "no thanks", "no thank you", "no it is not",
        "no it isn't", "that is wrong", "that's wrong", "that is not right", "not right",
        "that is not correct", "not correct", "not really", "no way", "i do not", "i don't",
        "no i do not", "no i don't", "never", "false", "of course not", "absolutely not",
        "definitely not", "not at all", "please do not", "please don't",
    ),
    # In a grammar that has both, ``know`` takes the place of each ``no``: it is the same sound.
    neither=(
        "no problem", "not a problem", "no worries", "i don't no", "i do not no", "don't no",
        "do not no", "i no", "i do no", "i no no", "i nope", "no i don't no", "no i do not no",
        "not sure", "i'm not sure", "yes and no", "no idea",
    ),
    negations=frozenset({"not", "don't", "isn't", "doesn't", "can't", "won't", "without"}),
    digits=_DIGITS,
    repeats=_REPEATS,
    spelled=spelled,
    pair_phrases=pair_phrases,
    fillers=frozenset(
        {
            "please", "thanks", "thank", "you", "it", "is", "it's", "my", "number", "the",
            "that's", "that", "uh", "um", "hello", "yes", "for", "at", "from", "and",
        }
    ),
    number=number,
    number_phrases=number_phrases,
    weekdays={name: n for n, name in enumerate(_WEEKDAYS)},
    day=day,
    day_phrases=day_phrases,
)  # fmt: skip
