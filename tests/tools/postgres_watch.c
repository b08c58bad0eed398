/* The PostgreSQL collector by itself: each line of standard input makes one collection, printed
 * as a line of JSON with what it could not see and how long it took.
 *
 *     postgres_watch CONNINFO [PASSWORD_FILE [TIMEOUT_MS]]
 *
 * A line that is a number moves the collector's clock on by as many ms, for rates and back-off. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/num.h"
#include "collect/postgres.h"

enum { SAMPLES_MAX = 2048 };

static ll_time clock_ms(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (ll_time)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void print_text(const char *s, size_t n)
{
    putchar('"');
    for (size_t i = 0; i < n; i++)
        if (s[i] == '"' || s[i] == '\\' || (unsigned char)s[i] < ' ')
            printf("\\u%04x", (unsigned char)s[i]);
        else
            putchar(s[i]);
    putchar('"');
}

static void print_z(const char *key, const char *z)
{
    size_t n = 0;
    while (z[n])
        n++;
    printf("\"%s\":", key);
    print_text(z, n);
    putchar(',');
}

static void print_sample(const struct ll_sample *s, bool first)
{
    char value[LL_NUM_TEXT_MAX], capacity[LL_NUM_TEXT_MAX];
    ll_num_format(s->value, value);
    ll_num_format(s->capacity, capacity);
    printf("%s{\"part\":", first ? "" : ",");
    print_text(s->key.part.s, s->key.part.n);
    printf(",\"service\":\"%.*s\",\"instance\":\"%.*s\",\"resource_type\":\"%s\",\"unit\":\"%s\","
           "\"primary\":%s,\"current_value\":%s,\"capacity\":%s}",
           (int)s->key.service.n, s->key.service.s, (int)s->key.instance.n, s->key.instance.s,
           ll_resource_name(s->key.type), ll_unit_name(s->unit), s->primary ? "true" : "false",
           value, capacity);
}

static bool collect_once(struct ll_collector *c, ll_dur moved)
{
    struct ll_err err = {0};
    LL_AUTO(ll_batch) b = ll_batch_new(SAMPLES_MAX, 0, LL_ORIGIN_COLLECTOR);
    if (!b)
        return false;
    ll_time from = clock_ms(CLOCK_MONOTONIC);
    bool ok =
        c->ops->collect(c, clock_ms(CLOCK_REALTIME), clock_ms(CLOCK_BOOTTIME) + moved, b, &err);
    printf("{\"ok\":%s,\"ms\":%lld,", ok ? "true" : "false",
           (long long)(clock_ms(CLOCK_MONOTONIC) - from));
    print_z("error", ok ? "" : err.text);
    print_z("note", c->ops->note(c));
    printf("\"metrics\":[");
    for (size_t i = 0; i < b->n; i++)
        print_sample(&b->v[i], i == 0);
    printf("]}\n");
    fflush(stdout);
    return true;
}

int main(int argc, char **argv)
{
    char line[64];
    ll_dur moved = 0;
    struct ll_err err;
    struct ll_collector *c;
    const struct ll_postgres_opts opts = {.service = "pg",
                                          .conninfo = argc > 1 ? argv[1] : "",
                                          .password_file = argc > 2 && *argv[2] ? argv[2] : NULL,
                                          .timeout = argc > 3 ? strtol(argv[3], NULL, 10) : 0};
    if (!ll_collector_postgres.open(&opts, &c, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return ll_err_info(err.code)->exit_code;
    }
    while (fgets(line, sizeof(line), stdin)) {
        moved += strtol(line, NULL, 10);
        if (!collect_once(c, moved))
            return 1;
    }
    c->ops->close(c);
    return 0;
}
