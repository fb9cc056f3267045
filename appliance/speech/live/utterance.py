"""One utterance of a caller on its way to a report."""

from collections import deque
from dataclasses import dataclass, field

from appliance.model.hearing import Missed, SpeechDone
from appliance.model.ids import LegId
from appliance.speech.live.wire import Heard


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

    def report(
        self, leg: LegId, listen: int, heard: Heard, now: float, model: str, audio: str
    ) -> SpeechDone:
        """What was heard of it; one that was cut off is no answer, whatever is in it."""
        cut: Missed = self.ending or ""
        return SpeechDone(
            leg=leg,
            listen=listen,
            text=heard.text,
            choice="" if cut else heard.choice,
            confidence=heard.confidence,
            verdict="none" if cut else heard.verdict,
            missed=cut or heard.missed,
            spoken_s=round(self.spoken_s, 3),
            latency_s=round(now - self.last_sound, 3),
            model=model,
            audio=audio,
        )


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
