"""Each line and seat speaks only its own codecs."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.sip.sdp import restrict_codecs

OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 1 IN IP4 192.0.2.1",
        "s=-",
        "c=IN IP4 192.0.2.1",
        "t=0 0",
        "m=audio 4000 RTP/AVP 8 0 9 96 120",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:9 G722/8000",
        "a=rtpmap:96 opus/48000/2",
        "a=fmtp:96 useinbandfec=1",
        "a=rtpmap:120 telephone-event/8000",
        "a=fmtp:120 0-16",
        "a=sendrecv",
        "",
    ]
)


def audio(sdp: str) -> list[str]:
    return next(line for line in sdp.split("\r\n") if line.startswith("m=audio")).split()[3:]


def test_order_of_preference_is_kept_and_keys_stay() -> None:
    assert audio(restrict_codecs(OFFER, ("opus", "PCMA"))) == ["96", "8", "120"]


def test_attributes_of_dropped_codecs_go_too() -> None:
    left = restrict_codecs(OFFER, ("PCMU",))
    assert "G722" not in left
    assert "useinbandfec" not in left
    assert "telephone-event" in left
    assert "a=sendrecv" in left


def test_static_payload_without_rtpmap_is_known() -> None:
    bare = "v=0\r\nm=audio 4000 RTP/AVP 0 8\r\n"
    assert audio(restrict_codecs(bare, ("PCMA",))) == ["8"]


def test_nothing_in_common_leaves_a_payload_that_cannot_match() -> None:
    left = restrict_codecs(OFFER, ("iLBC",))
    assert audio(left) == ["127"]
    assert "a=rtpmap:127 x-none/8000" in left.split("\r\n")


def test_no_rule_changes_nothing() -> None:
    assert restrict_codecs(OFFER, ()) == OFFER


@given(st.text(), st.lists(st.sampled_from(["PCMA", "PCMU", "opus"]), unique=True))
def test_any_text_is_survived(sdp: str, codecs: list[str]) -> None:
    restrict_codecs(sdp, tuple(codecs))
