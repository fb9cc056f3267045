"""Who hears or reads what is written down once, and not each time that a player asks for a part."""

import time

NOTED_S = 300.0
"""It is written down again after so long."""


class Noted:
    """Remembers what was written down of late."""

    def __init__(self) -> None:
        self._noted: dict[tuple[str, str, str], float] = {}

    def before(self, who: str, does: str, recording: str) -> bool:
        """Was it written down in the last minutes that he does this? From now on it is."""
        now, key = time.monotonic(), (who, does, recording)
        self._noted = {each: at for each, at in self._noted.items() if now - at < NOTED_S}
        if key in self._noted:
            return True
        self._noted[key] = now
        return False
