#!/usr/bin/env python3
"""Build the pjsua2 wheel, or find the one that was built before.

    python3 image/pjsua2/build.py [--asserts] [--out DIR] [--python PATH]

The last line of stdout is the wheel's path; everything else is on stderr.
See README.md beside this file.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path

import needs
import recipe
import source
from cache import (
    HERE,
    SDK_INPUTS,
    WHEEL_INPUTS,
    WRAPPER_INPUTS,
    Cache,
    Source,
    fingerprint,
)
from progress import BuildError, Progress


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--asserts", action="store_true", help="the variant for tests: PJSIP's assertions are on"
    )
    parser.add_argument(
        "--python",
        type=Path,
        default=Path(sys.executable),
        help="interpreter to build for (this one)",
    )
    parser.add_argument("--out", type=Path, help="also copy the wheel there")
    parser.add_argument(
        "--refresh", action="store_true", help="look for a newer pjproject on the mirror"
    )
    parser.add_argument(
        "--tarball", type=Path, help=f"pjproject's source ({source.TARBALL_VARIABLE})"
    )
    parser.add_argument("--wheel", type=Path, help=f"use this wheel ({source.WHEEL_VARIABLE})")
    parser.add_argument("--jobs", type=int, default=recipe.default_jobs())
    parser.add_argument(
        "--print-hash",
        action="store_true",
        help="print the key of the wheel's inputs, build nothing",
    )
    parser.add_argument(
        "--apt-packages",
        action="store_true",
        help="print the packages that building and running need",
    )
    return parser.parse_args()


def smoke_test(wheel: Path, python: str, work: Path, progress: Progress) -> None:
    unpacked = work / "smoke"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    with progress.step("smoke test"):
        progress.run(
            [python, HERE / "smoke.py"],
            cwd=work,
            env={"PYTHONPATH": str(unpacked)},
            what="The smoke test",
        )


class Builder:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.variant = "asserts" if options.asserts else "product"
        self.progress = Progress()
        self.cache = Cache()
        self.python = recipe.Python.ask(options.python)
        self.compilers = needs.compiler_version()

    def source(self) -> Source:
        return source.choose(self.cache, self.progress, self.options.tarball, self.options.refresh)

    def key(self, chosen: Source) -> str:
        return self._key(WHEEL_INPUTS, chosen, *self._abi(), self.variant)

    def _key(self, inputs: Iterable[str], chosen: Source, *facts: str) -> str:
        return fingerprint(inputs, chosen.sha256, self.compilers, *facts)

    def _abi(self) -> tuple[str, str]:
        return self.python.tag, self.python.suffix

    def wheel(self) -> Path:
        """From the cache, or built. Raises BuildError."""
        with self.cache.lock(self.progress):
            chosen = self.source()
            key = self.key(chosen)
            ready = self.cache.wheel(key)
            if ready is None:
                ready = self._build(chosen, key)
            os.utime(ready.parent)  # in use: prune() takes the oldest
            if chosen.version != "local":
                self.cache.remember(chosen)
        return ready

    def _build(self, chosen: Source, key: str) -> Path:
        needs.check(Path(self.python.include))
        self.progress.log = self.cache.logs / f"{key}.log"
        self.progress.log.write_text(time.strftime("%Y-%m-%d %H:%M:%S\n"))
        self.progress.say(f"pjproject of {chosen.version}, log: {self.progress.log}")
        try:
            with self.cache.work_folder(key) as work:
                built = self._compile(chosen, key, work)
        except BuildError as problem:
            raise BuildError(self._advice(chosen, problem)) from problem
        self.cache.prune()
        return built

    def _compile(self, chosen: Source, key: str, work: Path) -> Path:
        job = recipe.Job(
            source=chosen,
            work=work,
            python=self.python,
            asserts=self.options.asserts,
            key=key,
            sdk_key=self._key(SDK_INPUTS, chosen, self.variant),
            wrapper_key=self._key(WRAPPER_INPUTS, chosen, *self._abi()),
            jobs=self.options.jobs,
        )
        wheel = recipe.build(job, self.cache, self.progress)
        smoke_test(wheel, self.python.path, work, self.progress)
        folder = self.cache.folder("wheel", key)
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        wheel.parent.rename(folder)
        return folder / wheel.name

    def _advice(self, chosen: Source, problem: BuildError) -> str:
        worked = self.cache.remembered()
        if worked and worked.sha256 != chosen.sha256:
            return (
                f"pjproject of {chosen.version} does not work with this "
                f"recipe yet.\n{problem}\nThe version that worked last time "
                f"({worked.version}) is still here: run without --refresh."
            )
        return (
            f"{problem}\nIf the mirror's pjproject ({chosen.version}) is newer "
            f"than {source.LAST_KNOWN_GOOD}, the patches or the recipe may "
            f"have to follow it.\n\n{source.WAYS}"
        )


def main() -> int:
    options = arguments()
    if options.apt_packages:
        print(" ".join(needs.apt_packages()))
        return 0
    try:
        wheel = source.given_wheel(options.wheel)
        builder = None if wheel else Builder(options)
        if builder and options.print_hash:
            print(builder.key(builder.source()))
            return 0
        if builder:
            wheel = builder.wheel()
        assert wheel
        if options.out:
            options.out.mkdir(parents=True, exist_ok=True)
            wheel = Path(shutil.copy(wheel, options.out)).resolve()
    except BuildError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    print(wheel)
    return 0


if __name__ == "__main__":
    sys.exit(main())
