"""Checks across fields: a site without a fault, and each fault that one change brings in."""

from pathlib import Path

import pytest

from appliance.box.check import check_loaded, load_checked
from appliance.box.config import SiteError, load_site
from appliance.model.findings import Finding
from tests.box.conftest import GOOD

SALES = '[[queue]]\nid = "sales"'
TRUNK = '[[trunk]]\nid = "provider"'

# replaced text, new text, where the error is (the new line), what it says
FAULTS = [
    # names
    ('[[queue]]\nid = "service"', '[[queue]]\nid = "sales"', "another queue with this id"),
    ('[[agent]]\nid = "agent2"', '[[agent]]\nid = "agent1"', "another agent with this id"),
    (
        '[[pause_reason]]\nid = "lunch"',
        '[[pause_reason]]\nid = "lunch"\n[[pause_reason]]\nid = "lunch"',
        "another pause reason with this id",
    ),
    (
        '[[mailbox]]\nid = "night"',
        '[[mailbox]]\nid = "night"\n[[mailbox]]\nid = "night"',
        "another mailbox with this id",
    ),
    (
        'seat = "sip:agent2@127.0.0.1:5070"',
        'seat = "sip:AGENT1@127.0.0.1:5070;transport=udp"',
        "Another agent has the same seat",
    ),
    (
        'queues = [{ id = "sales" }, { id = "service" }]',
        'queues = [{ id = "sales" }, { id = "sales" }]',
        "The agent has this queue twice",
    ),
    (
        'queues = [{ id = "sales" }, { id = "service" }]',
        'queues = [{ id = "sales" }, { id = "servise" }]',
        "There is no queue 'servise'. Did you mean service?",
    ),
    ('agent = "agent1"', 'agent = "agent9"', "There is no agent 'agent9'"),
    ('flow = "main"', 'flow = "mian"', "There is no flow 'mian'"),
    ('"+4930123456" = "main"', '"+4930123456" = "night"', "There is no flow 'night'"),
    ('"+4930123456" = "main"', '"030 123456" = "main"', 'Write "+4930123456".'),
    (
        '"+4930123456" = "main"',
        '"+4930123456" = "main"\n"4930123456" = "main"',
        "the line has this number twice",
    ),
    ('number = "+4930999"', 'number = "030 999"', "not in the form in which numbers arrive"),
    ('number = "+4930999"', 'number = "anonymous"', "Write a number such as"),
    ('number = "+4940*"', 'number = "abc*"', "'abc*' is not a prefix"),
    ('number = "+4940*"', 'number = "+4930999"', "The caller list has it twice"),
    ("blocked = true", "vip = true\nblocked = true", "blocked and VIP"),
    # overflow
    ('to = "queue:service" # the others help out', 'to = "queue:x"', "There is no queue 'x'"),
    ('to = "voicemail:night"', 'to = "voicemail:x"', "There is no mailbox 'x'"),
    ('to = "voicemail:night"', 'to = "number:home"', "'home' is no telephone number"),
    ('to = "voicemail:night"', 'to = "night"', "'night' is no target"),
    ('unstaffed = true\nto = "voicemail:night"', "unstaffed = true", "has no target"),
    (
        'after_s = 60\nto = "queue:service" # the others help out',
        'length = 1\nto = "queue:sales"',
        "The overflow goes round: sales -> sales.",
    ),
    (
        'after_s = 60\nto = "queue:service" # the others help out\n\n[[queue]]\nid = "service"\n\n'
        '[queue.overflow]\nunstaffed = true\nto = "voicemail:night"',
        'unstaffed = true\nto = "queue:service"\n\n[[queue]]\nid = "service"\n\n'
        '[queue.overflow]\nunstaffed = true\nto = "queue:sales"',
        "The overflow goes round: sales -> service -> sales.",
    ),
    (
        'after_s = 60\nto = "queue:service" # the others help out',
        'after_s = 0.9\nto = "queue:service"',
        "0.9 s is too short for an overflow",
    ),
    (
        'unstaffed = true\nto = "voicemail:night"',
        'after_s = 0.01\nto = "flow"',
        "0.01 s is too short for an overflow",
    ),
    # place
    ('timezone = "Europe/Berlin"', 'timezone = "Europe/Berln"', "Did you mean Europe/Berlin?"),
    ('timezone = "Europe/Berlin"', 'timezone = "../etc/passwd"', "is no time zone"),
    ('timezone = "Europe/Berlin"', 'timezone = ""', "is no time zone"),
    ('country = "DE"', 'country = "XX"', "no country with telephone numbers"),
    ('region = "BE"', 'region = "XX"', "DE has no region 'XX'"),
    # network
    ("port = 5060", "port = 20_002", "inside the RTP ports"),
    ("port = 5060", "rtp_port_last = 20_100", "101 RTP ports are too few for 120 calls"),
    ("port = 5060", "rtp_port_last = 10", "0 RTP ports are too few"),
    ("port = 5060", 'transports = ["udp", "tcp"]\nport = 8080', "TCP port 8080 is used by SIP"),
    ("port = 5060", "transports = []", "The list is empty"),
    ("port = 5060", 'listen = "192.0.2.77"', "no address of this machine"),
    ("port = 5060", 'listen = "nobody.invalid"', "no address of this machine"),
    ("port = 5060", 'listen = "0.0.0.0"', "stands for all addresses of this machine"),
    ("port = 5060", 'listen = "::"', "stands for all addresses of this machine"),
    ("port = 5060", '[web]\nlisten = "192.0.2.77"', "no address of this machine"),
    ('host = "127.0.0.1"', 'host = "sip:provider.example"', "no host name or address"),
    ('host = "127.0.0.1"', 'host = "10.0.0.0/8"', "no host name or address"),
    ('host = "127.0.0.1"', 'host = "192.0.2.10"', "cannot be reached from 127.0.0.1"),
    ('host = "127.0.0.1"', 'host = "127.0.0.1"\naddresses = ["x"]', "no address or network"),
    (
        'host = "127.0.0.1"',
        'host = "127.0.0.1"\n[[trunk]]\nid = "other"\nhost = "127.0.0.1"\nkind = "register"',
        "may belong to line provider or to other",
    ),
    (
        'username = "box"',
        'username = "box\\r\\nX: 1"',
        r"A line cannot send a user name with '\n', '\r'.",
    ),
    (
        'username = "box"',
        "username = 'a\"b'",
        "A line cannot send a user name with '\"'. Write the user name",
    ),
    ('username = "box"', 'username = "100%"', "A line cannot send a user name with '%'"),
    ('username = "box"', 'username = "box "', "begins or ends with a space"),
    ('username = "box"', 'username = "sip:1@provider"', 'not a user name. Write "1@provider".'),
    ('username = "box"', f'username = "{"a" * 300}"', "too long: 300 characters"),
    (
        'username = "box"',
        'username = "box"\ncaller_id = \'"Firma" <+4930123456>\'',
        'is no number that a line can send. Write "+4930123456".',
    ),
    (
        'username = "box"',
        'username = "box"\ncaller_id = "030 / 123456"',
        'is no number that a line can send. Write "+4930123456".',
    ),
    ('username = "box"', 'username = "box"\ncaller_id = "me@there"', "Write a number such as"),
    ('username = "box"', f'username = "box"\ncaller_id = "{"1" * 300}"', "It is too long"),
    ('seat = "sip:agent2@127.0.0.1:5070"', 'seat = "sip:agent2"', "is no SIP address"),
    ('seat = "sip:agent2@127.0.0.1:5070"', 'seat = "sip:a b@host"', "is no SIP address"),
    ('seat = "sip:agent2@127.0.0.1:5070"', 'seat = "sip:a@host:99999"', "is no SIP address"),
    ('seat = "sip:agent2@127.0.0.1:5070"', 'seat = "sip:a@127.0.0.1"', "is the box itself"),
    ('seat = "sip:agent2@127.0.0.1:5070"', 'seat = "sip:a@localhost:5060"', "is the box itself"),
    ('seat = "sip:agent2@127.0.0.1:5070"', 'seat = "sip:a@192.0.2.9"', "cannot be reached from"),
    # files
    ('username = "box"', "", "It is empty. Write the user name"),
    ('password_file = "secret"', "", "It is missing. Put the password"),
    ('password_file = "secret"', 'password_file = "none"', "none cannot be read: No such file"),
    ('password_file = "secret"', 'password_file = "."', "cannot be read: Is a directory"),
    ('music = "music.wav"', 'music = "other.wav"', "There is no file"),
    ('comfort = ["Please hold."]', 'comfort = ["Hello.", "hold.opus"]', "There is no file"),
    ('data_dir = "var"', 'data_dir = "/proc/callfloor"', "Nothing can be written in /proc"),
    ('data_dir = "var"', 'data_dir = "secret"', "Nothing can be written in"),
    # flows
    ('queue = "sales"', 'queue = "salse"', "salse"),
    ('next = "support"', 'next = "suport"', "suport"),
]

WARNINGS = [
    ('flow = "main"\n\n[trunk.numbers]\n"+4930123456" = "main"', "", "neither flow nor numbers"),
    ('queues = [{ id = "sales" }, { id = "service" }]', "", "No agent serves queue sales"),
    ('queues = [{ id = "service" }]', "", "Agent agent2 serves no queue"),
    ("skills = { german = 5 }", "skills = { german = 2 }", "has german at level 3 or above"),
    ("unstaffed = true\n", "", "nothing that sets it off"),
    ("port = 5060", 'listen = "0.0.0.0"', "all lines and seats are on this machine"),
    ("port = 5060", '[web]\nlisten = "0.0.0.0"', "without encryption"),
    ('country = "DE"\nregion = "BE"', 'country = "AC"', "holidays of AC"),
]


def findings(site_file: Path, old: str, new: str) -> list[Finding]:
    assert GOOD.count(old) == 1, f"{old!r} is {GOOD.count(old)} times in site.toml"
    site_file.write_text(GOOD.replace(old, new))
    return check_loaded(load_site(site_file))


def test_the_good_site_has_nothing_to_say(site_file: Path) -> None:
    loaded, found = load_checked(site_file)
    assert found == []
    assert loaded.site.queue[0].id == "sales"


@pytest.mark.parametrize(("old", "new", "says"), FAULTS, ids=[fault[2] for fault in FAULTS])
def test_a_fault_is_an_error(old: str, new: str, says: str, site_file: Path) -> None:
    found = findings(site_file, old, new)
    errors = [one for one in found if one.severity == "error"]
    assert errors
    assert any(says in f"{one.what} {one.to_do}" for one in errors), errors
    with pytest.raises(SiteError, match="to do: "):
        load_checked(site_file)


@pytest.mark.parametrize(("old", "new", "says"), WARNINGS, ids=[one[2] for one in WARNINGS])
def test_a_doubt_is_a_warning(old: str, new: str, says: str, site_file: Path) -> None:
    found = findings(site_file, old, new)
    doubts = [one for one in found if one.severity == "warning"]
    assert any(says in one.what for one in doubts), found


@pytest.mark.parametrize(("old", "new", "says"), FAULTS, ids=[fault[2] for fault in FAULTS])
def test_each_error_is_a_full_sentence_with_its_line(
    old: str, new: str, says: str, site_file: Path
) -> None:
    for one in findings(site_file, old, new):
        assert one.line >= 1
        assert one.path
        assert all(text.endswith((".", "?", ")")) for text in (one.what, one.means))
        assert len(one.means) > 10
        assert len(one.to_do) > 5


def test_errors_point_to_the_line(site_file: Path) -> None:
    text = GOOD.replace('id = "service" }]\n\n[[caller', 'id = "x" }]\n\n[[caller')
    text = text.replace("Europe/Berlin", "Europe/Bern").replace("flow = ", "flow = 'x' # ")
    site_file.write_text(text)
    found = check_loaded(load_site(site_file))
    lines = text.splitlines()
    marked = [i + 1 for i, line in enumerate(lines) if "Bern" in line or "'x'" in line]
    last = next(i + 1 for i, line in enumerate(lines) if '"x"' in line)
    errors = [one.line for one in found if one.severity == "error"]
    assert set(errors) == {*marked, last}
    assert errors == sorted(errors)


@pytest.mark.parametrize("where", ["comfort", "whisper", "greet"])
def test_a_phrase_that_nobody_can_say_is_an_error_with_its_line(
    where: str, site_file: Path
) -> None:
    old, new = {
        "comfort": ('["Please hold."]', '["phrase:{}"]'),
        "whisper": (SALES, SALES + '\nwhisper = "phrase:{}"'),
        "greet": ('"Welcome."', '{{ phrase = "{}" }}'),
    }[where]
    (error,) = findings(site_file, old, new.format("cf-sory"))
    rows = site_file.read_text().splitlines()
    assert error.severity == "error" and error.line is not None
    assert "cf-sory" in rows[error.line - 1]
    assert error.what == "There is no phrase 'cf-sory'."
    assert error.to_do.startswith("Did you mean 'cf-sorry'? ")
    assert findings(site_file, old, new.format("cf-sorry")) == []
    own = site_file.parent / "prompts" / "en" / "cf-sory.wav"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"RIFF")
    assert findings(site_file, old, new.format("cf-sory")) == []


def test_a_password_for_all_to_read_is_an_error(site_file: Path) -> None:
    (site_file.parent / "secret").chmod(0o644)
    found = check_loaded(load_site(site_file))
    assert [one.what for one in found] == [
        f"{site_file.parent / 'secret'} can be read by other users of this machine (mode 0644)."
    ]
    assert "hunter2" not in str(found)


def test_an_empty_password_is_an_error(site_file: Path) -> None:
    (site_file.parent / "secret").write_text(" \n")
    found = check_loaded(load_site(site_file))
    assert [one.what for one in found] == [f"{site_file.parent / 'secret'} is empty."]


def test_a_seat_at_another_loopback_address_may_have_the_port_of_the_box(site_file: Path) -> None:
    old = 'seat = "sip:agent2@127.0.0.1:5070"'
    assert findings(site_file, old, 'seat = "sip:agent2@127.0.0.2:5060"') == []


@pytest.mark.parametrize("user", ["12345@provider.example", "Erika Müller", "a&b=c"])
def test_a_user_name_that_only_needs_escaping_is_right(user: str, site_file: Path) -> None:
    assert findings(site_file, 'username = "box"', f'username = "{user}"') == []


@pytest.mark.parametrize("number", ["+4930123456", "030123456", "anonymous", "*21#", "reception"])
def test_a_caller_id_that_can_be_sent_is_right(number: str, site_file: Path) -> None:
    old = 'username = "box"'
    assert findings(site_file, old, f'{old}\ncaller_id = "{number}"') == []


def test_a_check_leaves_nothing_behind(site_file: Path) -> None:
    before = sorted(site_file.parent.iterdir())
    check_loaded(load_site(site_file))
    assert sorted(site_file.parent.iterdir()) == before


def test_a_slow_circle_of_overflows_is_a_warning(site_file: Path) -> None:
    found = findings(
        site_file, 'unstaffed = true\nto = "voicemail:night"', 'after_s = 9\nto = "queue:sales"'
    )
    assert [(one.severity, "goes round" in one.what) for one in found] == [("warning", True)]


def test_an_overflow_of_one_second_to_a_queue_is_allowed(site_file: Path) -> None:
    assert findings(site_file, "after_s = 60", "after_s = 1.0") == []
