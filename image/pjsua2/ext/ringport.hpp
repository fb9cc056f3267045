/* Callfloor: samples between the bridge and Python without the GIL in the
 * clock thread.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CALLFLOOR_RINGPORT_HPP
#define CALLFLOOR_RINGPORT_HPP

#include <pjsua2/media.hpp>
#ifndef SWIG
#include <cstddef>
#include <memory>
#endif

namespace pj {

/** A bridge port on two memory rings, 16-bit PCM.
 *
 * "rx" is what the bridge sends to us (somebody.startTransmit(port)); "tx" is
 * what we send to the bridge (port.startTransmit(somebody)). A pj::AudioMediaPort
 * runs Python in the clock thread, so one busy Python thread stalls every call
 * of the process; here the clock thread only copies memory, and Python reads
 * and writes when it gets round to it.
 *
 * read() and write() may be used from any thread, registered with pjlib or not.
 */
class RingPort : public AudioMedia
{
public:
    RingPort();
    virtual ~RingPort();

    /** Create the port and put it on the bridge.
     * @param name      shown in the bridge's log
     * @param fmt       clock rate in Hz, channels, frame time (normally the
     *                  bridge's own: otherwise the bridge resamples)
     * @param rxMs      length of the ring towards Python, ms; 0: none
     * @param txMs      length of the ring towards the bridge, ms; 0: none
     * @param notifyMs  eventFd() becomes readable when this much audio waits
     *                  in rx, ms; 0: no descriptor
     */
    void createPort(const string &name, const MediaFormatAudio &fmt,
                    unsigned rxMs, unsigned txMs, unsigned notifyMs)
                    PJSUA2_THROW(Error);

    /** Move up to dlen bytes of received audio into a writable buffer
     * (bytearray, memoryview). Never waits.
     * @return bytes moved */
    size_t read(char *dst, size_t dlen);

    /** Queue audio for the bridge. When the ring is full the oldest audio is
     * lost, so that what is heard stays recent.
     * @return bytes now queued */
    size_t write(const char *src, size_t slen);

    /** Forget what waits in both rings. */
    void clear();

    /** Bytes waiting for read(). */
    unsigned rxAvail() const;
    /** Bytes queued by write() and not played yet. */
    unsigned txAvail() const;
    /** Frames that pushed older audio out of the rx ring: Python is late. */
    unsigned rxDropped() const;
    /** write() calls that pushed older audio out of the tx ring. */
    unsigned txDropped() const;
    /** Ticks for which tx held something, but less than one frame. */
    unsigned txUnder() const;
    /** Ticks in which the bridge gave us a frame (silence counts). */
    unsigned rxFrames() const;
    /** Ticks in which the bridge asked us for a frame. */
    unsigned txFrames() const;

    /** An eventfd for add_reader(), or -1. read() resets it. It is closed
     * with the port: call remove_reader() before you drop the port. */
    int eventFd() const;

#ifndef SWIG
    struct State;
#endif

private:
#ifndef SWIG
    std::shared_ptr<State> state;
    pjmedia_port *port;
    RingPort(const RingPort &);
    RingPort &operator=(const RingPort &);
#endif
};

} // namespace pj

#endif
