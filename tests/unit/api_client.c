#include "api_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

long client_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int client_connect(unsigned port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    LL_ASSERT(fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
    return fd;
}

void client_send(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t wrote = send(fd, bytes, n, MSG_NOSIGNAL);
        if (wrote <= 0)
            return; /* closed on us: the answer tells */
        bytes += wrote;
        n -= (size_t)wrote;
    }
}

static bool readable(int fd, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, ms) > 0;
}

static size_t whole_length(const char *head, const char *end, bool no_body)
{
    const char *length = strcasestr(head, "\r\nContent-Length:");
    size_t head_n = (size_t)(end - head) + 4;
    if (no_body || !length || length > end)
        return no_body ? head_n : SIZE_MAX;
    return head_n + strtoul(length + 17, NULL, 10);
}

char *client_read(int fd, int *status, bool head)
{
    char *buf = calloc(1, ANSWER_MAX + 1);
    size_t n = 0, want = SIZE_MAX;
    LL_ASSERT(buf);
    while (n < want && n < ANSWER_MAX && readable(fd, 40000)) {
        ssize_t got = recv(fd, buf + n, ANSWER_MAX - n, 0);
        if (got <= 0)
            break;
        n += (size_t)got;
        const char *end = strstr(buf, "\r\n\r\n");
        bool empty = strncmp(buf + 8, " 204", 4) == 0 || strncmp(buf + 8, " 304", 4) == 0;
        if (want == SIZE_MAX && end)
            want = whole_length(buf, end, head || empty);
    }
    *status = 0;
    if (n > 12)
        *status = (int)strtol(buf + 9, NULL, 10);
    return buf;
}

char *client_read_until(int fd, const char *text, int ms)
{
    char *buf = calloc(1, ANSWER_MAX + 1);
    size_t n = 0;
    long end = client_ms() + ms;
    LL_ASSERT(buf);
    while (n < ANSWER_MAX && !strstr(buf, text)) {
        long left = end - client_ms();
        if (left <= 0 || !readable(fd, (int)left))
            break;
        ssize_t got = recv(fd, buf + n, ANSWER_MAX - n, 0);
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    return buf;
}

char *client_ask(unsigned port, const char *method, const char *path, const char *extra,
                 const char *body, int *status)
{
    char head[16384];
    int fd = client_connect(port);
    const char *host = strcasestr(extra, "Host:") ? "" : "Host: localhost\r\n";
    int n = snprintf(head, sizeof(head), "%s %s HTTP/1.1\r\n%s%s", method, path, host, extra);
    if (body)
        n += snprintf(head + n, sizeof(head) - (size_t)n, "Content-Length: %zu\r\n", strlen(body));
    n += snprintf(head + n, sizeof(head) - (size_t)n, "\r\n");
    client_send(fd, head, (size_t)n);
    if (body)
        client_send(fd, body, strlen(body));
    char *answer = client_read(fd, status, strcmp(method, "HEAD") == 0);
    close(fd);
    return answer;
}

long client_wait_close(int fd, int ms)
{
    char buf[4096];
    long start = client_ms();
    while (client_ms() - start < ms)
        if (readable(fd, 100) && recv(fd, buf, sizeof(buf), 0) <= 0)
            return client_ms() - start;
    return -1;
}
