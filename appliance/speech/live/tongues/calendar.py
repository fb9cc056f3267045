"""Which day is meant, once a language has made weekdays, dates and distances of the words."""

from datetime import date, timedelta
from typing import Literal

Which = Literal["coming", "this", "next"]


def weekday(today: date, day: int, which: Which = "coming") -> date:
    """`day`: 0 is Monday. `coming`: after today, within a week. `this`, `next`: of this week or
    the next one, Monday to Sunday; a day of this week that is over is the next week's."""
    if which == "coming":
        return today + timedelta(days=(day - today.weekday() - 1) % 7 + 1)
    found = today + timedelta(days=day - today.weekday() + (7 if which == "next" else 0))
    return found if found >= today else found + timedelta(days=7)


def day_of_month(today: date, day: int, month: int | None = None) -> date | None:
    """The first such day that is not over. Without a month: the first month that has it."""
    for ahead in range(12 * 8 + 12):  # up to eight years between 29 February and the next
        index = today.year * 12 + today.month - 1 + ahead
        year, number = index // 12, index % 12 + 1
        if month in (None, number) and (found := _valid(year, number, day)) and found >= today:
            return found
    return None


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
