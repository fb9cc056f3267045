"""The caller leaves a message: greeting, tone, recording, until hang-up, # or the limit."""

from appliance.calls import ending, recording
from appliance.calls.desk import Desk, PlayFor
from appliance.calls.effects import ListenQuiet
from appliance.calls.state import Call, Stage, Voicemail
from appliance.model.events import VoicemailLeft
from appliance.model.ids import MailboxId
from appliance.model.prompt import Prompt

SHORTEST_S = 1.0
"""Anything shorter is a hang-up at the tone, not a message."""
BEEP = Prompt(kind="phrase", value="beep")


def begin(desk: Desk, call: Call, mailbox: MailboxId, greeting: tuple[Prompt, ...]) -> None:
    """Play the greeting and the tone, then record."""
    call.stage = Stage.VOICEMAIL
    call.queue = None
    call.held = False
    desk.answer(call)
    play = desk.play(call, call.leg, (*greeting, BEEP), PlayFor(call.id, "greeting"))
    call.voicemail = Voicemail(mailbox, play=play)
    desk.touch(call)


def greeting_over(desk: Desk, call: Call) -> None:
    """From here the caller speaks."""
    mail = call.voicemail
    if mail is None or not mail.greeting:
        return
    mail.greeting = False
    mail.play = None
    recording.stop(desk, call, "voicemail begins")
    why_not = recording.begin(desk, call, f"voicemail {mail.mailbox}", voicemail=True)
    if why_not:
        ending.end(desk, call, "failed", cause=f"no voicemail: {why_not}", by="box")
        return
    box = desk.setup.mailboxes.get(mail.mailbox)
    desk.timer(call, "voicemail", box.max_s if box else 180.0)
    if box is not None and box.silence_s:
        desk.do(ListenQuiet(leg=call.leg, seconds=box.silence_s))


def key(desk: Desk, call: Call, pressed: str) -> None:
    """# skips the greeting, or ends the message."""
    mail = call.voicemail
    if mail is None or pressed != "#":
        return
    if mail.greeting:
        desk.stop_play(mail.play)
        greeting_over(desk, call)
    else:
        finish(desk, call, "key #")
        if call.stage is Stage.VOICEMAIL:
            desk.come_back(call, "done")


def quiet(desk: Desk, call: Call) -> None:
    """The caller says nothing any more; perhaps the receiver lies beside the phone."""
    if call.voicemail is not None and not call.voicemail.greeting:
        finish(desk, call, "silence")
        desk.come_back(call, "done")


def time_over(desk: Desk, call: Call) -> None:
    finish(desk, call, "longest message")
    desk.come_back(call, "done")


def finish(desk: Desk, call: Call, cause: str) -> None:
    """Close the message and say that there is one."""
    mail, tape = call.voicemail, call.taping
    call.voicemail = None
    desk.timers.cancel(call.id, "voicemail")
    desk.do(ListenQuiet(leg=call.leg, seconds=0.0))
    if mail is None or mail.greeting or tape is None:
        return
    recording.stop(desk, call, cause)
    length = desk.now - tape.started
    if length >= SHORTEST_S:
        call.reached = call.reached or "voicemail"
        desk.log(
            VoicemailLeft(
                call=call.id,
                mailbox=mail.mailbox,
                recording=tape.recording,
                duration_s=round(length, 3),
            )
        )
