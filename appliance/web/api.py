"""REST under /api/v1: reading the floor."""

from typing import Any

from appliance import __version__
from appliance.history.board import Board
from appliance.history.boardrows import AgentRow, CallRow
from appliance.history.parts import Interaction
from appliance.history.queries import Filter
from appliance.web.floor import Floor
from appliance.web.http import EVERYBODY, LEADS, STAFF, Answer, Context, Fault, Param, Route
from appliance.web.models import (
    Agents,
    Calls,
    InteractionPage,
    Login,
    Queues,
    QueueView,
    Session,
    Status,
)
from appliance.web.params import count, whole
from appliance.web.past import PastAway
from appliance.web.services import Interactions
from appliance.web.views import View


async def status(context: Context) -> Status:
    floor = context.services.floor
    board = floor.board or Board()
    return Status(
        core="up" if floor.link.up else "down",
        since_us=floor.link.since_us,
        reason=floor.link.reason,
        seq=board.seq,
        version=__version__,
        site=board.site.name,
        calls=len(board.calls),
        waiting=sum(len(board.callers(id)) for id in board.queues),
        agents=_counts(row.state for row in board.agents.values()),
        lines=_counts(row.state for row in board.lines.values()),
        troubles=list(board.troubles.values()),
    )


async def queues(context: Context) -> dict[str, Any]:
    view = _view(context)
    return {"seq": view.board.seq, "queues": [view.queue(id) for id in view.board.queues]}


async def queue(context: Context) -> Any:
    view, id = _view(context), context.path["queue"]
    return view.queue(id) if id in view.board.queues else _nothing("queue", id)


async def agents(context: Context) -> dict[str, Any]:
    view = _view(context)
    return {"seq": view.board.seq, "agents": [view.agent(id) for id in view.board.agents]}


async def agent(context: Context) -> Any:
    view, id = _view(context), context.path["agent"]
    return view.agent(id) if id in view.board.agents else _nothing("agent", id)


async def calls(context: Context) -> dict[str, Any]:
    view = _view(context)
    return {"seq": view.board.seq, "calls": [view.call(id) for id in view.board.calls]}


async def call(context: Context) -> Any:
    view, id = _view(context), context.path["call"]
    return view.call(id) if id in view.board.calls else _nothing("running call", id)


async def interactions(context: Context) -> InteractionPage:
    query = context.query
    wanted = Filter(
        since_us=query["since_us"],
        until_us=query["until_us"],
        queue=query["queue"],
        agent=query["agent"],
        caller=query["caller"],
        outcome=query["outcome"],
    )
    page = await _history(context).page(wanted, query["after"], query["limit"])
    return InteractionPage(interactions=page.items, next=page.next)


async def interaction(context: Context) -> Any:
    row = await _history(context).one(context.path["call"])
    return row if row is not None else _nothing("interaction", context.path["call"])


async def session(context: Context) -> Session:
    return Session(role=context.who.role, agent=context.who.agent)


async def login(context: Context) -> Answer:
    """Trades a token for the browser's session cookie."""
    given = context.credentials
    if given.origin and not given.same_origin:
        raise Fault.of(
            403,
            "This login comes from another site.",
            "Nobody was logged in.",
            "Open the box's own login page.",
        )
    token = context.access.admit(context.body.token, given.address)
    return Answer(Session(role=token.role, agent=token.agent), cookie=context.body.token)


async def logout(context: Context) -> Answer:
    return Answer(status=204, cookie="")


def _view(context: Context) -> View:
    return View.of(board_of(context.services.floor), context.who)


def board_of(floor: Floor) -> Board:
    """The board. Raises `Fault` 503 before the core was first reached."""
    if floor.board is None:
        problem = Fault.of(
            503,
            f"The core has not been reached yet: {floor.link.reason}",
            "Nothing is known about queues and agents.",
            "Start the core, or look at its log.",
        )
        problem.headers["Retry-After"] = "2"
        raise problem
    return floor.board


def _counts(states: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for state in states:
        counts[state] = counts.get(state, 0) + 1
    return counts


def _nothing(kind: str, id: str) -> Any:
    raise Fault.of(
        404,
        f'There is no {kind} "{id}".',
        "Nothing was read or changed.",
        f"Ask for the list to see which {kind}s there are.",
    )


def _history(context: Context) -> Interactions:
    if context.services.interactions is None:
        raise PastAway("This office keeps no history.")
    return context.services.interactions


def _text(text: str) -> str:
    if len(text) > 100:
        raise ValueError("at most 100 characters")
    return text


_TEXT = {"type": "string", "maxLength": 100}
_WHOLE = {"type": "integer", "minimum": 0, "maximum": 10**17 - 1}
PAGE = (
    Param(
        "limit",
        count(500),
        {"type": "integer", "minimum": 1, "maximum": 500, "default": 50},
        "Interactions per page, 1 to 500.",
        50,
    ),
    Param("after", whole, _WHOLE, "The `next` of the page before."),
    Param("queue", _text, _TEXT, "Only calls that were in this queue."),
    Param("agent", _text, _TEXT, "Only calls that this agent talked in."),
    Param("caller", _text, _TEXT, "Only calls from this number, or one that begins so: +4930*."),
    Param("outcome", _text, _TEXT, "Only this outcome, e.g. answered; empty: still going on."),
    Param("since_us", whole, _WHOLE, "Begun at or after this moment, UTC microseconds."),
    Param("until_us", whole, _WHOLE, "Begun before this moment, UTC microseconds."),
)

ROUTES = [
    Route("GET", "/status", status, "How the box is", EVERYBODY, Status),
    Route("GET", "/queues", queues, "All queues", STAFF, Queues, errors=(503,)),
    Route("GET", "/queues/{queue}", queue, "One queue", STAFF, QueueView, errors=(404, 503)),
    Route("GET", "/agents", agents, "All agents", STAFF, Agents, errors=(503,)),
    Route("GET", "/agents/{agent}", agent, "One agent", STAFF, AgentRow, errors=(404, 503)),
    Route("GET", "/calls", calls, "Calls that are up", STAFF, Calls, errors=(503,)),
    Route("GET", "/calls/{call}", call, "One call that is up", STAFF, CallRow, errors=(404, 503)),
    Route(
        "GET",
        "/interactions",
        interactions,
        "Past and present interactions, newest first",
        LEADS,
        InteractionPage,
        query=PAGE,
        errors=(400, 503),
    ),
    Route(
        "GET",
        "/interactions/{call}",
        interaction,
        "One interaction with all its parts",
        LEADS,
        Interaction,
        errors=(404, 503),
    ),
    Route("GET", "/session", session, "Who this token is", EVERYBODY, Session),
    Route(
        "POST",
        "/session",
        login,
        "Log a browser in: the token goes into an HttpOnly cookie",
        (),
        Session,
        body=Login,
        errors=(401, 403, 429, 503),
    ),
    Route("DELETE", "/session", logout, "Log the browser out", (), status=204),
]
