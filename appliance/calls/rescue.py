"""A fault of our own in one act must cost one call at most, and be told.

The act is cut off where it failed; its call ends as failed, so that nobody is left in silence
and no agent stays busy. Everything else of the turn goes on.
"""

import logging
from collections.abc import Callable

from appliance.calls import ending
from appliance.calls.desk import Desk
from appliance.model.events import Trouble
from appliance.model.ids import CallId

log = logging.getLogger(__name__)


def guarded(desk: Desk, call_id: CallId | None, act: Callable[[], object]) -> bool:
    """Do it; False after a fault, which is in the log with its traceback and on the board."""
    try:
        act()
    except Exception as error:
        log.exception("an act on call %s failed", call_id)
        desk.log(_trouble(error))
        _end(desk, call_id)
        return False
    return True


def _end(desk: Desk, call_id: CallId | None) -> None:
    call = desk.live(call_id) if call_id else None
    if call is None:
        return
    try:
        ending.end(desk, call, "failed", cause="a fault inside the box", by="box")
    except Exception:
        log.exception("call %s could not be ended properly", call_id)


def _trouble(error: Exception) -> Trouble:
    return Trouble(
        where="calls",
        what=f"a fault inside the box: {type(error).__name__}: {error}",
        meaning="One call may have ended because of it; all others go on.",
        remedy="Report it with the core's log, which names the place.",
    )
