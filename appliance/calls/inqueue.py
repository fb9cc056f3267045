"""A caller in a queue: what the queues ask for becomes ringing seats, sound and moves."""

from appliance.acd.effects import Announce, Comfort, Divert
from appliance.calls import number, unheard, voicemail
from appliance.calls.desk import Desk, PlayFor, Why
from appliance.calls.state import Call, Stage
from appliance.model.ids import AgentId, MailboxId, QueueId
from appliance.model.prompt import Prompt
from appliance.speech.phrases import queue_phrases, site_prompt

_RETURNS: dict[str, Why] = {
    "exit_key": "exit_key",
    "overflow_wait": "overflow",
    "overflow_length": "full",
    "overflow_unstaffed": "unstaffed",
}


def enter(
    desk: Desk,
    call: Call,
    queue: QueueId,
    *,
    priority: int,
    skills: dict[str, int],
    preferred: AgentId | None = None,
) -> None:
    """Put the caller into a queue; music plays until somebody answers.

    A call may still run a flow that knows a queue which a reload has removed.
    """
    if queue not in desk.setup.queues:
        desk.come_back(call, "unstaffed")
        return
    call.stage = Stage.QUEUE
    call.queue = call.last_queue = queue
    call.held = False
    desk.touch(call)
    desk.floor_did(
        desk.floor.enter(
            call.id,
            queue,
            caller=call.caller,
            priority=priority,
            skills=skills,
            preferred_agent=preferred,
            now=desk.now,
        )
    )


def announce(desk: Desk, call: Call, effect: Announce) -> None:
    """Say position and wait between the music; never over an earlier announcement."""
    phrases = queue_phrases(call.language, effect.position, effect.low_s, effect.high_s)
    _say(desk, call, tuple(phrases))


def comfort(desk: Desk, call: Call, effect: Comfort) -> None:
    prompt = site_prompt(effect.prompt, call.language)
    if prompt is not None:
        _say(desk, call, (prompt,))


def _say(desk: Desk, call: Call, prompts: tuple[Prompt, ...]) -> None:
    if call.stage is not Stage.QUEUE or call.queue_play is not None:
        return
    call.queue_play = desk.play(call, call.leg, prompts, PlayFor(call.id, "queue"))
    desk.touch(call)


def said(desk: Desk, call: Call) -> None:
    """The announcement is over: music again."""
    call.queue_play = None
    desk.touch(call)


def stop_saying(desk: Desk, call: Call) -> None:
    desk.stop_play(call.queue_play)
    call.queue_play = None
    desk.touch(call)


def key(desk: Desk, call: Call, pressed: str) -> None:
    """The exit key leaves the queue; every other key is ignored while waiting."""
    queue = desk.setup.queues.get(call.queue) if call.queue else None
    if queue is not None and queue.exit_key and pressed == queue.exit_key:
        stop_saying(desk, call)
        desk.floor_did(desk.floor.exit_key(call.id, desk.now))


def divert(desk: Desk, call: Call, effect: Divert) -> None:
    """The caller left the queue: to the flow's edge, another queue, a mailbox or a number."""
    stop_saying(desk, call)
    unheard.sent_on(desk, call, effect.reason)
    kind, _, target = effect.target.partition(":")
    if kind == "queue" and not _been_there(desk, call, effect.queue, QueueId(target)):
        enter(desk, call, QueueId(target), priority=call.priority, skills=call.skills)
    elif kind == "voicemail":
        call.queue = None
        voicemail.begin(desk, call, MailboxId(target), ())
    elif kind == "number":
        call.queue = None
        number.dial(desk, call, target, None, number.RING_S, purpose="forward")
    else:
        call.queue = None
        desk.come_back(call, _RETURNS[effect.reason])


def _been_there(desk: Desk, call: Call, left: QueueId, target: QueueId) -> bool:
    """Queues that overflow into each other must not pass a caller round without end."""
    desk.sent_on.add((call.id, left))
    return (call.id, target) in desk.sent_on
