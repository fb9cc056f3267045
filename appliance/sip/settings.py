"""What the engine must know to start; made from site.toml by the composition root."""

from dataclasses import dataclass, field
from pathlib import Path

from appliance.model.ids import TrunkId


@dataclass(frozen=True)
class LineAccount:
    """One trunk as the engine sees it: where it is, who we are there, what it may speak."""

    trunk: TrunkId
    host: str
    port: int = 5060
    transport: str = "udp"
    username: str = ""
    password: str = field(default="", repr=False)
    register: bool = False
    register_s: int = 300
    caller_id: str = ""
    codecs: tuple[str, ...] = ()
    dtmf: str = "rfc4733"

    @property
    def domain(self) -> str:
        return self.host if self.port == 5060 else f"{self.host}:{self.port}"

    def uri(self, user: str) -> str:
        """SIP URI of `user` at this trunk."""
        tail = ";transport=tcp" if self.transport == "tcp" else ""
        return f"sip:{user}@{self.host}:{self.port}{tail}"


@dataclass(frozen=True)
class EngineSettings:
    """`rtp_first`..`rtp_last`: UDP ports, two for each leg. `max_legs`: legs at once.
    `jitter_ms`: the least that a jitter buffer holds back."""

    listen: str = "127.0.0.1"
    port: int = 5060
    transports: tuple[str, ...] = ("udp",)
    rtp_first: int = 20_000
    rtp_last: int = 24_000
    max_legs: int = 240
    user: str = "callfloor"
    user_agent: str = "Callfloor"
    silence_alarm_s: float = 20.0
    jitter_ms: int = 40
    seat_codecs: tuple[str, ...] = ("PCMA", "PCMU", "G722", "opus")
    log_file: Path | None = None
    log_level: int = 2
    fsync_s: float = 5.0
