/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "callrecorder.hpp"
#include "engine.hpp"
#include "take.hpp"

#include <cerrno>

#include <pjsua-lib/pjsua.h>
#include <unistd.h>

#define THIS_FILE "callrecorder.cpp"

namespace pj {

namespace {

using callfloor::Take;

void putFrame(unsigned channel, pjmedia_port *port, pjmedia_frame *frame)
{
    const bool audio = frame->type == PJMEDIA_FRAME_TYPE_AUDIO && frame->size;
    static_cast<Take *>(callfloor::portState(port))->timeline.put(
        channel, frame->timestamp.u64,
        audio ? static_cast<const int16_t *>(frame->buf) : NULL,
        audio ? frame->size / 2 : 0, callfloor::Clock::now());
}

pj_status_t putLeft(pjmedia_port *port, pjmedia_frame *frame)
{
    putFrame(0, port, frame);
    return PJ_SUCCESS;
}

pj_status_t putRight(pjmedia_port *port, pjmedia_frame *frame)
{
    putFrame(1, port, frame);
    return PJ_SUCCESS;
}

/* The folder must be there and be ours to write in; looking does not touch
 * the disk's journal, as creating the file would. */
int pathTrouble(const string &path)
{
    const size_t slash = path.rfind('/');
    const string dir = slash == string::npos ? "."
                     : slash == 0            ? "/"
                                             : path.substr(0, slash);
    if (access(dir.c_str(), W_OK | X_OK) != 0)
        return PJ_STATUS_FROM_OS(errno);
    return access(path.c_str(), F_OK) == 0 ? PJ_EEXISTS : PJ_SUCCESS;
}

string describe(pj_status_t status)
{
    char buffer[PJ_ERR_MSG_SIZE];
    const pj_str_t words = pj_strerror(status, buffer, sizeof(buffer));
    return string(words.ptr, (size_t)words.slen);
}

} // namespace

RecorderChannel::~RecorderChannel()
{
    detach();
}

void RecorderChannel::attach(const string &name, unsigned channel,
                             unsigned rate, unsigned samplesPerFrame,
                             const std::shared_ptr<Take> &take)
{
    pj_pool_t *pool;
    pjmedia_port *fresh = callfloor::newPort(
        name, rate, 1, samplesPerFrame, channel ? &putRight : &putLeft, NULL,
        take, &pool);
    if (!fresh)
        PJSUA2_RAISE_ERROR(PJ_ENOMEM);
    try {
        registerMediaPort2(fresh, pool);
    } catch (Error &) {
        callfloor::releasePort(fresh);
        throw;
    }
    port = fresh;
}

void RecorderChannel::detach()
{
    if (!port)
        return;
    if (callfloor::engineAlive()) {
        callfloor::ensurePjThread();
        PJSUA2_CATCH_IGNORE( unregisterMediaPort() );
        callfloor::releasePort(port);
    }
    port = NULL;
    id = PJSUA_INVALID_ID;
}

CallRecorder::CallRecorder() : active(false) {}

CallRecorder::~CallRecorder()
{
    close();
}

void CallRecorder::open(const string &path, unsigned clockRate,
                        unsigned fsyncSeconds) PJSUA2_THROW(Error)
{
    if (active)
        PJSUA2_RAISE_ERROR(PJ_EEXISTS);
    callfloor::ensurePjThread();
    const pj_status_t trouble = pathTrouble(path);
    if (trouble != PJ_SUCCESS)
        PJSUA2_RAISE_ERROR3(trouble, "CallRecorder::open()",
                            describe(trouble) + ": " + path);

    pjsua_conf_port_info bridge;
    PJSUA2_CHECK_EXPR( pjsua_conf_get_port_info(0, &bridge) );
    const unsigned rate = clockRate ? clockRate : bridge.clock_rate;
    const pj_uint64_t scaled = (pj_uint64_t)bridge.samples_per_frame /
                               bridge.channel_count * rate;
    if (scaled == 0 || scaled % bridge.clock_rate)   // no whole frame per tick
        PJSUA2_RAISE_ERROR(PJ_EINVAL);
    const unsigned spf = (unsigned)(scaled / bridge.clock_rate);

    std::shared_ptr<Take> fresh =
        std::make_shared<Take>(path, rate, spf, fsyncSeconds);
    channels[0].attach("rec-left", 0, rate, spf, fresh);
    try {
        channels[1].attach("rec-right", 1, rate, spf, fresh);
    } catch (Error &) {
        channels[0].detach();
        throw;
    }
    take = fresh;
    active = true;
    callfloor::adoptTake(take);
}

RecorderChannel &CallRecorder::left() PJSUA2_THROW(Error)
{
    if (!active)
        PJSUA2_RAISE_ERROR(PJ_EINVALIDOP);
    return channels[0];
}

RecorderChannel &CallRecorder::right() PJSUA2_THROW(Error)
{
    if (!active)
        PJSUA2_RAISE_ERROR(PJ_EINVALIDOP);
    return channels[1];
}

void CallRecorder::pause(bool on)
{
    if (take)
        take->timeline.pause(on);
}

void CallRecorder::close()
{
    if (!active)
        return;
    active = false;
    channels[0].detach();
    channels[1].detach();
    take->timeline.finish(callfloor::Clock::now());
    take->finishing = true;
    callfloor::kickWriter();
}

bool CallRecorder::closed() const
{
    return !take || take->closed;
}

double CallRecorder::samples() const
{
    return take ? (double)take->file.framesWritten() : 0;
}

double CallRecorder::dropped() const
{
    return take ? (double)(take->timeline.droppedFrames() +
                           take->file.framesLost()) : 0;
}

int CallRecorder::errorCode() const
{
    return take ? take->file.error() : 0;
}

int CallRecorder::eventFd() const
{
    return take ? take->efd : -1;
}

} // namespace pj
