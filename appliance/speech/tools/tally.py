"""How well callers are understood, counted from the event log. Pure: events in, figures out.

What was not heard for sure is asked back; the answer to that is no utterance of the menu's own.
The log does not mark it, but its order does: what follows an utterance with a meaning, before the
flow took it, is the answer, as long as it is yes, no or unclear.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from appliance.model.events import (
    AnyEvent,
    CallEnded,
    FlowInput,
    FlowNode,
    SpeechDeaf,
    SpeechHeard,
)

TYPES = ("flow.node", "flow.input", "speech.heard", "speech.deaf", "call.ended")
"""Events that count here."""
ANSWERS = ("confirmed", "again")
"""Choices of a `FlowInput` that answer what was asked back."""
MISSED_SHOWN = 10

Place = tuple[str, str]
"""Flow and node."""


@dataclass
class Menu:
    """One node. `visits`: how often callers came to it; `confirmed`, `denied`: what callers said
    of what was asked back, `false_sure` of what was sure; `missed`: utterances that came to
    nothing, by reason; `deaf`: visits at which nobody could listen, by reason; `texts`: what
    was heard of those that were missed or denied; `latency`: seconds, one each."""

    visits: int = 0
    utterances: int = 0
    sure: int = 0
    unsure: int = 0
    confirmed: int = 0
    denied: int = 0
    false_sure: int = 0
    unanswered: int = 0
    chosen: int = 0
    keys: int = 0
    keys_after_speech: int = 0
    silence: int = 0
    missed: Counter[str] = field(default_factory=Counter)
    deaf: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    latency: list[float] = field(default_factory=list)

    @property
    def none(self) -> int:
        return self.missed.total()

    @property
    def speaks(self) -> bool:
        """Has speech played any part here?"""
        return bool(self.utterances or self.deaf)

    @property
    def rate(self) -> float | None:
        """Share of utterances that were sure, or confirmed by the caller."""
        right = self.sure - self.false_sure + self.confirmed
        return right / self.utterances if self.utterances else None

    @property
    def busy_share(self) -> float | None:
        """Share of visits at which every recogniser heard somebody else."""
        return min(1.0, self.deaf["busy"] / self.visits) if self.visits else None


@dataclass
class _Caller:
    """Where a call is. `open`: what was heard and is not settled yet; `given`: an entry is there
    and may be read back; `failed`: speech came to nothing at this visit."""

    place: Place
    open: SpeechHeard | None = None
    given: bool = False
    failed: bool = False


class Tally:
    """Take each event in the order of the log."""

    def __init__(self) -> None:
        self.menus: dict[Place, Menu] = {}
        self._callers: dict[str, _Caller] = {}

    def take(self, event: AnyEvent) -> None:
        match event:
            case FlowNode():
                self._leave(event.call)
                place = (event.flow, event.node)
                self._callers[event.call] = _Caller(place)
                self._menu(place).visits += 1
            case SpeechHeard():
                self._heard(event)
            case SpeechDeaf():
                menu = self._menu((event.flow, event.node))
                menu.deaf[event.why] += 1
                self._at(event.call, (event.flow, event.node)).failed = True
            case FlowInput():
                self._given(event)
            case CallEnded():
                self._leave(event.call)
                self._callers.pop(event.call, None)

    def spoken(self) -> dict[Place, Menu]:
        """The nodes at which speech played a part, as the log names them first."""
        return {place: menu for place, menu in self.menus.items() if menu.speaks}

    def _menu(self, place: Place) -> Menu:
        return self.menus.setdefault(place, Menu())

    def _at(self, call: str, place: Place) -> _Caller:
        caller = self._callers.get(call)
        if caller is None or caller.place != place:
            self._leave(call)
            caller = self._callers[call] = _Caller(place)
        return caller

    def _heard(self, event: SpeechHeard) -> None:
        place = (event.flow, event.node)
        caller = self._at(event.call, place)
        if (caller.open or caller.given) and event.choice in ("yes", "no", ""):
            return  # the answer to what was asked or read back
        menu = self._menu(place)
        menu.utterances += 1
        menu.latency.append(event.latency_s)
        caller.open = event if event.choice else None
        if event.verdict == "none":
            menu.missed[event.missed or "no_match"] += 1
            menu.texts[event.text] += 1
            caller.failed, caller.open = True, None
        elif event.verdict == "sure":
            menu.sure += 1
        else:
            menu.unsure += 1

    def _given(self, event: FlowInput) -> None:
        caller = self._callers.get(event.call)
        if caller is None or caller.place[1] != event.node:
            return
        menu = self._menu(caller.place)
        if event.choice in ANSWERS:
            self._answered(caller, menu, event.choice == "confirmed")
        elif event.kind == "speech":
            menu.chosen += 1
            caller.given = True
        else:
            typed = event.kind in ("key", "digits")
            menu.keys += typed
            menu.keys_after_speech += typed and (caller.failed or caller.open is not None)
            menu.silence += event.kind == "nothing"
            self._unanswered(caller, menu)
            caller.given = typed

    def _answered(self, caller: _Caller, menu: Menu, right: bool) -> None:
        heard, caller.open, caller.given = caller.open, None, False
        if heard is None:
            return  # an entry by keys that was read back
        sure = heard.verdict == "sure"
        if right:
            menu.confirmed += not sure
            return
        menu.denied += 1
        menu.false_sure += sure
        menu.texts[heard.text] += 1
        caller.failed = True

    def _unanswered(self, caller: _Caller, menu: Menu) -> None:
        """The caller went on without saying whether it was right."""
        if caller.open is not None and not caller.given:
            menu.unanswered += caller.open.verdict == "unsure"
        caller.open, caller.given = None, False

    def _leave(self, call: str) -> None:
        caller = self._callers.get(call)
        if caller is not None:
            self._unanswered(caller, self._menu(caller.place))


def percentile(values: Iterable[float], share: float) -> float | None:
    """The smallest value that `share` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def total(menus: Iterable[Menu]) -> Menu:
    """All menus as one."""
    whole = Menu()
    for one in menus:
        for name in (
            "visits",
            "utterances",
            "sure",
            "unsure",
            "confirmed",
            "denied",
            "false_sure",
            "unanswered",
            "chosen",
            "keys",
            "keys_after_speech",
            "silence",
        ):
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
        whole.missed += one.missed
        whole.deaf += one.deaf
        whole.texts += one.texts
        whole.latency += one.latency
    return whole


def as_json(menu: Menu) -> dict[str, object]:
    """The figures of a menu for programs; shares from 0 to 1, times in seconds."""
    return {
        "visits": menu.visits,
        "utterances": menu.utterances,
        "sure": menu.sure,
        "unsure": menu.unsure,
        "none": menu.none,
        "missed": dict(menu.missed),
        "confirmed": menu.confirmed,
        "denied": menu.denied,
        "sure_but_denied": menu.false_sure,
        "unanswered": menu.unanswered,
        "chosen_by_speech": menu.chosen,
        "keys": menu.keys,
        "keys_after_speech": menu.keys_after_speech,
        "silence": menu.silence,
        "rate": menu.rate,
        "deaf": dict(menu.deaf),
        "busy_share": menu.busy_share,
        "latency_p50_s": percentile(menu.latency, 0.5),
        "latency_p95_s": percentile(menu.latency, 0.95),
        "most_missed": menu.texts.most_common(MISSED_SHOWN),
    }
