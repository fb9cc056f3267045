"""One question's utterances, from samples to a verdict. No sockets and no clock.

A network hears in chunks: what it says of speech lags by its chunk and the context that it wants
to see. So at the first pause the utterance is finished: that is the result at once if the answer
is complete, and later if nothing more is said. If more is said, all is heard again. In a long
utterance that would cost too much: there it is given silence ahead of time, to see what it has
heard, and the true silence is left out until that is made up for.
"""

import itertools

from appliance.model.hearing import Missed, Verdict
from appliance.speech.live.collectors import UNKNOWN, Reading
from appliance.speech.live.description import Description
from appliance.speech.live.grammar import Grammar, compile_hearing
from appliance.speech.live.recogniser import RATE, Recogniser, SpeechModel, Word
from appliance.speech.live.wire import Heard, NotYet, Question

AHEAD_S = 0.4
"""Kaldi's chunk of 0.2 s and the right context of small networks."""
_REPEATED = int(0.08 * RATE) * 2
"""Bytes of the pause that the silence ahead of time is made of: the line's own noise."""
AGAIN_S, AGAIN = 2.0, 2
"""So much is heard again, so often within one utterance."""
UNKNOWN_COSTS = 0.5
"""Confidence of an answer that is all but drowned in words that nobody asked for."""


class Session:
    """Raises `NoWords` or `RecogniserError` if the question cannot be heard."""

    def __init__(self, model: SpeechModel, about: Description, question: Question) -> None:
        self._about, self._question = about, question
        self.grammar: Grammar = compile_hearing(question.hearing, model.knows, about.decoys)
        self._recogniser: Recogniser = model.begin(self.grammar.phrases)
        self._whole = bytearray()
        """All samples of the utterance; at most as long as it may be."""
        self._finished: list[Word] | None = None
        """What was recognised, if it was finished at a pause."""
        self._ahead = self._pauses = 0

    def sound(self, pcm: bytes) -> None:
        """8 kHz int16 samples with speech in them."""
        self._ahead = 0
        if self._finished is not None:  # it went on
            self._finished = None
            self._pauses += 1
            self._recogniser.accept(bytes(self._whole))
        self._accept(pcm)

    def silence(self, pcm: bytes) -> None:
        """The same, of a pause."""
        if self._finished is not None:
            self._whole += pcm
            return
        skipped = min(self._ahead, len(pcm))
        self._ahead -= skipped
        if skipped < len(pcm):
            self._accept(pcm[skipped:])

    def pause(self) -> Heard | NotYet:
        """Silence has begun: is that all?"""
        if self._pauses < AGAIN and len(self._whole) <= AGAIN_S * RATE * 2:
            self._finished = self._result()
            said = [word.word for word in self._finished]
        else:
            self._hear_ahead()
            said = self._recogniser.partial().split()
        reading = self._read(said)
        if reading.value and reading.complete:
            return self.finish()
        return NotYet(self._question.serial, self._told(said))

    def finish(self) -> Heard:
        """The utterance is over."""
        words = self._result()
        self._begin_anew()
        return self._judge(words)

    def reset(self) -> None:
        if self._finished is None and self._whole:
            self._recogniser.reset()
        self._begin_anew()

    def close(self) -> None:
        self._recogniser.close()

    def _result(self) -> list[Word]:
        if self._finished is not None:
            return self._finished
        return self._recogniser.finish() if self._whole else []

    def _accept(self, pcm: bytes) -> None:
        self._recogniser.accept(pcm)
        self._whole += pcm

    def _hear_ahead(self) -> None:
        wanted = int(AHEAD_S * RATE) * 2 - self._ahead
        if wanted > 0:
            quiet = bytes(self._whole[-_REPEATED:]) or bytes(2)
            self._accept((quiet * (wanted // len(quiet) + 1))[:wanted])
            self._ahead += wanted

    def _begin_anew(self) -> None:
        self._whole = bytearray()
        self._finished = None
        self._ahead = self._pauses = 0

    def _read(self, words: list[str]) -> Reading:
        decoys = self.grammar.decoys
        return self.grammar.collector.read([UNKNOWN if w in decoys else w for w in words])

    def _judge(self, words: list[Word]) -> Heard:
        said = [word.word for word in words]
        reading = self._read(said)
        confidence = self._confidence(words, reading) if reading.value else 0.0
        verdict, missed = self._verdict(reading, confidence)
        return Heard(
            serial=self._question.serial,
            text=self._told(said),
            choice=reading.value if verdict != "none" else "",
            confidence=round(confidence, 3),
            verdict=verdict,
            missed=missed,
        )

    def _confidence(self, words: list[Word], reading: Reading) -> float:
        """Mean over what the answer rests on, less for the share of unknown words beside it."""
        used = [words[at] for at in reading.rests_on]
        own = sum(word.conf for word in used) / len(used)
        total = sum(word.end - word.start for word in words) or 1.0
        odd = sum(word.end - word.start for word in words if self._is_odd(word.word))
        return self._about.calibrated(own * (1 - UNKNOWN_COSTS * odd / total))

    def _told(self, words: list[str]) -> str:
        """For people: what a decoy sounded like has no meaning, nor how often."""
        runs = itertools.groupby(UNKNOWN if self._is_odd(word) else word for word in words)
        return " ".join(word for one, run in runs for word in ([one] if one == UNKNOWN else run))

    def _is_odd(self, word: str) -> bool:
        return word == UNKNOWN or word in self.grammar.decoys

    def _verdict(self, reading: Reading, confidence: float) -> tuple[Verdict, Missed]:
        question, about = self._question, self._about
        sure = about.accept if question.sure is None else question.sure
        unsure = about.confirm if question.unsure is None else question.unsure
        if not reading.value:
            return "none", "no_match"
        if confidence >= sure and not reading.doubtful:
            return "sure", ""
        return ("unsure", "") if confidence >= unsure else ("none", "low_confidence")
