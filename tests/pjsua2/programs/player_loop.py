"""Play looping files side by side for a while and write down what the bridge gets of each.

The samples of TONE.wav, 16 bit, go to TONE.raw. usage: player_loop.py FRAMES TONE.wav...
"""

import sys
from pathlib import Path

import pjsua2 as pj
from kit import PTIME, RATE, ring_port, start_endpoint, wait_until


def main(frames: int, files: list[Path]) -> None:
    endpoint = start_endpoint()
    ports = [ring_port(rx_ms=(frames + 100) * PTIME) for _ in files]
    players = [pj.AudioMediaPlayer() for _ in files]
    for player, port, file in zip(players, ports, files, strict=True):
        player.createPlayer(str(file), 0)
        player.startTransmit(port)
    wait_until(lambda: all(port.rxFrames() >= frames for port in ports), f"{frames} frames")
    for port, file in zip(ports, files, strict=True):
        heard = bytearray(frames * PTIME * RATE // 1000 * 2)
        assert port.read(heard) == len(heard) and not port.rxDropped()
        file.with_suffix(".raw").write_bytes(heard)
    del player, port
    players.clear()
    ports.clear()
    endpoint.libDestroy()


main(int(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
