"""The local socket between the core and the office, the command line and other helpers.

The core serves `LinkServer(socket_path(data_dir), handle, event_log)`. The office follows with
`LinkClient(path).follow(after_seq)` and asks with `LinkClient(path).ask(command)`; the command
line uses the blocking `ask(path, command)`. Both raise `CoreAway` with a text for people.
"""

from pathlib import Path

from appliance.linking.client import LinkClient, LinkState, ask
from appliance.linking.server import EventSource, LinkServer
from appliance.linking.wire import CoreAway, LogReset, WireError

__all__ = [
    "CoreAway",
    "EventSource",
    "LinkClient",
    "LinkServer",
    "LinkState",
    "LogReset",
    "WireError",
    "ask",
    "socket_path",
]


def socket_path(data_dir: Path) -> Path:
    """Where the core listens."""
    return data_dir / "run" / "core.sock"
