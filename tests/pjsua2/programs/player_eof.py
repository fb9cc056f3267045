"""Delete players whose end-of-file event is waiting to be delivered.

One player's callback holds the event thread up, so that the events of others, which ended a
moment later, are still in the queue when these are deleted. usage: player_eof.py FOLDER ROUNDS
"""

import sys
import threading
import time
import wave
from pathlib import Path

import pjsua2 as pj
from kit import start_endpoint, wait_until

LENGTH = 0.1  # seconds of the announcement
TOGETHER = 8  # players that are deleted
HOLD = 0.5  # seconds, at most
BEHIND = 0.05  # seconds by which the others end later


class Holder(pj.AudioMediaPlayer):
    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()
        self.release = threading.Event()

    def onEof2(self) -> None:
        self.reached.set()
        self.release.wait(HOLD)


def play(path: Path, player: pj.AudioMediaPlayer, sink: pj.AudioMedia) -> pj.AudioMediaPlayer:
    player.createPlayer(str(path), pj.PJMEDIA_FILE_NO_LOOP)
    player.startTransmit(sink)
    return player


def main(folder: Path, rounds: int) -> None:
    path = folder / "short.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\1\0" * int(8000 * LENGTH))
    endpoint = start_endpoint()
    sink = pj.AudioMediaRecorder()
    sink.createRecorder(str(folder / "sink.wav"))
    for _ in range(rounds):
        holder = Holder()
        play(path, holder, sink)
        time.sleep(BEHIND)
        others = [play(path, pj.AudioMediaPlayer(), sink) for _ in range(TOGETHER)]
        wait_until(holder.reached.is_set, "the end of the file")
        time.sleep(2 * BEHIND)  # the others have ended too, and nobody has been told
        others.clear()
        holder.release.set()
        del holder
    print("survived", rounds)
    del sink
    endpoint.libDestroy()


main(Path(sys.argv[1]), int(sys.argv[2]))
