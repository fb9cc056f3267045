"""pjproject's source from Debian, through an apt folder of our own.

Debian's asterisk carries pjproject as a component tarball. Nothing of the
machine's apt is changed: our own sources list (sid, source only), lists, cache
and state, handed over with -o options. apt checks the signatures with the
Debian archive keyring; the tarball's SHA-256 comes from the signed index.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from progress import BuildError, Progress

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
HELPER = Path("/usr/lib/apt/apt-helper")
COMPONENT = "orig-Xpjproject.tar.xz"
MIRROR_VARIABLE = "CALLFLOOR_DEBIAN_MIRROR"


@dataclass(frozen=True)
class Offer:
    """One version of the tarball that the mirror has."""

    version: str  # Debian's version of asterisk
    name: str
    url: str
    sha256: str


def machine_mirror(etc: Path = Path("/etc/apt")) -> str | None:
    """The Debian mirror in the machine's own apt sources, deb822 or one-line."""
    files = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]
    for path in files:
        try:
            text = path.read_text(errors="replace")
        except OSError:
            continue
        found = _deb822(text) if path.suffix == ".sources" else _one_line(text)
        for url in found:
            if _is_debian(url):
                return url.rstrip("/")
    return None


def _deb822(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    values = re.findall(
        r"^URIs:((?:.*\n?)(?:^[ \t].*\n?)*)", "\n".join(lines), re.MULTILINE | re.IGNORECASE
    )
    return " ".join(values).split()


def _one_line(text: str) -> list[str]:
    return re.findall(r"^\s*deb(?:-src)?\s+(?:\[[^\]]*\]\s+)?(\S+)", text, re.MULTILINE)


def _is_debian(url: str) -> bool:
    """The main archive (not security, not a vendor's), under any host."""
    path = url.rstrip("/").rsplit("/", 1)[-1]
    return path == "debian" and url.startswith(("http", "mirror", "file"))


class AptFolder:
    """The private apt folder below ``root``."""

    def __init__(self, root: Path, progress: Progress) -> None:
        self.root = root
        self.progress = progress

    def _options(self) -> list[str]:
        root = self.root
        values = {
            "Dir::Etc::SourceList": root / "sources.list",
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::State": root / "state",
            "Dir::State::Lists": root / "lists",
            "Dir::State::status": root / "state/status",
            "Dir::Cache": root / "cache",
            "Dir::Cache::pkgcache": "",
            "Dir::Cache::srcpkgcache": "",
            "Acquire::Languages": "none",
            "Acquire::Retries": 2,
            "Acquire::http::Timeout": 20,
            "APT::Sandbox::User": "",  # the folder is the user's own
        }
        return _as_options(f"{name}={value}" for name, value in values.items())

    def prepare(self) -> None:
        """Write the sources list. Raises BuildError without keyring or mirror."""
        if not KEYRING.is_file():
            raise BuildError(
                f"{KEYRING} is not there, so nothing from Debian can be trusted."
                "\n  sudo apt-get install -y debian-archive-keyring"
            )
        mirror = os.environ.get(MIRROR_VARIABLE) or machine_mirror()
        if not mirror:
            raise BuildError(
                "The machine's apt sources name no Debian mirror; set "
                f"{MIRROR_VARIABLE} to one (http://HOST/debian)."
            )
        for folder in ("state", "lists/partial", "cache/archives/partial"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        (self.root / "state/status").touch()
        (self.root / "sources.list").write_text(
            f"deb-src [signed-by={KEYRING}] {mirror} sid main\n"
        )

    def update(self) -> None:
        command = ["apt-get", *self._options(), "-qq", "update"]
        command += _as_options(["APT::Update::Error-Mode=any"])
        with self.progress.step("ask the Debian mirror for the newest pjproject"):
            done = _capture(command)
            if done.returncode and _only_out_of_date(done.stdout):
                # A mirror that stands still, or a clock that is wrong. The
                # signature still counts; only freshness is given up.
                self.progress.say(
                    "the mirror's index is not of today, or this machine's clock is "
                    "wrong: its signature is checked, its date is not"
                )
                undated = ("Acquire::Check-Date=false", "Acquire::Check-Valid-Until=false")
                done = _capture([*command, *_as_options(undated)])
        if done.returncode:
            raise BuildError(_explain(done.stdout))

    def newest(self) -> Offer:
        """The newest tarball in the index (call update() before)."""
        done = _capture(
            ["apt-get", *self._options(), "source", "--print-uris", "--download-only", "asterisk"]
        )
        pattern = rf"^'(\S+)' (\S*{re.escape(COMPONENT)}) \d+ SHA256:(\w+)"
        match = re.search(pattern, done.stdout, re.MULTILINE)
        if not match:
            raise BuildError(
                "Debian's asterisk no longer carries pjproject as "
                f"{COMPONENT}; apt said:\n{done.stdout.strip()[-800:]}"
            )
        url, name, sha256 = match.groups()
        version = name.removeprefix("asterisk_").removesuffix(f".{COMPONENT}")
        return Offer(version, name, url, sha256)

    def download(self, offer: Offer, target: Path) -> None:
        """Fetch with apt's own transports (proxies and all), hash checked."""
        partial = target.with_suffix(".part")
        with self.progress.step(f"download {offer.name}"):
            wanted = [offer.url, str(partial), f"SHA256:{offer.sha256}"]
            done = _capture([str(HELPER), *self._options(), "download-file", *wanted])
        if done.returncode:
            raise BuildError(f"Download of {offer.url} failed:\n{done.stdout[-800:]}")
        shutil.move(partial, target)


def _as_options(settings: Iterable[str]) -> list[str]:
    return [part for setting in settings for part in ("-o", setting)]


def _capture(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        env={**os.environ, "LC_ALL": "C"},
    )


def _only_out_of_date(output: str) -> bool:
    errors = [line for line in output.splitlines() if line.startswith("E:")]
    return bool(errors) and all("expired" in line or "not valid yet" in line for line in errors)


def _explain(output: str) -> str:
    tail = output.strip()[-800:]
    if "NO_PUBKEY" in output or "EXPKEYSIG" in output or "not signed" in output:
        return (
            "The mirror's index is signed with a key that this machine does not "
            "know. Bring the keys up to date:\n  sudo apt-get update && sudo "
            f"apt-get install -y debian-archive-keyring\napt said:\n{tail}"
        )
    return f"The Debian mirror could not be read; apt said:\n{tail}"
