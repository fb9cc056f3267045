"""The heap of deadlines."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.acd.timers import Due, Timers


def test_fires_in_order_and_equals_as_set() -> None:
    timers = Timers()
    for when, name in ((3.0, "c"), (1.0, "a"), (2.0, "b"), (1.0, "a2")):
        timers.at(when, Due.CALLER, name)
    assert timers.next() == 1.0
    assert [name for _, name in timers.due(2.0)] == ["a", "a2", "b"]
    assert timers.next() == 3.0


def test_cancelled_ones_never_fire_also_when_cancelled_by_another() -> None:
    timers = Timers()
    first, second = timers.at(1.0, Due.RING, "one"), timers.at(1.0, Due.RING, "two")
    fired = []
    for _, name in timers.due(1.0):
        fired.append(name)
        timers.cancel(second)
        timers.cancel(first)
    assert fired == ["one"]
    assert timers.next() is None
    timers.cancel(None)


def test_one_set_while_firing_fires_if_it_is_due() -> None:
    timers = Timers()
    timers.at(1.0, Due.RING, 3)
    fired = []
    for _, left in timers.due(1.0):
        fired.append(left)
        if left:
            timers.at(1.0, Due.RING, left - 1)
    assert fired == [3, 2, 1, 0]


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=2000))
def test_many_with_many_cancelled(wanted: list[tuple[float, bool]]) -> None:
    timers = Timers()
    handles = [timers.at(when, Due.AGENT, i) for i, (when, _) in enumerate(wanted)]
    for handle, (_, stays) in zip(handles, wanted, strict=True):
        if not stays:
            timers.cancel(handle)
            timers.cancel(handle)
    expected = sorted((when, i) for i, (when, stays) in enumerate(wanted) if stays)
    assert len(timers) == len(expected)
    assert [i for _, i in timers.due(100.0)] == [i for _, i in expected]
    assert len(timers) == 0


def test_the_heap_does_not_grow_with_cancelled_ones() -> None:
    timers = Timers()
    for i in range(100_000):
        timers.cancel(timers.at(1e9 + i, Due.RING, i))
    assert len(timers._heap) < 2_000
