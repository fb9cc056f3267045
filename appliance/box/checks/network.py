"""Addresses and ports: free of each other, of this machine, and no wider open than needed."""

import ipaddress
import re
import socket
from collections.abc import Iterator

from appliance.box.checks import identity
from appliance.model.findings import FieldPath, Finding
from appliance.model.site import SiteFile

_SEAT = re.compile(
    r"^sip:(?P<user>[^@\s<>\"]+)@(?P<host>\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)"
    r"(?::(?P<port>\d{1,5}))?(?P<parameters>(?:;[^\s<>\"]*)?)$"
)
RTP_PORTS_PER_CALL = 4  # two legs, each with RTP and RTCP


def check(site: SiteFile) -> Iterator[Finding]:
    """Findings about `[sip]`, `[web]`, the lines' and the seats' addresses."""
    yield from _ports(site)
    yield from _no_wildcard(("sip", "listen"), site.sip.listen)
    yield from _listen(("sip", "listen"), site.sip.listen, "No call could come in.")
    yield from _listen(("web", "listen"), site.web.listen, "The pages could not be reached.")
    yield from _width(site)
    yield from _trunks(site)
    for i, agent in enumerate(site.agent):
        yield from _seat(site, ("agent", i, "seat"), agent.seat)


def _ports(site: SiteFile) -> Iterator[Finding]:
    sip = site.sip
    if not sip.transports:
        yield Finding(
            ("sip", "transports"), "The list is empty.", "No call could come in.", 'Write ["udp"].'
        )
    first, last = sip.rtp_port_first, sip.rtp_port_last
    needed = sip.max_calls * RTP_PORTS_PER_CALL
    if last - first + 1 < needed:
        yield Finding(
            ("sip", "rtp_port_last"),
            f"{max(0, last - first + 1)} RTP ports are too few for {sip.max_calls} calls.",
            "Some calls would have no voice.",
            f"Write at least {first + needed - 1}, or lower max_calls.",
        )
    if first <= sip.port <= last and "udp" in sip.transports:
        yield Finding(
            ("sip", "port"),
            f"SIP port {sip.port} is inside the RTP ports {first} to {last}.",
            "Now and then a call would have no voice.",
            "Choose a port outside of them.",
        )
    if "tcp" in sip.transports and sip.port == site.web.port:
        yield Finding(
            ("web", "port"),
            f"TCP port {site.web.port} is used by SIP too.",
            "Pages or calls would not work, whichever starts last.",
            "Choose another port.",
        )


def _no_wildcard(path: FieldPath, address: str) -> Iterator[Finding]:
    """RFC 3261, 19.1.1: the host of a SIP address is where calls for it are sent."""
    found = _address(address)
    if found is not None and found.is_unspecified:
        yield Finding(
            path,
            f"'{address}' stands for all addresses of this machine.",
            "Phones and providers would be told to send calls and voices to an address that "
            "leads nowhere.",
            "Name the one address that they reach the box at; `ip addr` shows them.",
        )


def _listen(path: FieldPath, address: str, means: str) -> Iterator[Finding]:
    try:
        family, *_, where = socket.getaddrinfo(address, 0, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind(where)
    except (OSError, UnicodeError):
        to_do = "Write 127.0.0.1, or an address that `ip addr` shows."
        yield Finding(path, f"'{address}' is no address of this machine.", means, to_do)


def _width(site: SiteFile) -> Iterator[Finding]:
    """Open to the network only where somebody out there is to be reached."""
    others = [trunk.host for trunk in site.trunk if trunk.enabled]
    others += [host for agent in site.agent if (host := seat_host(agent.seat))]
    if not loopback(site.sip.listen) and others and all(map(loopback, others)):
        yield Finding(
            ("sip", "listen"),
            f"SIP listens on {site.sip.listen}, but all lines and seats are on this machine.",
            "Strangers on the network can try to call.",
            "Write 127.0.0.1.",
            "warning",
        )
    if not loopback(site.web.listen):
        yield Finding(
            ("web", "listen"),
            f"Pages and API listen on {site.web.listen} without encryption.",
            "Calls work, but who listens on the network can read tokens and callers' numbers.",
            "Write 127.0.0.1 and put a proxy with TLS before it, or keep it to a network of "
            "your own.",
            "warning",
        )


def _trunks(site: SiteFile) -> Iterator[Finding]:
    for i, trunk in enumerate(site.trunk):
        if not re.fullmatch(r"[A-Za-z0-9._-]+", trunk.host) and not _address(trunk.host):
            yield Finding(
                ("trunk", i, "host"),
                f"'{trunk.host}' is no host name or address.",
                "The line would stay down.",
                "Write it without sip:, user and port, such as sip.provider.example.",
            )
        for j, network in enumerate(trunk.addresses):
            if _network(network) is None:
                yield Finding(
                    ("trunk", i, "addresses", j),
                    f"'{network}' is no address or network.",
                    "Calls from there would be refused.",
                    "Write it as 192.0.2.10 or 192.0.2.0/24.",
                )
        yield from identity.check(("trunk", i), trunk, site.site.country)
        if trunk.enabled and loopback(site.sip.listen) and _outside(trunk.host):
            yield _unreachable(("trunk", i, "host"), trunk.host, site.sip.listen)
    yield from _same_source(site)


def _same_source(site: SiteFile) -> Iterator[Finding]:
    """Two lines that calls from one place could belong to."""
    seen: dict[tuple[str, int | None], str] = {}
    for i, trunk in enumerate(site.trunk):
        if not trunk.enabled:
            continue
        for source in trunk.addresses or [trunk.host.lower()]:
            other = seen.setdefault((source, trunk.source_port), trunk.id)
            if other != trunk.id:
                yield Finding(
                    ("trunk", i, "addresses" if trunk.addresses else "host"),
                    f"Calls from {source} may belong to line {other} or to {trunk.id}.",
                    f"All of them would be taken as calls of {other}.",
                    "Give the lines different addresses, or tell them apart by source_port.",
                )
                break


def _seat(site: SiteFile, path: FieldPath, seat: str) -> Iterator[Finding]:
    found = _SEAT.match(seat)
    means = "The agent's phone would not ring."
    if found is None or int(found["port"] or 5060) > 65_535:
        to_do = "Write sip:NAME@HOST or sip:NAME@HOST:PORT."
        yield Finding(path, f"'{seat}' is no SIP address.", means, to_do)
        return
    host, port = found["host"], int(found["port"] or 5060)
    own = site.sip.listen
    if (_place(host), port) == (_place(own), site.sip.port):
        what = f"'{seat}' is the box itself."
        yield Finding(path, what, means, "Write the address of the agent's phone.")
    elif loopback(own) and _outside(host):
        yield _unreachable(path, host, own)


def _unreachable(path: FieldPath, host: str, listen: str) -> Finding:
    return Finding(
        path,
        f"{host} cannot be reached from {listen}, which only this machine sees.",
        "Calls there would fail.",
        "Set sip.listen to the address of the network card that leads there.",
    )


def seat_host(seat: str) -> str:
    """Host of a seat's address, '' where it has none."""
    found = _SEAT.match(seat)
    return found["host"] if found else ""


def loopback(host: str) -> bool:
    """True for addresses that only this machine sees."""
    if host.lower() == "localhost":
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def _place(host: str) -> str:
    """The host in one way of writing; 127.0.0.2 is another place than 127.0.0.1."""
    name = "127.0.0.1" if host.lower() == "localhost" else host.lower()
    return str(_address(name) or name)


def _outside(host: str) -> bool:
    """A literal address that is not loopback; names are not looked up."""
    return _address(host) is not None and not loopback(host)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
