"""Numbers of callers: what lines send, what the box keeps, what people read."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from appliance.model.numbers import MAX_LENGTH, display, hidden, normalise

COUNTRIES = st.sampled_from(["DE", "US", "GB", "IT", "SH", "NU", "ZZ", ""])
LIKE_NUMBERS = st.text("+0123456789 ()-./*#", max_size=40)


@pytest.mark.parametrize(
    ("sent", "country", "kept"),
    [
        ("+4930123456", "DE", "+4930123456"),
        ("030 123456", "DE", "+4930123456"),
        ("030/123456", "DE", "+4930123456"),
        ("004930123456", "DE", "+4930123456"),
        ("4930123456", "DE", "+4930123456"),
        ("+49 (30) 123-456", "US", "+4930123456"),
        ("sip:+4930123456@provider.example;user=phone", "DE", "+4930123456"),
        ("tel:+49-30-123456;phone-context=x", "DE", "+4930123456"),
        ("212 555 0123", "US", "+12125550123"),
        ("12125550123", "US", "+12125550123"),
        ("011 44 20 7946 0018", "US", "+442079460018"),
        ("0044 20 7946 0018", "DE", "+442079460018"),
        ("06 698 00000", "IT", "+390669800000"),  # Italy keeps the leading zero
        ("110", "DE", "110"),
        ("2001", "DE", "2001"),
        ("2001", "SH", "2001"),  # a number there, an extension here: the dialled form decides
        ("*97", "DE", "*97"),
        ("agent1", "DE", "agent1"),
        ("+49123", "DE", "+49123"),
        ("+999123456789", "DE", "+999123456789"),
        ("", "DE", ""),
        ("Anonymous", "DE", ""),
        ("sip:anonymous@anonymous.invalid", "DE", ""),
        ("sip:restricted@10.0.0.1", "DE", ""),
        ("sip:10.0.0.1:5060", "DE", ""),
    ],
)
def test_what_a_line_sends_is_kept_as(sent: str, country: str, kept: str) -> None:
    assert normalise(sent, country) == kept


@pytest.mark.parametrize(
    ("uri", "name", "privacy", "secret"),
    [
        ("sip:+4930123456@p.example", "Erika Mustermann", "", False),
        ("sip:+4930123456@p.example", "", "none", False),
        ("sip:+4930123456@p.example", "Anonymous", "", False),  # a name alone hides nothing
        ("sip:+4930123456@p.example", "", "id", True),
        ("sip:+4930123456@p.example", "", "header;id;critical", True),
        ("sip:anonymous@anonymous.invalid", "Anonymous", "", True),
        ("sip:c8oqz84zk7z@anonymous.invalid", "", "", True),
        ("sip:Restricted@p.example", "", "", True),
        ("sip:gateway@p.example", "Anonymous", "", True),
        ("sip:p.example", "", "", True),
        ("", "", "", True),
    ],
)
def test_a_caller_who_hides_is_recognised(uri: str, name: str, privacy: str, secret: bool) -> None:
    assert hidden(uri, name, privacy) is secret


@pytest.mark.parametrize(
    ("number", "country", "shown"),
    [
        ("+4930123456", "DE", "030 123456"),
        ("+4930123456", "US", "+49 30 123456"),
        ("+12125550123", "US", "(212) 555-0123"),
        ("2001", "DE", "2001"),
        ("agent1", "DE", "agent1"),
        ("", "DE", ""),
        ("+4930123456", "", "+49 30 123456"),
    ],
)
def test_people_read(number: str, country: str, shown: str) -> None:
    assert display(number, country) == shown


@given(st.one_of(st.text(max_size=300), LIKE_NUMBERS), COUNTRIES)
@example("+" * 300, "DE")
@example("201,000", "DE")  # a comma is no pause here
@example("tel:" + "9" * 400, "DE")
@example("+٤٩٣٠١٢٣٤٥٦", "DE")
def test_anything_may_come_and_once_is_enough(sent: str, country: str) -> None:
    kept = normalise(sent, country)
    assert len(kept) <= MAX_LENGTH + 1
    assert kept.isprintable()
    assert normalise(kept, country) == kept
    hidden(sent, sent, sent)
    assert isinstance(display(kept, country), str)


@given(st.integers(1, 99_999).map(str), COUNTRIES)
def test_short_numbers_stay_as_dialled(short: str, country: str) -> None:
    assert normalise(short, country) == short
