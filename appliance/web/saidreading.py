"""Questions to the index of transcripts, one at a time on a thread of their own: none of them holds
the loop up, or what is being written."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from appliance.store.errors import HistoryDamaged, LogMissing, StoreError
from appliance.store.inspect import is_from_damage
from appliance.store.transcriptsread import TranscriptsReader
from appliance.web.past import PastAway

T = TypeVar("T")


class Reading:
    """Opens `file` with the first question. `on_damage` is called on the loop where the file
    turns out to be damaged, so that it is made anew."""

    def __init__(self, file: Path, on_damage: Callable[[], None]) -> None:
        self._file = file
        self._on_damage = on_damage
        self._reader: TranscriptsReader | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="said-read")

    async def ask(self, question: Callable[[TranscriptsReader], T]) -> T:
        """What `question` returns, which runs on the thread; raises `PastAway` where the index
        cannot be read now."""

        def answer() -> T:
            if self._reader is None:
                self._reader = TranscriptsReader(self._file)
            return question(self._reader)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, answer)
        except LogMissing as error:
            raise PastAway("no event log has been read yet") from error
        except HistoryDamaged as error:
            if is_from_damage(error):
                self._on_damage()
            raise PastAway(str(error)) from error
        except StoreError as error:
            raise PastAway(str(error)) from error

    async def close(self) -> None:
        """Waits until the thread has let go of the file."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    def _close(self) -> None:
        if self._reader is not None:
            self._reader.close()
