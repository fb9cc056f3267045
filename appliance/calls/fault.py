"""A fault of our own in one step is logged with its traceback, told on the board, and survived."""

import logging
from collections.abc import Callable

from appliance.calls.desk import Desk
from appliance.model.events import Trouble
from appliance.model.ids import CallId

log = logging.getLogger(__name__)


def survived(desk: Desk, call: CallId | None, act: Callable[[], object]) -> bool:
    """Do it; False after a fault, which ends nothing by itself."""
    try:
        act()
    except Exception as error:
        log.exception("an act on call %s failed", call)
        desk.log(_trouble(error))
        return False
    return True


def _trouble(error: Exception) -> Trouble:
    return Trouble(
        where="calls",
        what=f"a fault inside the box: {type(error).__name__}: {error}",
        meaning="One call may have ended because of it; all others go on.",
        remedy="Report it with the core's log, which names the place.",
    )
