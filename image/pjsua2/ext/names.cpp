/* Callfloor: PJSIP's look-ups of host names, kept from holding up a call.
 *
 * PJSIP asks the system's resolver in the thread that wants to send: a line's
 * name before each REGISTER and OPTIONS, the Contact of a phone, the c= line
 * of an SDP. With a name server that does not answer, that thread stands still
 * for 10 s (resolv.conf(5): two tries of 5 s), and all other calls with it.
 * The linker puts this in front of pj_getaddrinfo() (--wrap): a name is looked
 * up in a thread of its own and kept, and nobody waits longer than PATIENCE.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <pj/addr_resolv.h>
#include <pj/errno.h>
#include <pj/sock.h>

extern "C" {
pj_status_t __real_pj_getaddrinfo(int af, const pj_str_t *name,
                                  unsigned *count, pj_addrinfo ai[]);
pj_status_t __wrap_pj_getaddrinfo(int af, const pj_str_t *name,
                                  unsigned *count, pj_addrinfo ai[]);
}

namespace {

typedef std::chrono::steady_clock Clock;
typedef std::pair<int, std::string> Key;    // address family, name

const std::chrono::milliseconds PATIENCE(200);
const std::chrono::seconds GOOD_FOR(60);    // then asked again; the old answer serves meanwhile
const std::chrono::seconds ASK_AGAIN(2);    // after a failure
const size_t NAMES = 256;
const unsigned AT_ONCE = 16;    // names never found; known ones are asked for beside twice as many
/* One name may be late for its own zone's sake. So many, and none found after them, tell that the
 * name server is; so many in any case, that somebody sends names in order to be waited for. */
const unsigned LATE_IN_A_ROW = 2;
const unsigned LATE_IN_ALL = 4;

struct Name
{
    std::vector<pj_sockaddr> addresses;     // the last that were found
    Clock::time_point asked, answered;
    bool asking, found;

    Name() : asking(false), found(false) {}
};

struct Names
{
    std::mutex lock;
    std::condition_variable answer;
    std::map<Key, Name> known;
    Clock::time_point found;                // when any name was, last
    unsigned asking;

    Names() : asking(0) {}
};

/* Never freed: a look-up may end after the program has begun to. */
Names &names()
{
    static Names *all = new Names();
    return *all;
}

std::vector<pj_sockaddr> ask(const Key &key)
{
    std::vector<pj_sockaddr> found;
    addrinfo hint, *first = NULL;
    std::memset(&hint, 0, sizeof(hint));
    hint.ai_family = key.first;
    hint.ai_socktype = SOCK_DGRAM;
    if (getaddrinfo(key.second.c_str(), NULL, &hint, &first) != 0)
        return found;
    for (addrinfo *at = first; at; at = at->ai_next) {
        pj_sockaddr address;
        if (at->ai_addrlen > sizeof(address) ||
            (at->ai_family != AF_INET && at->ai_family != AF_INET6))
            continue;
        std::memset(&address, 0, sizeof(address));
        std::memcpy(&address, at->ai_addr, at->ai_addrlen);
        found.push_back(address);
    }
    freeaddrinfo(first);
    return found;
}

void lookUp(const Key key)
{
    std::vector<pj_sockaddr> found = ask(key);
    std::lock_guard<std::mutex> guard(names().lock);
    Name &name = names().known[key];
    name.asking = false;
    name.found = !found.empty();
    name.answered = Clock::now();
    if (name.found) {           // else what was right before is the best guess
        name.addresses.swap(found);
        names().found = name.answered;
    }
    --names().asking;
    names().answer.notify_all();
}

/* With the lock held: whether this one would be waited for in vain. */
bool nobodyAnswers(const Key &key, Clock::time_point now)
{
    std::set<std::string> late, in_a_row;   // a name in both address families is one
    for (const std::pair<const Key, Name> &at : names().known)
        if (at.second.asking && now - at.second.asked >= PATIENCE) {
            late.insert(at.first.second);
            if (at.second.asked >= names().found)
                in_a_row.insert(at.first.second);
        }
    return late.count(key.second) || in_a_row.size() >= LATE_IN_A_ROW ||
           late.size() >= LATE_IN_ALL;
}

/* Names without an address go first: whoever sends many must not push out a line's. */
bool goesBefore(const Name &one, const Name &other)
{
    return one.addresses.empty() != other.addresses.empty() ? one.addresses.empty()
                                                            : one.asked < other.asked;
}

/* With the lock held: room for one more, if need be in place of another. */
void makeRoom()
{
    std::map<Key, Name> &known = names().known;
    if (known.size() < NAMES)
        return;
    std::map<Key, Name>::iterator first = known.end();
    for (std::map<Key, Name>::iterator at = known.begin(); at != known.end(); ++at)
        if (!at->second.asking &&
            (first == known.end() || goesBefore(at->second, first->second)))
            first = at;
    if (first != known.end())
        known.erase(first);
}

/* With the lock held: a look-up in the background, where one is due. */
void startIfDue(const Key &key, Name &name, Clock::time_point now)
{
    const bool never = name.answered == Clock::time_point();
    const Clock::duration rest = name.found ? Clock::duration(GOOD_FOR)
                                            : Clock::duration(ASK_AGAIN);
    const unsigned most = name.addresses.empty() ? AT_ONCE : 2 * AT_ONCE;
    if (name.asking || names().asking >= most ||
        (!never && now - name.answered < rest))
        return;
    try {
        std::thread(lookUp, key).detach();
    } catch (const std::system_error &) {
        return;                 // no thread to be had: the next one who asks tries again
    }
    name.asking = true;
    name.asked = now;
    ++names().asking;
}

bool isAddress(const std::string &text)
{
    unsigned char any[16];
    return inet_pton(AF_INET, text.c_str(), any) == 1 ||
           inet_pton(AF_INET6, text.c_str(), any) == 1;
}

std::vector<pj_sockaddr> addressesOf(const Key &key)
{
    std::unique_lock<std::mutex> guard(names().lock);
    const Clock::time_point now = Clock::now();
    const bool wait = !nobodyAnswers(key, now);
    if (!names().known.count(key))
        makeRoom();
    startIfDue(key, names().known[key], now);
    if (wait)                   // for each look-up once, however many ask for the name
        names().answer.wait_until(guard, names().known[key].asked + PATIENCE, [&key] {
            const Name &name = names().known[key];
            return !name.asking || !name.addresses.empty();
        });
    return names().known[key].addresses;
}

} // namespace

pj_status_t __wrap_pj_getaddrinfo(int af, const pj_str_t *name,
                                  unsigned *count, pj_addrinfo ai[])
{
    if (!name || !name->ptr || name->slen <= 0 || name->slen >= PJ_MAX_HOSTNAME)
        return __real_pj_getaddrinfo(af, name, count, ai);
    const Key key(af, std::string(name->ptr, (size_t)name->slen));
    if (isAddress(key.second))
        return __real_pj_getaddrinfo(af, name, count, ai);
    const std::vector<pj_sockaddr> found = addressesOf(key);
    const unsigned n = std::min(*count, (unsigned)found.size());
    for (unsigned i = 0; i < n; ++i) {
        std::memset(&ai[i], 0, sizeof(ai[i]));
        std::memcpy(ai[i].ai_canonname, key.second.c_str(), key.second.size());
        ai[i].ai_addr = found[i];
    }
    *count = n;
    return n ? PJ_SUCCESS : PJ_ERESOLVE;
}
