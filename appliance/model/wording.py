"""Words for what pydantic finds in people's files: one vocabulary for settings and call flows."""

from collections.abc import Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any

FORMS = {
    r"^\+?[0-9]{1,20}$": "a number or its beginning, such as +49137",
    "^[A-Z]{2}$": "two capital letters, such as DE",
    "^([A-Z]{2})?$": "two capital letters, such as DE",
    "^[a-z]{2}$": "two small letters, such as en",
    r"^[a-z][a-z0-9_-]{0,31}$": (
        "a small letter, then up to 31 small letters, digits, - or _, such as front-desk"
    ),
    r"^([a-z][a-z0-9_-]{0,31})?$": 'the id of a node, such as "support"',
    r"^[a-z0-9_-]{1,40}$": "small letters, digits, - and _",
    r"^[a-z0-9][A-Za-z0-9/_-]{0,63}$": "the name of a phrase, such as vm-goodbye",
    r"^[a-z0-9][A-Za-z0-9._-]{0,63}$": "the name of a speech model, such as en-small",
    "^[0-9*#]?$": "one key of the phone in quotes (0 to 9, * or #), or nothing",
    "^[0-9A-D*#]$": "one key of the phone in quotes (0 to 9, * or #)",
    r"^\+?[0-9*#]{2,20}$": "a number with country code, such as +493012345",
    "^sip:.+": "a SIP address, such as sip:agent1@127.0.0.1:5070",
    r"^([01]\d|2[0-3]):[0-5]\d$": "a time of day in quotes, such as 03:00",
    r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$": (
        'a range of hours, such as "08:00-12:30"'
    ),
    r"^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$": (
        'a day or days: mon, tue, wed, thu, fri, sat, sun, or "mon-fri"'
    ),
}
"""What a pattern of the models asks for."""
_TYPES = {
    "int_type": "a whole number without quotes",
    "int_from_float": "a whole number without a decimal point",
    "float_type": "a number without quotes",
    "finite_number": "a finite number",
    "bool_type": "true or false without quotes",
    "string_type": 'text in quotes, such as "abc"',
    "date_type": "a date without quotes and without a time of day, such as 2025-12-24",
    "path_type": "a file name in quotes",
    "list_type": "a list in square brackets",
    "dict_type": "a table",
    "model_type": "a table",
}
_LIMITS = {
    "greater_than_equal": "a number of at least {ge}",
    "greater_than": "a number above {gt}",
    "less_than_equal": "a number of at most {le}",
    "less_than": "a number below {lt}",
    "string_too_long": "text of at most {max_length} characters",
    "string_too_short": "text of at least {min_length} characters",
    "too_short": "a list with at least {min_length} entry",
    "too_long": "a list with at most {max_length} entries",
}


def wanted(kind: str, context: Mapping[str, Any]) -> str:
    """What a field takes, as the end of a sentence, from the type and context of an error."""
    if kind in _TYPES:
        return _TYPES[kind]
    if kind == "string_pattern_mismatch":
        return FORMS.get(context["pattern"], f"text of the form {context['pattern']}")
    if kind == "literal_error":
        return f"one of {context['expected']}"
    return _LIMITS.get(kind, "what this setting takes").format(**context)


def shown(value: object) -> str:
    """A value as its file has it, not too long. Passwords are in files of their own."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    text = str(value) if isinstance(value, date) else text
    return text if len(text) <= 60 else text[:57] + "..."


def remove_or_correct(name: str, names: Sequence[str]) -> str:
    """What to do about a field that is not known, where `names` are."""
    near = get_close_matches(name, names, n=1)
    guess = f"Did you mean {near[0]}? If not, remove it" if near else "Remove it"
    known = f"; known here: {', '.join(names)}" if names else ""
    return f"{guess}{known}."
