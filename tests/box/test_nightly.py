"""The nightly backup is made at its hour, late when the box was off, and its failure is told."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance.box.nightly import GRACE_S, RETRY_S, Nightly, taken_at
from appliance.model.events import CallEnded, Trouble
from appliance.model.ids import CallId
from appliance.model.site import SiteFile
from appliance.store.backup import backups
from appliance.store.eventlog import EventLog
from appliance.store.reader import EventReader

BERLIN = ZoneInfo("Europe/Berlin")
SITE = SiteFile()


class Clock:
    """`at`: local time in Berlin, day.month hour:minute of 2026."""

    def __init__(self, at: str) -> None:
        self.set(at)

    def set(self, at: str) -> None:
        self.now = datetime.strptime(f"2026 {at}", "%Y %d.%m. %H:%M").replace(tzinfo=BERLIN)

    def __call__(self) -> float:
        return self.now.timestamp()

    @property
    def utc(self) -> datetime:
        return self.now.astimezone(UTC)


def keep(folder: Path, clock: Clock) -> None:
    """A backup made now, by name."""
    (folder / "backups").mkdir(exist_ok=True)
    (folder / "backups" / f"events-{clock.utc:%Y%m%dT%H%M%S}Z.db").write_bytes(b"x")


def test_it_is_due_at_its_hour_once(tmp_path: Path) -> None:
    clock = Clock("21.11. 12:00")
    keep(tmp_path, clock)
    assert taken_at(backups(tmp_path / "backups")[0]) == clock.utc
    nightly = Nightly(tmp_path, SITE, lambda told: None, wall=clock)
    for at, due in (("21.11. 23:00", False), ("22.11. 02:59", False), ("22.11. 03:00", True)):
        clock.set(at)
        assert nightly.due(clock.utc) is due, at
    keep(tmp_path, clock)
    for at, due in (("22.11. 03:01", False), ("23.11. 02:59", False), ("23.11. 03:00", True)):
        clock.set(at)
        assert nightly.due(clock.utc) is due, at


def test_what_was_missed_while_the_box_was_off_is_made_soon_after_its_start(tmp_path: Path) -> None:
    clock = Clock("19.11. 03:00")
    keep(tmp_path, clock)
    clock.set("22.11. 09:00")
    nightly = Nightly(tmp_path, SITE, lambda told: None, wall=clock)
    assert not nightly.due(clock.utc)
    clock.set("22.11. 09:02")
    assert GRACE_S == 120 and nightly.due(clock.utc)


def test_a_new_hour_and_zone_count_from_the_reload(tmp_path: Path) -> None:
    clock = Clock("22.11. 03:00")
    keep(tmp_path, clock)
    nightly = Nightly(tmp_path, SITE, lambda told: None, wall=clock)
    nightly.configure(SiteFile.model_validate({"storage": {"backup_at": "12:30"}}))
    clock.set("22.11. 12:30")
    assert nightly.due(clock.utc)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110 # files have no event
            await asyncio.sleep(0.01)


async def test_copies_are_made_and_a_failure_is_told_and_taken_back(tmp_path: Path) -> None:
    told: list[Trouble] = []
    clock = Clock("22.11. 02:00")
    with EventLog.open(tmp_path) as log:
        log.append(CallEnded(call=CallId("c"), outcome="answered"), durable=True)
        log.flush_now()
        folder = tmp_path / "backups"
        folder.write_text("in the way")
        nightly = Nightly(tmp_path, SITE, told.append, wall=clock, look_s=0.01)
        clock.set("22.11. 02:10")
        task = asyncio.create_task(nightly.run())
        await until(lambda: told)
        assert "was not made" in told[0].what and str(folder) in told[0].what
        assert "no copy" in told[0].meaning and not told[0].over
        folder.unlink()
        clock.set("22.11. 03:11")
        assert RETRY_S == 3600
        await until(lambda: len(told) == 2)
        assert (told[1].over, told[1].what) == (True, told[0].what)
        with EventReader(backups(folder)[0]) as reader:
            assert reader.last_seq() == 1
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
