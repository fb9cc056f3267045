"""What changes between two versions of the settings, and what of it needs a restart. Pure.

Everything about lines, queues, agents, callers, mailboxes and flows is taken over while calls
run. What the box has opened when it started (addresses, ports, folders) is not: such a change
is refused whole, so that the file and the running box never differ.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from appliance.model.site import SiteFile

RESTART: dict[tuple[str, ...], str] = {
    ("site", "data_dir"): "databases and recordings are open there",
    ("sip", "listen"): "calls run over the present address",
    ("sip", "port"): "calls run over the present port",
    ("sip", "transports"): "calls run over the present transports",
    ("sip", "rtp_port_first"): "voices run over the present ports",
    ("sip", "rtp_port_last"): "voices run over the present ports",
    ("sip", "max_calls"): "voices for so many calls were set up at the start",
    ("sip", "user_agent"): "it was told to all lines at the start",
    ("web", "listen"): "pages are open at the present address",
    ("web", "port"): "pages are open at the present port",
}
KEYS = {
    "trunk": "id",
    "queue": "id",
    "agent": "id",
    "mailbox": "id",
    "pause_reason": "id",
    "caller": "number",
}
"""Lists of site.toml, and what names an entry of theirs."""
_MISSING = object()


@dataclass(frozen=True)
class Change:
    """One setting that differs. Entries of lists go by their id: ``("queue", "sales", "ring_s")``.

    `was` and `now` are plain values; None on the side where it does not exist.
    """

    path: tuple[str, ...]
    kind: Literal["added", "removed", "changed"]
    was: Any = None
    now: Any = None

    def __str__(self) -> str:
        """``queue sales: ring_s 15.0 -> 20.0``."""
        head = " ".join(self.path[:2]) if self.path[0] in KEYS else self.path[0]
        field = ".".join(self.path[2:] if self.path[0] in KEYS else self.path[1:])
        name = f"{head}: {field}" if field else head
        if self.kind != "changed":
            return f"{name} {self.kind}"
        return f"{name} {_short(self.was)} -> {_short(self.now)}"


@dataclass(frozen=True)
class Plan:
    """All changes, and the reasons (sentences) why they cannot be made without a restart."""

    changes: tuple[Change, ...]
    refusals: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.refusals

    @property
    def changed(self) -> list[str]:
        """For the `config.applied` event."""
        return [str(change) for change in self.changes]

    def of(self, table: str) -> list[Change]:
        """Changes in one table, such as ``trunk``."""
        return [change for change in self.changes if change.path[0] == table]

    def ids(self, table: str, kind: Literal["added", "removed", "changed"]) -> list[str]:
        """Ids of entries of a list that were added, removed, or changed in some field."""
        whole = {c.path[1]: c.kind for c in self.of(table) if len(c.path) == 2}
        fields = {c.path[1]: "changed" for c in self.of(table) if len(c.path) > 2}
        return [name for name, found in {**fields, **whole}.items() if found == kind]


def plan(old: SiteFile, new: SiteFile) -> Plan:
    """Compare two valid sites."""
    changes = tuple(_differences((), old.model_dump(mode="json"), new.model_dump(mode="json")))
    refusals = tuple(
        f"{'.'.join(change.path[:2])} cannot change while the box runs: "
        f"{RESTART[change.path[:2]]}. Nothing was applied, no call was touched. Change it back, "
        "or restart Callfloor when no call runs."
        for change in changes
        if change.path[:2] in RESTART
    )
    return Plan(changes, refusals)


def _differences(path: tuple[str, ...], was: Any, now: Any) -> Iterator[Change]:
    if was == now:
        return
    if len(path) == 1 and path[0] in KEYS:
        was, now = _keyed(path[0], was), _keyed(path[0], now)
    if not (isinstance(was, dict) and isinstance(now, dict)) or _is_whole(path):
        yield Change(path, "changed", was, now)
        return
    for key in dict.fromkeys([*was, *now]):
        before, after = was.get(key, _MISSING), now.get(key, _MISSING)
        if before is _MISSING:
            yield Change((*path, key), "added", None, after)
        elif after is _MISSING:
            yield Change((*path, key), "removed", before, None)
        else:
            yield from _differences((*path, key), before, after)


def _keyed(table: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {str(entry[KEYS[table]]): entry for entry in entries}


def _is_whole(path: tuple[str, ...]) -> bool:
    """A flow is one thing: a call runs on one version of it from its start to its end."""
    return len(path) == 2 and path[0] == "flow"


def _short(value: Any) -> str:
    text = "..." if isinstance(value, dict) else str(value)
    return text if len(text) <= 40 else text[:37] + "..."
