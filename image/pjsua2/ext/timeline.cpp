/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "take.hpp"

#include <algorithm>
#include <cstring>

namespace callfloor {

namespace {

const unsigned CHUNK_MS = 240;

/* PJMEDIA's clock catches up by itself after a stall of up to 500 ms and skips
 * the ticks of a longer one. Only the skipped ones are ours to fill. */
const std::chrono::milliseconds CLOCK_CATCHES_UP(600);

size_t ticksPerChunk(unsigned rate, unsigned framesPerTick)
{
    const size_t ticks = (size_t)rate * CHUNK_MS / 1000 / framesPerTick;
    return ticks ? ticks : 1;
}

} // namespace

Timeline::Timeline(unsigned rate, unsigned framesPerTick,
                   unsigned backlogSeconds)
: sampleRate(rate), tickFrames(framesPerTick),
  chunkFrames(ticksPerChunk(rate, framesPerTick) * framesPerTick),
  maxChunks((size_t)rate * backlogSeconds / chunkFrames + 1)
{
}

void Timeline::put(unsigned channel, uint64_t tick, const int16_t *pcm,
                   size_t samples, Clock::time_point now)
{
    std::lock_guard<std::mutex> guard(mutex);
    if (finished || !bothSeen(channel, tick))
        return;
    if (tick != lastTick)
        beginTick(tick, now);
    if (!tickKept || !pcm || paused)
        return;
    int16_t *to = &current.pcm[2 * tickAt + channel];
    samples = std::min(samples, tickFrames);
    for (size_t i = 0; i < samples; ++i)
        to[2 * i] = pcm[i];
}

/* The two ports may reach the bridge in different ticks; time starts when
 * both are there. */
bool Timeline::bothSeen(unsigned channel, uint64_t tick)
{
    seen[channel] = true;
    if (seen[0] && seen[1] && !started) {
        started = true;
        lastTick = tick - 1;    // so that this tick is a new one
    }
    return started;
}

void Timeline::beginTick(uint64_t tick, Clock::time_point now)
{
    lastTick = tick;
    keepTime(now);
    position += tickFrames;
    tickKept = makeRoom();
    if (!tickKept) {
        dropped += tickFrames;
        pendingGap += tickFrames;
        return;
    }
    tickAt = current.frames;
    current.frames += tickFrames;
}

/* After a stall that the clock skipped, give the lost time back as silence. */
void Timeline::keepTime(Clock::time_point now)
{
    if (position == 0) {
        startedAt = now;
        return;
    }
    const std::chrono::duration<double> passed = now - startedAt;
    const uint64_t due = (uint64_t)(passed.count() * sampleRate);
    const uint64_t slack = (uint64_t)CLOCK_CATCHES_UP.count() * sampleRate / 1000;
    if (due <= position + slack)
        return;
    const uint64_t skipped = (due - position) / tickFrames * tickFrames;
    if (open) {
        full.push_back(std::move(current));
        open = false;
    }
    pendingGap += skipped;
    position += skipped;
}

/* Have a chunk in which one more tick fits; false: the backlog is full. */
bool Timeline::makeRoom()
{
    if (open && current.frames + tickFrames <= chunkFrames)
        return true;
    if (open) {
        full.push_back(std::move(current));
        open = false;
    }
    if (full.size() >= maxChunks)
        return false;
    current = Chunk();
    if (!spare.empty()) {
        current = std::move(spare.back());
        spare.pop_back();
    }
    current.pcm.assign(2 * chunkFrames, 0);
    current.frames = 0;
    current.gap = pendingGap;
    pendingGap = 0;
    open = true;
    return true;
}

void Timeline::pause(bool on)
{
    std::lock_guard<std::mutex> guard(mutex);
    paused = on;
}

void Timeline::finish(Clock::time_point now)
{
    std::lock_guard<std::mutex> guard(mutex);
    if (finished)
        return;
    finished = true;
    if (started)
        keepTime(now);
    if (open)
        full.push_back(std::move(current));
    open = false;
    if (pendingGap) {           // keep the length, though nothing follows
        Chunk silence;
        silence.gap = pendingGap;
        full.push_back(std::move(silence));
    }
}

std::deque<Chunk> Timeline::collect()
{
    std::deque<Chunk> out;
    std::lock_guard<std::mutex> guard(mutex);
    out.swap(full);
    return out;
}

void Timeline::recycle(Chunk &&chunk)
{
    std::lock_guard<std::mutex> guard(mutex);
    if (spare.size() < 2 && chunk.pcm.size() == 2 * chunkFrames)
        spare.push_back(std::move(chunk));
}

} // namespace callfloor
