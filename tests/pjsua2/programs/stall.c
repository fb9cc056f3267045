/* For LD_PRELOAD: pwrite() waits for as long as the file $STALL exists, as it does on a card
 * that is busy with itself. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

typedef ssize_t (*pwrite_fn)(int, const void *, size_t, off_t);

static ssize_t stalled(const char *name, int fd, const void *buf, size_t len, off_t at)
{
    const char *flag = getenv("STALL");
    while (flag && access(flag, F_OK) == 0)
        usleep(10000);
    return ((pwrite_fn)dlsym(RTLD_NEXT, name))(fd, buf, len, at);
}

ssize_t pwrite(int fd, const void *buf, size_t len, off_t at)
{
    return stalled("pwrite", fd, buf, len, at);
}

ssize_t pwrite64(int fd, const void *buf, size_t len, off_t at)
{
    return stalled("pwrite64", fd, buf, len, at);
}
