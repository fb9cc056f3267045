/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ringport.hpp"
#include "engine.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <vector>

#include <sys/eventfd.h>
#include <unistd.h>

#define THIS_FILE "ringport.cpp"

namespace pj {

namespace {

/* A byte ring that loses the oldest bytes when it overflows. */
class Ring
{
public:
    void resize(size_t bytes) { buf.resize(bytes); }
    bool exists() const { return !buf.empty(); }
    size_t size() const { return used; }
    void clear() { used = 0; }

    /* Append len bytes (silence when src is NULL); true: something was lost. */
    bool push(const char *src, size_t len)
    {
        const size_t cap = buf.size();
        bool lost = false;
        if (len > cap) {
            if (src)
                src += len - cap;
            len = cap;
            lost = true;
        }
        if (used + len > cap) {
            const size_t drop = used + len - cap;
            head = (head + drop) % cap;
            used -= drop;
            lost = true;
        }
        const size_t at = (head + used) % cap;
        const size_t first = std::min(len, cap - at);
        put(at, src, first);
        put(0, src ? src + first : NULL, len - first);
        used += len;
        return lost;
    }

    size_t pop(char *dst, size_t len)
    {
        len = std::min(len, used);
        if (!len)
            return 0;
        const size_t cap = buf.size();
        const size_t first = std::min(len, cap - head);
        std::memcpy(dst, &buf[head], first);
        std::memcpy(dst + first, &buf[0], len - first);
        head = (head + len) % cap;
        used -= len;
        return len;
    }

private:
    void put(size_t at, const char *src, size_t len)
    {
        if (!len)
            return;
        if (src)
            std::memcpy(&buf[at], src, len);
        else
            std::memset(&buf[at], 0, len);
    }

    std::vector<char> buf;
    size_t head = 0, used = 0;
};

} // namespace

struct RingPort::State
{
    std::mutex mutex;
    Ring rx, tx;
    size_t frameBytes = 0, notifyBytes = 0;
    int efd = -1;
    unsigned rxDropped = 0, txDropped = 0, txUnder = 0;
    unsigned rxFrames = 0, txFrames = 0;

    ~State()
    {
        if (efd >= 0)
            ::close(efd);
    }

    void fromBridge(const pjmedia_frame &frame)
    {
        std::lock_guard<std::mutex> guard(mutex);
        const bool audio = frame.type == PJMEDIA_FRAME_TYPE_AUDIO && frame.size;
        ++rxFrames;
        rxDropped += rx.push(audio ? static_cast<const char *>(frame.buf) : NULL,
                             audio ? frame.size : frameBytes);
        if (efd >= 0 && rx.size() >= notifyBytes)
            eventfd_write(efd, 1);
    }

    void toBridge(pjmedia_frame &frame)
    {
        std::lock_guard<std::mutex> guard(mutex);
        ++txFrames;
        if (tx.size() >= frameBytes) {
            tx.pop(static_cast<char *>(frame.buf), frameBytes);
            frame.size = frameBytes;
            frame.type = PJMEDIA_FRAME_TYPE_AUDIO;
        } else {
            txUnder += tx.size() ? 1 : 0;
            frame.size = 0;
            frame.type = PJMEDIA_FRAME_TYPE_NONE;
        }
    }
};

static pj_status_t ringPut(pjmedia_port *port, pjmedia_frame *frame)
{
    static_cast<RingPort::State *>(callfloor::portState(port))
        ->fromBridge(*frame);
    return PJ_SUCCESS;
}

static pj_status_t ringGet(pjmedia_port *port, pjmedia_frame *frame)
{
    static_cast<RingPort::State *>(callfloor::portState(port))
        ->toBridge(*frame);
    return PJ_SUCCESS;
}

RingPort::RingPort() : port(NULL) {}

RingPort::~RingPort()
{
    if (!port || !callfloor::engineAlive())
        return;
    callfloor::ensurePjThread();
    PJSUA2_CATCH_IGNORE( unregisterMediaPort() );
    callfloor::releasePort(port);
}

void RingPort::createPort(const string &name, const MediaFormatAudio &fmt,
                          unsigned rxMs, unsigned txMs, unsigned notifyMs)
                          PJSUA2_THROW(Error)
{
    const unsigned spf = (unsigned)((pj_uint64_t)fmt.clockRate *
                                    fmt.frameTimeUsec / 1000000 *
                                    fmt.channelCount);
    if (port)
        PJSUA2_RAISE_ERROR(PJ_EEXISTS);
    if (!spf || (!rxMs && !txMs))
        PJSUA2_RAISE_ERROR(PJ_EINVAL);
    callfloor::ensurePjThread();

    const size_t bytesPerMs = (size_t)fmt.clockRate * fmt.channelCount * 2 / 1000;
    std::shared_ptr<State> made = std::make_shared<State>();
    made->frameBytes = spf * 2;
    made->rx.resize(rxMs ? std::max(bytesPerMs * rxMs, made->frameBytes) : 0);
    made->tx.resize(txMs ? std::max(bytesPerMs * txMs, made->frameBytes) : 0);
    made->notifyBytes = bytesPerMs * notifyMs;
    if (rxMs && notifyMs)
        made->efd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    pj_pool_t *pool;
    // Without put_frame the bridge does not visit a port that only plays.
    pjmedia_port *fresh = callfloor::newPort(
        name, fmt.clockRate, fmt.channelCount, spf, rxMs ? &ringPut : NULL,
        txMs ? &ringGet : NULL, made, &pool);
    if (!fresh)
        PJSUA2_RAISE_ERROR(PJ_ENOMEM);
    try {
        registerMediaPort2(fresh, pool);
    } catch (Error &) {
        callfloor::releasePort(fresh);
        throw;
    }
    port = fresh;
    state = made;
}

size_t RingPort::read(char *dst, size_t dlen)
{
    if (!state)
        return 0;
    std::lock_guard<std::mutex> guard(state->mutex);
    eventfd_t ignored;
    if (state->efd >= 0)
        eventfd_read(state->efd, &ignored);
    const size_t got = state->rx.pop(dst, dlen);
    // What did not fit must wake the reader again.
    if (state->efd >= 0 && state->rx.size() >= state->notifyBytes)
        eventfd_write(state->efd, 1);
    return got;
}

size_t RingPort::write(const char *src, size_t slen)
{
    if (!state)
        return 0;
    std::lock_guard<std::mutex> guard(state->mutex);
    if (!state->tx.exists())
        return 0;
    state->txDropped += slen ? state->tx.push(src, slen) : 0;
    return state->tx.size();
}

void RingPort::clear()
{
    if (!state)
        return;
    std::lock_guard<std::mutex> guard(state->mutex);
    state->rx.clear();
    state->tx.clear();
}

#define RING_COUNTER(name, expr) \
    unsigned RingPort::name() const \
    { \
        if (!state) \
            return 0; \
        std::lock_guard<std::mutex> guard(state->mutex); \
        return (unsigned)(state->expr); \
    }

RING_COUNTER(rxAvail, rx.size())
RING_COUNTER(txAvail, tx.size())
RING_COUNTER(rxDropped, rxDropped)
RING_COUNTER(txDropped, txDropped)
RING_COUNTER(txUnder, txUnder)
RING_COUNTER(rxFrames, rxFrames)
RING_COUNTER(txFrames, txFrames)

int RingPort::eventFd() const
{
    return state ? state->efd : -1;
}

} // namespace pj
