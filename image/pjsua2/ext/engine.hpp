/* Callfloor: helpers shared by our own bridge ports. Not seen by SWIG.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CALLFLOOR_ENGINE_HPP
#define CALLFLOOR_ENGINE_HPP

#include <memory>
#include <string>

#include <pjmedia/port.h>

namespace callfloor {

/** True between libInit() and libDestroy(). Python frees objects whenever it
 * likes; outside this window no pj function may be called for them. */
bool engineAlive();

/** Make the calling thread known to pjlib. Python's garbage collector runs a
 * destructor in whatever thread it happens to be in, and pjlib aborts (or
 * corrupts its logs) in a thread it has not seen. Costs one look-up when the
 * thread is known. Call only while engineAlive(). */
void ensurePjThread();

/** What a port keeps alive until the bridge lets go of it, which happens in
 * the clock thread, some ticks after Python dropped the object. */
typedef std::shared_ptr<void> PortState;

/** Make a mono or multi-channel 16-bit port with its own pool and group lock.
 * @param spf   samples per frame over all channels
 * @param put   called in the clock thread with audio for us, or NULL
 * @param get   called in the clock thread for audio from us, or NULL
 * @param pool  receives the pool to register the port with
 * @return the port, or NULL when there is no memory */
pjmedia_port *newPort(const std::string &name, unsigned clockRate,
                      unsigned channels, unsigned spf,
                      pj_status_t (*put)(pjmedia_port *, pjmedia_frame *),
                      pj_status_t (*get)(pjmedia_port *, pjmedia_frame *),
                      const PortState &state, pj_pool_t **pool);

/** The state given to newPort(), inside put and get. */
void *portState(pjmedia_port *port);

/** Drop our reference; the bridge drops its own when it has removed the port,
 * and the last one out frees the port and its pool. */
void releasePort(pjmedia_port *port);

} // namespace callfloor

#endif
