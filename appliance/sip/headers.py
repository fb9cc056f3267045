"""Facts from the text of a received INVITE (RFC 3261, 3325, 3323, 5806)."""

import re
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

_LINE = re.compile(r"\r?\n")
_BODY = re.compile(r"\r?\n\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]+")
_NAME = re.compile(r"([A-Za-z0-9\-.!%*_+`'~]+)[ \t]*")
_COMPACT = {"f": "from", "t": "to", "i": "call-id", "m": "contact", "v": "via"}
_QUOTED = re.compile(r'\s*"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"(%[0-9A-Fa-f]{2})|[^A-Za-z0-9\-_.!~*'()&=+$,;?/#]")
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LATIN_1 = {0xDC00 + byte: byte for byte in range(0x80, 0x100)}
_URI = re.compile(r"(sips?|tel):((?:(?<!tel:)[^@<>\"\s]*@)?[^;>?\s]*)", re.IGNORECASE)
"""A user part may hold ; and ?, as a ported number does (RFC 3261 25.1, RFC 4694)."""


@dataclass(frozen=True)
class InviteFacts:
    """`user`: the called part of the request URI, `to_user`: that of To. The rest as received,
    '' where absent."""

    user: str = ""
    to_user: str = ""
    from_uri: str = ""
    from_name: str = ""
    pai: str = ""
    diversion: str = ""
    privacy: str = ""
    call_id: str = ""
    replaces: str = ""
    ours: dict[str, str] = field(default_factory=dict)


def read_invite(message: str) -> InviteFacts:
    """Never raises: what cannot be read is ''. `message` is UTF-8, with bytes that are not as
    surrogate escapes (PEP 383); these are read as Latin-1, as old gateways send it."""
    text = message.translate(_LATIN_1).lstrip("\r\n")
    head = _FOLD.sub(" ", _BODY.split(text, maxsplit=1)[0])
    first, _, rest = head.partition("\n")
    headers = _headers(rest)
    sender = headers.get("from", "")
    return InviteFacts(
        user=uri_user(first),
        to_user=uri_user(uri_of(headers.get("to", ""))),
        from_uri=uri_of(sender),
        from_name=display_name(sender),
        pai=uri_of(headers.get("p-asserted-identity", "")),
        diversion=uri_of(headers.get("diversion", "")),
        privacy=headers.get("privacy", ""),
        call_id=headers.get("call-id", ""),
        replaces=headers.get("replaces", ""),
        ours={k: v for k, v in headers.items() if k.startswith("x-callfloor-")},
    )


def _headers(text: str) -> dict[str, str]:
    """First value of each header, by lower-case long name.

    A line ends where SIP says so (RFC 3261 25.1) and nowhere else: a caller who could end one
    inside a display name, as str.splitlines() does at U+2028 or U+0085, could speak for the
    provider.
    """
    found: dict[str, str] = {}
    for line in _LINE.split(text):
        name, colon, value = line.partition(":")
        if colon and (token := _NAME.fullmatch(name)):
            key = token[1].lower()
            found.setdefault(_COMPACT.get(key, key), one_line(value))
    return found


def one_line(value: str) -> str:
    """A header's value that can begin no other header, whoever reads it (RFC 3261 25.1)."""
    return "".join(" " if _breaks(c) else c for c in value).strip(" ")


def shown(name: str) -> str:
    """A name without what changes how a screen or a terminal shows the text around it: control
    characters (C0, C1) and those that turn the direction of writing (UAX 9)."""
    return "".join(c for c in name if not _breaks(c) and c not in _TURNS).strip()


def _breaks(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs")


def uri_of(value: str) -> str:
    """The sip, sips or tel URI inside a name-addr, without parameters."""
    match = _URI.search(_QUOTED.sub("", value, count=1))
    return f"{match[1].lower()}:{match[2]}" if match else ""


def uri_user(value: str) -> str:
    """User part of the first URI in `value`, unescaped; a tel number as it stands."""
    match = _URI.search(value)
    if not match:
        return ""
    if match[1].lower() == "tel":
        return shown(unquote(match[2]))
    user, at, _ = match[2].rpartition("@")
    return shown(unquote(user)) if at else ""


def display_name(value: str) -> str:
    """The name before a name-addr, unquoted, fit to be shown; '' without one."""
    quoted = _QUOTED.match(value)
    if quoted:
        return shown(re.sub(r"\\(.)", r"\1", quoted[1]))
    return shown(value.split("<", 1)[0]) if "<" in value else ""


def quote_name(name: str) -> str:
    """A display name, at most 80 characters, that is safe inside quotes (RFC 3261 25.1)."""
    clean = "".join(c for c in name if c.isprintable())[:80]
    return clean.replace("\\", "\\\\").replace('"', '\\"')


def escape_user(user: str) -> str:
    """The user part of a URI (RFC 3261 25.1). Escapes that are there stay; # is not in the RFC,
    but service codes are dialled with it. A caller's odd identity must never spoil an INVITE."""
    return _ESCAPED.sub(lambda odd: odd[0] if odd[1] else quote(odd[0], safe=""), user)
