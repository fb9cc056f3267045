"""Keys: RFC 4733 and SIP INFO, in menus, digit entry, the queue's exit key and voicemail."""

import time

from appliance.model import commands as c
from appliance.model import events as ev
from tests.peers.hearing import hears, hears_nothing, taped
from tests.peers.lane import Lane, moment
from tests.peers.phone import Call
from tests.peers.together import together
from tests.peers.world import AGENT_HZ, BYE_HZ, CALLER_HZ, MENU_HZ

HOW = ["rfc4733", "info"]
MENU = {
    "start": "menu",
    "fallback": "wait",
    "node": {
        "menu": {
            "type": "menu",
            "prompt": {"file": "long.wav"},
            "first_key_s": 2.0,
            "retries": 1,
            "silence_prompts": [{"file": "greeting.wav"}],
            "wrong_prompts": [{"file": "greeting.wav"}],
            "choice": {"1": {"next": "wait", "name": "support"}, "#": {"next": "bye"}},
        },
        "wait": {"type": "queue", "queue": "{queue}"},
        "bye": {"type": "hang_up", "prompt": {"file": "bye.wav"}},
    },
}
COLLECT = {
    "start": "order",
    "fallback": "wait",
    "node": {
        "order": {
            "type": "collect", "prompt": {"file": "menu.wav"}, "store": "order",
            "min": 4, "max": 6, "next": "wait",
        },
        "wait": {"type": "queue", "queue": "{queue}"},
    },
}  # fmt: skip
EXIT = {
    "start": "wait",
    "fallback": "wait",
    "node": {
        "wait": {"type": "queue", "queue": "{queue}", "on_exit_key": "mail"},
        "mail": {"type": "voicemail", "mailbox": "{mailbox}", "prompt": {"file": "greeting.wav"}},
    },
}


async def press(call: Call, keys: str, how: str) -> None:
    if how == "rfc4733":
        call.media.press(keys)
        return
    for key in keys:
        assert (await call.info(key)).code == 200


@together(cases=HOW, flow=MENU)
async def test_a_key_in_the_menu_stops_the_prompt_and_chooses(lane: Lane, how: str) -> None:
    lane.phones[0].answers(AGENT_HZ)
    caller = await lane.dial().answered()
    began = time.time()
    await moment(1.2)
    await press(caller, "1", how)
    chosen = await lane.event(ev.FlowInput)
    assert (chosen.kind, chosen.value, chosen.choice) == ("key", "1", "support")
    await lane.event(ev.TalkStarted)
    heard = lane.when(ev.TalkStarted) - lane.when(ev.CallAnswered)
    assert heard < 6, "the prompt lasts 6 s"
    span = await moment(1.2)
    await caller.bye()
    hears(caller, (began, began + 1.2), MENU_HZ)
    hears(caller, span, AGENT_HZ)


@together(flow=MENU)
async def test_hash_leads_to_the_last_words(lane: Lane) -> None:
    caller = await lane.dial().answered()
    await moment(0.5)
    caller.media.press("#")
    await lane.event(ev.FlowNode, node="bye")
    said = time.time()
    await caller.ended()
    hears(caller, (said, said + 0.5), BYE_HZ, edge=0.2)
    await lane.gone()
    assert lane.outcome == "served" and lane.all(ev.CallEnded)[0].hung_up_by == "box"


@together(flow=MENU)
async def test_wrong_keys_are_counted_and_end_with_a_person(lane: Lane) -> None:
    caller = await lane.dial().answered()
    await moment(0.4)
    caller.media.press("7")
    await lane.event(ev.FlowInput, kind="wrong")
    await moment(1.0)
    caller.media.press("8")
    await lane.event(ev.QueueEntered)
    assert [e.value for e in lane.all(ev.FlowInput)] == ["7", "8"]
    await caller.bye()


@together(cases=HOW, flow=COLLECT)
async def test_digits_are_collected_in_order(lane: Lane, how: str) -> None:
    caller = await lane.dial().answered()
    await press(caller, "4711#", how)
    tagged = await lane.event(ev.CallTagged)
    assert tagged.data == {"order": "4711"}
    await lane.event(ev.QueueEntered)
    await caller.bye()


@together(cases=HOW, flow=EXIT, queue={"exit_key": "9"})
async def test_the_exit_key_leaves_the_queue(lane: Lane, how: str) -> None:
    await lane.send(c.AgentPause(agent=lane.agents[0], by="test"))
    caller = await lane.dial().answered()
    await lane.event(ev.QueueEntered)
    await press(caller, "5", how)
    await press(caller, "9", how)
    left = await lane.event(ev.QueueLeft)
    assert left.reason == "exit_key"
    await lane.event(ev.RecordingStarted, seconds=12)
    span = await moment(1.5)
    await press(caller, "#", how)
    await caller.ended()
    await lane.event(ev.VoicemailLeft)
    assert lane.outcome == "voicemail"
    taped(await lane.recording(), span, [CALLER_HZ], [])
    hears_nothing(caller, span)


@together()
async def test_keys_do_not_disturb_a_talk(lane: Lane) -> None:
    """Keys during a talk are not acted on, and the call stays as it is."""
    caller, seat = await lane.talk()
    caller.media.press("19#")
    assert (await caller.info("1")).code == 200
    span = await moment(2.0)
    await caller.bye()
    hears(caller, span, AGENT_HZ)
    assert seat.over or seat.up


@together(flow=MENU)
async def test_one_key_over_both_ways_counts_once(lane: Lane) -> None:
    """Some phones send RFC 4733 and INFO for the same key."""
    caller = await lane.dial().answered()
    await moment(0.4)
    caller.media.press("7")
    await moment(0.3)
    await caller.info("7")
    await lane.event(ev.FlowInput, kind="wrong")
    await moment(0.5)
    await caller.bye()
