"""The scenario checker finds every mistake at once, names its place, and takes the example."""

import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.lines.exchange import steps as s
from appliance.lines.exchange.load import ScenarioError, load_scenario, parse_scenario
from appliance.lines.exchange.report import WHATS
from appliance.lines.exchange.scenario import Act, AgentPhone, CallerGroup, Scenario, Side, Wave
from appliance.lines.exchange.spans import parse_span
from appliance.lines.exchange.steps import VERBS, parse_step

DOCS = Path(__file__).resolve().parents[2] / "docs" / "exchange.md"
HERE = Path("scenario.toml")

GOOD = """
[[caller]]
id = "support"
dial = "+493012340"
per_hour = 60
steps = ["dial", "press 1", "await agent 60", "listen 20..60"]
"""


def mistakes(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        parse_scenario(HERE, text)
    return error.value.mistakes


def test_a_good_scenario_is_read() -> None:
    scenario = parse_scenario(HERE, GOOD)
    assert scenario.caller[0].steps[2] == s.AwaitAgent(parse_span("60"))
    assert scenario.exchange == Side()


def test_all_mistakes_are_told_at_once_with_their_lines() -> None:
    text = """[exchange]
port = "5060"
bx = "127.0.0.1:5060"

[[caller]]
id = "support"
dial = "+493012340"
per_hour = 60
steps = [
  "dial",
  "pres 1",
]

[[agent]]
id = "agent1"
ring = "5..2"
answer = 1.5
"""
    found = mistakes(text)
    assert [m.split(":")[1] for m in found] == ["2", "3", "9", "16", "17"]
    port, unknown, step, ring, answer = found
    assert "exchange.port" in port or "port" in port
    assert "Did you mean box?" in unknown
    assert 'caller 1 "support": steps[2]' in step and step.endswith("Did you mean press?")
    assert 'agent 1 "agent1": ring' in ring and "smaller number first" in ring
    assert "answer" in answer


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ('steps = ["press 1"]', 'must begin with "dial"'),
        ('steps = ["dial", "listen 1", "redial"]', '"hang up" between'),
        ("steps = []", "at least 1"),
        ('steps = ["dial 12 34"]', "write a number"),
        ('steps = ["dial", "tone 99999"]', "200 to 3400 Hz"),
        ('steps = ["dial", "chance 2"]', "probability"),
        ('steps = ["dial", "hang up now"]', "nothing may follow"),
        ('steps = ["dial", "press 1 2"]', "write keys"),
        ('steps = ["dial", "wait soon"]', "no duration"),
        ('steps = ["dial", "speak nothere.wav"]', "there is no file nothere.wav"),
        ('steps = ["dial", 5]', "write words in quotes"),
        ("steps = 5", "list"),
    ],
)
def test_a_wrong_step_is_explained(change: str, says: str) -> None:
    text = re.sub(r"steps = .*", lambda _: change, GOOD)
    (found,) = mistakes(text)
    assert says in found
    assert found.startswith((":6: ", ":2: "))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "nobody is in it"),
        ("[[caller]\n", "not TOML"),
        (GOOD.replace("per_hour = 60", ""), "no call would ever come"),
        (GOOD.replace('dial = "+493012340"', ""), '"dial" has no number'),
        (GOOD + GOOD, "id used twice: support"),
        ('[[agent]]\nid = "a"\n[[agent.act]]\nsteps = ["dial 1"]\n', "does not dial"),
        ('[[agent]]\nid = "A 1"\n', "pattern"),
        ('[[agent]]\nid = "agent"\ncount = 2\n', "belong together"),
        ('[[agent]]\nid = "a#"\ncount = 2\n[[agent]]\nid = "a2"\n', "id used twice: a2"),
        ("[exchange]\nrtp_port_last = 10\n" + GOOD, ":1: exchange: 0 RTP ports are too few"),
        ("[exchange]\nrtp_port_last = 30_010\n" + GOOD, "write rtp_port_last = 30059 or more"),
        ('"what(" = 1\n' + GOOD, "what(: there is no such setting"),
    ],
)
def test_a_scenario_that_cannot_work_is_refused(text: str, says: str) -> None:
    assert any(says in one for one in mistakes(text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"none\.toml: cannot be read: No such file"):
        load_scenario(tmp_path / "none.toml")


def test_phones_that_behave_alike_are_dealt_their_tones() -> None:
    text = '[[agent]]\nid = "agent#"\ncount = 3\ntone_hz = [1000, 1100]\n'
    phones = parse_scenario(HERE, text).phones
    assert [(p.id, p.tones) for p in phones] == [
        ("agent1", [1000]),
        ("agent2", [1100]),
        ("agent3", [1000]),
    ]


def test_wav_files_are_found_beside_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "hello.wav").write_bytes(b"RIFF")
    text = GOOD.replace('"press 1"', '"speak hello.wav"')
    scenario = parse_scenario(tmp_path / "scenario.toml", text)
    assert scenario.caller[0].steps[1] == s.Speak(Path("hello.wav"))


@given(st.text(max_size=40) | st.sampled_from(sorted(VERBS)))
def test_any_words_are_a_step_or_a_clear_error(words: str) -> None:
    try:
        parse_step(words)
    except ValueError as error:
        assert "is no step" in str(error) or "cannot be read" in str(error)


@given(
    st.floats(0, 1000).map(lambda x: f"{x:.2f}")
    | st.tuples(st.integers(0, 500), st.integers(500, 1000)).map(lambda t: f"{t[0]}..{t[1]}")
    | st.tuples(st.integers(1, 99), st.integers(0, 999)).map(lambda t: f"exp {t[0]} max {t[1]}"),
    st.integers(),
)
def test_a_span_reads_what_it_writes_and_stays_in_its_limits(text: str, seed: int) -> None:
    span = parse_span(text)
    assert parse_span(str(span)) == span or abs(parse_span(str(span)).low - span.low) < 0.01
    rng = random.Random(seed)
    assert all(span.low <= span.draw(rng) <= span.high for _ in range(20))


def test_the_example_of_the_docs_is_right() -> None:
    example = DOCS.read_text().split("```toml\n")[1].split("```")[0]
    scenario = parse_scenario(HERE, example)
    assert scenario.caller and scenario.agent


def test_the_docs_list_every_field_step_and_report_line() -> None:
    text = DOCS.read_text()
    tables = [Side, CallerGroup, Wave, AgentPhone, Act]
    fields = {name for table in tables for name in table.model_fields}
    fields |= set(Scenario.model_fields) - {"exchange", "caller", "agent"}
    missing = [name for name in sorted(fields) if f"`{name}`" not in text]
    missing += [verb for verb in VERBS if not re.search(rf"^\| `{verb}\b", text, re.MULTILINE)]
    missing += [what for what in WHATS if f"| `{what}` |" not in text]
    assert missing == []
