"""PJSIP's log stays small: any stranger can make it write a line for each malformed packet."""

import os
from pathlib import Path

LIMIT = 1 << 20
KEPT = 1 << 18


def keep_small(path: Path) -> None:
    """Call about once a second. Over LIMIT bytes the last KEPT ones go to *.1 and the file
    is emptied. PJSIP goes on with it: its writes are appended. A flood so costs little more than
    the page cache, as the kernel has hardly begun to write when the file is cut.
    Raises OSError but for a file that is not there.
    """
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return
    if size <= LIMIT:
        return
    before = path.with_name(path.name + ".1")
    part = path.with_name(path.name + ".tmp")
    try:
        with path.open("rb") as file:
            file.seek(-min(KEPT, size), os.SEEK_END)
            part.write_bytes(file.read(KEPT))
        part.replace(before)
    finally:  # a full disk must not keep the log from being cut
        os.truncate(path, 0)
