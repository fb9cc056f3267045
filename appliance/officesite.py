"""What the office needs of site.toml, read in a process of its own.

It is names and a port; the model that checks the whole file, with pydantic below it, would stay
in the office's memory for good (12 MB). ``python -m appliance.officesite FILE`` answers on
standard output. Only this side of the module may import what reads the file.
"""

import argparse
import asyncio
import contextlib
import os
import sys
from pathlib import Path

import msgspec

from appliance.history.boardrows import BoardSite
from appliance.model.events import Trouble
from appliance.speech.transcribe.wanted import Wanted

TIMEOUT_S = 240.0
_ROOT = Path(__file__).parents[1]


class OfficeSite(msgspec.Struct, frozen=True, kw_only=True):
    """`board`: names of queues, agents and lines. `trouble`: site.toml is wrong, and this is
    what the box last ran with."""

    data_dir: str
    listen: str
    port: int
    board: BoardSite
    trouble: Trouble | None = None
    transcripts: Wanted = Wanted()


class SiteRefused(Exception):
    """site.toml cannot be used; everything that is wrong with it, for a person."""


class _Answer(msgspec.Struct):
    site: OfficeSite | None = None
    wrong: str = ""


async def read_apart(path: Path, *, data: Path | None = None, kept: bool = False) -> OfficeSite:
    """site.toml as the office needs it. Raises `SiteRefused`.

    `kept`: where the file is wrong, take what the box last ran with; `data`: where that is, if
    the file cannot say.
    """
    given = [str(path), *(["--data", str(data)] if data else []), *(["--kept"] if kept else [])]
    found = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "appliance.officesite", *given),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": found},
        )
    except OSError as error:
        raise _unread(path, str(error)) from error
    try:
        async with asyncio.timeout(TIMEOUT_S):
            output, _ = await process.communicate()
    except TimeoutError:
        raise _unread(path, f"it took more than {TIMEOUT_S:.0f} s") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    return _taken(path, process.returncode, output)


def _taken(path: Path, status: int | None, output: bytes) -> OfficeSite:
    try:
        answer = msgspec.json.decode(output, type=_Answer)
    except msgspec.MsgspecError:
        raise _unread(path, f"the process that reads it ended with status {status}") from None
    if answer.site is None:
        raise SiteRefused(answer.wrong)
    return answer.site


def _unread(path: Path, why: str) -> SiteRefused:
    return SiteRefused(
        f"{path} could not be read: {why}. Pages show nothing new of it; calls are not touched. "
        "Restart the office; if it happens again, look whether the box has memory left."
    )


# -- the process ------------------------------------------------------------------------------


def answer_to(path: Path, data: Path | None, *, kept: bool) -> bytes:
    """What `read_apart` is told, as JSON."""
    from appliance.box.config import SiteError, load_site
    from appliance.box.kept import Settings, to_start_with
    from appliance.officemodels import wanted

    try:
        if kept:
            settings = to_start_with(path, lambda file: (load_site(file), []), data)
        else:
            settings = Settings(load_site(path))
    except SiteError as error:
        return msgspec.json.encode(_Answer(wrong=str(error)))
    loaded = settings.loaded
    site = OfficeSite(
        data_dir=str(loaded.data_dir),
        listen=loaded.site.web.listen,
        port=loaded.site.web.port,
        board=BoardSite.of(loaded.site),
        trouble=settings.trouble(),
        transcripts=wanted(loaded),
    )
    return msgspec.json.encode(_Answer(site))


def main() -> None:
    parser = argparse.ArgumentParser(prog="callfloor-officesite", description=__doc__)
    parser.add_argument("site", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--kept", action="store_true")
    options = parser.parse_args()
    sys.stdout.buffer.write(answer_to(options.site, options.data, kept=options.kept))


if __name__ == "__main__":
    main()
