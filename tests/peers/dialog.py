"""One dialog (RFC 3261 12) of a scripted telephone: its state, its requests, its SDP, its sound."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from tests.peers.message import Message, Sdp, write_sdp
from tests.peers.rtp import Stream

if TYPE_CHECKING:
    from tests.peers.phone import Phone

WAIT_S = 8.0
PAYLOADS = {8: "PCMA", 0: "PCMU", 101: "telephone-event"}


class Dialog:
    """What both sides of a call have; `phone.Call` adds what each of them does."""

    def __init__(
        self,
        phone: "Phone",
        call_id: str,
        *,
        target: str = "",
        sender: str = "",
        invite: Message | None = None,
    ) -> None:
        self.phone, self.id = phone, call_id
        self.endpoint = phone.endpoint
        self.media = Stream(self.endpoint.host)
        self.invite_message = invite
        self.tag = secrets.token_hex(4)
        self.up = self.over = False
        self.code = 0
        self.by_peer = False
        self.inbox: list[Message] = []
        self.answers: list[Message] = []
        self.intercept: Callable[[Message], bool] | None = None
        self.answer_direction = ""
        self.offer_payloads: list[int] = list(phone.offered)
        self.remote_sdp: Sdp | None = None
        self._cseq = 1
        self._changed = asyncio.Event()
        self._version = 1
        self._awaiting_ack: asyncio.Task[None] | None = None
        self._confirmed = False
        self._first_branch = invite.branch if invite is not None else ""
        box = self.endpoint.box
        if invite is None:
            self.local = f"{sender or f'<{phone.uri}>'};tag={self.tag}"
            self.remote = f"<sip:{target}@{box[0]}:{box[1]}>"
            self.target = f"sip:{target}@{box[0]}:{box[1]}"
        else:
            self.local = f"{invite.get('To')};tag={self.tag}"
            self.remote = invite.get("From")
            self.target = invite.uri("Contact")

    async def until(self, what: Callable[[Self], object], seconds: float = WAIT_S) -> Self:
        """Raises TimeoutError with what was said so far."""
        try:
            async with asyncio.timeout(seconds):
                while not what(self):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            said = [message.start for message in [*self.answers, *self.inbox]]
            raise TimeoutError(
                f"{self.phone.user}: up={self.up} over={self.over} code={self.code}, got {said}"
            ) from None
        return self

    async def answered(self, seconds: float = WAIT_S) -> Self:
        return await self.until(lambda call: call.up, seconds)

    async def ended(self, seconds: float = WAIT_S) -> Self:
        return await self.until(lambda call: call.over, seconds)

    def _wake(self) -> None:
        self._changed.set()

    def request(self, method: str, **extra: str) -> Message:
        """A request inside the dialog; names of extra headers with _ for -."""
        if method not in ("INVITE", "ACK", "CANCEL") or self.up:
            self._cseq += method not in ("ACK", "CANCEL")
        headers = [
            ("Via", self.endpoint.via()),
            ("Max-Forwards", "70"),
            ("From", self.local),
            ("To", self.remote),
            ("Call-ID", self.id),
            ("CSeq", f"{self._cseq} {method}"),
            ("Contact", f"<{self.phone.uri}>"),
        ]
        headers += [(name.replace("_", "-"), value) for name, value in extra.items()]
        return Message(f"{method} {self.target} SIP/2.0", headers)

    def own_sdp(self, payloads: list[int] | None = None, direction: str = "sendrecv") -> str:
        self._version += 1
        sdp = Sdp(
            self.media.host,
            self.media.port,
            payloads or self.offer_payloads,
            {**PAYLOADS, 9: "G722", 18: "G729", 3: "GSM"},
            direction,
        )
        return write_sdp(sdp, self._version)

    def with_sdp(self, message: Message, body: str) -> Message:
        message.headers.append(("Content-Type", "application/sdp"))
        message.body = body
        return message

    def _accept_offer(self, offer: Sdp) -> str:
        """Our answer: the first codec of ours that they offer, and keys."""
        common = [p for p in self.offer_payloads if offer.names.get(p) == PAYLOADS.get(p)]
        speech = [p for p in common if p in offer.payloads and p in (0, 8)][:1]
        chosen = replace(
            offer,
            host=self.media.host,
            port=self.media.port,
            payloads=speech + ([offer.events] if offer.events is not None else []),
            direction=self.answer_direction or _ANSWERS[offer.direction],
        )
        self._use(replace(offer, payloads=chosen.payloads))
        self._version += 1
        return write_sdp(chosen, self._version)

    def _use(self, remote: Sdp) -> None:
        self.remote_sdp = remote
        if remote.port and any(p in (0, 8) for p in remote.payloads):
            self.media.send_to(remote.host, remote.port, remote.speech, remote.events)

    async def ask(self, method: str, body: str = "", **extra: str) -> Message:
        request = self.request(method, **extra)
        request.body = body
        return await self.endpoint.ask(request)

    async def info(self, key: str) -> Message:
        return await self.ask(
            "INFO", f"Signal={key}\r\nDuration=160\r\n", Content_Type="application/dtmf-relay"
        )

    async def refer(self, target: str) -> Message:
        return await self.ask("REFER", Refer_To=f"<{target}>", Referred_By=f"<{self.phone.uri}>")

    def _finish(self, code: int) -> None:
        self.up = False
        self.over = True
        self.code = code
        self.media.mute()
        if self._awaiting_ack:
            self._awaiting_ack.cancel()
        self._wake()


_ANSWERS = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
