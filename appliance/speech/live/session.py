"""One question's utterances, from samples to a verdict. No sockets and no clock.

A network hears in chunks: what it says of speech lags by its chunk and the context that it wants
to see. So at the first pause it is given silence ahead of time; if that shows that the answer is
complete the result is there at once, else the true silence is left out until that is made up for.
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
UNKNOWN_COSTS = 0.5
"""Confidence of an answer that is all but drowned in words that nobody asked for."""


class Session:
    """Raises `NoWords` or `RecogniserError` if the question cannot be heard."""

    def __init__(self, model: SpeechModel, about: Description, question: Question) -> None:
        self._about, self._question = about, question
        self.grammar: Grammar = compile_hearing(question.hearing, model.knows, about.decoys)
        self._recogniser: Recogniser = model.begin(self.grammar.phrases)
        self._tail = b""
        self._ahead = 0
        self._empty = True

    def sound(self, pcm: bytes) -> None:
        """8 kHz int16 samples with speech in them."""
        self._ahead = 0
        self._accept(pcm)

    def silence(self, pcm: bytes) -> None:
        """The same, of a pause."""
        skipped = min(self._ahead, len(pcm))
        self._ahead -= skipped
        if skipped < len(pcm):
            self._accept(pcm[skipped:])

    def pause(self) -> Heard | NotYet:
        """Silence has begun: is that all?"""
        self._hear_ahead()
        text = self._recogniser.partial()
        reading = self._read(text.split())
        if reading.value and reading.complete:
            return self.finish()
        return NotYet(self._question.serial, text)

    def finish(self) -> Heard:
        """The utterance is over."""
        words = [] if self._empty else self._recogniser.finish()
        self._begin_anew()
        return self._judge(words)

    def reset(self) -> None:
        if not self._empty:
            self._recogniser.reset()
        self._begin_anew()

    def close(self) -> None:
        self._recogniser.close()

    def _accept(self, pcm: bytes) -> None:
        self._recogniser.accept(pcm)
        self._tail = (self._tail + pcm)[-_REPEATED:]
        self._empty = False

    def _hear_ahead(self) -> None:
        wanted = int(AHEAD_S * RATE) * 2 - self._ahead
        if wanted > 0:
            quiet = self._tail or bytes(2)
            self._accept((quiet * (wanted // len(quiet) + 1))[:wanted])
            self._ahead += wanted

    def _begin_anew(self) -> None:
        self._tail, self._ahead, self._empty = b"", 0, True

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
        if confidence >= sure:
            return "sure", ""
        return ("unsure", "") if confidence >= unsure else ("none", "low_confidence")
