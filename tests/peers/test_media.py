"""Audio that comes late, not at all, changes its codec or address, or cannot be agreed on."""

from appliance.model import events as ev
from tests.peers.hearing import hears, hears_nothing, taped
from tests.peers.lane import Lane, moment
from tests.peers.message import read_sdp
from tests.peers.rtp import Stream
from tests.peers.together import together
from tests.peers.world import AGENT_HZ, CALLER_HZ, SECOND_HZ

PCMU, PCMA, G729, KEYS = 0, 8, 18, 101
TALK_S = 1.5


@together()
async def test_a_caller_who_sends_nothing_is_told_of_and_hears_all_the_same(lane: Lane) -> None:
    lane.phones[0].answers(AGENT_HZ)
    caller = lane.dial(None)
    seat = await lane.phones[0].next_call()
    await lane.event(ev.TalkStarted)
    silent = await lane.event(ev.CallSilent, seconds=15, party="caller")
    assert silent.seconds >= 2 and not silent.back
    span = await moment(TALK_S)
    hears(caller, span, AGENT_HZ)
    hears_nothing(seat, span)
    caller.media.tone(CALLER_HZ)
    back = await lane.event(ev.CallSilent, seconds=15, count=2)
    assert back.back
    span = await moment(TALK_S)
    await caller.bye()
    hears(seat, span, CALLER_HZ)


@together()
async def test_late_media_is_heard_from_the_moment_it_comes(lane: Lane) -> None:
    lane.phones[0].answers(AGENT_HZ)
    caller = lane.dial(None)
    seat = await lane.phones[0].next_call()
    await lane.event(ev.TalkStarted)
    before = await moment(5.0)
    caller.media.tone(CALLER_HZ)
    after = await moment(TALK_S)
    await caller.bye()
    hears_nothing(seat, before)
    hears(caller, before, AGENT_HZ)
    hears(seat, after, CALLER_HZ)
    tape = await lane.recording()
    taped(tape, before, [], [AGENT_HZ])
    taped(tape, after, [CALLER_HZ], [AGENT_HZ])


@together(cases=["codec", "address", "both", "agent's codec"])
async def test_reinvite_changes(lane: Lane, what: str) -> None:
    caller, seat = await lane.talk()
    mover = seat if what.startswith("agent") else caller
    first = await moment(TALK_S)
    hears(caller, first, AGENT_HZ)
    old = mover.media
    if what in ("address", "both"):
        mover.media = Stream(lane.box.network.host(4))
        mover.media.tone(CALLER_HZ)
    payloads = [PCMU, KEYS] if old.payload == PCMA else [PCMA, KEYS]
    answer = await mover.reinvite(None if what == "address" else payloads)
    assert answer.code == 200
    if what != "address":
        assert read_sdp(answer.body).speech == payloads[0]
    if mover.media is not old:
        old.mute()
    second = await moment(TALK_S)
    await caller.bye()
    hears(caller, second, AGENT_HZ)
    hears(seat, second, CALLER_HZ)
    if mover.media is not old:
        late = [p for p in old.packets if p.at > second[0] + 0.3]
        assert not late, "the old address still gets audio"
    old.close()
    taped(await lane.recording(), second, [CALLER_HZ], [AGENT_HZ])


@together(cases=["PCMA", "PCMU"])
async def test_g711_both_laws_and_across(lane: Lane, law: str) -> None:
    """The caller speaks one law, the agent the other; the bridge translates."""
    own, other = (PCMA, PCMU) if law == "PCMA" else (PCMU, PCMA)
    lane.phones[0].offered = [other, KEYS]
    lane.phones[0].answers(AGENT_HZ)
    caller = lane.dial(CALLER_HZ, payloads=[own, KEYS])
    seat = await lane.phones[0].next_call()
    await lane.event(ev.TalkStarted)
    span = await moment(TALK_S)
    await caller.bye()
    assert caller.media.payload == own and seat.media.payload == other
    hears(caller, span, AGENT_HZ)
    hears(seat, span, CALLER_HZ)


@together()
async def test_no_common_codec_is_488(lane: Lane) -> None:
    call = lane.dial(payloads=[G729])
    await call.ended()
    assert call.code == 488
    await lane.gone()
    assert not lane.all(ev.CallAnswered)


@together()
async def test_a_line_that_speaks_less_is_offered_less(lane: Lane) -> None:
    """An unknown codec before a known one: the known one is taken."""
    call = await lane.dial(payloads=[G729, 3, PCMU, KEYS]).answered()
    assert call.remote_sdp is not None and call.remote_sdp.speech == PCMU
    await call.bye()


@together()
async def test_an_agents_phone_without_a_common_codec_is_passed_over(lane: Lane) -> None:
    await lane.agent_is("ready")
    lane.phones[0].refuses(488)
    caller = lane.dial()
    ended = await lane.event(ev.OfferEnded)
    assert ended.result == "refused" and "488" in ended.cause
    await caller.bye()


@together()
async def test_reinvite_to_an_unknown_codec_is_refused_and_the_talk_goes_on(lane: Lane) -> None:
    """488, and all stays as it was (RFC 3261 14.2)."""
    caller, seat = await lane.talk()
    assert (await caller.reinvite([G729])).code == 488
    assert (await seat.reinvite([G729])).code == 488
    span = await moment(TALK_S)
    await caller.bye()
    hears(caller, span, AGENT_HZ)
    hears(seat, span, CALLER_HZ)


@together()
async def test_an_invite_without_offer_gets_ours(lane: Lane) -> None:
    """Delayed offer (RFC 3261 13.2.1): theirs is in the 200, our answer in the ACK."""
    lane.phones[0].answers(AGENT_HZ)
    caller = lane.dial(CALLER_HZ, offer=False)
    seat = await lane.phones[0].next_call()
    await lane.event(ev.TalkStarted)
    span = await moment(TALK_S)
    await caller.bye()
    hears(caller, span, AGENT_HZ)
    hears(seat, span, CALLER_HZ)


@together()
async def test_early_media_of_an_agents_phone_is_not_the_answer(lane: Lane) -> None:
    """183 with SDP: the caller keeps the music until somebody really answers."""
    caller = lane.dial()
    seat = await lane.phones[0].next_call()
    seat.media.tone(SECOND_HZ)
    seat.early()
    await lane.event(ev.OfferRinging)
    ringing = await moment(TALK_S)
    seat.media.tone(AGENT_HZ)
    seat.accept()
    await lane.event(ev.TalkStarted)
    span = await moment(TALK_S)
    await caller.bye()
    from tests.peers.world import MUSIC_HZ

    hears(caller, ringing, MUSIC_HZ)
    hears(caller, span, AGENT_HZ)
    hears(seat, span, CALLER_HZ)
    taped(await lane.recording(), span, [CALLER_HZ], [AGENT_HZ])


@together()
async def test_audio_from_two_sources_at_once_does_not_confuse(lane: Lane) -> None:
    """A stray sender (old phone, attacker) with an SSRC of its own on the same port."""
    caller, seat = await lane.talk()
    assert caller.remote_sdp is not None
    stray = Stream(lane.box.network.host(9))
    stray.tone(SECOND_HZ)
    stray.send_to(caller.remote_sdp.host, caller.remote_sdp.port, PCMA, None)
    span = await moment(TALK_S)
    stray.close()
    await caller.bye()
    hears(caller, span, AGENT_HZ)
    hears(seat, span, CALLER_HZ)
