/* Callfloor: a call in one stereo file, without the disk in the clock thread.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CALLFLOOR_CALLRECORDER_HPP
#define CALLFLOOR_CALLRECORDER_HPP

#include <pjsua2/media.hpp>
#ifndef SWIG
#include <memory>
#endif

#ifndef SWIG
namespace callfloor { struct Take; }
#endif

namespace pj {

/** One side of a CallRecorder: something to transmit to. */
class RecorderChannel : public AudioMedia
{
public:
    virtual ~RecorderChannel();
#ifndef SWIG
    RecorderChannel() : port(NULL) {}
    void attach(const string &name, unsigned channel, unsigned rate,
                unsigned samplesPerFrame,
                const std::shared_ptr<callfloor::Take> &take);
    void detach();

private:
    pjmedia_port *port;
    RecorderChannel(const RecorderChannel &);
    RecorderChannel &operator=(const RecorderChannel &);
#else
private:
    RecorderChannel();
#endif
};

/** Records two sources into the left and right channel of a 16-bit WAV file.
 *
 * - The clock thread only copies into memory; one thread shared by all
 *   recorders writes every 250 ms. The disk may stall for 10 s; what does not
 *   fit then is dropped, counted, and stands as silence of the same length.
 * - Time is wall time: a channel without a source, a pause and a stall are
 *   silence of the right length, so left and right never drift apart.
 * - The file is a legal WAV at any instant; its header is renewed every
 *   second. kill -9 costs less than the last second.
 */
class CallRecorder
{
public:
    CallRecorder();
    /** Closes, as close() does. */
    virtual ~CallRecorder();

    /** Start recording to a new file.
     * The file itself is created by the writer thread, for creating one on a
     * busy card may take a moment too: what goes wrong there appears in
     * errorCode(). An existing file is never overwritten.
     * @param clockRate     Hz; 0: the bridge's
     * @param fsyncSeconds  how often the disk must have it all; 0: never
     * @throws Error  PJ_EEXISTS: open already, or there is such a file;
     *                an OS error: the folder is not there or not writable */
    void open(const string &path, unsigned clockRate = 8000,
              unsigned fsyncSeconds = 5) PJSUA2_THROW(Error);

    /** Where the left and the right source transmit to. They belong to the
     * recorder and are off the bridge after close().
     * @throws Error  PJ_EINVALIDOP when not open */
    RecorderChannel &left() PJSUA2_THROW(Error);
    RecorderChannel &right() PJSUA2_THROW(Error);

    /** While paused, silence is written and time goes on. After
     * pause(true) has returned, no sample is taken. */
    void pause(bool on);

    /** Take both channels off the bridge and let the writer thread finish the
     * file. Returns at once; see closed(). Harmless when closed already. */
    void close();
    /** True when the file is complete on disk (or nothing was ever open). */
    bool closed() const;

    /** Sample pairs in the file; divide by the clock rate for seconds. */
    double samples() const;
    /** Sample pairs that were lost to a stalled or full disk. */
    double dropped() const;
    /** errno of the first failure (ENOSPC, EACCES ...), 0 when all is well.
     * What was written before stays; writing is tried again every second, at
     * the right place in time. */
    int errorCode() const;
    /** An eventfd that becomes readable at the first error and when closed()
     * becomes true, or -1. Lives until the recorder is opened again or freed. */
    int eventFd() const;

private:
#ifndef SWIG
    RecorderChannel channels[2];
    std::shared_ptr<callfloor::Take> take;
    bool active;
    CallRecorder(const CallRecorder &);
    CallRecorder &operator=(const CallRecorder &);
#endif
};

} // namespace pj

#endif
