"""Callers who say what they want, over real RTP: heard, understood, led there."""

import asyncio
import time
from typing import Any

import numpy as np
import pytest

from appliance.model import events as ev
from tests.peers import speaking
from tests.peers.baresip import Baresip
from tests.peers.lane import Lane
from tests.peers.phone import Call
from tests.peers.rtp import Echo
from tests.peers.sipp import Sipp
from tests.peers.speaking import (
    chosen,
    ears,
    human,
    listened_to,
    menu,
    needs_model,
    noise,
    says,
    silence,
    speech_site,
    spoken,
    unless_spoilt,
)
from tests.peers.test_walk import history
from tests.peers.together import together
from tests.peers.tones import Samples, level, loudness
from tests.peers.witness import Spoilt, witness
from tests.peers.world import MENU_HZ

pytestmark = [needs_model, pytest.mark.timeout(180)]
SITE = speech_site(recognisers=18)
SAID = {
    "support": "Support",
    "help": "Support",
    "technical support": "Support",
    "sales": "Sales",
    "order": "Sales",
    "message": "Message",
    "leave a message": "Message",
    "I want to talk to sales": "Sales",
    "can I speak to support please": "Support",
}
FOREIGN = ["one pizza with mushrooms", "chocolate cake"]
PROMPT = "Support, sales, or a message: say what you want, or press one, two or three."
HUMAN = {"hello": "Front desk", "goodbye": "Exit", "extension": "Extension"}
DIGITS = "4711"
around = speaking.around(
    *SAID, *FOREIGN, "yes", "no", PROMPT, humans=[*HUMAN, *(f"digits/{one}" for one in DIGITS)]
)

BARGE_IN_S = 0.2
"""A prompt is silent this long after the caller has begun to speak."""
ECHO_DB = -12.0


# -- what is said -----------------------------------------------------------------------------


@together(cases=list(SAID), flow=menu())
async def test_what_is_said_chooses_as_its_key_would(lane: Lane, words: str) -> None:
    call = await listened_to(lane)
    await says(call, words)
    heard = await chosen(lane, SAID[words])
    assert heard.latency_s < 1.0
    if SAID[words] == "Message":
        await lane.event(ev.FlowLeft, to="voicemail")
    else:
        await lane.event(ev.QueueEntered)


@together(
    cases=list(HUMAN),
    flow=menu(
        choice={
            str(n): {"next": "wait", "name": name, "say": [word]}
            for n, (word, name) in enumerate(HUMAN.items())
        }
    ),
)
async def test_a_human_voice_is_understood(lane: Lane, word: str) -> None:
    call = await listened_to(lane)
    await says(call, human(word))
    await chosen(lane, HUMAN[word])


COLLECT = {
    "start": "order",
    "fallback": "wait",
    "node": {
        "order": {
            "type": "collect", "prompt": {"file": "greeting.wav"}, "store": "order",
            "min": 4, "max": 4, "next": "wait", "speech": {"confirm": "never"},
        },
        "wait": {"type": "queue", "queue": "{queue}"},
    },
}  # fmt: skip


@together(flow=COLLECT)
async def test_spelled_digits_of_a_human_voice_are_collected(lane: Lane) -> None:
    await ears(lane.box)
    call = await lane.dial(0).answered()
    said = [human(f"digits/{digit}") for digit in DIGITS]
    pause = silence(0.15)
    await says(call, np.concatenate([part for one in said for part in (one, pause)]))
    await lane.event(ev.FlowInput, kind="speech")
    tagged = lane.all(ev.CallTagged)[-1]
    assert (tagged.data or {}).get("order") == DIGITS


@together(flow=menu())
async def test_history_shows_what_was_said_and_how_sure_it_was(lane: Lane) -> None:
    call = await listened_to(lane)
    await says(call, "sales")
    heard = await chosen(lane, "Sales")
    await call.bye()
    await lane.gone()
    steps = [step for step in (await history(lane))["steps"] if "kind" in step]
    assert [(s["kind"], s["value"], s["choice"], s["confidence"]) for s in steps] == [
        ("speech", "sales", "Sales", heard.confidence)
    ]


@together(flow=menu(speech={"confirm": "always"}))
async def test_what_is_asked_back_is_confirmed_by_voice(lane: Lane) -> None:
    call = await listened_to(lane)
    await says(call, "sales")
    await lane.event(ev.SpeechHeard, choice="Sales")
    await says(call, np.append(silence(0.3), spoken("no")))
    await lane.event(ev.SpeechHeard, text="no")
    await says(call, np.append(silence(0.3), spoken("support")))
    await lane.event(ev.SpeechHeard, choice="Support")
    await says(call, np.append(silence(0.3), spoken("yes")))
    await lane.event(ev.FlowInput, kind="speech", choice="Support")
    await lane.event(ev.QueueEntered)
    assert [e.text for e in lane.all(ev.SpeechHeard)] == ["sales", "no", "support", "yes"]


@together(cases=["pcmu", "g722", "opus"], flow=menu())
async def test_a_softphone_is_understood(lane: Lane, codec: str) -> None:
    await ears(lane.box)
    place = (lane.box.network.host(2), 5300 + 10 * lane.index)
    said = np.concatenate([silence(1.5), spoken("sales"), silence(8.0)])
    folder = lane.box.folder / f"caller-{codec}"
    async with await Baresip(folder, lane.caller_number, place, codec).start(said) as caller:
        await caller.press("dial", f"sip:{lane.number}@{lane.box.sip[0]}:{lane.box.sip[1]}")
        await chosen(lane, "Sales")
        assert caller.spoke() == codec
        await caller.press("hangup")
        await lane.gone()


@together(flow=menu())
async def test_sipp_callers_are_understood_at_the_same_time(lane: Lane) -> None:
    await ears(lane.box)
    said = np.concatenate([silence(1.0), spoken("leave a message"), silence(8.0)])
    target = f"{lane.box.sip[0]}:{lane.box.sip[1]}"
    callers = Sipp(lane.box.folder / "callers", (lane.box.network.host(2), 5210), said)
    try:
        await callers.start(
            "caller", target, "-s", lane.number, "-m", "4", "-l", "4", "-r", "8",
            "-d", "4000", "-mp", "31000",
        )  # fmt: skip
        await lane.event(ev.FlowInput, kind="speech", choice="Message", count=4)
        await callers.done()
    finally:
        await callers.stop()
    await lane.gone()
    assert len(lane.all(ev.FlowLeft, to="voicemail")) == 4


# -- what is not said -------------------------------------------------------------------------

QUIET: dict[str, Samples] = {
    "silence": silence(2.5),
    "noise at -50 dBov": noise(2.5, -50),
    "noise at -35 dBov": noise(2.5, -35),
    "rustling": np.concatenate(
        [part for n in range(5) for part in (noise(0.1, -25, n), silence(0.4))]
    ),
}


@together(cases=list(QUIET), flow=menu(first_key_s=2.0, retries=0))
async def test_noise_and_silence_choose_nothing(lane: Lane, sound: str) -> None:
    call = await listened_to(lane)
    call.media.say(QUIET[sound])
    await lane.event(ev.QueueEntered)  # by the flow's way out, to a person
    assert not [e for e in lane.all(ev.SpeechHeard) if e.choice], "something was understood"
    assert not lane.all(ev.FlowInput, kind="speech")


async def prompt_over(call: Call) -> None:
    """The menu's tone is played, and has come to its end: heard at the caller's."""

    def heard() -> bool:
        now = time.time()
        return level(call.media.heard(now - 0.3, now - 0.1), MENU_HZ) > -22

    async with asyncio.timeout(20):
        while not heard():  # noqa: ASYNC110  sound makes no event
            await asyncio.sleep(0.02)
        while heard():  # noqa: ASYNC110  sound makes no event
            await asyncio.sleep(0.02)


@together(flow=menu(first_key_s=2.0, retries=2))
async def test_foreign_words_are_asked_again_then_keys_then_a_person(lane: Lane) -> None:
    lane.phones[0].answers()
    call = await listened_to(lane)
    await says(call, np.append(silence(0.5), spoken(FOREIGN[0])))
    await lane.event(ev.SpeechHeard)  # over the prompt: it might be an echo, and counts not yet
    assert not lane.all(ev.FlowInput)
    for n, words in enumerate(FOREIGN, 1):
        await prompt_over(call)
        await says(call, np.append(silence(0.5), spoken(words)))
        await lane.event(ev.FlowInput, kind="wrong", count=n)
    assert [e.choice for e in lane.all(ev.SpeechHeard)] == ["", "", ""]
    call.media.say(spoken("sales"))  # nobody listens any more
    await lane.event(ev.FlowInput, kind="nothing")
    await lane.event(ev.TalkStarted)
    assert len(lane.all(ev.SpeechHeard)) == 3


# -- speech and prompts -----------------------------------------------------------------------


def tone_ends(call: Call, since: float, until: float) -> float:
    """Unix time at which the menu's tone is heard for the last time."""
    heard, step = call.media.heard(since, until), 80
    loud = [
        at
        for at in range(0, len(heard) - 2 * step, step)
        if level(heard[at : at + 2 * step], MENU_HZ) > -40
    ]
    assert loud, "the prompt was not heard at all"
    return since + (loud[-1] + step) / 8000


@together(
    cases=["support", "I want to talk to sales", "order"], flow=menu(prompt={"file": "long.wav"})
)
async def test_a_voice_stops_the_prompt_at_once(lane: Lane, words: str) -> None:
    call = await listened_to(lane)
    await asyncio.sleep(1.0)  # of six seconds of prompt
    began = time.time()
    await says(call, words)
    await chosen(lane, SAID[words])
    spoke = call.media.spoke_at
    took = tone_ends(call, began - 1.0, time.time() - 0.1) - spoke
    if took > BARGE_IN_S and witness().spoilt(spoke, spoke + took):
        raise Spoilt(f"the prompt went on for {took:.3f} s")
    assert 0 < took <= BARGE_IN_S


def greeted() -> dict[str, Any]:
    """The menu behind a greeting of six seconds."""
    flow = menu()
    hello = {"type": "greeting", "prompt": {"file": "long.wav"}, "next": "menu"}
    return {**flow, "start": "hello", "node": {**flow["node"], "hello": hello}}


@together(flow=greeted())
async def test_an_answer_said_into_the_greeting_stops_it_and_chooses(lane: Lane) -> None:
    await ears(lane.box)
    call = await lane.dial(0).answered()
    await lane.event(ev.FlowNode, node="hello")
    await asyncio.sleep(1.0)
    await says(call, "sales")
    await chosen(lane, "Sales")
    assert lane.when(ev.FlowInput) - lane.when(ev.FlowNode, node="hello") < 5.0
    assert lane.when(ev.FlowNode, node="menu") >= call.media.spoke_at


@together(flow=greeted())
async def test_words_without_a_meaning_take_nothing_of_the_greeting_away(lane: Lane) -> None:
    await ears(lane.box)
    call = await lane.dial(0).answered()
    await lane.event(ev.FlowNode, node="hello")
    await asyncio.sleep(1.0)
    await says(call, FOREIGN[0])
    await lane.event(ev.SpeechHeard, node="hello")
    await lane.event(ev.FlowNode, seconds=20, node="menu")
    played = lane.when(ev.FlowNode, node="menu") - lane.when(ev.FlowNode, node="hello")
    assert played > 5.5, "of six seconds"
    await prompt_over(call)
    await says(call, "sales")
    await chosen(lane, "Sales")


@together(
    cases=[0.06, 0.1, 0.15],
    flow=menu(prompt=PROMPT, first_key_s=1.0, retries=0, on_failed="wait"),
)
async def test_an_echo_of_our_own_prompt_is_no_caller(lane: Lane, delay_s: float) -> None:
    await ears(lane.box)
    call = lane.dial(0)
    call.media.echo = Echo(delay_s, ECHO_DB)
    await call.answered()
    with unless_spoilt():
        await lane.event(ev.QueueEntered, seconds=20)
        assert not lane.all(ev.SpeechHeard)
    (silent,) = lane.all(ev.FlowInput)
    assert silent.kind == "nothing"
    played = lane.when(ev.FlowInput) - lane.when(ev.FlowNode, node="menu")
    assert played > len(spoken(PROMPT)) / 8000 * 0.9 + 1.0, "the prompt was cut off"


@together(cases=["support", "sales", "I want to talk to sales"], flow=menu(prompt=PROMPT))
async def test_a_caller_is_heard_over_the_echo_and_stops_the_prompt(lane: Lane, words: str) -> None:
    await ears(lane.box)
    call = lane.dial(0)
    call.media.echo = Echo(0.1, ECHO_DB)
    await call.answered()
    await lane.event(ev.FlowNode, node="menu")
    await asyncio.sleep(1.0)  # within the prompt
    with unless_spoilt():
        await says(call, words)
        await chosen(lane, SAID[words])
        spoke = call.media.spoke_at
        heard = call.media.heard(spoke - 0.5, lane.when(ev.SpeechHeard))
        stopped = float(np.flatnonzero(np.abs(heard) > 120)[-1]) / 8000 - 0.5
        assert stopped <= over_echo(spoken(words)) + BARGE_IN_S


def over_echo(samples: Samples) -> float:
    """Seconds into a word at which it is louder than the echo: an s at its beginning is not."""
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    loud = [loudness(frame) > speaking.SAID_DBOV + ECHO_DB for frame in frames]
    return loud.index(True) * 0.02


@together(flow=menu())
async def test_a_key_beside_speech_wins_and_counts_once(lane: Lane) -> None:
    call = await listened_to(lane)
    call.media.say(spoken("can I speak to support please"))
    await asyncio.sleep(0.6)  # within what he says
    call.media.press("2")
    await lane.event(ev.QueueEntered)
    await call.media.spoken()
    (given,) = lane.all(ev.FlowInput)
    assert (given.kind, given.choice) == ("key", "Sales")


# -- bad lines --------------------------------------------------------------------------------


@together(cases=["support", "order", "leave a message", "I want to talk to sales"], flow=menu())
async def test_two_per_cent_of_packets_may_be_lost(lane: Lane, words: str) -> None:
    call = await listened_to(lane)
    call.media.loss = 0.02
    await says(call, words)
    await chosen(lane, SAID[words])


@together(flow=menu(first_key_s=2.0))
async def test_a_caller_who_holds_us_while_we_listen_comes_back_and_is_heard(lane: Lane) -> None:
    call = await listened_to(lane)
    await call.reinvite(direction="sendonly")
    call.media.mute()
    await lane.event(ev.FlowInput, kind="nothing")
    call.media.mute(False)
    await call.reinvite()
    await says(call, np.append(silence(0.3), spoken("sales")))
    await chosen(lane, "Sales")
