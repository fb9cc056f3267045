"""Who gets whom: order, skills, several queues, preferences, and never a stall."""

import pytest

from appliance.model.ids import AgentId, CallId, QueueId
from appliance.model.site import AgentQueue
from tests.acd.floors import Desk, agent, queue, rings, states


def busy_floor(*queues: object, agents: tuple[object, ...] = ()) -> Desk:
    """Every agent talks with somebody; callers who enter now have to wait."""
    people = agents or (agent("ann"), agent("bob"))
    desk = Desk(queues or [queue()], people)
    for one in people:
        call = f"busy-{one.id}"
        desk.do(desk.floor.occupy(one.id, call, desk.now))
    return desk


def order_of_service(desk: Desk, name: str, count: int) -> list[str]:
    """The callers the agent is rung for, one after the other."""
    calls = []
    for _ in range(count):
        out = desk.end(name)
        ((call, rung),) = rings(out)
        assert rung == name
        desk.accept(name)
        calls.append(call)
    return calls


def test_first_come_first_served() -> None:
    desk = busy_floor()
    calls = []
    for _ in range(20):
        calls.append(desk.enter())
        desk.go(1)
    assert order_of_service(desk, "ann", 20) == calls


def test_priority_goes_first_and_equals_keep_their_order() -> None:
    desk = busy_floor()
    plain = [desk.enter(), desk.enter()]
    vips = [desk.enter(priority=5), desk.enter(priority=5)]
    assert order_of_service(desk, "ann", 4) == vips + plain


def test_ageing_lets_nobody_starve() -> None:
    """One step of priority is worth 60 s: who waited longer than that is ahead."""
    desk = busy_floor(queue(priority_s=60))
    old = desk.enter()
    desk.go(59)
    vip = desk.enter(priority=1)
    desk.go(2)
    late_vip = desk.enter(priority=1)
    assert order_of_service(desk, "ann", 3) == [vip, old, late_vip]


def test_an_endless_stream_of_vips_does_not_hold_up_the_first_caller() -> None:
    desk = busy_floor(queue(priority_s=60))
    plain = desk.enter()
    served: list[str] = []
    while plain not in served:
        assert desk.now < 601
        desk.enter(priority=10)
        desk.go(10)
        served += order_of_service(desk, "ann", 1)
    assert desk.now >= 590


def test_queue_priority_counts_for_an_agent_of_two_queues() -> None:
    people = (agent("ann", "sales", "help"),)
    desk = busy_floor(queue("sales"), queue("help", priority=1), agents=people)
    sales = desk.enter("sales")
    desk.go(30)
    help_ = desk.enter("help")
    assert order_of_service(desk, "ann", 2) == [help_, sales]


def test_an_agent_of_several_queues_takes_the_longest_waiting_of_all() -> None:
    people = (agent("ann", "sales", "help"), agent("bob", "help"))
    desk = busy_floor(queue("sales"), queue("help"), agents=people)
    calls = [desk.enter(q) for q in ("help", "sales", "help", "sales") if not desk.go(1)]
    assert order_of_service(desk, "ann", 4) == calls


def test_skills_levels_decide_who_may_serve() -> None:
    people = (agent("ann", skills={"fr": 3}), agent("bob", skills={"fr": 7}), agent("cat"))
    desk = Desk([queue()], people)
    assert desk.ringing(desk.enter(skills={"fr": 7})) == ["bob"]
    assert desk.ringing(desk.enter(skills={"fr": 4})) == []
    assert desk.ringing(desk.enter(skills={"fr": 3})) == ["ann"]
    assert desk.ringing(desk.enter()) == ["cat"]


def test_who_needs_a_rare_skill_does_not_hold_up_the_others() -> None:
    people = (agent("ann", skills={"fr": 3}), agent("bob"))
    desk = busy_floor(agents=people)
    french, plain = desk.enter(skills={"fr": 1}), desk.enter()
    assert order_of_service(desk, "bob", 1) == [plain]
    assert order_of_service(desk, "ann", 1) == [french]


def test_requirements_relax_step_by_step_with_the_wait() -> None:
    relax = [{"after_s": 30, "by": 2}, {"after_s": 60, "by": 10}]
    people = (agent("ann", skills={"fr": 3}), agent("bob", skills={"fr": 1}))
    desk = Desk([queue(skills={"fr": 5}, relax=relax)], people)
    call, second = desk.enter(), desk.enter()
    desk.go(29.9)
    assert desk.ringing(call) == []
    desk.go(0.2)
    assert desk.ringing(call) == ["ann"]
    desk.accept("ann")
    desk.go(29)
    assert desk.ringing(second) == []
    desk.go(2)
    assert desk.ringing(second) == ["bob"]


# -- no stall (agents who are there in name only) -------------------------------------------


@pytest.mark.parametrize("result", ["busy", "refused", "unreachable", "no_answer"])
@pytest.mark.parametrize("strategy", ["ordered", "longest_idle", "round_robin", "weighted_random"])
def test_one_failing_agent_never_stalls_the_queue(strategy: str, result: str) -> None:
    people = [
        agent(name, AgentQueue(id="sales", order=order))
        for order, name in enumerate(("ann", "bob", "cat"), start=1)
    ]
    desk = Desk([queue(strategy=strategy)], people)
    call = desk.enter()
    (failing,) = desk.ringing(call)
    desk.fail(failing, result)
    (after,) = desk.ringing(call)
    assert after != failing


def test_the_last_agent_of_the_list_failing_does_not_stall_either() -> None:
    """Everybody fails in turn; after retry_s they are tried again."""
    desk = Desk([queue(strategy="ordered", retry_s=2, max_no_answer=20)], [agent("ann")])
    call = desk.enter()
    for _ in range(3):
        assert desk.ringing(call) == ["ann"]
        desk.fail("ann", "unreachable")
        assert desk.ringing(call) == []
        desk.go(1.9)
        assert desk.ringing(call) == []
        desk.go(0.1)


@pytest.mark.parametrize("result", ["busy", "refused", "unreachable", "no_answer"])
def test_who_missed_an_offer_rests_and_nobody_overtakes_the_one_he_missed(result: str) -> None:
    desk = busy_floor(queue(retry_s=10), agents=(agent("ann"),))
    first, second = desk.enter(), desk.enter()
    assert rings(desk.end("ann")) == [(first, "ann")]
    assert rings(desk.fail("ann", result)) == []
    assert desk.state("ann") == "ready"
    desk.go(9.9)
    assert desk.ringing(desk.enter()) == []
    assert rings(desk.go(0.1)) == [(first, "ann")]
    desk.accept("ann")
    assert rings(desk.end("ann")) == [(second, "ann")]  # after a call there is no rest


def test_a_rest_holds_in_all_his_queues_and_whatever_he_does() -> None:
    desk = Desk(
        [queue(retry_s=10, max_no_answer=1), queue("help", retry_s=0)],
        [agent("ann", "sales", "help")],
    )
    call = desk.enter()
    assert states(desk.fail("ann", "refused"), "ann") == ["not_ready"]
    desk.go(3)
    other = desk.enter("help")
    assert states(desk.do(desk.floor.ready(AgentId("ann"), desk.now)), "ann") == ["ready"]
    desk.do(desk.floor.logout(AgentId("ann"), desk.now))
    assert states(desk.do(desk.floor.login(AgentId("ann"), desk.now)), "ann") == ["ready"]
    desk.do(desk.floor.reconfigure([queue(), queue("help")], [agent("ann")], desk.now))
    assert rings(desk.go(6.9)) == []
    assert rings(desk.go(0.1)) == [(call, "ann")]
    assert desk.ringing(other) == []


def test_who_rests_can_still_be_rung_by_name() -> None:
    """A colleague asks for him; what he missed were callers of the queue."""
    desk = Desk([queue(retry_s=10)], [agent("ann")])
    desk.enter()
    desk.fail("ann", "refused")
    out = desk.do(desk.floor.offer_agent(CallId("t1"), AgentId("ann"), 20.0, desk.now))
    assert rings(out) == [("t1", "ann")]
    assert rings(desk.go(15)) == []
    desk.accept("ann")
    assert rings(desk.end("ann")) == [("c1", "ann")]


def test_a_rest_over_while_paused_rings_nobody_and_is_over() -> None:
    desk = Desk([queue(retry_s=10)], [agent("ann")])
    call = desk.enter()
    desk.fail("ann", "refused")
    desk.do(desk.floor.pause(AgentId("ann"), desk.now))
    assert rings(desk.go(60)) == []
    assert rings(desk.do(desk.floor.ready(AgentId("ann"), desk.now))) == [(call, "ann")]


def test_a_rest_lengthens_the_wait_that_newcomers_can_expect() -> None:
    desk = Desk([queue(retry_s=600)], [agent("ann")])
    before = desk.floor.queue_view(QueueId("sales"), desk.now).high_s
    desk.enter()
    desk.fail("ann", "refused")
    desk.go(10)
    after = desk.floor.queue_view(QueueId("sales"), desk.now).low_s
    assert before is not None and after is not None
    assert after > before


# -- preferred and last agent ---------------------------------------------------------------


def test_vip_callers_keep_their_agent_for_a_while_then_anybody_serves() -> None:
    desk = Desk([queue(last_agent_wait_s=20)], [agent("ann"), agent("bob"), agent("cat")])
    desk.do(desk.floor.occupy("bob", "own", desk.now))
    call = desk.enter(preferred_agent="bob")
    assert desk.ringing(call) == []
    desk.go(19)
    assert desk.ringing(call) == []
    desk.go(1)
    assert desk.ringing(call) == ["ann"]


def test_the_preferred_agent_is_rung_at_once_when_idle_and_first_when_he_comes_free() -> None:
    desk = Desk([queue()], [agent("ann"), agent("bob")])
    assert desk.ringing(desk.enter(preferred_agent="bob")) == ["bob"]
    waiting = desk.enter(preferred_agent="bob")
    desk.accept("bob")
    assert rings(desk.end("bob")) == [(waiting, "bob")]


@pytest.mark.parametrize("act", ["pause", "logout"])
def test_nobody_waits_for_an_agent_who_goes_away(act: str) -> None:
    desk = Desk([queue(last_agent_wait_s=600)], [agent("ann"), agent("bob")])
    desk.do(desk.floor.occupy("bob", "own", desk.now))
    call = desk.enter(preferred_agent="bob")
    assert desk.ringing(call) == []
    desk.do(getattr(desk.floor, act)("bob", desk.now))
    assert desk.ringing(call) == []  # his own call goes on, he goes away after it
    desk.end("bob")
    assert desk.ringing(call) == ["ann"]


def test_who_prefers_a_paused_agent_is_served_by_anybody() -> None:
    desk = Desk([queue()], [agent("ann"), agent("bob")])
    desk.do(desk.floor.pause("bob", desk.now))
    assert desk.ringing(desk.enter(preferred_agent="bob")) == ["ann"]


def test_last_agent_is_remembered_by_the_callers_number() -> None:
    desk = Desk([queue(last_agent=True, strategy="ordered")], [agent("ann"), agent("bob")])
    desk.do(desk.floor.pause("ann", desk.now))
    assert desk.ringing(desk.enter(caller="+4930111")) == ["bob"]
    desk.serve("bob")
    desk.do(desk.floor.ready("ann", desk.now))
    assert desk.ringing(desk.enter(caller="+4930111")) == ["bob"]
    assert desk.ringing(desk.enter(caller="+4930222")) == ["ann"]


def test_many_kinds_of_requirements_are_tidied_away_and_nobody_is_lost() -> None:
    desk = busy_floor(agents=(agent("ann", skills={f"s{i}": 10 for i in range(40)}),))
    calls = [
        desk.enter(skills={f"s{i % 40}": 1 + i % 9, f"s{(i * 7) % 40}": 2}) for i in range(320)
    ]
    assert order_of_service(desk, "ann", 320) == calls
    assert len(desk.floor._state.queues["sales"].buckets) <= 320
    late = [desk.enter(skills={f"s{i % 40}": 1 + i % 10}) for i in range(100)]
    assert order_of_service(desk, "ann", 100) == late
