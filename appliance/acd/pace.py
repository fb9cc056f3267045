"""How fast a queue moves: handling times and callers who give up, over the latest 200 each."""

from collections import deque

_WINDOW = 200
_USUAL_S = 180.0
"""Handling time assumed before any call was handled, seconds; it counts as three calls."""
_USUAL_WEIGHT = 3.0


class Window:
    """Sum and sum of squares of the latest values."""

    __slots__ = ("_values", "squares", "total")

    def __init__(self) -> None:
        self._values: deque[float] = deque()
        self.total = 0.0
        self.squares = 0.0

    def add(self, value: float) -> None:
        self._values.append(value)
        self.total += value
        self.squares += value * value
        if len(self._values) > _WINDOW:
            old = self._values.popleft()
            self.total -= old
            self.squares -= old * old

    def __len__(self) -> int:
        return len(self._values)


class Pace:
    """`handled`: seconds from offer to the end of wrap-up. `waits`: seconds in the queue of
    everybody who left it; `gave_up`: 1 for those who abandoned, else 0, in step with `waits`.
    """

    __slots__ = ("_gave_up", "_handled", "_waits")

    def __init__(self) -> None:
        self._handled = Window()
        self._waits = Window()
        self._gave_up = Window()

    def handled(self, seconds: float) -> None:
        self._handled.add(seconds)

    def left(self, waited_s: float, gave_up: bool) -> None:
        self._waits.add(waited_s)
        self._gave_up.add(1.0 if gave_up else 0.0)

    def mean_s(self) -> float:
        """Mean handling time, drawn towards the usual one while there are few calls."""
        window = self._handled
        return max(1.0, window.total + _USUAL_WEIGHT * _USUAL_S) / (len(window) + _USUAL_WEIGHT)

    def spread(self) -> float:
        """Squared coefficient of variation of handling times, 0 (all equal) to 1 and more.

        1, the value of exponential times, while there are fewer than ten calls.
        """
        count = len(self._handled)
        if count < 10:
            return 1.0
        mean = self._handled.total / count
        if mean <= 0:
            return 1.0
        return max(0.0, self._handled.squares / count / (mean * mean) - 1.0)

    def unsure(self) -> float:
        """Squared relative error of `mean_s` that the number of calls seen allows for."""
        return (0.05 + self.spread()) / (len(self._handled) + _USUAL_WEIGHT)

    def leave_rate(self) -> float:
        """Callers giving up per caller and second of waiting: the patience of Erlang A."""
        waited = self._waits.total
        return self._gave_up.total / waited if waited > 1.0 else 0.0
