"""Who of the callers is listened to: started and stopped once each, only inside a flow.

Keys are always heard. The recogniser that understands speech is the engine's and its workers'.
"""

from appliance.calls.desk import Desk
from appliance.calls.effects import HearSpeech, StopHearing
from appliance.calls.state import Call, Stage
from appliance.flow import effects as flow
from appliance.model.hearing import SpeechBegan, SpeechDone, SpeechReport


def start(desk: Desk, call: Call, listen: flow.Listen) -> None:
    """Hear what the flow asks for. What was listened for until now is over."""
    stop(desk, call)
    if listen.hearing is None:
        return
    call.heard_for = listen.id
    desk.do(HearSpeech(leg=call.leg, listen=listen.id, hearing=listen.hearing))


def stop(desk: Desk, call: Call) -> None:
    """Nobody listens any more; without effect where nobody did."""
    if call.heard_for is not None:
        call.heard_for = None
        desk.do(StopHearing(leg=call.leg))


def told(call: Call, report: SpeechReport) -> flow.Input | None:
    """What the flow is told of a report; None for one that came too late for its question."""
    if call.stage is not Stage.FLOW or (call.leg, call.heard_for) != (report.leg, report.listen):
        return None
    if isinstance(report, SpeechBegan):
        return flow.SpeechBegan(id=report.listen)
    if isinstance(report, SpeechDone):
        return flow.Spoken(id=report.listen, done=report)
    return flow.SpeechOff(id=report.listen, why=report.why, detail=report.detail, once=report.once)
