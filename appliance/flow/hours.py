"""Is it open? Weekly hours, public holidays and special days, in the site's time zone.

Public holidays come from the library `holidays` (https://github.com/vacanza/holidays).
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from appliance.flow.nodes import Hours, SpecialDay
from appliance.model.publicdays import holidays

Answer = Literal["open", "closed", "holiday"]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def days_of(text: str) -> list[str]:
    """``mon-wed`` is mon, tue, wed; ``sat-mon`` goes over the week's end."""
    first, _, last = text.partition("-")
    if not last:
        return [first]
    start, end = DAYS.index(first), DAYS.index(last)
    return [DAYS[(start + i) % 7] for i in range((end - start) % 7 + 1)]


def minutes(text: str) -> tuple[int, int]:
    """``08:00-12:30`` as minutes since midnight (480, 750)."""
    first, _, last = text.partition("-")
    return _minute(first), _minute(last)


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def special_of(node: Hours, day: date) -> SpecialDay | None:
    """The special day that `day` is or is in."""
    for special in node.special:
        if special.date <= day <= (special.until or special.date):
            return special
    return None


@lru_cache(maxsize=64)
def public_holidays(country: str, region: str, year: int) -> frozenset[date]:
    """Public holidays of one year. Raises `NotImplementedError` for an unknown place."""
    return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))


def local_time(utc: datetime, timezone: str) -> datetime:
    """Site time. An unknown time zone is read as UTC: a call must not end for it."""
    aware = utc if utc.tzinfo else utc.replace(tzinfo=UTC)
    try:
        return aware.astimezone(ZoneInfo(timezone))
    except (KeyError, ValueError, OSError):
        return aware.astimezone(UTC)


def state_at(node: Hours, utc: datetime, timezone: str, country: str, region: str) -> Answer:
    """Open, closed or holiday at `utc`. `country` and `region` are the site's."""
    now = local_time(utc, timezone)
    minute = now.hour * 60 + now.minute
    special = special_of(node, now.date())
    if special is not None:
        return _within(special.open, minute) if special.open else "holiday"
    if node.holidays and _is_holiday(node, now.date(), country, region):
        return "holiday"
    return _within(ranges_of(node, DAYS[now.weekday()]), minute)


def ranges_of(node: Hours, day: str) -> list[str]:
    """All ranges that the week has for one day."""
    return [text for days, texts in node.week.items() if day in days_of(days) for text in texts]


def _within(ranges: Sequence[str], minute: int) -> Answer:
    spans = [minutes(text) for text in ranges]
    return "open" if any(first <= minute < last for first, last in spans) else "closed"


def holiday_place(node: Hours, country: str, region: str) -> tuple[str, str]:
    """Whose holidays count. The site's region is one of the site's country, of no other."""
    own = node.country in ("", country)
    return node.country or country, node.region or (region if own else "")


def _is_holiday(node: Hours, day: date, country: str, region: str) -> bool:
    try:
        return day in public_holidays(*holiday_place(node, country, region), day.year)
    except NotImplementedError:
        return False  # the checker names the unknown place; calls go by the weekly hours
