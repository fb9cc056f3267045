"""Callers who say what they want, over real RTP: heard, understood, led there."""

import asyncio
import time
import tomllib
from typing import Any

import numpy as np
import pytest

from appliance.model import events as ev
from tests.peers import speaking
from tests.peers.lane import Lane
from tests.peers.phone import Call
from tests.peers.rtp import Echo
from tests.peers.speaking import (
    ears,
    human,
    needs_model,
    noise,
    recognisers,
    says,
    silence,
    speech_site,
    spoken,
)
from tests.peers.together import together
from tests.peers.tones import Samples, level
from tests.peers.witness import Spoilt, witness
from tests.peers.world import MENU_HZ

pytestmark = [needs_model, pytest.mark.timeout(180)]
SITE = speech_site(recognisers=14)
around = speaking.with_model

BARGE_IN_S = 0.2
"""A prompt is silent this long after the caller has begun to speak."""


def _choices() -> dict[str, Any]:
    """What the demo's menu understands, led to this lane's queue and mailbox."""
    from importlib import resources

    text = resources.files("appliance.demo").joinpath("site.toml").read_text()
    menu = tomllib.loads(text)["flow"]["main"]["node"]["menu"]["choice"]
    to = {"1": "wait", "2": "wait", "3": "mail"}
    return {key: {**choice, "next": to[key]} for key, choice in menu.items()}


def menu(**more: Any) -> dict[str, Any]:
    """A flow with the demo's menu; `more` for its menu node."""
    return {
        "start": "menu",
        "fallback": "wait",
        "node": {
            "menu": {
                "type": "menu",
                "prompt": {"file": "menu.wav"},
                "first_key_s": 6.0,
                "retries": 2,
                "choice": _choices(),
                **more,
            },
            "wait": {"type": "queue", "queue": "{queue}"},
            "mail": {"type": "voicemail", "mailbox": "{mailbox}"},
        },
    }


async def listened_to(lane: Lane) -> Call:
    """A caller in the menu, while somebody listens, quiet so far."""
    await ears(lane.box)
    call = await lane.dial(0).answered()
    await lane.event(ev.FlowNode, node="menu")
    return call


async def chosen(lane: Lane, name: str) -> ev.SpeechHeard:
    """What was heard when the flow went on because of it."""
    given = await lane.event(ev.FlowInput, kind="speech", choice=name)
    heard = lane.all(ev.SpeechHeard)[-1]
    assert (heard.choice, heard.text) == (name, given.value)
    assert 0 < heard.confidence <= 1 and heard.verdict == "sure"
    return heard


# -- what is said -----------------------------------------------------------------------------

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
