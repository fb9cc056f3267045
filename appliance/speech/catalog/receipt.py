"""What stays with a model that was fetched: where it came from, and the SHA-256 of each file."""

import os
from contextlib import suppress
from pathlib import Path

import msgspec

from appliance.speech.catalog.folder import MARKER, RECEIPT, Marker, ModelFolder
from appliance.speech.catalog.ledger import digest


class NotWanted(Exception):
    """A model for another language than the one that was asked for."""

    def __init__(self, told: str, wanted: str) -> None:
        super().__init__(
            f"The model says of itself that it hears '{told}', not '{wanted}'. Leave --language "
            f"out; to let it listen to callers in '{wanted}' all the same, give "
            "`callfloor models use` that --language."
        )


def write_receipt(root: Path, marker: Marker, language: str) -> None:
    """What came, with the SHA-256 of each file: later damage is noticed by it. A model that
    brings a list, its own or that of another box, keeps it and is held to it; only a `language`
    that was given, and that it does not tell, is added. Raises NotWanted, OSError."""
    own = next((root / one for one in (MARKER, RECEIPT) if (root / one).exists()), None)
    if own is None:
        sums = {str(one.relative_to(root)): digest(one) for one in ModelFolder(root).files()}
        _write(root / RECEIPT, msgspec.structs.replace(marker, files=sums))
        return
    told = ModelFolder(root).marker.language
    if language and told and told != language:
        raise NotWanted(told, language)
    if language and not told:
        with suppress(msgspec.MsgspecError, TypeError):  # else `verify` says what is wrong
            _write(own, {**msgspec.json.decode(own.read_bytes()), "language": language})


def _write(file: Path, told: object) -> None:
    with file.open("wb") as out:
        out.write(msgspec.json.format(msgspec.json.encode(told), indent=1))
        out.flush()
        os.fsync(out.fileno())
