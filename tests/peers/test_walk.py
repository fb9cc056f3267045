"""One call through the whole box: line, flow, queue, agent, recording, history, wallboard."""

import asyncio
import sys
from typing import Any

import msgspec

from appliance.model import events as ev
from tests.peers.box import ROOT
from tests.peers.hearing import hears, taped
from tests.peers.lane import Lane, moment
from tests.peers.together import together
from tests.peers.world import AGENT_HZ, CALLER_HZ, GREETING_HZ, MUSIC_HZ

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
    talk = await moment(4.0)
    board = (await lane.box.snapshot())["board"]
    await caller.bye()
    await lane.gone()

    hears(caller, (answered, rung), GREETING_HZ, edge=0.2)
    hears(caller, (rung, rung + 1.2), MUSIC_HZ)
    hears(caller, talk, AGENT_HZ)
    hears(seat, talk, CALLER_HZ)
    tape = await lane.recording()
    whole = (lane.when(ev.TalkStarted), lane.when(ev.TalkEnded))
    taped(tape, whole, [CALLER_HZ], [AGENT_HZ])
    assert abs(tape.began + tape.seconds - whole[1]) < 0.3
    assert lane.outcome == "answered"
    states = [e.state for e in lane.all(ev.AgentChanged)]
    assert states == ["ready", "ringing", "talking", "ready"]
    talked = lane.all(ev.TalkEnded)[0]
    assert abs(talked.talk_s - (whole[1] - whole[0])) < 0.05

    assert board["agents"][lane.agents[0]]["state"] == "talking"
    assert board["calls"][lane.call_ids[0]]["stage"] == "talking"
    assert board["queues"][lane.queue]["today"]["answered"] == 1
    shown = await history(lane)
    assert shown["outcome"] == "answered" and shown["caller"] == lane.caller_number
    assert [(part["agent"], part["talk_s"]) for part in shown["talks"]] == [
        (lane.agents[0], talked.talk_s)
    ]
    assert shown["recordings"][0]["sha256"] == tape.finished.sha256


async def history(lane: Lane) -> dict[str, Any]:
    """What `callfloor history show` says of the lane's first call."""
    command = ["history", "show", lane.call_ids[0], "--site", str(lane.box.site_path)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from appliance.cli import main; main()", *command,
        stdout=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode == 0, out
    return dict(msgspec.json.decode(out))
