"""From PJSIP's libraries to a wheel.

The compile of SWIG's single 6 MB file takes as long as all libraries together, so the two run
side by side, and the object is shared by both variants: it has no assertions of its own that
anybody misses. Each half is cached by what goes into it, so that a change in ext/*.cpp costs
seconds.
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

import sdk as sdk_stage
from cache import HERE, Cache, Source
from progress import BuildError, Progress
from sdk import NO_ASSERTS, Sdk
from wheelfile import WheelName, pack

RECIPE = 1  # counts up when the outcome changes on purpose

# -O2 takes 70 s for this file instead of 40 and is no faster to call.
WRAPPER = ["-O1", NO_ASSERTS]
SWIG = ["-c++", "-w312", "-threads", "-python"]
# pj's headers have unused parameters of their own.
STRICT = ["-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter"]
LINK = ["-shared", "-Wl,--as-needed", "-Wl,--exclude-libs,ALL", "-Wl,-z,relro,-z,now"]
NAMES = "-Wl,--wrap=pj_getaddrinfo"  # ext/names.cpp
EXT = HERE / "ext"

Command = list[str | Path]


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

    source: Source
    work: Path
    python: Python
    asserts: bool
    key: str
    sdk_key: str
    wrapper_key: str
    jobs: int


def build(job: Job, cache: Cache, progress: Progress) -> Path:
    """Compile and pack; returns the wheel. Raises BuildError."""
    sdk, wrapper = _halves(job, cache, progress)
    objects = _extensions(job, sdk, progress)
    module = _link(job, sdk, wrapper / "wrapper.o", objects, progress)
    return _pack(job, sdk, module, wrapper / "pjsua2.py")


def _halves(job: Job, cache: Cache, progress: Progress) -> tuple[Sdk, Path]:
    """The libraries and the folder with the compiled binding, each from the cache if it is
    there."""
    sdk = sdk_stage.cached(cache, job.sdk_key)
    if sdk:
        return sdk, _wrapper(job, sdk, cache, progress)
    folder = cache.folder("sdk", job.sdk_key)
    sdk, compile_libraries = sdk_stage.prepare(job.source, folder, job.work, job.asserts, progress)
    with ThreadPoolExecutor(2) as pool:
        libraries = pool.submit(compile_libraries, job.jobs)
        wrapper = pool.submit(_wrapper, job, sdk, cache, progress)
        libraries.result()
        return sdk, wrapper.result()


def _compile_flags(sdk: Sdk) -> list[str]:
    return [*sdk.cflags, *sdk.includes(), f"-I{EXT}"]


def _wrapper(job: Job, sdk: Sdk, cache: Cache, progress: Progress) -> Path:
    """Folder with wrapper.o and pjsua2.py."""
    ready = cache.folder("wrapper", job.wrapper_key)
    if (ready / "wrapper.o").is_file():
        return ready
    out = job.work / "wrapper"
    out.mkdir()
    with progress.step("generate and compile the Python binding"):
        flags = [*sdk.includes(), f"-I{EXT}", f"-I{sdk.folder / 'swig'}", *SWIG]
        swig: Command = ["swig", *flags, "-outdir", out, "-o", out / "wrapper.cpp"]
        progress.run([*swig, EXT / "callfloor.i"], what="swig")
        flags = [*_compile_flags(sdk), *WRAPPER, f"-I{job.python.include}", f"-I{out}"]
        compiler: Command = ["g++", *flags, "-c", out / "wrapper.cpp"]
        progress.run([*compiler, "-o", out / "wrapper.o"], what="Compiling the Python binding")
    (out / "wrapper.cpp").unlink()
    shutil.rmtree(ready, ignore_errors=True)
    ready.parent.mkdir(parents=True, exist_ok=True)
    out.rename(ready)
    return ready


def _extensions(job: Job, sdk: Sdk, progress: Progress) -> list[Path]:
    """Compile our own C++ (ext/), warnings as errors."""
    flags = [*_compile_flags(sdk), *STRICT]

    def compile_one(path: Path) -> Path:
        target = job.work / f"{path.stem}.o"
        progress.run(["g++", *flags, "-c", path, "-o", target], what=path.name)
        return target

    with progress.step("compile our own ports"), ThreadPoolExecutor(job.jobs) as pool:
        return list(pool.map(compile_one, sorted(EXT.glob("*.cpp"))))


def _link(job: Job, sdk: Sdk, wrapper: Path, objects: list[Path], progress: Progress) -> Path:
    module = job.work / f"_pjsua2{job.python.suffix}"
    strip = [] if job.asserts else ["-Wl,-s"]  # names in the backtraces of tests
    libraries = [f"-L{sdk.folder / 'lib'}", *(f"-l{name}" for name in sdk.libs)]
    with progress.step("link"):
        output: Command = ["g++", *LINK, NAMES, *strip, "-o", module]
        progress.run([*output, wrapper, *objects, *libraries], what="Linking")
    return module


def _pack(job: Job, sdk: Sdk, module: Path, proxy: Path) -> Path:
    local = f"callfloor.{RECIPE}.h{job.key[:8]}"  # a letter first: never a number
    variant = ".asserts" if job.asserts else ""
    name = WheelName("pjsua2", f"{sdk.version}+{local}{variant}", job.python.tag)
    minor = re.match(r"cp3(\d+)", job.python.tag)
    assert minor
    files = {proxy.name: proxy, module.name: module}
    return pack(
        name,
        {**files, f"{name.info_dir}/COPYING": sdk.folder / "COPYING"},
        job.work / "wheel",
        summary="PJSIP's Python binding with Callfloor's ports",
        python=f"==3.{minor[1]}.*",
    )


def default_jobs() -> int:
    return len(os.sched_getaffinity(0))
