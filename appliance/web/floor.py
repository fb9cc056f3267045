"""The live floor: the board in the office, and everybody who watches it.

Changes are gathered for `FLUSH_S` and sent as one patch, encoded once for all readers who
see the same. A reader has a bounded queue; one who lets it run full is closed and comes back
for a new snapshot.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

import msgspec

from appliance.history.board import Board, Touched
from appliance.linking.client import LinkState
from appliance.model.events import Record
from appliance.web.models import LinkView, Plain, Session
from appliance.web.tokens import Token
from appliance.web.views import View

FLUSH_S = 0.1
QUEUE = 256
"""Messages that one reader may lag behind."""

encode = msgspec.json.Encoder().encode


def utc_us() -> int:
    return time.time_ns() // 1000


class Listener:
    """One reader. `take` waits for what is next; None once it is `closed`."""

    def __init__(self, token: Token, *, events: bool, size: int = QUEUE) -> None:
        self.token = token
        self.events = events
        self.closed: tuple[int, str] | None = None
        self._size = size
        self._queue: deque[bytes] = deque()
        self._ready = asyncio.Event()

    def put(self, message: bytes) -> None:
        if self.closed:
            return
        if len(self._queue) >= self._size:
            self.close(4408, "too slow: connect again for a new snapshot")
            return
        self._queue.append(message)
        self._ready.set()

    def close(self, code: int, reason: str) -> None:
        """Ends it; what was queued is dropped. `code` is the WebSocket's close code."""
        if self.closed is None:
            self.closed = (code, reason)
            self._queue.clear()
            self._ready.set()

    async def take(self, timeout: float) -> bytes | None:
        """The next message; None when closed. Raises TimeoutError after `timeout` s."""
        if not self._queue and not self.closed:
            self._ready.clear()
            async with asyncio.timeout(timeout):
                await self._ready.wait()
        return self._queue.popleft() if self._queue else None


class Floor:
    """Holds the board (None before the first snapshot) and tells listeners what changes."""

    def __init__(self, clock: Callable[[], int] = utc_us) -> None:
        self.board: Board | None = None
        self.clock = clock
        self.link = LinkView(up=False, since_us=clock(), reason="not connected yet")
        self._listeners: set[Listener] = set()
        self._touched: Touched = set()
        self._flush: asyncio.TimerHandle | None = None

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    # -- from the link ----------------------------------------------------------------------

    def reset(self, board: Board) -> None:
        """A new board, from a snapshot: every listener gets it whole."""
        self.board = board
        self._touched = set()
        for listener in list(self._listeners):
            listener.put(self.snapshot(listener.token))

    def apply(self, records: list[Record]) -> None:
        if self.board is None:
            return
        for record in records:
            self._touched |= self.board.apply(record)
        self._tell_events(records)
        self._schedule()

    def roll(self) -> None:
        """Call now and then: starts the day anew at midnight."""
        board = self.board
        if board is not None and board.roll(self.clock()):
            self._touched |= {("queue", id) for id in board.queues}
            self._touched |= {("agent", id) for id in board.agents} | {("day", "")}
            self._schedule()

    def link_changed(self, state: LinkState) -> None:
        self.link = LinkView(up=state.up, since_us=int(state.since * 1e6), reason=state.reason)
        message = encode({"type": "link", "now_us": self.clock(), "link": self.link})
        for listener in list(self._listeners):
            listener.put(message)

    # -- to the listeners -------------------------------------------------------------------

    def attach(self, listener: Listener) -> None:
        """First attach, then take the snapshot: nothing can fall in between."""
        self._listeners.add(listener)

    def detach(self, listener: Listener) -> None:
        self._listeners.discard(listener)

    def snapshot(self, token: Token) -> bytes:
        whole: Plain | None = View.of(self.board, token).whole() if self.board else None
        return encode(
            {
                "type": "snapshot",
                "now_us": self.clock(),
                "link": self.link,
                "session": Session(role=token.role, agent=token.agent),
                "board": whole,
            }
        )

    def close_all(self, code: int, reason: str) -> None:
        for listener in list(self._listeners):
            listener.close(code, reason)

    def withdraw(self, holds: Callable[[Token], bool]) -> None:
        """Closes those whose token `holds` no more."""
        for listener in list(self._listeners):
            if not holds(listener.token):
                listener.close(4403, "this token was withdrawn")

    def _tell_events(self, records: list[Record]) -> None:
        curious = [listener for listener in self._listeners if listener.events]
        if not curious:
            return
        for record in records:
            message = encode(
                {
                    "type": "event",
                    "seq": record.seq,
                    "at_us": record.at_us,
                    "event": record.event,
                }
            )
            for listener in curious:
                listener.put(message)

    def _schedule(self) -> None:
        if self._touched and self._flush is None:
            loop = asyncio.get_running_loop()
            self._flush = loop.call_later(FLUSH_S, self._send_patch)

    def _send_patch(self) -> None:
        self._flush = None
        touched, self._touched = self._touched, set()
        if self.board is None or not touched or not self._listeners:
            return
        now = self.clock()
        ready: dict[bool, bytes] = {}
        for listener in list(self._listeners):
            view = View.of(self.board, listener.token)
            if view.concerns(touched):
                listener.put(encode(view.patch(touched, now)))
                continue
            if view.numbers not in ready:
                shared = View(self.board, numbers=view.numbers)
                ready[view.numbers] = encode(shared.patch(touched, now))
            listener.put(ready[view.numbers])
