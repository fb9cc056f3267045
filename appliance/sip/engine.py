"""The engine: legs, bridge, players, recorders. Every pjsua2 call is made on asyncio's thread."""

import asyncio
import itertools
import logging
import secrets
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pjsua2 as pj

from appliance.model.ids import LegId, TrunkId
from appliance.model.legs import Ended, EngineEvent, LineSignal, PlayDone, Quiet, RecorderTrouble
from appliance.sip.accounts import Account, account_config, make_leg_id
from appliance.sip.bridge import Bridge
from appliance.sip.errors import EngineError, quiet_stdout, reason, tolerate
from appliance.sip.headers import escape_user, one_line, quote_name
from appliance.sip.hearing import SpeechTaps
from appliance.sip.inband import InbandListener
from appliance.sip.leg import Leg, call_param
from appliance.sip.library import choose_codecs, endpoint_config
from appliance.sip.logfile import keep_small
from appliance.sip.quiet import QuietListener
from appliance.sip.refer import Refers
from appliance.sip.refusals import Refusals
from appliance.sip.settings import EngineSettings, LineAccount
from appliance.sip.silence import SilenceAlarm
from appliance.sip.sound import Players, Recorders
from appliance.sip.watch import Guard, Watch

log = logging.getLogger(__name__)

RELEASE_S = 5.0
"""A finished Call object is kept this long: PJSIP may still deliver events to it."""
STATS_EVERY_S = 5
REGISTRAR_S = 4.0
"""A registrar that has not answered by then is told of; SIP itself waits 32 s for it
(RFC 3261 17.1.2.2)."""


class Engine:
    """Give it a listener, start it, and drive legs by id. Not thread-safe but for `post`."""

    def __init__(self, settings: EngineSettings, listener: Callable[[EngineEvent], None]) -> None:
        self.settings = settings
        self.report = listener
        self.bridge = Bridge()
        self.players = Players(
            self.bridge, self.post, lambda play: self.report(PlayDone(play=play))
        )
        self.recorders = Recorders(
            self.bridge,
            settings.fsync_s,
            lambda rec, errno, dropped: self.report(
                RecorderTrouble(recording=rec, errno=errno, dropped=dropped)
            ),
        )
        self.inband = InbandListener(self.bridge, self._heard_key)
        self.hearing = SpeechTaps(self.bridge)
        self.quiet = QuietListener(self.bridge, lambda leg: self.report(Quiet(leg=leg)))
        self._legs: dict[LegId, Leg] = {}
        self._by_call: dict[int, Leg] = {}
        self._refers: Refers | None = None
        self._refusals: Refusals | None = None
        self._accounts: dict[str, Account] = {}
        self._count = itertools.count(1)
        self._token = secrets.token_hex(3)
        self._endpoint: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._guard = Guard()
        self._watcher: asyncio.Task[None] | None = None

    # -- life -------------------------------------------------------------------------------

    async def start(self) -> None:
        """Raises EngineError when a port or address cannot be had."""
        self._loop = asyncio.get_running_loop()
        self._endpoint = endpoint = pj.Endpoint()
        with quiet_stdout():  # pjlib speaks there until libInit has given it a log file
            endpoint.libCreate()
        try:
            endpoint.libInit(endpoint_config(self.settings))
            self._open_transports()
            endpoint.libStart()
        except pj.Error as error:
            endpoint.libDestroy()
            self._endpoint = None
            raise EngineError(_start_trouble(self.settings, error)) from error
        endpoint.audDevManager().setNullDev()
        choose_codecs(endpoint)
        self._accounts[""] = self._make_account(None)
        self._refers = Refers(self.post, self._by_call.get, self.report)
        self._refers.start()
        self._refusals = Refusals()
        self._refusals.start()
        self._watcher = asyncio.create_task(Watch(self._rounds(), self._guard).run())

    async def stop(self) -> None:
        """Hangs up what is left and frees the library; waits for the BYEs, 2 s at most."""
        if self._endpoint is None:
            return
        if self._watcher:
            self._watcher.cancel()
        for leg in list(self._legs.values()):
            leg.end()
        deadline = time.monotonic() + 2.0
        while self._legs and time.monotonic() < deadline:  # noqa: ASYNC110 # pjsua2 has no event
            await asyncio.sleep(0.02)
        self.players.close()
        self.inband.close()
        self.quiet.close()
        self.hearing.close()
        self.recorders.close()
        await asyncio.sleep(0.4)
        for account in self._accounts.values():
            with tolerate("close account"):
                account.shutdown()
        self._accounts.clear()
        self._legs.clear()
        self._by_call.clear()
        for module in (self._refers, self._refusals):
            if module:
                module.stop()
        self._refers = self._refusals = None
        await asyncio.sleep(0.1)
        self._endpoint.libDestroy()
        self._endpoint = None

    def post(self, handler: Callable[..., None], facts: Any) -> None:
        """From any thread: run `handler(facts)` on the loop."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(handler, facts)

    # -- lines ------------------------------------------------------------------------------

    def set_lines(self, lines: Iterable[LineAccount]) -> None:
        """Make the trunks these; unchanged ones keep their registration and calls. One that
        cannot be set up is reported as down and keeps no other from its work."""
        wanted = {str(line.trunk): line for line in lines}
        for name, account in list(self._accounts.items()):
            if name and wanted.get(name) != account.line:
                del self._accounts[name]
                with tolerate(f"close line {name}"):
                    account.shutdown()
                self._keep(account, 40.0)
        for name, line in wanted.items():
            if name not in self._accounts:
                self._open_line(name, line)

    def _open_line(self, name: str, line: LineAccount) -> None:
        assert self._loop is not None
        try:
            self._accounts[name] = self._make_account(line)
        except (pj.Error, TypeError, ValueError) as error:
            why = (
                f"line {name} cannot be set up ({reason(error)}): no call can go over it; "
                "correct its host, username and caller_id in site.toml"
            )
            log.error("%s", why)
            down = LineSignal(trunk=line.trunk, code=400, reason=why, registered=False)
            self._loop.call_soon(self.report, down)

    def keep_alive(self, trunk: TrunkId) -> None:
        if account := self._accounts.get(trunk):
            account.keep_alive()

    # -- legs -------------------------------------------------------------------------------

    def new_leg_id(self) -> LegId:
        return make_leg_id(next(self._count), self._token)

    def dial(
        self,
        leg: LegId,
        target: str,
        *,
        trunk: TrunkId | None = None,
        caller: str = "",
        caller_name: str = "",
        headers: dict[str, str] | None = None,
        prepare: Callable[[Leg], None] | None = None,
    ) -> None:
        """Call a SIP URI, or a number through a trunk. Failure comes as `Ended`.

        `prepare` may change the leg (codecs, SDP) before its INVITE is made.
        """
        account = self._accounts.get(trunk or "")
        if account is None:
            self._fail(leg, 503, f"line {trunk} is not set up")
            return
        call = Leg(account, leg)
        self._legs[leg] = call
        if prepare is not None:
            prepare(call)
        param = call_param()
        if caller or caller_name:
            user = caller or "anonymous"
            param.txOption.localUri = (
                f'"{quote_name(caller_name or user)}" <{self._own_uri(account, user)}>'
            )
        for name, value in (headers or {}).items():
            header = pj.SipHeader()
            header.hName, header.hValue = name, one_line(value)
            param.txOption.headers.append(header)
        uri = target
        if account.line and not target.startswith("sip"):
            uri = account.line.uri(escape_user(target))
        try:
            call.makeCall(uri, param)
            self._by_call[call.getId()] = call
        except pj.Error as error:
            call.done = True
            self._legs.pop(leg, None)
            self._fail(leg, 503, reason(error))

    def ringing(self, leg: LegId) -> None:
        if call := self._legs.get(leg):
            call.answer_with(180)

    def answer(self, leg: LegId) -> None:
        if call := self._legs.get(leg):
            call.answer_with(200)

    def hang_up(self, leg: LegId, code: int = 0, text: str = "") -> None:
        if call := self._legs.get(leg):
            call.end(code, text)

    def refer_progress(self, leg: LegId, code: int, final: bool) -> None:
        """Tell the transferring phone how its REFER goes."""
        if self._refers:
            self._refers.progress(leg, code, final)

    def send_keys(self, leg: LegId, keys: str) -> None:
        """RFC 4733 events, 160 ms each."""
        if call := self._legs.get(leg):
            with tolerate(f"keys to {leg}"):
                call.dialDtmf(keys)

    def hold(self, leg: LegId, on: bool) -> None:
        """re-INVITE with sendonly, or back to sendrecv."""
        if call := self._legs.get(leg):
            with tolerate(f"hold {leg}"):
                if on:
                    call.setHold(call_param())
                else:
                    param = call_param()
                    param.opt.flag = pj.PJSUA_CALL_UNHOLD
                    call.reinvite(param)

    def live_legs(self) -> set[LegId]:
        """Legs whose dialog is not over."""
        return set(self._legs)

    def wanted_legs(self) -> set[LegId]:
        """Live legs that we have not hung up ourselves."""
        return {name for name, leg in self._legs.items() if not leg.hanging_up}

    def leg(self, leg: LegId) -> Leg | None:
        """The dialog itself, for `appliance.sip.phone`; None once it has ended."""
        return self._legs.get(leg)

    # -- called by legs and accounts on the loop ----------------------------------------------

    def adopt(self, leg: Leg) -> None:
        self._legs[leg.leg] = leg
        self._by_call[leg.getId()] = leg

    def leg_ended(self, leg: Leg) -> None:
        self._legs.pop(leg.leg, None)
        for call_id in [number for number, at in self._by_call.items() if at is leg]:
            del self._by_call[call_id]
        self.bridge.forget(f"leg:{leg.leg}")
        self.inband.stop(leg.leg)
        self.quiet.stop(leg.leg)
        self.hearing.stop(leg.leg)
        self._keep(leg, RELEASE_S)

    def _heard_key(self, leg: LegId, key: str) -> None:
        """A key as tones; the leg drops it when the same key came as an RFC 4733 event."""
        if (call := self._legs.get(leg)) is not None:
            call.on_digit((key, "inband"))

    # -- inside -------------------------------------------------------------------------------

    def _keep(self, thing: Any, seconds: float) -> None:
        assert self._loop is not None
        self._loop.call_later(seconds, list.clear, [thing])

    def _fail(self, leg: LegId, code: int, why: str) -> None:
        assert self._loop is not None
        self._loop.call_soon(self.report, Ended(leg=leg, code=code, reason=why, by_peer=False))

    def _own_uri(self, account: Account, user: str) -> str:
        host = (
            account.line.domain if account.line else f"{self.settings.listen}:{self.settings.port}"
        )
        return f"sip:{escape_user(user)}@{host}"

    def _make_account(self, line: LineAccount | None) -> Account:
        account = Account(self, line)
        account.create(account_config(self.settings, line), line is None)
        if line is not None and line.register:
            assert self._loop is not None
            self._loop.call_later(REGISTRAR_S, self._registrar_had_time, line)
        return account

    def _registrar_had_time(self, line: LineAccount) -> None:
        account = self._accounts.get(line.trunk)
        if account is not None and account.line is line:
            account.say_if_silent()

    def _open_transports(self) -> None:
        kinds = {"udp": pj.PJSIP_TRANSPORT_UDP, "tcp": pj.PJSIP_TRANSPORT_TCP}
        for name in self.settings.transports:
            config = pj.TransportConfig()
            config.port = self.settings.port
            config.boundAddress = self.settings.listen
            self._endpoint.transportCreate(kinds[name], config)

    def _rounds(self) -> dict[str, tuple[int, Callable[[], None]]]:
        rounds: dict[str, tuple[int, Callable[[], None]]] = {
            "disks": (1, lambda: self.recorders.watch(self._guard))
        }
        if (log_file := self.settings.log_file) is not None:
            rounds["log"] = (1, lambda: keep_small(log_file))
        if after_s := self.settings.silence_alarm_s:
            alarm = SilenceAlarm(after_s, lambda event: self.report(event), self._guard)
            rounds["silence"] = (STATS_EVERY_S, lambda: alarm.watch(list(self._legs.values())))
        return rounds

    def set_music(self, name: str, path: Path) -> None:
        self.players.set_music(name, path)


def _start_trouble(settings: EngineSettings, error: Exception) -> str:
    return (
        f"SIP cannot listen on {settings.listen} port {settings.port}: {reason(error)}. "
        "No call can be taken. Stop the other program on this port (ss -ulpn shows it) or "
        "change [sip] listen and port in site.toml."
    )
