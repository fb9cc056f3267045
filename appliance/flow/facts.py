"""What is known of a call before its flow begins."""

from dataclasses import dataclass, field

from appliance.model.ids import AgentId, CallId
from appliance.model.site import Caller, SiteFile


@dataclass(frozen=True)
class CallFacts:
    """`caller` and `called` in E.164 where possible. `timezone` is an IANA name; `priority`
    already holds the caller list's and the VIP priority. `known`: has a [[caller]] entry."""

    call: CallId
    caller: str = ""
    called: str = ""
    anonymous: bool = False
    vip: bool = False
    blocked: bool = False
    known: bool = False
    language: str = "en"
    country: str = "DE"
    region: str = ""
    timezone: str = "Europe/Berlin"
    priority: int = 0
    agent: AgentId | None = None
    data: dict[str, str] = field(default_factory=dict)


def caller_entry(site: SiteFile, number: str) -> Caller | None:
    """The caller list's entry for a number: the number itself, else the longest prefix.
    None for a withheld number, which is nobody's."""
    found: Caller | None = None
    if not number:
        return None
    for entry in site.caller:
        if entry.number == number:
            return entry
        prefix = entry.number.removesuffix("*")
        fits = prefix != entry.number and number.startswith(prefix)
        if fits and (found is None or len(entry.number) > len(found.number)):
            found = entry
    return found


def facts_for(
    site: SiteFile, call: CallId, *, caller: str, called: str, anonymous: bool = False
) -> CallFacts:
    """Facts of a call on this site, with what [[caller]] says of the number."""
    entry = caller_entry(site, "" if anonymous else caller)
    priority = entry.priority if entry else 0
    if entry and entry.vip:
        priority = max(priority, site.vip_priority)
    return CallFacts(
        call=call,
        caller=caller,
        called=called,
        anonymous=anonymous,
        vip=bool(entry and entry.vip),
        blocked=bool(entry and entry.blocked),
        known=entry is not None,
        language=site.site.language,
        country=site.site.country,
        region=site.site.region,
        timezone=site.site.timezone,
        priority=priority,
        agent=AgentId(entry.agent) if entry and entry.agent else None,
        data=dict(entry.data) if entry else {},
    )
