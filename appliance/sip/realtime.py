"""The thread that receives RTP runs before everything else on the box, like the bridge's clock.

PJMEDIA's clock thread asks for real time by itself; the thread that empties the RTP sockets does
not, and a packet that lies in a socket while a report is computed is a packet too late.
"""

import os
from pathlib import Path

from appliance.sip.errors import log

MEDIA_THREAD = "media"
"""PJMEDIA's name for it."""
PRIORITY = 10


def prefer_media_threads() -> bool:
    """Round robin of real time (sched(7)) for the RTP thread; False without the right to.

    The right: root, CAP_SYS_NICE, or a real-time limit (RLIMIT_RTPRIO).
    """
    found = False
    for task in Path("/proc/self/task").iterdir():
        try:
            if (task / "comm").read_text().strip() != MEDIA_THREAD:
                continue
            os.sched_setscheduler(int(task.name), os.SCHED_RR, os.sched_param(PRIORITY))
            found = True
        except OSError as error:
            log.info("audio runs without real-time priority: %s", error)
    return found
