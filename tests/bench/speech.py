"""Callers who speak: what listening costs beside raw Vosk, how fast a word acts, how well it hears.

Every stream gets a menu call in real time: silence, a word, silence, again. The same sound goes
through Vosk alone, as its own examples use it. With ``CALLFLOOR_BENCH_MODEL=FOLDER`` the figures
of that model, such as an official one, come beside ours.
"""

import asyncio
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from appliance.model.hearing import Hearing, SpeechBegan, SpeechDone, SpeechReport
from appliance.model.ids import LegId
from appliance.speech.live.service import SpeechService, SpeechSettings
from tests.bench import usage
from tests.bench.figures import Figure, percentile
from tests.bench.spoken import FRAME, RATE, Script, script

BUILT_IN = Path("appliance/speech/models/en-commands")
EVALUATION = Path("image/speech-model/evaluate.py")
STREAMS = (1, 4, 8)
HEADLINE = 4
"""As many as a Raspberry Pi has cores."""
WORDS = {"1": "sales", "2": "support", "3": "billing", "4": "appointment"}
MENU = Hearing(kind="choices", language="en", choices={key: (word,) for key, word in WORDS.items()})
SILENT = memoryview(b"")
RAW = """
import sys, time, vosk
vosk.SetLogLevel(-1)
model = vosk.Model(sys.argv[1])
sound = open(sys.argv[3], "rb").read()
hears = vosk.KaldiRecognizer(model, 8000, sys.argv[2])
hears.SetWords(True)
cpu, began = time.process_time(), time.monotonic()
for at in range(0, len(sound), 3200):
    time.sleep(max(0, began + (at + 3200) / 16000 - time.monotonic()))
    if hears.AcceptWaveform(sound[at:at + 3200]):
        hears.Result()
    else:
        hears.PartialResult()
hears.FinalResult()
print(time.process_time() - cpu)
"""
"""A caller in real time: parcels of 0.2 s with partial results, as Vosk's own servers take them.
"""


def measure() -> list[Figure]:
    """Wanted: CPU at most 1.1 of raw Vosk's; p95 of the end of a word to its choice 300 ms."""
    figures = _figures(BUILT_IN, "speech")
    if other := os.environ.get("CALLFLOOR_BENCH_MODEL"):
        figures += _figures(Path(other), "speech.other")
    return figures


def _figures(model: Path, key: str) -> list[Figure]:
    found: list[Figure] = []
    for streams in STREAMS:
        ran = asyncio.run(Run(model, streams).whole())
        found += ran.figures(key)
    return found + _hears(model, key)


def _hears(model: Path, key: str) -> list[Figure]:
    """Human recordings at 8 kHz G.711, as `image/speech-model/evaluate.py` counts them."""
    found = importlib.util.spec_from_file_location("evaluate", EVALUATION)
    assert found is not None and found.loader is not None
    evaluate = importlib.util.module_from_spec(found)
    found.loader.exec_module(evaluate)
    right, wrong = evaluate.menu_accuracy_human(model), evaluate.false_accept_human(model)
    return [
        Figure(f"{key}.menu_accuracy_human", round(100 * right, 1), "%"),
        Figure(f"{key}.false_accept_human", round(100 * wrong, 1), "%"),
    ]


class Run:
    """`streams` callers at once, each through a script of its own."""

    def __init__(self, model: Path, streams: int) -> None:
        self.model, self.streams = model, streams
        self.scripts = [script(list(WORDS.values()), seed) for seed in range(streams)]
        self.latencies: list[float] = []
        self.right = self.asked = 0
        self.cpu_s = self.core_s = self.raw_s = 0.0
        self.memory: dict[str, float] = {}
        self._began = 0.0

    async def whole(self) -> "Run":
        with tempfile.TemporaryDirectory() as folder:
            settings = SpeechSettings(
                models={"en": self.model}, recognisers=self.streams, data_dir=Path(folder)
            )
            service = SpeechService(settings, self._told, lambda trouble: print(trouble))
            await service.start()
            idle = await self._play(service, False)
            before = _children_s()
            spent = await self._play(service, True)
            self.cpu_s, self.core_s = _children_s() - before, spent - idle
            self._weigh()
            await service.close()
        self.raw_s = _raw(self.model, self.scripts)
        return self

    async def _play(self, service: SpeechService, listening: bool) -> float:
        """Feeds all streams in real time; returns this process's CPU seconds."""
        legs = [LegId(f"leg{n}") for n in range(self.streams)]
        if listening:
            for n, leg in enumerate(legs):
                service.listen(leg, n, MENU)
        length = max(len(one.sound) for one in self.scripts) // FRAME
        cpu, self._began = time.process_time(), time.monotonic()
        for frame in range(length):
            await asyncio.sleep(self._began + (frame + 1) * FRAME / RATE - time.monotonic())
            for leg, one in zip(legs, self.scripts, strict=True):
                if len(heard := one.frame(frame)) == FRAME:
                    service.feed(leg, memoryview(heard.tobytes()), SILENT)
        spent = time.process_time() - cpu
        await asyncio.sleep(1.0)  # the answers to the last words
        for leg in legs:
            service.stop(leg)
        return spent

    def _told(self, report: SpeechReport) -> None:
        if isinstance(report, SpeechBegan) or not isinstance(report, SpeechDone):
            return
        at = time.monotonic() - self._began
        spoken = self.scripts[report.listen].last_before(at)
        if spoken is None:
            return
        self.asked += 1
        if report.verdict == "sure" and WORDS[report.choice] == spoken.word:
            self.right += 1
            self.latencies.append(at - spoken.end_s)

    def _weigh(self) -> None:
        """MB: the process that holds the model, and what one recogniser adds."""
        pids = [pid for pid in usage.family([os.getpid()]) if pid != os.getpid()]
        pss = sorted(usage.memory(pid).pss for pid in pids)
        self.memory = {"all": sum(pss), "one": statistics.median(pss) if pss else 0.0}

    def figures(self, key: str) -> list[Figure]:
        audio_s = sum(len(one.sound) for one in self.scripts) / RATE
        ours, raw = (self.cpu_s + self.core_s) / audio_s, self.raw_s / audio_s
        words = sum(len(one.words) for one in self.scripts)
        at = f"_at_{self.streams}"
        found = [
            Figure(f"{key}.cpu_of_a_core{at}", round(ours, 4), "cores/stream", round(raw, 4)),
            Figure(f"{key}.action_p50_ms{at}", _ms(self.latencies, 50), "ms"),
            Figure(f"{key}.action_p95_ms{at}", _ms(self.latencies, 95), "ms"),
            Figure(f"{key}.words_right{at}", round(100 * self.right / words, 1), "%"),
            Figure(f"{key}.memory_mb{at}", round(self.memory["all"], 1), "MB"),
            Figure(f"{key}.memory_stream_mb{at}", round(self.memory["one"], 1), "MB"),
        ]
        if self.streams == HEADLINE:
            found += [
                Figure(f"{key}.cpu_vs_raw", round(ours / raw, 3), "ratio"),
                Figure(f"{key}.core_cpu", round(self.core_s / audio_s, 5), "cores/stream"),
                Figure(f"{key}.action_p95_ms", _ms(self.latencies, 95), "ms"),
            ]
        return found


def _ms(seconds: list[float], share: float) -> float:
    return round(1000 * percentile(seconds, share), 1)


def _children_s() -> float:
    return sum(usage.cpu_s(pid) for pid in usage.family([os.getpid()]) if pid != os.getpid())


def _raw(model: Path, scripts: Sequence[Script]) -> float:
    """CPU seconds of Vosk alone, a process for each stream as with us, on the same sound with the
    same words; its start is not counted."""
    grammar = "[" + ", ".join(f'"{word}"' for word in (*WORDS.values(), "[unk]")) + "]"
    alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        running = []
        for n, one in enumerate(scripts):
            name = Path(folder) / f"{n}.raw"
            name.write_bytes(one.sound.tobytes())
            program = [sys.executable, "-c", RAW, str(model), grammar, str(name)]
            running.append(subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=alone))
        return sum(float(one.communicate(timeout=300)[0]) for one in running)
