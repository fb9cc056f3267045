"""Open an extra sound device. usage: extra_device.py MODE PCM FILE

play: playback only, a 440 Hz tone for a moment; capture: capture only, a second into FILE (raw);
vanish: the device is found, but is gone when it is opened.
ALSA_CONFIG_PATH names a configuration with the PCM; its slave is named by $SLAVE.
"""

import os
import sys
import time
from pathlib import Path

import pjsua2 as pj
from kit import ring_port, start_endpoint, tone, wait_until

OFF = -3  # PJMEDIA_AUD_INVALID_DEV
SECOND = 16000  # bytes


def play(number: int) -> None:
    device = pj.ExtraAudioDevice(number, OFF)
    device.open()
    source = tone(440)
    source.startTransmit(device)
    time.sleep(0.3)  # long enough for the test to look at
    device.close()


def capture(number: int, path: Path) -> None:
    device = pj.ExtraAudioDevice(OFF, number)
    device.open()
    port = ring_port(rx_ms=2000, tx_ms=0)
    device.startTransmit(port)
    wait_until(lambda: port.rxAvail() >= SECOND, "a second of audio")
    heard = bytearray(SECOND)
    port.read(heard)
    path.write_bytes(heard)
    device.close()


def vanish(number: int) -> None:
    os.environ["SLAVE"] = "gone"
    device = pj.ExtraAudioDevice(number, number)
    try:
        device.open()
    except pj.Error as error:
        print("raised", error.reason)
    else:
        sys.exit("it opened")


def main(mode: str, pcm: str, path: Path) -> None:
    endpoint = start_endpoint()
    number = endpoint.audDevManager().lookupDev("ALSA", pcm)
    if mode == "play":
        play(number)
    elif mode == "capture":
        capture(number, path)
    else:
        vanish(number)
    endpoint.libDestroy()
    print("done")


main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
