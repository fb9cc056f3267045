"""The models of a site made ready in a process of its own.

What teaches words holds a dictionary of 126,000, which the core must not carry about for a few
names. ``python -m appliance.speech.catalog.apart`` gets its order on standard input and answers on
standard output, both pickled: it is the core's own child.
"""

import pickle
import subprocess
import sys
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


def ready_apart(order: Order) -> Models:
    """As `words.ready`. Blocks: for a thread. Raises `CannotPrepare`."""
    command = [sys.executable, "-m", "appliance.speech.catalog.apart"]
    try:
        ran = subprocess.run(
            command, input=pickle.dumps(order), capture_output=True, timeout=TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotPrepare(str(error)) from error
    if ran.returncode:
        said = ran.stderr.decode(errors="replace").strip().splitlines()
        raise CannotPrepare(said[-1] if said else f"status {ran.returncode}")
    found = pickle.loads(ran.stdout)
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
