"""May this number be dialled? Keeps a stolen phone or a wrong key from costly numbers."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from appliance.model.numbers import normalise
from appliance.model.site import Dial

_COSTLY = {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST}
_NO_COUNTRY = {870, 878, 881, 882, 883, 979}
"""ITU-T E.164 codes of satellite networks, other networks, and international premium rate."""
_SHORT = 6


def refusal(number: str, country: str, rules: Dial) -> str:
    """'' when it may be dialled, else why not. `country`: the site's, ISO 3166."""
    whole = normalise(number, country)
    if not whole or not whole.lstrip("+").isdigit():
        return f"{number!r} is no telephone number"
    for prefix in rules.deny:
        if whole.lstrip("+").startswith(prefix.lstrip("+")):
            return f"numbers that begin with {prefix} are not dialled ([dial] deny)"
    try:
        parsed = phonenumbers.parse(whole, country or None)
    except NumberParseException:
        return ""
    if parsed.country_code in _NO_COUNTRY and not rules.satellite:
        return "satellite and network numbers are not dialled ([dial] satellite)"
    if phonenumbers.number_type(parsed) in _COSTLY and not rules.premium:
        return "premium-rate numbers are not dialled ([dial] premium)"
    own = phonenumbers.country_code_for_region(country)
    if len(whole) > _SHORT and parsed.country_code not in (own, 800) and not rules.abroad:
        return "numbers of other countries are not dialled ([dial] abroad)"
    return ""
