"""An agent who picks up and hangs up before he and the caller have heard each other.

The queue may whisper to him first; who hangs up then has refused the caller, however much he
answered. The caller waits on where he was, and the next agent is rung.
"""

from appliance.acd.agent import Agent
from appliance.acd.caller import Entry
from appliance.acd.offers import Offers
from appliance.acd.state import Out, State
from appliance.acd.waiting import Waiting
from appliance.model.ids import AgentId, CallId


def hung_up(
    state: State,
    offers: Offers,
    waiting: Waiting,
    call: CallId,
    agent_id: AgentId,
    cause: str,
    now: float,
    out: Out,
) -> None:
    """Counts like a refused offer; silent where the agent is not in this call."""
    agent = state.agents.get(agent_id)
    if agent is None or agent.state != "talking" or agent.call != call:
        return
    entry, queue = agent.entry, agent.queue
    _undo(state, agent, entry)
    # The caller first: another agent is rung for him before this one may be.
    if entry is not None:
        waiting.back(entry, now, out)
    offers.blame(agent, queue, "refused", cause, now, out)


def _undo(state: State, agent: Agent, entry: Entry | None) -> None:
    """The call that he did not take is none of his calls."""
    agent.call = agent.entry = agent.queue = None
    agent.calls -= 1
    agent.missed = agent.missed_before
    if entry is not None and entry.caller:
        state.last_agents.did_not(entry.caller, agent.id)
