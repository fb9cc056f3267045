/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rawsip.hpp"
#include "engine.hpp"

#include <mutex>

#include <pjsip.h>
#include <pjsua-lib/pjsua.h>

#define THIS_FILE "rawsip.cpp"

namespace pj {

namespace {

pj_bool_t receive(pjsip_rx_data *rdata);

struct Module : pjsip_module
{
    Module() : pjsip_module()
    {
        name = pj_str(const_cast<char *>("mod-callfloor-raw"));
        id = -1;
        priority = PJSIP_MOD_PRIORITY_UA_PROXY_LAYER - 1;
        on_rx_request = &receive;
    }
};

Module module;
RawSipModule *application;
string taken;                           // " METHOD METHOD "
std::recursive_mutex applicationMutex;  // held while its callback runs

string text(const pj_str_t &s)
{
    return string(s.ptr, (size_t)s.slen);
}

/* A request that opens something new: no dialog, and none that belongs to a
 * transaction of another request. */
bool isFresh(pjsip_rx_data *rdata)
{
    const pjsip_method_e method = rdata->msg_info.msg->line.req.method.id;
    return !rdata->msg_info.to->tag.slen && !pjsip_rdata_get_tsx(rdata) &&
           method != PJSIP_ACK_METHOD && method != PJSIP_CANCEL_METHOD;
}

/* Asked for by its name, or one that no part of PJSIP knows and "*" asks for. */
bool isTaken(const pjsip_method &method)
{
    if (taken.find(" " + text(method.name) + " ") != string::npos)
        return true;
    return taken.find(" * ") != string::npos &&
           method.id == PJSIP_OTHER_METHOD &&
           !pjsip_endpt_has_capability(pjsua_get_pjsip_endpt(), PJSIP_H_ALLOW,
                                       NULL, &method.name);
}

RawSipRequest describe(pjsip_rx_data *rdata, const string &method)
{
    char source[PJ_INET6_ADDRSTRLEN + 10];
    RawSipRequest req;
    req.method = method;
    req.message.assign(rdata->msg_info.msg_buf, (size_t)rdata->msg_info.len);
    req.source = pj_sockaddr_print(&rdata->pkt_info.src_addr, source,
                                   sizeof(source), 3);
    req.transport = rdata->tp_info.transport->type_name;
    return req;
}

pj_str_t copied(pj_pool_t *pool, const string &s)
{
    pj_str_t out;
    pj_strdup2_with_null(pool, &out, s.c_str());
    return out;
}

void answer(pjsip_rx_data *rdata, const RawSipRequest &req)
{
    pj_pool_t *pool = rdata->tp_info.pool;
    pjsip_hdr headers;
    pj_list_init(&headers);
    for (const SipHeader &header : req.headers) {
        pj_str_t name = copied(pool, header.hName);
        pj_str_t value = copied(pool, header.hValue);
        pj_list_push_back(&headers,
            pjsip_generic_string_hdr_create(pool, &name, &value));
    }
    const pj_str_t reason = copied(pool, req.reason);
    pjsip_endpt_respond(pjsua_get_pjsip_endpt(), NULL, rdata, req.code,
                        req.reason.empty() ? NULL : &reason, &headers, NULL,
                        NULL);
}

pj_bool_t receive(pjsip_rx_data *rdata)
{
    const pjsip_method &method = rdata->msg_info.msg->line.req.method;
    if (!isFresh(rdata))
        return PJ_FALSE;
    std::lock_guard<std::recursive_mutex> guard(applicationMutex);
    if (!application || !isTaken(method))
        return PJ_FALSE;
    RawSipRequest req = describe(rdata, text(method.name));
    application->onRequest(req);
    if (!req.code)
        return PJ_FALSE;
    answer(rdata, req);
    return PJ_TRUE;
}

} // namespace

RawSipModule::RawSipModule() {}

RawSipModule::~RawSipModule()
{
    stop();
}

void RawSipModule::start(const string &methods) PJSUA2_THROW(Error)
{
    callfloor::ensurePjThread();
    {
        std::lock_guard<std::recursive_mutex> guard(applicationMutex);
        if (application && application != this)
            PJSUA2_RAISE_ERROR(PJ_EEXISTS);
        taken = " " + methods + " ";
        application = this;
    }
    // Without the mutex: the endpoint's own lock comes first when it calls us.
    if (module.id == -1)        // libDestroy() unregisters it
        PJSUA2_CHECK_EXPR( pjsip_endpt_register_module(
            pjsua_get_pjsip_endpt(), &module) );
}

void RawSipModule::stop()
{
    std::lock_guard<std::recursive_mutex> guard(applicationMutex);
    if (application == this)
        application = NULL;
}

void RawSipModule::onRequest(RawSipRequest &) {}

} // namespace pj
