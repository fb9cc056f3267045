"""Vosk itself, loaded the lean way."""

import subprocess
import sys
from pathlib import Path

import pytest

from appliance.speech.live.recogniser import RecogniserError, VoskModel, VoskRecogniser
from tests.speech.live.conftest import line, said


@pytest.fixture(scope="module")
def vosk(model: Path) -> VoskModel:
    return VoskModel(model)


def hear(one: VoskRecogniser, text: str) -> list[str]:
    one.accept(line(0.3, said(text), 0.3).tobytes())
    return [word.word for word in one.finish()]


def test_it_knows_its_words(vosk: VoskModel) -> None:
    assert vosk.knows("sales")
    assert vosk.knows("[unk]")
    assert not vosk.knows("zyzzyva")
    assert not vosk.knows("größe")
    assert not vosk.knows("")


def test_words_have_times_and_confidence(vosk: VoskModel) -> None:
    one = vosk.begin(["sales", "billing", "[unk]"])
    one.accept(line(0.3, said("sales"), 0.3).tobytes())
    (word,) = one.finish()
    assert word.word == "sales"
    assert 0.2 < word.start < word.end < 1.5
    assert 0.5 < word.conf <= 1.0
    one.close()
    one.close()


def test_what_it_has_heard_so_far(vosk: VoskModel) -> None:
    one = vosk.begin(["sales", "billing", "[unk]"])
    assert one.partial() == ""
    one.accept(line(0.3, said("sales"), 1.0).tobytes())
    assert one.partial() == "sales"
    one.close()


def test_utterances_follow_each_other(vosk: VoskModel) -> None:
    one = vosk.begin(["sales", "billing", "[unk]"])
    assert hear(one, "sales") == ["sales"]
    assert hear(one, "billing") == ["billing"]
    one.accept(line(0.3, said("sales")).tobytes())
    one.reset()
    assert hear(one, "billing") == ["billing"]
    assert one.finish() == []
    one.close()


def test_its_own_end_of_speech_is_left_alone(vosk: VoskModel) -> None:
    """Vosk finds one after half a second of silence; ours decides."""
    one = vosk.begin(["sales", "billing", "[unk]"])
    one.accept(line(0.3, said("sales"), 2.0).tobytes())
    assert hear(one, "billing") == ["sales", "billing"]
    one.close()


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecogniserError, match=str(tmp_path)):
        VoskModel(tmp_path)


def test_a_worker_carries_no_network_libraries(model: Path) -> None:
    """PyPI's package would import requests, tqdm and srt; numpy is not needed there either."""
    code = (
        "import sys; from pathlib import Path; import appliance.speech.live.nursery\n"
        f"from appliance.speech.live.recogniser import VoskModel; VoskModel(Path({str(model)!r}))\n"
        "print(*{'requests', 'tqdm', 'srt', 'numpy', 'asyncio', 'pydantic'} & set(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert told.stdout.split() == []
