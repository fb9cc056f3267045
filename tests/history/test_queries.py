"""Lists, figures and exports from a real history file."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.history.cli import history
from appliance.history.export import csv_lines, safe_cell
from appliance.history.projection import Projection
from appliance.history.queries import Filter, History
from appliance.store.reader import EventReader
from tests.history.floor import day
from tests.history.test_projection import START_US, write_log

HOUR_US = 3_600_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("history")
    write_log(made, day(7, 200))
    with EventReader(made / "events.db") as log:
        projection = Projection(log, made / "history.db")
        projection.catch_up()
        projection.close()
    return made


@pytest.fixture
def found(folder: Path) -> Iterator[History]:
    with History(folder / "history.db") as opened:
        yield opened


def test_pages_give_every_call_once_in_order(found: History) -> None:
    calls, cursor = [], None
    while True:
        page = found.page(Filter(), cursor=cursor, limit=17)
        calls += [item.seq for item in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert calls == sorted(calls, reverse=True)
    assert len(calls) == len(set(calls)) == 200
    assert [i.seq for i in found.each(Filter())] == calls[::-1]


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(queue="sales"),
        Filter(agent="a2"),
        Filter(outcome="abandoned"),
        Filter(caller="+4930123456"),
        Filter(caller="+49*"),
        Filter(since_us=START_US + HOUR_US // 2, until_us=START_US + HOUR_US),
        Filter(queue="help", agent="a1", outcome="answered"),
        Filter(trunk="nowhere"),
        Filter(caller="' OR 1=1 --"),
    ],
)
def test_a_filter_gives_exactly_what_matches(found: History, wanted: Filter) -> None:
    def matches(item: object) -> bool:
        from appliance.history.parts import Interaction

        assert isinstance(item, Interaction)
        caller = wanted.caller or ""
        return (
            (wanted.queue is None or any(v.queue == wanted.queue for v in item.visits))
            and (wanted.agent is None or any(t.agent == wanted.agent for t in item.talks))
            and wanted.outcome in (None, item.outcome)
            and wanted.trunk in (None, item.trunk)
            and (not caller or item.caller == caller
                 or (caller.endswith("*") and item.caller.startswith(caller[:-1])))
            and (wanted.since_us is None or item.started_us >= wanted.since_us)
            and (wanted.until_us is None or item.started_us < wanted.until_us)
        )  # fmt: skip

    want = [item.call for item in found.each(Filter()) if matches(item)]
    assert [item.call for item in found.each(wanted)] == want
    assert found.count(wanted) == len(want)


def test_the_sums_agree_with_the_interactions_themselves(found: History) -> None:
    items = list(found.each(Filter()))
    counts = found.counts(0, 1 << 62, queue="sales", level_s=20, short_s=5)
    visits = [v for item in items for v in item.visits if v.queue == "sales"]
    answered = [v for v in visits if v.reason == "answered"]
    abandoned = [v for v in visits if v.reason == "abandoned"]
    assert counts.offered == len(visits) > 50
    assert (counts.answered, counts.abandoned) == (len(answered), len(abandoned))
    assert counts.answered_in == sum(v.waited_s <= 20 for v in answered)
    assert counts.abandoned_in == sum(v.waited_s <= 20 for v in abandoned)
    assert counts.short_abandoned == sum(v.waited_s < 5 for v in abandoned) > 0
    assert counts.wait_answered_s == pytest.approx(sum(v.waited_s for v in answered))
    talks = [t for item in items for t in item.talks if t.queue == "sales"]
    assert counts.handled == len(talks)
    assert counts.talk_s == pytest.approx(sum(t.talk_s for t in talks))
    assert counts.wrap_up_s == pytest.approx(sum(t.wrap_up_s for t in talks))
    figures = found.kpi(0, 1 << 62, queue="sales", formula="answered_only")
    assert figures.service_level == counts.answered_in / counts.answered
    half = START_US + HOUR_US // 2
    parts = [found.counts(0, half), found.counts(half, 1 << 62)]
    assert sum(p.offered for p in parts) == found.counts(0, 1 << 62).offered


def test_states_of_a_window_fill_it_and_no_more(found: History) -> None:
    end = START_US + HOUR_US
    seconds = found.state_seconds(START_US, end, end)
    assert set(seconds) == {"a0", "a1", "a2", "a3"}
    assert all(0 < sum(states.values()) <= 3600 for states in seconds.values())
    left = found.state_seconds(START_US, START_US + HOUR_US // 3, end)
    right = found.state_seconds(START_US + HOUR_US // 3, end, end)
    for agent, states in seconds.items():
        for state, value in states.items():
            both = left.get(agent, {}).get(state, 0) + right.get(agent, {}).get(state, 0)
            assert both == pytest.approx(value)
    one = found.agent_counts("a1", START_US, end, end)
    assert one.busy_s == pytest.approx(
        seconds["a1"].get("talking", 0) + seconds["a1"].get("wrap_up", 0)
    )


def test_csv_survives_a_reader_and_runs_no_formula(found: History) -> None:
    text = "".join(csv_lines(found.each(Filter())))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 200
    callers = {row["caller"] for row in rows}
    assert "+4930123456" in callers
    assert "'=cmd|' /C calc'!A0" in callers
    assert {row["caller_name"] for row in rows} == {"", "Erika Mustermann", "'@SUM(1)"}
    assert rows[0]["started"].startswith("2023-11-14T")


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+49301", "+49301"),
        ("+49301+1", "'+49301+1"),
        ("-2", "-2"),
        ("-cmd", "'-cmd"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\r=x", "'\r=x"),
        ("Erika", "Erika"),
        ("", ""),
    ],
)
def test_cells(cell: str, safe: str) -> None:
    assert safe_cell(cell) == safe


def test_the_command_lists_shows_exports_and_rebuilds(tmp_path: Path) -> None:
    write_log(tmp_path, day(4, 12))
    here = ["--data-dir", str(tmp_path)]

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(history, [arguments[0], *here, *arguments[1:]])
        assert result.exit_code == 0, result.output
        return result.stdout

    assert len(run("list").splitlines()) == 12  # no office has run: it catches up by itself
    lines = [json.loads(line) for line in run("list", "--json", "--limit", "5").splitlines()]
    assert len(lines) == 5
    assert json.loads(run("show", lines[0]["call"]))["call"] == lines[0]["call"]
    assert len(run("export", "--format", "jsonl").splitlines()) == 12
    before = run("export")
    assert "made anew" in run("rebuild")
    assert run("export") == before
    run("export", "-o", str(tmp_path / "out.csv"), "--queue", "sales", "--since", "2023-01-01")
    assert (tmp_path / "out.csv").read_text().startswith("call,")


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(history, [*arguments, "--data-dir", str(tmp_path)])
        return result.exit_code, result.output

    code, text = run("list")
    assert code == 1
    assert "first start" in text
    write_log(tmp_path, day(4, 1))
    code, text = run("show", "nobody")
    assert (code, "No call nobody" in text) == (1, True)
    code, text = run("list", "--since", "yesterday")
    assert (code, "--since" in text) == (2, True)
