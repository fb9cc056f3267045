"""The peer: Debian's Asterisk 22 in a folder of its own, set up for the load scenario.

The folder is made once by mmdebstrap from the machine's own package mirror (about a minute,
390 MB) and kept in ``~/.cache/callfloor/peer-asterisk``; its settings are written anew for each
run. It listens on loopback only.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.bench.place import Ports, write_prompt

CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "callfloor/peer-asterisk"
SUITE = "sid"
PACKAGES = "asterisk,asterisk-config,procps"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
SOURCES = (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))
MONITOR = "var/spool/asterisk/monitor"
LEFT_OUT = [
    "chan_iax2",
    "chan_dahdi",
    "chan_unistim",
    "chan_console",
    "res_hep",
    "cdr_csv",
    "cel_custom",
    "pbx_dundi",
]
"""Channel drivers that would listen or open devices, and writers that nobody reads."""


class PeerError(Exception):
    """The peer cannot be had here; the message says why."""


class Peer:
    """`two_channels`: record both directions apart, as Callfloor does, instead of mixed."""

    def __init__(self, ports: Ports, agents: int, *, two_channels: bool = False) -> None:
        self.name = "asterisk, two channels" if two_channels else "asterisk"
        self.ports = ports
        self._agents = agents
        self._two = two_channels
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Raises PeerError when there is no peer on this machine."""
        root = chroot()
        shutil.rmtree(root / MONITOR, ignore_errors=True)
        (root / MONITOR).mkdir(parents=True)
        write_prompt(root / "tmp/prompt.wav")
        for name, lines in _settings(self.ports, self._agents, self._two):
            (root / "etc/asterisk" / name).write_text("\n".join(lines) + "\n")
        self._process = subprocess.Popen(
            ["chroot", str(root), "asterisk", "-f"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def pids(self) -> dict[str, int]:
        assert self._process is not None
        return {"asterisk": self._process.pid}

    def trouble(self) -> str:
        assert self._process is not None
        code = self._process.poll()
        return "" if code is None else f"it ended with {code}"

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def recordings(self) -> list[float]:
        """Seconds of each recording that was made."""
        frame = 4 if self._two else 2
        return [
            max(0, path.stat().st_size - (0 if self._two else 44)) / frame / 8000
            for path in (CACHE / "root" / MONITOR).iterdir()
        ]


def chroot() -> Path:
    """The folder with Asterisk in it, made now if need be. Raises PeerError."""
    root = CACHE / "root"
    if (root / "usr/sbin/asterisk").exists():
        return root
    if os.geteuid() != 0:
        raise PeerError("only root can start the peer (chroot)")
    if shutil.which("mmdebstrap") is None:
        raise PeerError("mmdebstrap is not installed")
    part = root.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    print(f"   making {root} (about a minute)", flush=True)
    done = subprocess.run(
        [
            *("mmdebstrap", "--variant=minbase", f"--include={PACKAGES}"),
            *("--aptopt=Acquire::Check-Valid-Until false", SUITE, str(part)),
            f"deb [signed-by={KEYRING}] {_mirror()} {SUITE} main",
        ],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("E:")]
        raise PeerError(f"mmdebstrap failed: {(lines or ['?'])[-1]}")
    part.rename(root)
    return root


def version() -> str:
    """E.g. ``Asterisk 22.10.1``; '' without a peer."""
    if not (CACHE / "root/usr/sbin/asterisk").exists():
        return ""
    told = subprocess.run(
        ["chroot", str(CACHE / "root"), "asterisk", "-V"], capture_output=True, text=True
    ).stdout
    found = re.search(r"\d+\.\d+\.\d+", told)
    return f"Asterisk {found[0]}" if found else told.strip()


def _mirror() -> str:
    """Where this machine gets Debian's packages. Raises PeerError."""
    for path in SOURCES:
        text = path.read_text() if path.exists() else ""
        found = re.search(r"^(?:URIs:|deb(?: \[[^]]*\])?)\s+(\S+)", text, re.MULTILINE)
        if found:
            return found[1]
    raise PeerError("this machine has no Debian package mirror")


def _settings(ports: Ports, agents: int, two: bool) -> Iterator[tuple[str, list[str]]]:
    yield (
        "modules.conf",
        ["[modules]", "autoload=yes", *(f"noload={name}.so" for name in LEFT_OUT)],
    )
    yield "logger.conf", ["[general]", "[logfiles]", "messages => notice,warning,error"]
    yield "asterisk.conf", ["[directories]", "[options]", "verbose=0", "debug=0"]
    yield "rtp.conf", ["[general]", f"rtpstart={ports.rtp_first}", f"rtpend={ports.rtp_last}"]
    yield "pjsip.conf", list(_pjsip(ports, agents))
    yield "extensions.conf", _extensions(two)
    yield "queues.conf", list(_queue(agents))


def _pjsip(ports: Ports, agents: int) -> Iterator[str]:
    media = ["disallow=all", "allow=ulaw", "direct_media=no", "media_address=127.0.0.1"]
    media += ["bind_rtp_to_media_address=yes", "context=in"]
    yield from ["[global]", "type=global", "user_agent=peer"]
    yield from ["[udp]", "type=transport", "protocol=udp", f"bind=127.0.0.1:{ports.system}"]
    yield from ["[trunk]", "type=endpoint", "aors=trunk", *media, "[trunk]", "type=aor"]
    yield from ["[trunk]", "type=identify", "endpoint=trunk", "match=127.0.0.1"]
    for i in range(1, agents + 1):
        yield from [f"[agent{i}]", "type=endpoint", f"aors=agent{i}", *media]
        yield from [f"[agent{i}]", "type=aor"]
        yield f"contact=sip:agent{i}@127.0.0.1:{ports.agents}"


def _extensions(two: bool) -> list[str]:
    """MixMonitor's D interleaves both directions into one raw file; else they are mixed."""
    how = "${UNIQUEID}.raw,D" if two else "${UNIQUEID}.wav"
    return [
        *("[general]", "[in]", "exten => 100,1,Answer()"),
        " same => n,Playback(/tmp/prompt)",
        f" same => n,MixMonitor(/{MONITOR}/{how})",
        *(" same => n,Queue(support)", " same => n,Hangup()"),
    ]


def _queue(agents: int) -> Iterator[str]:
    yield from ["[general]", "persistentmembers=no", "autofill=yes"]
    yield from ["[support]", "strategy=leastrecent", "timeout=15", "retry=1", "wrapuptime=0"]
    yield from ["ringinuse=no", "autopause=no", "announce-frequency=0"]
    for i in range(1, agents + 1):
        yield f"member => PJSIP/agent{i}"
