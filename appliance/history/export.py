"""Interactions as CSV for spreadsheets and as JSON lines for programs. Streams."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo

import msgspec

from appliance.history.parts import Interaction

COLUMNS = (
    "call",
    "started",
    "answered",
    "ended",
    "trunk",
    "caller",
    "caller_name",
    "called",
    "outcome",
    "cause",
    "queues",
    "agents",
    "wait_s",
    "talk_s",
    "hold_s",
    "wrap_up_s",
    "transfers",
    "recordings",
    "language",
    "vip",
)

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def csv_lines(items: Iterable[Interaction], zone: tzinfo = UTC) -> Iterator[str]:
    """RFC 4180 with a header line; times are ISO 8601 in `zone`."""
    yield _line(COLUMNS)
    for item in items:
        yield _line([safe_cell(cell) for cell in _cells(item, zone)])


def json_lines(items: Iterable[Interaction]) -> Iterator[str]:
    """One whole interaction with its parts a line."""
    for item in items:
        yield msgspec.json.encode(item).decode() + "\n"


def safe_cell(cell: str) -> str:
    """No cell that a caller can shape is run as a formula by a spreadsheet.

    What begins like a formula gets an apostrophe in front (OWASP, CSV injection); plain
    numbers, +49... among them, stay as they are.
    """
    if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") and not _NUMBER.fullmatch(cell):
        return "'" + cell
    return cell


def moment(at_us: int | None, zone: tzinfo = UTC) -> str:
    """ISO 8601 with milliseconds, '' for None."""
    if at_us is None:
        return ""
    return datetime.fromtimestamp(at_us / 1e6, zone).isoformat(timespec="milliseconds")


def _cells(item: Interaction, zone: tzinfo) -> list[str]:
    return [
        item.call,
        moment(item.started_us, zone),
        moment(item.answered_us, zone),
        moment(item.ended_us, zone),
        item.trunk,
        item.caller,
        item.caller_name,
        item.called,
        item.outcome,
        item.cause,
        " ".join(visit.queue for visit in item.visits),
        " ".join(dict.fromkeys(talk.agent for talk in item.talks)),
        f"{item.wait_s:.1f}",
        f"{item.talk_s:.1f}",
        f"{item.hold_s:.1f}",
        f"{item.wrap_up_s:.1f}",
        " ".join(f"{t.kind}:{t.target_kind}:{t.target}" for t in item.transfers),
        " ".join(r.path for r in item.recordings),
        item.language,
        "yes" if item.vip else "no",
    ]


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()
