"""A scripted telephone: dials and answers, sends a tone, and keeps all that it hears."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable

from tests.peers.dialog import WAIT_S, Dialog
from tests.peers.endpoint import T1, Endpoint, response_to
from tests.peers.message import Message, read_sdp


class Phone:
    """One user of an endpoint. What it does with a call is `on_call`."""

    def __init__(self, endpoint: Endpoint, user: str) -> None:
        self.endpoint, self.user = endpoint, user
        self.calls: list[Call] = []
        self.offered = [8, 0, 101]
        self.on_call: Callable[[Call], Awaitable[None]] = _ring_on
        self._acts: set[asyncio.Task[None]] = set()
        self._fresh: asyncio.Queue[Call] = asyncio.Queue()

    @property
    def uri(self) -> str:
        return f"sip:{self.user}@{self.endpoint.host}:{self.endpoint.port}"

    def forget(self) -> None:
        """No call was ever made."""
        self.calls = []
        self._fresh = asyncio.Queue()
        self.on_call = _ring_on

    # -- what it does with calls --------------------------------------------------------------

    def answers(self, hz: float = 1000, ring_s: float = 0.1, dbov: float = -15.0) -> "Phone":
        """Ring, pick up, and send a tone."""

        async def act(call: Call) -> None:
            call.reply(180)
            await asyncio.sleep(ring_s)
            if not call.over:
                call.media.tone(hz, dbov)
                call.accept()

        self.on_call = act
        return self

    def refuses(self, code: int) -> "Phone":
        async def act(call: Call) -> None:
            call.reply(code)

        self.on_call = act
        return self

    def rings_on(self) -> "Phone":
        self.on_call = _ring_on
        return self

    def is_dead(self) -> "Phone":
        """Takes packets and says nothing."""

        async def act(call: Call) -> None:
            return None

        self.on_call = act
        return self

    def invited(self, request: Message) -> None:
        call = Call(self, request.get("Call-ID"), invite=request)
        self._start(call, self.on_call(call))
        self._fresh.put_nowait(call)

    def _start(self, call: "Call", act: Awaitable[None]) -> None:
        self.calls.append(call)
        self.endpoint.calls[call.id] = call

        async def run() -> None:
            await act

        task = asyncio.create_task(run())
        self._acts.add(task)
        task.add_done_callback(self._acts.discard)

    async def next_call(self, seconds: float = WAIT_S) -> "Call":
        """The next call that comes in (each is given once)."""
        async with asyncio.timeout(seconds):
            return await self._fresh.get()

    # -- calling ------------------------------------------------------------------------------

    def dial(
        self,
        user: str,
        hz: float | None = 450,
        *,
        dbov: float = -15.0,
        headers: list[tuple[str, str]] | None = None,
        sender: str = "",
        to: str = "",
        offer: bool = True,
        payloads: list[int] | None = None,
    ) -> "Call":
        """INVITE; `hz` None sends no RTP at all. `offer` False leaves the SDP to the box.
        `to`: the called number, where the request's URI names somebody else."""
        call = Call(self, secrets.token_hex(8), target=user, sender=sender)
        if to:
            call.remote = call.remote.replace(f"sip:{user}@", f"sip:{to}@")
        call.offer_payloads = payloads or list(self.offered)
        if hz is not None:
            call.media.tone(hz, dbov)
        self._start(call, call.invite(headers or [], offer))
        return call


async def _ring_on(call: "Call") -> None:
    call.reply(180)


class Call(Dialog):
    """A dialog of a phone, either side."""

    # -- caller's side ------------------------------------------------------------------------

    async def invite(self, headers: list[tuple[str, str]], offer: bool) -> None:
        request = self.request("INVITE")
        request.headers += headers
        if offer:
            self.with_sdp(request, self.own_sdp())
        self.invite_message = request
        try:
            answer = await self.endpoint.ask(request, 60.0)
        except TimeoutError:
            self._finish(408)
            return
        self._invite_answered(request, answer)

    def _invite_answered(self, request: Message, answer: Message) -> None:
        if answer.code >= 300:
            ack = Message(f"ACK {self.target} SIP/2.0", list(request.headers[:6]))
            ack.headers = [(k, v) for k, v in ack.headers if k not in ("To", "CSeq")]
            ack.headers += [("To", answer.get("To")), ("CSeq", f"{request.cseq[0]} ACK")]
            self.endpoint.send(ack)
            if not self.up:
                self._finish(answer.code)
            self._wake()
            return
        self.remote = answer.get("To")
        self.target = answer.uri("Contact") or self.target
        ack = self.request("ACK")
        ack.headers = [h for h in ack.headers if h[0] != "CSeq"]
        ack.headers.append(("CSeq", f"{request.cseq[0]} ACK"))
        if not request.body and answer.body:
            self.with_sdp(ack, self._accept_offer(read_sdp(answer.body)))
        elif answer.body:
            self._use(read_sdp(answer.body))
        self._last_ack = ack
        if self.hold_ack:
            self._wake()
            return
        self.endpoint.send(ack)
        self.up, self.code = True, answer.code
        self._wake()

    hold_ack = False
    _last_ack: Message | None = None

    @property
    def has_ack(self) -> bool:
        """A 200 came and its ACK is ready, sent or held back."""
        return self._last_ack is not None

    def send_ack(self) -> None:
        assert self._last_ack is not None
        self.endpoint.send(self._last_ack)
        self.up = True

    def cancel(self) -> None:
        """CANCEL of the pending INVITE."""
        invite = self.invite_message
        assert invite is not None
        names = ("Via", "From", "To", "Call-ID", "Max-Forwards")
        headers = [(k, v) for k, v in invite.headers if k in names]
        headers.append(("CSeq", f"{invite.cseq[0]} CANCEL"))
        uri = invite.start.split(" ")[1]
        self.endpoint.send(Message(f"CANCEL {uri} SIP/2.0", headers))

    async def bye(self) -> None:
        """Hang up, or give up ringing."""
        if self.over:
            return
        if not self.up:
            self.cancel()
            await self.ended()
            return
        await self.send_bye()

    async def send_bye(self) -> Message:
        answer = await self.endpoint.ask(self.request("BYE"))
        self._finish(self.code or 200)
        return answer

    async def reinvite(
        self,
        payloads: list[int] | None = None,
        direction: str = "sendrecv",
        sdp: str = "",
        seconds: float = WAIT_S,
    ) -> Message:
        """A new offer; the stream follows the answer."""
        request = self.request("INVITE")
        self.with_sdp(request, sdp or self.own_sdp(payloads, direction))
        answer = await self.endpoint.ask(request, seconds)
        self._invite_answered(request, answer)
        return answer

    # -- callee's side ------------------------------------------------------------------------

    def reply(self, code: int, request: Message | None = None, body: str = "") -> Message:
        """Answer the INVITE, or another request."""
        about = request or self.invite_message
        assert about is not None
        response = response_to(about, code, self.tag)
        if about.method == "INVITE" and 100 < code < 300:
            response.headers.append(("Contact", f"<{self.phone.uri}>"))
        if body:
            self.with_sdp(response, body)
        self.endpoint.reply(about, response)
        if request is None and code >= 300:
            self._finish(code)
        return response

    def early(self) -> None:
        """183 with our answer: what we send is early media."""
        assert self.invite_message is not None
        self.reply(183, body=self._accept_offer(read_sdp(self.invite_message.body)))

    def accept(self, payloads: list[int] | None = None) -> None:
        """200 with our answer, repeated until the ACK comes."""
        assert self.invite_message is not None
        if payloads:
            self.offer_payloads = payloads
        offer = self.invite_message.body
        body = self._accept_offer(read_sdp(offer)) if offer else self.own_sdp()
        response = self.reply(200, body=body)
        self.up, self.code = True, 200
        self._awaiting_ack = asyncio.create_task(self._repeat(response))
        self._wake()

    async def _repeat(self, response: Message) -> None:
        pause = T1
        while not self._confirmed and not self.over and pause < 16:
            await asyncio.sleep(pause)
            if not self._confirmed and not self.over:
                self.endpoint.send(response)
            pause = min(2 * pause, 4.0) if pause < 4 else pause + 4

    # -- in -----------------------------------------------------------------------------------

    def told(self, response: Message) -> None:
        self.answers.append(response)
        if response.code == 183 and response.body and not self.up:
            self._use(read_sdp(response.body))
        if response.cseq[1] == "INVITE" and 200 <= response.code < 300 and self._last_ack:
            same = self._last_ack.cseq[0] == response.cseq[0]
            if same and self.up:
                self.endpoint.send(self._last_ack)
        self._wake()

    def take(self, request: Message) -> None:
        self.inbox.append(request)
        if self.intercept is None or not self.intercept(request):
            self._obey(request)
        self._wake()

    def _obey(self, request: Message) -> None:
        method = request.method
        if method == "ACK":
            self._confirmed = True
            if request.body:
                self._use(read_sdp(request.body))
        elif method == "CANCEL":
            self.endpoint.reply(request, response_to(request, 200, self.tag))
            if not self.up and not self.over:
                self.by_peer = True
                self.reply(487)
        elif method == "BYE":
            self.endpoint.reply(request, response_to(request, 200, self.tag))
            self.by_peer = True
            self._finish(200)
        elif method == "INVITE" and request.branch == self._first_branch:
            pass  # repeated because we have not answered
        elif method == "INVITE":
            body = self._accept_offer(read_sdp(request.body)) if request.body else self.own_sdp()
            self.reply(200, request, body)
        elif method == "UPDATE" and request.body:
            self.reply(200, request, self._accept_offer(read_sdp(request.body)))
        else:
            self.endpoint.reply(request, response_to(request, 200, self.tag))
