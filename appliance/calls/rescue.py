"""A fault of our own in one act must cost one call at most, and be told.

The act is cut off where it failed; its call ends as failed, so that nobody is left in silence
and no agent stays busy. Everything else of the turn goes on.
"""

from collections.abc import Callable

from appliance.calls import ending
from appliance.calls.desk import Desk
from appliance.calls.fault import survived
from appliance.model.ids import CallId


def guarded(desk: Desk, call_id: CallId | None, act: Callable[[], object]) -> bool:
    """Do it; False after a fault, which is in the log with its traceback and on the board."""
    if survived(desk, call_id, act):
        return True
    call = desk.live(call_id) if call_id else None
    if call is not None:
        ending.end(desk, call, "failed", cause="a fault inside the box", by="box")
    return False
