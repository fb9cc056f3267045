"""Routes as data: path, roles, shapes of request and reply. The handlers behind them are
plain functions of a `Context`; the OpenAPI document is made from the same data."""

import logging
from asyncio import timeout
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from appliance.linking.wire import CoreAway
from appliance.web.access import COOKIE, Access, Credentials, Refused
from appliance.web.models import Problem
from appliance.web.past import PastAway
from appliance.web.services import Services
from appliance.web.tokens import Role, Token

log = logging.getLogger(__name__)

BODY_S = 10.0
EVERYBODY: tuple[Role, ...] = ("agent", "supervisor", "technician", "kiosk")
STAFF: tuple[Role, ...] = ("agent", "supervisor", "technician")
LEADS: tuple[Role, ...] = ("supervisor", "technician")

_encode = msgspec.json.Encoder().encode


class Fault(Exception):
    """Ends a request with `status` and a `Problem`."""

    def __init__(
        self, status: int, problem: Problem, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(problem.error)
        self.status, self.problem, self.headers = status, problem, headers or {}

    @classmethod
    def of(cls, status: int, error: str, meaning: str, remedy: str) -> "Fault":
        return cls(status, Problem(error=error, meaning=meaning, remedy=remedy))


@dataclass(frozen=True)
class Param:
    """A query parameter; `schema` is JSON Schema, `read` makes the value or raises ValueError."""

    name: str
    read: Callable[[str], Any]
    schema: dict[str, Any]
    help: str
    default: Any = None


@dataclass(frozen=True)
class Context:
    """One request: who asks, what for."""

    services: Services
    access: Access
    credentials: Credentials
    token: Token | None
    path: dict[str, str]
    query: dict[str, Any]
    body: Any
    range: str = ""

    @property
    def who(self) -> Token:
        assert self.token is not None, "route without roles"
        return self.token


@dataclass(frozen=True)
class Answer:
    """A reply that is more than a body with the route's status. `file` in place of a body is
    sent whole or in the asked ranges (RFC 9110)."""

    body: Any = None
    file: Path | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cookie: str | None = None


Handler = Callable[[Context], Awaitable[Any]]


@dataclass(frozen=True)
class Route:
    """`roles` empty: no token needed. `status` 204 has no body. `media`: types of the file that
    is sent in place of JSON."""

    method: str
    path: str
    handler: Handler
    summary: str
    roles: tuple[Role, ...]
    reply: Any = None
    body: Any = None
    query: tuple[Param, ...] = ()
    status: int = 200
    errors: tuple[int, ...] = ()
    media: tuple[str, ...] = ()


def serve(route: Route, services: Services, access: Access) -> Callable[..., Any]:
    """The aiohttp handler of a route."""

    async def handle(request: web.Request) -> web.StreamResponse:
        given = Credentials.of(request)
        token = access.check(given, route.roles) if route.roles else None
        context = Context(
            services=services,
            access=access,
            credentials=given,
            token=token,
            path=dict(request.match_info),
            range=request.headers.get("Range", ""),
            query=_query(route, request),
            body=await _body(route, request),
        )
        return _respond(route, request, await route.handler(context))

    return handle


def _query(route: Route, request: web.Request) -> dict[str, Any]:
    values = {}
    known = {param.name for param in route.query}
    if route.query and (unknown := set(request.query) - known):
        raise Fault.of(
            400,
            f"There is no parameter {min(unknown)!r} here.",
            "Nothing was read.",
            f"Known are {', '.join(sorted(known))}. See /api/v1/openapi.json.",
        )
    for param in route.query:
        given = request.query.getall(param.name, [])
        try:
            if len(given) > 1:
                raise ValueError("given more than once")
            values[param.name] = param.read(given[0]) if given else param.default
        except ValueError as error:
            raise Fault.of(
                400,
                f"The parameter {param.name} is wrong: {error}.",
                "Nothing was read.",
                f"{param.help} See /api/v1/openapi.json.",
            ) from None
    return values


async def _body(route: Route, request: web.Request) -> Any:
    if route.body is None:
        return None
    if request.content_type != "application/json":
        raise Fault.of(
            415,
            f"The body is {request.content_type}, not JSON.",
            "Nothing was changed.",
            "Send JSON with Content-Type: application/json.",
        )
    try:
        async with timeout(BODY_S):
            content = await request.read()
        return msgspec.json.decode(content, type=route.body)
    except TimeoutError:
        raise Fault.of(
            408, "The body did not arrive in time.", "Nothing was changed.", "Send it again."
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Fault.of(
            400,
            f"The body is wrong: {error}.",
            "Nothing was changed.",
            "Correct the named field; /api/v1/openapi.json has the shapes.",
        ) from None


def _respond(route: Route, request: web.Request, given: Any) -> web.StreamResponse:
    answer = given if isinstance(given, Answer) else Answer(given, status=route.status)
    if answer.file is not None:
        return web.FileResponse(answer.file, headers=answer.headers)
    if answer.status == 204:
        response = web.Response(status=204, headers=answer.headers)
    else:
        response = json_response(answer.body, answer.status, answer.headers)
    if answer.cookie is not None:
        set_cookie(response, answer.cookie, secure=request.secure)
    return response


def json_response(
    body: Any, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    return web.Response(
        body=_encode(body), status=status, headers=headers, content_type="application/json"
    )


def set_cookie(response: web.Response, value: str, *, secure: bool) -> None:
    """Kept by the browser until logout, out of reach of scripts; empty: taken away."""
    response.set_cookie(
        COOKIE,
        value,
        max_age=400 * 86_400 if value else 0,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=secure,
    )


@web.middleware
async def problems(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Every failure of a request becomes a `Problem`."""
    try:
        return await handler(request)
    except Fault as fault:
        return json_response(fault.problem, fault.status, fault.headers)
    except Refused as refused:
        return json_response(refused.problem, refused.status, refused.headers)
    except CoreAway as away:
        problem = Problem(error=away.error, meaning=away.meaning, remedy=away.remedy)
        return json_response(problem, 503, {"Retry-After": "2"})
    except PastAway as away:
        problem = Problem(
            error=f"The history cannot be read: {away}",
            meaning="Past calls are not shown; calls go on.",
            remedy="Try again in a few seconds; if it stays, look at the office's log.",
        )
        return json_response(problem, 503, {"Retry-After": "5"})
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _http_problem(request, error)
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return json_response(_OWN_FAULT, 500)


_OWN_FAULT = Problem(
    error="The office has a fault of its own.",
    meaning="This page or request did not work; calls are not touched.",
    remedy="Try again; if it stays, look at the office's log.",
)


def _http_problem(request: web.Request, error: web.HTTPException) -> web.Response:
    texts = {
        404: ("There is nothing here.", "Check the address; /api/v1/openapi.json has all."),
        405: (f"{request.method} is not possible here.", "See the Allow header."),
        413: ("The body is too large.", "Send less than 64 KiB."),
    }
    what, remedy = texts.get(error.status, (error.reason, "Correct the request."))
    problem = Problem(error=what, meaning="Nothing was changed.", remedy=remedy)
    allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return json_response(problem, error.status, allow)
