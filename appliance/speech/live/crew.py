"""The workers of one model: forked ahead, lent to questions, replaced when they die.

Their nursery is restarted with growing pauses when it ends. Use on the asyncio thread.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from appliance.model.events.box import Trouble
from appliance.speech.live import wire
from appliance.speech.live.link import WorkerLink
from appliance.speech.live.nurseryprocess import NurseryProcess

LOG = logging.getLogger("callfloor.speech")
PAUSES_S = (0.2, 1.0, 5.0, 15.0, 60.0)
"""Before the nursery is started again, the last one from then on."""
STEADY_S = 60.0
"""After this long without a fault the pauses begin anew."""
LOADING_S = 120.0
"""A large model comes from a slow card within this."""
FORKING_S = 5.0
STILLBORN_S = 1.0
"""A worker that died before anybody used it is replaced after this."""


class User(Protocol):
    """Who has, or waits for, a worker."""

    def lent(self, link: WorkerLink) -> None:
        """Waited for; not after `Crew.leave`."""

    def reply(self, reply: wire.Replies) -> None: ...

    def lost(self, why: str) -> None:
        """The worker ended. It is not given back."""


class Crew:
    """`size`: workers, idle and lent. `awake` is set once the nursery has loaded its model or
    failed to."""

    def __init__(self, folder: Path, size: int, trouble: Callable[[Trouble], None]) -> None:
        self.folder, self.size, self._trouble = folder, size, trouble
        self.model = folder.name
        self.fault = "it is being started"
        """Why no worker can be had; '' when they can."""
        self.settled = asyncio.Event()
        self.replaces = False
        """Others listen for as long as this one cannot."""
        self.on_awake: Callable[[], None] = lambda: None
        self._loop = asyncio.get_running_loop()
        self._nursery: NurseryProcess | None = None
        self._told: Trouble | None = None
        self._idle: deque[WorkerLink] = deque()
        self._lent: dict[WorkerLink, User] = {}
        self._waiting: deque[User] = deque()
        self._asked, self._failures, self._since = 0, 0, 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._refill: asyncio.TimerHandle | None = None
        self._retired = self.closed = False

    def start(self) -> None:
        self._since = self._loop.time()
        try:
            self._nursery = NurseryProcess(self.folder, self._awake, self._born, self._nursery_end)
        except OSError as error:
            self._nursery_end(f"no process can be started: {error.strerror}")
            return
        self._later(LOADING_S, self._hangs)

    def take(self, user: User) -> WorkerLink | None:
        """An idle worker, or None: then `user.lent` follows as soon as there is one."""
        if self._idle:
            link = self._idle.popleft()
            self._lend(link, user)
            return link
        self._waiting.append(user)
        self._fill()
        return None

    def leave(self, user: User) -> None:
        """Waits no longer."""
        if user in self._waiting:
            self._waiting.remove(user)
            self._end_if_unused()

    def give_back(self, link: WorkerLink) -> None:
        """The question is over; the worker can have the next one at once."""
        if self._lent.pop(link, None) is None or link.over:
            return
        link.tell(wire.DROP)
        self._free(link)
        self._end_if_unused()

    def resize(self, size: int) -> None:
        self.size = size
        while self._idle and self._count() > size:
            self._dismiss(self._idle.pop())
        self._fill()

    def retire(self) -> None:
        """Ends when the last worker is given back, and nobody waits for one."""
        self._retired = True
        self._all_well()
        self.resize(len(self._lent) + len(self._waiting))
        self._end_if_unused()

    def close(self) -> None:
        """Ends at once; nobody is told."""
        self.closed = self._retired = True
        self._cancel()
        for link in (*self._idle, *self._lent):
            self._dismiss(link)
        self._lent.clear()
        self._idle.clear()
        self._waiting.clear()
        if self._nursery is not None:
            self._nursery.end()

    async def gone(self) -> None:
        """After `close`: the processes have ended."""
        if self._nursery is not None:
            await self._nursery.buried.wait()

    def _count(self) -> int:
        return len(self._idle) + len(self._lent) + self._asked

    def _fill(self) -> None:
        while not self.fault and not self.closed and self._nursery and self._count() < self.size:
            if not self._nursery.fork():
                self._fill_later()
                return
            self._asked += 1
            self._later(FORKING_S, self._hangs)

    def _fill_later(self) -> None:
        if self._refill is None:
            self._refill = self._loop.call_later(STILLBORN_S, self._fill_now)

    def _fill_now(self) -> None:
        self._refill = None
        self._fill()

    def _free(self, link: WorkerLink) -> None:
        link.on_reply = lambda reply: None
        if self._waiting:
            user = self._waiting.popleft()
            self._lend(link, user)
            user.lent(link)
        elif self._retired or self._count() >= self.size:
            self._dismiss(link)
        else:
            self._idle.append(link)

    def _lend(self, link: WorkerLink, user: User) -> None:
        self._lent[link] = user
        link.on_reply = user.reply

    def _dismiss(self, link: WorkerLink) -> None:
        link.on_end = lambda why: None
        link.kill("no longer needed")

    def _awake(self, model: str) -> None:
        self.model, self.fault = model, ""
        self._cancel()
        self._all_well()
        self._fill()
        self.on_awake()
        self.settled.set()

    def _born(self, link: WorkerLink | None) -> None:
        self._asked -= 1
        self._cancel()
        if self._asked:
            self._later(FORKING_S, self._hangs)
        if link is None:
            self._fill_later()
            return
        link.on_end = lambda why: self._ended(link, why)
        self._free(link)

    def _ended(self, link: WorkerLink, why: str) -> None:
        user = self._lent.pop(link, None)
        if user is not None:
            if seen := self._nursery.last_words() if self._nursery else "":
                why = f"{why} ({seen})"
            LOG.warning("recogniser %d of %s is replaced: %s", link.pid, self.model, why)
            user.lost(why)  # first: whatever else fails, a question gets its answer
            self._fill()
            self._end_if_unused()
        elif link in self._idle:
            self._idle.remove(link)
            self._fill_later()

    def _hangs(self) -> None:
        self._timer = None
        if self._nursery is not None:
            self._nursery.end("it does not answer")

    def _nursery_end(self, why: str) -> None:
        """Its workers are dead or dying: the kernel sees to that."""
        if self._loop.time() - self._since > STEADY_S:
            self._failures = 0
        self._nursery, self._asked, self.fault = None, 0, why
        self._cancel()
        self._tell(why)
        self.settled.set()
        pause = PAUSES_S[min(self._failures, len(PAUSES_S) - 1)]
        self._failures += 1
        if not self._retired:
            self._later(pause, self.start)

    def _tell(self, why: str) -> None:
        LOG.error("the recogniser of %s ended: %s", self.folder, why)
        if self._told is None and not self._retired:
            self._told = Trouble(
                where="speech",
                what=f"The speech recogniser with model {self.folder.name} does not run: {why}",
                meaning="Callers are heard by the model from before."
                if self.replaces
                else "Callers can use keys only where this model would listen.",
                remedy=f"Run callfloor models verify {self.folder.name}; if it is damaged, fetch "
                "it again or name another model in [speech]. It is started again by itself.",
            )
            self._trouble(self._told)

    def _all_well(self) -> None:
        if self._told is not None:
            self._trouble(msgspec.structs.replace(self._told, over=True))
            self._told = None

    def _end_if_unused(self) -> None:
        if self._retired and not self.closed and not self._lent and not self._waiting:
            self.close()

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self._cancel()
        self._timer = self._loop.call_later(seconds, act)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
