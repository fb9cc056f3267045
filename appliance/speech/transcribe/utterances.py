"""Words of a channel to utterances. Pure."""

from collections.abc import Iterable, Iterator

from appliance.model.transcript import UNKNOWN, ChannelName, Utterance, Word

PAUSE_S = 0.7
"""A pause that ends an utterance."""
MOST = 60
"""Words of one utterance: who never pauses would else be one block of text."""
_NO_WORD = {"[unk]", "<unk>", "<UNK>", "[noise]", "[laughter]"}
"""What models say where they have no word."""


def word(text: str, start: float, end: float, confidence: float) -> Word:
    """One word of a recogniser; moments in seconds."""
    return Word(
        word=UNKNOWN if text in _NO_WORD else text,
        start=round(max(0.0, start), 2),
        end=round(max(0.0, end), 2),
        confidence=round(min(1.0, max(0.0, confidence)), 3),
    )


def utterances(channel: ChannelName, words: Iterable[Word]) -> Iterator[Utterance]:
    """`words` in order of time; what was not understood at a stretch becomes one sign."""
    now: list[Word] = []
    for each in words:
        if now and (each.start - now[-1].end >= PAUSE_S or len(now) >= MOST):
            yield _made(channel, now)
            now = []
        if now and each.word == UNKNOWN == now[-1].word:
            before = now.pop()
            each = Word(
                word=UNKNOWN,
                start=before.start,
                end=each.end,
                confidence=max(before.confidence, each.confidence),
            )
        now.append(each)
    if now:
        yield _made(channel, now)


def _made(channel: ChannelName, words: list[Word]) -> Utterance:
    return Utterance(channel=channel, start=words[0].start, end=words[-1].end, words=tuple(words))
