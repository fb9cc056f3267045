"""Hold with music: by command and by the phone's own key (re-INVITE, RFC 3264 8.4)."""

from appliance.model import commands as c
from appliance.model import events as ev
from tests.peers.hearing import hears, hears_nothing, taped
from tests.peers.lane import Lane, moment
from tests.peers.together import together
from tests.peers.world import AGENT_HZ, CALLER_HZ, MUSIC_HZ

PART_S = 1.6


@together(cases=["command", "sendonly", "inactive"])
async def test_hold_and_resume(lane: Lane, how: str) -> None:
    caller, seat = await lane.talk(0, CALLER_HZ, AGENT_HZ)
    before = await moment(PART_S)
    if how == "command":
        await lane.send(c.CallHold(agent=lane.agents[0]))
    else:
        assert (await seat.reinvite(direction=how)).code == 200
        seat.media.mute()  # a phone on hold sends no voice; `sendonly` music of its own is not ours
    await lane.event(ev.HoldStarted)
    held = await moment(PART_S)
    if how == "command":
        await lane.send(c.CallResume(agent=lane.agents[0]))
    else:
        assert (await seat.reinvite()).code == 200
        seat.media.mute(False)
    await lane.event(ev.HoldEnded)
    after = await moment(PART_S)
    await caller.bye()

    for span in (before, after):
        hears(caller, span, AGENT_HZ)
        hears(seat, span, CALLER_HZ)
    hears(caller, held, MUSIC_HZ)
    hears_nothing(seat, held)
    await lane.gone()
    talked = lane.all(ev.TalkEnded)[0]
    hold_s = lane.when(ev.HoldEnded) - lane.when(ev.HoldStarted)
    talk_s = lane.when(ev.TalkEnded) - lane.when(ev.TalkStarted) - hold_s
    assert abs(talked.hold_s - hold_s) < 0.05 and abs(talked.talk_s - talk_s) < 0.05
    tape = await lane.recording()
    taped(tape, before, [CALLER_HZ], [AGENT_HZ])
    taped(tape, held, [CALLER_HZ], [AGENT_HZ] if how == "command" else [])
    taped(tape, after, [CALLER_HZ], [AGENT_HZ])


@together()
async def test_a_caller_who_holds_us_is_not_on_hold_for_the_agent(lane: Lane) -> None:
    """The caller's phone plays its own music to the agent; the box holds nobody."""
    caller, seat = await lane.talk(0, CALLER_HZ, AGENT_HZ)
    assert (await caller.reinvite(direction="sendonly")).code == 200
    span = await moment(PART_S)
    hears(seat, span, CALLER_HZ)
    hears_nothing(caller, span)
    assert (await caller.reinvite()).code == 200
    after = await moment(PART_S)
    await caller.bye()
    hears(caller, after, AGENT_HZ)
    hears(seat, after, CALLER_HZ)
    assert not lane.all(ev.HoldStarted)


@together()
async def test_hold_twice_and_resume_twice_is_refused_in_words(lane: Lane) -> None:
    caller, _ = await lane.talk()
    await lane.send(c.CallHold(agent=lane.agents[0]))
    assert "on hold already" in await lane.refused(c.CallHold(agent=lane.agents[0]))
    await lane.send(c.CallResume(agent=lane.agents[0]))
    assert "not on hold" in await lane.refused(c.CallResume(agent=lane.agents[0]))
    await caller.bye()


@together()
async def test_the_recording_pauses_in_silence_and_goes_on(lane: Lane) -> None:
    caller, _ = await lane.talk(0, CALLER_HZ, AGENT_HZ)
    call = lane.call_ids[0]
    before = await moment(PART_S)
    for action, into in (("pause", ev.RecordingPaused), ("resume", ev.RecordingResumed)):
        await lane.send(c.RecordingControl(call=call, action=action, by="test"))
        await lane.event(into)
        if action == "pause":
            paused = await moment(PART_S)
    after = await moment(PART_S)
    await caller.bye()
    tape = await lane.recording()
    taped(tape, before, [CALLER_HZ], [AGENT_HZ])
    taped(tape, paused, [], [])
    taped(tape, after, [CALLER_HZ], [AGENT_HZ])
