"""Dial by name: said or spelled, alone or one of several, rung like an agent."""

from typing import Any

import pytest

from appliance.flow.effects import Digit, HangUp, PromptDone, ToAgent, ToQueue
from appliance.flow.people import people_of
from appliance.model.site import SiteFile
from tests.flow.caller import ROOMS, Caller, site_of
from tests.flow.texts import KEYS_ONLY, UNCLEAR, ends, flow, node

ASK = "Who do you want to talk to?"
NAMES = {
    "erika": "Erika Mustermann",
    "max": "Dr. Max Mustermann",
    "ole": "Ole Müller-Lüdenscheidt",
    "anna": "von Muster, Anna",
    "nameless": "",
}


def agent(id: str, name: str, **more: Any) -> str:
    rest = "".join(f"{key} = {value!r}\n" for key, value in more.items())
    return f'[[agent]]\nid = "{id}"\nname = "{name}"\nseat = "sip:x@127.0.0.1"\n{rest}'


PEOPLE = "".join(agent(id, name, **({"say": ["the boss"]} if id == "max" else {}))
                 for id, name in NAMES.items())  # fmt: skip


class Asker(Caller):
    """A caller in a directory of these people."""

    people = PEOPLE

    def load(self, text: str) -> SiteFile:
        return site_of(text, ROOMS + self.people)


def directory(**more: Any) -> str:
    edges = {"on_no_answer": "nobody", "on_failed": "nobody"}
    return flow(node("a", "directory", prompt=ASK, **edges, **more), ends("nobody"))


def rung(caller: Caller) -> Any:
    """Where the call goes once the caller has heard who is about to ring."""
    caller.hear_all()
    return caller.exit


def test_what_is_listened_for() -> None:
    asked = Asker(directory()).listen
    assert asked is not None and asked.hearing is not None
    assert asked.hearing.choices == {
        "erika": ("erika mustermann", "erika"),
        "erika max": ("mustermann",),
        "max": ("max mustermann", "max", "the boss"),
        "ole": ("ole müller lüdenscheidt", "müller lüdenscheidt", "ole"),
        "anna": ("anna von muster", "von muster", "anna"),
    }


def test_a_name_that_is_sure_rings_the_agent() -> None:
    caller = Asker(directory(ring_s=9))
    caller.say("erika mustermann please", "erika")
    assert rung(caller) == ToAgent(agent="erika", ring_s=9)
    assert caller.inputs == [("speech", "erika mustermann please", "erika")]
    caller.come_back("busy")
    assert caller.nodes[-1] == "nobody", "as after an agent node"


@pytest.mark.parametrize(
    ("confirm", "verdict", "asks"),
    [("auto", "sure", False), ("auto", "unsure", True), ("always", "sure", True),
     ("never", "unsure", False)],
)  # fmt: skip
def test_when_a_name_is_asked_back(confirm: str, verdict: Any, asks: bool) -> None:
    caller = Asker(directory(speech={"confirm": confirm}))
    caller.say("ole", "ole", verdict)
    if asks:
        assert caller.heard[1:] == [
            "phrase:cf-did-you-say", "Ole Müller-Lüdenscheidt?", "phrase:cf-yes-no",
        ]  # fmt: skip
        caller.press("1")
    assert rung(caller) == ToAgent(agent="ole", ring_s=20)


def test_of_two_by_one_name_the_caller_chooses_by_a_key() -> None:
    caller = Asker(directory())
    caller.say("mustermann", "erika max", "unsure")
    assert caller.heard[1:] == [
        "Erika Mustermann:", "phrase:press/1", "Dr. Max Mustermann:", "phrase:press/2",
    ]  # fmt: skip
    caller.press("2")
    assert rung(caller) == ToAgent(agent="max", ring_s=20)


def test_of_two_by_one_name_the_caller_says_the_other() -> None:
    caller = Asker(directory())
    caller.say("mustermann", "erika max")
    assert caller.listen is not None and caller.listen.hearing is not None
    assert caller.listen.hearing.choices["erika"] == ("erika mustermann", "erika")
    assert set(caller.listen.hearing.choices) == {"erika", "max", "erika max"}
    caller.say("mustermann", "erika max")
    assert caller.heard[-2:] == [UNCLEAR, ASK], "that name had led there"
    caller.say("mustermann", "erika max")
    assert caller.run.state == "running"
    caller.say("erika", "erika")
    assert rung(caller) == ToAgent(agent="erika", ring_s=20)


def test_nobody_by_that_name() -> None:
    caller = Asker(directory())
    caller.hear_all()
    caller.say("somebody")
    assert caller.heard[-2:] == [UNCLEAR, ASK]
    caller.hear_all()
    caller.say("somebody else")
    assert caller.heard[-3:] == [UNCLEAR, KEYS_ONLY, ASK]
    caller.press("99")
    assert caller.nodes[-1] == "nobody"


# -- who is about to ring ----------------------------------------------------------------------

CONNECTING = ["phrase:cf-connecting", "Erika Mustermann."]


@pytest.mark.parametrize("by", ["speech", "spelling", "list"])
def test_the_name_is_heard_before_it_rings(by: str) -> None:
    """Who spelled or was taken for another hears it in time to hang up."""
    caller = Asker(directory(agents=["erika", "ole"] if by == "spelling" else []))
    if by == "speech":
        caller.say("erika", "erika")
    elif by == "spelling":
        caller.press("687")
    else:
        caller.say("mustermann", "erika max")
        caller.press("1")
    assert caller.heard[-2:] == CONNECTING and caller.exit is None
    assert caller.listen is not None and caller.listen.hearing is None
    assert rung(caller) == ToAgent(agent="erika", ring_s=20)


def test_a_name_that_was_just_asked_back_is_not_said_once_more() -> None:
    caller = Asker(directory())
    caller.say("erika", "erika", "unsure")
    caller.say("yes", "yes")
    assert caller.exit == ToAgent(agent="erika", ring_s=20)
    assert "phrase:cf-connecting" not in caller.heard


def test_a_key_goes_on_at_once_and_is_no_answer_to_what_follows() -> None:
    caller = Asker(directory())
    caller.say("erika", "erika")
    caller.press("2")
    assert caller.exit == ToAgent(agent="erika", ring_s=20)
    caller.come_back("busy")
    assert caller.nodes[-1] == "nobody" and not caller.run.stage.typed


@pytest.mark.parametrize("by", ["speech", "spelling"])
def test_who_hears_the_wrong_name_refuses_it(by: str) -> None:
    caller = Asker(directory())
    if by == "speech":
        caller.say("erika", "erika")
    else:
        caller.press("685")
    caller.press("*")
    assert caller.exit is None and caller.heard[-1] == ASK and caller.nodes == ["a", "a"]
    assert caller.inputs[-1] == ("key", "*", "again")
    caller.press("86")
    assert rung(caller) == ToAgent(agent="anna", ring_s=20)


def test_a_blocked_caller_is_not_told_that_it_rings() -> None:
    excuse = "\n".join(["", node("list", "caller_list", on_blocked="nobody", next="a")])
    caller = Asker(directory() + excuse, blocked=True)
    caller.say("erika", "erika")
    assert isinstance(caller.exit, HangUp) and caller.heard == [ASK]


# -- spelled -----------------------------------------------------------------------------------


def test_two_letters_are_enough_where_they_fit_one() -> None:
    caller = Asker(directory())
    caller.press("8")
    assert caller.exit is None
    caller.press("6")
    assert rung(caller) == ToAgent(agent="anna", ring_s=20), "von Muster"


@pytest.mark.parametrize("keys", ["683", "685"])
def test_umlauts_are_spelled_both_ways(keys: str) -> None:
    caller = Asker(directory())
    caller.press(keys)
    assert rung(caller) == ToAgent(agent="ole", ring_s=20)


@pytest.mark.parametrize("by_pause", [True, False])
def test_several_that_fit_are_named(by_pause: bool) -> None:
    caller = Asker(directory())
    caller.press("687837")
    assert caller.listen is not None and caller.listen.hearing is None, "who spells, spells on"
    if by_pause:
        assert caller.timer is not None and caller.timer.seconds == 3
        caller.stay_silent()
    else:
        caller.press("#")
    assert caller.heard[1] == "Erika Mustermann:"
    caller.press("1")
    assert rung(caller) == ToAgent(agent="erika", ring_s=20)


def test_letters_that_fit_nobody_are_asked_again_and_the_rest_of_the_name_is_ignored() -> None:
    caller = Asker(directory())
    caller.press("2")
    assert caller.heard[1:] == ["phrase:cf-no-name", ASK]
    caller.press("2222")
    assert caller.play is not None and len(caller.inputs) == 1, "still the same name"
    caller.now += 2
    caller.press("86")
    assert rung(caller) == ToAgent(agent="anna", ring_s=20)


def test_who_goes_on_to_spell_does_not_answer_what_follows() -> None:
    after = node("b", "menu", prompt="Now?", choice={"2": {"next": "support"}})
    caller = Asker(directory().replace('on_no_answer = "nobody"', 'on_no_answer = "b"') + after)
    caller.press("86")
    assert caller.play is not None
    caller.send(PromptDone(id=caller.play.id))
    caller.exit = None
    caller._take(caller.run.handle(back("no_answer"), caller.now, caller.utc))
    caller.press("22")
    assert caller.nodes[-1] == "b"
    caller.now += 3
    caller.press("2")
    assert isinstance(caller.exit, ToQueue)


@pytest.mark.parametrize("ends_by", ["", "#"])
def test_who_spells_slowly_hears_whom_it_rings(ends_by: str) -> None:
    caller = Asker(directory())
    caller.press("685")
    for key in "353":
        caller.send(Digit(key=key), 2.5)
        assert caller.heard[-1] == "Ole Müller-Lüdenscheidt." and caller.play is not None
    caller.press(ends_by)
    assert caller.exit is None
    caller.now += 3 if not ends_by else 0
    caller.press("5")
    assert caller.exit == ToAgent(agent="ole", ring_s=20), "no letter of the name any more"


def back(why: Any) -> Any:
    from appliance.flow.effects import Returned

    return Returned(why=why)


@pytest.mark.parametrize("key", ["#", "*", "0", "1"])
def test_keys_that_spell_nothing(key: str) -> None:
    caller = Asker(directory())
    caller.press(key)
    assert caller.inputs == [("wrong", key, "")]


class Crowd(Asker):
    people = "".join(agent(f"a{n}", f"{given} Mustermann") for n, given in enumerate(
        ["Anna", "Berta", "Carl", "Dora", "Emil", "Frida", "Georg", "Hans", "Ida", "Jan", "Kai"]
    ))  # fmt: skip


def test_more_than_eight_are_offered_in_pages() -> None:
    caller = Crowd(directory())
    caller.press("68#")
    assert caller.heard[1] == "Anna Mustermann:" and caller.heard[-1] == "phrase:cf-more-names"
    assert caller.heard.count("phrase:press/8") == 1
    caller.press("9")
    assert "Ida Mustermann:" in caller.heard and "Kai Mustermann:" in caller.heard
    caller.press("3")
    assert rung(caller) == ToAgent(agent="a10", ring_s=20)


def test_after_the_last_page_comes_the_first_and_a_key_of_nobody_is_wrong() -> None:
    caller = Crowd(directory())
    caller.press("68#99")
    assert caller.heard.count("Anna Mustermann:") == 2
    caller.press("9")
    caller.press("4")
    assert caller.heard[-2:] == ["phrase:cf-no-name", ASK]


# -- who is in it ------------------------------------------------------------------------------


def test_only_those_who_are_listed() -> None:
    caller = Asker(directory(agents=["erika", "ole"]))
    assert caller.listen is not None and caller.listen.hearing is not None
    assert set(caller.listen.hearing.choices) == {"erika", "ole"}
    caller.press("687")
    assert rung(caller) == ToAgent(agent="erika", ring_s=20)


def test_a_directory_of_nobody_goes_on_at_once() -> None:
    caller = Caller(directory())
    assert caller.nodes[-1] == "nobody" and caller.heard == []


def test_agents_whose_name_cannot_be_said_are_spelled() -> None:
    rooms = ROOMS + agent("a1", "Agent 1") + agent("a2", "Agent 2") + agent("x", "№ 1")
    one, two = people_of(site_of("", rooms))
    assert one.spellings == two.spellings == ("24368",)


def test_all_names_are_rendered_ahead_in_every_language() -> None:
    text = directory() + node("de", "language", language="de", next="a")
    caller = Asker(text.replace('start = "a"', 'start = "de"'))
    ready = {(one.prompt.value, code) for one in caller.flows.wanted() for code in one.languages}
    for name in filter(None, NAMES.values()):
        for code in ("en", "de"):
            assert {(f"{name}{sign}", code) for sign in "?:."} <= ready


class Town(Asker):
    people = "".join(agent(f"a{n}", f"Erika Muster{chr(97 + n // 26)}{chr(97 + n % 26)}")
                     for n in range(300))  # fmt: skip


def test_so_many_names_that_no_recogniser_takes_them_are_spelled() -> None:
    caller = Town(directory(keys_prompt="Please spell the name."))
    assert caller.listen is not None and caller.listen.hearing is None
    assert caller.heard == ["Please spell the name."]
    caller.press("68783722#")
    assert caller.heard[1] == "Erika Musteraa:"
