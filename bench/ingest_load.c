/* Remote-write requests, made once and sent alike to whoever listens.
 *
 * usage: ingest_load make FILE LANES BLOCKS STEPS START_MS
 *        ingest_load send FILE PORT PATH PID
 *        ingest_load decode FILE
 * make: requests of 2,000 samples of 2,000 series each, BLOCKS of such series for each lane, STEPS
 * times 15 s apart.  send: one connection a lane, in order, each request once; prints
 * samples, seconds, CPU seconds of the server (utime + stime), p50, p99 and the longest answer in
 * ms, refused requests, samples that the answers say are written (-1 = they do not say).
 * decode: what reading them costs us: ns a sample for snappy and for the message. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <snappy-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "collect/remote_write.h"
#include "collect/snappy.h"

enum { SERIES = 2000, LANES_MAX = 16, ANSWER_MAX = 16 << 10, STEP_MS = 15000 };

struct request {
    uint32_t lane, n; /* as in the file: lane, length, bytes */
    const char *bytes;
};

struct requests {
    char *file;
    struct request *v;
    size_t n;
};

struct lane {
    int fd;
    uint32_t id;
    size_t next; /* request to send */
    double sent;
    size_t answer_n;
    char answer[ANSWER_MAX];
};

struct tally {
    double *ms;
    size_t n, refused;
    long long written;
    bool says_written;
};

static void die(const char *what)
{
    fprintf(stderr, "ingest_load: %s\n", what);
    exit(1);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Of this process: others may be busy too. */
static double own_cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_seconds(long pid)
{
    char path[64], line[1024] = "";
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    FILE *f = fopen(path, "r");
    const char *behind = f && fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
    if (behind && sscanf(behind + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                         &system) != 2)
        user = system = 0;
    if (f)
        fclose(f);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static void put_varint(struct ll_str *out, uint64_t v)
{
    for (; v >= 128; v >>= 7)
        ll_str_addc(out, (char)((v & 127u) | 128u));
    ll_str_addc(out, (char)v);
}

static void put_bytes(struct ll_str *out, unsigned field, const char *s, size_t n)
{
    put_varint(out, field << 3 | 2);
    put_varint(out, n);
    ll_str_add(out, s, n);
}

static void put_label(struct ll_str *out, const char *name, const char *value)
{
    char pair[256];
    size_t n = strlen(name), v = strlen(value);
    int size = snprintf(pair, sizeof(pair), "\x0a%c%s\x12%c%s", (int)n, name, (int)v, value);
    put_bytes(out, 1, pair, (size_t)size);
}

/* Six labels, as a kubelet's container metrics have them. */
static void put_series(struct ll_str *out, struct ll_str *series, unsigned i, ll_time t)
{
    char pod[64], node[32], sample[24] = "\x09";
    double value = (double)i + (double)(t % 100000) / 7; /* moves, as real ones do */
    ll_str_clear(series);
    snprintf(pod, sizeof(pod), "order-gateway-%u-7d9f8b6c5d-x%04u", i % 40, i);
    snprintf(node, sizeof(node), "node-%u.example", i % 25);
    put_label(series, "__name__",
              i % 2 ? "container_cpu_usage_seconds_total" : "container_memory_working_set_bytes");
    put_label(series, "container", "main");
    put_label(series, "instance", node);
    put_label(series, "job", "kubelet");
    put_label(series, "namespace", "trading");
    put_label(series, "pod", pod);
    memcpy(sample + 1, &value, sizeof(value));
    struct ll_str rest;
    ll_str_init(&rest, sizeof(sample));
    ll_str_add(&rest, sample, 9);
    put_varint(&rest, 2 << 3);
    put_varint(&rest, (uint64_t)t);
    put_bytes(series, 2, rest.s, rest.n);
    ll_str_fini(&rest);
    put_bytes(out, 1, series->s, series->n);
}

static void make_request(FILE *f, uint32_t lane, unsigned first, ll_time t)
{
    struct ll_str message, series;
    ll_str_init(&message, 64 << 20);
    ll_str_init(&series, 4096);
    for (unsigned i = 0; i < SERIES; i++)
        put_series(&message, &series, first + i, t);
    size_t n = snappy_max_compressed_length(message.n);
    char *block = malloc(n);
    if (message.failed || !block || snappy_compress(message.s, message.n, block, &n) != SNAPPY_OK)
        die("no memory");
    uint32_t head[2] = {lane, (uint32_t)n};
    if (fwrite(head, sizeof(head), 1, f) != 1 || fwrite(block, n, 1, f) != 1)
        die("cannot write the file");
    free(block);
    ll_str_fini(&series);
    ll_str_fini(&message);
}

static int make(char **argv)
{
    FILE *f = fopen(argv[0], "wb");
    unsigned lanes = (unsigned)strtoul(argv[1], NULL, 10);
    unsigned blocks = (unsigned)strtoul(argv[2], NULL, 10);
    unsigned steps = (unsigned)strtoul(argv[3], NULL, 10);
    ll_time start = strtoll(argv[4], NULL, 10);
    if (!f)
        die("cannot write the file");
    for (unsigned s = 0; s < steps; s++)
        for (unsigned b = 0; b < blocks; b++)
            for (unsigned l = 0; l < lanes; l++)
                make_request(f, l, (l * blocks + b) * SERIES, start + (ll_time)s * STEP_MS);
    if (fclose(f) != 0)
        die("cannot write the file");
    return 0;
}

static struct requests load(const char *path)
{
    struct requests r = {0};
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0)
        die("cannot read the file");
    size_t n = (size_t)ftell(f), at = 0;
    rewind(f);
    r.file = malloc(n + 1);
    r.v = calloc(n / 16 + 1, sizeof(*r.v));
    if (!r.file || !r.v || fread(r.file, 1, n, f) != n)
        die("cannot read the file");
    fclose(f);
    while (at + 8 <= n) {
        struct request *x = &r.v[r.n++];
        memcpy(x, r.file + at, 8);
        x->bytes = r.file + at + 8;
        at += 8 + x->n;
    }
    return r;
}

static int open_one(long port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1; /* or the end of a body waits for the acknowledgement of its head */
    if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
        connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0)
        die("cannot connect");
    return fd;
}

static void send_all(int fd, const char *s, size_t n)
{
    for (ssize_t got; n > 0; s += got, n -= (size_t)got) {
        got = send(fd, s, n, MSG_NOSIGNAL);
        if (got <= 0)
            die("the server closed a connection");
    }
}

/* Sends the lane's next request; false = there is none. */
static bool ask(struct lane *l, const struct requests *all, long port, const char *path)
{
    char head[512];
    while (l->next < all->n && all->v[l->next].lane != l->id)
        l->next++;
    if (l->next == all->n)
        return false;
    const struct request *r = &all->v[l->next++];
    int n = snprintf(head, sizeof(head),
                     "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%ld\r\nContent-Type: "
                     "application/x-protobuf\r\nContent-Encoding: snappy\r\n"
                     "X-Prometheus-Remote-Write-Version: 0.1.0\r\nContent-Length: %u\r\n\r\n",
                     path, port, r->n);
    l->sent = seconds();
    l->answer_n = 0;
    send_all(l->fd, head, (size_t)n);
    send_all(l->fd, r->bytes, r->n);
    return true;
}

/* True when the answer is whole; counts it. */
static bool take(struct lane *l, struct tally *t)
{
    ssize_t n = recv(l->fd, l->answer + l->answer_n, sizeof(l->answer) - 1 - l->answer_n, 0);
    if (n <= 0)
        die("the server closed a connection");
    l->answer_n += (size_t)n;
    l->answer[l->answer_n] = '\0';
    const char *end = strstr(l->answer, "\r\n\r\n");
    const char *length = end ? strcasestr(l->answer, "\r\nContent-Length: ") : NULL;
    size_t body = length && length < end ? strtoul(length + 18, NULL, 10) : 0;
    if (!end || l->answer_n < (size_t)(end + 4 - l->answer) + body)
        return false;
    t->ms[t->n++] = (seconds() - l->sent) * 1e3;
    const char *written = strcasestr(l->answer, "\r\nX-Prometheus-Remote-Write-Samples-Written: ");
    t->says_written |= written != NULL;
    t->written += written ? strtol(written + 45, NULL, 10) : 0;
    if (strncmp(l->answer, "HTTP/1.1 20", 11) != 0 && t->refused++ == 0)
        fprintf(stderr, "ingest_load: %.300s\n", l->answer);
    return true;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int send_requests(char **argv)
{
    static struct lane lanes[LANES_MAX];
    struct requests all = load(argv[0]);
    long port = strtol(argv[1], NULL, 10), pid = strtol(argv[3], NULL, 10);
    struct tally t = {.ms = calloc(all.n + 1, sizeof(double))};
    int ep = epoll_create1(0);
    if (!t.ms || all.n == 0)
        die("there is nothing to send");
    double cpu = cpu_seconds(pid), start = seconds();
    uint32_t used = 0;
    for (size_t i = 0; i < all.n; i++)
        used = LL_MAX(used, all.v[i].lane + 1);
    if (used > LANES_MAX)
        die("too many lanes");
    for (uint32_t i = 0; i < used; i++) {
        lanes[i].id = i;
        lanes[i].fd = open_one(port);
        epoll_ctl(ep, EPOLL_CTL_ADD, lanes[i].fd,
                  &(struct epoll_event){.events = EPOLLIN, .data.ptr = &lanes[i]});
        ask(&lanes[i], &all, port, argv[2]);
    }
    while (t.n < all.n) {
        struct epoll_event ready[LANES_MAX];
        int got = epoll_wait(ep, ready, LANES_MAX, 60000);
        if (got <= 0)
            die("no answer within a minute");
        for (int i = 0; i < got; i++)
            if (take(ready[i].data.ptr, &t))
                ask(ready[i].data.ptr, &all, port, argv[2]);
    }
    double took = seconds() - start;
    cpu = cpu_seconds(pid) - cpu;
    qsort(t.ms, t.n, sizeof(double), by_value);
    printf("%zu %.3f %.2f %.2f %.2f %.2f %zu %lld\n", t.n * SERIES, took, cpu, t.ms[t.n / 2],
           t.ms[t.n * 99 / 100], t.ms[t.n - 1], t.refused, t.says_written ? t.written : -1);
    return 0;
}

static int decode(char **argv)
{
    struct requests all = load(argv[0]);
    double snappy = 0, message = 0;
    for (size_t i = 0; i < all.n; i++) {
        char *bytes;
        size_t n;
        struct ll_err err;
        struct ll_labeled_set *set;
        struct ll_remote_write_result res;
        const struct ll_remote_write_opts opts = {.now = LL_TIME_MAX - LL_DAY, .oldest = 0};
        double a = own_cpu();
        if (!ll_snappy_decode((struct ll_slice){all.v[i].bytes, all.v[i].n}, 64 << 20, &bytes, &n,
                              &err))
            die(err.text);
        double b = own_cpu();
        if (!ll_remote_write_decode((struct ll_slice){bytes, n}, &opts, &set, &res, &err) ||
            res.samples != SERIES)
            die("not decoded");
        double c = own_cpu();
        ll_labeled_set_free(set);
        free(bytes);
        snappy += b - a;
        message += c - b;
    }
    double samples = (double)(all.n * SERIES);
    printf("%.0f samples: snappy %.0f ns, message %.0f ns a sample\n", samples,
           snappy / samples * 1e9, message / samples * 1e9);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 7 && strcmp(argv[1], "make") == 0)
        return make(argv + 2);
    if (argc == 6 && strcmp(argv[1], "send") == 0)
        return send_requests(argv + 2);
    if (argc == 3 && strcmp(argv[1], "decode") == 0)
        return decode(argv + 2);
    fprintf(stderr, "usage: ingest_load make|send|decode FILE ...\n");
    return 2;
}
