/* Callfloor: one recording between the clock thread and the disk.
 * Not seen by SWIG.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CALLFLOOR_TAKE_HPP
#define CALLFLOOR_TAKE_HPP

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace callfloor {

typedef std::chrono::steady_clock Clock;

/** A quarter of a second of interleaved stereo, and how many frames of
 * silence belong before it. "Frame" here is one sample of each channel. */
struct Chunk
{
    uint64_t gap = 0;
    size_t frames = 0;
    std::vector<int16_t> pcm;
};

/** The memory side: puts the frames of two channels on one timeline.
 *
 * The bridge gives every port exactly one frame per tick, audio or not, with
 * the tick's timestamp. A new timestamp advances the timeline by one frame of
 * silence, and each channel writes its samples over that silence: so the
 * channels cannot drift apart, whoever transmits and whoever does not.
 * When the disk is stalled for longer than the backlog allows, samples are
 * dropped but their time is kept (as a gap).
 */
class Timeline
{
public:
    /** @param rate            Hz
     * @param framesPerTick    samples per channel per bridge tick
     * @param backlogSeconds   how long the disk may stall */
    Timeline(unsigned rate, unsigned framesPerTick, unsigned backlogSeconds);

    /** One channel's frame of one tick (clock thread). pcm NULL: silence. */
    void put(unsigned channel, uint64_t tick, const int16_t *pcm,
             size_t samples, Clock::time_point now);

    void pause(bool on);
    /** No more frames are taken; what is in memory becomes available. */
    void finish(Clock::time_point now);

    /** Everything complete so far (writer thread). */
    std::deque<Chunk> collect();
    /** Give a written chunk's memory back for the next one. */
    void recycle(Chunk &&chunk);

    unsigned rate() const { return sampleRate; }
    uint64_t droppedFrames() const { return dropped; }

private:
    bool bothSeen(unsigned channel, uint64_t tick);
    void beginTick(uint64_t tick, Clock::time_point now);
    bool makeRoom();
    void keepTime(Clock::time_point now);

    const unsigned sampleRate;
    const size_t tickFrames, chunkFrames, maxChunks;

    std::mutex mutex;
    std::deque<Chunk> full;
    std::vector<Chunk> spare;
    Chunk current;
    bool open = false;          // current may take another tick
    bool seen[2] = {false, false};
    bool started = false, paused = false, finished = false;
    uint64_t lastTick = 0;
    uint64_t position = 0;      // end of the current tick, in frames
    uint64_t pendingGap = 0;    // frames lost since the last chunk
    size_t tickAt = 0;          // where the current tick lies in current
    bool tickKept = false;      // the current tick has a place in current
    Clock::time_point startedAt;
    std::atomic<uint64_t> dropped{0};
};

/** The disk side: a WAV file that is legal at every instant. Used by the
 * writer thread only, except for the counters. */
class WavFile
{
public:
    WavFile(const std::string &path, unsigned rate);
    ~WavFile();

    /** Make the file with an empty header, if that is still to be done. */
    bool create(Clock::time_point now);
    /** Write one chunk at its own place. A failure is remembered in error();
     * the chunk's time is kept, and the next write is tried a second later. */
    void append(const Chunk &chunk, Clock::time_point now);
    /** Let the header tell the truth if it is a second old (or force). */
    void patchHeader(Clock::time_point now, bool force);
    void close();

    bool isOpen() const { return fd >= 0; }
    int descriptor() const { return fd; }
    uint64_t device() const { return dev; }
    bool dirty() const { return unsynced; }
    void synced(int errnum);

    uint64_t framesWritten() const { return extent; }
    uint64_t framesLost() const { return lost; }
    int error() const { return firstError; }

private:
    bool writeAll(const char *data, size_t bytes, uint64_t offset);
    void failed(int errnum, Clock::time_point now);

    const std::string path;
    const unsigned rate;
    int fd = -1;
    uint64_t dev = 0;
    uint64_t position = 0;      // frames of the timeline seen so far
    uint64_t patched = 0;       // frames the header speaks of
    bool unsynced = false, finished = false;
    Clock::time_point patchedAt, retryAt;
    std::atomic<uint64_t> extent{0}, lost{0};
    std::atomic<int> firstError{0};
};

/** One recording: a timeline, its file, and how they are getting on. */
struct Take
{
    Take(const std::string &path, unsigned rate, unsigned framesPerTick,
         unsigned syncSeconds);
    ~Take();
    void signal();

    Timeline timeline;
    WavFile file;               // writer thread
    const std::chrono::seconds syncEvery;
    Clock::time_point syncedAt; // writer thread
    bool errorTold = false;     // writer thread
    std::atomic<bool> finishing{false}, closed{false};
    int efd;
};

/** Hand a take to the writer thread, which starts with the first one. */
void adoptTake(const std::shared_ptr<Take> &take);
/** Wake the writer thread now instead of at its next quarter second. */
void kickWriter();

} // namespace callfloor

#endif
