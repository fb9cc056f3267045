"""The models of a site made ready in a process of its own.

What teaches words holds a dictionary of 126,000, which the core must not carry about for a few
names. ``python -m appliance.speech.catalog.apart`` gets its order on standard input and answers on
standard output, both pickled: it is the core's own child.
"""

import asyncio
import contextlib
import pickle
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from appliance.model.events import Trouble
from appliance.model.site import Speech

TIMEOUT_S = 120.0
"""A large model on a slow card is read once, to be compared with its checksums."""


@dataclass(frozen=True)
class Order:
    """`words`: by language, those that callers may say, as `words.words_of` has them."""

    speech: Speech
    data_dir: Path
    words: Mapping[str, Set[str]]


@dataclass(frozen=True)
class Models:
    """Folders to listen with, by language, and what is wrong."""

    folders: dict[str, Path]
    troubles: list[Trouble]


class CannotPrepare(Exception):
    """The process failed; says so, for a person."""


async def ready_apart(order: Order) -> Models:
    """As `words.ready`. The process ends with whoever waits for it. Raises `CannotPrepare`."""
    command = [sys.executable, "-m", "appliance.speech.catalog.apart"]
    try:
        process = await create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    except OSError as error:
        raise CannotPrepare(str(error)) from error
    try:
        async with asyncio.timeout(TIMEOUT_S):
            answer, said = await process.communicate(pickle.dumps(order))
    except TimeoutError as error:
        raise CannotPrepare(f"the models were not ready after {TIMEOUT_S:.0f} s") from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines()
        raise CannotPrepare(lines[-1] if lines else f"status {process.returncode}")
    found = pickle.loads(answer)
    assert isinstance(found, Models)
    return found


def main() -> None:
    from appliance.speech.catalog.apart import Models, Order  # the names that are pickled
    from appliance.speech.catalog.words import ready

    order = pickle.load(sys.stdin.buffer)
    assert isinstance(order, Order)
    found = ready(order.speech, order.data_dir, order.words)
    sys.stdout.buffer.write(pickle.dumps(Models(dict(found.folders), found.troubles)))


if __name__ == "__main__":
    main()
