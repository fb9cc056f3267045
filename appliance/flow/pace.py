"""Finds flows that run in a circle: too many nodes without an act of the caller."""

STEP_LIMIT = 200
"""Nodes within `STEP_WINDOW_S` seconds without a caller's act: the flow runs in a circle."""
STEP_WINDOW_S = 10.0


class Pace:
    """Counts nodes. `now` is in seconds."""

    def __init__(self, now: float) -> None:
        self._steps = 0
        self._since = now

    def caller_acts(self) -> None:
        """Starts counting anew."""
        self._steps = 0

    def goes_round(self, now: float) -> bool:
        """One more node is entered: was it one too many?"""
        if now - self._since > STEP_WINDOW_S or self._steps == 0:
            self._steps, self._since = 0, now
        self._steps += 1
        return self._steps > STEP_LIMIT
