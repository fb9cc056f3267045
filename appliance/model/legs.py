"""What a SIP engine reports of its legs. Facts only; what they mean is decided in `calls`."""

import msgspec

from appliance.model.ids import LegId, TrunkId


class LegEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something happened on one leg. `leg` is the engine's name for the SIP dialog."""

    leg: LegId


class Invited(LegEvent, frozen=True, kw_only=True):
    """A new INVITE. `source` is the packet's address; `user` the called part of the
    request URI, `to_user` that of the To header.

    Header values are as received: `from_uri`, `pai` (P-Asserted-Identity), `diversion` and
    `privacy` may be empty. `headers` holds our own ``X-Callfloor-*`` headers by lower-case
    name. `replaces` is the leg that a Replaces header asks to take over.
    """

    source: str
    source_port: int
    user: str
    from_uri: str
    to_user: str = ""
    from_name: str = ""
    pai: str = ""
    diversion: str = ""
    privacy: str = ""
    sip_call_id: str = ""
    account: str = ""
    headers: dict[str, str] = {}
    replaces: LegId | None = None


class Ringing(LegEvent, frozen=True, kw_only=True):
    """180 or 183 from the party that we dialled."""

    code: int = 180
    early_media: bool = False


class Answered(LegEvent, frozen=True, kw_only=True):
    """The dialog is confirmed: 200 and ACK have passed."""


class MediaUp(LegEvent, frozen=True, kw_only=True):
    """Audio is negotiated and on the bridge; again after each re-INVITE. `codec` as in SDP."""

    codec: str = ""


class PeerHeld(LegEvent, frozen=True, kw_only=True):
    """The party's phone put us on hold (sendonly or inactive) or took us back."""

    held: bool


class Digit(LegEvent, frozen=True, kw_only=True):
    """One key: 0-9 * # A-D. `how`: rfc4733, info or inband."""

    key: str
    how: str = "rfc4733"


class Referred(LegEvent, frozen=True, kw_only=True):
    """The party's phone asks for a transfer (REFER). Answer with `ReferProgress`.

    `replaces`: the leg of ours that an attended transfer joins, if it names one.
    """

    target: str
    replaces: LegId | None = None


class Ended(LegEvent, frozen=True, kw_only=True):
    """The dialog is over. `code` is the SIP status (200 for BYE, 487 for CANCEL).

    `by_peer`: false when we hung up or gave up ourselves.
    """

    code: int
    reason: str = ""
    by_peer: bool = True


class Silence(LegEvent, frozen=True, kw_only=True):
    """No RTP for `seconds`; 0.0 when packets came back."""

    seconds: float


class Quiet(LegEvent, frozen=True, kw_only=True):
    """The party has said nothing for the seconds that were asked for."""


class PlayDone(msgspec.Struct, frozen=True, kw_only=True):
    """The last sample of a play reached its end by itself."""

    play: int


class PlayFailed(msgspec.Struct, frozen=True, kw_only=True):
    """A play could not begin, and is over. `prompts`: the files to blame, or all of them joined
    where none alone is; `why` for people."""

    play: int
    prompts: tuple[str, ...]
    why: str


class RecorderTrouble(msgspec.Struct, frozen=True, kw_only=True):
    """Writing a recording failed (`errno`, e.g. 28 no space) or dropped `dropped` frames."""

    recording: str
    errno: int
    dropped: int


class LineSignal(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a keep-alive or registration of a trunk: `code` 0 means no answer at all."""

    trunk: TrunkId
    code: int
    reason: str = ""
    registered: bool | None = None


EngineEvent = (
    Invited
    | Ringing
    | Answered
    | MediaUp
    | PeerHeld
    | Digit
    | Referred
    | Ended
    | Silence
    | Quiet
    | PlayDone
    | PlayFailed
    | RecorderTrouble
    | LineSignal
)
