/* The one thread that writes all recordings.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "take.hpp"

#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <map>
#include <thread>

#include <sys/eventfd.h>
#include <unistd.h>

namespace callfloor {

namespace {

const std::chrono::milliseconds PERIOD(250);
const unsigned BACKLOG_SECONDS = 10;
const std::chrono::seconds EXIT_PATIENCE(15);
/* From here on one syncfs() is cheaper than a journal commit per file. */
const size_t SYNC_TOGETHER = 3;

typedef std::shared_ptr<Take> TakePtr;
typedef std::vector<TakePtr> Takes;

void drain(Take &take, Clock::time_point now)
{
    take.file.create(now);
    std::deque<Chunk> chunks = take.timeline.collect();
    for (Chunk &chunk : chunks) {
        take.file.append(chunk, now);
        take.timeline.recycle(std::move(chunk));
    }
    take.file.patchHeader(now, false);
    if (take.file.error() && !take.errorTold) {
        take.errorTold = true;
        take.signal();
    }
}

bool syncDue(const Take &take, Clock::time_point now, int share)
{
    return take.syncEvery.count() && take.file.isOpen() && take.file.dirty() &&
           now - take.syncedAt >= take.syncEvery / share;
}

void syncGroup(const Takes &group, Clock::time_point now)
{
    int err = 0;
    if (group.size() >= SYNC_TOGETHER)
        err = syncfs(group[0]->file.descriptor()) ? errno : 0;
    for (const TakePtr &take : group) {
        if (group.size() < SYNC_TOGETHER)
            err = fdatasync(take->file.descriptor()) ? errno : 0;
        take->file.synced(err);
        take->syncedAt = now;
    }
}

/* When one file of a disk is due, the others that are half-way due go with
 * it: a card pays for one commit, not for one per call. */
void syncDisks(const Takes &takes, Clock::time_point now)
{
    std::map<uint64_t, Takes> disks;
    for (const TakePtr &take : takes)
        if (syncDue(*take, now, 1))
            disks[take->file.device()];
    if (disks.empty())
        return;
    for (const TakePtr &take : takes) {
        const auto disk = disks.find(take->file.device());
        if (disk != disks.end() && syncDue(*take, now, 2))
            disk->second.push_back(take);
    }
    for (const auto &disk : disks)
        syncGroup(disk.second, now);
}

void closeTake(Take &take, Clock::time_point now)
{
    drain(take, now);
    take.file.patchHeader(now, true);
    if (take.syncEvery.count() && take.file.isOpen())
        take.file.synced(fdatasync(take.file.descriptor()) ? errno : 0);
    take.file.close();
    take.closed = true;
    take.signal();
}

class DiskWriter
{
public:
    DiskWriter() { std::thread(&DiskWriter::run, this).detach(); }

    /* At the end of the process: write what there is, but end even if the
     * disk hangs. The object stays: the thread may still be using it. */
    void finishAll()
    {
        std::unique_lock<std::mutex> lock(mutex);
        for (const TakePtr &take : takes) {
            take->timeline.finish(Clock::now());
            take->finishing = true;
        }
        stopping = true;
        wake.notify_all();
        done.wait_for(lock, EXIT_PATIENCE, [this] { return finished; });
    }

    void adopt(const TakePtr &take)
    {
        std::lock_guard<std::mutex> guard(mutex);
        takes.push_back(take);
        kicked = true;
        wake.notify_all();
    }

    void kick()
    {
        std::lock_guard<std::mutex> guard(mutex);
        kicked = true;
        wake.notify_all();
    }

private:
    void run()
    {
        for (;;) {
            Takes now;
            bool last;
            {
                std::unique_lock<std::mutex> lock(mutex);
                wake.wait_for(lock, PERIOD,
                              [this] { return kicked || stopping; });
                kicked = false;
                last = stopping;
                now = takes;
            }
            pass(now);
            if (last)
                break;
        }
        std::lock_guard<std::mutex> guard(mutex);
        finished = true;
        done.notify_all();
    }

    void pass(const Takes &batch)
    {
        for (const TakePtr &take : batch) {
            if (take->finishing) {
                closeTake(*take, Clock::now());
                forget(take);
            } else {
                drain(*take, Clock::now());
            }
        }
        syncDisks(batch, Clock::now());
    }

    void forget(const TakePtr &take)
    {
        std::lock_guard<std::mutex> guard(mutex);
        for (size_t i = 0; i < takes.size(); ++i) {
            if (takes[i] == take) {
                takes.erase(takes.begin() + (ptrdiff_t)i);
                return;
            }
        }
    }

    std::mutex mutex;
    std::condition_variable wake, done;
    Takes takes;
    bool kicked = false, stopping = false, finished = false;
};

DiskWriter &writer()
{
    static DiskWriter *instance = [] {
        DiskWriter *made = new DiskWriter();
        std::atexit([] { writer().finishAll(); });
        return made;
    }();
    return *instance;
}

} // namespace

Take::Take(const std::string &path, unsigned rate, unsigned framesPerTick,
           unsigned syncSeconds)
: timeline(rate, framesPerTick, BACKLOG_SECONDS), file(path, rate),
  syncEvery(syncSeconds), syncedAt(Clock::now()),
  efd(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC))
{
}

Take::~Take()
{
    if (efd >= 0)
        ::close(efd);
}

void Take::signal()
{
    if (efd >= 0)
        eventfd_write(efd, 1);
}

void adoptTake(const std::shared_ptr<Take> &take)
{
    writer().adopt(take);
}

void kickWriter()
{
    writer().kick();
}

} // namespace callfloor
