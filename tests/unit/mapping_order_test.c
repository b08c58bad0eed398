/* A property of the mapper: order, splitting and repetition of its input do not show. */
#include <stdio.h>
#include <string.h>

#include "mapping_feed.h"
#include "support.h"

#define T0 ((ll_time)1795484700000)

/* One round of a small world as lines, each at its time. */
static size_t make_round(int round, char lines[][256])
{
    size_t n = 0;
    uint64_t seed = 99;
    for (int h = 0; h < 3; h++) {
        for (int cpu = 0; cpu < 4; cpu++) {
            static const char *const modes[] = {"user", "system", "idle", "iowait"};
            for (size_t m = 0; m < LL_LEN(modes); m++)
                snprintf(lines[n++], 256,
                         "node_cpu_seconds_total{job=\"node\",instance=\"h%d:1\",cpu=\"%d\",mode="
                         "\"%s\"} %.3f\n",
                         h, cpu, modes[m],
                         (double)(ll_test_random(&seed) % 1000) / 7 +
                             round * (0.1 + (double)(ll_test_random(&seed) % 1000) / 977));
        }
        snprintf(lines[n++], 256,
                 "node_memory_MemTotal_bytes{job=\"node\",instance=\"h%d:1\"} 9000\n", h);
        snprintf(lines[n++], 256,
                 "node_memory_MemAvailable_bytes{job=\"node\",instance=\"h%d:1\"} %d\n", h,
                 1000 + 13 * round + h);
        snprintf(lines[n++], 256,
                 "node_uname_info{job=\"node\",instance=\"h%d:1\",nodename=\"n%d\"} 1\n", h, h);
        for (int c = 0; c < 3; c++) {
            snprintf(lines[n++], 256,
                     "container_cpu_usage_seconds_total{namespace=\"n\",pod=\"p-%d\",container=\"c%"
                     "d\"} %.3f\n",
                     h, c, (double)(ll_test_random(&seed) % 1000) / 3 + round * 0.37 * (c + 1));
            snprintf(lines[n++], 256,
                     "kube_pod_container_resource_limits{namespace=\"n\",pod=\"p-%d\",container="
                     "\"c%d\",resource=\"cpu\"} 1\n",
                     h, c);
        }
        snprintf(lines[n++], 256,
                 "kube_pod_owner{namespace=\"n\",pod=\"p-%d\",owner_kind=\"StatefulSet\",owner_"
                 "name=\"p\"} 1\n",
                 h);
        /* One member ends in the fifth round and does not come again. */
        if (round < 5)
            snprintf(lines[n++], 256,
                     "namedprocess_namegroup_num_procs{job=\"p\",instance=\"h%d:1\",groupname="
                     "\"g\",n=\"x\"} %d\n",
                     h, round);
        else if (round == 5)
            snprintf(lines[n++], 256,
                     "namedprocess_namegroup_num_procs{job=\"p\",instance=\"h%d:1\",groupname="
                     "\"g\",n=\"x\"} STALE\n",
                     h);
        snprintf(lines[n++], 256,
                 "namedprocess_namegroup_num_procs{job=\"p\",instance=\"h%d:1\",groupname=\"g\",n="
                 "\"y\"} 5\n",
                 h);
    }
    return n;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What was said without facts, as sorted lines. */
static char *sorted(const struct ll_feed *f)
{
    static const char *v[20000];
    char *copy = strdup(ll_str_z(&f->said)), *save = NULL;
    size_t n = 0, at = 0;
    ck_assert_ptr_nonnull(copy);
    for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        if (strncmp(line, "facts", 5) != 0)
            v[n++] = line;
    qsort(v, n, sizeof(v[0]), by_text);
    char *out = malloc(f->said.n + 1);
    ck_assert_ptr_nonnull(out);
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(out + at, f->said.n + 1 - at, "%s\n", v[i]);
    out[at] = '\0';
    free(copy);
    return out;
}

/* The lines of each round in any order, cut into any number of requests, twice if asked. */
static char *play(uint64_t seed, bool shuffle, bool twice)
{
    static char lines[512][256];
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    for (int round = 0; round < 12; round++) {
        ll_time t = T0 + round * 15000;
        size_t n = make_round(round, lines);
        for (size_t i = n; shuffle && i > 1; i--) {
            char swap[256];
            size_t k = ll_test_random(&seed) % i;
            memcpy(swap, lines[i - 1], 256);
            memcpy(lines[i - 1], lines[k], 256);
            memcpy(lines[k], swap, 256);
        }
        for (size_t i = 0; i < n;) {
            struct ll_str text;
            ll_str_init(&text, 1 << 20);
            size_t most = shuffle ? 1 + ll_test_random(&seed) % n : n;
            for (size_t k = 0; k < most && i < n; k++)
                ll_str_addz(&text, lines[i++]);
            ll_feed_put(&f, t, ll_str_z(&text));
            if (twice)
                ll_feed_put(&f, t, ll_str_z(&text));
            ll_str_fini(&text);
        }
        ll_feed_close(&f, t + 4000, LL_MAPPER_WAITING);
    }
    char *said = sorted(&f);
    ll_feed_fini(&f);
    return said;
}

START_TEST(order_and_splitting_do_not_show)
{
    char *plain = play(1, false, false);
    ck_assert_ptr_nonnull(strstr(plain, "node CPU n2 []"));
    ck_assert_ptr_nonnull(strstr(plain, "n/p CPU p-1 []"));
    for (uint64_t seed = 2; seed < 32; seed++) {
        char *other = play(seed, true, seed % 2);
        ck_assert_str_eq(other, plain);
        free(other);
    }
    free(plain);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {order_and_splitting_do_not_show};
    return ll_test_run("mapping_order", tests, LL_LEN(tests));
}
