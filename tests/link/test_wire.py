"""Frames and messages: whatever comes, it is a message or a named error."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.linking import wire
from appliance.model import commands as cmd
from appliance.model import events as ev


@given(bodies=st.lists(st.binary(max_size=300)), cuts=st.lists(st.integers(1, 50)))
def test_frames_survive_any_cutting(bodies: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(len(body).to_bytes(4, "big") + body for body in bodies)
    framer, got = wire.Framer(1000), []
    for cut in [*cuts, len(stream) + 1]:
        got += framer.feed(stream[:cut])
        stream = stream[cut:]
    assert got == bodies


@given(length=st.integers(1001, 2**32 - 1))
def test_a_frame_over_the_limit_is_refused_by_its_length_alone(length: int) -> None:
    with pytest.raises(wire.WireError) as caught:
        list(wire.Framer(1000).feed(length.to_bytes(4, "big")))
    assert caught.value.code == "too_large"


@given(body=st.binary(max_size=400))
def test_any_bytes_are_a_message_or_malformed(body: bytes) -> None:
    for decode in (wire.decode_to_core, wire.decode_from_core):
        try:
            decode(body)
        except wire.WireError as error:
            assert error.code == "malformed"


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"kind": "ask"},
        {"kind": "ask", "command": {"command": "no.such"}},
        {"kind": "ask", "command": {"command": "agent.login", "agent": 7}},
        {"kind": "subscribe", "after_seq": "1"},
        [1, 2],
    ],
)
def test_wrong_shapes_are_malformed(raw: object) -> None:
    with pytest.raises(wire.WireError):
        wire.decode_to_core(msgspec.msgpack.encode(raw))


def test_deep_nesting_is_malformed_and_no_crash() -> None:
    with pytest.raises(wire.WireError):
        wire.decode_to_core(b"\x91" * 60_000)


def test_each_command_and_event_survives_the_wire() -> None:
    for kind in cmd.AnyCommand.__args__:
        texts = {"action": "start", "target_kind": "queue"}
        given_fields = {
            field.name: texts.get(field.name, "x")
            for field in msgspec.structs.fields(kind)
            if field.required
        }
        message = wire.Ask(kind(**given_fields))
        assert wire.decode_to_core(wire.encode(message)[4:]) == message
    record = ev.Record(7, 12, ev.QueueEntered(call="c", queue="q", skills={"de": 3}))
    records = wire.Records([record])
    assert wire.decode_from_core(wire.encode(records)[4:]) == records
