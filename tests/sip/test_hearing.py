"""What a recogniser gets of the two rings: equally much of both, whole ticks, nothing twice."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.sip.hearing import TICK_BYTES, Pair

CUTS = st.lists(st.integers(0, 3 * TICK_BYTES), max_size=20)


def chunks(cuts: list[int], first: int) -> list[bytes]:
    """Pieces of one stream of numbered ticks."""
    whole = b"".join(
        (first + tick % 100).to_bytes(1, "little") * TICK_BYTES for tick in range(sum(cuts))
    )
    found, at = [], 0
    for cut in cuts:
        found.append(whole[at : at + cut])
        at += cut
    return found


@given(CUTS, CUTS)
def test_whatever_each_ring_gives_both_come_out_side_by_side(
    one: list[int], other: list[int]
) -> None:
    pair, near, far = Pair(), b"", b""
    for a, b in zip(chunks(one, 0), chunks(other, 100), strict=False):
        taken = pair.take(a, memoryview(b))
        assert len(taken[0]) == len(taken[1]) and len(taken[0]) % TICK_BYTES == 0
        near, far = near + taken[0], far + taken[1]
    common = min(len(one), len(other))
    both = min(sum(one[:common]), sum(other[:common])) // TICK_BYTES * TICK_BYTES
    assert len(near) == both, "what both have is not kept back"
    assert near == b"".join(chunks(one, 0))[:both]
    assert far == b"".join(chunks(other, 100))[:both]


def test_after_a_loss_both_begin_anew() -> None:
    pair = Pair()
    pair.take(bytes(2 * TICK_BYTES), b"")
    pair.clear()
    assert pair.take(b"", b"x" * TICK_BYTES) == (b"", b"")
    assert pair.take(b"y" * TICK_BYTES, b"") == (b"y" * TICK_BYTES, b"x" * TICK_BYTES)
