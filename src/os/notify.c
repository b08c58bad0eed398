#include "os/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/num.h"

bool ll_notify_send(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t n = path ? strlen(path) : 0;
    if (n < 2 || n >= sizeof(to.sun_path) || (path[0] != '/' && path[0] != '@'))
        return false;
    memcpy(to.sun_path, path, n);
    if (path[0] == '@')
        to.sun_path[0] = '\0'; /* the abstract namespace */

    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    size_t bytes = strlen(state);
    ssize_t sent = sendto(fd, state, bytes, MSG_NOSIGNAL, (const struct sockaddr *)&to, len);
    close(fd);
    return sent == (ssize_t)bytes;
}

ll_dur ll_notify_watchdog_interval(void)
{
    const char *usec = getenv("WATCHDOG_USEC");
    const char *pid = getenv("WATCHDOG_PID");
    int64_t interval, owner;
    if (!usec || !ll_num_parse_int(ll_slice_of(usec), &interval) || interval <= 0)
        return 0;
    if (pid && (!ll_num_parse_int(ll_slice_of(pid), &owner) || owner != getpid()))
        return 0;
    return LL_MAX(interval / 1000 / 2, 1);
}
