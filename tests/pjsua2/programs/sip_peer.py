"""A SIP endpoint on 127.0.0.1, driven by JSON lines on stdin; calls are named by their index.

Answers every call. As `box` it has a ReferModule, as `registrar` a RawSipModule, otherwise it is a
phone. Everything that happens is told: state, media, refer, transfer (what a NOTIFY said), request.
usage: sip_peer.py NAME
"""

import json
import sys
import threading
import time
from typing import Any

import pjsua2 as pj
from kit import call_param, start_endpoint, tell


class Leg(pj.Call):
    def onCallState(self, prm: pj.OnCallStateParam) -> None:
        brief, info = pj.callBrief(self.getId()), self.getInfo()
        assert brief.state == info.state and brief.role == info.role
        assert brief.lastStatusCode == info.lastStatusCode
        tell("state", call=self.getId(), state=brief.state, code=brief.lastStatusCode)

    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:
        brief = pj.callBrief(self.getId())
        tell("media", call=self.getId(), status=brief.mediaStatus, slot=brief.confSlot)

    def onCallTransferStatus(self, prm: pj.OnCallTransferStatusParam) -> None:
        tell(
            "transfer",
            call=self.getId(),
            code=prm.statusCode,
            reason=prm.reason,
            final=prm.finalNotify,
        )


class Line(pj.Account):
    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:
        leg = Leg(self, prm.callId)
        peer.legs[leg.getId()] = leg
        leg.answer(call_param(200))


class Refers(pj.ReferModule):
    refuse = 0
    progress = 0

    def onRefer(self, req: pj.ReferRequest) -> None:
        names = "id callId referTo targetUri method replaces replacesCallId referredBy subscribed"
        tell("refer", **{name: getattr(req, name) for name in names.split()})
        req.code = self.refuse or 202
        if self.progress:
            asked = threading.Event()
            threading.Thread(target=self.notify_now, args=(req.id, asked)).start()
            asked.wait()
            time.sleep(0.1)  # the other thread is in notify() by now

    def notify_now(self, id: int, asked: threading.Event) -> None:
        asked.set()
        tell("notified", id=id, sent=pj.ReferModule.notify(id, self.progress))


class Registrar(pj.RawSipModule):
    def onRequest(self, req: pj.RawSipRequest) -> None:
        tell(
            "request",
            method=req.method,
            message=req.message,
            source=req.source,
            transport=req.transport,
        )
        if "Authorization:" not in req.message:
            req.code, req.reason = 401, "Who are you"
            header = pj.SipHeader()
            header.hName, header.hValue = "WWW-Authenticate", 'Digest realm="floor", nonce="1"'
            req.headers.append(header)
        elif req.method == "REGISTER":
            req.code = 200


class Peer:
    def __init__(self, name: str) -> None:
        self.endpoint = start_endpoint(port=0)
        self.uri = f"sip:{name}@{self.endpoint.transportGetInfo(0).localName}"
        self.legs: dict[int, Leg] = {}
        self.line = Line()
        self.refers = Refers() if name == "box" else None
        if self.refers:
            self.refers.start()
        self.registrar = Registrar() if name == "registrar" else None
        if self.registrar:
            self.registrar.start("REGISTER INVITE")

    def begin(self) -> None:
        config = pj.AccountConfig()
        config.idUri = self.uri
        self.line.create(config)
        tell("ready", uri=self.uri)

    def dial(self, uri: str) -> int:
        leg = Leg(self.line)
        leg.makeCall(uri, call_param())
        self.legs[leg.getId()] = leg
        return leg.getId()

    def hang_up(self, call: int) -> None:
        self.legs[call].hangup(pj.CallOpParam())

    def transfer(self, call: int, target: str, headers: dict[str, str] | None = None) -> None:
        param = pj.CallOpParam()
        for name, value in (headers or {}).items():
            header = pj.SipHeader()
            header.hName, header.hValue = name, value
            param.txOption.headers.append(header)
        self.legs[call].xfer(target, param)

    def transfer_to_call(self, call: int, other: int) -> None:
        self.legs[call].xferReplaces(self.legs[other], pj.CallOpParam())

    def notify(self, id: int, code: int, reason: str = "", final: bool = False) -> bool:
        return pj.ReferModule.notify(id, code, reason, final)

    def find(self, replaces: str) -> int:
        return pj.ReferModule.findReplaced(replaces)

    def refuse(self, code: int) -> None:
        self.refers.refuse = code

    def answer_in_callback(self, code: int) -> None:
        self.refers.progress = code

    def stop_refers(self) -> None:
        self.refers.stop()

    def calls(self) -> list[int]:
        """The calls that pjsua has, whoever made them."""
        return [i for i in range(16) if pj.callBrief(i).state == pj.PJSIP_INV_STATE_CONFIRMED]

    def dialogs(self) -> int:
        return len([i for i in range(16) if pj.callBrief(i).state >= 0])

    def end(self) -> None:
        self.endpoint.hangupAllCalls()
        self.line.shutdown()
        self.legs.clear()
        self.refers = self.registrar = None
        self.endpoint.libDestroy()


def main() -> None:
    peer.begin()
    for text in sys.stdin:
        order: dict[str, Any] = json.loads(text)
        command = order.pop("command")
        try:
            result = getattr(peer, command)(**order)
        except pj.Error as error:
            result = {"raised": error.reason}
        tell("result", command=command, result=result)
    peer.end()


peer = Peer(sys.argv[1])
main()
