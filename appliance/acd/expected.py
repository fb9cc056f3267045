"""The wait of each queue for those who watch it, whether or not its callers are told any."""

from collections.abc import Iterable
from math import ceil

from appliance.acd.estimate import Range, newcomer
from appliance.acd.queue import QueueState
from appliance.acd.state import Out
from appliance.model.events import QueueEstimate

_STEPS_S = ((600.0, 60.0), (1800.0, 300.0))
"""Up to this wait it is said in these steps; longer ones in tens of minutes."""
_LONG_STEP_S = 600.0


def tell(queues: Iterable[QueueState], now: float, out: Out) -> None:
    """queue.estimate where callers wait and the range, as it is said, has changed. O(members) of
    each queue with callers."""
    for queue in queues:
        if not queue.callers:
            continue
        wait = newcomer(queue, now)
        said = None if wait is None else in_steps(wait)
        if said != queue.expected:
            queue.expected = said
            low, high = said or (None, None)
            out.append(QueueEstimate(queue=queue.id, low_s=low, high_s=high))


def in_steps(wait: Range) -> Range:
    """The range widened to whole steps: 95 to 250 s is 60 to 300 s, one to five minutes."""
    low, high = wait
    step = next((step for most, step in _STEPS_S if high <= most), _LONG_STEP_S)
    above = ceil(high / step) * step
    # A wait too short for the division is a wait all the same.
    return low // step * step, above if above >= high else above + step
