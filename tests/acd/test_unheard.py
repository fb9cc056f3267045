"""Who picks up and hangs up before he and the caller have heard each other has refused him."""

from appliance.acd.effects import Divert
from appliance.model.events import QueueAnnounced, QueueEntered, QueueLeft
from appliance.model.ids import AgentId, CallId, QueueId
from tests.acd.floors import Desk, Out, agent, of, queue, rings, states

CAUSE = "agent hung up in the whisper"


def refuse(desk: Desk, call: CallId, name: str = "ann") -> Out:
    return desk.do(desk.floor.hung_up_unheard(call, AgentId(name), desk.now, CAUSE))


def view(desk: Desk, name: str = "ann"):
    return desk.floor.agent_view(AgentId(name), desk.now)


def busy_bob(**settings: object) -> Desk:
    desk = Desk([queue(**settings)], [agent("ann"), agent("bob")])
    desk.do(desk.floor.occupy(AgentId("bob"), CallId("own"), desk.now))
    return desk


def test_it_counts_like_a_refusal_and_has_no_wrap_up() -> None:
    desk = Desk([queue(max_no_answer=3, wrap_up_s=20)], [agent("ann")])
    call = desk.enter()
    desk.fail("ann", "refused")
    desk.go(2)
    desk.accept("ann")
    desk.go(3)
    assert states(refuse(desk, call), "ann") == ["ready"]
    assert (view(desk).missed, view(desk).calls) == (2, 0)
    desk.go(2)
    desk.accept("ann")
    assert states(refuse(desk, call), "ann") == ["not_ready"]
    assert view(desk).reason == "3 offers in a row refused"
    assert rings(desk.go(3600)) == []
    assert desk.waiting() == 1


def test_a_talk_in_between_starts_the_count_anew() -> None:
    desk = Desk([queue(max_no_answer=2)], [agent("ann")])
    for _ in range(3):
        call = desk.enter()
        desk.accept("ann")
        refuse(desk, call)
        desk.go(2)
        desk.serve("ann")
    assert desk.state("ann") == "ready"


def test_the_caller_keeps_his_place_and_goes_to_the_next_agent() -> None:
    desk = busy_bob()
    first = desk.enter()
    desk.accept("ann")
    second, third = desk.enter(), desk.enter(priority=1)
    desk.go(7)
    (entered,) = of(refuse(desk, first), QueueEntered)
    assert (entered.call, entered.kept_s) == (first, 7)
    places = [desk.floor.position(call, desk.now) for call in (third, first, second)]
    assert [place.position for place in places if place is not None] == [1, 2, 3]
    assert places[1] is not None and places[1].waited_s == 7
    assert desk.floor.queue_view(QueueId("sales"), desk.now).longest_wait_s == 7


def test_another_idle_agent_is_rung_at_once() -> None:
    desk = Desk([queue()], [agent("ann"), agent("bob")])
    call = desk.enter()
    desk.accept("ann")
    assert rings(refuse(desk, call)) == [(call, "bob")]


def test_what_he_was_told_does_not_rise() -> None:
    desk = busy_bob(announce={"first_s": 1, "every_s": 4})
    desk.do(desk.floor.pause(AgentId("ann"), desk.now))
    first = desk.enter()
    (said,) = of(desk.go(1), QueueAnnounced)
    desk.do(desk.floor.ready(AgentId("ann"), desk.now))
    desk.accept("ann")
    for _ in range(5):
        desk.enter(priority=9)
    refuse(desk, first)
    again = [e for e in of(desk.go(60), QueueAnnounced) if e.call == first]
    assert again
    assert said.high_s is not None
    for e in again:
        assert e.position <= said.position
        assert e.high_s is not None and e.high_s <= said.high_s


def test_his_time_to_overflow_runs_on() -> None:
    desk = busy_bob(overflow={"after_s": 40, "to": "voicemail:main"})
    call = desk.enter()
    desk.go(10)
    desk.accept("ann")
    desk.go(10)
    refuse(desk, call)
    desk.do(desk.floor.pause(AgentId("ann"), desk.now))
    out = desk.go(20)
    assert [(e.reason, e.waited_s) for e in of(out, QueueLeft)] == [("overflow_wait", 40)]


def test_a_logout_asked_for_meanwhile_happens_now() -> None:
    desk = Desk([queue(overflow={"unstaffed": True})], [agent("ann")])
    call = desk.enter()
    desk.accept("ann")
    desk.do(desk.floor.logout(AgentId("ann"), desk.now))
    out = refuse(desk, call)
    assert states(out, "ann") == ["logged_out"]
    assert [e.reason for e in of(out, Divert)] == ["overflow_unstaffed"]


def test_a_queue_removed_meanwhile_gives_its_caller_to_the_flow() -> None:
    desk = Desk([queue(), queue("help")], [agent("ann", "sales", "help")])
    call = desk.enter()
    desk.accept("ann")
    desk.do(desk.floor.reconfigure([queue("help")], [agent("ann", "help")], desk.now))
    out = refuse(desk, call)
    assert [(e.call, e.queue, e.target) for e in of(out, Divert)] == [(call, "sales", "flow")]
    assert of(out, QueueEntered) == []
    assert desk.state("ann") == "ready"


def test_changed_settings_hold_for_who_comes_back() -> None:
    desk = busy_bob()
    first = desk.enter(priority=1)
    desk.accept("ann")
    people = [agent("ann"), agent("bob")]
    desk.do(desk.floor.reconfigure([queue(skills={"fr": 2}, priority_s=0)], people, desk.now))
    refuse(desk, first)
    assert desk.waiting() == 1  # and the watched invariants hold
    fluent = [agent("ann", skills={"fr": 3}), agent("bob")]
    desk.go(2)
    out = desk.do(desk.floor.reconfigure([queue(skills={"fr": 2})], fluent, desk.now))
    assert rings(out) == [(first, "ann")]


def test_the_caller_does_not_prefer_who_did_not_talk_with_him() -> None:
    desk = Desk(
        [queue(last_agent=True, strategy="ordered", redial_s=0)], [agent("ann"), agent("bob")]
    )
    call = desk.enter(caller="+4930111")
    desk.accept("ann")
    refuse(desk, call)
    desk.do(desk.floor.abandon(call, desk.now))
    desk.go(60)
    again = desk.enter(caller="+4930111")
    (entered,) = [e for e in of(desk.log, QueueEntered) if e.call == again]
    assert entered.preferred_agent is None


def test_who_is_not_in_the_call_is_not_blamed() -> None:
    desk = busy_bob()
    call = desk.enter()
    desk.accept("ann")
    assert refuse(desk, call, "bob") == []
    assert refuse(desk, CallId("other")) == []
    desk.end("ann")
    assert refuse(desk, call) == []
