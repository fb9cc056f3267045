"""How fast a queue moves: handling times and callers who give up, over the latest 200 each."""

from collections import deque

_WINDOW = 200
_USUAL_S = 180.0
"""Handling time assumed before any call was handled, seconds; it counts as three calls."""
_USUAL_WEIGHT = 3.0


class Pace:
    """Sums over sliding windows; every addition is O(1)."""

    __slots__ = ("_abandons", "_handled", "_left", "_squares", "_total", "_waited")

    def __init__(self) -> None:
        self._handled: deque[float] = deque()
        self._total = 0.0
        self._squares = 0.0
        self._left: deque[tuple[float, bool]] = deque()
        self._waited = 0.0
        self._abandons = 0

    def handled(self, seconds: float) -> None:
        """A call was done with: time from its offer to the end of wrap-up."""
        self._handled.append(seconds)
        self._total += seconds
        self._squares += seconds * seconds
        if len(self._handled) > _WINDOW:
            old = self._handled.popleft()
            self._total -= old
            self._squares -= old * old

    def left(self, waited_s: float, abandoned: bool) -> None:
        """A caller left the queue."""
        self._left.append((waited_s, abandoned))
        self._waited += waited_s
        self._abandons += abandoned
        if len(self._left) > _WINDOW:
            old_s, gave_up = self._left.popleft()
            self._waited -= old_s
            self._abandons -= gave_up

    def mean_s(self) -> float:
        """Mean handling time, drawn towards the usual one while there are few calls."""
        count = len(self._handled) + _USUAL_WEIGHT
        return max(1.0, self._total + _USUAL_WEIGHT * _USUAL_S) / count

    def spread(self) -> float:
        """Squared coefficient of variation of handling times, 0 (all equal) to 1 and more.

        1, the value of exponential times, while there are fewer than ten calls.
        """
        count = len(self._handled)
        if count < 10:
            return 1.0
        mean = self._total / count
        if mean <= 0:
            return 1.0
        return max(0.0, self._squares / count / (mean * mean) - 1.0)

    def unsure(self) -> float:
        """Squared relative error of `mean_s` that the number of calls seen allows for."""
        return (0.05 + self.spread()) / (len(self._handled) + _USUAL_WEIGHT)

    def leave_rate(self) -> float:
        """Callers giving up per caller and second of waiting: the patience of Erlang A."""
        return self._abandons / self._waited if self._waited > 1.0 else 0.0
