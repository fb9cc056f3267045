"""From an unpacked source to a wheel.

The compile of SWIG's single 6 MB file takes as long as all libraries together,
so the two run side by side, and the object is shared by both variants: it has
no assertions of its own that anybody misses.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import source
from cache import HERE, Cache
from progress import BuildError, Progress
from wheelfile import WheelName, pack

RECIPE = 1  # counts up when the outcome changes on purpose

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
# -O2 takes 70 s for this file instead of 40 and is no faster to call.
WRAPPER = ["-O1", NO_ASSERTS]
SWIG = ["-c++", "-w312", "-threads", "-python"]
# pj's headers have unused parameters of their own.
STRICT = ["-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter"]
LINK = ["-shared", "-Wl,--as-needed", "-Wl,--exclude-libs,ALL", "-Wl,-z,relro,-z,now"]
INCLUDES = ("pjlib", "pjlib-util", "pjnath", "pjmedia", "pjsip")
SWIG_FOLDER = "pjsip-apps/src/swig"


@dataclass(frozen=True)
class Python:
    """The interpreter that the wheel is for."""

    path: str
    suffix: str  # of extension modules, e.g. .cpython-311-x86_64-linux-gnu.so
    include: str
    tag: str  # e.g. cp311-cp311-linux_x86_64

    @staticmethod
    def ask(path: Path) -> Python:
        code = (
            "import json, sys, sysconfig as s; v = sys.version_info;"
            "abi = f'cp{v[0]}{v[1]}';"
            "plat = s.get_platform().replace('-', '_').replace('.', '_');"
            "print(json.dumps({'path': sys.executable,"
            "'suffix': s.get_config_var('EXT_SUFFIX'),"
            "'include': s.get_path('include'),"
            "'tag': f'{abi}-{abi}-{plat}'}))"
        )
        try:
            out = subprocess.run(
                [str(path), "-c", code], check=True, capture_output=True, text=True
            )
        except (OSError, subprocess.CalledProcessError) as problem:
            raise BuildError(f"{path} is no Python that runs: {problem}") from problem
        return Python(**json.loads(out.stdout))


@dataclass(frozen=True)
class Job:
    """Everything that one build is about."""

    top: Path  # unpacked source
    work: Path
    python: Python
    asserts: bool
    key: str
    shared_key: str
    jobs: int


def build(job: Job, cache: Cache, progress: Progress) -> Path:
    """Compile and pack; returns the wheel. Raises BuildError."""
    flags = COMMON if job.asserts else f"{COMMON} {NO_ASSERTS}"
    with progress.step("configure"):
        progress.run(
            ["./configure", *CONFIGURE.split(), f"CFLAGS={flags}", f"CXXFLAGS={flags}"],
            cwd=job.top,
            what="configure",
        )
        _check_found(job.top)
    with ThreadPoolExecutor(2) as pool:
        libraries = pool.submit(_libraries, job, progress)
        wrapper = pool.submit(_wrapper, job, cache, progress)
        for part in (libraries, wrapper):
            part.result()
    objects = _extensions(job, progress)
    module = _link(job, wrapper.result() / "wrapper.o", objects, progress)
    return _pack(job, module, wrapper.result() / "pjsua2.py", cache)


def _check_found(top: Path) -> None:
    for name, wanted in MUST_BE_FOUND.items():
        text = (top / name).read_text()
        for line in wanted:
            if f"#define {line}" not in text:
                raise BuildError(f"configure did not find what {line} needs ({name}).")


def _libraries(job: Job, progress: Progress) -> None:
    with progress.step("compile the libraries"):
        progress.run(["make", f"-j{job.jobs}", "lib"], cwd=job.top, what="Compiling pjproject")


def _include_flags(job: Job) -> list[str]:
    folders = [job.top / part / "include" for part in INCLUDES]
    return [f"-I{folder}" for folder in (*folders, HERE / "ext")]


def _wrapper(job: Job, cache: Cache, progress: Progress) -> Path:
    """Folder with wrapper.o and pjsua2.py, from the cache if it can be."""
    ready = cache.object_folder(job.shared_key)
    if (ready / "wrapper.o").is_file():
        return ready
    out = job.work / "wrapper"
    out.mkdir()
    swig = job.top / SWIG_FOLDER
    with progress.step("generate and compile the Python binding"):
        flags = [*_include_flags(job), f"-I{swig}", *SWIG]
        files: list[str | Path] = [
            "-outdir",
            out,
            "-o",
            out / "wrapper.cpp",
            HERE / "ext/callfloor.i",
        ]
        progress.run(["swig", *flags, *files], what="swig")
        flags = [*_compile_flags(job), *WRAPPER, f"-I{job.python.include}", f"-I{out}"]
        files = ["-c", out / "wrapper.cpp", "-o", out / "wrapper.o"]
        progress.run(["g++", *flags, *files], what="Compiling the Python binding")
    shutil.rmtree(ready, ignore_errors=True)
    ready.parent.mkdir(parents=True, exist_ok=True)
    (out / "wrapper.cpp").unlink()
    out.rename(ready)
    return ready


def _compile_flags(job: Job) -> list[str]:
    return [*_helper(job, "cflags"), f"-I{HERE / 'ext'}"]


def _helper(job: Job, question: str) -> list[str]:
    """What pjproject's makefiles say: cflags, libs or ldflags."""
    out = subprocess.run(
        ["make", "--no-print-directory", "-f", "helper.mak", question],
        cwd=job.top / SWIG_FOLDER / "python",
        capture_output=True,
        text=True,
    )
    if out.returncode:
        raise BuildError(f"helper.mak {question} failed:\n{out.stderr}")
    return out.stdout.split()


def _extensions(job: Job, progress: Progress) -> list[Path]:
    """Compile our own C++ (ext/), warnings as errors."""
    flags = [*_compile_flags(job), *STRICT]

    def compile_one(path: Path) -> Path:
        target = job.work / f"{path.stem}.o"
        progress.run(["g++", *flags, "-c", path, "-o", target], what=path.name)
        return target

    with progress.step("compile our own ports"), ThreadPoolExecutor(job.jobs) as pool:
        return list(pool.map(compile_one, sorted((HERE / "ext").glob("*.cpp"))))


def _link(job: Job, wrapper: Path, objects: list[Path], progress: Progress) -> Path:
    module = job.work / f"_pjsua2{job.python.suffix}"
    strip = [] if job.asserts else ["-Wl,-s"]
    libraries = [f"-l{name}" for name in _helper(job, "libs")]
    with progress.step("link"):
        inputs: list[str | Path] = [wrapper, *objects, *_helper(job, "ldflags"), *libraries]
        progress.run(["g++", *LINK, *strip, "-o", module, *inputs], what="Linking")
    return module


def _pack(job: Job, module: Path, proxy: Path, cache: Cache) -> Path:
    local = f"callfloor.{RECIPE}.h{job.key[:8]}"  # a letter first: never a number
    name = WheelName(
        "pjsua2",
        f"{source.version(job.top)}+{local}{'.asserts' if job.asserts else ''}",
        job.python.tag,
    )
    minor = re.match(r"cp3(\d+)", job.python.tag)
    assert minor
    return pack(
        name,
        {proxy.name: proxy, module.name: module, f"{name.info_dir}/COPYING": job.top / "COPYING"},
        job.work / "wheel",
        summary="PJSIP's Python binding with Callfloor's ports",
        python=f"==3.{minor[1]}.*",
    )


def default_jobs() -> int:
    return len(os.sched_getaffinity(0))
