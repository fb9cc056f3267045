"""One wrong field hides nothing else, and brings up nothing that only follows from it."""

from pathlib import Path

import pytest

from appliance.box.check import load_checked
from appliance.box.config import SiteError, load_site
from tests.box.conftest import GOOD
from tests.box.schema import Setting, settings, wrong_values


def told(site_file: Path, text: str) -> SiteError:
    site_file.write_text(text)
    with pytest.raises(SiteError) as caught:
        load_checked(site_file)
    return caught.value


def test_one_wrong_field_and_four_wrong_names_are_told_at_once(site_file: Path) -> None:
    text = GOOD
    for old, new in {
        "port = 5060": "port = 99_999",
        'password_file = "secret"': 'password_file = "none"',
        'queues = [{ id = "service" }]': 'queues = [{ id = "servise" }]',
        'start = "greet"': 'start = "gret"',
        'music = "music.wav"': 'music = "other.wav"',
    }.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    found = told(site_file, text).findings
    rows = text.splitlines()
    parts = ["99_999", '"none"', "other.wav", "servise", '"gret"']
    assert [one.line for one in found] == [
        next(i for i, row in enumerate(rows, 1) if part in row) for part in parts
    ]
    assert {one.severity for one in found} == {"error"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("port = 5060", "port = 99_999"),
        ("port = 5060", "rtp_port_first = 24_500\nrtp_port_last = 99_999"),
        ("port = 5060", "prot = 5060"),
        ("port = 5060", "max_calls = 500\nrtp_port_last = 20_050"),
        ('[[queue]]\nid = "service"', '[[queue]]\nid = "Service"'),
        ('[[queue]]\nid = "service"', '[[queue]]\nname = "Service"'),
        ('[[queue]]\nid = "service"', '[[queu]]\nid = "service"\n\n[[queue]]\nid = "other"'),
        ('[[agent]]\nid = "agent1"', '[[agent]]\nid = "Agent1"'),
        ('[[agent]]\nid = "agent1"', "[[agent]]\nid = 5"),
        ('seat = "sip:agent1@127.0.0.1:5070"', "seat = 5"),
        ('seat = "sip:agent1@127.0.0.1:5070"', ""),
        ('queues = [{ id = "sales" }, { id = "service" }]', 'queues = ["sales", "service"]'),
        ('password_file = "secret"', "password_file = 5"),
        ('password_file = "secret"', 'pasword_file = "secret"'),
        ('kind = "register"', 'kind = "registre"'),
        ('host = "127.0.0.1"', ""),
        ('[[mailbox]]\nid = "night"', '[mailbox]\nid = "night"'),
        ('flow = "main"', 'flow = "Main"'),
        ('"+4930123456" = "main"', '"+4930123456" = 5'),
        ('number = "+4930999"', "number = 4930999"),
        ('country = "DE"', 'country = "Germany"'),
    ],
)
def test_nothing_is_told_that_only_follows_from_a_wrong_field(
    old: str, new: str, site_file: Path
) -> None:
    assert GOOD.count(old) == 1
    text = GOOD.replace(old, new)
    site_file.write_text(text)
    with pytest.raises(SiteError) as fields:
        load_site(site_file)
    assert told(site_file, text).findings == fields.value.findings


@pytest.mark.parametrize("setting", [one for one in settings() if str(one) != "site"], ids=str)
def test_any_wrong_value_of_any_field_leaves_the_rest_checked(
    setting: Setting, site_file: Path
) -> None:
    """The time zone stands for the rest. First a wrong type, then a value beyond a limit."""
    values = list(wrong_values(setting.schema))
    for value in {values[0], values[-1]}:
        text, _ = setting.text(value)
        if setting.tables[:1] == (("site", False),):
            if setting.name == "timezone":
                continue
            text = text.replace("[site]", '[site]\ntimezone = "Europe/Bern"', 1)
        else:
            text += '\n[site]\ntimezone = "Europe/Bern"\n'
        found = told(site_file, text).findings
        assert ("site", "timezone") in [one.path for one in found], text
        assert [one.line for one in found] == sorted(one.line for one in found)
