"""The nightly copy of the event log, made by a process of its own so that no call notices.

``python -m appliance.box.nightly DATABASE FOLDER KEEP NOW`` makes one (NOW: seconds since 1970):
exit code 0 and the name of the copy, or 1 and the reason on standard error.
"""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance.model.events import Trouble
from appliance.model.site import SiteFile
from appliance.store.backup import FOLDER, BackupFailed, backups, make_backup, next_backup
from appliance.store.eventlog import FILE

LOOK_S = 5.0
"""How often the clock is looked at; sleeping till night would miss a clock that is set."""
GRACE_S = 120.0
"""A backup that was due while the box was off is made this long after its start."""
RETRY_S = 3600.0
"""A backup that failed is tried again after this."""


def taken_at(backup: Path) -> datetime:
    """When a copy was made, by its name."""
    return datetime.strptime(backup.stem.rpartition("-")[2], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


class Nightly:
    """`run` until cancelled; `tell` hears of a failure, and of its end."""

    def __init__(
        self,
        data_dir: Path,
        site: SiteFile,
        tell: Callable[[Trouble], None],
        *,
        wall: Callable[[], float] = time.time,
        look_s: float = LOOK_S,
    ) -> None:
        self._database = data_dir / FILE
        self._folder = data_dir / FOLDER
        self._tell = tell
        self._wall = wall
        self._look_s = look_s
        self._not_before = self._now() + timedelta(seconds=GRACE_S)
        self._told: Trouble | None = None
        self.configure(site)

    def configure(self, site: SiteFile) -> None:
        """Another hour or number of copies; takes effect at the next look."""
        self._at = site.storage.backup_at
        self._keep = site.storage.keep_backups
        self._zone = ZoneInfo(site.site.timezone)

    async def run(self) -> None:
        while True:
            if self.due(self._now()):
                await self._make()
            await asyncio.sleep(self._look_s)

    def due(self, now: datetime) -> bool:
        """The last copy is older than the last time at which one was to be made."""
        found = backups(self._folder, self._database.stem)
        if not found:
            return now >= self._not_before
        next_ = next_backup(taken_at(found[0]).astimezone(self._zone), self._at)
        late = now - next_ > timedelta(seconds=GRACE_S)
        return now >= next_ and (not late or now >= self._not_before)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._wall(), UTC)

    async def _make(self) -> None:
        why = await self._copy()
        if why:
            self._not_before = self._now() + timedelta(seconds=RETRY_S)
            self._say(_failed(why, self._folder))
        elif self._told is not None:
            self._say(None)

    def _say(self, trouble: Trouble | None) -> None:
        if self._told is not None and self._told != trouble:
            old = self._told
            self._tell(
                Trouble(
                    where=old.where,
                    what=old.what,
                    meaning=old.meaning,
                    remedy=old.remedy,
                    over=True,
                )
            )
        if trouble is not None and trouble != self._told:
            self._tell(trouble)
        self._told = trouble

    async def _copy(self) -> str:
        """'' or why there is no new copy."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "appliance.box.nightly"),
            *(str(self._database), str(self._folder), str(self._keep), str(self._wall())),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        try:
            _, said = await process.communicate()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            raise
        if process.returncode == 0:
            return ""
        lines = said.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"its process ended with status {process.returncode}"


def _failed(why: str, folder: Path) -> Trouble:
    found = backups(folder)
    last = f"{taken_at(found[0]):%Y-%m-%d %H:%M} UTC" if found else ""
    return Trouble(
        where="database",
        what=why,
        meaning="Calls go on. If the disk fails now, history "
        + (f"since the last copy ({last}) is lost." if last else "is lost: there is no copy."),
        remedy=f"See that {folder} can be written and has room; it is tried again every hour.",
    )


def main() -> None:
    os.setpriority(os.PRIO_PROCESS, 0, 19)  # whatever the core's own is
    database, folder, keep, now = sys.argv[1:]
    moment = datetime.fromtimestamp(float(now), UTC)
    try:
        print(make_backup(Path(database), Path(folder), int(keep), now=moment))
    except BackupFailed as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
