"""Who is ahead of whom: priority with ageing as one number that never changes.

A caller of priority p stands where a caller of priority 0 would stand who had entered
p * priority_s seconds earlier. Everybody's wait grows alike, so the order of two callers is
settled when the second enters: it can be kept sorted, equals are first in first out, and nobody
starves, because no newcomer can have entered more than p * priority_s before him.
"""

Key = tuple[float, int]
"""(virtual entry time in seconds, sequence of entering): smaller is served first."""


def virtual_entry(joined: float, priority: int, priority_s: float) -> float:
    """`joined`: when the caller took this place, seconds of the floor's clock."""
    return joined - priority * priority_s
