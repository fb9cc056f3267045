"""A SIP endpoint over UDP with scripted phones behind it: transactions only, no decisions."""

import asyncio
import contextlib
import secrets
import socket
from typing import TYPE_CHECKING, Self

from tests.peers.message import Message, parse

if TYPE_CHECKING:
    from tests.peers.phone import Call, Phone

T1 = 0.5


class Endpoint(asyncio.DatagramProtocol):
    """One UDP socket. Requests for a phone are told apart by the user of their URI."""

    def __init__(self, host: str, port: int, box: tuple[str, int]) -> None:
        self.host, self.port, self.box = host, port, box
        self.phones: dict[str, Phone] = {}
        self.calls: dict[str, Call] = {}
        self.log: list[tuple[str, str]] = []
        self._answered: dict[tuple[str, str], bytes] = {}
        self._asked: dict[tuple[str, str], asyncio.Future[Message]] = {}
        self._heard_back: set[tuple[str, str]] = set()
        self._transport: asyncio.DatagramTransport | None = None
        self.deaf = False
        """True: whatever comes is not seen."""

    @classmethod
    async def open(cls, host: str, box: tuple[str, int], port: int = 0) -> Self:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        sock.bind((host, port))
        endpoint = cls(host, sock.getsockname()[1], box)
        loop = asyncio.get_running_loop()
        endpoint._transport, _ = await loop.create_datagram_endpoint(lambda: endpoint, sock=sock)
        return endpoint

    def close(self) -> None:
        for call in self.calls.values():
            call.media.close()
        if self._transport:
            self._transport.close()

    def phone(self, user: str) -> "Phone":
        from tests.peers.phone import Phone

        if user not in self.phones:
            self.phones[user] = Phone(self, user)
        return self.phones[user]

    # -- out --------------------------------------------------------------------------------

    def raw(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.sendto(data, self.box)

    def send(self, message: Message) -> None:
        self.log.append(("->", message.start))
        self.raw(message.encode())

    def via(self) -> str:
        branch = "z9hG4bK" + secrets.token_hex(6)
        return f"SIP/2.0/UDP {self.host}:{self.port};rport;branch={branch}"

    async def ask(self, request: Message, seconds: float = 8.0) -> Message:
        """Send a request until a final answer comes. Raises TimeoutError without one."""
        key = (request.branch, request.method)
        answer = self._asked[key] = asyncio.get_running_loop().create_future()
        pause = T1
        self.send(request)
        try:
            async with asyncio.timeout(seconds):
                while True:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(pause):
                            return await asyncio.shield(answer)
                    pause = min(2 * pause, 4.0)
                    if request.method != "INVITE" or not self._provisional(key):
                        self.send(request)
        finally:
            del self._asked[key]

    def _provisional(self, key: tuple[str, str]) -> bool:
        return key in self._heard_back

    def reply(self, request: Message, response: Message) -> None:
        """Answer a request; its repetitions get the same answer."""
        self._answered[(request.branch, request.method)] = response.encode()
        self.send(response)

    # -- in ---------------------------------------------------------------------------------

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.deaf or len(data) < 8:
            return  # keep-alive (RFC 5626 4.4.1)
        with contextlib.suppress(ValueError):
            message = parse(data)
            self.log.append(("<-", message.start))
            if message.method:
                self._request(message)
            else:
                self._response(message)

    def _request(self, request: Message) -> None:
        repeated = self._answered.get((request.branch, request.method))
        if repeated is not None:
            self.raw(repeated)
            return
        call = self.calls.get(request.get("Call-ID"))
        if call is not None:
            call.take(request)
        elif request.method == "OPTIONS":
            self.reply(request, response_to(request, 200))
        elif request.method == "INVITE":
            phone = self.phones.get(request.user) or self.phones.get("*")
            if phone is None:
                self.reply(request, response_to(request, 404))
            else:
                phone.invited(request)
        elif request.method != "ACK":
            self.reply(request, response_to(request, 481))

    def _response(self, response: Message) -> None:
        key = (response.branch, response.cseq[1])
        call = self.calls.get(response.get("Call-ID"))
        if response.code < 200:
            self._heard_back.add(key)
        else:
            asked = self._asked.get(key)
            if asked is not None and not asked.done():
                asked.set_result(response)
        if call is not None:
            call.told(response)

    # -- asking without a call ----------------------------------------------------------------

    async def options(self, seconds: float = 3.0) -> Message:
        """An OPTIONS to the box."""
        return await self.ask(
            Message(
                f"OPTIONS sip:{self.box[0]}:{self.box[1]} SIP/2.0",
                [
                    ("Via", self.via()),
                    ("Max-Forwards", "70"),
                    ("From", f"<sip:probe@{self.host}>;tag={secrets.token_hex(4)}"),
                    ("To", f"<sip:{self.box[0]}>"),
                    ("Call-ID", secrets.token_hex(8)),
                    ("CSeq", "1 OPTIONS"),
                ],
            ),
            seconds,
        )


REASONS = {
    100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 401: "Unauthorized",
    404: "Not Found", 480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist",
    486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here",
    491: "Request Pending", 500: "Server Internal Error", 603: "Decline",
}  # fmt: skip


def response_to(request: Message, code: int, tag: str = "") -> Message:
    """A response with the headers that RFC 3261 8.2.6 wants copied."""
    headers = [("Via", value) for value in request.all("Via")]
    headers += [("Record-Route", value) for value in request.all("Record-Route")]
    to = request.get("To")
    if tag and "tag=" not in to:
        to += f";tag={tag}"
    headers += [("From", request.get("From")), ("To", to)]
    headers += [("Call-ID", request.get("Call-ID")), ("CSeq", request.get("CSeq"))]
    return Message(f"SIP/2.0 {code} {REASONS.get(code, 'Whatever')}", headers)
