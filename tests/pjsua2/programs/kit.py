"""What the programs share: an endpoint on the null device, tones, waiting with a deadline."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import pjsua2 as pj

RATE = 8000
PTIME = 20  # ms
DEADLINE = 10.0  # seconds


def start_endpoint(*, port: int | None = None, max_calls: int = 16) -> pj.Endpoint:
    """libStart with an 8 kHz bridge; with a SIP transport on 127.0.0.1 if there is a port
    (0: any free one)."""
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.logConfig.level = config.logConfig.consoleLevel = 1
    config.uaConfig.threadCnt = 1
    config.uaConfig.maxCalls = max_calls
    media = config.medConfig
    media.clockRate = media.sndClockRate = RATE
    media.audioFramePtime = PTIME
    media.noVad = True
    endpoint.libInit(config)
    if port is not None:
        transport = pj.TransportConfig()
        transport.port = port
        transport.boundAddress = "127.0.0.1"
        endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    return endpoint


def call_param(code: int = 0) -> pj.CallOpParam:
    """One audio stream, nothing else; with a status code for answers."""
    param = pj.CallOpParam(True)
    param.opt.audioCount = 1
    param.opt.videoCount = 0
    param.opt.textCount = 0
    param.statusCode = code
    return param


def tone(hertz: int, on_ms: int = 1000, off_ms: int = 0) -> pj.ToneGenerator:
    """A generator that plays one frequency for ever."""
    generator = pj.ToneGenerator()
    generator.createToneGenerator(RATE, 1)
    desc = pj.ToneDesc()
    desc.freq1, desc.on_msec, desc.off_msec = hertz, on_ms, off_ms
    tones = pj.ToneDescVector()
    tones.append(desc)
    generator.play(tones, True)
    return generator


def ring_port(
    rx_ms: int = 1000, tx_ms: int = 1000, notify_ms: int = 0, rate: int = RATE
) -> pj.RingPort:
    fmt = pj.MediaFormatAudio()
    fmt.init(pj.PJMEDIA_FORMAT_PCM, rate, 1, PTIME * 1000, 16)
    port = pj.RingPort()
    port.createPort("test", fmt, rx_ms, tx_ms, notify_ms)
    return port


def wait_until(condition: Callable[[], bool], what: str, deadline: float = DEADLINE) -> None:
    end = time.monotonic() + deadline
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"waited {deadline} s for {what}")
        time.sleep(0.005)


def tell(kind: str, **facts: Any) -> None:
    """One line in one write: print() writes the line's end by itself, and threads mix."""
    sys.stdout.write(json.dumps({"kind": kind, **facts}) + "\n")
    sys.stdout.flush()
