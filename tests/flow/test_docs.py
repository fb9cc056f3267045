"""docs/flows.md names every node type and field, and its examples are right."""

import re
import tomllib
from pathlib import Path

import pytest

from appliance.flow.check import check_flows
from appliance.flow.nodes import NODE_TYPES
from appliance.model.site import SiteFile
from tests.flow.caller import site_of
from tests.flow.reference import MARKS, PAGE, PARTS

TEXT = PAGE.read_text()
EXAMPLES = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("part", MARKS)
def test_the_tables_are_those_of_the_code(part: str) -> None:
    first, last = MARKS[part]
    there = TEXT.partition(first)[2].partition(last)[0].strip()
    assert there == PARTS[part]().strip(), "run: python -m tests.flow.reference"


@pytest.mark.parametrize("name", NODE_TYPES)
def test_every_node_type_and_field_is_there(name: str) -> None:
    section = TEXT.partition(f"### `{name}`")[2].partition("\n### `")[0]
    questions = TEXT.partition("### Every question")[2]
    for field in NODE_TYPES[name].model_fields:
        if field not in ("type", "name"):
            assert f"| `{field}` |" in section + questions, field


def test_the_whole_example_has_no_findings(tmp_path: Path) -> None:
    site = SiteFile.model_validate(tomllib.loads(EXAMPLES[0]))
    assert check_flows(site, tmp_path) == []
    used = {node["type"] for flow in site.flow.values() for node in flow["node"].values()}
    assert used >= {"hours", "greeting", "menu", "collect", "queue", "voicemail"}


@pytest.mark.parametrize("text", EXAMPLES[1:])
def test_the_smaller_examples_are_read(text: str, tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "welcome.flac").touch()
    frame = '[flow.main]\nstart = "a"\nfallback = "support"\n[flow.main.node.support]\n'
    frame += 'type = "queue"\nqueue = "support"\n'
    known = site_of(frame + text)
    wrong = [
        one
        for one in check_flows(known, tmp_path)
        if one.severity == "error" and not one.what.startswith("start names")
    ]
    assert wrong == []
