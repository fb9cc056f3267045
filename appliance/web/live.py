"""/api/v1/live: authenticate, attach, snapshot, then what changes.

The token comes in the first message or in the Authorization header, or from the browser's
session, never in the address. Close codes: 4400 malformed, 4401 no valid token, 4403 not
allowed or withdrawn, 4408 too slow, 4429 too many, 4503 tokens cannot be read, 1001 the office
stops. Pages go to the login for 4401 and 4403 only: a screen on the wall has nobody to log in.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace

import msgspec
from aiohttp import web

from appliance.web.access import Access, Credentials, Refused
from appliance.web.floor import Floor, Listener, encode
from appliance.web.http import EVERYBODY, LEADS
from appliance.web.models import AuthMessage
from appliance.web.services import Services
from appliance.web.tokens import Token

AUTH_S = 5.0
BEAT_S = 10.0
WRITE_S = 10.0
CLOSE_S = 2.0
_CODES = {401: 4401, 403: 4403, 429: 4429, 503: 4503}


def live(
    services: Services, access: Access
) -> Callable[[web.Request], Awaitable[web.WebSocketResponse]]:
    """The aiohttp handler."""

    async def handle(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=20.0, max_msg_size=4096, compress=False)
        await socket.prepare(request)
        try:
            _room(services)
            token, auth = await _authenticate(socket, Credentials.of(request, unsafe=True), access)
            _room(services)  # others came while this one said who it is
        except _Closed as closed:
            await socket.close(code=closed.code, message=closed.reason.encode()[:120])
            return socket
        listener = Listener(token, events=auth.events and token.role in LEADS)
        await _serve(socket, services.floor, listener)
        return socket

    return handle


class _Closed(Exception):
    def __init__(self, code: int, reason: str) -> None:
        self.code, self.reason = code, reason


def _room(services: Services) -> None:
    if services.floor.listeners >= services.limits.sockets:
        raise _Closed(4429, "too many open pages")


async def _authenticate(
    socket: web.WebSocketResponse, given: Credentials, access: Access
) -> tuple[Token, AuthMessage]:
    try:
        async with asyncio.timeout(AUTH_S):
            message = await socket.receive()
    except TimeoutError:
        raise _Closed(4408, "too slow: no auth message came") from None
    if message.type is not web.WSMsgType.TEXT:
        raise _Closed(4400, "the first message must be auth, as text")
    try:
        auth = msgspec.json.decode(message.data, type=AuthMessage)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        raise _Closed(4400, "the first message must be auth") from None
    if auth.token:
        given = replace(given, bearer=auth.token)
    try:
        return access.check(given, EVERYBODY), auth
    except Refused as refused:
        raise _Closed(_CODES[refused.status], refused.problem.error) from None


async def _serve(socket: web.WebSocketResponse, floor: Floor, listener: Listener) -> None:
    floor.attach(listener)
    listener.put(floor.snapshot(listener.token))
    reader = asyncio.create_task(_read(socket, listener))
    try:
        await _write(socket, floor, listener)
    except (ConnectionError, TimeoutError):
        listener.close(4408, "too slow")
    finally:
        floor.detach(listener)
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        await _close(socket, listener)


async def _read(socket: web.WebSocketResponse, listener: Listener) -> None:
    """Nothing more is expected; what comes ends the connection."""
    message = await socket.receive()
    if message.type in (web.WSMsgType.TEXT, web.WSMsgType.BINARY):
        listener.close(4400, "nothing is expected after auth")
    else:
        listener.close(1000, "")


async def _write(socket: web.WebSocketResponse, floor: Floor, listener: Listener) -> None:
    while True:
        try:
            message = await listener.take(BEAT_S)
        except TimeoutError:
            message = encode({"type": "beat", "now_us": floor.clock()})
        if message is None:
            return
        async with asyncio.timeout(WRITE_S):
            await socket.send_str(message.decode())


async def _close(socket: web.WebSocketResponse, listener: Listener) -> None:
    code, reason = listener.closed or (1000, "")
    with contextlib.suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(CLOSE_S):
            await socket.close(code=code, message=reason.encode())
