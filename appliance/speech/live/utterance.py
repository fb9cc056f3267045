"""One utterance of a caller on its way to a report."""

from collections import deque
from dataclasses import dataclass, field

from appliance.model.hearing import Missed


@dataclass
class Utterance:
    """`began`, `last_sound`: when those were heard, in the loop's seconds. `spoken_s`: between
    them. `ending`: its end was told to the worker, with this reason. `done`: it was reported."""

    began: float
    last_sound: float
    spoken_s: float = 0.0
    ending: Missed | None = None
    done: bool = False
    kept: bytearray = field(default_factory=bytearray)


class Parcels:
    """Sound on its way to a worker, several frames to a packet: each packet wakes a process.

    A pause is held back until it is known to be one: its last frames may be the soft beginning
    of the next word.
    """

    FRAMES = 10
    HELD = 10

    def __init__(self) -> None:
        self._sound = bytearray()
        self._frames = 0
        self._held: deque[bytes] = deque()

    def sound(self, frame: bytes) -> bytes | None:
        """Returns a packet when one is full."""
        for one in self._held:
            self._sound += one
        self._held.clear()
        self._sound += frame
        self._frames += 1
        return self.flush() if self._frames >= self.FRAMES else None

    def silence(self, frame: bytes) -> bytes | None:
        """Returns a frame that surely is silence."""
        self._held.append(frame)
        return self._held.popleft() if len(self._held) > self.HELD else None

    def flush(self) -> bytes | None:
        packet = bytes(self._sound)
        self._sound.clear()
        self._frames = 0
        return packet or None

    def clear(self) -> None:
        self._held.clear()
        self.flush()
