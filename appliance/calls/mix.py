"""Who hears whom, derived from a call's state. One function, so that no voice is forgotten."""

from appliance.calls.effects import Links
from appliance.calls.state import Call, Party, Stage


def mix(call: Call, music: str) -> Links:
    """The whole audio graph of the call. `music` is the name of its queue's or hold music."""
    if call.stage is Stage.ENDED or not call.answered:
        return frozenset()
    caller = f"leg:{call.leg}"
    links: set[tuple[str, str]] = set()
    talking = [party for party in call.parties.values() if party.joined]
    with_caller = [party for party in talking if _hears_caller(call, party)]
    for party in with_caller:
        _both(links, caller, f"leg:{party.leg}")
    _among(links, with_caller)
    if call.consult_by and not call.conference:
        for party in talking:
            if party.role == "consult":
                _both(links, f"leg:{call.consult_leg or call.consult_by}", f"leg:{party.leg}")
    if _wants_music(call, with_caller):
        links.add((f"music:{music}", caller))
    _record(links, call, caller, talking)
    return frozenset(links)


def _hears_caller(call: Call, party: Party) -> bool:
    return not call.held and (party.role != "consult" or call.conference)


def _wants_music(call: Call, with_caller: list[Party]) -> bool:
    if call.queue_play is not None or call.stage in (Stage.FLOW, Stage.VOICEMAIL):
        return False
    return not with_caller


def _record(links: set[tuple[str, str]], call: Call, caller: str, floor: list[Party]) -> None:
    if call.taping is None:
        return
    links.add((caller, f"left:{call.taping.recording}"))
    legs = [party.leg for party in floor]
    if call.consult_leg and call.consult:
        legs.append(call.consult_leg)
    for leg in legs:
        links.add((f"leg:{leg}", f"right:{call.taping.recording}"))


def _both(links: set[tuple[str, str]], a: str, b: str) -> None:
    links.add((a, b))
    links.add((b, a))


def _among(links: set[tuple[str, str]], parties: list[Party]) -> None:
    for i, one in enumerate(parties):
        for other in parties[i + 1 :]:
            _both(links, f"leg:{one.leg}", f"leg:{other.leg}")
