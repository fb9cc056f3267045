/* For LD_PRELOAD: no name of the domain deaf.example is found for as long as the file $DEAF exists,
 * nor refused: the name server does not answer. Then each of them is 127.0.0.1, as are those of
 * quick.example at all times; none of none.example is ever found. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int (*getaddrinfo_fn)(const char *, const char *, const struct addrinfo *,
                              struct addrinfo **);

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hint,
                struct addrinfo **found)
{
    const char *flag = getenv("DEAF");
    if (name && strstr(name, "deaf.example")) {
        while (flag && access(flag, F_OK) == 0)
            usleep(10000);
        name = "127.0.0.1";
    } else if (name && strstr(name, "quick.example")) {
        usleep(20000);
        name = "127.0.0.1";
    } else if (name && strstr(name, "none.example")) {
        return EAI_NONAME;
    }
    return ((getaddrinfo_fn)dlsym(RTLD_NEXT, "getaddrinfo"))(name, service, hint, found);
}
