"""Calls from addresses that belong to no line: refused, and told once, as a set-up fault is.

A provider that sends from another address than site.toml names is the commonest reason for
calls that never arrive; a scan from the internet must not fill the log.
"""

from appliance.model.events import Trouble

AGAIN_S = 3600.0
MOST = 8
"""Addresses told of within the hour; a scan shows no more."""


class Strangers:
    """Addresses refused lately, with when they were told."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def refused(self, source: str, now: float) -> Trouble | None:
        """The trouble to log, or None when this address was told of already."""
        if source in self._told or len(self._told) >= MOST:
            return None
        self._told[source] = now
        return _trouble(source)

    def forget_old(self, now: float) -> list[Trouble]:
        """Ends of troubles whose address was quiet; call now and then."""
        old = [source for source, at in self._told.items() if now - at >= AGAIN_S]
        for source in old:
            del self._told[source]
        return [_trouble(source, over=True) for source in old]


def _trouble(source: str, *, over: bool = False) -> Trouble:
    return Trouble(
        where="sip",
        what=f"calls from {source} are refused: no line has this address",
        meaning="If this is a provider or gateway of yours, its calls do not reach anybody.",
        remedy="Add the address to 'addresses' of its [[trunk]] in site.toml; else ignore this.",
        over=over,
    )
