/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "refer.hpp"
#include "engine.hpp"

#include <map>
#include <mutex>

#include <strings.h>

#include <pjsip_simple.h>
#include <pjsip_ua.h>
#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#define THIS_FILE "refer.cpp"

namespace pj {

namespace {

/* sipfrag bodies are built in 128 bytes by pjsip_xfer_notify(). */
const size_t MAX_REASON = 90;
/* Sent first on the box's behalf when the application does not. */
const int TRYING = 100;

pj_bool_t refuseOutside(pjsip_rx_data *rdata);

/* Sees the requests that belong to no dialog. */
struct Module : pjsip_module
{
    Module() : pjsip_module()
    {
        name = pj_str(const_cast<char *>("mod-callfloor-refer"));
        id = -1;
        priority = PJSIP_MOD_PRIORITY_APPLICATION - 1;  // pjsua's own is there
        on_rx_request = &refuseOutside;
    }
};

struct Subscription
{
    pjsip_evsub *sub;       // NULL while the application is being asked
    pjsip_dialog *dlg;
};

Module module;
/* What pjsua called for a call's transactions before us (pjsua2's Endpoint). */
void (*tsxStateBefore)(pjsua_call_id, pjsip_transaction *, pjsip_event *);
ReferModule *application;
std::recursive_mutex applicationMutex;  // held while its callback runs

/* Open subscriptions by request id. Taken with a dialog locked, so nothing
 * may lock a dialog while holding it. */
std::map<int, Subscription> open;
std::mutex openMutex;
int lastId;

string text(const pj_str_t &s)
{
    return string(s.ptr, (size_t)s.slen);
}

pj_str_t view(const string &s)
{
    pj_str_t out = {const_cast<char *>(s.data()), (pj_ssize_t)s.size()};
    return out;
}

bool isRefer(const pjsip_method &method)
{
    return pjsip_method_cmp(&method, pjsip_get_refer_method()) == 0;
}

string header(pjsip_rx_data *rdata, const char *name, const char *shortName)
{
    const pj_str_t full = pj_str(const_cast<char *>(name));
    const pj_str_t brief = pj_str(const_cast<char *>(shortName));
    const void *found = pjsip_msg_find_hdr_by_names(rdata->msg_info.msg, &full,
                                                    &brief, NULL);
    if (!found)
        return string();
    return text(static_cast<const pjsip_generic_string_hdr *>(found)->hvalue);
}

/* Fill in what Refer-To says. Its ?headers are unescaped by pjsip's parser. */
void parseTarget(pj_pool_t *pool, ReferRequest &req)
{
    pj_str_t value;
    const pj_str_t whole = view(req.referTo);
    pj_strdup_with_null(pool, &value, &whole);  // the parser wants the NUL
    pjsip_uri *uri = pjsip_parse_uri(pool, value.ptr, (pj_size_t)value.slen, 0);
    if (!uri)
        return;
    uri = static_cast<pjsip_uri *>(pjsip_uri_get_uri(uri));
    if (PJSIP_URI_SCHEME_IS_SIP(uri) || PJSIP_URI_SCHEME_IS_SIPS(uri)) {
        pjsip_sip_uri *sip = reinterpret_cast<pjsip_sip_uri *>(uri);
        const pj_str_t name = {const_cast<char *>("Replaces"), 8};
        const pjsip_param *replaces =
            pjsip_param_find(&sip->header_param, &name);
        if (replaces)
            req.replaces = text(replaces->value);
        if (sip->method_param.slen)
            req.method = text(sip->method_param);
        pj_list_init(&sip->header_param);
        sip->method_param.slen = 0;
    }
    char printed[PJSIP_MAX_URL_SIZE];
    const int len = pjsip_uri_print(PJSIP_URI_IN_OTHER, uri, printed,
                                    sizeof(printed));
    if (len > 0)
        req.targetUri.assign(printed, (size_t)len);
}

void subscriptionState(pjsip_evsub *sub, pjsip_event *)
{
    if (pjsip_evsub_get_state(sub) != PJSIP_EVSUB_STATE_TERMINATED)
        return;
    std::lock_guard<std::mutex> guard(openMutex);
    for (auto it = open.begin(); it != open.end(); ++it) {
        if (it->second.sub == sub) {
            open.erase(it);
            return;
        }
    }
}

/* The dialog is locked by the caller. */
bool sendNotify(pjsip_evsub *sub, int code, const string &reason, bool final)
{
    pjsip_tx_data *tdata;
    const string shortened = reason.substr(0, MAX_REASON);
    const pj_str_t phrase = view(shortened);
    return pjsip_xfer_notify(sub, final ? PJSIP_EVSUB_STATE_TERMINATED
                                        : PJSIP_EVSUB_STATE_ACTIVE,
                             code, &phrase, &tdata) == PJ_SUCCESS &&
           pjsip_xfer_send_request(sub, tdata) == PJ_SUCCESS;
}

bool pendingIn(const pjsip_dialog *dlg)
{
    std::lock_guard<std::mutex> guard(openMutex);
    for (const auto &entry : open)
        if (entry.second.dlg == dlg)
            return true;
    return false;
}

/* The application may call notify() in another thread before its callback has
 * returned. It then finds the entry and waits for the dialog, which is ours
 * until the REFER is answered. */
int reserve(pjsip_dialog *dlg)
{
    std::lock_guard<std::mutex> guard(openMutex);
    const Subscription entry = {NULL, dlg};
    open[++lastId] = entry;
    return lastId;
}

void forgetUnused(int id)
{
    std::lock_guard<std::mutex> guard(openMutex);
    const auto it = open.find(id);
    if (it != open.end() && !it->second.sub)
        open.erase(it);
}

void answer(pjsip_dialog *dlg, pjsip_rx_data *rdata, int code,
            const string &reason, const pjsip_hdr *headers = NULL)
{
    const pj_str_t phrase = view(reason);
    pjsip_dlg_respond(dlg, rdata, code, reason.empty() ? NULL : &phrase,
                      headers, NULL);
}

void acceptSubscribed(pjsip_dialog *dlg, pjsip_rx_data *rdata,
                      const ReferRequest &req)
{
    pjsip_evsub_user callbacks;
    pj_bzero(&callbacks, sizeof(callbacks));
    callbacks.on_evsub_state = &subscriptionState;
    pjsip_evsub *sub;
    if (pjsip_xfer_create_uas(dlg, &callbacks, rdata, &sub) != PJ_SUCCESS) {
        answer(dlg, rdata, PJSIP_SC_INTERNAL_SERVER_ERROR, "");
        return;
    }
    {
        std::lock_guard<std::mutex> guard(openMutex);
        open[req.id].sub = sub;
    }
    pjsip_xfer_accept(sub, rdata, req.code, NULL);
    sendNotify(sub, TRYING, "", false);
}

void acceptSilent(pjsip_dialog *dlg, pjsip_rx_data *rdata,
                  const ReferRequest &req)
{
    pj_pool_t *pool = rdata->tp_info.pool;
    const pj_str_t name = {const_cast<char *>("Refer-Sub"), 9};
    const pj_str_t value = {const_cast<char *>("false"), 5};
    pjsip_hdr headers;
    pj_list_init(&headers);
    pj_list_push_back(&headers,
                      pjsip_generic_string_hdr_create(pool, &name, &value));
    answer(dlg, rdata, req.code, req.reason, &headers);
}

void askApplication(ReferRequest &req)
{
    std::lock_guard<std::recursive_mutex> guard(applicationMutex);
    if (application)
        application->onRefer(req);
    else
        req.code = PJSIP_SC_DECLINE;
    if (req.code < 200)
        req.code = PJSIP_SC_ACCEPTED;
}

void handleRefer(pjsua_call_id callId, pjsip_dialog *dlg, pjsip_rx_data *rdata)
{
    ReferRequest req;
    req.referTo = header(rdata, "Refer-To", "r");
    if (req.referTo.empty())
        return answer(dlg, rdata, PJSIP_SC_BAD_REQUEST, "Missing Refer-To");
    if (pendingIn(dlg))
        return answer(dlg, rdata, PJSIP_SC_REQUEST_PENDING, "");

    req.callId = callId;
    req.referredBy = header(rdata, "Referred-By", "b");
    req.subscribed = strncasecmp(
        header(rdata, "Refer-Sub", "Refer-Sub").c_str(), "false", 5) != 0;
    parseTarget(rdata->tp_info.pool, req);
    req.replacesCallId = ReferModule::findReplaced(req.replaces);
    req.id = reserve(dlg);
    askApplication(req);
    if (req.code >= 300)
        answer(dlg, rdata, req.code, req.reason);
    else if (req.subscribed)
        acceptSubscribed(dlg, rdata, req);
    else
        acceptSilent(dlg, rdata, req);
    forgetUnused(req.id);
}

pj_bool_t refuseOutside(pjsip_rx_data *rdata)
{
    if (!isRefer(rdata->msg_info.msg->line.req.method))
        return PJ_FALSE;
    const pj_str_t reason = pj_str(const_cast<char *>("REFER needs a call"));
    pjsip_endpt_respond_stateless(pjsua_get_pjsip_endpt(), rdata,
                                  PJSIP_SC_FORBIDDEN, &reason, NULL, NULL);
    return PJ_TRUE;
}

/* pjsua tells of a call's transactions before it looks at them itself (the
 * dialog is locked). Once we have answered, the transaction is no longer
 * TRYING and pjsua leaves it alone. */
void callTransaction(pjsua_call_id callId, pjsip_transaction *tsx,
                     pjsip_event *event)
{
    if (tsxStateBefore)
        tsxStateBefore(callId, tsx, event);
    if (tsx->role != PJSIP_ROLE_UAS || tsx->state != PJSIP_TSX_STATE_TRYING ||
        !isRefer(tsx->method) || event->type != PJSIP_EVENT_TSX_STATE ||
        event->body.tsx_state.type != PJSIP_EVENT_RX_MSG)
    {
        return;
    }
    pjsip_dialog *dlg = pjsip_tsx_get_dlg(tsx);
    if (dlg)
        handleRefer(callId, dlg, event->body.tsx_state.src.rdata);
}

/* libDestroy() forgets both hooks, so that every start() looks. */
void installHooks()
{
    if (pjsua_var.ua_cfg.cb.on_call_tsx_state != &callTransaction) {
        tsxStateBefore = pjsua_var.ua_cfg.cb.on_call_tsx_state;
        pjsua_var.ua_cfg.cb.on_call_tsx_state = &callTransaction;
    }
    if (module.id == -1) {
        {
            std::lock_guard<std::mutex> guard(openMutex);
            open.clear();
        }
        PJSUA2_CHECK_EXPR( pjsip_endpt_register_module(
            pjsua_get_pjsip_endpt(), &module) );
    }
}

/* Lock the dialog of an open subscription without holding openMutex, and keep
 * it alive meanwhile. */
pjsip_dialog *lockDialogOf(int id)
{
    pjsip_dialog *dlg;
    {
        std::lock_guard<std::mutex> guard(openMutex);
        const auto it = open.find(id);
        if (it == open.end())
            return NULL;
        dlg = it->second.dlg;
        pj_grp_lock_add_ref(pjsip_dlg_get_lock(dlg));
    }
    pjsip_dlg_inc_lock(dlg);
    return dlg;
}

pjsip_evsub *subscriptionOf(int id)
{
    std::lock_guard<std::mutex> guard(openMutex);
    const auto it = open.find(id);
    return it == open.end() ? NULL : it->second.sub;
}

int callOf(const string &callId, const string &localTag,
           const string &remoteTag)
{
    const pj_str_t id = view(callId), local = view(localTag);
    const pj_str_t remote = view(remoteTag);
    int found = PJSUA_INVALID_ID;
    PJSUA_LOCK();
    for (unsigned i = 0; i < pjsua_var.ua_cfg.max_calls; ++i) {
        const pjsip_inv_session *inv = pjsua_var.calls[i].inv;
        if (inv && inv->dlg && pj_strcmp(&inv->dlg->call_id->id, &id) == 0 &&
            pj_strcmp(&inv->dlg->local.info->tag, &local) == 0 &&
            pj_strcmp(&inv->dlg->remote.info->tag, &remote) == 0)
        {
            found = (int)i;
            break;
        }
    }
    PJSUA_UNLOCK();
    return found;
}

string parameter(const string &replaces, const string &name)
{
    const string key = ";" + name + "=";
    const size_t at = replaces.find(key);
    if (at == string::npos)
        return string();
    const size_t from = at + key.size();
    const size_t end = replaces.find(';', from);
    return replaces.substr(from, end == string::npos ? end : end - from);
}

} // namespace

ReferRequest::ReferRequest()
: id(0), callId(PJSUA_INVALID_ID), method("INVITE"),
  replacesCallId(PJSUA_INVALID_ID), subscribed(true), code(PJSIP_SC_ACCEPTED)
{
}

ReferModule::ReferModule() {}

ReferModule::~ReferModule()
{
    stop();
}

void ReferModule::start() PJSUA2_THROW(Error)
{
    callfloor::ensurePjThread();
    {
        std::lock_guard<std::recursive_mutex> guard(applicationMutex);
        if (application && application != this)
            PJSUA2_RAISE_ERROR(PJ_EEXISTS);
        application = this;
    }
    // Without the mutex: the endpoint's own lock comes first when it calls us.
    installHooks();
}

void ReferModule::stop()
{
    std::lock_guard<std::recursive_mutex> guard(applicationMutex);
    if (application == this)
        application = NULL;
}

void ReferModule::onRefer(ReferRequest &req)
{
    req.code = PJSIP_SC_DECLINE;
}

bool ReferModule::notify(int id, int code, const string &reason, bool final)
{
    if (!callfloor::engineAlive())
        return false;
    callfloor::ensurePjThread();
    pjsip_dialog *dlg = lockDialogOf(id);
    if (!dlg)
        return false;
    pjsip_evsub *sub = subscriptionOf(id);
    const bool sent = sub && sendNotify(sub, code, reason, final);
    pjsip_dlg_dec_lock(dlg);
    pj_grp_lock_dec_ref(pjsip_dlg_get_lock(dlg));
    return sent;
}

int ReferModule::findReplaced(const string &replaces)
{
    const string callId = replaces.substr(0, replaces.find(';'));
    const string to = parameter(replaces, "to-tag");
    const string from = parameter(replaces, "from-tag");
    if (callId.empty() || to.empty() || from.empty() ||
        !callfloor::engineAlive())
    {
        return PJSUA_INVALID_ID;
    }
    callfloor::ensurePjThread();
    // RFC 3891: to-tag is ours, as we are the ones whose call is replaced.
    // Some phones have it the wrong way round.
    const int call = callOf(callId, to, from);
    return call != PJSUA_INVALID_ID ? call : callOf(callId, from, to);
}

} // namespace pj
