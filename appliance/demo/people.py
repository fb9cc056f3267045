"""What agents do besides calls: breaks, and coming back after missed calls."""

import asyncio
import random
from typing import Any

from appliance.link import CoreAway, LinkClient
from appliance.model.commands import AgentPause, AgentReady, AnyCommand, Snapshot
from appliance.model.ids import AgentId

LOOK_S = 2.0
PAUSE_EVERY_S = (25.0, 80.0)
PAUSE_S = (15.0, 60.0)
BACK_S = (8.0, 20.0)
"""An agent whom the box took out after missed calls notices it after this time."""
LEAST_AT_WORK = 4


class People:
    """A pure machine: `look(states, now)` returns what the agents do."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._back_at: dict[str, float] = {}
        self._next_pause = 0.0

    def look(self, states: dict[str, str], now: float) -> list[AnyCommand]:
        """`states`: agent to state. `now`: seconds, rising."""
        done: list[AnyCommand] = []
        for agent, state in sorted(states.items()):
            if state in ("paused", "not_ready"):
                back_at = self._back_at.setdefault(agent, now + self._rng.uniform(*BACK_S))
                if now >= back_at:
                    done.append(AgentReady(agent=AgentId(agent), by=agent))
                    del self._back_at[agent]
        return done + self._pause(states, now)

    def _pause(self, states: dict[str, str], now: float) -> list[AnyCommand]:
        if not self._next_pause:
            self._next_pause = now + self._rng.uniform(*PAUSE_EVERY_S)
        at_work = [a for a, s in sorted(states.items()) if s not in ("paused", "not_ready")]
        if now < self._next_pause or len(at_work) <= LEAST_AT_WORK:
            return []
        self._next_pause = now + self._rng.uniform(*PAUSE_EVERY_S)
        agent = self._rng.choice(at_work)
        self._back_at[agent] = now + self._rng.uniform(*PAUSE_S)
        reason = self._rng.choice(["break", "break", "training"])
        return [AgentPause(agent=AgentId(agent), reason=reason, by=agent)]


async def live(client: LinkClient, seed: int) -> None:
    """Runs for ever. A core that is away is waited for."""
    people, loop = People(random.Random(f"{seed}/people")), asyncio.get_running_loop()
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            board = (await client.ask(Snapshot(by="demo"))).data["board"]
            for command in people.look(_states(board), loop.time()):
                await client.ask(command)
        except CoreAway:
            continue


def _states(board: Any) -> dict[str, str]:
    return {id: row.get("state", "logged_out") for id, row in board["agents"].items()}
