"""More callers who speak than recognisers, as people are told of it."""

import msgspec

from appliance.model.events import Trouble

FREE_S = 30.0
"""A recogniser has to be free for this long before it is said that all is well again."""


class Crowd:
    """Tells once that callers had to do without a recogniser, and once that it is over. Pure;
    `now` in seconds."""

    def __init__(self) -> None:
        self.trouble: Trouble | None = None
        self._free_since: float | None = None

    def turned_away(self, recognisers: int) -> Trouble | None:
        """A caller found all of them busy."""
        self._free_since = None
        if self.trouble is not None:
            return None
        all_ = "the only recogniser" if recognisers == 1 else f"all {recognisers} recognisers"
        self.trouble = Trouble(
            where="speech",
            what=f"{all_} of speech had no time for a caller",
            meaning="Who speaks meanwhile is not heard that once: he says it again, or uses keys.",
            remedy="If it happens often, raise [speech] recognisers in site.toml, or take a "
            "machine with more processor cores.",
        )
        return self.trouble

    def look(self, in_use: int, recognisers: int, now: float) -> Trouble | None:
        """Every few seconds: the end of the trouble, once there is room for a while."""
        if self.trouble is None:
            return None
        if in_use >= recognisers:
            self._free_since = None
        elif self._free_since is None:
            self._free_since = now
        elif now - self._free_since >= FREE_S:
            return self.over()
        return None

    def over(self) -> Trouble | None:
        gone, self.trouble, self._free_since = self.trouble, None, None
        return None if gone is None else msgspec.structs.replace(gone, over=True)
