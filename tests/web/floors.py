"""Sites and scenes for the tests of the pages: small, empty, very full, with long names."""

from pathlib import Path
from typing import Any

from appliance.model import events as ev
from tests.web.standin import StandIn

LONG_QUEUES = (
    "Rechnungs- und Vertragsangelegenheiten",
    "Donaudampfschifffahrtsgesellschaftskundendienst",
    "Störungsannahme Telefonie und Internet",
    "Geschäftskundenbetreuung Nordrhein-Westfalen",
)


def write_site(
    folder: Path, *, queues: tuple[str, ...] = ("Sales", "Support"), agents: int = 6, **site: str
) -> Path:
    """A site.toml with the given queue names and number of agents."""
    lines = ["[site]", f'name = "{site.get("name", "Callfloor Demo")}"']
    lines += [f'language = "{site.get("language", "en")}"', "[web]", "port = 8080"]
    for name, host in (("main", "127.0.0.1"), ("backup", "127.0.0.2")):
        lines += ["[[trunk]]", f'id = "{name}"', f'name = "Trunk {name}"', f'host = "{host}"']
    for number, name in enumerate(queues, 1):
        lines += ["[[queue]]", f'id = "q{number}"', f'name = "{name}"', "wrap_up_s = 20"]
    for number in range(1, agents + 1):
        served = ", ".join(f'{{ id = "q{n}" }}' for n in range(1, len(queues) + 1))
        lines += ["[[agent]]", f'id = "agent-{number}"', f'name = "Agent {number}"']
        lines += [f'seat = "sip:agent-{number}@127.0.0.1"', f"queues = [{served}]"]
    lines += ["[[pause_reason]]", 'id = "lunch"', 'name = "Lunch"', site.get("more", "")]
    path = folder / "site.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


STATES: list[ev.AgentState] = [
    "talking",
    "ready",
    "ringing",
    "wrap_up",
    "talking",
    "paused",
    "ready",
    "not_ready",
    "talking",
    "logged_out",
]


def agent(number: int, state: ev.AgentState, **given: Any) -> ev.AgentChanged:
    return ev.AgentChanged(
        agent=f"agent-{number}", was="logged_out", state=state, cause="test", **given
    )


def waiting(call: str, queue: str, caller: str = "+4930123456") -> list[ev.AnyEvent]:
    return [
        ev.CallArrived(call=call, trunk="main", caller=caller),
        ev.CallAnswered(call=call),
        ev.FlowEntered(call=call, flow="day", version="1"),
        ev.FlowLeft(call=call, flow="day", to="queue", target=queue),
        ev.QueueEntered(call=call, queue=queue),
    ]


def ended(call: str, queue: str, waited: float, answered: bool = True) -> list[ev.AnyEvent]:
    """A call of today that is over."""
    reason: Any = "answered" if answered else "abandoned"
    return [
        *waiting(call, queue),
        ev.QueueLeft(call=call, queue=queue, reason=reason, waited_s=waited),
        ev.CallEnded(call=call, outcome=reason),
    ]


def busy_floor(core: StandIn, agents: int, queues: int) -> None:
    """Some callers waiting, agents in all states, one line down, two calls in the flow."""
    core.append(
        ev.LineChanged(trunk="main", state="up"),
        ev.LineChanged(trunk="backup", state="down", cause="no answer to OPTIONS"),
    )
    for queue in range(1, queues + 1):
        for number in range(9 * queue):
            waited = 4.0 + 7 * (number % 5)
            core.append(*ended(f"past-{queue}-{number}", f"q{queue}", waited, number % 6 != 5))
        for number in range(3 * queue - 2):
            core.append(*waiting(f"wait-{queue}-{number}", f"q{queue}"))
        core.append(
            ev.QueueAnnounced(
                call=f"wait-{queue}-0", queue=f"q{queue}", position=1, low_s=60, high_s=150
            )
        )
    for number in range(1, agents + 1):
        state = STATES[(number - 1) % len(STATES)]
        reason = "lunch" if state == "paused" else "3 offers missed" * (state == "not_ready")
        queue = "q1" if state in ("talking", "ringing", "wrap_up") else None
        core.append(agent(number, state, reason=reason, queue=queue))
    for number in range(2):
        call = f"flow-{number}"
        core.append(
            ev.CallArrived(call=call, trunk="main", caller="+4940987654"),
            ev.FlowEntered(call=call, flow="day", version="1"),
            ev.FlowNode(call=call, flow="day", node="menu"),
        )
