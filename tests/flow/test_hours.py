"""Opening hours: the site's time zone, holidays, special days."""

from datetime import UTC, datetime

import pytest

from tests.flow.caller import Caller
from tests.flow.texts import ends, flow

HOURS = flow(
    """
[flow.main.node.a]
type = "hours"
week = { mon-thu = ["08:00-12:00", "13:00-17:00"], fri = ["08:00-12:00"] }
special = [
  { date = 2025-12-29, until = 2025-12-30 },
  { date = 2025-10-03, open = ["10:00-11:00"] },
]
on_open = "open"
on_closed = "closed"
on_holiday = "holiday"
"""
    + ends("open", "closed", "holiday")
)


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        (datetime(2025, 6, 2, 10, 0, tzinfo=UTC), "closed"),  # 12:00 Berlin: midday break
        (datetime(2025, 6, 2, 9, 59, tzinfo=UTC), "open"),
        (datetime(2025, 6, 2, 6, 0, tzinfo=UTC), "open"),  # 08:00 in summer
        (datetime(2025, 1, 13, 6, 30, tzinfo=UTC), "closed"),  # 07:30 in winter
        (datetime(2025, 6, 6, 12, 0, tzinfo=UTC), "closed"),  # Friday afternoon
        (datetime(2025, 6, 7, 8, 0, tzinfo=UTC), "closed"),  # Saturday
        (datetime(2025, 6, 9, 8, 0, tzinfo=UTC), "holiday"),  # Whit Monday
        (datetime(2025, 12, 29, 10, 0, tzinfo=UTC), "holiday"),  # special, second day too
        (datetime(2025, 12, 30, 10, 0, tzinfo=UTC), "holiday"),
        (datetime(2025, 10, 3, 8, 30, tzinfo=UTC), "open"),  # special hours win over the holiday
        (datetime(2025, 10, 3, 12, 0, tzinfo=UTC), "closed"),
        (datetime(2025, 6, 1, 23, 30, tzinfo=UTC), "closed"),  # Monday 01:30 in Berlin
    ],
)
def test_hours_in_the_sites_time_zone(utc: datetime, expected: str) -> None:
    caller = Caller(HOURS, start=False)
    caller.utc = utc
    caller.begin()
    assert caller.nodes == ["a", expected]


def test_holidays_of_a_region() -> None:
    womens_day = datetime(2024, 3, 8, 10, 0, tzinfo=UTC)  # a holiday in Berlin only
    for region, expected in (("BE", "holiday"), ("BY", "open")):
        caller = Caller(HOURS, start=False, region=region)
        caller.utc = womens_day
        caller.begin()
        assert caller.nodes[-1] == expected


DST = HOURS.replace('fri = ["08:00-12:00"]', 'sun = ["01:30-02:30", "03:00-04:00"]')


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        (datetime(2025, 3, 30, 0, 45, tzinfo=UTC), "open"),  # 01:45, before the clock goes on
        (datetime(2025, 3, 30, 1, 15, tzinfo=UTC), "open"),  # 03:15; 02:15 does not exist
        (datetime(2025, 3, 30, 2, 15, tzinfo=UTC), "closed"),  # 04:15
        (datetime(2025, 10, 26, 0, 15, tzinfo=UTC), "open"),  # 02:15 for the first time
        (datetime(2025, 10, 26, 1, 15, tzinfo=UTC), "open"),  # 02:15 again
        (datetime(2025, 10, 26, 1, 45, tzinfo=UTC), "closed"),  # 02:45 again
        (datetime(2025, 10, 26, 2, 15, tzinfo=UTC), "open"),  # 03:15
        (datetime(2025, 12, 28, 22, 59, tzinfo=UTC), "closed"),  # a minute before the special day
        (datetime(2025, 12, 28, 23, 0, tzinfo=UTC), "holiday"),  # begins at midnight of the site
        (datetime(2025, 12, 30, 22, 59, tzinfo=UTC), "holiday"),
        (datetime(2025, 12, 30, 23, 0, tzinfo=UTC), "closed"),
        (datetime(2025, 12, 31, 23, 30, tzinfo=UTC), "holiday"),  # New Year's Day in Berlin
    ],
)
def test_when_the_clock_changes_the_clock_on_the_wall_counts(utc: datetime, expected: str) -> None:
    caller = Caller(DST, start=False)
    caller.utc = utc
    caller.begin()
    assert caller.nodes == ["a", expected]


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ('country = "DE"', "holiday"),  # the site's country, so its region too
        ('country = "DE"\nregion = "BY"', "open"),
        ('region = "BY"', "open"),
        ('country = "AT"', "open"),  # no region of another country
    ],
)
def test_the_sites_region_counts_in_the_sites_country(own: str, expected: str) -> None:
    text = HOURS.replace('type = "hours"', f'type = "hours"\n{own}')
    caller = Caller(text, start=False, region="BE")
    caller.utc = datetime(2024, 3, 8, 10, 0, tzinfo=UTC)
    caller.begin()
    assert caller.nodes[-1] == expected
