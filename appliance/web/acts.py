"""REST under /api/v1: what changes something. Each request becomes one command to the core.

An agent's token acts for that agent only, and on calls only while the agent has part in them.
"""

from collections.abc import Callable
from typing import Any

from appliance.model import commands as cmd
from appliance.model.ids import AgentId, CallId
from appliance.web.api import board_of
from appliance.web.http import STAFF, Context, Fault, Route
from appliance.web.models import Done, RecordingChange, StateChange, Target

CONFLICTS = (400, 404, 409, 503)


async def change_state(context: Context) -> Done:
    agent, change = _agent(context), context.body
    if change.state == "ready":
        row = board_of(context.services.floor).agents[agent]
        if row.state == "logged_out":
            return await _ask(context, cmd.AgentLogin(agent=agent, by=_by(context)))
        return await _ask(context, cmd.AgentReady(agent=agent, by=_by(context)))
    if change.state == "paused":
        pause = cmd.AgentPause(agent=agent, reason=change.reason, by=_by(context))
        return await _ask(context, pause)
    return await _ask(context, cmd.AgentLogout(agent=agent, by=_by(context)))


def _plain(command: Callable[..., cmd.AnyCommand]) -> Any:
    """A handler for a command that needs nothing but the agent."""

    async def act(context: Context) -> Done:
        return await _ask(context, command(agent=_agent(context), by=_by(context)))

    return act


def _targeted(command: Callable[..., cmd.AnyCommand]) -> Any:
    async def act(context: Context) -> Done:
        target: Target = context.body
        return await _ask(
            context,
            command(
                agent=_agent(context),
                target_kind=target.kind,
                target=target.target,
                by=_by(context),
            ),
        )

    return act


async def hang_up(context: Context) -> Done:
    return await _ask(context, cmd.CallHangup(call=_call(context), by=_by(context)))


async def recording(context: Context) -> Done:
    change: RecordingChange = context.body
    return await _ask(
        context,
        cmd.RecordingControl(call=_call(context), action=change.action, by=_by(context)),
    )


async def _ask(context: Context, command: cmd.AnyCommand) -> Done:
    reply = await context.services.core.ask(command)
    if not reply.ok:
        raise Fault.of(
            409,
            reply.error or "The core refused this.",
            "Nothing was changed.",
            "Look at the state of agent and call, then try again.",
        )
    return Done(seq=board_of(context.services.floor).seq)


def _by(context: Context) -> str:
    """Who asks, for the event's cause: never the secret."""
    who = context.who
    return f"agent {who.agent}" if who.role == "agent" else f"{who.role} {who.name or who.id}"


def _agent(context: Context) -> AgentId:
    agent = context.path["agent"]
    if context.who.role == "agent" and context.who.agent != agent:
        raise Fault.of(
            403,
            f"This token acts for agent {context.who.agent}, not for {agent}.",
            "Nothing was changed.",
            "Use a supervisor's token to act for others.",
        )
    if agent not in board_of(context.services.floor).agents:
        raise Fault.of(
            404, f'There is no agent "{agent}".', "Nothing was changed.", "See /api/v1/agents."
        )
    return AgentId(agent)


def _call(context: Context) -> CallId:
    call = context.path["call"]
    row = board_of(context.services.floor).calls.get(CallId(call))
    if row is None:
        raise Fault.of(
            404, f'There is no running call "{call}".', "Nothing was changed.", "See /api/v1/calls."
        )
    parties = [party.id for party in row.parties]
    if context.who.role == "agent" and context.who.agent not in parties:
        raise Fault.of(
            403,
            f"Agent {context.who.agent} has no part in this call.",
            "Nothing was changed.",
            "Use a supervisor's token to act on calls of others.",
        )
    return CallId(call)


def _on_call(path: str, handler: Any, summary: str, body: Any = None) -> Route:
    return Route(
        "POST", f"/agents/{{agent}}/call/{path}", handler, summary, STAFF, Done, body,
        errors=CONFLICTS,
    )  # fmt: skip


ROUTES = [
    Route(
        "POST",
        "/agents/{agent}/state",
        change_state,
        "Log in or make ready, pause with a reason, log out",
        STAFF,
        Done,
        StateChange,
        errors=CONFLICTS,
    ),
    _on_call("hold", _plain(cmd.CallHold), "Put the caller on hold"),
    _on_call("resume", _plain(cmd.CallResume), "Take the caller off hold"),
    _on_call("transfer", _targeted(cmd.CallTransfer), "Blind transfer", Target),
    _on_call("consult", _targeted(cmd.CallConsult), "Ask somebody, caller on hold", Target),
    _on_call("consult/complete", _plain(cmd.ConsultComplete), "Attended transfer"),
    _on_call("consult/cancel", _plain(cmd.ConsultCancel), "Back to the caller"),
    _on_call("consult/conference", _plain(cmd.ConsultConference), "All three together"),
    Route("POST", "/calls/{call}/hangup", hang_up, "End a call", STAFF, Done, errors=CONFLICTS),
    Route(
        "POST",
        "/calls/{call}/recording",
        recording,
        "Start, stop, pause or resume the recording",
        STAFF,
        Done,
        RecordingChange,
        errors=CONFLICTS,
    ),
]
