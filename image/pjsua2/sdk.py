"""PJSIP's libraries and headers, configured, patched and compiled: the slow half of a build,
kept in the cache until upstream, config_site.h or a patch changes."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import source
from cache import Cache, Source
from progress import BuildError, Progress

CONFIGURE = """
    --enable-epoll --enable-speex-resample --with-external-srtp
    --with-external-speex --with-external-gsm --disable-video --disable-sdl
    --disable-ffmpeg --disable-v4l2 --disable-openh264 --disable-vpx
    --disable-libyuv --disable-libwebrtc --disable-upnp --disable-ilbc-codec
    --disable-g7221-codec --disable-opencore-amr --disable-silk
    --disable-bcg729 --disable-lyra
"""

# configure leaves out quietly what it does not find.
MUST_BE_FOUND = {
    "pjlib/include/pj/compat/os_auto.h": ("PJ_HAS_SSL_SOCK 1",),
    "pjmedia/include/pjmedia-codec/config_auto.h": ("PJMEDIA_HAS_OPUS_CODEC 1",),
}

COMMON = "-O2 -fPIC -fstack-protector-strong -D_FORTIFY_SOURCE=2"
NO_ASSERTS = "-DNDEBUG"
PARTS = ("pjlib", "pjlib-util", "pjnath", "pjmedia", "pjsip")
SWIG = Path("pjsip-apps/src/swig")


@dataclass(frozen=True)
class Sdk:
    """A folder with include/PART/, lib/, swig/ and what the makefiles said."""

    folder: Path
    version: str  # pjproject's, e.g. 2.17
    cflags: tuple[str, ...]
    libs: tuple[str, ...]

    def includes(self) -> list[str]:
        return [f"-I{self.folder / 'include' / part}" for part in PARTS]

    @staticmethod
    def load(folder: Path) -> Sdk | None:
        """The finished one in this folder, if there is one."""
        try:
            facts = json.loads((folder / "sdk.json").read_text())
        except OSError:
            return None
        return Sdk(folder, facts["version"], tuple(facts["cflags"]), tuple(facts["libs"]))


def prepare(
    chosen: Source,
    folder: Path,
    work: Path,
    asserts: bool,
    progress: Progress,
) -> tuple[Sdk, Callable[[int], None]]:
    """Unpack and configure; headers are in ``folder`` when this returns.

    The second result compiles the libraries into it with so many jobs: it may run in a thread
    of its own while others already use the headers. Raises BuildError."""
    top = source.unpack(chosen, work, progress)
    flags = COMMON if asserts else f"{COMMON} {NO_ASSERTS}"
    with progress.step("configure"):
        command = ["./configure", *CONFIGURE.split(), f"CFLAGS={flags}", f"CXXFLAGS={flags}"]
        progress.run(command, cwd=top, what="configure")
        _check_found(top)
    shutil.rmtree(folder, ignore_errors=True)
    for part in PARTS:
        shutil.copytree(top / part / "include", folder / "include" / part)
    shutil.copytree(top / SWIG, folder / "swig")
    shutil.copy(top / "COPYING", folder)
    cflags = (flag for flag in _helper(top, "cflags") if not flag.startswith("-I"))
    sdk = Sdk(folder, source.version(top), tuple(cflags), tuple(_helper(top, "libs")))

    def compile_libraries(jobs: int) -> None:
        with progress.step("compile the libraries"):
            progress.run(["make", f"-j{jobs}", "lib"], cwd=top, what="Compiling pjproject")
        (folder / "lib").mkdir()
        for part in PARTS:
            for library in (top / part / "lib").glob("*.a"):
                shutil.copy(library, folder / "lib")
        _finish(sdk)

    return sdk, compile_libraries


def _finish(sdk: Sdk) -> None:
    """Last of all, so that a half-made folder is never taken for a whole one."""
    facts = {"version": sdk.version, "cflags": sdk.cflags, "libs": sdk.libs}
    (sdk.folder / "sdk.json").write_text(json.dumps(facts, indent=1))


def _check_found(top: Path) -> None:
    for name, wanted in MUST_BE_FOUND.items():
        text = (top / name).read_text()
        for line in wanted:
            if f"#define {line}" not in text:
                raise BuildError(f"configure did not find what {line} needs ({name}).")


def _helper(top: Path, question: str) -> list[str]:
    """What pjproject's makefiles say: cflags or libs."""
    out = subprocess.run(
        ["make", "--no-print-directory", "-f", "helper.mak", question],
        cwd=top / SWIG / "python",
        capture_output=True,
        text=True,
    )
    if out.returncode:
        raise BuildError(f"helper.mak {question} failed:\n{out.stderr}")
    return out.stdout.split()


def cached(cache: Cache, key: str) -> Sdk | None:
    return Sdk.load(cache.folder("sdk", key))
