"""What a person is told when a model could not be fetched. Nothing was added or changed then."""

from collections.abc import Sequence
from pathlib import Path

from appliance.speech.catalog.folder import Fault
from appliance.speech.catalog.official import Official


def bad_name(name: str) -> str:
    """A name that no model can have."""
    return (
        f"'{name}' is no name for a model: lower case or a digit first, then letters, digits, "
        "'.', '_', '-', 64 at most. Give one with --name."
    )


def useless(source: str, wrong: Sequence[Fault]) -> str:
    """What was brought is no model."""
    told = " ".join(one.what for one in wrong[:3])
    return f"{source} is no usable model: {told} Nothing was added."


def another(official: Official, found: str, wanted: str, known: bool) -> str:
    """The zip is not the one that was expected. `known`: by the table, not by a first fetch."""
    whose = "the one that is known for it" if known else "that of its first fetch"
    return (
        f"What came for {official.name} is not that model: its SHA-256 is {found}, not {whose}, "
        f"{wanted}. Somebody may have changed it. Nothing was added."
    )


def no_network(official: Official, why: str) -> str:
    """The server was not reached: what that means, and the way by stick."""
    return (
        f"{why} So {official.name} ({official.size / 1e6:.0f} MB) is missing; the models that "
        "listen now, the built-in one too, go on, and keys work as ever. Without internet: get "
        f"{official.address} on another machine, put it on a USB stick, and run "
        f"`callfloor models fetch /media/usb/{official.name}.zip`."
    )


def disk_fault(error: OSError, folder: Path) -> str:
    """Reading or writing failed."""
    return (
        f"{error.filename or folder}: {error.strerror or error}. Nothing was added. Callfloor "
        f"needs the right to read what is brought and to write in {folder}, and free space there."
    )
