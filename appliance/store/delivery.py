"""Brings records and troubles from any thread to a callback on its own loop, in order."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable

log = logging.getLogger(__name__)


class Subscriber:
    """Delivers what is pending in order, on the loop where it was made."""

    def __init__(self, callback: Callable[..., None]) -> None:
        self._callback = callback
        self._thread = threading.get_ident()
        self._scheduled = False
        self.pending: deque[object] = deque()
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None

    def tell(self, item: object) -> None:
        """From any thread; a trouble found while stamping waits for the append to end."""
        self.pending.append(item)
        if threading.get_ident() != self._thread:
            self.kick()

    def kick(self) -> None:
        if self._scheduled or not self.pending:
            return
        self._scheduled = True
        if self._loop is None:
            self._drain()
        elif threading.get_ident() == self._thread:
            self._loop.call_soon(self._drain)
        elif not post(self._loop, self._drain):
            self._scheduled = False

    def _drain(self) -> None:
        try:
            while self.pending:
                try:
                    self._callback(self.pending.popleft())
                except Exception:
                    log.exception("a subscriber of the event log failed")
        finally:
            self._scheduled = False
        if self.pending:  # another thread put one in between
            self.kick()


def post(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> bool:
    """call_soon_threadsafe; False when the loop has ended."""
    try:
        loop.call_soon_threadsafe(callback)
    except RuntimeError:
        return False  # the loop has ended before the log was closed
    return True
