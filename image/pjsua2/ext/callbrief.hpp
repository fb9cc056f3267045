/* Callfloor: the few facts that most callbacks need.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CALLFLOOR_CALLBRIEF_HPP
#define CALLFLOOR_CALLBRIEF_HPP

#include <pjsua2/types.hpp>

namespace pj {

/** A small part of CallInfo, a third cheaper than that, and no exception when
 * the call is gone. */
struct CallBrief
{
    int    state;           /**< PJSIP_INV_STATE_..., -1: no such call  */
    int    lastStatusCode;  /**< SIP status, 0 before the first         */
    string lastReason;      /**< SIP reason phrase                      */
    int    role;            /**< PJSIP_ROLE_UAC: we called              */
    int    mediaStatus;     /**< PJSUA_CALL_MEDIA_... of the audio      */
    int    confSlot;        /**< bridge port of the audio, or -1        */

    CallBrief();
};

/** The facts about a call; state -1 when there is none with that id. */
CallBrief callBrief(int callId);

} // namespace pj

#endif
