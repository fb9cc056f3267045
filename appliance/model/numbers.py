"""Telephone numbers as lines write them, and as the box keeps and shows them.

Kept is E.164 (``+4930123456``) where the site's country lets us tell, the bare digits of short
and internal numbers (``110``, ``2001``), a SIP user that is no number as it is, and ``""`` for
an anonymous caller. Nothing here raises: callers may send anything.
"""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import CountryCodeSource, NumberParseException, PhoneNumberFormat

MAX_LENGTH = 64
_SHORT = 5
"""Up to this many digits without a + are an extension or a service number, in every country."""

_HIDDEN_USERS = {
    "anonymous",
    "restricted",
    "withheld",
    "private",
    "unavailable",
    "unknown",
    "invalid",
}
_HIDING = {"id", "user", "header"}
_URI = re.compile(r"^\s*(?:<\s*)?(sips?|tel):", re.IGNORECASE)
_NUMBER = re.compile(r"^[+\d\s().,/\-*#]+$")


def normalise(number: str, country: str) -> str:
    """A number (or SIP or tel URI) as the box keeps it. `country`: ISO 3166, such as DE."""
    user = _user(number)
    if not user or user.lower() in _HIDDEN_USERS:
        return ""
    if not _NUMBER.match(user):
        return user
    return _normalised(user, country)


def hidden(uri: str, name: str = "", privacy: str = "") -> bool:
    """True where the caller does not want the number known, or sent none.

    `uri`: From or P-Asserted-Identity; `name`: display name; `privacy`: the Privacy header
    (RFC 3323, RFC 3325: id, user and header hide the caller, none does not).
    """
    asked = {part.strip().lower() for part in re.split(r"[;,]", privacy)}
    if asked & _HIDING:
        return True
    user = _user(uri)
    host = uri.rpartition("@")[2].split(";")[0].strip(" <>").lower()
    if not user or user.lower() in _HIDDEN_USERS or host == "anonymous.invalid":
        return True
    return name.strip(' "').lower() == "anonymous" and not _NUMBER.match(user)


def display(number: str, country: str) -> str:
    """As people write it: the national form for their own country, else the international."""
    parsed = _parsed(number, country) if number.startswith("+") else None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        return number
    own = phonenumbers.country_code_for_region(country)
    national = parsed.country_code == own
    form = PhoneNumberFormat.NATIONAL if national else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)


def _user(number: str) -> str:
    """The user part of a URI, or the text itself, without parameters and control characters."""
    text = "".join(c for c in number[:256] if c.isprintable())
    if scheme := _URI.match(text):
        user, at, _ = text[scheme.end() :].partition("@")
        text = user if at or scheme[1].lower() == "tel" else ""
    text = text.partition(";")[0].strip(" <>\"'\t")
    return text[:MAX_LENGTH].strip()


@lru_cache(maxsize=4096)
def _normalised(user: str, country: str) -> str:
    digits = "".join(c if c in "*#" else str(int(c)) for c in user if c in "*#" or c.isdecimal())
    international = user.startswith("+")
    dialled = f"+{digits}" if international else digits
    if len(digits) <= _SHORT or not digits.isdigit():
        return dialled if digits.isdigit() else digits
    parsed = _parsed(dialled, country)
    if parsed is None:
        return dialled
    certain = international or phonenumbers.is_valid_number(parsed)
    if not certain:
        with_prefix = parsed.country_code_source == CountryCodeSource.FROM_NUMBER_WITH_IDD
        certain = with_prefix and phonenumbers.is_possible_number(parsed)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164) if certain else digits


def _parsed(number: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(number, country or None, keep_raw_input=True)
    except NumberParseException:
        return None
