"""Does a freshly built wheel work? Run by the Python that it was built for,
with the unpacked wheel on PYTHONPATH. Prints what is missing and exits 1."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pjsua2 as pj

CODECS = ("opus/48000", "G722/16000", "PCMA/8000", "PCMU/8000", "GSM/8000")
DEADLINE = 5.0  # seconds


def wait_for(what: str, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"smoke test: waited {DEADLINE:.0f} s for {what}")
        time.sleep(0.01)


def check_media() -> None:
    """One port and one recorder get frames from the bridge."""
    fmt = pj.MediaFormatAudio()
    fmt.init(pj.PJMEDIA_FORMAT_PCM, 8000, 1, 20000, 16)
    port = pj.RingPort()
    port.createPort("smoke", fmt, 1000, 1000, 20)
    port.write(b"\x10\x20" * 800)
    wait_for("the bridge to read from RingPort", lambda: port.txAvail() == 0 or port.rxFrames() > 2)
    with tempfile.TemporaryDirectory() as folder:
        recorder = pj.CallRecorder()
        recorder.open(str(Path(folder) / "smoke.wav"))
        port.startTransmit(recorder.left())
        wait_for("CallRecorder to write", lambda: recorder.samples() > 0)
        recorder.close()
        wait_for("CallRecorder to close", recorder.closed)
        if recorder.errorCode():
            sys.exit(f"smoke test: CallRecorder: errno {recorder.errorCode()}")


def main() -> None:
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.logConfig.level = config.logConfig.consoleLevel = 1
    config.medConfig.clockRate = config.medConfig.sndClockRate = 8000
    config.medConfig.audioFramePtime = 20
    endpoint.libInit(config)
    for kind in (pj.PJSIP_TRANSPORT_UDP, pj.PJSIP_TRANSPORT_TLS):
        endpoint.transportCreate(kind, pj.TransportConfig())
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    present = [codec.codecId for codec in endpoint.codecEnum2()]
    for wanted in CODECS:
        if not any(name.startswith(wanted) for name in present):
            sys.exit(f"smoke test: codec {wanted} is missing")
    refer = pj.ReferModule()
    refer.start()
    refer.stop()
    check_media()
    endpoint.libDestroy()


if __name__ == "__main__":
    main()
