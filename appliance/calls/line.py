"""A trunk is up or down: a pure machine over keep-alive and registration answers."""

from dataclasses import dataclass

from appliance.calls.desk import Desk
from appliance.calls.effects import KeepAlive
from appliance.model.events import LineChanged
from appliance.model.ids import CallId, TrunkId
from appliance.model.legs import LineSignal
from appliance.model.site import Trunk

MISSES = 2
"""Unanswered keep-alives in a row that take a line down; one packet may be lost."""
ANSWER_S = 4.0
"""A keep-alive that is not answered within this is missed; SIP itself would wait 32 s
(RFC 3261 17.1.2.2)."""
RETRY_S = 5.0
"""A line that missed one keep-alive is asked again after this."""


@dataclass(slots=True)
class Line:
    """`state`: up, down, disabled, or '' before the first answer."""

    trunk: TrunkId
    state: str = ""
    missed: int = 0


def set_up(desk: Desk, trunk: Trunk) -> None:
    """Begin to watch a trunk, or go on after a change of its settings."""
    line = desk.lines.setdefault(TrunkId(trunk.id), Line(TrunkId(trunk.id)))
    if not trunk.enabled:
        _unwatched(desk, line)
        _change(desk, line, "disabled", "switched off in site.toml")
        return
    if line.state == "disabled":
        line.state = ""
    if trunk.kind == "peer" and trunk.options_s:
        ask(desk, line.trunk)
        return
    _unwatched(desk, line)
    if trunk.kind == "peer":
        _change(desk, line, "up", "no keep-alive is set: taken as up")


def _unwatched(desk: Desk, line: Line) -> None:
    """No keep-alive from here on: one still on its way must not take the line down for good."""
    line.missed = 0
    for name in ("options", "unanswered"):
        desk.timers.cancel(_key(line.trunk), name)


def ask(desk: Desk, trunk_id: TrunkId) -> None:
    """The keep-alive is due."""
    trunk = desk.setup.trunks.get(trunk_id)
    if trunk is None or not trunk.enabled or not trunk.options_s:
        return
    desk.do(KeepAlive(trunk=trunk_id))
    line = desk.lines[trunk_id]
    again = min(RETRY_S, trunk.options_s) if line.missed else trunk.options_s
    desk.timers.set(_key(trunk_id), "options", desk.now + again)
    desk.timers.set(_key(trunk_id), "unanswered", desk.now + min(ANSWER_S, 0.8 * again))


def unanswered(desk: Desk, trunk_id: TrunkId) -> None:
    """The time for an answer is over."""
    trunk, line = desk.setup.trunks.get(trunk_id), desk.lines.get(trunk_id)
    if trunk is not None and line is not None and line.state != "disabled":
        _missed(desk, trunk, line, "no answer")


def signal(desk: Desk, told: LineSignal) -> None:
    """An answer: any SIP answer to OPTIONS proves the line, also a refusal."""
    trunk = desk.setup.trunks.get(told.trunk)
    line = desk.lines.get(told.trunk)
    if trunk is None or line is None or line.state == "disabled":
        return
    said = f"{told.code} {told.reason}".strip()
    if told.registered is not None:
        if told.registered:
            _change(desk, line, "up", "registered")
        else:
            _change(desk, line, "down", f"not registered: {said}")
        return
    if trunk.kind == "register":
        return
    if told.code in (0, 408):
        return  # said long ago by `unanswered`
    desk.timers.cancel(_key(told.trunk), "unanswered")
    if told.code == 503:
        _missed(desk, trunk, line, said)
    else:
        line.missed = 0
        _change(desk, line, "up", f"answers: {said}")


def _missed(desk: Desk, trunk: Trunk, line: Line, said: str) -> None:
    line.missed += 1
    if line.missed >= MISSES or not line.state:
        _change(desk, line, "down", f"no answer to keep-alive: {said}")
    elif trunk.options_s > RETRY_S:
        desk.timers.set(_key(line.trunk), "options", desk.now + RETRY_S)


def _key(trunk: TrunkId) -> CallId:
    """Lines share the heap of the calls' timers."""
    return CallId(f"line:{trunk}")


def _change(desk: Desk, line: Line, state: str, cause: str) -> None:
    if line.state != state:
        line.state = state
        desk.log(LineChanged(trunk=line.trunk, state=state, cause=cause))  # type: ignore[arg-type]
