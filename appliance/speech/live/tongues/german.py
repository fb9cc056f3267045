"""German as callers speak it. Recognisers write compounds apart or together, as they know them,
so numbers are read from the words without their spaces."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from appliance.speech.live.tongues.calendar import day_of_month, weekday
from appliance.speech.live.tongues.spelling import spell
from appliance.speech.live.tongues.tongue import Tongue, Words

_SMALL = (
    "null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn",
    "elf", "zwölf", "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn",
    "neunzehn",
)  # fmt: skip
_TENS = (
    "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig",
)  # fmt: skip
_WEEKDAYS = (
    "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag",
)  # fmt: skip
_MONTHS = (
    "januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober",
    "november", "dezember",
)  # fmt: skip
_MONTH = {name: n for n, name in enumerate(_MONTHS, 1)} | {"jänner": 1, "feber": 2, "juno": 6}
_WEEKDAY = {name: n for n, name in enumerate(_WEEKDAYS)} | {"sonnabend": 5}
_WHICH = {
    **dict.fromkeys(("am", "kommenden", "kommender", "den"), "coming"),
    **dict.fromkeys(("diesen", "dieser"), "this"),
    **dict.fromkeys(("nächsten", "nächster"), "next"),
}
_ONES = {word: n for n, word in enumerate(_SMALL) if n} | {"ein": 1, "eine": 1, "zwo": 2}
_ALL_TENS = {word: n * 10 for n, word in enumerate(_TENS, 2)} | {"dreissig": 30}

_ONE = "|".join(sorted((w for w, n in _ONES.items() if n < 20), key=len, reverse=True))
_TEN = "|".join(_ALL_TENS)
_BELOW_100 = f"(?:(?:(?:{_ONE})und)?(?:{_TEN})|(?:{_ONE}))"
_BELOW_1000 = f"(?:(?:{_BELOW_100})?hundert(?:(?:und)?{_BELOW_100})?|{_BELOW_100})"
_PARTS_100 = re.compile(f"(?:(?:({_ONE})und)?({_TEN})|({_ONE}))")
_PARTS_1000 = re.compile(f"(?:({_BELOW_100})?hundert(?:und)?({_BELOW_100})?|({_BELOW_100}))")
_PARTS = re.compile(f"(?:({_BELOW_1000})?tausend(?:und)?({_BELOW_1000})?|({_BELOW_1000}))")
_DIGITS = {word: str(n) for n, word in enumerate(_SMALL[:10])} | {"zwo": "2", "ein": "1"}
_REPEATS = {"doppel": 2, "zweimal": 2, "dreimal": 3}


def pair(words: Words) -> tuple[str, int] | None:
    """``neunzehn``, ``dreißig``, ``einundzwanzig`` or ``ein und zwanzig`` at the beginning: the
    digits, and how many words they take."""
    for count in (3, 2, 1):
        text = "".join(words[:count])
        if len(words) < count or (count > 1 and "und" not in text):
            continue  # ``drei zehn`` is 310
        if (found := _below_100(text)) and found >= 10:
            return str(found), count
    return None


def spelled(words: Words) -> str | None:
    """``eins null fünf``, ``einundzwanzig dreißig``."""
    return spell(words, _DIGITS, _REPEATS, pair)


def number(words: Words) -> int | None:
    """0 to 999999: ``hundert drei und zwanzig``, ``zwölfhundert``, ``eintausend``, ``eins null
    fünf``."""
    text = "".join(words)
    if text == "null":
        return 0
    if "null" in words[1:] or not _REPEATS.keys().isdisjoint(words):
        digits = spell(words, _DIGITS, _REPEATS)
        return int(digits) if digits and len(digits) <= 6 else None
    if text.endswith("und") or not (found := _PARTS.fullmatch(text)):
        return None
    high, low, alone = found.groups()
    if alone:
        return _below_1000(alone)
    thousands = _below_1000(high) if high else 1
    rest = _below_1000(low) if low else 0
    if thousands is None or rest is None or thousands > 999 or rest > 999:
        return None
    return thousands * 1000 + rest


def _below_1000(text: str) -> int | None:
    """Also ``zwölfhundert``; ``zwanzighundert`` nobody says."""
    found = _PARTS_1000.fullmatch(text)
    if not found:
        return None
    high, low, alone = found.groups()
    if alone:
        return _below_100(alone)
    hundreds = _below_100(high) if high else 1
    rest = _below_100(low) if low else 0
    if not hundreds or hundreds > 19 or hundreds == 10 or rest is None:
        return None
    return hundreds * 100 + rest


def _below_100(text: str) -> int | None:
    found = _PARTS_100.fullmatch(text)
    if not found:
        return None
    one, ten, alone = found.groups()
    if alone:
        return _ONES[alone]
    if one and _ONES[one] > 9:
        return None
    return _ALL_TENS[ten] + (_ONES[one] if one else 0)


def say(n: int, apart: bool = False) -> str:
    """0 to 999999 in words; `apart`: each part by itself, ``zwei hundert drei und zwanzig``."""
    gap = " " if apart else ""
    if n < 20:
        return _SMALL[n]
    if n < 100:
        one, ten = n % 10, _TENS[n // 10 - 2]
        return gap.join((_stem(one), "und", ten)) if one else ten
    factor, name = (100, "hundert") if n < 1000 else (1000, "tausend")
    high = say(n // factor, apart)
    if high.endswith("eins"):
        high = high.removesuffix("s")
    return gap.join([high, name] + ([say(n % factor, apart)] if n % factor else []))


def _stem(n: int) -> str:
    return "ein" if n == 1 else _SMALL[n]


def number_phrases() -> Iterator[str]:
    for n in (*range(100), *range(100, 1000, 100)):
        yield from {say(n), say(n, apart=True)}
    for n in (*range(1, 20), *range(20, 100, 10), *range(21, 100, 13)):
        for one in {say(n), say(n, apart=True)}:
            yield from (f"hundert {one}", f"ein hundert {one}", f"zweihundert {one}")
            yield from (f"tausend {one}", f"eintausend {one}", f"{one} tausend")
            yield from (f"hundert und {one}", f"tausend und {one}", f"hundert {one} tausend")
    for n in range(2, 10):
        stem = _stem(n)
        yield from (f"{stem} hundert {stem}", f"{stem} tausend {stem} hundert", f"{stem}tausend")
    for n in range(101, 1_000_000, 13_577):
        yield say(n, apart=True)
    yield from ("hundert", "tausend", "zwo", "elf hundert", "zwölf hundert", "fünfzehn hundert")
    for n in range(1, 10):
        yield from (
            f"{_SMALL[n]} null {_SMALL[n % 9 + 1]}",
            f"{_SMALL[n % 9 + 1]} doppel {_SMALL[n]}",
        )


def pair_phrases() -> Iterator[str]:
    """Pairs of digits that are said as one number, beside each other and beside single ones. Not
    all of them: a hundred words have 10,000 neighbours."""
    pairs = [*dict.fromkeys(say(n, apart) for apart in (False, True) for n in range(10, 100))]
    names = [*_SMALL[:10], *pairs]
    yield from pairs
    for step in (1, 3, 17, 41):
        for at, name in enumerate(names):
            yield f"{name} {names[(at + step) % len(names)]}"
    for at, name in enumerate(pairs):
        yield from (f"{name} {_SMALL[at % 10]}", f"{_SMALL[at % 10]} {name}")


_IRREGULAR = {1: "erst", 3: "dritt", 7: "siebt", 8: "acht"}


def _ordinal(n: int) -> str:
    """1 to 31 without its ending: ``dritt``, ``einundzwanzigst``."""
    return _IRREGULAR.get(n) or f"{say(n)}{'t' if n < 20 else 'st'}"


_ORDINALS = {f"{_ordinal(n)}{ending}": n for n in range(1, 32) for ending in ("e", "en", "er")} | {
    f"siebent{ending}": 7 for ending in ("e", "en", "er")
}


def day(words: Words, today: date) -> date | None:
    """``heute``, ``nächsten montag``, ``samstag den dritten``, ``am dritten mai``, ``dritter
    fünfter``, ``in zwei wochen``."""
    words = list(words)
    match words:
        case ["heute"]:
            return today
        case ["morgen"]:
            return today + timedelta(days=1)
        case ["übermorgen"]:
            return today + timedelta(days=2)
        case ["in", *many, "tag" | "tagen"]:
            return _ahead(many, 1, today)
        case ["in", *many, "woche" | "wochen"]:
            return _ahead(many, 7, today)
        case [name] if name in _WEEKDAY:
            return weekday(today, _WEEKDAY[name])
        case [which, name] if which in _WHICH and name in _WEEKDAY:
            return weekday(today, _WEEKDAY[name], _WHICH[which])  # type: ignore[arg-type]
        case ["am", name, *said] | [name, *said] if name in _WEEKDAY:
            words = said  # the date counts: who asks for it may judge the weekday
    return _date([word for word in words if word not in ("am", "der", "den", "dem")], today)


def _ahead(words: Words, factor: int, today: date) -> date | None:
    many = 1 if list(words) in (["einer"], ["einem"]) else number(words)
    return today + timedelta(days=many * factor) if many and many * factor <= 366 else None


def _date(words: Words, today: date) -> date | None:
    """The month by its name or, as the day, by its number."""
    month: int | None = None
    if len(words) > 1 and words[-1] in _MONTH:
        month, words = _MONTH[words[-1]], words[:-1]
        return _with_ordinal("".join(words), month, today)
    for cut in range(1, len(words)):
        month = _ORDINALS.get("".join(words[cut:]))
        if month and month <= 12 and "".join(words[:cut]) in _ORDINALS:
            return _with_ordinal("".join(words[:cut]), month, today)
    return _with_ordinal("".join(words), None, today)


def _with_ordinal(text: str, month: int | None, today: date) -> date | None:
    found = _ORDINALS.get(text)
    return day_of_month(today, found, month) if found else None


def day_phrases() -> Iterator[str]:
    yield from ("heute", "morgen", "übermorgen") * 3
    for name in _WEEKDAY:
        yield from (name, name, f"am {name}", f"nächsten {name}", f"diesen {name}")
        yield f"kommenden {name}"
        yield from (name,) * 6
        for n, month in enumerate(_MONTHS, 3):
            stem = _ordinal(n)
            yield from (f"{name} den {stem}en", f"{name} der {stem}e {month}")
            yield f"am {name} dem {stem}en {month}"
    for n in range(1, 32):
        stem = _ordinal(n)
        yield from (f"am {stem}en", f"der {stem}e", f"den {stem}en")
        for month in _MONTHS:
            yield from (f"{stem}er {month}", f"am {stem}en {month}", f"der {stem}e {month}")
        for number_of_month in range(1, 13):
            other = _ordinal(number_of_month)
            yield from (f"{stem}er {other}er", f"am {stem}en {other}en")
    for n in range(2, 32):
        yield f"in {say(n)} tagen"
    for n in range(2, 9):
        yield f"in {say(n)} wochen"
    yield from ("in einer woche", "in einem tag")


GERMAN = Tongue(
    code="de",
    before=(
        "ich möchte {}", "ich möchte mit {} sprechen", "zum {}", "zur {}", "mit {}", "ich will {}",
        "ich brauche {}", "ich hätte gern {}", "bitte {}", "die {}", "der {}", "den {}", "das {}",
        "ich möchte zum {}", "ich möchte zur {}", "ich möchte mit dem {} sprechen",
        "ich möchte mit der {} sprechen", "verbinden sie mich mit {}",
        "verbinden sie mich mit dem {}", "verbinden sie mich mit der {}", "es geht um {}",
        "ich habe eine frage zu {}", "ich habe eine frage zur {}", "ich habe eine frage zum {}",
        "zu {}", "wegen {}", "hallo {}", "ja {}",
    ),
    after=("{} bitte", "{} abteilung", "zur {} abteilung", "die {} abteilung", "{} danke"),
    yes=(
        "ja", "jawohl", "jo", "jep", "genau", "richtig", "stimmt", "korrekt", "okay", "gerne",
        "gern", "ja bitte", "ja gerne", "ja genau", "ja richtig", "ja das stimmt",
        "das stimmt", "das ist richtig", "das ist korrekt", "in ordnung", "natürlich",
        "selbstverständlich", "klar", "na klar", "auf jeden fall", "sicher",
    ),
    no=(
        "nein", "nee", "nö", "falsch", "nein danke", "nein falsch", "das ist falsch",
        "das stimmt nicht", "stimmt nicht", "nicht richtig", "das ist nicht richtig",
        "das ist nicht korrekt", "auf keinen fall", "lieber nicht", "eher nicht", "nicht",
        "natürlich nicht", "sicher nicht", "bitte nicht", "keinesfalls", "nein nicht",
    ),
    neither=(
        "wie bitte", "kein problem", "weiß nicht", "ich weiß nicht", "weiß ich nicht",
        "das weiß ich nicht", "ich weiß es nicht", "nicht sicher", "ich bin nicht sicher",
        "keine ahnung", "jein", "nicht verstanden", "ich verstehe nicht",
    ),
    negations=frozenset({"nicht", "kein", "keine", "nie", "niemals", "ohne"}),
    digits=_DIGITS,
    repeats=_REPEATS,
    spelled=spelled,
    pair_phrases=pair_phrases,
    fillers=frozenset(
        {
            "bitte", "danke", "ja", "also", "es", "ist", "das", "die", "der", "nummer", "meine",
            "und", "um", "hallo", "äh", "ähm", "für",
        }
    ),
    number=number,
    number_phrases=number_phrases,
    weekdays=_WEEKDAY,
    day=day,
    day_phrases=day_phrases,
)  # fmt: skip
