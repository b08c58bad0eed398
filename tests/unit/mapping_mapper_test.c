/* Built-in recipes: hand-made series in, numbers that were worked out by hand out. */
#include <math.h>
#include <string.h>

#include "mapping_feed.h"
#include "support.h"

#define T0 ((ll_time)1795484700000)

#define SAYS(f, start, rest)                                                                       \
    do {                                                                                           \
        const char *line_ = ll_feed_line(f, start);                                                \
        ck_assert_msg(line_ != NULL, "nobody said '%s':\n%s", start, ll_str_z(&(f)->said));        \
        ck_assert_str_eq(line_ + strlen(start), rest);                                             \
    } while (0)

#define SILENT(f, start)                                                                           \
    ck_assert_msg(ll_feed_line(f, start) == NULL, "somebody said '%s'", ll_feed_line(f, start))

/* Two CPUs at two times, 10 s apart: 4 + 2 s of user and system, 1 s of iowait, 13 s idle. */
START_TEST(cpu_is_all_but_idle_and_iowait)
{
    static const char *const first =
        "node_uname_info{job=\"node\",instance=\"10.0.0.1:9100\",nodename=\"web1\"} 1\n"
        "node_cpu_seconds_total{job=\"node\",instance=\"10.0.0.1:9100\",cpu=\"0\",mode=\"user\"} "
        "100\n"
        "node_cpu_seconds_total{job=\"node\",instance=\"10.0.0.1:9100\",cpu=\"0\",mode=\"system\"} "
        "50\n"
        "node_cpu_seconds_total{job=\"node\",instance=\"10.0.0.1:9100\",cpu=\"0\",mode=\"idle\"} "
        "9\n"
        "node_cpu_seconds_total{job=\"node\",instance=\"10.0.0.1:9100\",cpu=\"0\",mode=\"iowait\"} "
        "0\n"
        "node_cpu_seconds_total{job=\"node\",instance=\"10.0.0.1:9100\",cpu=\"1\",mode=\"user\"} "
        "7\n"
        "node_cpu_seconds_total{job=\"node\",instance=\"10.0.0.1:9100\",cpu=\"1\",mode=\"idle\"} "
        "7\n";
    static const char *const second =
        "node_uname_info{job=\"node\",instance=\"10.0.0.1:9100\",nodename=\"web1\"} 1\n"
        "node_cpu_seconds_total{job=\"node\",instance=\"10.0.0.1:9100\",cpu=\"0\",mode=\"user\"} "
        "103\n"
        "node_cpu_seconds_total{job=\"node\",instance=\"10.0.0.1:9100\",cpu=\"0\",mode=\"system\"} "
        "52\n"
        "node_cpu_seconds_total{job=\"node\",instance=\"10.0.0.1:9100\",cpu=\"0\",mode=\"idle\"} "
        "13\n"
        "node_cpu_seconds_total{job=\"node\",instance=\"10.0.0.1:9100\",cpu=\"0\",mode=\"iowait\"} "
        "1\n"
        "node_cpu_seconds_total{job=\"node\",instance=\"10.0.0.1:9100\",cpu=\"1\",mode=\"user\"} "
        "8\n"
        "node_cpu_seconds_total{job=\"node\",instance=\"10.0.0.1:9100\",cpu=\"1\",mode=\"idle\"} "
        "16\n";
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_feed_put(&f, T0, first);
    ll_feed_close(&f, T0 + 5000, LL_MAPPER_WAITING);
    ck_assert_uint_eq(f.samples, 0); /* no rate yet */
    ll_feed_put(&f, T0 + 10000, second);
    SAYS(&f, "node CPU web1 []", " cores 0.6 of 2 primary @1795484710000");
    SAYS(&f, "node CPU web1 [user]", " cores 0.4 of - @1795484710000");
    SAYS(&f, "node CPU web1 [system]", " cores 0.2 of - @1795484710000");
    SAYS(&f, "node CPU web1 [iowait]", " cores 0.1 of - @1795484710000");
    ck_assert_uint_eq(f.samples, 4);
    ll_feed_put(&f, T0 + 10000, second); /* a retry of the sender */
    ck_assert_uint_eq(f.samples, 4);
    ll_feed_fini(&f);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {cpu_is_all_but_idle_and_iowait};
    return ll_test_run("mapping_mapper", tests, LL_LEN(tests));
}
