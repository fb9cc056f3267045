"""Languages that callers are heard in. A language is one module and one line here."""

from appliance.speech.live.tongues.english import ENGLISH
from appliance.speech.live.tongues.german import GERMAN
from appliance.speech.live.tongues.tongue import Tongue, Words

TONGUES: dict[str, Tongue] = {one.code: one for one in (ENGLISH, GERMAN)}

__all__ = ["TONGUES", "Tongue", "Words"]
