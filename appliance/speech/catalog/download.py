"""One file over HTTP, resumed where the last try ended (RFC 9110, ranges and If-Range).

What has come is kept in a ``.part`` file with what the server said of it beside; a file that has
changed on the server meanwhile is begun anew, never patched together.
"""

import contextlib
import http.client
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance import __version__

Step = Callable[[float, float], None]

_BLOCK = 1 << 16
MOST = 6_000_000_000


class NoDownload(Exception):
    """It did not come; says why, for a person. What has come is kept for the next try."""


class NoNetwork(NoDownload):
    """The server could not be reached at all."""


class _Cut(Exception):
    """The connection ended early, or could not be had; worth another try."""


class _Changed(Exception):
    """What is there does not go with what has come: begin anew."""


@dataclass(frozen=True)
class Patience:
    """Seconds without a byte that end a connection; tries in a row that bring less than `gain`
    bytes; bytes that `window_s` has to bring; the pause before another try, growing."""

    silence_s: float = 30.0
    tries: int = 4
    gain: int = 10_000
    least: int = 60_000
    window_s: float = 60.0
    pause_s: float = 1.0


class Download:
    """`size`: bytes that are expected, 0 where nobody knows."""

    def __init__(
        self,
        address: str,
        target: Path,
        size: int = 0,
        step: Step | None = None,
        patience: Patience = Patience(),
    ) -> None:
        self.address = address
        self.target = target
        self._size = size
        self._step = step or (lambda done, total: None)
        self._patience = patience
        self._part = part_of(target)
        self._note = target.with_name(f"{target.name}.part.json")

    def run(self) -> None:
        """The whole file lies at `target` afterwards. Raises `NoDownload` and OSError."""
        fruitless = 0
        while True:
            before = self._done()
            self._step(before, self._size)  # where no name server answers, a try takes 10 s
            try:
                self._once()
                break
            except _Changed:
                self.forget()
                fruitless += 1
                why = "the file on the server keeps changing"
            except _Cut as error:
                why = str(error)
                gained = self._done() - before
                fruitless = 0 if gained >= self._patience.gain else fruitless + 1
            if fruitless >= self._patience.tries:
                raise self._given_up(why)
            time.sleep(self._patience.pause_s * 2**fruitless / 2)
        self._part.replace(self.target)
        self._note.unlink(missing_ok=True)

    def forget(self) -> None:
        """What has come is no use."""
        self._part.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def _given_up(self, why: str) -> NoDownload:
        done = self._done()
        kept = f" {done} bytes have come and are kept: run it again to go on." if done else ""
        kind = NoDownload if done else NoNetwork
        return kind(f"{self.address} could not be got: {why}.{kept}")

    def _done(self) -> int:
        try:
            return self._part.stat().st_size
        except OSError:
            return 0

    def _once(self) -> None:
        done, noted = self._done(), _noted(self._note)
        validator = noted.get("validator", "")
        if done and (noted.get("address") != self.address or not validator):
            self.forget()  # nothing tells whether the rest would go with it
            done = 0
        headers = {"User-Agent": f"callfloor/{__version__}", "Accept-Encoding": "identity"}
        if done:
            headers |= {"Range": f"bytes={done}-", "If-Range": validator}
        with self._opened(headers, done) as answer:
            if answer is None:  # the server has no more than what is here
                return
            start, total = self._promised(answer, done, noted)
            self._take(answer, start, total)

    def _opened(self, headers: dict[str, str], done: int) -> Any:
        request = urllib.request.Request(self.address, headers=headers)
        opener = urllib.request.build_opener(StaySecure)
        try:
            return opener.open(request, timeout=self._patience.silence_s)
        except urllib.error.HTTPError as error:
            with error:
                return self._refused(error, done)
        except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
            cause = getattr(error, "reason", error)
            raise _Cut(_why(cause)) from None

    def _refused(self, error: urllib.error.HTTPError, done: int) -> Any:
        if error.code == 416 and done:
            total = _total(error.headers.get("Content-Range", ""))
            if total == done:
                return contextlib.nullcontext()
            raise _Changed
        told = f"the server answers {error.code} {error.reason}".rstrip()
        if error.code >= 500 or error.code in (408, 429):
            raise _Cut(told)
        raise NoDownload(f"{self.address} could not be got: {told}.")

    def _promised(self, answer: Any, done: int, noted: dict[str, Any]) -> tuple[int, int]:
        """Where the answer begins, and how large the whole is (0: not told). Notes it."""
        start, total = 0, int(answer.headers.get("Content-Length") or 0)
        validator = _validator(answer.headers)
        if answer.status == 206:
            start, total = _range(answer.headers.get("Content-Range", ""))
            same = validator in ("", noted.get("validator")) and total == noted.get("total")
            if start != done or not same:
                raise _Changed
            return start, total
        if self._size and total and total != self._size:
            raise NoDownload(
                f"{self.address} is {total} bytes; {self._size} are expected. It is another file "
                "than the one this version of Callfloor knows."
            )
        note = {"address": self.address, "validator": validator, "total": total}
        self._note.write_text(json.dumps(note))
        return 0, total

    def _take(self, answer: Any, start: int, total: int) -> None:
        most = total or self._size or MOST
        with self._part.open("r+b" if start else "wb") as out:
            out.seek(start)
            out.truncate()
            done, since, then = start, time.monotonic(), start
            while block := self._read(answer):
                done += len(block)
                if done > most:
                    raise NoDownload(
                        f"{self.address} sends more than the {most} bytes that it should."
                    )
                out.write(block)
                self._step(done, most if total or self._size else 0)
                now = time.monotonic()
                if now - since > self._patience.window_s:
                    if done - then < self._patience.least:
                        raise NoDownload(
                            f"{self.address} comes too slowly: {done - then} bytes in "
                            f"{now - since:.0f} s. {done} bytes are kept: run it again to go on."
                        )
                    since, then = now, done
        if total and done < total:
            raise _Cut(f"the connection ended after {done} of {total} bytes")

    def _read(self, answer: Any) -> bytes:
        try:
            return bytes(answer.read1(_BLOCK))
        except (OSError, http.client.HTTPException) as error:
            raise _Cut(_why(error)) from None


def part_of(target: Path) -> Path:
    """Where what has come of a file is kept until all of it has."""
    return target.with_name(f"{target.name}.part")


class StaySecure(urllib.request.HTTPRedirectHandler):
    """A server may send us elsewhere, but not from HTTPS to anything less."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        if req.full_url.startswith("https:") and not newurl.startswith("https:"):
            raise NoDownload(f"{req.full_url} leads to {newurl}, which is not secure.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _why(error: object) -> str:
    if isinstance(error, TimeoutError):
        return "the server is silent"
    if isinstance(error, http.client.IncompleteRead):
        return "the connection ended early"
    told = str(getattr(error, "strerror", None) or error or type(error).__name__)
    return told.rstrip(".")


def _validator(headers: Any) -> str:
    """What If-Range takes: a strong ETag or a date (RFC 9110, 13.1.5)."""
    tag = str(headers.get("ETag") or "")
    if tag and not tag.startswith("W/"):
        return tag
    return str(headers.get("Last-Modified") or "")


def _range(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", text.strip())
    if found is None:
        raise _Changed
    return int(found[1]), int(found[2])


def _total(text: str) -> int:
    found = re.fullmatch(r"bytes \*/(\d+)", text.strip())
    return int(found[1]) if found else -1


def _noted(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
