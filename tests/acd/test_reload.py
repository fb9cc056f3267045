"""Live changes and restarts: nobody loses a state, a place or a limit."""

from appliance.acd.effects import CancelRing, Divert
from appliance.acd.floor import AgentMemory, Floor
from appliance.model.events import AgentChanged, QueueLeft, StateRepaired
from appliance.model.site import AgentQueue
from tests.acd.floors import Desk, agent, of, queue, rings, states


def reload(desk: Desk, queues: list[object], agents: list[object]) -> list[object]:
    return list(desk.do(desk.floor.reconfigure(queues, agents, desk.now)))


def test_renaming_keeps_agents_callers_and_offers() -> None:
    desk = Desk([queue(name="Sales")], [agent("ann", name="A"), agent("bob", name="B")])
    first, second, third = desk.enter(), desk.enter(), desk.enter()
    desk.accept("ann")
    desk.go(10)
    out = reload(
        desk, [queue(name="Shop")], [agent("ann", name="Anna"), agent("bob", name="Robert")]
    )
    assert out == []
    assert (desk.state("ann"), desk.state("bob")) == ("talking", "ringing")
    assert desk.ringing(second) == ["bob"]
    assert desk.floor.queue_view("sales", desk.now).name == "Shop"
    assert rings(desk.end("ann")) == [(third, "ann")]
    assert first not in desk.watch.guests


def test_wrap_up_goes_on_with_what_is_left_of_its_limit() -> None:
    desk = Desk([queue(wrap_up_s=30)], [agent("ann")])
    desk.enter()
    desk.serve("ann")
    desk.go(12)
    assert reload(desk, [queue(wrap_up_s=60)], [agent("ann")]) == []
    assert desk.floor.agent_view("ann", desk.now).left_s == 18
    assert states(desk.go(18), "ann") == ["ready"]


def test_a_removed_queue_sends_its_callers_where_it_overflowed_to() -> None:
    desk = Desk(
        [queue("sales", overflow={"to": "voicemail:main"}), queue("help")],
        [agent("ann", "sales"), agent("bob", "help")],
    )
    desk.do(desk.floor.occupy("ann", "busy", desk.now))
    call = desk.enter("sales")
    out = reload(desk, [queue("help")], [agent("ann", "help"), agent("bob", "help")])
    assert [(e.call, e.target) for e in out if isinstance(e, Divert)] == [(call, "voicemail:main")]
    assert [e.call for e in out if isinstance(e, QueueLeft)] == [call]
    assert desk.state("ann") == "talking"


def test_a_queue_removed_while_it_rings_frees_the_agent() -> None:
    desk = Desk([queue("sales"), queue("help")], [agent("ann", "sales", "help")])
    call = desk.enter("sales")
    out = reload(desk, [queue("help")], [agent("ann", "sales", "help")])
    assert [e.call for e in out if isinstance(e, CancelRing)] == [call]
    assert desk.state("ann") == "ready"
    assert desk.ringing(desk.enter("help")) == ["ann"]


def test_a_removed_agent_finishes_his_call_first() -> None:
    desk = Desk([queue(wrap_up_s=10)], [agent("ann"), agent("bob")])
    desk.enter()
    desk.accept("ann")
    assert reload(desk, [queue(wrap_up_s=10)], [agent("bob")]) == []
    assert states(desk.end("ann"), "ann") == ["logged_out"]
    assert desk.ringing(desk.enter()) == ["bob"]


def test_a_removed_agent_who_is_rung_gives_the_caller_to_another() -> None:
    desk = Desk([queue()], [agent("ann"), agent("bob")])
    call = desk.enter()
    reload(desk, [queue()], [agent("bob")])
    assert desk.ringing(call) == ["bob"]


def test_an_agent_removed_and_put_back_during_his_call_stays() -> None:
    desk = Desk([queue()], [agent("ann")])
    desk.enter()
    desk.accept("ann")
    reload(desk, [queue()], [])
    reload(desk, [queue()], [agent("ann")])
    assert states(desk.end("ann"), "ann") == ["ready"]


def test_new_agents_and_new_skills_serve_those_who_wait_at_once() -> None:
    desk = Desk([queue()], [agent("ann")])
    french, italian = desk.enter(skills={"fr": 2}), desk.enter(skills={"it": 2})
    out = reload(desk, [queue()], [agent("ann", skills={"fr": 2}), agent("bob", skills={"it": 9})])
    assert sorted(rings(out)) == [(french, "ann"), (italian, "bob")]


def test_order_and_places_stay_over_a_reload() -> None:
    desk = Desk([queue()], [agent("ann")])
    desk.do(desk.floor.occupy("ann", "busy", desk.now))
    calls = [desk.enter(priority=p) for p in (0, 5, 0, 5)]
    before = [desk.floor.position(call, desk.now) for call in calls]
    desk.floor.reconfigure([queue(strategy="round_robin", ring_s=20)], [agent("ann")], desk.now)
    assert [desk.floor.position(call, desk.now) for call in calls] == before


def test_round_robin_remembers_its_turn_over_a_reload() -> None:
    people = [agent("ann"), agent("bob"), agent("cat")]
    desk = Desk([queue(strategy="round_robin")], people)
    for name in ("ann", "bob"):
        assert desk.ringing(desk.enter()) == [name]
        desk.serve(name)
    reload(desk, [queue(strategy="round_robin")], people)
    assert desk.ringing(desk.enter()) == ["cat"]


def test_overflow_shortened_by_a_reload_takes_effect_for_those_who_wait() -> None:
    desk = Desk([queue()], [agent("ann", login=False)])
    call = desk.enter()
    desk.go(50)
    reload(desk, [queue(overflow={"after_s": 40, "to": "voicemail:main"})], [agent("ann")])
    assert [e.call for e in of(desk.go(1), Divert)] == [call]


def test_an_agent_moved_to_another_queue_in_a_call_serves_the_new_one_after_it() -> None:
    desk = Desk([queue("sales"), queue("help")], [agent("ann", "sales")])
    desk.enter("sales")
    desk.accept("ann")
    call = desk.enter("help")
    moved = agent("ann", AgentQueue(id="help"))
    assert reload(desk, [queue("sales"), queue("help")], [moved]) == []
    assert rings(desk.end("ann")) == [(call, "ann")]


# -- restart --------------------------------------------------------------------------------


def test_restart_keeps_states_and_repairs_those_whose_call_is_gone() -> None:
    people = [agent(n) for n in ("ready", "paused", "out", "missed", "wrap", "ring", "talk", "new")]
    people += [agent("off", login=False)]
    floor = Floor([queue(wrap_up_s=30)], people, seed=1)
    memory = {
        "ready": AgentMemory(state="ready"),
        "paused": AgentMemory(state="paused", reason="lunch"),
        "out": AgentMemory(state="logged_out"),
        "missed": AgentMemory(state="not_ready", reason="3 offers in a row not answered"),
        "wrap": AgentMemory(state="wrap_up", left_s=12),
        "ring": AgentMemory(state="ringing"),
        "talk": AgentMemory(state="talking"),
    }
    out = floor.restore(memory, 100.0)
    assert floor.check_invariants() == []
    after = {a.id: floor.agent_view(a.id, 100.0) for a in people}
    assert {name: view.state for name, view in after.items()} == {
        "ready": "ready",
        "paused": "paused",
        "out": "logged_out",
        "missed": "not_ready",
        "wrap": "wrap_up",
        "ring": "ready",
        "talk": "ready",
        "new": "ready",
        "off": "logged_out",
    }
    assert after["paused"].reason == "lunch"
    assert after["wrap"].left_s == 12
    assert [(e.id, e.was) for e in of(out, StateRepaired)] == [
        ("ring", "ringing"),
        ("talk", "talking"),
    ]
    # Whoever stays as he was makes no event.
    assert {e.agent for e in of(out, AgentChanged)} == {"ring", "talk", "new"}
    assert [e.agent for e in of(floor.tick(112.0), AgentChanged)] == ["wrap"]


def test_restart_remembers_last_agents() -> None:
    floor = Floor([queue(last_agent=True)], [agent("ann"), agent("bob")], seed=1)
    floor.restore({}, 0.0, last_agents={"+491": "bob"})
    out = floor.enter("c1", "sales", caller="+491", now=1.0)
    assert rings(out) == [("c1", "bob")]
