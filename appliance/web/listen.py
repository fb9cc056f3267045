"""The listening socket: how many may connect, and how long one may say nothing."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from aiohttp import web

from appliance.web.services import Limits

LOOK_S = 1.0


class PortTaken(Exception):
    """The pages cannot be served at that address. The text is for people."""


class Listening:
    """Serves an application. A connection over the limit is refused; one that has sent no
    whole request in `first_request_s` is closed."""

    def __init__(self, app: web.Application, host: str, port: int, limits: Limits) -> None:
        self.host, self.port = host, port
        self._limits = limits
        self._opening = 0
        self._silent: dict[asyncio.BaseProtocol, float] = {}
        """Connections that have not asked anything, with the moment they were made."""
        app.middlewares.append(self._note)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            keepalive_timeout=75,
            max_line_size=limits.header_line,
            max_field_size=limits.header_line,
            shutdown_timeout=3.0,
        )

    async def start(self) -> None:
        """Raises `PortTaken`."""
        await self._runner.setup()
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._connection, self.host, self.port)
        except OSError as error:
            await self._runner.cleanup()
            raise PortTaken(
                f"Pages and API cannot listen on {self.host} port {self.port}: "
                f"{error.strerror or error}. Calls go on without them. "
                "Stop what uses the port, or set web.listen and web.port in site.toml."
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]
        self._watch = asyncio.create_task(self._watch_silent())

    async def stop(self) -> None:
        self._server.close()
        self._watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._watch
        await self._runner.cleanup()

    @property
    def _handlers(self) -> "list[web.RequestHandler]":
        return self._runner.server.connections if self._runner.server else []

    def _connection(self) -> asyncio.BaseProtocol:
        server = self._runner.server
        if server is None or len(self._handlers) + self._opening >= self._limits.connections:
            return _Refuse()
        handler = server()
        loop = asyncio.get_running_loop()
        self._silent[handler] = loop.time()
        self._opening += 1
        loop.call_soon(self._opened)  # runs just before the handler's connection_made
        return handler

    def _opened(self) -> None:
        self._opening -= 1

    @web.middleware
    async def _note(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        self._silent.pop(request.protocol, None)
        return await handler(request)

    async def _watch_silent(self) -> None:
        while True:
            await asyncio.sleep(min(LOOK_S, self._limits.first_request_s / 4))
            late = asyncio.get_running_loop().time() - self._limits.first_request_s
            for handler in self._handlers:
                if self._silent.get(handler, late) < late:
                    handler.force_close()
            self._silent = {h: since for h, since in self._silent.items() if since >= late}


class _Refuse(asyncio.Protocol):
    """Says that there are too many connections, and closes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(
            b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n"
            b"Content-Length: 0\r\nConnection: close\r\n\r\n"
        )
        transport.close()
