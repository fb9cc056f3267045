"""Is a model whole, what it was, and can Vosk use it?"""

from appliance.speech.catalog.faults import faults
from appliance.speech.catalog.folder import Fault, ModelFolder
from appliance.speech.catalog.ledger import Ledger, checksum_faults
from appliance.speech.catalog.trial import try_out


def verify(
    model: ModelFolder, *, trial: bool = True, timeout_s: float | None = None
) -> list[Fault]:
    """Everything wrong with it, [] when it is fit for use. Every listed file is read anew;
    `trial`: it is also loaded, in a process of its own, at most for `timeout_s`; None: as long as
    its size asks for."""
    found = faults(model)
    if not found:
        found = list(checksum_faults(model, Ledger(None)))
    if not found and trial and (fault := try_out(model, timeout_s)):
        found = [fault]
    return found
