"""sipp as caller or agent, with real RTP from a file; what it hears it cannot measure."""

import asyncio
import contextlib
from pathlib import Path

from tests.peers.box import hurry
from tests.peers.rtp import encode
from tests.peers.tones import Samples, sine

SCENARIOS = Path(__file__).with_name("scenarios")
PCMA = 8


class Sipp:
    """One sipp process on host:port. `tone.alaw` in its folder is what it plays."""

    def __init__(self, folder: Path, place: tuple[str, int], says: float | Samples) -> None:
        """`says`: a tone in Hz, or 8 kHz samples that it repeats."""
        self.folder, self.place = folder, place
        folder.mkdir(parents=True, exist_ok=True)
        sound = sine(says, 2.0, -15.0) if isinstance(says, float | int) else says
        (folder / "tone.alaw").write_bytes(encode(sound, PCMA))
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, scenario: str, *options: str) -> "Sipp":
        """`scenario`: name of a file in scenarios/. Options as sipp's own."""
        with (self.folder / "sipp.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                "sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", self.place[0],
                "-p", str(self.place[1]), "-mi", self.place[0], "-nostdin", "-trace_err",
                "-error_file", str(self.folder / "errors.log"), *options,
                stdout=log, stderr=log, stdin=asyncio.subprocess.DEVNULL, cwd=self.folder,
            )  # fmt: skip
        hurry(self._process.pid, later=True)
        return self

    async def done(self, seconds: float = 30.0) -> None:
        """Every call went as the scenario says; else AssertionError with sipp's words."""
        assert self._process is not None
        async with asyncio.timeout(seconds):
            code = await self._process.wait()
        errors = self.folder / "errors.log"
        said = errors.read_text(errors="replace") if errors.exists() else ""
        assert code == 0, f"sipp ended with {code}: {said[-1500:]}"

    async def stop(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(3):
                await self._process.wait()
                return
        self._process.kill()
        await self._process.wait()
