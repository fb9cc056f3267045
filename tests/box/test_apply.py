"""What a change of settings means for a running box."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.box.apply import RESTART, Change, plan
from appliance.model.site import SiteFile
from tests.box.schema import settings


def site(**tables: Any) -> SiteFile:
    return SiteFile.model_validate(tables)


def agent(name: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "seat": f"sip:{name}@127.0.0.1:5070", **fields}


def test_nothing_changed() -> None:
    same = plan(site(queue=[{"id": "a"}]), site(queue=[{"id": "a"}]))
    assert same.ok
    assert same.changes == ()
    assert same.changed == []


def test_a_renamed_queue_is_the_same_queue() -> None:
    found = plan(site(queue=[{"id": "a", "name": "Old"}]), site(queue=[{"id": "a", "name": "New"}]))
    assert found.changes == (Change(("queue", "a", "name"), "changed", "Old", "New"),)
    assert found.changed == ["queue a: name Old -> New"]
    assert found.ids("queue", "changed") == ["a"]


def test_the_order_in_the_file_means_nothing() -> None:
    old = site(agent=[agent("a"), agent("b")])
    assert plan(old, site(agent=[agent("b"), agent("a")])).changes == ()


def test_entries_come_and_go_by_id() -> None:
    old = site(agent=[agent("a"), agent("b")])
    new = site(agent=[agent("c"), agent("a", skills={"german": 2})])
    found = plan(old, new)
    assert found.ids("agent", "added") == ["c"]
    assert found.ids("agent", "removed") == ["b"]
    assert found.ids("agent", "changed") == ["a"]
    assert found.changed == ["agent a: skills.german added", "agent b removed", "agent c added"]
    assert found.ok


def test_a_flow_is_one_thing() -> None:
    old = site(flow={"main": {"start": "a"}, "other": {}})
    found = plan(old, site(flow={"main": {"start": "b"}, "other": {}}))
    assert [one.path for one in found.changes] == [("flow", "main")]
    assert found.changed == ["flow: main ... -> ..."]


@pytest.mark.parametrize("path", list(RESTART), ids=".".join)
def test_what_is_open_since_the_start_is_refused_with_a_sentence(path: tuple[str, str]) -> None:
    table, field = path
    other = {
        "data_dir": "elsewhere",
        "listen": "127.0.0.2",
        "transports": ["tcp"],
        "user_agent": "x",
    }.get(field, 7)
    found = plan(site(), site(**{table: {field: other}}))
    assert not found.ok
    assert found.refusals[0].startswith(f"{table}.{field} cannot change while the box runs: ")
    assert "no call was touched" in found.refusals[0]
    assert "restart" in found.refusals[0]


def test_every_other_setting_applies_live() -> None:
    """Whoever adds a setting that needs a restart has to say so in RESTART."""
    plain = {(one.tables[0][0], one.name) for one in settings() if len(one.tables) == 1}
    assert set(RESTART) <= plain


IDS = st.sampled_from("abcd")
QUEUES = st.lists(
    st.fixed_dictionaries({"id": IDS, "ring_s": st.integers(1, 3), "record": st.booleans()}),
    unique_by=lambda one: one["id"],
)


@given(QUEUES, QUEUES)
def test_a_plan_is_exactly_the_difference(old: list[Any], new: list[Any]) -> None:
    found = plan(site(queue=old), site(queue=new))
    before, after = {q["id"]: q for q in old}, {q["id"]: q for q in new}
    assert set(found.ids("queue", "added")) == set(after) - set(before)
    assert set(found.ids("queue", "removed")) == set(before) - set(after)
    both = set(before) & set(after)
    assert set(found.ids("queue", "changed")) == {i for i in both if before[i] != after[i]}
    back = plan(site(queue=new), site(queue=old))
    assert {one.path for one in back.changes} == {one.path for one in found.changes}
