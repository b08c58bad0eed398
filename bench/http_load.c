/* A small HTTP load generator: keep-alive connections on one epoll, one request in flight on
 * each.  Prints requests, seconds, and the CPU seconds that the server (its pid) used.
 * usage: http_load PORT PATH SECONDS CONNECTIONS PID */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/defs.h"

enum { CONNECTIONS_MAX = 256, BUFFER = 256 << 10 };

struct client {
    int fd;
    size_t left; /* bytes of the answer still to come */
};

static char buffer[BUFFER];
static char request[1024];
static int request_n;

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* utime + stime of a process. */
static double cpu_seconds(long pid)
{
    char path[64], line[1024] = "";
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    FILE *f = fopen(path, "r");
    if (!f)
        return 0;
    if (fgets(line, sizeof(line), f)) {
        const char *behind = strrchr(line, ')');
        if (!behind || sscanf(behind + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                              &user, &system) != 2)
            user = system = 0;
    }
    fclose(f);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static int open_one(long port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
        fprintf(stderr, "http_load: cannot connect to port %ld\n", port);
        exit(1);
    }
    return fd;
}

static void ask(struct client *c)
{
    c->left = 0;
    if (send(c->fd, request, (size_t)request_n, MSG_NOSIGNAL) != request_n) {
        fprintf(stderr, "http_load: the server closed a connection\n");
        exit(1);
    }
}

/* True when the answer is complete. */
static bool take(struct client *c)
{
    ssize_t n = recv(c->fd, buffer, sizeof(buffer) - 1, 0);
    if (n <= 0) {
        fprintf(stderr, "http_load: the server closed a connection\n");
        exit(1);
    }
    buffer[n] = '\0';
    if (c->left == 0) { /* the head comes whole in the first packet */
        const char *end = strstr(buffer, "\r\n\r\n");
        const char *length = strcasestr(buffer, "Content-Length: ");
        if (!end || !length || strncmp(buffer, "HTTP/1.1 200", 12) != 0) {
            fprintf(stderr, "http_load: not a 200: %.200s\n", buffer);
            exit(1);
        }
        c->left = (size_t)(end + 4 - buffer) + strtoul(length + 16, NULL, 10);
    }
    c->left -= LL_MIN(c->left, (size_t)n);
    return c->left == 0;
}

int main(int argc, char **argv)
{
    static struct client clients[CONNECTIONS_MAX];
    if (argc != 6) {
        fprintf(stderr, "usage: http_load PORT PATH SECONDS CONNECTIONS PID\n");
        return 2;
    }
    long port = strtol(argv[1], NULL, 10), n = strtol(argv[4], NULL, 10);
    long pid = strtol(argv[5], NULL, 10), requests = 0;
    double length = (double)strtol(argv[3], NULL, 10);
    request_n = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%ld\r\n\r\n",
                         argv[2], port);
    int ep = epoll_create1(0);
    for (long i = 0; i < LL_MIN(n, (long)CONNECTIONS_MAX); i++) {
        clients[i].fd = open_one(port);
        epoll_ctl(ep, EPOLL_CTL_ADD, clients[i].fd,
                  &(struct epoll_event){.events = EPOLLIN, .data.ptr = &clients[i]});
        ask(&clients[i]);
    }
    double cpu = cpu_seconds(pid), start = seconds();
    while (seconds() - start < length) {
        struct epoll_event ready[64];
        int got = epoll_wait(ep, ready, 64, 1000);
        for (int i = 0; i < got; i++)
            if (take(ready[i].data.ptr)) {
                requests++;
                ask(ready[i].data.ptr);
            }
    }
    double took = seconds() - start;
    cpu = cpu_seconds(pid) - cpu;
    printf("%ld %.2f %.2f\n", requests, took, cpu);
    return 0;
}
