"""`callfloor speech report` in words: a row for each menu, then what was missed most."""

from collections.abc import Mapping
from typing import Any

from appliance.speech.tools.tally import MISSED_SHOWN, Menu, Place, as_json, percentile, total

HEADING = (
    "MENU", "UTTERANCES", "SURE", "UNSURE", "NONE", "YES", "NO", "RATE", "KEYS", "INSTEAD",
    "SILENCE", "P50", "P95", "BUSY",
)  # fmt: skip
LEGEND = (
    "YES, NO: what callers said when asked back. RATE: sure or confirmed, of all utterances. "
    "KEYS: choices by key; INSTEAD: those after speech had failed. P50, P95: seconds from the "
    "last sound to the decision. BUSY: visits at which no recogniser was free."
)
_REASONS = {
    "no_match": "fits nothing that was asked for",
    "low_confidence": "fits too badly",
    "too_long": "too long",
    "lost": "lost with the recogniser",
}
_DEAF = {
    "busy": "all recognisers were busy",
    "no_model": "there was no model for the language",
    "broken": "the recogniser failed",
    "words": "the model knew none of the words",
}


def rows(menus: Mapping[Place, Menu]) -> list[tuple[str, ...]]:
    """For a table; the last row is the total of several menus."""
    found = [HEADING, *(_row(".".join(place), menu) for place, menu in menus.items())]
    if len(menus) > 1:
        found.append(_row("all", total(menus.values())))
    return found


def _row(name: str, menu: Menu) -> tuple[str, ...]:
    return (
        name,
        *(str(one) for one in (menu.utterances, menu.sure, menu.unsure, menu.none)),
        str(menu.confirmed),
        str(menu.denied),
        _share(menu.rate),
        str(menu.keys),
        str(menu.keys_after_speech),
        str(menu.silence),
        _seconds(percentile(menu.latency, 0.5)),
        _seconds(percentile(menu.latency, 0.95)),
        _share(menu.busy_share),
    )


def details(menus: Mapping[Place, Menu]) -> list[str]:
    """Why speech failed, and what was heard when it did: lines for each menu."""
    lines: list[str] = []
    for place, menu in menus.items():
        told = [f"    {n} x {_REASONS.get(why, why)}" for why, n in menu.missed.most_common()]
        told += [
            f"    {n} x keys only: {_DEAF.get(why, why)}" for why, n in menu.deaf.most_common()
        ]
        if menu.false_sure:
            told.append(f"    {menu.false_sure} x sure, but the caller said no")
        texts = [
            f"    {n} x heard: {text or '(nothing)'}"
            for text, n in menu.texts.most_common(MISSED_SHOWN)
        ]
        if told or texts:
            lines += [f"{'.'.join(place)}, not understood:", *told, *texts]
    return lines


def document(menus: Mapping[Place, Menu], since: str | None) -> dict[str, Any]:
    """For programs."""
    return {
        "since": since,
        "menus": [
            {"flow": flow, "node": node, **as_json(menu)} for (flow, node), menu in menus.items()
        ],
        "all": as_json(total(menus.values())),
    }


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
