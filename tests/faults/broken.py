"""Places in which something is broken: small disks, read-only folders, hidden files, clocks.

A core that is started with such a prefix lives in a mount namespace of its own, so that
nothing of this machine is touched. /proc/PID/root shows its folders from outside.
"""

import contextlib
import os
import subprocess
from pathlib import Path

import pytest


def namespace(*steps: str) -> list[str]:
    """Words before a command that runs where these shell steps were done; skips the test where
    the kernel does not allow it."""
    flags = "-m" if os.geteuid() == 0 else "-rm"
    if subprocess.run(["unshare", flags, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine allows no mount namespace")
    script = " && ".join([*steps, 'exec "$@"'])
    return ["unshare", flags, "sh", "-c", script, "sh"]


def small_disk(folder: Path, size: str = "3m", options: str = "") -> str:
    """A step: `folder` is an empty disk of this size."""
    folder.mkdir(parents=True, exist_ok=True)
    return f"mount -t tmpfs -o size={size}{options} none '{folder}'"


def hidden(file: Path) -> str:
    """A step: there is nothing in this file."""
    return f"mount --bind /dev/null '{file}'"


def remount(pid: int, folder: Path, how: str) -> None:
    """``rw`` or ``ro``, while it is in use."""
    command = ["nsenter", "-t", str(pid), "-m", "mount", "-o", f"remount,{how}", str(folder)]
    subprocess.run(command, check=True, capture_output=True)


def fill(folder: Path, leave: int = 0) -> Path:
    """Take all of a disk but `leave` bytes; returns the file to remove for a cure."""
    big = folder / "filler"
    with big.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass
    if leave:
        os.truncate(big, big.stat().st_size - leave)
    return big
