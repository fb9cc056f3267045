"""The wanted graph is on the bridge whatever order media and wishes come in."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from appliance.sip.bridge import Bridge

TAPS = ["far:a", "far:b"]
NODES = ["leg:a", "leg:b", "leg:c", "music:m", "left:r", *TAPS]
LINKS = [
    (one, other) for one in NODES for other in NODES if one != other and not {one, other} & {*TAPS}
]


class Media:
    """One port of the pretend conference bridge; a new port has no links."""

    def __init__(self) -> None:
        self.sinks: set[int] = set()

    def startTransmit(self, sink: "Media") -> None:
        self.sinks.add(id(sink))

    def stopTransmit(self, sink: "Media") -> None:
        self.sinks.discard(id(sink))


class BridgeMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.bridge = Bridge()
        self.media: dict[str, Media] = {}
        self.kept: list[Media] = []
        self.wanted: dict[str, set[tuple[str, str]]] = {}
        self.shadows: dict[str, str] = {}

    @rule(
        owner=st.sampled_from(["call:1", "call:2", "play:1"]), links=st.sets(st.sampled_from(LINKS))
    )
    def want(self, owner: str, links: set[tuple[str, str]]) -> None:
        self.bridge.want(owner, links)
        self.wanted[owner] = links

    @rule(node=st.sampled_from(NODES))
    def media_up(self, node: str) -> None:
        """A first stream, or a new one after a re-INVITE: its old port is gone."""
        old = self.media.get(node)
        for other in self.media.values():
            other.sinks.discard(id(old))
        self.media[node] = Media()
        self.kept.append(self.media[node])
        self.bridge.set_media(node, self.media[node])

    @rule(sink=st.sampled_from(["leg:a", "leg:b"]))
    def listened_to(self, sink: str) -> None:
        """A tap for what this leg is sent; its port may be there already, or come later."""
        self.shadows[sink] = f"far:{sink[-1]}"
        self.bridge.shadow(sink, self.shadows[sink])

    @rule(sink=st.sampled_from(["leg:a", "leg:b"]))
    def not_listened_to(self, sink: str) -> None:
        self.shadows.pop(sink, None)
        self.bridge.unshadow(sink)

    @rule(node=st.sampled_from(NODES))
    def leg_ends(self, node: str) -> None:
        gone = self.media.pop(node, None)
        for other in self.media.values():
            other.sinks.discard(id(gone))
        self.bridge.forget(node)

    @rule(node=st.sampled_from(NODES))
    def taken_away(self, node: str) -> None:
        self.bridge.remove(node)
        self.media.pop(node, None)

    @invariant()
    def graph_is_as_wanted(self) -> None:
        names = {id(media): node for node, media in self.media.items()}
        live = {
            (node, names[sink])
            for node, media in self.media.items()
            for sink in media.sinks
            if sink in names
        }
        wanted = {link for links in self.wanted.values() for link in links}
        wanted |= {(a, self.shadows[b]) for a, b in wanted if b in self.shadows}
        assert live == {(a, b) for a, b in wanted if a in self.media and b in self.media}

    def teardown(self) -> None:
        """Nobody wants anything: nothing is kept."""
        for sink in list(self.shadows):
            self.bridge.unshadow(sink)
        for owner in list(self.wanted):
            self.bridge.want(owner, ())
        assert not self.bridge._count
        assert not self.bridge._by_node


TestBridge = BridgeMachine.TestCase


def test_a_port_that_may_be_somebody_elses_is_left_alone() -> None:
    """The end of a leg is known to PJSIP before it is known to us."""
    bridge, music, port = Bridge(), Media(), Media()
    gone = False
    bridge.set_media("music:m", music)
    bridge.set_media("leg:a", port, lambda: not gone)
    bridge.want("call:1", {("music:m", "leg:a")})
    assert id(port) in music.sinks
    gone = True
    bridge.want("call:1", ())
    assert id(port) in music.sinks, "the next call's link on the same port must stay"
    bridge.want("call:1", {("leg:a", "music:m")})
    assert not port.sinks
