"""Who a line says that it is: user names and numbers that a SIP address can carry."""

import re
from collections.abc import Iterator
from urllib.parse import quote

from appliance.model.findings import FieldPath, Finding
from appliance.model.numbers import normalise
from appliance.model.site import Trunk

LONGEST = 200
"""User and host of a SIP address together; the SIP library takes 255 characters for all of it."""
_SENDABLE = re.compile(r"[A-Za-z0-9+*#._~-]+")
_NUMBER = re.compile(r"\+?\d[\d\s().,/-]*\d")


def check(path: FieldPath, trunk: Trunk, country: str) -> Iterator[Finding]:
    """`path`: of the line; `country`: ISO 3166, how numbers are read."""
    yield from _username((*path, "username"), trunk.username, trunk.host)
    yield from _caller_id((*path, "caller_id"), trunk, country)


def _username(path: FieldPath, user: str, host: str) -> Iterator[Finding]:
    means = "The line could not register and would stay down."
    odd = sorted({c for c in user if not c.isprintable() or c in '"\\<>%'})
    if odd:
        signs = ", ".join(ascii(c) for c in odd)
        to_do = "Write the user name only, as the provider gave it to you."
        yield Finding(path, f"A line cannot send a user name with {signs}.", means, to_do)
    elif user != user.strip():
        what = f"'{user}' begins or ends with a space."
        yield Finding(path, what, means, f'Write "{user.strip()}".')
    elif re.match(r"sips?:", user, re.IGNORECASE):
        what = f"'{user}' is an address, not a user name."
        yield Finding(path, what, means, f'Write "{user.partition(":")[2]}".')
    elif user and len(quote(user, safe="")) + len(host) > LONGEST:
        what = f"The user name is too long: {len(user)} characters."
        yield Finding(path, what, means, "Write the user name that the provider gave you.")


def _caller_id(path: FieldPath, trunk: Trunk, country: str) -> Iterator[Finding]:
    number = trunk.caller_id
    means = "Calls over this line would fail, or show a wrong number."
    if number and not _SENDABLE.fullmatch(number):
        digits = _NUMBER.search(number)
        kept = normalise(digits[0], country) if digits else ""
        to_do = f'Write "{kept}".' if kept else "Write a number such as +4930123456."
        yield Finding(path, f"'{number}' is no number that a line can send.", means, to_do)
    elif number and len(number) + len(trunk.host) > LONGEST:
        to_do = "Write a number such as +4930123456."
        yield Finding(path, f"It is too long: {len(number)} characters.", means, to_do)
