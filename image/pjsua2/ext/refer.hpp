/* Callfloor: a REFER (call transfer) that the application decides.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CALLFLOOR_REFER_HPP
#define CALLFLOOR_REFER_HPP

#include <pjsua2/types.hpp>

namespace pj {

/** What a party of one of our calls asks for (RFC 3515, 3891, 3892, 5589). */
struct ReferRequest
{
    int    id;              /**< for ReferModule::notify(); never reused    */
    int    callId;          /**< pjsua call whose remote party asks         */
    string referTo;         /**< value of Refer-To as received              */
    string targetUri;       /**< its URI without ?headers, "" if not a URI  */
    string method;          /**< its method parameter; INVITE by default    */
    string replaces;        /**< unescaped "call-id;to-tag=..;from-tag=..",
                                 "" for a blind transfer                    */
    int    replacesCallId;  /**< our own call that replaces names, or -1    */
    string referredBy;      /**< value of Referred-By, "" without           */
    bool   subscribed;      /**< false: Refer-Sub: false, no NOTIFY wanted  */
    int    code;            /**< answer; set 300 or above to refuse (202)   */
    string reason;          /**< reason phrase; "" for the standard one     */

    ReferRequest();
};

/** Takes every REFER away from pjsua, which would dial the target by itself.
 *
 * In a dialog of ours: onRefer() is called, the answer is its code (202), and
 * the first NOTIFY (100 Trying) follows by itself as RFC 3515 wants. The call
 * goes on; the application carries out the transfer and reports with notify().
 * A second REFER while one is pending gets 491, one outside of a call 403.
 *
 * One object at a time; create it after libInit() and drop it, or stop() it,
 * before libDestroy(). Without a started object REFERs get 603.
 */
class ReferModule
{
public:
    ReferModule();
    virtual ~ReferModule();

    /** @throws Error  PJ_EEXISTS when another object is started */
    void start() PJSUA2_THROW(Error);
    void stop();

    /** A REFER has come (worker thread; dialog locked: do not wait here). */
    virtual void onRefer(ReferRequest &req);

    /** Tell the transferor how the transfer goes. final ends the subscription.
     * Works also after the call has ended.
     * @return false when there is nobody to tell (refused, Refer-Sub: false,
     *         final already sent, 10 minutes over, the dialog gone) */
    static bool notify(int id, int code, const string &reason = "",
                       bool final = false);

    /** The call of ours that a Replaces value names, or -1. */
    static int findReplaced(const string &replaces);

private:
#ifndef SWIG
    ReferModule(const ReferModule &);
    ReferModule &operator=(const ReferModule &);
#endif
};

} // namespace pj

#endif
