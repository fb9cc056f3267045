"""Requests outside of a call that nobody here serves: refused, whoever sends them.

PJSUA would take a MESSAGE with 200 though nobody reads it, keep a dialog for a presence
SUBSCRIBE, and leave most others without an answer, so that they are repeated for 32 s.
INVITE is the application's to judge, and REFER is refused by `pj.ReferModule`.
"""

from typing import Any

import pjsua2 as pj

DIALOG_ONLY = ("BYE", "INFO", "NOTIFY", "PRACK", "UPDATE")
"""Make sense inside a dialog only: 481 (RFC 3261 12.2.2, RFC 6665 4.1.3)."""
NOT_SERVED = ("MESSAGE", "PUBLISH", "REGISTER", "SUBSCRIBE")
"""405 with what we do serve (RFC 3261 8.2.1)."""
OTHERS = "*"
"""Methods that PJSIP does not know would get no answer: 501 (RFC 3261 8.2.1, 21.5.2)."""
ALLOWED = ("INVITE", "ACK", "CANCEL", "OPTIONS", "REFER", *DIALOG_ONLY)


class Refusals(pj.RawSipModule):  # type: ignore[misc] # pjsua2 ships no types
    """Start it once the library runs, stop it before the library ends."""

    def start(self) -> None:
        super().start(" ".join((*DIALOG_ONLY, *NOT_SERVED, OTHERS)))

    def onRequest(self, req: Any) -> None:
        """Worker thread. Requests with a tag in To never come here: they get 481 or a dialog."""
        if req.method in DIALOG_ONLY:
            req.code = 481
            return
        req.code = 405 if req.method in NOT_SERVED else 501
        if req.code == 405:
            allow = pj.SipHeader()
            allow.hName, allow.hValue = "Allow", ", ".join(ALLOWED)
            req.headers.append(allow)
