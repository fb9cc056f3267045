"""A real softphone without a sound card: baresip. It sends a tone from a file and writes down
all that it hears; its keys are pressed through its control socket."""

import asyncio
import contextlib
import itertools
import json
import re
from pathlib import Path

import numpy as np
import soundfile

from tests.peers.box import hurry
from tests.peers.tones import RATE, Samples, sine

CODECS = {"pcma": "PCMA/8000", "pcmu": "PCMU/8000", "g722": "G722/16000", "opus": "opus/48000/1"}
SOURCE = {"pcma": (8000, 1), "pcmu": (8000, 1), "g722": (16_000, 1), "opus": (48_000, 1)}
"""Rate and channels of the tone's file: baresip's own resampling changes levels by some dB."""
CONFIG = """
poll_method epoll
sip_listen {host}:{port}
net_interface {host}
rtp_ports {rtp}-{rtp_last}
audio_source aufile,{folder}/src/tone.wav
audio_player none,none
ausrc_srate {rate}
ausrc_channels {channels}
module_path {modules}
module g711.so
module g722.so
module opus.so
module aufile.so
module sndfile.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {host}:{control}
snd_path {folder}
opus_stereo no
opus_sprop_stereo no
"""
START_S = 10.0
_rtp = itertools.count(30_000, 200)


class Baresip:
    """One softphone at host:port for `user`. `codec` is one of CODECS."""

    def __init__(self, folder: Path, user: str, place: tuple[str, int], codec: str) -> None:
        self.folder, self.user, self.place, self.codec = folder, user, place, codec
        self._process: asyncio.subprocess.Process | None = None
        self._said: list[dict[str, object]] = []
        self._news = asyncio.Event()

    async def __aenter__(self) -> "Baresip":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, says: float | Samples, dbov: float = -15.0) -> "Baresip":
        """Answers every call by itself. `says`: a tone in Hz, or 8 kHz samples that it repeats.
        Raises TimeoutError when it does not run."""
        rate = SOURCE[self.codec][0]
        if isinstance(says, float | int):
            sound = sine(says, 40, dbov, rate)
        else:
            sound = _faster(says, rate // RATE)
        _write(self.folder, self.user, self.place, self.codec, sound)
        with (self.folder / "baresip.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                "baresip", "-f", str(self.folder), stdin=asyncio.subprocess.DEVNULL,
                stdout=log, stderr=log,
            )  # fmt: skip
        hurry(self._process.pid, later=True)
        async with asyncio.timeout(START_S):
            while True:
                with contextlib.suppress(OSError):
                    self._reader, self._writer = await asyncio.open_connection(
                        self.place[0], self.place[1] + 1000
                    )
                    break
                await asyncio.sleep(0.05)
        self._listener = asyncio.create_task(self._listen())
        return self

    async def _listen(self) -> None:
        """Netstrings of JSON: answers and events."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = int((await self._reader.readuntil(b":"))[:-1])
                body = await self._reader.readexactly(length + 1)
                self._said.append(json.loads(body[:-1].decode("utf-8", "replace")))
                self._news.set()

    async def press(self, command: str, parameters: str = "") -> None:
        """A command of baresip's menu: dial, hangup, hold, resume, transfer."""
        text = json.dumps({"command": command, "params": parameters})
        self._writer.write(f"{len(text)}:{text},".encode())
        await self._writer.drain()

    async def told(self, kind: str, seconds: float = 8.0) -> None:
        """Wait for an event, e.g. CALL_ESTABLISHED."""
        async with asyncio.timeout(seconds):
            while not any(said.get("type") == kind for said in self._said):
                self._news.clear()
                await self._news.wait()

    def heard(self) -> Samples:
        """All that the newest call brought, 8 kHz; the end is the end of the call."""
        files = sorted(self.folder.glob("dump-*-dec.wav"))
        samples, rate = soundfile.read(files[-1], dtype="int16", always_2d=True)
        mono = samples.mean(axis=1)
        return np.asarray(mono[:: rate // RATE], dtype=np.int16)

    def spoke(self) -> str:
        """The codec that the newest call agreed on."""
        log = (self.folder / "baresip.log").read_text(errors="replace")
        return str(re.findall(r"Set audio encoder: (\w+)", log)[-1]).lower()

    async def stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._listener.cancel()
        self._writer.close()
        process.terminate()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(4):
                await process.wait()
                return
        process.kill()
        await process.wait()


def _faster(samples: Samples, times: int) -> Samples:
    """The same sound at so many times the rate, without images."""
    size = len(samples)
    padded = np.pad(np.fft.rfft(samples), (0, (times - 1) * size // 2))
    return np.asarray(np.fft.irfft(padded, times * size) * times).astype(np.int16)


def _write(folder: Path, user: str, place: tuple[str, int], codec: str, sound: Samples) -> None:
    (folder / "src").mkdir(parents=True, exist_ok=True)
    rate, channels = SOURCE[codec]
    soundfile.write(folder / "src" / "tone.wav", np.column_stack([sound] * channels), rate)
    host, port = place
    rtp = next(_rtp)
    text = CONFIG.format(
        folder=folder, host=host, port=port, rtp=rtp, rtp_last=rtp + 198,
        control=port + 1000, modules=_modules(), rate=rate, channels=channels,
    )  # fmt: skip
    (folder / "config").write_text(text)
    account = f"<sip:{user}@{host}:{port}>;regint=0;answermode=auto;audio_codecs={CODECS[codec]}"
    (folder / "accounts").write_text(account + "\n")


def _modules() -> Path:
    """Debian's folder, with or without the machine's triplet."""
    found = [Path("/usr/lib/baresip/modules"), *Path("/usr/lib").glob("*/baresip/modules")]
    return next(folder for folder in found if folder.exists())
