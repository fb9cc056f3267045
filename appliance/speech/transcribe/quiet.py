"""When recordings may become text: never while a caller may be about to speak. Pure."""

QUIET_S = 2.0
"""The floor is quiet for so long before work begins or goes on."""


class Quiet:
    """`look` at the floor whenever something changed, and now and then. Busy is: a caller in a
    call flow or about to enter one, or calls on more than half of the channels, or nobody knows.
    """

    def __init__(self) -> None:
        self._since: float | None = None

    def look(self, *, known: bool, flows: int, calls: int, channels: int, now: float) -> bool:
        """Whether work may go on. `flows`: calls that arrive or are in a call flow; `now` in
        seconds, never going back."""
        if not known or flows or 2 * calls > channels:
            self._since = None
            return False
        if self._since is None:
            self._since = now
        return now - self._since >= QUIET_S
