"""The table counts what it says, and nothing that was tuned on."""

import numpy as np
from commandmodel import calibration, evaluation, hearing, prompts, sentences, voices
from commandmodel.evaluation import Gate, Trial, table
from commandmodel.hearing import Heard
from hypothesis import given, settings
from hypothesis import strategies as st


def trial(group: str, half: str, text: str | None, heard: str, confidence: float) -> Trial:
    return Trial(group, "c", half, "g711", text, Heard(heard, confidence, heard != ""))


def test_rows_count_right_words_and_wrongly_taken_ones_by_confidence() -> None:
    found = [
        trial("human", "even", "yes", "yes", 0.9),
        trial("human", "odd", "yes", "yes", 0.6),
        trial("human", "odd", "yes", "no", 0.9),
        trial("other words", "odd", None, "yes", 0.6),
        trial("other words", "even", None, "", 0.0),
        trial("other languages", "tuning", None, "yes", 0.9),
    ]
    rows = {row.title.strip(): row for row in table(found, Gate(accept=0.8, confirm=0.5))}
    human, odd, others = rows["human, all"], rows["human, odd half"], rows["other words, all"]
    assert (human.trials, human.anyhow, human.asked, human.acted) == (3, 2, 2, 1)
    assert (odd.trials, odd.anyhow, odd.asked, odd.acted) == (2, 1, 1, 0)
    assert (others.trials, others.anyhow, others.asked, others.acted) == (2, 1, 1, 0)
    assert not any("languages" in title for title in rows)


confidences = st.lists(
    st.tuples(st.floats(0, 1), st.booleans(), st.sampled_from(["even", "odd"])), min_size=1
)


@given(confidences)
@settings(max_examples=12)
def test_the_calibration_rises_and_does_not_see_the_odd_half(
    given_: list[tuple[float, bool, str]],
) -> None:
    found = [
        trial("human", half, "yes", "yes" if right else "no", sure) for sure, right, half in given_
    ]
    even = [t for t in found if t.half == "even"]
    if not even:
        return
    points = calibration.curve(found)
    assert points == calibration.curve(even)
    shares = [share for _, share in points]
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)


def test_thresholds_keep_other_speech_out() -> None:
    points = [(0.0, 0.0), (1.0, 1.0)]
    others = [trial("other words", "even", None, "yes", i / 100) for i in range(100)]
    accept, confirm = calibration.thresholds(others, points)
    for threshold, share in ((confirm, 0.08), (accept, 0.03)):
        assert evaluation.share(t.heard.taken(threshold) for t in others) <= share
    assert 0.9 <= confirm <= accept


def test_held_out_voices_are_never_drawn_for_training() -> None:
    import random

    rng = random.Random(1)
    trained = {voices.draw("yes", rng).voice for _ in range(3000)}
    held = {voice.name for voice in voices.HELD_OUT}
    assert not trained & held
    assert not {name.split("+")[1] for name in trained if "+" in name} & {
        name.split("+")[1] for name in held if "+" in name
    }


def test_the_same_seed_writes_the_same_sentences() -> None:
    words = {"apple": [["AE", "P", "AH", "L"]], "pear": [["P", "EH", "R"]]}
    one, other = (sentences.Writer(words, 5) for _ in range(2))
    assert [one.sentence() for _ in range(200)] == [other.sentence() for _ in range(200)]


def test_human_recordings_for_tuning_and_reporting_are_apart() -> None:
    assert not set(prompts.TUNING_LANGUAGES) & set(prompts.REPORTED_LANGUAGES)
    assert len(prompts.english()) > 150, "asterisk-core-sounds-en-wav is missing"


def test_mu_law_keeps_small_sounds_finer_than_loud_ones() -> None:
    samples = np.arange(-32768, 32768).astype(np.int16)
    error = np.abs(hearing.mu_law(samples).astype(int) - samples)
    assert error[np.abs(samples.astype(int)) < 100].max() <= 4
    assert error[np.abs(samples.astype(int)) < 30000].max() <= 512
    assert len(np.unique(hearing.mu_law(samples))) == 255
