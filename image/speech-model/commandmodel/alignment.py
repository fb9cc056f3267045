"""Phone times of sentences whose engine does not tell them: Viterbi over CMUdict's variants."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch

from appliance.speech.lexicon.phones import BASES

from .corpus import Utterance
from .features import RATE, SHIFT, WINDOW, Mfcc
from .network import STRIDE, Network

LEAST = 2  # states, so 10 ms frames, of a phone
WORST = -2.5  # mean log probability of a frame under which the words were not said like this
Segments = list[tuple[str, float]]
Words = Mapping[str, Sequence[Sequence[str]]]


class Graph:
    """The states of a sentence: each a phone, with the states that may come before it."""

    def __init__(self, text: str, words: Words) -> None:
        self.phones: list[int] = []
        self.before: list[list[int]] = []
        self.heads: list[bool] = []
        begin = -1
        ends = [begin, *self._phone(0, [begin])]
        for word in text.split():
            after: list[int] = []
            for spoken in list(words[word])[:4]:
                at = ends
                for phone in spoken:
                    at = self._phone(BASES.index(phone), at)
                after += at
            ends = after + self._phone(0, after)
        self.ends = np.array([end for end in ends if end >= 0])

    def _phone(self, phone: int, before: list[int]) -> list[int]:
        for place in range(LEAST):
            here = len(self.phones)
            self.phones.append(phone)
            self.heads.append(place == 0)
            self.before.append([*before, here] if place == LEAST - 1 else list(before))
            before = [here]
        return before

    def table(self) -> np.ndarray:
        """(states, most) earlier states; `states` is the start, `states + 1` none."""
        count = len(self.phones)
        most = max(len(row) for row in self.before)
        table = np.full((count, most), count + 1)
        for state, row in enumerate(self.before):
            table[state, : len(row)] = [count if x < 0 else x for x in row]
        return table


def best_path(logs: np.ndarray, graph: Graph) -> tuple[list[tuple[int, int]], float] | None:
    """(phone, end frame) of the best path through (frames, phones) `logs`, and its mean."""
    table, phones = graph.table(), np.array(graph.phones)
    count, rows = len(phones), np.arange(len(phones))
    score = np.full(count + 2, -1e9)
    score[count] = 0.0
    emitted = logs[:, phones]
    back = np.zeros((len(logs), count), np.int32)
    for t, now in enumerate(emitted):
        options = score[table]
        choice = options.argmax(1)
        back[t] = table[rows, choice]
        score[:count] = options[rows, choice] + now
        score[count] = -1e9
    state = int(graph.ends[score[graph.ends].argmax()])
    mean = float(score[state] / max(1, len(logs)))
    if mean < -1e6:
        return None
    path: list[tuple[int, int]] = []
    for t in range(len(logs) - 1, -1, -1):
        before = int(back[t, state])
        path.append((state, t))
        state = before
    return _joined(path[::-1], graph), mean


def _joined(path: list[tuple[int, int]], graph: Graph) -> list[tuple[int, int]]:
    """States of each frame -> phones with the frame after their last."""
    spans: list[tuple[int, int]] = []
    last = -1
    for state, t in path:
        if graph.heads[state] and state != last:
            spans.append((graph.phones[state], t + 1))
        else:
            spans[-1] = (spans[-1][0], t + 1)
        last = state
    return spans


@torch.no_grad()
def phone_logs(network: Network, samples: np.ndarray, mfcc: Mfcc) -> np.ndarray:
    """(10 ms frames, phones): the network at each of its three places in time."""
    sound = torch.from_numpy(samples.astype(np.float32))[None]
    frames = mfcc(sound)
    parts = [network.over(frames[:, shift:]) for shift in range(STRIDE)]
    count = min(part.shape[2] for part in parts)
    woven = torch.stack([part[0, :, :count] for part in parts], 2).flatten(1)
    logs = torch.log_softmax(woven, 0)
    return torch.logsumexp(logs.unflatten(0, (len(BASES), 2)), 1).T.numpy()


def align(
    utterances: Sequence[Utterance], network: Network, words: Words
) -> Iterator[Segments | None]:
    """Phone ends in seconds of each recording; None where the words do not fit the sound."""
    network.eval()
    mfcc = Mfcc()
    rng = np.random.default_rng(1)
    for utterance in utterances:
        quiet = int(0.1 * RATE)
        samples = np.pad(utterance.samples.astype(np.float32), quiet)
        samples = samples + rng.normal(0, 20, len(samples))
        missing = [word for word in utterance.text.split() if word not in words]
        found = None
        if not missing:
            logs = phone_logs(network, samples, mfcc)
            found = best_path(logs, Graph(utterance.text, words)) if len(logs) else None
        if found is None or found[1] < WORST:
            yield None
            continue
        # A frame's centre lies half a window after its start; boundaries are between centres.
        shift = (WINDOW - SHIFT) / 2 / RATE - quiet / RATE
        yield [(BASES[phone], round(end * SHIFT / RATE + shift, 3)) for phone, end in found[0]]
