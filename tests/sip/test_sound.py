"""Music that is changed while callers hear it."""

from pathlib import Path
from typing import Any

import pytest

from appliance.sip import sound
from appliance.sip.bridge import Bridge


class Port:
    """A player of one file, or a leg; knows who hears it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.heard: set[str] = set()

    def startTransmit(self, sink: Any) -> None:
        self.heard.add(sink.name)

    def stopTransmit(self, sink: Any) -> None:
        self.heard.discard(sink.name)


def test_a_broken_new_file_leaves_the_old_music_playing(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: dict[str, Port] = {}

    def loop(path: Path) -> Port:
        if path.name == "broken.wav":
            raise sound.PlayError((str(path),), "no WAV file")
        return opened.setdefault(path.name, Port(path.name))

    monkeypatch.setattr(sound, "_loop", loop)
    monkeypatch.setattr(sound, "bury", lambda port: None)
    bridge = Bridge()
    players = sound.Players(bridge, lambda act, play: None, lambda play: None)
    players.set_music("m", Path("old.wav"))
    players.need_music("m")
    bridge.set_media("leg:x", Port("x"))
    bridge.want("call:c", {("music:m", "leg:x")})
    with pytest.raises(sound.PlayError):
        players.set_music("m", Path("broken.wav"))
    players.need_music("m")
    assert opened["old.wav"].heard == {"x"}
    players.set_music("m", Path("new.wav"))
    assert (opened["old.wav"].heard, opened["new.wav"].heard) == (set(), {"x"})
