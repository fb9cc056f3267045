"""REFER (RFC 3515): a phone asks for a transfer; we decide, and report with NOTIFY."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pjsua2 as pj

from appliance.model.ids import LegId
from appliance.model.legs import Referred

if TYPE_CHECKING:
    from appliance.sip.leg import Leg


class Refers(pj.ReferModule):  # type: ignore[misc] # pjsua2 ships no types
    """`find` gives the leg with a pjsua call id; `report` takes the `Referred` event."""

    def __init__(
        self,
        post: Callable[[Callable[..., None], Any], None],
        find: Callable[[int], "Leg | None"],
        report: Callable[[Referred], None],
    ) -> None:
        super().__init__()
        self._post = post
        self._find = find
        self._report = report
        self._open: dict[LegId, int] = {}

    def onRefer(self, req: Any) -> None:
        """Worker thread; the dialog is locked."""
        facts = (int(req.id), int(req.callId), str(req.targetUri), int(req.replacesCallId))
        self._post(self._on_refer, facts)

    def _on_refer(self, facts: tuple[int, int, str, int]) -> None:
        request, call_id, target, replaced = facts
        leg = self._find(call_id)
        if leg is None or leg.done:
            pj.ReferModule.notify(request, 481, "", True)
            return
        other = self._find(replaced) if replaced >= 0 else None
        self._open[leg.leg] = request
        self._report(Referred(leg=leg.leg, target=target, replaces=other.leg if other else None))

    def progress(self, leg: LegId, code: int, final: bool) -> None:
        request = self._open.pop(leg, None) if final else self._open.get(leg)
        if request is not None:
            pj.ReferModule.notify(request, code, "", final)
