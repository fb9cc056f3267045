"""Time zone, country and region: names that the libraries know."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers

from appliance.model.findings import Finding
from appliance.model.publicdays import holidays
from appliance.model.site import SiteFile


def check(site: SiteFile) -> Iterator[Finding]:
    """Findings about `[site]`."""
    yield from _timezone(site.site.timezone)
    country, region = site.site.country, site.site.region
    if country not in phonenumbers.SUPPORTED_REGIONS:
        yield Finding(
            ("site", "country"),
            f"'{country}' is no country with telephone numbers.",
            "Callers' numbers could not be brought into one form.",
            "Write the ISO 3166 code, such as DE, AT, CH, GB or US.",
        )
    yield from _region(country, region)


def _timezone(name: str) -> Iterator[Finding]:
    try:
        ZoneInfo(name)
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError
        pass
    except KeyError:
        if not available_timezones():
            yield Finding(
                ("site", "timezone"),
                "This machine has no time zone data.",
                "Opening hours cannot be told.",
                "Install the package tzdata.",
            )
            return
    else:
        return
    near = get_close_matches(name, available_timezones(), n=1)
    yield Finding(
        ("site", "timezone"),
        f"'{name}' is no time zone.",
        "Opening hours cannot be told.",
        f"Did you mean {near[0]}?" if near else "Write an IANA name such as Europe/Berlin.",
    )


def _region(country: str, region: str) -> Iterator[Finding]:
    known = _regions(country)
    if known is None:
        yield Finding(
            ("site", "country"),
            f"The holidays of {country} are not known.",
            "Call flows cannot ask whether today is a public holiday.",
            "List special days in the flow's hours.",
            "warning",
        )
    elif region and region not in known:
        regions = ", ".join(known) or "none"
        yield Finding(
            ("site", "region"),
            f"{country} has no region '{region}'.",
            "Public holidays of the region would be missed.",
            f"Write one of: {regions}." if known else "Leave it empty.",
        )


def _regions(country: str) -> Sequence[str] | None:
    """None: the country is not known. Asks for one country only: the list of all loads all."""
    try:
        return holidays.country_holidays(country).subdivisions
    except NotImplementedError:
        return None
