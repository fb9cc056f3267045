"""What the tests of faults share: they need real phones, so they are of the peers' tier."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/faults" in item.path.as_posix() and not item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.peers)
