"""Skills: what a call requires, what an agent has, and how requirements loosen with the wait."""

from collections.abc import Mapping, Sequence

from appliance.model.site import Relax

Profile = tuple[tuple[str, int], ...]
"""Skill and level, sorted by skill: equal requirements are equal, and hashable."""


def profile(skills: Mapping[str, int]) -> Profile:
    return tuple(sorted((name, level) for name, level in skills.items() if level > 0))


def required(queue: Mapping[str, int], call: Mapping[str, int]) -> Profile:
    """What the queue asks and what the call asks; the higher level where both ask."""
    merged = dict(queue)
    for name, level in call.items():
        merged[name] = max(level, merged.get(name, 0))
    return profile(merged)


def relaxed(need: Profile, by: int) -> Profile:
    """`by` levels off every skill; a skill that reaches zero is no longer asked for."""
    return tuple((name, level - by) for name, level in need if level > by)


def steps(relax: Sequence[Relax]) -> tuple[tuple[float, int], ...]:
    """(wait in seconds, levels off from then on), in time order; a later step replaces."""
    return tuple(sorted((step.after_s, step.by) for step in relax))


def meets(skills: Mapping[str, int], need: Profile) -> bool:
    return all(skills.get(name, 0) >= level for name, level in need)
