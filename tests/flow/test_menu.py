"""A menu: keys, silence, wrong keys, spoken words."""

from appliance.flow.effects import HangUp, ToQueue
from tests.flow.caller import Caller
from tests.flow.texts import MENU, PRESS_1, flow, node


def test_a_menu_key_takes_its_way_and_is_in_history() -> None:
    caller = Caller(MENU)
    assert caller.listen is not None and caller.listen.hearing is not None
    assert caller.listen.hearing.choices == {"1": ("orders",)}
    caller.press("1")
    assert caller.inputs == [("key", "1", "Orders")]
    assert isinstance(caller.exit, ToQueue)


def test_menu_speaks_the_calls_language() -> None:
    caller = Caller(MENU, language="de")
    assert caller.heard == ["1 oder 2"]
    assert caller.listen is not None and caller.listen.hearing is not None
    assert caller.listen.hearing.choices["1"] == ("bestellung",)
    assert caller.listen.hearing.language == "de"


def test_silence_is_asked_again_differently_and_ends_with_a_person() -> None:
    caller = Caller(MENU)
    caller.stay_silent()
    assert caller.heard == ["Press 1 or 2", "Nothing heard", "Press 1 or 2"]
    caller.stay_silent()
    assert caller.heard[3:] == ["Last", "chance", "Press 1 or 2"]
    assert caller.now == 100 + 2 * (2 + 4)
    caller.stay_silent()
    assert caller.inputs == [("nothing", "", "")] * 3
    assert isinstance(caller.exit, ToQueue)


def test_wrong_keys_are_counted_with_silence_and_have_their_own_end() -> None:
    caller = Caller(MENU)
    caller.press("7")
    caller.stay_silent()
    caller.press("9")
    assert [kind for kind, _, _ in caller.inputs] == ["wrong", "nothing", "wrong"]
    assert isinstance(caller.exit, HangUp)


def test_a_wrong_key_throws_away_what_was_typed_after_it() -> None:
    caller = Caller(flow(node("a", "play", prompt="Notice", barge_in=False, next="menu"), PRESS_1))
    caller.press("71")
    caller.listen_out()
    assert caller.exit is None, "the 1 was meant for another question"
    assert caller.heard[1:] == ["phrase:cf-wrong", "Press 1"]


def test_spoken_choice_and_unknown_words() -> None:
    caller = Caller(MENU)
    caller.hear_all()
    caller.say("something else")
    assert caller.inputs == [("wrong", "something else", "")]
    caller.say("my order", choice="1")
    assert caller.inputs[-1] == ("speech", "my order", "Orders")
    assert isinstance(caller.exit, ToQueue)
