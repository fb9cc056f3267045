"""The demo's folder: settings with ports that are free, and one demo in it at a time."""

import fcntl
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import tomlkit

DEFAULT = Path("~/.local/share/callfloor-demo")
ADDRESS = "127.0.0.1"


class DemoError(Exception):
    """The demo cannot start or go on; the text is for people."""


@dataclass(frozen=True)
class Ports:
    """SIP of the box, SIP of the exchange, pages."""

    box: int = 5090
    exchange: int = 5092
    web: int = 8080


@dataclass(frozen=True)
class Place:
    """Where everything of one demo is."""

    folder: Path
    ports: Ports

    @property
    def site(self) -> Path:
        return self.folder / "site.toml"

    @property
    def scenario(self) -> Path:
        return self.folder / "exchange.toml"

    @property
    def report(self) -> Path:
        return self.folder / "exchange.jsonl"

    @property
    def data(self) -> Path:
        return self.folder / "var"

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self.ports.web}/"


@contextmanager
def taken(folder: Path) -> Iterator[None]:
    """Nobody else runs a demo in this folder. Raises `DemoError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / "demo.lock").open("w")
    except OSError as error:
        raise DemoError(
            f"{folder} cannot be written: {error.strerror}. Name another folder with --data."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DemoError(
                f"A demo runs in {folder} already. Stop it, or name another folder with --data."
            ) from None
        yield


def free_ports(wanted: Ports = Ports()) -> Ports:
    """The wanted ports where they are free, else others."""
    box = _free(wanted.box, socket.SOCK_DGRAM, ())
    exchange = _free(wanted.exchange, socket.SOCK_DGRAM, (box,))
    return Ports(box, exchange, _free(wanted.web, socket.SOCK_STREAM, ()))


def _free(port: int, kind: socket.SocketKind, others: tuple[int, ...]) -> int:
    if port not in others and _bind(port, kind):
        return port
    while (found := _bind(0, kind)) in others:
        pass
    return found


def _bind(port: int, kind: socket.SocketKind) -> int:
    """The port that could be bound, 0 for none."""
    with socket.socket(socket.AF_INET, kind) as sock:
        if kind == socket.SOCK_STREAM:  # a page closed a minute ago leaves the port waiting
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((ADDRESS, port))
        except OSError:
            return 0
        return int(sock.getsockname()[1])


def write(folder: Path, ports: Ports) -> Place:
    """site.toml and exchange.toml from the templates, with these ports."""
    place = Place(folder, ports)
    site = _template("site.toml")
    site["sip"]["port"] = ports.box
    site["web"]["port"] = ports.web
    for trunk in site["trunk"]:
        trunk["port"] = trunk["source_port"] = ports.exchange
    for agent in site["agent"]:
        agent["seat"] = f"sip:{agent['id']}@{ADDRESS}:{ports.exchange}"
    scenario = _template("exchange.toml")
    scenario["exchange"]["port"] = ports.exchange
    scenario["exchange"]["box"] = f"{ADDRESS}:{ports.box}"
    place.site.write_text(tomlkit.dumps(site), "utf-8")
    place.scenario.write_text(tomlkit.dumps(scenario), "utf-8")
    return place


def _template(name: str) -> tomlkit.TOMLDocument:
    return tomlkit.parse(resources.files("appliance.demo").joinpath(name).read_text("utf-8"))
