"""One SIP dialog. Callbacks come on PJSIP's worker thread: they take facts and post them."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pjsua2 as pj

from appliance.model import legs
from appliance.model.ids import LegId
from appliance.sip.errors import reason, tolerate
from appliance.sip.headers import one_line
from appliance.sip.sdp import restrict_codecs

if TYPE_CHECKING:
    from appliance.sip.accounts import Account

SAME_PRESS_S = 0.4
"""A tone of 100 ms is heard by the detector within this of its RFC 4733 twin."""


def call_param(code: int = 0, text: str = "") -> pj.CallOpParam:
    """One audio stream, nothing else; `code` for answers and hang-ups."""
    param = pj.CallOpParam(True)
    param.opt.audioCount = 1
    param.opt.videoCount = 0
    param.opt.textCount = 0  # a text stream would let a call without a common codec be answered
    if code:
        param.statusCode = code
        param.reason = one_line(text)
    return param


class Leg(pj.Call):  # type: ignore[misc] # pjsua2 ships no types
    """`done` is set at DISCONNECTED; after it nothing may touch the call again."""

    def __init__(self, account: "Account", leg: LegId, call_id: int = pj.PJSUA_INVALID_ID):
        super().__init__(account, call_id)
        self.account = account
        self.leg = leg
        self.incoming = call_id != pj.PJSUA_INVALID_ID
        self.codecs = account.codecs
        self.done = False
        self.gone = False
        """Set on PJSIP's thread at DISCONNECTED, before its port is given to somebody else."""
        self.confirmed = False
        self.hanging_up = False
        self.peer_held = False
        self.packets = -1
        self.quiet_since = 0.0
        self.quiet = False
        self.shape_sdp: Callable[[str], str] | None = None
        self.transfer_status: Callable[[int, bool], None] | None = None
        self._last_digit = ("", "", 0.0)
        self._emit = account.engine.post

    # -- worker thread ----------------------------------------------------------------------

    def onCallState(self, prm: Any) -> None:
        try:
            info = self.getInfo()
            facts = (info.state, int(info.lastStatusCode), str(info.lastReason))
        except pj.Error as error:
            facts = (pj.PJSIP_INV_STATE_DISCONNECTED, 500, reason(error))
        if facts[0] == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.gone = True
        self._emit(self.on_state, facts)

    def onCallMediaState(self, prm: Any) -> None:
        try:
            status = pj.PJSUA_CALL_MEDIA_NONE
            info = self.getInfo()  # owns the list below: SWIG frees it with `info`
            for media in info.media:
                if media.type == pj.PJMEDIA_TYPE_AUDIO:
                    status = media.status
                    break
            codec = ""
            if status in (pj.PJSUA_CALL_MEDIA_ACTIVE, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD):
                codec = str(self.getStreamInfo(0).codecName)
        except pj.Error:
            return
        self._emit(self.on_media, (status, codec))

    def onDtmfDigit(self, prm: Any) -> None:
        how = "info" if prm.method == pj.PJSUA_DTMF_METHOD_SIP_INFO else "rfc4733"
        self._emit(self.on_digit, (str(prm.digit), how))

    def onCallSdpCreated(self, prm: Any) -> None:
        if self.codecs:
            prm.sdp.wholeSdp = restrict_codecs(prm.sdp.wholeSdp, self.codecs)
        if self.shape_sdp is not None:
            prm.sdp.wholeSdp = self.shape_sdp(prm.sdp.wholeSdp)

    def onCallTransferRequest(self, prm: Any) -> None:
        prm.statusCode = 501

    def onCallReplaceRequest(self, prm: Any) -> None:
        prm.statusCode = 501

    def onCallTransferStatus(self, prm: Any) -> None:
        self._emit(self.on_transfer_status, (int(prm.statusCode), bool(prm.finalNotify)))

    # -- asyncio thread ---------------------------------------------------------------------

    def on_transfer_status(self, facts: tuple[int, bool]) -> None:
        """How a transfer goes that we asked the peer for."""
        if self.transfer_status is not None:
            self.transfer_status(*facts)

    def on_state(self, facts: tuple[int, int, str]) -> None:
        state, code, text = facts
        if self.done:
            return
        engine = self.account.engine
        if state == pj.PJSIP_INV_STATE_EARLY and not self.incoming:
            engine.report(legs.Ringing(leg=self.leg, code=code, early_media=code == 183))
        elif state == pj.PJSIP_INV_STATE_CONFIRMED and not self.confirmed:
            self.confirmed = True
            self.quiet_since = time.monotonic()
            engine.report(legs.Answered(leg=self.leg))
        elif state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.done = True
            engine.leg_ended(self)
            engine.report(
                legs.Ended(leg=self.leg, code=code, reason=text, by_peer=not self.hanging_up)
            )

    def on_media(self, facts: tuple[int, str]) -> None:
        status, codec = facts
        if self.done:
            return
        engine = self.account.engine
        held = status == pj.PJSUA_CALL_MEDIA_REMOTE_HOLD
        if status in (pj.PJSUA_CALL_MEDIA_ACTIVE, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD):
            with tolerate(f"media of {self.leg}"):
                engine.bridge.set_media(
                    f"leg:{self.leg}", self.getAudioMedia(-1), lambda: not self.gone
                )
                engine.report(legs.MediaUp(leg=self.leg, codec=codec))
        if held != self.peer_held:
            self.peer_held = held
            engine.report(legs.PeerHeld(leg=self.leg, held=held))

    def on_digit(self, facts: tuple[str, str]) -> None:
        """One press may arrive both as tones and as an event: the second way is dropped."""
        key, how = facts
        if self.done:
            return
        last_key, last_how, at = self._last_digit
        now = time.monotonic()
        if key == last_key and how != last_how and now - at < SAME_PRESS_S:
            return
        self._last_digit = (key, how, now)
        self.account.engine.report(legs.Digit(leg=self.leg, key=key, how=how))

    def answer_with(self, code: int, text: str = "") -> None:
        if not self.done:
            with tolerate(f"answer {self.leg} with {code}"):
                self.answer(call_param(code, text))

    def end(self, code: int = 0, text: str = "") -> None:
        """BYE, CANCEL or a final answer, whatever the state needs."""
        if self.done:
            return
        self.hanging_up = True
        with tolerate(f"hang up {self.leg}"):
            self.hangup(call_param(code, text))

    def rtp_packets(self) -> int:
        """RTP packets received so far; -1 when there is no stream."""
        if self.done or not self.confirmed:
            return -1
        try:
            stat = self.getStreamStat(0)
            return int(stat.rtcp.rxStat.pkt)
        except pj.Error:
            return -1
