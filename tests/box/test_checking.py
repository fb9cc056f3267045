"""A site is checked in a process of its own: the same answer, and calls keep Python's lock."""

import sys
import time
from pathlib import Path

import pytest

from appliance.box.apply import plan
from appliance.box.check import load_checked
from appliance.box.checking import CheckFailed, check_apart
from appliance.box.config import SiteError
from appliance.flow.language import compile_flows
from appliance.model.site import SiteFile
from tests.box.conftest import GOOD


async def test_a_right_site_comes_back_as_it_is(site_file: Path) -> None:
    loaded, findings = load_checked(site_file)
    found = await check_apart(site_file, SiteFile())
    assert found.loaded.site == loaded.site
    assert (found.loaded.path, found.loaded.data_dir) == (loaded.path, loaded.data_dir)
    assert (found.loaded.version, found.loaded.content) == (loaded.version, loaded.content)
    assert found.loaded.lines.of(("queue", 1)) == loaded.lines.of(("queue", 1))
    assert found.findings == findings
    assert found.flows == compile_flows(loaded.site)
    assert found.flows.flows["main"].nodes["greet"].edges()
    assert found.plan == plan(SiteFile(), loaded.site)


async def test_warnings_come_with_it(site_file: Path) -> None:
    site_file.write_text(GOOD.replace("unstaffed = true\n", ""))
    found = await check_apart(site_file, SiteFile())
    assert found.findings == load_checked(site_file)[1] != []


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("port = 5060", "port = 70000").replace('"sales"', '"x"', 1),
        GOOD.replace('queue = "sales"', 'queue = "gone"'),
        GOOD + "[[",
        None,
    ],
    ids=["fields", "names", "syntax", "gone"],
)
async def test_a_wrong_site_is_told_in_the_same_words(text: str | None, site_file: Path) -> None:
    site_file.write_text(text) if text is not None else site_file.unlink()
    with pytest.raises(SiteError) as here:
        load_checked(site_file)
    with pytest.raises(SiteError) as there:
        await check_apart(site_file, SiteFile())
    assert str(there.value) == str(here.value)
    assert there.value.findings == here.value.findings


@pytest.mark.parametrize(
    ("checker", "why"),
    [
        ([sys.executable, "-c", "raise SystemExit(3)"], "status 3"),
        ([sys.executable, "-c", "print('no answer')"], "could not be checked"),
        (["/nowhere/python"], "No such file"),
    ],
    ids=["dies", "babbles", "is not there"],
)
async def test_a_check_that_fails_applies_nothing_and_says_so(
    checker: list[str], why: str, site_file: Path
) -> None:
    with pytest.raises(CheckFailed, match=why) as told:
        await check_apart(site_file, SiteFile(), checker)
    assert "Nothing was applied, no call was touched" in str(told.value)


async def test_a_large_site_costs_the_calling_process_next_to_nothing(site_file: Path) -> None:
    """CPU time of this process alone, so that a busy machine does not matter."""
    site_file.write_text(_large())
    started = time.process_time()
    loaded, _ = load_checked(site_file)
    flows, changes = compile_flows(loaded.site), plan(SiteFile(), loaded.site)
    here = time.process_time() - started
    started = time.process_time()
    found = await check_apart(site_file, SiteFile())
    apart = time.process_time() - started
    assert (found.loaded.site, found.flows, found.plan) == (loaded.site, flows, changes)
    assert apart < here / 4


def _large(flows: int = 20, nodes: int = 40) -> str:
    text = GOOD
    for flow in range(flows):
        text += f'\n[flow.f{flow}]\nstart = "n0"\nfallback = "q"\n'
        text += f'[flow.f{flow}.node.q]\ntype = "queue"\nqueue = "sales"\n'
        for node in range(nodes):
            to = f"n{node + 1}" if node + 1 < nodes else "q"
            text += f'[flow.f{flow}.node.n{node}]\ntype = "play"\n'
            text += f'prompt = "Text {node}"\nnext = "{to}"\n'
    return text
