"""SIP identities: one for seats and unknown callers, one for each trunk."""

from typing import TYPE_CHECKING, Any

import pjsua2 as pj

from appliance.model.ids import LegId
from appliance.model.legs import Invited, LineSignal
from appliance.sip.headers import escape_user, read_invite
from appliance.sip.leg import Leg
from appliance.sip.settings import EngineSettings, LineAccount

if TYPE_CHECKING:
    from appliance.sip.engine import Engine

NO_ADDRESS = "PJ_ERESOLVE"
"""In PJSIP's reasons, where a host name could not be looked up."""


class Account(pj.Account):  # type: ignore[misc] # pjsua2 ships no types
    """`line` is None for the account that seats are called from."""

    def __init__(self, engine: "Engine", line: LineAccount | None) -> None:
        super().__init__()
        self.engine = engine
        self.line = line
        self.codecs = line.codecs if line else engine.settings.seat_codecs
        self._heard = False
        """The registrar has answered, or SIP has given it up."""

    # -- worker thread ----------------------------------------------------------------------

    def onIncomingCall(self, prm: Any) -> None:
        leg = Leg(self, self.engine.new_leg_id(), prm.callId)
        source = str(prm.rdata.srcAddress)
        self.engine.post(self.on_invite, (leg, source, str(prm.rdata.wholeMsg)))

    def onRegState(self, prm: Any) -> None:
        self._heard = True
        active = prm.code // 100 == 2 and prm.expiration > 0
        self.engine.post(self.on_line, (int(prm.code), str(prm.reason), active))

    def onSendRequest(self, prm: Any) -> None:
        tsx = prm.e.body.tsxState.tsx
        self.engine.post(self.on_line, (int(tsx.statusCode), str(tsx.statusText), None))

    # -- asyncio thread ---------------------------------------------------------------------

    def on_invite(self, facts: tuple[Leg, str, str]) -> None:
        leg, source, message = facts
        invite = read_invite(message)
        host, _, port = source.rpartition(":")
        self.engine.adopt(leg)
        self.engine.report(
            Invited(
                leg=leg.leg,
                source=host.strip("[]"),
                source_port=int(port or 0),
                user=invite.user,
                to_user=invite.to_user,
                from_uri=invite.from_uri,
                from_name=invite.from_name,
                pai=invite.pai,
                diversion=invite.diversion,
                privacy=invite.privacy,
                sip_call_id=invite.call_id,
                account=self.line.trunk if self.line else "",
                headers=invite.ours,
            )
        )

    def on_line(self, facts: tuple[int, str, bool | None]) -> None:
        if self.line is not None:
            code, text, registered = facts
            if NO_ADDRESS in text:
                text = f"no address for {self.line.host}: no name server answers, or it is wrong"
            self.engine.report(
                LineSignal(trunk=self.line.trunk, code=code, reason=text, registered=registered)
            )

    def say_if_silent(self) -> None:
        """Report a registrar that has not answered yet: the line is no use until it does."""
        if not self._heard and self.line is not None:
            where = f"{self.line.host}:{self.line.port}"
            self.on_line((408, f"no answer from {where} yet, still trying", False))

    def keep_alive(self) -> None:
        """Send one OPTIONS (RFC 3261 11); the answer comes as `LineSignal`."""
        assert self.line is not None
        request = pj.SendRequestParam()
        request.method = "OPTIONS"
        request.txOption.targetUri = f"sip:{self.line.host}:{self.line.port}" + (
            ";transport=tcp" if self.line.transport == "tcp" else ""
        )
        try:
            self.sendRequest(request)
        except pj.Error as error:
            self.on_line((503, str(error.reason), None))


def account_config(settings: EngineSettings, line: LineAccount | None) -> pj.AccountConfig:
    """PJSUA's account for a line, or for seats where `line` is None."""
    config = pj.AccountConfig()
    if line is None:
        config.idUri = f"sip:{settings.user}@{settings.listen}:{settings.port}"
        config.priority = 0
    else:
        config.idUri = f"sip:{own_user(settings, line)}@{line.domain}"
        if line.username:
            config.sipConfig.authCreds.append(
                pj.AuthCredInfo("digest", "*", line.username, 0, line.password)
            )
        if line.register:
            config.regConfig.registrarUri = f"sip:{line.domain}" + (
                ";transport=tcp" if line.transport == "tcp" else ""
            )
            config.regConfig.timeoutSec = line.register_s
            config.regConfig.retryIntervalSec = 30
            config.regConfig.firstRetryIntervalSec = 5
        config.natConfig.sipOutboundUse = 0
    rtp = config.mediaConfig.transportConfig
    rtp.boundAddress = settings.listen
    rtp.port = settings.rtp_first
    rtp.portRange = settings.rtp_last - settings.rtp_first
    config.videoConfig.autoTransmitOutgoing = False
    config.videoConfig.autoShowIncoming = False
    return config


def own_user(settings: EngineSettings, line: LineAccount) -> str:
    """User part of a line's own address, escaped (RFC 3261 25.1): the @ of a user name that holds
    a domain is part of the name, which the digest carries in full."""
    return escape_user(line.caller_id or line.username or settings.user)


def make_leg_id(count: int, token: str) -> LegId:
    return LegId(f"{token}-{count}")
