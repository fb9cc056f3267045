"""The workers of one model: forked ahead, lent while somebody speaks, replaced when they die.

A question has its grammar built as soon as a worker has a moment for it, and gives the worker
back until the caller speaks; that worker, if nobody else has had it since, needs no grammar then.

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
    """A question, which has a worker at times."""

    @property
    def serial(self) -> int:
        """As in its `wire.Question`."""

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
        self._idle: list[WorkerLink] = []
        """Who waits longest first."""
        self._lent: dict[WorkerLink, User] = {}
        self._users: set[User] = set()
        self._waiting: deque[User] = deque()
        self._patient: deque[User] = deque()
        """Nobody speaks there yet."""
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

    def enter(self, user: User) -> None:
        """A question begins."""
        self._users.add(user)

    def take(self, user: User, speaks: bool) -> WorkerLink | None:
        """An idle worker, or None: then `user.lent` follows as soon as there is one, sooner
        where somebody speaks."""
        self.wait_no_more(user)
        # What is prepared can wait: else it piles up at a worker that others take the time from.
        if fit := [link for link in self._idle if speaks or not link.owes]:
            link = self._fittest(fit, user)
            self._idle.remove(link)
            self._lend(link, user)
            return link
        (self._waiting if speaks else self._patient).append(user)
        self._fill()
        return None

    def stuck(self) -> str:
        """Why it is of no use to wait for a worker; '' where one is only slow."""
        none = self._refill and not self._count()
        return self.fault or ("no recogniser can be started" if none else "")

    def give_back(self, link: WorkerLink) -> None:
        """Nobody speaks any more: others may have it, and it keeps the question until then."""
        if self._lent.pop(link, None) is not None and not link.over:
            self._free(link)

    def leave(self, user: User) -> None:
        """The question is over, and given back what it had."""
        self._users.discard(user)
        self.wait_no_more(user)
        for link in [*self._lent, *self._idle]:
            if link.question == user.serial and not link.over:
                link.question = 0
                link.tell(wire.DROP)
            if self._lent.get(link) is user:
                self.give_back(link)
        if self._retired:
            self.resize(min(self.size, len(self._users)))
            self._end_if_unused()

    def resize(self, size: int) -> None:
        self.size = size
        while self._idle and self._count() > size:
            self._dismiss(self._idle.pop())
        self._fill()

    def retire(self) -> None:
        """Ends when the last of its questions is over."""
        self._retired = True
        self._all_well()
        self.resize(min(self.size, len(self._users)))
        self._end_if_unused()

    def close(self) -> None:
        """Ends at once; its questions are not told."""
        self._all_well()
        self.closed = self._retired = True
        self._cancel()
        for link in (*self._idle, *self._lent):
            self._dismiss(link)
        self._lent.clear()
        self._idle.clear()
        self._waiting.clear()
        self._patient.clear()
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
        link.on_reply = lambda reply: self._settled(link)
        if waiting := self._waiting or (self._patient if not link.owes else None):
            user = waiting.popleft()
            self._lend(link, user)
            user.lent(link)
        elif self._count() >= self.size:
            self._dismiss(link)
        else:
            self._idle.append(link)

    def _settled(self, link: WorkerLink) -> None:
        """An idle one has answered what nobody asks any more."""
        if self._patient and not link.owes and link in self._idle:
            self._idle.remove(link)
            self._free(link)

    @staticmethod
    def _fittest(links: list[WorkerLink], user: User) -> WorkerLink:
        """The one that has this question; else one that has none, or has waited longest."""
        order = {user.serial: 0, 0: 1}
        return min(links, key=lambda link: (link.owes, order.get(link.question, 2)))

    def wait_no_more(self, user: User) -> None:
        for waiting in (self._waiting, self._patient):
            if user in waiting:
                waiting.remove(user)

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
        self.replaces = False  # from now on nobody else listens if this one fails
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
        if self._retired:
            return
        told = Trouble(
            where="speech",
            what=f"The speech recogniser with model {self.folder.name} does not run: {why}",
            meaning="Callers are heard by the model from before."
            if self.replaces
            else "Callers can use keys only where this model would listen.",
            remedy=f"Run callfloor models verify {self.folder.name}; if it is damaged, fetch "
            "it again or name another model in [speech]. It is started again by itself.",
        )
        if told != self._told:  # that a process ended says less than why the next one does
            self._all_well()
            self._told = told
            self._trouble(told)

    def _all_well(self) -> None:
        if self._told is not None:
            self._trouble(msgspec.structs.replace(self._told, over=True))
            self._told = None

    def _end_if_unused(self) -> None:
        if self._retired and not self.closed and not self._users:
            self.close()

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self._cancel()
        self._timer = self._loop.call_later(seconds, act)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
