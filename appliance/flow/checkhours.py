"""Checks of opening hours: ranges, special days and the holidays' country."""

import difflib
import itertools
from collections.abc import Iterator, Sequence

from appliance.flow.hours import DAYS, days_of, holiday_place, minutes, public_holidays, ranges_of
from appliance.flow.nodes import Hours
from appliance.model.findings import FieldPath, Finding
from appliance.model.publicdays import holidays
from appliance.model.site import Site

SHUT = "Callers would find it closed at these hours."


def check_hours(base: FieldPath, node: Hours, site: Site) -> Iterator[Finding]:
    """`base`: path of the node. `site`: whose country and region count where none is given."""
    for days, ranges in node.week.items():
        yield from _check_ranges((*base, "week", days), ranges)
    for index, special in enumerate(node.special):
        yield from _check_ranges((*base, "special", index, "open"), special.open)
    yield from _check_days(base, node)
    yield from _check_special(base, node)
    if node.holidays:
        yield from _check_place(base, node, site)


def _check_ranges(path: FieldPath, ranges: Sequence[str]) -> Iterator[Finding]:
    whole = []
    for index, text in enumerate(ranges):
        start, end = minutes(text)
        if end <= start:
            yield Finding(
                (*path, index),
                f"{text!r} ends before it starts.",
                SHUT,
                'Turn it round; over midnight write "22:00-24:00" and "00:00-06:00" on the '
                "next day.",
            )
        else:
            whole.append((start, end, index))
    yield from _overlaps(path, ranges, sorted(whole))


def _overlaps(
    path: FieldPath, ranges: Sequence[str], spans: list[tuple[int, int, int]]
) -> Iterator[Finding]:
    furthest, first = 0, 0
    for start, end, second in spans:
        if start < furthest:
            yield Finding(
                (*path, max(first, second)),
                f"{ranges[second]!r} overlaps with {ranges[first]!r}.",
                "It counts as open in both; one of them is probably not meant.",
                "Make one range of them, or correct the times.",
            )
        furthest, first = max((furthest, first), (end, second))


def _check_days(base: FieldPath, node: Hours) -> Iterator[Finding]:
    if not any(ranges_of(node, day) for day in DAYS) and not any(d.open for d in node.special):
        yield Finding(
            (*base, "week"),
            "It is never open.",
            "Every caller is told that it is closed.",
            'Write the hours, such as mon-fri = ["08:00-17:00"].',
        )
    for day in DAYS:
        given = [days for days in node.week if day in days_of(days)]
        if any(_clash(node.week[a], node.week[b]) for a, b in itertools.combinations(given, 2)):
            yield Finding(
                (*base, "week", given[-1]),
                f"{day} is in {' and in '.join(given)}, with hours that overlap.",
                "It counts as open in both; one of them is probably not meant.",
                f"Give {day} its hours in one place.",
            )
            return


def _clash(some: Sequence[str], others: Sequence[str]) -> bool:
    """Is a minute in a range of both? One that ends before it starts has none."""
    pairs = itertools.product(map(minutes, some), map(minutes, others))
    return any(max(a[0], b[0]) < min(a[1], b[1]) for a, b in pairs)


def _check_special(base: FieldPath, node: Hours) -> Iterator[Finding]:
    for index, special in enumerate(node.special):
        path = (*base, "special", index)
        if special.until is not None and special.until < special.date:
            yield Finding(
                (*path, "until"),
                f"until {special.until} is before date {special.date}.",
                "The special day never counts.",
                "Turn them round.",
            )
        last = special.until or special.date
        for other in node.special[:index]:
            if special.date <= (other.until or other.date) and other.date <= last:
                yield Finding(
                    (*path, "date"),
                    f"{special.date} is a special day already.",
                    "The first entry counts, this one does not.",
                    "Keep one of them.",
                )


def _check_place(base: FieldPath, node: Hours, site: Site) -> Iterator[Finding]:
    country, region = holiday_place(node, site.country, site.region)
    try:
        public_holidays(country, region, 2025)
    except NotImplementedError:
        field = "region" if region and _known(country) else "country"
        own = node.region if field == "region" else node.country
        path: FieldPath = (*base, field) if own else ("site", field)
        wrong = region if field == "region" else country
        yield Finding(
            path,
            f"No public holidays are known for {field} {wrong!r}.",
            "Callers are led by the weekly hours on holidays too.",
            _places(country, wrong, field),
        )


def _known(country: str) -> bool:
    try:
        holidays.country_holidays(country)
    except NotImplementedError:
        return False
    return True


def _places(country: str, wrong: str, field: str) -> str:
    known = holidays.list_supported_countries()
    names = list(known.get(country, [])) if field == "region" else list(known)
    near = difflib.get_close_matches(wrong, names, n=3)
    some = ", ".join(near or names[:20])
    return f"Use one of: {some}; or set holidays = false." if some else "Leave it empty."
