"""What a machine needs to build the wheel, and to run it."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from progress import BuildError


@dataclass(frozen=True)
class Need:
    package: str
    program: str = ""
    header: str = ""


BUILD = (
    Need("g++", program="g++"),
    Need("make", program="make"),
    Need("patch", program="patch"),
    Need("xz-utils", program="xz"),
    Need("swig", program="swig"),
    Need("libssl-dev", header="openssl/ssl.h"),
    Need("libopus-dev", header="opus/opus.h"),
    Need("libasound2-dev", header="alsa/version.h"),
    Need("uuid-dev", header="uuid/uuid.h"),
    Need("libspeex-dev", header="speex/speex.h"),
    Need("libspeexdsp-dev", header="speex/speex_resampler.h"),
    Need("libgsm1-dev", header="gsm/gsm.h"),
    Need("libsrtp2-dev", header="srtp2/srtp.h"),
)
# For the system's own Python; another one brings its headers along.
PYTHON_HEADERS = "python3-dev"

RUN = (
    "libasound2",
    "libgsm1",
    "libopus0",
    "libspeex1",
    "libspeexdsp1",
    "libsrtp2-1",
    "libssl3",
    "libstdc++6",
    "libuuid1",
)
# Debian 13 renamed these when time_t grew.
RENAMED = {"libasound2": "libasound2t64", "libssl3": "libssl3t64"}
RENAMED_SINCE = 13


def apt_packages() -> list[str]:
    """Everything ``apt-get install`` should be given, libraries included."""
    renamed = RENAMED if _debian() >= RENAMED_SINCE else {}
    libraries = (renamed.get(name, name) for name in RUN)
    return [*(need.package for need in BUILD), PYTHON_HEADERS, *libraries]


def _debian() -> int:
    """Debian's release number; 0 on another or an unreleased system."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return 0
    number = release.get("VERSION_ID", "")
    return int(number) if release.get("ID") == "debian" and number.isdigit() else 0


def _include_folders() -> list[Path]:
    multiarch = sysconfig.get_config_var("MULTIARCH") or ""
    return [Path("/usr/include"), Path("/usr/include") / multiarch, Path("/usr/local/include")]


def _present(need: Need) -> bool:
    if need.program:
        return shutil.which(need.program) is not None
    return any((folder / need.header).is_file() for folder in _include_folders())


def check(python_include: Path) -> None:
    """Raise BuildError naming the apt-get line when something is not there."""
    missing = [need.package for need in BUILD if not _present(need)]
    if not (python_include / "Python.h").is_file():
        missing.append(PYTHON_HEADERS)
    if missing:
        raise BuildError(
            "Packages are missing to build pjsua2. Install them with\n"
            f"  sudo apt-get install -y {' '.join(missing)}"
        )


def compiler_version() -> str:
    """The compilers' own words, for the cache key."""
    words = []
    for command in (["g++", "-dumpfullversion"], ["swig", "-version"]):
        try:
            out = subprocess.run(command, capture_output=True, text=True, check=True)
            words.append(out.stdout.strip())
        except (OSError, subprocess.CalledProcessError):
            words.append("absent")
    return "\n".join(words)
