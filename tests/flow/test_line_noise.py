"""What is heard and was not said to the box: television, key tones, echo, the rest of a secret."""

from tests.flow.caller import Caller
from tests.flow.texts import KEYS_ONLY, UNCLEAR, spoken_menu

QUESTION = "Orders or billing?"


# -- a television ------------------------------------------------------------------------------


def test_speech_without_an_end_counts_once_then_only_keys() -> None:
    caller = Caller(spoken_menu(retries=9, speech={"tries": 9}))
    for again in ([UNCLEAR, QUESTION], [UNCLEAR, KEYS_ONLY, QUESTION]):
        caller.hear_all()
        before = len(caller.heard)
        caller.say("and now the weather", missed="too_long")
        assert caller.heard[before:] == again
    assert caller.listen is not None and caller.listen.hearing is None
    caller.stay_silent()
    assert caller.heard[-2:] == ["phrase:cf-nothing-again", QUESTION], "told once"
