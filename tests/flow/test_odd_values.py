"""Whatever stands in a flow, the check says each thing once, in sentences, and never fails."""

from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from appliance.flow.check import check_flows
from appliance.flow.nodes import NODE_TYPES
from appliance.model.findings import Finding
from tests.flow.caller import site_of

ODD: list[Any] = [
    5, -1, 1.5, True, float("inf"), "", "X y", "x" * 3000, "{data.}", date(2025, 1, 1),
    datetime(2025, 1, 1, 3), [], [5], ["a", 5], [[["x"]]], [{"en": {"de": "x"}}], {}, {"a": 5},
    {"en": 5}, {"en": "a", "text": "b"}, {"text": "a", "file": "b"}, {"silence_ms": 0},
    {"say": "digits", "value": ""}, {"1": 5}, {"1": {"next": 5}}, {"1": {"say": {"en": "a"}}},
    {"mon": "08:00-09:00"}, {"mon": ["8-9"]}, {"mon": ["09:00-08:00"]}, [{"date": "2025-01-01"}],
    [{"date": date(2025, 1, 2), "until": date(2025, 1, 1)}],
]  # fmt: skip
NEEDED: dict[str, dict[str, Any]] = {
    "play": {"prompt": "a"},
    "greeting": {"prompt": "a"},
    "menu": {"prompt": "a"},
    "collect": {"prompt": "a", "store": "n"},
    "hours": {"week": {}},
    "language": {"language": "en"},
    "queue": {"queue": "support"},
    "agent": {"agent": "agent1"},
    "voicemail": {"mailbox": "night"},
    "forward": {"number": "+4930"},
    "goto": {"flow": "main"},
}


def checked(flow: dict[str, Any]) -> list[Finding]:
    site = site_of("").model_copy(update={"flow": {"main": flow}})
    return check_flows(site, Path("/nonexistent"), set())


def check_words(found: list[Finding]) -> None:
    said = Counter((one.path, one.what) for one in found)
    assert not [one for one, times in said.items() if times > 1]
    for one in found:
        for sentence in (one.what, one.means, one.to_do):
            assert sentence.rstrip().endswith((".", "?")), one
        assert "what this setting takes" not in one.to_do, one


@pytest.mark.parametrize("kind", NODE_TYPES)
def test_any_value_in_any_field_of_a_node(kind: str) -> None:
    for field in [*NODE_TYPES[kind].model_fields, "odd"]:
        for value in ODD:
            node = {"type": kind, **NEEDED.get(kind, {}), field: value}
            check_words(checked({"start": "a", "fallback": "a", "node": {"a": node}}))


@pytest.mark.parametrize("field", ["name", "start", "fallback", "node", "odd"])
def test_any_value_in_any_field_of_a_flow(field: str) -> None:
    good = {"start": "a", "fallback": "a", "node": {"a": {"type": "hang_up"}}}
    assert [one.severity for one in checked(good)] == []
    for value in ODD:
        check_words(checked({**good, field: value}))
        check_words(checked({**good, "node": {"a": value}}))
