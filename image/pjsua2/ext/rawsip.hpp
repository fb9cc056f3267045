/* Callfloor: requests outside of a dialog, answered by the application.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CALLFLOOR_RAWSIP_HPP
#define CALLFLOOR_RAWSIP_HPP

#include <pjsua2/siptypes.hpp>
#include <pjsua2/types.hpp>

namespace pj {

/** A request and, filled in by the application, its answer. */
struct RawSipRequest
{
    string method;          /**< REGISTER, OPTIONS ...                    */
    string message;         /**< the whole message as received            */
    string source;          /**< sender, "address:port" ("[v6]:port")     */
    string transport;       /**< UDP, TCP, TLS ...                        */
    int    code;            /**< answer; 0 (default): leave it to pjsua   */
    string reason;          /**< reason phrase; "" for the standard one   */
    SipHeaderVector headers; /**< to add to the answer                    */

    RawSipRequest() : code(0) {}
};

/** Lets the application answer what pjsua has no idea of: a telephone's
 * REGISTER, or a challenge to an INVITE (which goes on to pjsua with code 0
 * when the credentials are right).
 *
 * One object at a time; create it after libInit() and drop it, or stop() it,
 * before libDestroy().
 */
class RawSipModule
{
public:
    RawSipModule();
    virtual ~RawSipModule();

    /** Take requests of these methods ("REGISTER OPTIONS") outside of dialogs;
     * "*" among them stands for every method that PJSIP does not know.
     * @throws Error  PJ_EEXISTS when another object is started */
    void start(const string &methods) PJSUA2_THROW(Error);
    void stop();

    /** A request has come (worker thread; do not wait here). */
    virtual void onRequest(RawSipRequest &req);

private:
#ifndef SWIG
    RawSipModule(const RawSipModule &);
    RawSipModule &operator=(const RawSipModule &);
#endif
};

} // namespace pj

#endif
