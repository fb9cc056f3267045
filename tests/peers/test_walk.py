"""One call through the whole box: line, flow, queue, agent, recording, history, wallboard."""

from appliance.model import events as ev
from tests.peers.lane import (
    GREETING_HZ,
    MUSIC_HZ,
    PROMPT_DBOV,
    Lane,
    moment,
)
from tests.peers.together import together
from tests.peers.tones import check

CALLER_HZ, AGENT_HZ = 450, 1000
SENT = -15.0
EDGE_S = 0.35
"""Left out at both ends of a span: jitter buffers and the moment of the bridge."""

FLOW = {
    "start": "greet",
    "fallback": "wait",
    "node": {
        "greet": {"type": "greeting", "prompt": {"file": "greeting.wav"}, "next": "wait"},
        "wait": {"type": "queue", "queue": "{queue}"},
    },
}


@together(flow=FLOW)
async def test_a_caller_walks_through_the_box_and_every_window_of_audio_is_right(
    lane: Lane,
) -> None:
    lane.phones[0].answers(AGENT_HZ, ring_s=1.2)
    caller = lane.dial(CALLER_HZ)
    seat = await lane.phones[0].next_call()
    await lane.event(ev.TalkStarted)
    answered, rung = lane.when(ev.CallAnswered), lane.when(ev.OfferMade)
    since, until = await moment(4.0)
    await caller.bye()
    await lane.gone()

    silence = (CALLER_HZ, AGENT_HZ, MUSIC_HZ, GREETING_HZ)
    greeting = caller.media.heard(answered, rung)
    check(greeting, 0.2, 0.55, wanted={GREETING_HZ: PROMPT_DBOV}, absent=(AGENT_HZ,))
    music = caller.media.heard(rung, rung + 1.2)
    check(music, EDGE_S, 1.1, wanted={MUSIC_HZ: PROMPT_DBOV}, absent=(GREETING_HZ, AGENT_HZ))
    for heard, hz in ((caller.media, AGENT_HZ), (seat.media, CALLER_HZ)):
        others = [other for other in silence if other != hz]
        audio = heard.heard(since, until)
        check(audio, EDGE_S, until - since, wanted={hz: SENT}, absent=others, what=f"{hz} Hz")

    tape = await lane.recording()
    talk = lane.when(ev.TalkStarted) - tape.began
    end = lane.when(ev.TalkEnded) - tape.began
    check(tape.caller, talk + EDGE_S, end - 0.1, wanted={CALLER_HZ: SENT}, absent=(AGENT_HZ,))
    check(tape.floor, talk + EDGE_S, end - 0.1, wanted={AGENT_HZ: SENT}, absent=(CALLER_HZ,))
    assert abs(tape.seconds - (end - 0.0)) < 0.3
    assert lane.outcome == "answered"
    assert [e.state for e in lane.all(ev.AgentChanged)][-3:] == ["ringing", "talking", "ready"]
    talked = lane.all(ev.TalkEnded)[0]
    assert abs(talked.talk_s - (end - talk)) < 0.05
