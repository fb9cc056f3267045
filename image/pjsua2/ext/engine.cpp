/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine.hpp"

#include <pjsua-lib/pjsua.h>

namespace callfloor {

namespace {

struct PortHold {
    pj_pool_t *pool;
    PortState state;
};

pj_status_t destroyPort(pjmedia_port *port)
{
    PortHold *hold = static_cast<PortHold *>(port->port_data.pdata);
    pj_pool_t *pool = hold->pool;
    delete hold;
    pj_pool_release(pool);      // frees port itself
    return PJ_SUCCESS;
}

} // namespace

bool engineAlive()
{
    const pjsua_state state = pjsua_get_state();
    return state >= PJSUA_STATE_INIT && state < PJSUA_STATE_CLOSING;
}

void ensurePjThread()
{
    // pjlib keeps using the descriptor for as long as the thread runs.
    static thread_local pj_thread_desc desc;
    pj_thread_t *thread = NULL;
    if (!pj_thread_is_registered()) {
        pj_bzero(desc, sizeof(desc));
        pj_thread_register("python", desc, &thread);
    }
}

pjmedia_port *newPort(const std::string &name, unsigned clockRate,
                      unsigned channels, unsigned spf,
                      pj_status_t (*put)(pjmedia_port *, pjmedia_frame *),
                      pj_status_t (*get)(pjmedia_port *, pjmedia_frame *),
                      const PortState &state, pj_pool_t **pool)
{
    *pool = pjsua_pool_create("callfloor%p", 512, 512);
    if (!*pool)
        return NULL;
    pjmedia_port *port = PJ_POOL_ZALLOC_T(*pool, pjmedia_port);
    pj_str_t label;
    pj_strdup2_with_null(*pool, &label, name.c_str());
    pjmedia_port_info_init(&port->info, &label,
                           PJMEDIA_SIG_CLASS_APP('C', 'F', 'P'), clockRate,
                           channels, 16, spf);
    port->put_frame = put;
    port->get_frame = get;
    port->on_destroy = &destroyPort;
    PortHold *hold = new PortHold();
    hold->pool = *pool;
    hold->state = state;
    port->port_data.pdata = hold;
    if (pjmedia_port_init_grp_lock(port, *pool, NULL) != PJ_SUCCESS) {
        destroyPort(port);
        return NULL;
    }
    return port;
}

void *portState(pjmedia_port *port)
{
    return static_cast<PortHold *>(port->port_data.pdata)->state.get();
}

void releasePort(pjmedia_port *port)
{
    pjmedia_port_destroy(port);
}

} // namespace callfloor
