"""What theory says of the same load, to hold the simulator against.

Erlang C (1917): Poisson arrivals, exponential handling, n agents, endless patience. Erlang A:
the same with exponential patience, computed from the birth-death chain (Mandelbaum and Zeltyn,
2005). Rates are per second.
"""

import msgspec


class Theory(msgspec.Struct, frozen=True, kw_only=True):
    """`waiting`: share of callers who wait at all. `asa_s`: mean wait of all who are answered."""

    model: str
    waiting: float
    abandoned: float
    asa_s: float
    occupancy: float


def erlang_c(rate: float, handling_s: float, agents: int) -> Theory | None:
    """None where the load is not below the number of agents: the line grows for ever."""
    load = rate * handling_s
    if load >= agents:
        return None
    blocked = 1.0  # Erlang B by its stable recursion
    for n in range(1, agents + 1):
        blocked = load * blocked / (n + load * blocked)
    waiting = blocked / (1 - load / agents * (1 - blocked))
    asa_s = waiting * handling_s / (agents - load)
    return Theory(
        model="Erlang C", waiting=waiting, abandoned=0.0, asa_s=asa_s, occupancy=load / agents
    )


def erlang_a(rate: float, handling_s: float, agents: int, patience_s: float) -> Theory:
    """States from an empty floor up to where the rest weighs nothing."""
    served, gives_up = 1 / handling_s, 1 / patience_s
    weight, total, waiting, lost, busy, in_line = 1.0, 1.0, 0.0, 0.0, 0.0, 0.0
    n = 0
    while n < agents or weight > 1e-12 * total:
        waiting += weight if n >= agents else 0.0
        busy += min(n, agents) * weight
        in_line += max(0, n - agents) * weight
        lost += max(0, n - agents) * gives_up * weight
        n += 1
        weight *= rate / (min(n, agents) * served + max(0, n - agents) * gives_up)
        total += weight
    abandoned = lost / (rate * total)
    mean_wait_s = in_line / (rate * total)
    asa_s = _wait_of_answered(rate, served, gives_up, agents) if abandoned else mean_wait_s
    return Theory(
        model="Erlang A",
        waiting=waiting / total,
        abandoned=abandoned,
        asa_s=asa_s,
        occupancy=busy / (agents * total),
    )


def _wait_of_answered(rate: float, served: float, gives_up: float, agents: int) -> float:
    """Mean wait of the answered, by following a caller who finds k others in line: he moves up
    at rate n * served + k * gives_up, or gives up himself at rate gives_up."""
    weight, total = 1.0, 1.0
    weights = []
    n = 0
    while n < agents or weight > 1e-12 * total:
        weights.append(weight)
        n += 1
        weight *= rate / (min(n, agents) * served + max(0, n - agents) * gives_up)
        total += weight
    # chance and time: of being served, and the wait times that chance, from place k on
    chance, time = 1.0, 0.0
    answered, waited = sum(weights[:agents]), 0.0
    for k, here in enumerate(weights[agents:]):
        leave = agents * served + (k + 1) * gives_up
        move = (agents * served + k * gives_up) / leave
        time = move * (time + chance / leave)
        chance = move * chance
        answered += here * chance
        waited += here * time
    return waited / answered
