"""What an INVITE says of caller and called, however it is written."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.numbers import normalise
from appliance.sip.headers import (
    display_name,
    escape_user,
    one_line,
    quote_name,
    read_invite,
    uri_of,
    uri_user,
)

INVITE = (
    "INVITE sip:+4930123@box.example;user=phone SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.4;branch=z9hG4bK1\r\n"
    'From: "Erika Mustermann" <sip:+49171555@provider.example>;tag=1\r\n'
    "To: <sip:+4930123@box.example>\r\n"
    "Call-ID: abc@192.0.2.4\r\n"
    "P-Asserted-Identity: <sip:+49172999@provider.example;user=phone>\r\n"
    "Diversion: <sip:+4930777@provider.example>;reason=no-answer;counter=1\r\n"
    "Privacy: id\r\n"
    "X-Callfloor-Site: north\r\n"
    "Content-Length: 0\r\n\r\nFrom: <sip:not-a-header@body>\r\n"
)


def test_all_facts_of_an_invite() -> None:
    facts = read_invite(INVITE)
    assert facts.user == facts.to_user == "+4930123"
    assert facts.from_uri == "sip:+49171555@provider.example"
    assert facts.from_name == "Erika Mustermann"
    assert facts.pai == "sip:+49172999@provider.example"
    assert facts.diversion == "sip:+4930777@provider.example"
    assert facts.privacy == "id"
    assert facts.call_id == "abc@192.0.2.4"
    assert facts.ours == {"x-callfloor-site": "north"}


def test_compact_names_and_folded_lines() -> None:
    facts = read_invite(
        "INVITE sip:1@b SIP/2.0\r\nf: <sip:a@b>\r\n ;tag=9\r\ni: id-1\r\n"
        "Subject: x\r\n P-Asserted-Identity: <sip:evil@b>\r\n\r\n"
    )
    assert facts.from_uri == "sip:a@b"
    assert facts.call_id == "id-1"
    assert facts.pai == "", "a folded line belongs to the header above it"


def test_the_first_of_repeated_headers_counts() -> None:
    facts = read_invite(
        "INVITE sip:1@b SIP/2.0\r\nDiversion: <sip:last@b>\r\nDiversion: <sip:first@b>\r\n\r\n"
    )
    assert facts.diversion == "sip:last@b"


def test_tel_uri_and_escapes() -> None:
    assert uri_user("<tel:+49-30-1>") == "+49-30-1"
    assert uri_user("sip:%2B4930@b") == "+4930"
    assert uri_of("<sips:a@b;x=y>;tag=1") == "sips:a@b"
    assert uri_user("sip:b") == ""


def test_a_user_part_with_parameters_keeps_its_host() -> None:
    ported = "<sip:+4930123;npdi;rn=+49199@carrier.example;user=phone>;tag=1"
    assert uri_of(ported) == "sip:+4930123;npdi;rn=+49199@carrier.example"
    assert normalise(uri_of(ported), "DE") == "+4930123"
    assert uri_user("INVITE sip:a;b?c@box.example;x=1 SIP/2.0") == "a;b?c"
    assert uri_of("<tel:+4930123;phone-context=x@y>") == "tel:+4930123"
    assert uri_of("<sip:box.example;lr>;x=a@b") == "sip:box.example"


def test_names() -> None:
    assert display_name('"A \\"B\\"" <sip:a@b>') == 'A "B"'
    assert display_name('"<sip:fake@b>" <sip:a@b>') == "<sip:fake@b>"
    assert uri_of('"<sip:fake@b>" <sip:a@b>') == "sip:a@b"
    assert display_name("Plain <sip:a@b>") == "Plain"
    assert display_name("sip:a@b") == ""


@given(st.text())
def test_a_quoted_name_cannot_leave_its_quotes(name: str) -> None:
    quoted = quote_name(name)
    assert "\r" not in quoted
    assert "\n" not in quoted
    assert '"' not in quoted.replace("\\\\", "").replace('\\"', "")


BREAKS = "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
"""What str.splitlines() takes for the end of a line and SIP does not."""
HOSTILE = st.lists(
    st.one_of(
        st.sampled_from([*BREAKS, "\\", '"', "<", ">", " ", "\t", "\x00", "\x1b", "\udc85"]),
        st.sampled_from(
            ["P-Asserted-Identity: <sip:+49110@x>", "X-Callfloor-Site: evil", "Privacy: none"]
        ),
        st.text(st.characters(exclude_characters="\n"), max_size=5),
    )
).map("".join)


@pytest.mark.parametrize("odd", BREAKS)
def test_a_display_name_cannot_speak_for_the_provider(odd: str) -> None:
    name = f"Erika{odd}P-Asserted-Identity: <sip:+49110@x>{odd}X-Callfloor-Site: evil{odd}"
    facts = read_invite(INVITE.replace("Erika Mustermann", name))
    assert facts.pai == "sip:+49172999@provider.example"
    assert facts.ours == {"x-callfloor-site": "north"}


@given(value=HOSTILE, header=st.sampled_from(["From", "Subject", "Diversion", "X-Callfloor-Room"]))
def test_no_value_can_introduce_another_header(value: str, header: str) -> None:
    facts = read_invite(f"INVITE sip:1@b SIP/2.0\r\n{header}: a{value}\r\nCall-ID: real\r\n\r\n")
    assert facts.pai == facts.privacy == ""
    assert set(facts.ours) <= {"x-callfloor-room"}
    assert facts.call_id == "real"


@given(HOSTILE)
def test_a_value_that_is_sent_stays_on_its_line(value: str) -> None:
    sent = one_line(value + "\r\nP-Asserted-Identity: <sip:+49110@x>")
    assert len(f"X-Callfloor-Caller: {sent}".splitlines()) == 1


@given(HOSTILE)
def test_a_shown_name_holds_nothing_that_steers_a_terminal(name: str) -> None:
    for form in (f'"{name}" <sip:a@b>', f"{name} <sip:a@b>"):
        for char in display_name(form):
            assert unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp")
            assert unicodedata.bidirectional(char) not in ("LRO", "RLO", "LRE", "RLE", "PDF")


def test_a_shown_name_cannot_turn_the_line_around() -> None:
    assert display_name('"\u202eEvil\u2066 \x1b[31mred\x9b31m" <sip:a@b>') == "Evil [31mred31m"
    assert display_name('"\u05d0\u05d1 \u0645" <sip:a@b>') == "\u05d0\u05d1 \u0645"


def test_a_user_cannot_hide_a_line_in_escapes() -> None:
    assert uri_user("sip:%2B4930%0D%0AX-Evil%3A%201@b") == "+4930X-Evil: 1"


def test_a_name_in_latin_1_is_read() -> None:
    message = (
        INVITE.replace("Erika", "J\xfcrgen").encode("latin-1").decode("utf-8", "surrogateescape")
    )
    assert read_invite(message).from_name == "J\xfcrgen Mustermann"


def test_a_body_after_bare_line_feeds_holds_no_headers() -> None:
    facts = read_invite("INVITE sip:1@b SIP/2.0\nf: <sip:a@b>\n\nPrivacy: none\n")
    assert (facts.from_uri, facts.privacy) == ("sip:a@b", "")


@given(st.text())
def test_anything_is_read_without_an_error(message: str) -> None:
    read_invite(message)


@pytest.mark.parametrize(
    ("user", "escaped"),
    [
        ("+4930123", "+4930123"),
        ("*21#", "*21#"),
        ("m%C3%BCller", "m%C3%BCller"),
        ("müller", "m%C3%BCller"),
        ('a"b<c>', "a%22b%3Cc%3E"),
        ("x@host", "x%40host"),
        ("100%", "100%25"),
        ("a b|c^d", "a%20b%7Cc%5Ed"),
    ],
)
def test_a_user_is_safe_inside_a_uri(user: str, escaped: str) -> None:
    assert escape_user(user) == escaped


@pytest.mark.parametrize("odd", ['"', "\\"])
def test_a_long_name_is_not_cut_inside_an_escape(odd: str) -> None:
    for length in range(75, 85):
        quoted = quote_name("x" * length + odd)
        assert display_name(f'"{quoted}" <sip:a@b>') == ("x" * length + odd)[:80]
