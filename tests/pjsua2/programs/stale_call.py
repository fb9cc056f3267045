"""Free the object of a call that is over while its slot belongs to another call."""

import gc

import pjsua2 as pj
from kit import call_param, start_endpoint, wait_until

accepted = []


class Leg(pj.Call):
    state = -1

    def onCallState(self, prm):
        self.state = self.getInfo().state


class Line(pj.Account):
    def onIncomingCall(self, prm):
        leg = Leg(self, prm.callId)
        accepted.append(leg)
        leg.answer(call_param(200))


def dial(line, uri):
    leg = Leg(line)
    leg.makeCall(uri, call_param())
    wait_until(lambda: leg.state == pj.PJSIP_INV_STATE_CONFIRMED, "the call to be up")
    return leg


def hang_up(leg):
    leg.hangup(pj.CallOpParam())
    wait_until(lambda: leg.state == pj.PJSIP_INV_STATE_DISCONNECTED, "the call to end")
    wait_until(
        lambda: accepted[-1].state == pj.PJSIP_INV_STATE_DISCONNECTED, "the other end to end"
    )


def packets(leg):
    assert leg.isActive(), "the new owner of the slot was hung up"
    return leg.getStreamStat(0).rtcp.rxStat.pkt


def main():
    endpoint = start_endpoint(port=0, max_calls=4)
    uri = f"sip:b@{endpoint.transportGetInfo(0).localName}"
    config = pj.AccountConfig()
    config.idUri = uri
    line = Line()
    line.create(config)

    stale = dial(line, uri)
    slot = stale.getId()
    hang_up(stale)
    others = []
    while not others or others[-1].getId() != slot:  # until the slot is given again
        if others:
            hang_up(others[-1])
        others.append(dial(line, uri))
    fresh = others[-1]

    del stale  # not the name alone: this is what frees the object
    gc.collect()
    # A hang-up would be on its way now: a DTMF round trip comes after it.
    fresh.dialDtmf("1")
    seen = packets(fresh)
    wait_until(lambda: packets(fresh) > seen + 20, "more audio of the new call")
    assert fresh.isActive(), "the new owner of the slot was hung up"
    assert fresh.state == pj.PJSIP_INV_STATE_CONFIRMED
    hang_up(fresh)
    print("kept")
    line.shutdown()
    others.clear()
    accepted.clear()
    fresh = None
    endpoint.libDestroy()


main()
