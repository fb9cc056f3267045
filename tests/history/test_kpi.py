"""The figures, by the field's definitions."""

import pytest

from appliance.history.kpi import FORMULAS, Counts, Formula, kpi, service_level
from appliance.model.site import ServiceLevel

# A published data set: 1,000 answered, 860 of them within 20 s; 60 abandoned, 20 within 20 s,
# 10 within 5 s.
SET = Counts(
    offered=1060,
    answered=1000,
    answered_in=860,
    abandoned=60,
    abandoned_in=20,
    short_abandoned=10,
    wait_answered_s=15_000,
    handled=1000,
    talk_s=180_000,
    hold_s=20_000,
    wrap_up_s=30_000,
    busy_s=230_000,
    available_s=57_500,
)


@pytest.mark.parametrize(
    ("formula", "percent"),
    [
        ("answered_and_abandoned", 83.0),
        ("answered_only", 86.0),
        ("all_offered", 81.1),
        ("late_abandons", 82.7),
        ("short_abandons", 82.1),
    ],
)
def test_service_level_by_each_named_formula(formula: Formula, percent: float) -> None:
    level = service_level(SET, formula)
    assert level is not None
    assert round(level * 100, 1) == percent


def test_every_formula_of_the_settings_is_known_and_named() -> None:
    allowed = ServiceLevel.model_json_schema()["properties"]["formula"]["enum"]
    assert sorted(allowed) == sorted(FORMULAS)


def test_the_other_figures() -> None:
    found = kpi(SET, "all_offered", 20)
    assert found.asa_s == 15
    assert found.aht_s == 230
    assert found.acw_s == 30
    assert found.abandonment == pytest.approx(50 / 1050)
    assert found.occupancy == 0.8
    assert found.service_level_formula == "all_offered"


def test_nothing_to_divide_by_is_none_and_not_zero() -> None:
    found = kpi(Counts(), "answered_only", 20)
    assert found.service_level is found.asa_s is found.aht_s is found.abandonment is None
    assert found.occupancy is None
