"""How fast a queue moves: handling times and callers who give up, over the latest 200 each."""

from collections import deque

_WINDOW = 200
_USUAL_S = 180.0
"""Handling time assumed before any call was handled, seconds; it counts as three calls."""
_USUAL_WEIGHT = 3.0
_USUAL_RING_S = 5.0


class Window:
    """Count, sum and sum of squares of the latest values; every addition is O(1)."""

    __slots__ = ("_values", "squares", "total")

    def __init__(self) -> None:
        self._values: deque[float] = deque()
        self.total = 0.0
        self.squares = 0.0

    def add(self, value: float) -> None:
        values = self._values
        values.append(value)
        if len(values) > _WINDOW:
            old = values.popleft()
            self.total += value - old
            self.squares += value * value - old * old
        else:
            self.total += value
            self.squares += value * value

    def __len__(self) -> int:
        return len(self._values)


class Pace:
    """`handled`: from offer to the end of wrap-up. `wrapped`: wrap-up alone. `rang`: from an
    agent's coming free for a caller to the answer, failed offers before included."""

    __slots__ = ("_abandons", "_handled", "_left", "_rang", "_waited", "_wrapped")

    def __init__(self) -> None:
        self._handled = Window()
        self._wrapped = Window()
        self._rang = Window()
        self._left: deque[tuple[float, bool]] = deque()
        self._waited = 0.0
        self._abandons = 0

    def handled(self, seconds: float) -> None:
        self._handled.add(seconds)

    def wrapped(self, seconds: float) -> None:
        self._wrapped.add(seconds)

    def rang(self, seconds: float) -> None:
        self._rang.add(seconds)

    def left(self, waited_s: float, abandoned: bool) -> None:
        """A caller left the queue."""
        self._left.append((waited_s, abandoned))
        self._waited += waited_s
        self._abandons += abandoned
        if len(self._left) > _WINDOW:
            old_s, gave_up = self._left.popleft()
            self._waited -= old_s
            self._abandons -= gave_up

    def ring_s(self) -> float:
        """Mean time from an agent's coming free to the answer."""
        return max(0.0, self._rang.total) / len(self._rang) if len(self._rang) else _USUAL_RING_S

    def wrap_up_s(self) -> float:
        """Mean wrap-up as it really lasts."""
        return max(0.0, self._wrapped.total) / max(1, len(self._wrapped))

    def mean_s(self) -> float:
        """Mean handling time, drawn towards the usual one while there are few calls."""
        count = len(self._handled) + _USUAL_WEIGHT
        return max(1.0, self._handled.total + _USUAL_WEIGHT * _USUAL_S) / count

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
        return self._abandons / self._waited if self._waited > 1.0 else 0.0
