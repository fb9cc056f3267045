"""The interface attacked from its own description, against a real office and stand-in core."""

from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, assume, settings
from schemathesis.specs.openapi.checks import ignored_auth

from appliance.web.app import BASE, ROUTES
from appliance.web.openapi import document
from tests.web.house import House

KNOWN = {"agent": "agent-1", "queue": "q1", "call": "flow-0", "recording": "taped-1"}
"""Every other case is about things that there are."""

schema = schemathesis.openapi.from_dict(document(BASE, ROUTES))


@pytest.fixture(scope="module")
def headers(house: House) -> dict[str, str]:
    return house.headers("supervisor")


@schema.parametrize()
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_described(
    case: schemathesis.Case, house: House, headers: dict[str, str]
) -> None:
    # A parameter with nothing in it is made up, but never sent: the request is a good one.
    assume([] not in (case.query or {}).values())
    if case.path_parameters and len(str(case.path_parameters)) % 2:
        case.path_parameters |= {key: KNOWN[key] for key in case.path_parameters}
    case.call_and_validate(
        base_url=house.origin,
        headers=headers,
        timeout=10,
        # Its guesses run into the limit on failed attempts; test_api asks each route for that.
        excluded_checks=[ignored_auth],
    )


def test_the_served_description_is_that_of_the_code(house: House) -> None:
    served = requests.get(f"{house.origin}{BASE}/openapi.json", timeout=10).json()
    assert served == document(BASE, ROUTES)


def test_every_route_is_described_with_its_problems() -> None:
    described = document(BASE, ROUTES)["paths"]
    for route in ROUTES:
        operation = described[BASE + route.path][route.method.lower()]
        assert operation["summary"]
        if route.roles:
            assert {"401", "403"} <= set(operation["responses"])


def test_routes_are_in_the_guide_and_the_guide_has_no_others() -> None:
    text = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    rows = {
        tuple(cell.strip(" `") for cell in line.split("|")[1:4])
        for line in text.splitlines()
        if line.startswith("| `") and BASE in line
    }
    expected = {
        (route.method, BASE + route.path, ", ".join(route.roles) or "everybody") for route in ROUTES
    }
    extra = {("GET", f"{BASE}/live", "agent, supervisor, technician, kiosk")}
    extra |= {("GET", f"{BASE}/openapi.json", "everybody")}
    assert rows == expected | extra


def test_what_any_route_may_answer_is_described() -> None:
    login = document(BASE, ROUTES)["paths"][BASE + "/session"]["post"]["responses"]
    assert {"401", "408", "413", "429", "503"} <= set(login)
