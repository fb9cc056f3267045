"""Checks a site.toml in a process of its own, beside a core that takes calls.

A large site takes seconds to check, and a thread that does it takes Python's lock from the
calls again and again. ``python -m appliance.box.checking FILE`` gets the settings in use on
standard input and answers on standard output, both pickled: it is the core's own child.
"""

import asyncio
import contextlib
import copyreg
import io
import os
import pickle
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from appliance.box.apply import Plan, plan
from appliance.box.config import LoadedSite, SiteError
from appliance.box.locate import Lines
from appliance.flow.language import FlowSet, compile_flows
from appliance.model.findings import Finding
from appliance.model.site import SiteFile

CHECKER = (sys.executable, "-m", "appliance.box.checking")
NICENESS = 10
TIMEOUT_S = 240.0


@dataclass(frozen=True)
class Checked:
    """A site that may be used, its warnings, and what changes with it."""

    loaded: LoadedSite
    findings: list[Finding]
    flows: FlowSet
    plan: Plan


class CheckFailed(Exception):
    """The check itself did not work; says so, for a person."""


async def check_apart(path: Path, running: SiteFile, checker: Sequence[str] = CHECKER) -> Checked:
    """As `load_checked`, with the flows and the way from `running` to it. Raises `SiteError`
    with everything that is wrong, and `CheckFailed`."""
    loop = asyncio.get_running_loop()
    given = await loop.run_in_executor(None, pickle.dumps, running)
    answer = await _run([*checker, str(path)], given)
    try:
        found = await loop.run_in_executor(None, pickle.loads, answer)
    except Exception as error:  # whatever a half answer is taken for
        raise _failed(str(error)) from error
    if isinstance(found, Checked):
        return found
    raise SiteError(path, *found)


async def _run(command: Sequence[str], given: bytes) -> bytes:
    root = str(Path(__file__).parents[2])
    python_path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": python_path},
        )
    except OSError as error:
        raise _failed(str(error)) from error
    try:
        async with asyncio.timeout(TIMEOUT_S):
            answer, _ = await process.communicate(given)
    except TimeoutError:
        raise _failed(f"it took more than {TIMEOUT_S:.0f} s") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    if process.returncode:
        raise _failed(f"its process ended with status {process.returncode}")
    return answer


def _failed(why: str) -> CheckFailed:
    return CheckFailed(
        f"site.toml could not be checked: {why}. Nothing was applied, no call was touched. Try it "
        "again; `callfloor check` tells whether the file is right."
    )


# -- the process ------------------------------------------------------------------------------


def answer_to(path: Path, running: SiteFile) -> bytes:
    """A pickled `Checked`, or the findings and data of a `SiteError`."""
    from appliance.box.check import load_checked

    try:
        loaded, findings = load_checked(path)
    except SiteError as error:
        return pickle.dumps((error.findings, error.data))
    loaded = replace(loaded, lines=Lines(loaded.content))  # no map of lines for the journey
    return _packed(
        Checked(loaded, findings, compile_flows(loaded.site), plan(running, loaded.site))
    )


def _packed(checked: Checked) -> bytes:
    file = io.BytesIO()
    pickler = pickle.Pickler(file)
    pickler.dispatch_table = {**copyreg.dispatch_table, MappingProxyType: _reduced}
    pickler.dump(checked)
    return file.getvalue()


def _reduced(proxy: Mapping[Any, Any]) -> tuple[Any, tuple[dict[Any, Any]]]:
    return read_only, (dict(proxy),)


def read_only(values: dict[Any, Any]) -> Mapping[Any, Any]:
    """A read-only mapping as it is unpickled."""
    return MappingProxyType(values)


def main() -> None:
    os.nice(NICENESS)
    running = pickle.load(sys.stdin.buffer)
    sys.stdout.buffer.write(answer_to(Path(sys.argv[1]), running))


if __name__ == "__main__":
    # Under its own name: what is pickled here must not belong to __main__.
    from appliance.box import checking

    checking.main()
