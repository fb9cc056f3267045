/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "take.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace callfloor {

namespace {

const size_t HEADER = 44, FRAME = 4;
const uint64_t MAX_DATA = 0xffffffffu - HEADER;     // 37 h at 8 kHz
const unsigned AHEAD_SECONDS = 2;

void little(unsigned char *at, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; ++i)
        at[i] = (unsigned char)(value >> (8 * i));
}

/* The canonical RIFF/WAVE header of 16-bit stereo PCM. */
void makeHeader(unsigned char (&h)[HEADER], unsigned rate, uint64_t frames)
{
    const uint64_t bytes = frames * FRAME;
    const uint32_t data = (uint32_t)(bytes < MAX_DATA ? bytes : MAX_DATA);
    std::memcpy(h, "RIFF____WAVEfmt ", 16);
    little(h + 4, data + HEADER - 8, 4);
    little(h + 16, 16, 4);              // length of the fmt chunk
    little(h + 20, 1, 2);               // PCM
    little(h + 22, 2, 2);               // channels
    little(h + 24, rate, 4);
    little(h + 28, rate * FRAME, 4);
    little(h + 32, FRAME, 2);
    little(h + 34, 16, 2);              // bits per sample
    std::memcpy(h + 36, "data", 4);
    little(h + 40, data, 4);
}

/* Take room for the next two to four seconds, each time that the recording
 * goes from `was` to `is` over two seconds more. So a disk that fills up has
 * room for all that was said before, also for what is still in memory. The
 * file does not get longer by it. Where there is no such room, or the file
 * system cannot do it, the write itself will tell. */
void takeRoom(int fd, unsigned rate, uint64_t was, uint64_t is)
{
    const uint64_t step = (uint64_t)rate * AHEAD_SECONDS;
    if (was && was / step == is / step)
        return;
    const uint64_t end = (is / step + 2) * step;
    (void)!fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)(HEADER + is * FRAME),
                     (off_t)((end - is) * FRAME));
}

} // namespace

WavFile::WavFile(const std::string &filePath, unsigned sampleRate)
: path(filePath), rate(sampleRate)
{
}

WavFile::~WavFile()
{
    close();
}

void WavFile::append(const Chunk &chunk, Clock::time_point now)
{
    const uint64_t at = position + chunk.gap;
    position = at + chunk.frames;
    if (!create(now) || now < retryAt) {
        lost += chunk.frames;
        return;
    }
    // Without samples a chunk is a gap at the end: its last frame makes it.
    static const char silence[FRAME] = {0};
    const bool ok = chunk.frames
        ? writeAll(reinterpret_cast<const char *>(chunk.pcm.data()),
                   chunk.frames * FRAME, HEADER + at * FRAME)
        : writeAll(silence, FRAME, HEADER + (at - 1) * FRAME);
    if (!ok) {
        lost += chunk.frames;
        failed(errno, now);
        return;
    }
    takeRoom(fd, rate, extent, position);
    extent = position;
    unsynced = true;
}

bool WavFile::create(Clock::time_point now)
{
    if (fd >= 0)
        return true;
    if (finished || now < retryAt)
        return false;
    // Never over an existing file: it may be somebody's evidence.
    fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0) {
        failed(errno, now);
        return false;
    }
    struct stat st;
    if (fstat(fd, &st) == 0)
        dev = st.st_dev;
    patchHeader(now, true);
    takeRoom(fd, rate, 0, 0);
    return true;
}

bool WavFile::writeAll(const char *data, size_t bytes, uint64_t offset)
{
    while (bytes) {
        const ssize_t n = pwrite(fd, data, bytes, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            errno = n ? errno : ENOSPC;
            return false;
        }
        data += n;
        bytes -= (size_t)n;
        offset += (uint64_t)n;
    }
    return true;
}

void WavFile::failed(int errnum, Clock::time_point now)
{
    int none = 0;
    firstError.compare_exchange_strong(none, errnum);
    retryAt = now + std::chrono::seconds(1);
}

void WavFile::patchHeader(Clock::time_point now, bool force)
{
    if (fd < 0 || (!force && (patched == extent ||
                              now - patchedAt < std::chrono::seconds(1))))
        return;
    unsigned char header[HEADER];
    makeHeader(header, rate, extent);
    if (!writeAll(reinterpret_cast<char *>(header), HEADER, 0))
        failed(errno, now);
    patched = extent;
    patchedAt = now;
    unsynced = true;
}

void WavFile::synced(int errnum)
{
    unsynced = false;
    if (errnum)
        failed(errnum, Clock::now());
}

void WavFile::close()
{
    finished = true;
    if (fd < 0)
        return;
    if (patched != extent)
        patchHeader(Clock::now(), true);
    // The last moment at which a full or broken disk is reported.
    if (::close(fd) != 0)
        failed(errno, Clock::now());
    fd = -1;
}

} // namespace callfloor
