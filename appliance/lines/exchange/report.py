"""What the exchange saw, as JSON lines; `docs/exchange.md` lists them all."""

import sys
from collections import Counter
from typing import IO, Any

import msgspec

WHATS = {
    "started": "the exchange listens",
    "placed": "a caller dials",
    "blocked": "a caller finds all lines of the exchange busy",
    "incoming": "an agent's phone is called",
    "ringing": "the far end rings (180) or sends early media (183)",
    "refused": "an agent's phone is busy",
    "not_answering": "an agent's phone rings on",
    "answered": "the call is up",
    "pressed": "keys were sent",
    "key": "a key was received",
    "speaking": "a WAV file is played",
    "tone": "a tone came up in the received audio",
    "tone_gone": "it is not heard any more",
    "held": "this party put the far end on hold",
    "resumed": "and took it back",
    "peer_held": "the far end put this party on hold, or took it back",
    "refer": "a transfer was asked for",
    "refer_status": "how the transfer goes (NOTIFY)",
    "gave_up": "the caller's patience is over",
    "ended": "the call is over: code, times, what was heard, RTP",
    "trouble": "something could not be done, e.g. a WAV file that is none",
    "summary": "the last line: counts of all of these",
}


class Report:
    """Writes one JSON object per line: `at` (seconds since the start), `what`, and facts."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out: IO[bytes] | None = out
        self._encode = msgspec.json.Encoder().encode
        self.counts: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()

    def tell(self, at: float, what: str, **facts: Any) -> None:
        assert what in WHATS, what
        self.counts[what] += 1
        if what == "ended":
            self.codes[str(facts.get("code"))] += 1
        if self._out is None:
            return
        line = {"at": round(at, 3), "what": what, **facts}
        try:
            self._out.write(self._encode(line) + b"\n")
            self._out.flush()
        except OSError as error:  # calls go on: the box under test must not notice
            self._out = None
            print(f"The report cannot be written any more: {error.strerror}.", file=sys.stderr)
