"""Malformed SIP: RFC 4475 and thousands of mutated messages. The box stays up, a running
talk stays whole, and the next caller is served."""

import asyncio
import random

from appliance.model import events as ev
from tests.peers.endpoint import Endpoint
from tests.peers.hearing import hears, taped
from tests.peers.lane import Lane, moment
from tests.peers.message import Message
from tests.peers.rtp import Stream
from tests.peers.together import together
from tests.peers.torture import SDP, Case, cases
from tests.peers.world import AGENT_HZ, CALLER_HZ

SITE = {
    "trunk": [
        {
            "id": "rough", "host": "{ip}30", "addresses": ["{ip}30", "{ip}31", "{ip}32"],
            "options_s": 0.0, "channels": 100, "numbers": "{numbers}",
        }
    ]
}  # fmt: skip
MUTANTS, BURST = 4000, 40
MUTANT_EVERY_S = 0.02


class Rough(Endpoint):
    """Sends bytes as they are and hangs up what the box may have taken from them."""

    def __init__(self, host: str, port: int, box: tuple[str, int]) -> None:
        super().__init__(host, port, box)
        self.codes: dict[str, list[int]] = {}

    def _response(self, response: Message) -> None:
        super()._response(response)
        self.codes.setdefault(response.get("Call-ID"), []).append(response.code)
        if response.cseq[1] == "INVITE" and response.code >= 200:
            self._finish(response)

    def _finish(self, response: Message) -> None:
        """ACK any final answer (RFC 3261 17.1.1.3, 13.2.2.4), and BYE after a 200."""
        number = response.cseq[0]
        uri = response.uri("Contact") or f"sip:{self.box[0]}:{self.box[1]}"
        for n, method in ((number, "ACK"), (number + 1, "BYE"))[: 2 if response.code < 300 else 1]:
            via = self.via() if method == "BYE" or response.code < 300 else response.get("Via")
            self.send(
                Message(
                    f"{method} {uri} SIP/2.0",
                    [
                        ("Via", via),
                        ("Max-Forwards", "70"),
                        ("From", response.get("From")),
                        ("To", response.get("To")),
                        ("Call-ID", response.get("Call-ID")),
                        ("CSeq", f"{n} {method}"),
                    ],
                )
            )


async def served(lane: Lane) -> None:
    """A normal caller is answered and heard."""
    caller, seat = await lane.talk()
    span = await moment(1.2)
    await caller.bye()
    hears(caller, span, AGENT_HZ)
    hears(seat, span, CALLER_HZ)
    await lane.gone()


@together()
async def test_all_of_rfc_4475_beside_a_running_talk(lane: Lane) -> None:
    caller, seat = await lane.talk()
    began = asyncio.get_running_loop().time()
    rough = await Rough.open(lane.box.network.host(30), lane.box.sip)
    all_cases = list(cases(f"{lane.box.sip[0]}:{lane.box.sip[1]}", f"{rough.host}:{rough.port}",
                           lane.number))  # fmt: skip
    assert len({case.section for case in all_cases}) == len(all_cases) == 49
    first = asyncio.create_task(moment(4.0))
    for case in all_cases:
        rough.raw(case.data)
        await asyncio.sleep(0.03)
    span = await first
    assert (await rough.options()).code == 200, "the box still answers"
    await asyncio.sleep(max(0.0, began + 6.0 - asyncio.get_running_loop().time()))
    wrong = [text for case in all_cases if (text := judged(case, rough))]
    await caller.bye()
    await lane.gone()
    hears(caller, span, AGENT_HZ)
    hears(seat, span, CALLER_HZ)
    taped(await lane.recording(), span, [CALLER_HZ], [AGENT_HZ])
    await served(lane)
    rough.close()
    assert not wrong, "\n".join(wrong)


def judged(case: Case, rough: Rough) -> str:
    """'' or what the box did wrong."""
    call_id = next(
        (
            line.split(b":", 1)[1].strip().decode("latin-1")
            for line in case.data.split(b"\r\n")
            if line.lower().startswith(b"call-id:")
        ),
        "",
    )
    codes = [code for code in rough.codes.get(call_id, []) if code >= 200]
    told = f"{case.section} {case.name}: answered {codes}"
    if case.verdict == "taken" and (not codes or 400 in codes):
        return told
    if case.verdict == "refused" and any(code < 300 for code in codes):
        return told
    return ""


def mutants(seed: int, lane: Lane, me: str) -> list[bytes]:
    """INVITEs and others with bytes changed, cut, doubled and swapped; the same for a seed."""
    chance = random.Random(seed)
    box = f"{lane.box.sip[0]}:{lane.box.sip[1]}"
    seeds = [case.data for case in cases(box, me, lane.number)]
    made = []
    for n in range(MUTANTS):
        data = bytearray(chance.choice(seeds).replace(b"Call-ID: ", b"Call-ID: m%d-" % n))
        for _ in range(chance.randint(1, 6)):
            _mutate(data, chance)
        made.append(bytes(data))
    return made


_BITS = (
    b"\r\n", b"\x00", b"\xff\xfe", b";" * 40, b",", b'"', b"<", b"%", b"%00", b"=" * 9, b":",
    b"9" * 20, b"-1", b"sip:", b"SIP/2.0 ", b"@" * 5, b"\r\n\r\n", b"a" * 900,
)  # fmt: skip


def _mutate(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    end = min(len(data), at + chance.randint(1, 30))
    what = chance.randrange(6)
    if what == 0 and at < len(data):
        data[at] = chance.randrange(256)
    elif what == 1:
        del data[at:end]
    elif what == 2:
        data[at:at] = data[at:end] * chance.randint(1, 20)
    elif what == 3:
        data[at:at] = chance.choice(_BITS)
    elif what == 4:
        lines = bytes(data).split(b"\r\n")
        chance.shuffle(lines)
        data[:] = b"\r\n".join(lines)
    else:
        del data[at:]
    del data[4000:]


@together()
async def test_thousands_of_mutants_beside_a_running_talk(lane: Lane) -> None:
    rough = await Rough.open(lane.box.network.host(31), lane.box.sip)
    caller, seat = await lane.talk()
    steady = asyncio.create_task(moment(1.5))
    todo = mutants(4475, lane, f"{rough.host}:{rough.port}")
    for start in range(0, len(todo), BURST):
        for data in todo[start : start + BURST]:
            rough.raw(data)
        await asyncio.sleep(MUTANT_EVERY_S)
    span = await steady
    assert (await rough.options(8.0)).code == 200
    await caller.bye()
    await lane.gone(20.0)
    hears(caller, span, AGENT_HZ)
    hears(seat, span, CALLER_HZ)
    await served(lane)
    rough.close()


@together()
async def test_rubbish_on_the_audio_port_is_not_heard(lane: Lane) -> None:
    """Random datagrams, short and long, from a stranger and from the right address."""
    chance = random.Random(1)
    caller, seat = await lane.talk()
    assert caller.remote_sdp is not None
    there = (caller.remote_sdp.host, caller.remote_sdp.port)
    stranger = Stream(lane.box.network.host(9))
    flow = asyncio.create_task(moment(2.0))
    for _ in range(60):
        for sender in (stranger, caller.media):
            sender.raw(chance.randbytes(chance.choice((0, 1, 11, 12, 13, 172, 1400))), there)
        await asyncio.sleep(0.02)
    span = await flow
    stranger.close()
    await caller.bye()
    hears(caller, span, AGENT_HZ)
    await lane.gone()
    del seat


@together()
async def test_sdp_that_means_nothing(lane: Lane) -> None:
    """Wrong, empty, huge and contradictory descriptions: a refusal, never a dead leg."""
    rough = await Rough.open(lane.box.network.host(32), lane.box.sip)
    me = rough.host
    good = SDP.replace("{me}", me)
    bodies = [
        "", "\r\n", "v=0", "v=1\r\n", good.replace("8 0", ""), good.replace("49217", "0"),
        good.replace("49217", "99999999"), good.replace("RTP/AVP", "RTP/NONE"),
        good.replace("IN IP4", "IN IP9"), good.replace(me, "256.300.1.1"),
        good.replace("m=audio", "m=video"), good + good, good + "m=" * 500,
        good + "a=rtpmap:8 PCMA/0\r\n", good.replace("PCMA/8000", "PCMA/8000/99"),
        good + "a=ptime:0\r\n", good + "a=ptime:100000\r\n", good + "a=" + "x" * 3000 + "\r\n",
        good.replace("v=0", "v=0\x00"), "m=audio\r\n" * 100,
    ]  # fmt: skip
    for n, body in enumerate(bodies):
        head = [
            f"INVITE sip:{lane.number}@{lane.box.sip[0]} SIP/2.0",
            f"Via: {rough.via()}",
            "Max-Forwards: 70",
            f"From: <sip:sdp@{me}>;tag=s{n}",
            f"To: <sip:{lane.number}@{lane.box.sip[0]}>",
            f"Call-ID: sdp-{n}",
            "CSeq: 1 INVITE",
            f"Contact: <sip:sdp@{me}:{rough.port}>",
            "Content-Type: application/sdp",
            f"Content-Length: {len(body)}",
        ]
        rough.raw(("\r\n".join(head) + "\r\n\r\n" + body).encode("latin-1"))
        await asyncio.sleep(0.02)
    await lane.gone()
    await served(lane)
    rough.close()
    arrived = {e.sip_call_id for e in lane.all(ev.CallArrived)}
    assert len(arrived) >= 1
