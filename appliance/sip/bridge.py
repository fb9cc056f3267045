"""The wanted audio graph, kept on PJMEDIA's conference bridge through every re-INVITE.

Owners (a call, a play) declare the links they want; the bridge applies the difference. When
a leg's stream is made anew its port loses its links, so they are made again.
"""

from collections.abc import Callable, Iterable
from typing import Any

from appliance.sip.errors import tolerate

Node = str
Link = tuple[Node, Node]


class Bridge:
    """`media` objects are pjsua2 AudioMedia; a node without one yet is simply waited for."""

    def __init__(self) -> None:
        self._media: dict[Node, Any] = {}
        self._alive: dict[Node, Callable[[], bool]] = {}
        self._wanted: dict[str, frozenset[Link]] = {}
        self._count: dict[Link, int] = {}
        self._by_node: dict[Node, set[Link]] = {}
        self._live: set[Link] = set()
        self._shadows: dict[Node, Node] = {}

    def want(self, owner: str, links: Iterable[Link]) -> None:
        """Replace the links of `owner`."""
        new, old = frozenset(links), self._wanted.get(owner, frozenset())
        for link in new - old:
            self._add(link)
        for link in old - new:
            self._drop(link)
        if new:
            self._wanted[owner] = new
        else:
            self._wanted.pop(owner, None)

    def set_media(self, node: Node, media: Any, alive: Callable[[], bool] | None = None) -> None:
        """`media` is (again) the node's port: make its links anew.

        `alive` turns False when the port may already be somebody else's: PJSIP gives the number
        of an ended leg's port to the next call at once, before this thread hears of the end.
        """
        self._media[node] = media
        if alive is not None:
            self._alive[node] = alive
        for link in self._by_node.get(node, ()):
            self._live.discard(link)
            self._start(link)

    def remove(self, node: Node) -> Any:
        """The node's port is gone or about to go; returns its media object."""
        for link in self._by_node.get(node, ()):
            self._stop(link)
        self._alive.pop(node, None)
        return self._media.pop(node, None)

    def forget(self, node: Node) -> None:
        """The port was already taken off the bridge by PJSIP (its leg ended)."""
        self._media.pop(node, None)
        self._alive.pop(node, None)
        for link in self._by_node.get(node, ()):
            self._live.discard(link)

    def shadow(self, sink: Node, tap: Node) -> None:
        """From now on `tap` hears what `sink` is sent, whoever begins to send it and when. One
        tap for a sink; `unshadow` ends it."""
        self.unshadow(sink)
        self._shadows[sink] = tap
        for source in self._heard_by(sink):
            self._add((source, tap))

    def unshadow(self, sink: Node) -> None:
        tap = self._shadows.pop(sink, None)
        if tap is not None:
            for source in self._heard_by(sink):
                self._drop((source, tap))

    def _heard_by(self, sink: Node) -> list[Node]:
        return [source for source, at in self._by_node.get(sink, ()) if at == sink]

    def _add(self, link: Link) -> None:
        self._count[link] = self._count.get(link, 0) + 1
        if self._count[link] > 1:
            return
        for node in link:
            self._by_node.setdefault(node, set()).add(link)
        self._start(link)
        if tap := self._shadows.get(link[1]):
            self._add((link[0], tap))

    def _drop(self, link: Link) -> None:
        self._count[link] -= 1
        if self._count[link]:
            return
        del self._count[link]
        self._stop(link)
        for node in link:
            links = self._by_node[node]
            links.discard(link)
            if not links:
                del self._by_node[node]
        if tap := self._shadows.get(link[1]):
            self._drop((link[0], tap))

    def _start(self, link: Link) -> None:
        source, sink = (self._port(node) for node in link)
        if source is not None and sink is not None and link not in self._live:
            with tolerate(f"connect {link[0]} to {link[1]}"):
                source.startTransmit(sink)
                self._live.add(link)

    def _stop(self, link: Link) -> None:
        if link not in self._live:
            return
        self._live.discard(link)
        source, sink = (self._port(node) for node in link)
        if source is not None and sink is not None:
            with tolerate(f"disconnect {link[0]} from {link[1]}"):
                source.stopTransmit(sink)

    def _port(self, node: Node) -> Any:
        alive = self._alive.get(node)
        return None if alive is not None and not alive() else self._media.get(node)
