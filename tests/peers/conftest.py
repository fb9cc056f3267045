"""The floor that a module's tests share."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.peers.together import Floor, Scenario, no_more


def _chosen(request: pytest.FixtureRequest) -> list[Scenario]:
    """Scenarios of this module that pytest was asked to run."""
    found = []
    for item in request.session.items:
        scenario = getattr(getattr(item, "obj", None), "scenario", None)
        if scenario is None or getattr(item, "module", None) is not request.module:
            continue
        spec = getattr(item, "callspec", None)
        if spec is None:
            found.append(scenario)
        else:
            case = spec.params["case"]
            found.append(replace(scenario, name=f"{scenario.name}[{case}]", case=case))
    return found


@pytest.fixture(scope="module")
def floor(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Floor]:
    folder = tmp_path_factory.mktemp(request.module.__name__.rpartition(".")[2])
    prompts = tmp_path_factory.getbasetemp() / "prompts-rendered"
    more: dict[str, Any] = getattr(request.module, "SITE", {})
    files: dict[str, str] = getattr(request.module, "FILES", {})
    around = getattr(request.module, "around", no_more)
    made = Floor(folder, prompts, _chosen(request), more, files, around)
    yield made
    made.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/peers" in item.path.as_posix():
            item.add_marker(pytest.mark.peers)
