"""Each kind of defect is found, at its own place, once, and said in three sentences."""

from pathlib import Path

import pytest

from appliance.flow.check import check_flows
from appliance.flow.language import FlowErrors, compile_flows
from appliance.model.findings import Finding
from tests.flow.caller import ROOMS, site_of

GOOD = """
[flow.main]
start = "menu"
fallback = "support"
[flow.main.node.menu]
type = "menu"
prompt = "Press 1 or 2"
choice.1.next = "support"
choice.2.next = "number"
[flow.main.node.number]
type = "collect"
prompt = "Number"
store = "order"
next = "told"
[flow.main.node.told]
type = "play"
prompt = ["You said", { say = "digits", value = "{data.order}" }]
next = "support"
[flow.main.node.support]
type = "queue"
queue = "support"
on_exit_key = "night"
on_overflow = "night"
[flow.main.node.night]
type = "voicemail"
mailbox = "night"
on_failed = "bye"
[flow.main.node.bye]
type = "hang_up"
"""
HOURS = """
[flow.main.node.hours]
type = "hours"
week = {week}
{more}
on_open = "menu"
on_closed = "night"
"""


def findings(
    text: str, base: Path = Path("/nonexistent"), rooms: str = ROOMS, **options: object
) -> list[Finding]:
    return check_flows(site_of(text, rooms), base, **options)


def only(text: str, **options: object) -> Finding:
    found = findings(text, **options)
    assert len(found) == 1, "\n".join(map(str, found))
    one = found[0]
    for sentence in (one.what, one.means, one.to_do):
        assert sentence[0].isupper() or sentence.startswith(
            ("'", "start", "fallback", "min", "until", "silence", "wrong")
        )
        assert sentence.endswith((".", "?"))
    return one


def with_hours(week: str, more: str = "") -> str:
    text = GOOD.replace('start = "menu"', 'start = "hours"')
    return text + HOURS.format(week=week, more=more)


def node(*path: str | int) -> tuple[str | int, ...]:
    return ("flow", "main", "node", *path)


def test_a_good_flow_has_no_findings() -> None:
    assert findings(GOOD) == []
    assert findings(with_hours('{ mon-fri = ["08:00-12:00", "13:00-17:00"] }')) == []


DEFECTS = [
    # -- cannot be read
    ("unknown type", 'type = "play"', 'type = "plai"', node("told", "type"), "error"),
    ("no type", 'type = "play"\n', "", node("told", "type"), "error"),
    ("unknown field", 'store = "order"', 'store = "order"\nmaxx = 3', node("number", "maxx"),
     "error"),
    ("missing field", 'mailbox = "night"\n', "", node("night", "mailbox"), "error"),
    ("wrong key", "choice.2.next", "choice.22.next", node("menu", "choice", "22"), "error"),
    ("wrong value", 'store = "order"', 'store = "order"\nmax = 99', node("number", "max"), "error"),
    ("wrong prompt", '"You said"', "{ fil = 'x' }", node("told", "prompt", 0), "error"),
    ("unknown flow field", 'start = "menu"', 'start = "menu"\nbegin = "menu"',
     ("flow", "main", "begin"), "error"),
    # -- names
    ("no start", 'start = "menu"\n', "", ("flow", "main", "start"), "error"),
    ("unknown start", 'start = "menu"', 'start = "men"', ("flow", "main", "start"), "error"),
    ("unknown fallback", 'fallback = "support"', 'fallback = "suport"',
     ("flow", "main", "fallback"), "error"),
    ("unknown node", 'next = "told"', 'next = "tol"', node("number", "next"), "error"),
    ("unknown node of a choice", 'choice.2.next = "number"', 'choice.2.next = "nummer"',
     node("menu", "choice", "2", "next"), "error"),
    ("unknown queue", 'queue = "support"', 'queue = "suport"', node("support", "queue"), "error"),
    ("unknown mailbox", 'mailbox = "night"', 'mailbox = "nights"', node("night", "mailbox"),
     "error"),
    # -- prompts
    ("missing file", '"Press 1 or 2"', '{ file = "x.wav" }', node("menu", "prompt", "file"),
     "error"),
    ("missing file of a language", '"Press 1 or 2"', '{ en = ["a", { file = "x.wav" }] }',
     node("menu", "prompt", "en", 1, "file"), "error"),
    ("placeholder in a text", '"You said"', '"You said {data.order}"', node("told", "prompt", 0),
     "error"),
    ("unknown data", "{data.order}", "{data.ordr}", node("told", "prompt", 1, "value"), "warning"),
    ("nothing to say", '"{data.order}"', '"abc"', node("told", "prompt", 1, "value"), "error"),
    ("a secret that is said", 'store = "order"', 'store = "order"\nsecret = true',
     node("told", "prompt", 1, "value"), "error"),
    ("language missing", '"Press 1 or 2"', '{ de = "1 oder 2" }', node("menu", "prompt"),
     "warning"),
    # -- keys
    ("no choices", 'choice.1.next = "support"\nchoice.2.next = "number"', "",
     node("menu", "choice"), "error"),
    ("a terminator that is a digit", 'store = "order"', 'store = "order"\nterminator = "5"',
     node("number", "terminator"), "error"),
    ("min above max", 'store = "order"', 'store = "order"\nmin = 5\nmax = 4',
     node("number", "min"), "error"),
    ("secret read back", 'store = "order"', 'store = "order"\nsecret = true\nconfirm = true',
     node("number", "confirm"), "warning"),
    ("prompts never heard", 'store = "order"',
     'store = "order"\nretries = 1\nwrong_prompts = ["a", "b"]', node("number", "wrong_prompts"),
     "warning"),
    ("a word for two choices", 'choice.2.next = "number"',
     'choice.2.next = "number"\nchoice.1.say = ["Order"]\nchoice.2.say = { en = ["order "] }',
     node("menu", "choice", "2", "say"), "error"),
    # -- ways
    ("circle", 'on_failed = "bye"', 'on_failed = "night"', node("night"), "error"),
    ("no person after retries", "choice.2.next", 'on_failed = "bye"\nchoice.2.next',
     node("menu", "on_failed"), "warning"),
    ("unreachable node", 'choice.2.next = "number"', 'choice.2.next = "support"', node("number"),
     "warning"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "path", "severity"), [d[1:] for d in DEFECTS], ids=[d[0] for d in DEFECTS]
)
def test_each_defect_is_found_at_its_place(
    old: str, new: str, path: tuple[str | int, ...], severity: str
) -> None:
    assert old in GOOD
    found = findings(GOOD.replace(old, new, 1))
    here = [one for one in found if one.path == path]
    assert len(here) == 1, "\n".join(map(str, found))
    assert here[0].severity == severity
    for sentence in (here[0].what, here[0].means, here[0].to_do):
        assert sentence.rstrip().endswith((".", "?")), sentence


UNREADABLE = [
    ('type = "menu"', 'type = "meny"', node("menu", "type")),
    ('prompt = "Press 1 or 2"', 'prompt = "Press 1 or 2"\nretries = 99', node("menu", "retries")),
    ('type = "collect"', 'type = "colect"', node("number", "type")),
    ('type = "queue"', 'type = "queu"', node("support", "type")),
    ('start = "menu"', "start = 5", ("flow", "main", "start")),
    ('fallback = "support"', "fallback = []", ("flow", "main", "fallback")),
    ('start = "menu"', 'start = "menu"\nbegin = 1', ("flow", "main", "begin")),
    ('[flow.main.node.told]\ntype = "play"',
     '[flow.main.node]\ntold = "play"\n[flow.main.node.tolled]\ntype = "play"',
     node("told")),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "path"), UNREADABLE)
def test_what_cannot_be_read_brings_its_own_error_and_no_other(
    old: str, new: str, path: tuple[str | int, ...]
) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    assert [one.path for one in findings(text)] == [path]
    text = text.replace('mailbox = "night"', 'mailbox = "nights"')
    both = {one.path for one in findings(text)}
    assert both == {path, node("night", "mailbox")}, "what else is wrong is told at once"


def test_nodes_of_a_flow_with_a_wrong_field_are_checked_and_may_be_named() -> None:
    """[flow.other] has an unknown field; its nodes are there all the same."""
    text = GOOD.replace('on_failed = "bye"', 'on_failed = "away"') + (
        '[flow.main.node.away]\ntype = "goto"\nflow = "other"\nnode = "x"\n'
        '[flow.other]\nbegin = "x"\nstart = "x"\nfallback = "x"\n'
        '[flow.other.node.x]\ntype = "hangup"\n'
    )
    found = {one.path for one in findings(text)}
    assert found == {("flow", "other", "begin"), ("flow", "other", "node", "x", "type")}


NAMES = [
    ('type = "agent"\nagent = "nobody"\non_no_answer = "support"', "agent"),
    ('type = "forward"\nnumber = "+4930"\ntrunk = "nowhere"\non_no_answer = "support"', "trunk"),
    ('type = "goto"\nflow = "nowhere"', "flow"),
    ('type = "goto"\nflow = "main"\nnode = "nowhere"', "node"),
    ('type = "play"\nprompt = { phrase = "vm-goodby" }\nnext = "support"', "prompt"),
]


@pytest.mark.parametrize(("body", "field"), NAMES)
def test_unknown_names_of_other_nodes(body: str, field: str) -> None:
    text = (
        GOOD.replace('choice.2.next = "number"', 'choice.2.next = "number"\nchoice.3.next = "x"')
        + f"[flow.main.node.x]\n{body}\n"
    )
    one = only(text, phrases={"vm-goodbye"})
    assert one.path[:5] == node("x", field)
    assert one.severity == "error"


HOUR_DEFECTS = [
    ('{ mon = ["17:00-08:00"] }', "", ("week", "mon", 0)),
    ('{ mon = ["08:00-12:00", "11:00-15:00"] }', "", ("week", "mon", 1)),
    ('{ mon-wed = ["08:00-12:00"], tue = ["11:00-15:00"] }', "", ("week", "tue")),
    ("{ mon = [] }", "", ("week",)),
    ('{ mon = ["08:00-12:00"] }', 'country = "XX"', ("country",)),
    ('{ mon = ["08:00-12:00"] }', 'region = "ZZ"', ("region",)),
    ('{ mon = ["08:00-12:00"] }', "special = [{ date = 2025-01-02, until = 2025-01-01 }]",
     ("special", 0, "until")),
    ('{ mon = ["08:00-12:00"] }',
     "special = [{ date = 2025-01-01, until = 2025-01-05 }, { date = 2025-01-05 }]",
     ("special", 1, "date")),
    ('{ mon = ["08:00-12:00"] }', 'special = [{ date = 2025-01-01, open = ["09:00-09:00"] }]',
     ("special", 0, "open", 0)),
    ('{ mon = ["8-12"] }', "", ("week", "mon", 0)),
    ('{ monday = ["08:00-12:00"] }', "", ("week", "monday")),
]  # fmt: skip


@pytest.mark.parametrize(("week", "more", "path"), HOUR_DEFECTS)
def test_impossible_hours(week: str, more: str, path: tuple[str | int, ...]) -> None:
    found = findings(with_hours(week, more))
    assert [one.path for one in found if one.path[3:4] == ("hours",)] == [node("hours", *path)]


def test_the_sites_own_region_is_named_where_it_is_wrong() -> None:
    hours = with_hours('{ mon = ["08:00-12:00"] }')
    site = site_of(hours, rooms='[site]\ncountry = "DE"\nregion = "ZZ"\n' + ROOMS)
    found = check_flows(site, Path("/nonexistent"))
    assert [one.path for one in found] == [("site", "region")]
    assert "BE" in found[0].to_do


def test_a_flow_without_fallback_and_the_holes_it_leaves() -> None:
    found = findings(GOOD.replace('fallback = "support"\n', ""))
    assert ("flow", "main", "fallback") in [one.path for one in found]
    errors = [one.path for one in found if one.severity == "error"]
    assert errors == [node("menu", "on_failed"), node("number", "on_failed")]


def test_a_play_without_next_is_a_dead_end() -> None:
    text = GOOD.replace('fallback = "support"\n', "").replace(
        'on_failed = "bye"', 'on_failed = "words"'
    )
    found = findings(text + '[flow.main.node.words]\ntype = "play"\nprompt = "Sorry"\n')
    assert node("words", "next") in [one.path for one in found if one.severity == "error"]


def test_a_trap_without_exit_is_a_dead_end() -> None:
    text = GOOD.replace('choice.2.next = "number"', 'choice.2.next = "trap"') + (
        '[flow.main.node.trap]\ntype = "menu"\nprompt = "Press 1"\n'
        'choice.1.next = "trap"\non_silence = "trap"\non_wrong = "trap"\n'
    )
    found = [one for one in findings(text) if one.path == node("trap")]
    assert any("Dead end" in one.what for one in found)
    assert any("Circle" in one.what for one in found)


def test_circles_across_flows_are_named_in_full() -> None:
    text = (
        GOOD.replace('on_failed = "bye"', 'on_failed = "away"')
        + """
[flow.main.node.away]
type = "goto"
flow = "other"
[flow.other]
start = "back"
fallback = "back"
[flow.other.node.back]
type = "goto"
flow = "main"
node = "away"
"""
    )
    text = text.replace('[flow.main.node.bye]\ntype = "hang_up"\n', "")
    circles = [one for one in findings(text) if "Circle" in one.what]
    assert len(circles) == 1
    assert "away -> other.back -> away" in circles[0].what
    assert "without a sound" in circles[0].means


def test_a_queue_that_overflows_to_words_and_back_is_no_circle() -> None:
    text = GOOD.replace('on_overflow = "night"', 'on_overflow = "told"')
    assert findings(text) == []


def test_silence_that_leads_round_is_a_circle() -> None:
    text = GOOD.replace('prompt = "Press 1 or 2"', 'prompt = "Press 1 or 2"\non_silence = "menu"')
    assert [one.path for one in findings(text) if "Circle" in one.what] == [node("menu")]


def test_edges_that_the_queue_never_takes() -> None:
    text = GOOD.replace('queue = "support"', 'queue = "sales"', 1)
    found = {one.path: one.severity for one in findings(text)}
    assert found == {
        node("support", "on_exit_key"): "warning",
        node("support", "on_overflow"): "warning",
    }


def test_a_flow_that_no_line_leads_to() -> None:
    other = '[flow.other]\nstart = "x"\nfallback = "x"\n[flow.other.node.x]\ntype = "hang_up"\n'
    assert only(GOOD + other).path == ("flow", "other")


def test_files_are_looked_for_beside_site_toml(tmp_path: Path) -> None:
    (tmp_path / "x.wav").write_bytes(b"")
    text = GOOD.replace('"Press 1 or 2"', '{ file = "x.wav" }')
    assert findings(text, tmp_path) == []


def test_flows_that_cannot_be_read_do_not_compile() -> None:
    with pytest.raises(FlowErrors, match=r"flow\.main\.node\.told\.type"):
        compile_flows(site_of(GOOD.replace('type = "play"', 'type = "plai"')))
