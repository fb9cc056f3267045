"""Facts from the text of a received INVITE (RFC 3261, 3325, 3323, 5806)."""

import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

_FOLD = re.compile(r"\r?\n[ \t]+")
_COMPACT = {"f": "from", "t": "to", "i": "call-id", "m": "contact", "v": "via"}
_QUOTED = re.compile(r'\s*"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"(%[0-9A-Fa-f]{2})|[^A-Za-z0-9\-_.!~*'()&=+$,;?/#]")
_URI = re.compile(r"(sips?|tel):([^;>?\s]*)", re.IGNORECASE)


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
    """Never raises: what cannot be read is ''."""
    head = _FOLD.sub(" ", message.split("\r\n\r\n", 1)[0])
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
    """First value of each header, by lower-case long name."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            key = name.strip().lower()
            found.setdefault(_COMPACT.get(key, key), value.strip())
    return found


def uri_of(value: str) -> str:
    """The sip, sips or tel URI inside a name-addr, without parameters."""
    match = _URI.search(_QUOTED.sub("", value, count=1))
    return f"{match[1].lower()}:{match[2]}" if match else ""


def uri_user(value: str) -> str:
    """User part of the first URI in `value`; a tel number as it stands."""
    match = _URI.search(value)
    if not match:
        return ""
    if match[1].lower() == "tel":
        return unquote(match[2])
    user, at, _ = match[2].rpartition("@")
    return unquote(user) if at else ""


def display_name(value: str) -> str:
    """The name before a name-addr, unquoted; '' without one."""
    quoted = _QUOTED.match(value)
    if quoted:
        return re.sub(r"\\(.)", r"\1", quoted[1]).strip()
    return value.split("<", 1)[0].strip() if "<" in value else ""


def quote_name(name: str) -> str:
    """A display name, at most 80 characters, that is safe inside quotes (RFC 3261 25.1)."""
    clean = "".join(c for c in name if c.isprintable())[:80]
    return clean.replace("\\", "\\\\").replace('"', '\\"')


def escape_user(user: str) -> str:
    """The user part of a URI (RFC 3261 25.1). Escapes that are there stay; # is not in the RFC,
    but service codes are dialled with it. A caller's odd identity must never spoil an INVITE."""
    return _ESCAPED.sub(lambda odd: odd[0] if odd[1] else quote(odd[0], safe=""), user)
