"""Has clips made by a process of its own, and reads how it went.

Speaking and converting need numpy, libsndfile and soxr: 20 MB that the core would keep for as
long as it runs. The process lives as long as there is something to make.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from appliance.speech.clips import Clip
from appliance.speech.tts import NoEngine
from appliance.speech.whole import SoundError

MAKER = (sys.executable, "-m", "appliance.speech.making")


class Order(msgspec.Struct, frozen=True):
    """Make `clip` at `path`. One line of JSON to the process; `number` comes back."""

    number: int
    clip: Clip
    path: str


class Made(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of JSON from the process. `trouble` '' when the file is there, else which
    kind of error: sound, engine or disk; `text` says it, `errno` is the disk's."""

    number: int
    trouble: str = ""
    text: str = ""
    errno: int = 0

    def error(self) -> Exception | None:
        """As the error that it was."""
        if not self.trouble:
            return None
        if self.trouble == "engine":
            return NoEngine(self.text)
        if self.trouble == "sound":
            return SoundError(self.text)
        return OSError(self.errno, self.text) if self.errno else OSError(self.text)


def have_made(
    orders: Sequence[Order], workers: int, maker: Sequence[str] = MAKER
) -> Iterator[Made]:
    """Each order's outcome as it comes. Blocking. Raises nothing: when the process cannot be
    started or dies, the orders that it left undone come back with that as their trouble."""
    left = {order.number for order in orders}
    try:
        for made in _run(orders, [*maker, str(workers)]):
            left.discard(made.number)
            yield made
        why = "the process that makes prompts ended early"
    except (OSError, msgspec.MsgspecError) as error:
        why = f"the process that makes prompts failed ({error})"
    for number in sorted(left):
        yield Made(number, "disk", why)


def _run(orders: Sequence[Order], command: list[str]) -> Iterator[Made]:
    if not orders:
        return
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    decode = msgspec.json.Decoder(Made).decode
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        # It reads all orders before it answers, so neither pipe can fill up and block.
        process.stdin.write(msgspec.json.encode(orders))
        process.stdin.close()
        for line in process.stdout:
            yield decode(line)
