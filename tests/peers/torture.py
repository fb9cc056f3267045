"""The cases of RFC 4475, the SIP torture tests, made for a given box: section, bytes, verdict.

Each is built here from what the RFC says the case is about; only peculiar syntax is kept.
`verdict`: 'taken' (a valid request of the box's; any answer but 400), 'refused' (an answer of
400 or more, or none), 'any' (the RFC leaves it open, or PJSIP is known to be more lenient: a
datagram shorter than its Content-Length, a CSeq method that is not the request's).
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    section: str
    name: str
    data: bytes
    verdict: str = "any"


SDP = (
    "v=0\r\no=mhandley 29739 7272939 IN IP4 {me}\r\ns=-\r\nc=IN IP4 {me}\r\nt=0 0\r\n"
    "m=audio 49217 RTP/AVP 8 0\r\na=rtpmap:8 PCMA/8000\r\n"
)


def cases(box: str, me: str, number: str) -> Iterator[Case]:
    """`box` and `me` as host:port; `number` is one that the box answers."""
    make = _Maker(box, me, number)
    yield from _valid(make)
    yield from _invalid(make)
    yield from _transaction_layer(make)
    yield from _application_layer(make)
    yield from _backward(make)


class _Maker:
    def __init__(self, box: str, me: str, number: str) -> None:
        self.box, self.me, self.number = box, me, number
        self.sdp = SDP.replace("{me}", me.split(":")[0])
        self._count = 0

    def request(
        self,
        method: str = "INVITE",
        *,
        uri: str = "",
        body: str | None = None,
        first: str = "",
        length: str | None = None,
        extra: str = "",
        **changes: str,
    ) -> bytes:
        """A plain request with headers changed or (by '') left out."""
        self._count += 1
        mark = f"{self.number}.{self._count}"
        content = self.sdp if body is None and method == "INVITE" else body or ""
        headers = {
            "Via": f"SIP/2.0/UDP {self.me};branch=z9hG4bKt{mark}",
            "Max-Forwards": "70",
            "From": f"<sip:torture@{self.me}>;tag=t{mark}",
            "To": f"<sip:{self.number}@{self.box}>",
            "Call-ID": f"torture-{mark}",
            "CSeq": f"1 {method}",
            "Contact": f"<sip:torture@{self.me}>",
        }
        if content:
            headers["Content-Type"] = "application/sdp"
        headers["Content-Length"] = str(len(content)) if length is None else length
        for name, value in changes.items():
            headers[name.replace("_", "-")] = value
        lines = [first or f"{method} {uri or f'sip:{self.number}@{self.box}'} SIP/2.0"]
        lines += [f"{name}: {value}" for name, value in headers.items() if value != ""]
        if extra:
            lines.append(extra)
        return ("\r\n".join(lines) + "\r\n\r\n" + content).encode("latin-1")


def _valid(m: _Maker) -> Iterator[Case]:
    """3.1.1: strange but correct."""
    odd = m.request(
        Via="SIP / 2.0\r\n /UDP\r\n    " + m.me + ";branch=z9hG4bKodd" + m.number,
        From='"J Rosenberg \\\\\\"" <sip:torture@' + m.me + ">\r\n  ;\r\n  tag = 98asjd8",
        To=f"<sip:{m.number}@{m.box}>",
        CSeq="0009\r\n  INVITE",
        Max_Forwards="0068",
        extra=(
            'NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n'
            'UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n'
            's :\r\nv:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n'
            '  branch  =   z9hG4bK9ikj8  ,\r\n SIP  /    2.0   / UDP  192.0.2.2 ;'
            ' branch= z9hG4bK30239\r\n'
            'Route:\r\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>'
        ),
    )  # fmt: skip
    yield Case("3.1.1.1", "a short tortuous INVITE", odd)
    token = "!interesting-Method0123456789_*+`.%indeed'~"
    yield Case("3.1.1.2", "wide range of characters", m.request(token, CSeq=f"139122385 {token}"))
    yield Case(
        "3.1.1.3", "escaped percent in the user",
        m.request(uri=f"sip:sips%3Auser%40example.com@{m.box}"),
    )  # fmt: skip
    yield Case(
        "3.1.1.4", "escaped nulls", m.request("REGISTER", uri=f"sip:{m.box}",
        Contact=f"<sip:%00@{m.me}>,<sip:%00%00@{m.me}>", To=f"sip:null-%00-null@{m.box}"),
    )  # fmt: skip
    yield Case("3.1.1.5", "percent where it is no escape", m.request("RE%47IST%45R"))
    yield Case(
        "3.1.1.6", "no blank before the bracket",
        m.request("OPTIONS", From=f"caller<sip:caller@{m.me}>;tag=323", body=""), "taken",
    )  # fmt: skip
    long = "x" * 1500
    yield Case(
        "3.1.1.7", "long values",
        m.request(
            From=f'"{"A name of extreme proportion " * 10}"<sip:{"a" * 200}@{m.me}:6000;'
            f"unknownparam1={'long' * 20};longparam={'short' * 10}>;tag=1298{'f' * 99}",
            Call_ID=f"{long}.onereally.{'long' * 10}", extra=f"Unknown-{'Long' * 20}: {long}",
        ),
    )  # fmt: skip
    padded = m.request("OPTIONS", body="") + m.request("INVITE")
    yield Case("3.1.1.8", "a second message behind the first", padded, "taken")
    yield Case(
        "3.1.1.9", "semicolon in the user part",
        m.request("OPTIONS", uri=f"sip:user;par=u%40example.net@{m.box}", body=""), "taken",
    )  # fmt: skip
    vias = "\r\n".join(
        f"Via: SIP/2.0/{t} t{n}.example.com;branch=z9hG4bK{n}"
        for n, t in enumerate(("TCP", "SCTP", "TLS", "UNKNOWN", "UDP"))
    )
    yield Case("3.1.1.10", "unknown transports", m.request("OPTIONS", body="", extra=vias), "taken")
    boundary = (
        "--7a9cbec02ceef655\r\nContent-Type: text/plain\r\n\r\nhello\r\n--7a9cbec02ceef655\r\n"
        "Content-Type: application/octet-stream\r\n\r\n\x00\x01\xff\r\n--7a9cbec02ceef655--\r\n"
    )
    yield Case(
        "3.1.1.11", "multipart body",
        m.request(
            "MESSAGE", body=boundary,
            Content_Type="multipart/mixed;boundary=7a9cbec02ceef655",
        ),
    )  # fmt: skip
    empty = m.request("INVITE", From=f'"" <sip:torture@{m.me}>;tag=1')
    yield Case(
        "3.1.1.12", "unusual reason phrase",
        b"SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe\r\n" + empty.split(b"\r\n", 1)[1],
    )  # fmt: skip
    yield Case("3.1.1.13", "empty reason phrase", b"SIP/2.0 100 \r\n" + empty.split(b"\r\n", 1)[1])


def _invalid(m: _Maker) -> Iterator[Case]:
    """3.1.2: wrong, must not be acted on and must not hurt."""
    bad = "refused"
    yield Case(
        "3.1.2.1", "extra separators", m.request(
            Via=f"SIP/2.0/UDP {m.me};;,;,,", Contact=f'"Joe" <sip:joe@{m.me}>;;;;', extra="To: ,"),
    )  # fmt: skip
    yield Case("3.1.2.2", "length larger than the body", m.request(length="9999"))
    yield Case("3.1.2.3", "negative length", m.request(length="-999"))
    yield Case(
        "3.1.2.4", "overlarge numbers", m.request(
            "REGISTER", CSeq="36893488147419103232 REGISTER", Max_Forwards="300",
            extra="Expires: 10000000000000000000000000000"), bad,
    )  # fmt: skip
    yield Case(
        "3.1.2.5", "overlarge numbers in a response",
        b"SIP/2.0 503 Service Unavailable\r\n"
        + m.request(
            CSeq="9292394834772304023312 OPTIONS", extra="Retry-After: 949294499234923892349"
        ).split(b"\r\n", 1)[1],
    )  # fmt: skip
    yield Case("3.1.2.6", "unterminated quote", m.request(To=f'"Mr. J. User <sip:j@{m.box}>'), bad)
    yield Case(
        "3.1.2.7", "brackets around the URI", m.request(uri=f"<sip:{m.number}@{m.box}>"), bad
    )
    yield Case("3.1.2.8", "blank in the URI", m.request(uri=f"sip:{m.number}@{m.box}; lr"), bad)
    yield Case(
        "3.1.2.9", "many blanks in the request line",
        m.request(first=f"INVITE  sip:{m.number}@{m.box}  SIP/2.0"),
    )  # fmt: skip
    yield Case(
        "3.1.2.10", "blanks at the end of the request line",
        m.request("OPTIONS", first=f"OPTIONS sip:{m.box} SIP/2.0  ", body=""),
    )  # fmt: skip
    yield Case(
        "3.1.2.11", "escaped headers", m.request(uri=f"sip:{m.number}@{m.box}?Route=%3Csip:x%3E")
    )
    yield Case(
        "3.1.2.12", "time zone of a date", m.request(extra="Date: Fri, 01 Jan 2010 16:00:00 EST")
    )
    yield Case(
        "3.1.2.13",
        "no brackets and a comma",
        m.request(Contact=f"sip:user@{m.me}?Route=%3Csip:x%3E"),
    )
    yield Case(
        "3.1.2.14",
        "blanks inside a URI",
        m.request("OPTIONS", To=f'"Watson" < sip:t@{m.box} >', body=""),
    )
    yield Case(
        "3.1.2.15", "quotes inside a name", m.request(To=f"Bell, Alexander <sip:a@{m.box};tag=4>")
    )
    yield Case(
        "3.1.2.16",
        "unknown version",
        m.request(first=f"INVITE sip:{m.number}@{m.box} SIP/7.0"),
        bad,
    )
    yield Case("3.1.2.17", "methods that differ", m.request("OPTIONS", CSeq="8 INVITE", body=""))
    yield Case(
        "3.1.2.18", "unknown methods that differ", m.request("NEWMETHOD", CSeq="8 INVITE"), bad
    )
    yield Case(
        "3.1.2.19", "overlarge status",
        b"SIP/2.0 4294967301 better not break the receiver\r\n"
        + m.request("INVITE").split(b"\r\n", 1)[1],
    )  # fmt: skip


def _transaction_layer(m: _Maker) -> Iterator[Case]:
    """3.2: the branch names no transaction of its own."""
    yield Case(
        "3.2.1",
        "branch is only the cookie",
        m.request("OPTIONS", Via=f"SIP/2.0/UDP {m.me};branch=z9hG4bK", body=""),
    )


def _application_layer(m: _Maker) -> Iterator[Case]:
    """3.3: well formed, but not to be carried out."""
    bad = "refused"
    yield Case("3.3.1", "headers missing", m.request("INVITE", Call_ID="", From="", To=""), bad)
    yield Case(
        "3.3.2",
        "unknown scheme",
        m.request("OPTIONS", uri="nobodyKnowsThisScheme:totallyopaque", body=""),
    )
    yield Case(
        "3.3.3",
        "known scheme without meaning",
        m.request("OPTIONS", uri="soap.beep://192.0.2.103:3002", body=""),
    )
    yield Case(
        "3.3.4",
        "unknown schemes in headers",
        m.request(
            "REGISTER",
            To="isbn:2983792873",
            From="<http://x.example.com>;tag=3",
            Contact="<name:J_Doe>",
        ),
        bad,
    )
    yield Case(
        "3.3.5",
        "unknown extension required",
        m.request(
            "OPTIONS", extra="Require: nothingSupportsThis, nothingSupportsThisEither", body=""
        ),
    )
    yield Case(
        "3.3.6",
        "unknown content type",
        m.request(
            "INVITE",
            body="<audio>\n <pcmu port='443'/>\n</audio>",
            Content_Type="application/unknownformat",
        ),
        bad,
    )
    yield Case(
        "3.3.7",
        "unknown authorisation",
        m.request("REGISTER", extra="Authorization: NoOneKnowsThisScheme opaque-data=here"),
        bad,
    )
    yield Case(
        "3.3.8",
        "single headers twice",
        m.request(
            "INVITE",
            extra="CSeq: 8 INVITE\r\nCall-ID: other\r\nMax-Forwards: 5\r\n"
            "To: sip:t@example.com\r\nFrom: sip:o@example.com;tag=3413415",
        ),
    )
    yield Case("3.3.9", "two lengths", m.request("OPTIONS", body="", extra="Content-Length: 5"))
    yield Case(
        "3.3.10",
        "a 200 with a broadcast Via",
        b"SIP/2.0 200 OK\r\n"
        + m.request(
            "INVITE",
            Via="SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923\r\n"
            "Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23",
        ).split(b"\r\n", 1)[1],
    )
    yield Case("3.3.11", "Max-Forwards of zero", m.request("OPTIONS", Max_Forwards="0", body=""))
    yield Case(
        "3.3.12",
        "REGISTER with a parameter in Contact",
        m.request("REGISTER", Contact="sip:j@example.com;unknownparam=7"),
    )
    yield Case(
        "3.3.13",
        "REGISTER with an escaped Contact",
        m.request("REGISTER", Contact="<sip:j@example.com?Route=%3Csip:x%3E>"),
    )
    yield Case(
        "3.3.14",
        "REGISTER with parameters outside",
        m.request("REGISTER", Contact="<sip:j@example.com;p>;q=0.1"),
    )
    yield Case(
        "3.3.15", "unacceptable Accept", m.request("INVITE", extra="Accept: text/nobodyKnowsThis")
    )


def _backward(m: _Maker) -> Iterator[Case]:
    """3.4: an INVITE as RFC 2543 had it."""
    yield Case(
        "3.4.1", "INVITE of RFC 2543", m.request(
            "INVITE", Via=f"SIP/2.0/UDP {m.me}", From=f"<sip:old@{m.me}>", Max_Forwards="",
            Contact=f"<sip:old@{m.me}>"),
    )  # fmt: skip
