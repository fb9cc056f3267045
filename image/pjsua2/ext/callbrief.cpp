/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "callbrief.hpp"
#include "engine.hpp"

#include <pjsua-lib/pjsua.h>

namespace pj {

CallBrief::CallBrief()
: state(-1), lastStatusCode(0), role(PJSIP_ROLE_UAC),
  mediaStatus(PJSUA_CALL_MEDIA_NONE), confSlot(PJSUA_INVALID_ID)
{
}

CallBrief callBrief(int callId)
{
    CallBrief brief;
    if (!callfloor::engineAlive() || callId < 0 ||
        callId >= (int)pjsua_call_get_max_count())
    {
        return brief;
    }
    callfloor::ensurePjThread();
    pjsua_call_info info;
    if (pjsua_call_get_info(callId, &info) != PJ_SUCCESS)
        return brief;
    brief.state = info.state;
    brief.lastStatusCode = info.last_status;
    brief.lastReason.assign(info.last_status_text.ptr,
                            (size_t)info.last_status_text.slen);
    brief.role = info.role;
    brief.mediaStatus = info.media_status;
    brief.confSlot = info.conf_slot;
    return brief;
}

} // namespace pj
