"""The runners behind `make test` and `make bench`."""

import json
from pathlib import Path

import pytest

from tests import tiers
from tests.bench import __main__ as bench
from tests.bench import figures
from tests.bench.figures import Figure


def test_a_figure_is_compared_with_its_peer() -> None:
    figure = Figure("call.cores", 0.12, "cores", peer=0.24)
    assert figure.ratio == 0.5
    assert Figure("call.cores", 0.12, "cores").ratio is None
    assert figure.as_json("a machine") == {
        "key": "call.cores",
        "value": 0.12,
        "unit": "cores",
        "peer": 0.24,
        "rounds": 1,
        "ratio": 0.5,
        "machine": "a machine",
    }


def test_a_measure_may_give_figures_or_plain_values() -> None:
    plain = {"a.b": {"value": 1, "unit": "s"}, "a.c": {"value": 2, "unit": "s", "peer": 4}}
    assert figures.of(plain) == [Figure("a.b", 1, "s"), Figure("a.c", 2, "s", 4)]
    assert figures.of(iter([Figure("x", 1, "s")])) == [Figure("x", 1, "s")]


def test_the_table_is_aligned() -> None:
    rows = figures.table([Figure("a", 123456.7, "calls/s"), Figure("long.key", 0.5, "s", 1)])
    assert rows.splitlines() == [
        "figure      value  unit     peer  ratio",
        "a         123,457  calls/s",
        "long.key      0.5  s           1    0.5",
    ]


def test_figures_of_other_runs_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "build" / "bench.json"
    bench.write(path, [Figure("a", 1, "s"), Figure("b", 1, "s")], "a machine")
    bench.write(path, [Figure("b", 2, "s")], "a machine")
    kept = json.loads(path.read_text())
    assert {key: one["value"] for key, one in kept.items()} == {"a": 1, "b": 2}
    assert all(one["machine"] for one in kept.values())


def test_an_unknown_benchmark_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["no-such-benchmark"]) == 2
    assert "No such benchmark: no-such-benchmark" in capsys.readouterr().out


def test_every_marker_is_in_exactly_one_tier() -> None:
    """A test without a tier would never run in CI."""

    def runs(marks: set[str], expression: str) -> bool:
        names = {name: name in marks for name in ("peers", "browser", "soak", "slow")}
        return bool(eval(expression, {}, names))

    for marks in ({"peers"}, {"browser"}, {"soak"}, set(), {"peers", "soak"}, {"slow"}):
        hits = [name for name, (marker, _) in tiers.TIERS.items() if runs(marks, marker)]
        assert len(hits) == 1, (marks, hits)
    assert {name for name, (marker, _) in tiers.TIERS.items() if runs({"slow"}, marker)} == {"unit"}


def test_results_of_all_tiers_are_counted(tmp_path: Path) -> None:
    for name, tests, failures in (("unit", 5, 1), ("peers", 3, 0)):
        (tmp_path / f"{name}.xml").write_text(
            f'<testsuites><testsuite tests="{tests}" failures="{failures}" errors="1" '
            'skipped="1"></testsuite></testsuites>'
        )
    assert tiers.counted(tmp_path.glob("*.xml")) == (8, 3, 2)


def test_a_failure_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tiers, "REPORTS", tmp_path / "reports")
    monkeypatch.setattr(tiers, "LINT", {"good": ["true"], "bad": ["false"], "also good": ["true"]})
    assert tiers.main(["lint"]) == 1
    said = capsys.readouterr().out
    assert "FAILED  bad" in said
    assert "passed  also good" in said
    monkeypatch.setattr(tiers, "LINT", {"good": ["true"]})
    assert tiers.main(["lint"]) == 0
