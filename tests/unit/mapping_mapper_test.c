/* Built-in recipes: hand-made series in, numbers that were worked out by hand out. */
#include <math.h>
#include <stdio.h>
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

#define NODE "job=\"node\",instance=\"h:9100\""

START_TEST(memory_and_swap)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_feed_put(&f, T0,
                "node_memory_MemTotal_bytes{" NODE "} 1000\n"
                "node_memory_MemAvailable_bytes{" NODE "} 400\n"
                "node_memory_SwapTotal_bytes{" NODE "} 0\n"
                "node_memory_SwapFree_bytes{" NODE "} 0\n");
    ll_feed_close(&f, T0 + 2999, LL_MAPPER_WAITING);
    ck_assert_uint_eq(f.samples, 0); /* members of a new group may still be on their way */
    ll_feed_close(&f, T0 + 3000, LL_MAPPER_WAITING);
    SAYS(&f, "node MEMORY h []", " bytes 600 of 1000 primary @1795484700000");
    SILENT(&f, "node MEMORY h [swap]"); /* none is there */
    ll_feed_put(&f, T0 + 15000,
                "node_memory_MemTotal_bytes{" NODE "} 1000\n"
                "node_memory_SwapTotal_bytes{" NODE "} 100\n"
                "node_memory_MemAvailable_bytes{" NODE "} 300\n"
                "node_memory_SwapFree_bytes{" NODE "} 25\n");
    SAYS(&f, "node MEMORY h []", " bytes 700 of 1000 primary @1795484715000");
    SAYS(&f, "node MEMORY h [swap]", " bytes 75 of 100 @1795484715000");
    ll_feed_fini(&f);
}
END_TEST

#define FS(metric, device, type, point, value)                                                     \
    metric "{" NODE ",device=\"" device "\",fstype=\"" type "\",mountpoint=\"" point "\"} " value  \
           "\n"
#define SPACE(device, type, point, size, free, avail)                                              \
    FS("node_filesystem_size_bytes", device, type, point, size)                                    \
    FS("node_filesystem_free_bytes", device, type, point, free)                                    \
    FS("node_filesystem_avail_bytes", device, type, point, avail)

START_TEST(space_as_df_has_it)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_feed_put(
        &f, T0,
        SPACE("/dev/sdb", "xfs", "/data", "5000", "4000", "4000")
            SPACE("/dev/sda", "ext4", "/", "1000", "400", "350")
                SPACE("/dev/sdb", "xfs", "/var/lib/data", "5000", "4000", "4000") /* bound */
        SPACE("tmpfs", "tmpfs", "/run", "100", "90", "90")
            SPACE("server:/x", "nfs4", "/mnt", "100", "90", "90")
                SPACE("overlay", "overlay", "/var/lib/docker/overlay2/x/merged", "9", "8", "8")
                    FS("node_filesystem_files", "/dev/sda", "ext4", "/", "500")
                        FS("node_filesystem_files_free", "/dev/sda", "ext4", "/", "120")
                            FS("node_filesystem_files", "/dev/sdb", "xfs", "/data", "0")
                                FS("node_filesystem_files_free", "/dev/sdb", "xfs", "/data", "0"));
    ll_feed_close(&f, T0, LL_MAPPER_COMPLETE);
    SAYS(&f, "node DISK h [/]", " bytes 600 of 950 primary @1795484700000");
    SAYS(&f, "node DISK h [/data]", " bytes 1000 of 5000 @1795484700000");
    SAYS(&f, "node DISK h [/ inodes]", " files 380 of 500 @1795484700000");
    ck_assert_uint_eq(f.samples, 3);
    ll_feed_fini(&f);
}
END_TEST

START_TEST(without_a_root_the_largest_disk_is_primary)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_feed_put(&f, T0,
                SPACE("/dev/sdb", "xfs", "/b", "5000", "4000", "4000")
                    SPACE("/dev/sda", "ext4", "/a", "1000", "400", "350"));
    ll_feed_close(&f, T0, LL_MAPPER_COMPLETE);
    SAYS(&f, "node DISK h [/b]", " bytes 1000 of 5000 primary @1795484700000");
    SAYS(&f, "node DISK h [/a]", " bytes 600 of 950 @1795484700000");
    ll_feed_fini(&f);
}
END_TEST

#define RX(device, value)                                                                          \
    "node_network_receive_bytes_total{" NODE ",device=\"" device "\"} " value "\n"                 \
    "node_network_transmit_bytes_total{" NODE ",device=\"" device "\"} " value "\n"
#define INFO(device, state)                                                                        \
    "node_network_info{" NODE ",device=\"" device "\",operstate=\"" state "\"} 1\n"
#define LINKS                                                                                      \
    INFO("eth0", "down")                                                                           \
    INFO("eth1", "up")                                                                             \
    INFO("eth2", "unknown")                                                                        \
    INFO("lo", "unknown")                                                                          \
    "node_network_speed_bytes{" NODE ",device=\"eth1\"} 1.25e8\n"                                  \
    "node_network_speed_bytes{" NODE ",device=\"eth2\"} -125000\n"

START_TEST(interfaces_that_carry_traffic)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_feed_put(&f, T0,
                LINKS RX("eth0", "5") RX("eth1", "1000") RX("eth2", "0") RX("lo", "5")
                    RX("veth12ab", "7") RX("docker0", "7"));
    ll_feed_put(&f, T0 + 10000,
                LINKS RX("eth0", "5") RX("eth1", "6000") RX("eth2", "10") RX("lo", "15")
                    RX("veth12ab", "9") RX("docker0", "9"));
    SAYS(&f, "node NETWORK h [eth1 rx]",
         " bytes_per_second 500 of 125000000 primary @1795484710000");
    SAYS(&f, "node NETWORK h [eth1 tx]", " bytes_per_second 500 of 125000000 @1795484710000");
    SAYS(&f, "node NETWORK h [eth2 rx]", " bytes_per_second 1 of - @1795484710000");
    ck_assert_uint_eq(f.samples, 4); /* not down ones, not virtual ones */
    ll_feed_fini(&f);
}
END_TEST

START_TEST(disks_whole_and_busy_at_most_one)
{
#define IO(device, value)                                                                          \
    "node_disk_io_time_seconds_total{" NODE ",device=\"" device "\"} " value "\n"
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_feed_put(&f, T0,
                IO("sda", "10") IO("sda1", "10") IO("nvme0n1", "0") IO("nvme0n1p1", "0")
                    IO("dm-0", "1") IO("loop3", "1") IO("md0", "1"));
    ll_feed_put(&f, T0 + 10000,
                IO("sda", "20.02") IO("sda1", "20") IO("nvme0n1", "5") IO("nvme0n1p1", "5")
                    IO("dm-0", "2") IO("loop3", "2") IO("md0", "2"));
    SAYS(&f, "node DISK h [sda busy]", " ratio 1 of 1 @1795484710000");
    SAYS(&f, "node DISK h [nvme0n1 busy]", " ratio 0.5 of 1 @1795484710000");
    ck_assert_uint_eq(f.samples, 2);
    ll_feed_fini(&f);
}
END_TEST

/* The tracker bounds connections once it was seen at work, and from then on. */
START_TEST(connections_and_what_bounds_them)
{
#define CONN(entries, files)                                                                       \
    "node_sockstat_TCP_inuse{" NODE "} 10\n"                                                       \
    "node_sockstat_TCP6_inuse{" NODE "} 5\n"                                                       \
    "node_filefd_allocated{" NODE "} 900\n"                                                        \
    "node_filefd_maximum{" NODE "} " files "\n"                                                    \
    "node_nf_conntrack_entries{" NODE "} " entries "\n"                                            \
    "node_nf_conntrack_entries_limit{" NODE "} 1000\n"                                             \
    "node_procs_running{" NODE "} 1\n"
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_feed_put(&f, T0, CONN("0", "9.223372036854775807e18"));
    ll_feed_close(&f, T0, LL_MAPPER_COMPLETE);
    SAYS(&f, "node CONNECTIONS h [tcp]", " connections 15 of - primary @1795484700000");
    SAYS(&f, "node CONNECTIONS h [files]", " files 900 of - @1795484700000");
    SAYS(&f, "node QUEUE_DEPTH h [run queue]", " items 0 of - primary @1795484700000");
    SILENT(&f, "node CONNECTIONS h [conntrack]");
    ll_feed_put(&f, T0 + 10000, CONN("7", "5000"));
    SAYS(&f, "node CONNECTIONS h [tcp]", " connections 15 of 1000 primary @1795484710000");
    SAYS(&f, "node CONNECTIONS h [conntrack]", " connections 7 of 1000 @1795484710000");
    ll_feed_put(&f, T0 + 20000, CONN("0", "500"));
    SAYS(&f, "node CONNECTIONS h [tcp]", " connections 15 of 500 primary @1795484720000");
    SAYS(&f, "node CONNECTIONS h [conntrack]", " connections 0 of 1000 @1795484720000");
    ll_feed_fini(&f);
}
END_TEST

/* One counter alone: kafka's messages, from one series. */
#define COUNT(value)                                                                               \
    "kafka_server_brokertopicmetrics_messagesin_total{job=\"k\",instance=\"b1:1\"} " value "\n"

START_TEST(counters_become_rates)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_feed_put(&f, T0, COUNT("100"));
    ll_feed_put(&f, T0 + 10000, COUNT("150"));
    SAYS(&f, "k API_CALLS b1 []", " calls_per_second 5 of - primary @1795484710000");
    ll_feed_put(&f, T0 + 20000, COUNT("20")); /* reset */
    ck_assert_uint_eq(f.samples, 1);
    ll_feed_put(&f, T0 + 30000, COUNT("30"));
    SAYS(&f, "k API_CALLS b1 []", " calls_per_second 1 of - primary @1795484730000");
    ll_feed_put(&f, T0 + 30000 + 5 * LL_MINUTE + 1, COUNT("99")); /* a gap */
    ck_assert_uint_eq(f.samples, 2);
    ll_feed_put(&f, T0 + 340001, COUNT("NaN"));
    ll_feed_put(&f, T0 + 350001, COUNT("200"));
    ck_assert_uint_eq(f.samples, 2);
    ll_feed_put(&f, T0 + 360001, COUNT("210"));
    ck_assert_uint_eq(f.samples, 3);
    ll_feed_put(&f, T0 + 350001, COUNT("500")); /* late */
    ll_feed_put(&f, T0 + 360001, COUNT("500")); /* again */
    ck_assert_uint_eq(f.samples, 3);
    ll_feed_put(&f, T0 + 370001, COUNT("+Inf"));
    ck_assert_uint_eq(f.samples, 3);
    ll_feed_fini(&f);
}
END_TEST

START_TEST(rates_are_taken_as_they_are)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_feed_kind(&f, T0, LL_LABELED_RATE, COUNT("7.5"));
    ll_feed_close(&f, T0, LL_MAPPER_COMPLETE);
    SAYS(&f, "k API_CALLS b1 []", " calls_per_second 7.5 of - primary @1795484700000");
    ll_feed_fini(&f);
}
END_TEST

/* A stale marker ends a series; what ends last ends the output, and absence is never zero. */
START_TEST(stale_markers_end_series)
{
#define GROUP(a, b)                                                                                \
    "namedprocess_namegroup_memory_bytes{job=\"p\",instance=\"h:1\",groupname=\"g\","              \
    "memtype=\"resident\",n=\"a\"} " a "\n"                                                        \
    "namedprocess_namegroup_memory_bytes{job=\"p\",instance=\"h:1\",groupname=\"g\","              \
    "memtype=\"resident\",n=\"b\"} " b "\n"
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_feed_put(&f, T0, GROUP("1", "2"));
    ll_feed_close(&f, T0 + 4000, LL_MAPPER_WAITING);
    SAYS(&f, "g MEMORY h []", " bytes 3 of - primary @1795484700000");
    ll_feed_put(&f, T0 + 10000, GROUP("5", "STALE"));
    SAYS(&f, "g MEMORY h []", " bytes 5 of - primary @1795484710000");
    ck_assert_uint_eq(f.ends, 0);
    ll_feed_put(&f, T0 + 20000, GROUP("STALE", "STALE"));
    SAYS(&f, "end g MEMORY h []", " @1795484720000");
    ck_assert_uint_eq(f.ends, 1);
    ck_assert_uint_eq(f.samples, 2);
    ll_feed_put(&f, T0 + 30000, GROUP("6", "7")); /* both come again */
    ll_feed_close(&f, T0 + 34000, LL_MAPPER_WAITING);
    SAYS(&f, "g MEMORY h []", " bytes 13 of - primary @1795484730000");
    ll_feed_fini(&f);
}
END_TEST

/* Half a sum is no sum. */
START_TEST(a_missing_member_makes_no_sample)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_feed_put(&f, T0, GROUP("1", "2"));
    ll_feed_close(&f, T0 + 4000, LL_MAPPER_WAITING);
    for (int i = 1; i <= 31; i++) {
        ll_feed_put(&f, T0 + i * 10000,
                    "namedprocess_namegroup_memory_bytes{job=\"p\",instance=\"h:1\","
                    "groupname=\"g\",memtype=\"resident\",n=\"a\"} 1\n");
        ll_feed_close(&f, T0 + i * 10000 + 4000, LL_MAPPER_WAITING);
        ck_assert_uint_eq(f.samples, 1);
    }
    /* For more than five minutes it did not come: it is gone. */
    ll_feed_put(&f, T0 + 320000,
                "namedprocess_namegroup_memory_bytes{job=\"p\",instance=\"h:1\",groupname=\"g\","
                "memtype=\"resident\",n=\"a\"} 1\n");
    SAYS(&f, "g MEMORY h []", " bytes 1 of - primary @1795485020000");
    ll_feed_fini(&f);
}
END_TEST

/* A sender with several queues: one series is ahead by two rounds. */
START_TEST(series_out_of_step_meet)
{
#define ONE(n, value, at)                                                                          \
    "namedprocess_namegroup_memory_bytes{job=\"p\",instance=\"h:1\",groupname=\"g\","              \
    "memtype=\"resident\",n=\"" n "\"} " value " @" at "\n"
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_feed_put(&f, T0, GROUP("1", "2"));
    ll_feed_close(&f, T0 + 4000, LL_MAPPER_WAITING);
    ll_feed_put(&f, T0 + 30000, ONE("a", "10", "1795484710000") ONE("a", "20", "1795484720000"));
    ck_assert_uint_eq(f.samples, 1);
    ll_feed_put(&f, T0 + 31000, ONE("b", "1", "1795484710000") ONE("b", "2", "1795484720000"));
    SAYS(&f, "g MEMORY h [] bytes 11", " of - primary @1795484710000");
    SAYS(&f, "g MEMORY h [] bytes 22", " of - primary @1795484720000");
    ck_assert_uint_eq(f.samples, 3);
    ll_feed_fini(&f);
}
END_TEST

/* A member that begins later is not waited for in rounds before it began. */
START_TEST(a_newcomer_is_not_of_older_rounds)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_feed_put(&f, T0, GROUP("1", "2"));
    ll_feed_close(&f, T0 + 4000, LL_MAPPER_WAITING);
    ll_feed_put(&f, T0 + 30000, ONE("a", "10", "1795484710000")); /* this round is open already */
    ll_feed_put(&f, T0 + 30000, ONE("c", "500", "1795484730000"));
    ll_feed_put(&f, T0 + 30000, ONE("b", "1", "1795484710000"));
    SAYS(&f, "g MEMORY h [] bytes 11", " of - primary @1795484710000");
    ll_feed_put(&f, T0 + 30000, ONE("a", "20", "1795484720000") ONE("b", "2", "1795484720000"));
    SAYS(&f, "g MEMORY h [] bytes 22", " of - primary @1795484720000"); /* this one was not */
    ll_feed_put(&f, T0 + 30000, ONE("a", "30", "1795484730000") ONE("b", "3", "1795484730000"));
    ck_assert_uint_eq(f.samples, 3); /* others may be new too */
    ll_feed_close(&f, T0 + 34000, LL_MAPPER_WAITING);
    SAYS(&f, "g MEMORY h [] bytes 533", " of - primary @1795484730000");
    ll_feed_fini(&f);
}
END_TEST

START_TEST(a_complete_round_ends_what_is_gone)
{
    struct ll_feed f;
    char text[4096] = "";
    ll_feed_init(&f, NULL, 0);
    for (int round = 0; round < 3; round++) {
        size_t n = 0;
        /* 10 clients; then one is gone; then three more are: too many to believe it */
        for (int i = 0; i < (round == 0 ? 10 : round == 1 ? 9 : 6); i++)
            n += (size_t)snprintf(text + n, sizeof(text) - n,
                                  "redis_connected_clients{job=\"r\",instance=\"h%d:1\"} 5\n", i);
        ll_feed_clear(&f);
        ll_feed_put(&f, T0 + round * 10000, text);
        ll_feed_close(&f, T0 + round * 10000, LL_MAPPER_COMPLETE);
        ck_assert_uint_eq(f.samples, round == 0 ? 10 : round == 1 ? 9 : 6);
        ck_assert_uint_eq(f.ends, round == 1 ? 1 : 0);
        if (round == 1)
            SAYS(&f, "end r CONNECTIONS h9 []", " @1795484710000");
    }
    LL_AUTO(ll_arena) arena = ll_arena_new(1 << 20);
    struct ll_mapper_report report;
    ck_assert(ll_mapper_report(f.mapper, arena, &report));
    ck_assert_uint_eq(report.expected, 9);
    ck_assert_uint_eq(report.came, 6);
    ll_feed_fini(&f);
}
END_TEST

/* Times that would hold a series up for ever, or overflow. */
START_TEST(hostile_times_do_nothing)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_feed_put(&f, T0,
                COUNT("1 @9223372036854775807") COUNT("1 @-9223372036854775807")
                    COUNT("1 @1795485300001"));
    ll_feed_put(&f, T0, COUNT("100"));
    ll_feed_put(&f, T0 + 10000, COUNT("150"));
    SAYS(&f, "k API_CALLS b1 []", " calls_per_second 5 of - primary @1795484710000");
    ll_feed_close(&f, INT64_MAX, LL_MAPPER_WAITING);
    ll_feed_close(&f, INT64_MIN, LL_MAPPER_COMPLETE);
    ll_mapper_forget(f.mapper, INT64_MIN);
    ll_mapper_forget(f.mapper, INT64_MAX);
    ll_feed_fini(&f);
}
END_TEST

/* An exporter's own process is not the service it tells of. */
START_TEST(process_metrics_of_exporters_are_left_out)
{
#define PROCESS(job)                                                                               \
    "process_resident_memory_bytes{job=\"" job "\",instance=\"h:1\"} 77\n"                         \
    "process_open_fds{job=\"" job "\",instance=\"h:1\"} 8\n"                                       \
    "process_max_fds{job=\"" job "\",instance=\"h:1\"} 1024\n"
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_feed_put(&f, T0,
                PROCESS("app")
                    PROCESS("redis") "redis_connected_clients{job=\"redis\",instance=\"h:1\"} 5\n");
    ll_feed_close(&f, T0, LL_MAPPER_COMPLETE);
    SAYS(&f, "app MEMORY h []", " bytes 77 of - primary @1795484700000");
    SAYS(&f, "app CONNECTIONS h [files]", " files 8 of 1024 @1795484700000");
    SAYS(&f, "redis CONNECTIONS h []", " connections 5 of - primary @1795484700000");
    ck_assert_uint_eq(f.samples, 3);
    ll_feed_fini(&f);
}
END_TEST

/* Each exporter: a first round, a second one 10 s later, and what is then known. */
static const struct {
    const char *first, *second, *start, *rest;
} exporters[] = {
    {"pg_stat_activity_count{job=\"pg\",instance=\"h:1\",state=\"active\",datname=\"a\"} 3\n"
     "pg_stat_activity_count{job=\"pg\",instance=\"h:1\",state=\"idle\",datname=\"a\"} 4\n"
     "pg_stat_activity_count{job=\"pg\",instance=\"h:1\",state=\"idle\",datname=\"b\"} 5\n"
     "pg_settings_max_connections{job=\"pg\",instance=\"h:1\"} 100\n",
     NULL, "pg CONNECTIONS h []", " connections 12 of 100 primary"},
    {"pg_stat_activity_count{job=\"pg\",instance=\"h:1\",state=\"idle\",datname=\"a\"} 4\n"
     "pg_stat_activity_count{job=\"pg\",instance=\"h:1\",state=\"idle\",datname=\"b\"} 5\n",
     NULL, "pg CONNECTIONS h [idle]", " connections 9 of -"},
    {"pg_database_size_bytes{job=\"pg\",instance=\"h:1\",datname=\"shop\"} 4096\n", NULL,
     "pg DISK h [shop]", " bytes 4096 of -"},
    {"pg_stat_database_xact_commit{job=\"pg\",instance=\"h:1\",datname=\"a\"} 100\n"
     "pg_stat_database_xact_rollback{job=\"pg\",instance=\"h:1\",datname=\"a\"} 1\n",
     "pg_stat_database_xact_commit{job=\"pg\",instance=\"h:1\",datname=\"a\"} 200\n"
     "pg_stat_database_xact_rollback{job=\"pg\",instance=\"h:1\",datname=\"a\"} 2\n",
     "pg API_CALLS h []", " calls_per_second 10.1 of - primary"},
    {"pg_replication_lag_seconds{job=\"pg\",instance=\"h:1\"} 2.5\n", NULL,
     "pg QUEUE_DEPTH h [replication lag]", " seconds 2.5 of -"},
    {"pg_replication_lag{job=\"pg\",instance=\"h:1\"} 1.5\n", NULL,
     "pg QUEUE_DEPTH h [replication lag]", " seconds 1.5 of -"},
    {"kafka_consumergroup_lag{job=\"k\",instance=\"h:1\",consumergroup=\"g\",topic=\"t\",partition="
     "\"0\"} 5\n"
     "kafka_consumergroup_lag{job=\"k\",instance=\"h:1\",consumergroup=\"g\",topic=\"t\",partition="
     "\"1\"} 6\n",
     NULL, "k QUEUE_DEPTH h [g/t]", " items 11 of -"},
    {"kafka_topic_partition_current_offset{job=\"k\",instance=\"h:1\",topic=\"t\",partition=\"0\"} "
     "10\n"
     "kafka_topic_partition_current_offset{job=\"k\",instance=\"h:1\",topic=\"t\",partition=\"1\"} "
     "20\n",
     "kafka_topic_partition_current_offset{job=\"k\",instance=\"h:1\",topic=\"t\",partition=\"0\"} "
     "30\n"
     "kafka_topic_partition_current_offset{job=\"k\",instance=\"h:1\",topic=\"t\",partition=\"1\"} "
     "30\n",
     "k API_CALLS h [t]", " calls_per_second 3 of -"},
    {"redis_memory_used_bytes{job=\"r\",instance=\"h:1\"} 10\n"
     "redis_memory_max_bytes{job=\"r\",instance=\"h:1\"} 0\n",
     NULL, "r MEMORY h []", " bytes 10 of - primary"},
    {"redis_memory_used_bytes{job=\"r\",instance=\"h:1\"} 10\n"
     "redis_memory_max_bytes{job=\"r\",instance=\"h:1\"} 40\n",
     NULL, "r MEMORY h []", " bytes 10 of 40 primary"},
    {"redis_connected_clients{job=\"r\",instance=\"h:1\"} 10\n"
     "redis_config_maxclients{job=\"r\",instance=\"h:1\"} 10000\n",
     NULL, "r CONNECTIONS h []", " connections 10 of 10000 primary"},
    {"redis_commands_processed_total{job=\"r\",instance=\"h:1\"} 10\n",
     "redis_commands_processed_total{job=\"r\",instance=\"h:1\"} 110\n", "r API_CALLS h []",
     " calls_per_second 10 of - primary"},
    {"rabbitmq_queue_messages_ready{job=\"q\",instance=\"h:1\",queue=\"a\",vhost=\"/\"} 7\n"
     "rabbitmq_queue_messages_unacked{job=\"q\",instance=\"h:1\",queue=\"a\",vhost=\"/\"} 2\n",
     NULL, "q QUEUE_DEPTH h [//a]", " items 9 of -"},
    {"rabbitmq_queue_messages_ready{job=\"q\",instance=\"h:1\"} 7\n"
     "rabbitmq_queue_messages_unacked{job=\"q\",instance=\"h:1\"} 2\n",
     NULL, "q QUEUE_DEPTH h []", " items 9 of - primary"},
    {"rabbitmq_process_open_tcp_sockets{job=\"q\",instance=\"h:1\"} 7\n"
     "rabbitmq_process_max_tcp_sockets{job=\"q\",instance=\"h:1\"} 900\n",
     NULL, "q CONNECTIONS h [sockets]", " connections 7 of 900"},
    {"rabbitmq_process_resident_memory_bytes{job=\"q\",instance=\"h:1\"} 7\n"
     "rabbitmq_resident_memory_limit_bytes{job=\"q\",instance=\"h:1\"} 900\n",
     NULL, "q MEMORY h []", " bytes 7 of 900 primary"},
    {"nginx_connections_active{job=\"n\",instance=\"h:1\"} 7\n", NULL, "n CONNECTIONS h []",
     " connections 7 of - primary"},
    {"nginx_http_requests_total{job=\"n\",instance=\"h:1\"} 7\n",
     "nginx_http_requests_total{job=\"n\",instance=\"h:1\"} 17\n", "n API_CALLS h []",
     " calls_per_second 1 of - primary"},
    {"nginx_vts_server_requests_total{job=\"n\",instance=\"h:1\",host=\"a\",code=\"2xx\"} 7\n"
     "nginx_vts_server_requests_total{job=\"n\",instance=\"h:1\",host=\"*\",code=\"2xx\"} 7\n",
     "nginx_vts_server_requests_total{job=\"n\",instance=\"h:1\",host=\"a\",code=\"2xx\"} 17\n"
     "nginx_vts_server_requests_total{job=\"n\",instance=\"h:1\",host=\"*\",code=\"2xx\"} 17\n",
     "n API_CALLS h []", " calls_per_second 1 of - primary"},
    {"haproxy_frontend_current_sessions{job=\"x\",instance=\"h:1\",proxy=\"web\"} 7\n"
     "haproxy_frontend_limit_sessions{job=\"x\",instance=\"h:1\",proxy=\"web\"} 2000\n",
     NULL, "x CONNECTIONS h [web frontend]", " connections 7 of 2000"},
    {"systemd_unit_tasks_current{job=\"s\",instance=\"h:1\",name=\"nginx.service\"} 7\n"
     "systemd_unit_tasks_max{job=\"s\",instance=\"h:1\",name=\"nginx.service\",type=\"simple\"} "
     "1.8e19\n",
     NULL, "nginx CPU h [tasks]", " items 7 of -"},
    {"node_systemd_unit_tasks_current{job=\"s\",instance=\"h:1\",name=\"nginx.service\"} 7\n"
     "node_systemd_unit_tasks_max{job=\"s\",instance=\"h:1\",name=\"nginx.service\"} 4915\n",
     NULL, "nginx CPU h [tasks]", " items 7 of 4915"},
    {"namedprocess_namegroup_cpu_seconds_total{job=\"p\",instance=\"h:1\",groupname=\"g\",mode="
     "\"user\"} 1\n"
     "namedprocess_namegroup_cpu_seconds_total{job=\"p\",instance=\"h:1\",groupname=\"g\",mode="
     "\"system\"} 1\n",
     "namedprocess_namegroup_cpu_seconds_total{job=\"p\",instance=\"h:1\",groupname=\"g\",mode="
     "\"user\"} 11\n"
     "namedprocess_namegroup_cpu_seconds_total{job=\"p\",instance=\"h:1\",groupname=\"g\",mode="
     "\"system\"} 6\n",
     "g CPU h []", " cores 1.5 of - primary"},
    {"http_requests_total{job=\"a\",instance=\"h:1\",code=\"200\"} 10\n",
     "http_requests_total{job=\"a\",instance=\"h:1\",code=\"200\"} 60\n"
     "http_requests_total{job=\"a\",instance=\"h:1\",code=\"500\"} 1\n", /* new: no rate yet */
     "a API_CALLS h []", " calls_per_second 5 of - primary"},
    {"http_server_requests_seconds_count{job=\"a\",instance=\"h:1\",uri=\"/\"} 10\n",
     "http_server_requests_seconds_count{job=\"a\",instance=\"h:1\",uri=\"/\"} 60\n",
     "a API_CALLS h []", " calls_per_second 5 of - primary"},
    {"etcd_mvcc_db_total_size_in_bytes{job=\"e\",instance=\"h:1\"} 10\n"
     "etcd_server_quota_backend_bytes{job=\"e\",instance=\"h:1\"} 2147483648\n",
     NULL, "e DISK h [database]", " bytes 10 of 2.14748365e+09 primary"},
    {"container_memory_working_set_bytes{job=\"c\",instance=\"h:1\",name=\"web\"} 10\n"
     "container_spec_memory_limit_bytes{job=\"c\",instance=\"h:1\",name=\"web\"} 100\n",
     NULL, "web MEMORY h []", " bytes 10 of 100 primary"},
};

START_TEST(exporters_mean_what_their_rows_say)
{
    for (size_t i = 0; i < LL_LEN(exporters); i++) {
        struct ll_feed f;
        ll_feed_init(&f, NULL, 0);
        ll_feed_put(&f, T0, exporters[i].first);
        ll_feed_close(&f, T0, LL_MAPPER_COMPLETE);
        if (exporters[i].second) {
            ll_feed_put(&f, T0 + 10000, exporters[i].second);
            ll_feed_close(&f, T0 + 10000, LL_MAPPER_COMPLETE);
        }
        const char *line = ll_feed_line(&f, exporters[i].start);
        ck_assert_msg(line != NULL, "%s: nothing but\n%s", exporters[i].start, ll_str_z(&f.said));
        line += strlen(exporters[i].start);
        ck_assert_msg(strncmp(line, exporters[i].rest, strlen(exporters[i].rest)) == 0, "%s: %s",
                      exporters[i].start, line);
        ll_feed_fini(&f);
    }
}
END_TEST

START_TEST(the_report_says_what_was_found)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_feed_put(&f, T0,
                "redis_connected_clients{job=\"r\",instance=\"h:1\"} 5\n"
                "redis_memory_used_bytes{job=\"r\",instance=\"h:1\"} 5\n"
                "strange_metric{job=\"r\",a=\"1\"} 5\n"
                "strange_metric{job=\"r\",a=\"2\"} 5\n"
                "strange_metric{job=\"r\",a=\"2\"} 5\n"
                "odd_metric{} 5\n"
                "redis_config_maxclients{} 5\n" FS("node_filesystem_size_bytes", "tmpfs", "tmpfs",
                                                   "/run", "5"));
    ll_feed_close(&f, T0, LL_MAPPER_COMPLETE);
    LL_AUTO(ll_arena) arena = ll_arena_new(1 << 20);
    struct ll_mapper_report r;
    ck_assert(ll_mapper_report(f.mapper, arena, &r));
    ck_assert(ll_slice_is(r.source, "test"));
    ck_assert_uint_eq(r.n_services, 1);
    ck_assert(ll_slice_is(r.services[0].facts.service, "r"));
    ck_assert(ll_slice_is(r.services[0].rule, "redis_exporter"));
    ck_assert_uint_eq(r.services[0].resources,
                      1u << LL_RESOURCE_CONNECTIONS | 1u << LL_RESOURCE_MEMORY);
    ck_assert_uint_eq(r.services[0].series, 2);
    ck_assert_uint_eq(r.mapped, 2);
    ck_assert_uint_eq(r.unmatched_series, 5);
    ck_assert_uint_eq(r.n_unmatched, 4);
    ck_assert(ll_slice_is(r.unmatched[0].metric, "strange_metric"));
    ck_assert(ll_slice_is(r.unmatched[0].reason, "no rule reads this metric"));
    ck_assert(ll_slice_is(r.unmatched[0].example, "strange_metric{a=\"1\",job=\"r\"}"));
    ck_assert_uint_eq(r.unmatched[0].series, 2);
    ck_assert(ll_slice_is(r.unmatched[1].metric, "node_filesystem_size_bytes"));
    ck_assert(
        ll_slice_is(r.unmatched[1].reason, "rules read this metric, but not with these labels"));
    ck_assert(ll_slice_is(r.unmatched[3].metric, "redis_config_maxclients"));
    ck_assert(ll_slice_is(r.unmatched[3].reason,
                          "a label that names the service or instance is not there"));
    ll_feed_fini(&f);
}
END_TEST

/* Pods come and go for days: memory stays where it is. */
START_TEST(churn_is_reclaimed)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    char text[512];
    for (int i = 0; i < 3000; i++) {
        ll_time t = T0 + i * 10000;
        snprintf(
            text, sizeof(text),
            "redis_connected_clients{job=\"r%d\",instance=\"h:1\"} 5\n"
            "other_%d{} 1\n"
            "kube_pod_owner{namespace=\"n\",pod=\"p%d\",owner_kind=\"StatefulSet\","
            "owner_name=\"s%d\"} 1\n"
            "container_memory_working_set_bytes{namespace=\"n\",pod=\"p%d\",container=\"c\"} 1\n",
            i, i, i, i, i);
        ll_feed_put(&f, t, text);
        ll_feed_close(&f, t + 5000, LL_MAPPER_WAITING);
        ll_mapper_forget(f.mapper, t - 100000);
        ll_feed_clear(&f);
    }
    LL_AUTO(ll_arena) arena = ll_arena_new(1 << 20);
    struct ll_mapper_report r;
    ck_assert(ll_mapper_report(f.mapper, arena, &r));
    ck_assert_uint_le(r.mapped, 40);
    ck_assert_uint_le(r.n_services, 30);
    ck_assert_uint_le(r.unmatched_series, 13);
    ck_assert_uint_ge(r.unmatched_series, 1);
    ck_assert_uint_ge(r.n_services, 20);
    ll_mapper_forget(f.mapper, INT64_MAX);
    ck_assert(ll_mapper_report(f.mapper, arena, &r));
    ck_assert_uint_eq(r.series, 0);
    ck_assert_uint_eq(r.n_services, 0);
    ck_assert_uint_eq(r.n_unmatched, 0);
    ll_feed_fini(&f);
}
END_TEST

START_TEST(known_series_flow_when_the_limit_is_reached)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_mapper_free(f.mapper);
    f.mapper = ll_mapper_new(&(struct ll_mapper_opts){.mapping = f.mapping, .max_series = 3});
    ck_assert_ptr_nonnull(f.mapper);
    for (int round = 0; round < 2; round++) {
        ll_feed_put(&f, T0 + round * 10000,
                    "redis_connected_clients{job=\"a\",instance=\"h:1\"} 5\n"
                    "redis_connected_clients{job=\"b\",instance=\"h:1\"} 5\n"
                    "redis_connected_clients{job=\"c\",instance=\"h:1\"} 5\n"
                    "redis_connected_clients{job=\"d\",instance=\"h:1\"} 5\n");
        ll_feed_close(&f, T0 + round * 10000, LL_MAPPER_COMPLETE);
        ck_assert_uint_eq(f.samples, 3 * (unsigned)(round + 1));
    }
    LL_AUTO(ll_arena) arena = ll_arena_new(1 << 20);
    struct ll_mapper_report r;
    ck_assert(ll_mapper_report(f.mapper, arena, &r));
    ck_assert_uint_eq(r.mapped, 3);
    ck_assert_uint_ge(r.refused, 2);
    ll_feed_fini(&f);
}
END_TEST

/* A pod whose second container finds no room has no sample: half of it is not the pod. */
START_TEST(what_is_refused_is_not_left_out_of_a_sum)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_mapper_free(f.mapper);
    f.mapper = ll_mapper_new(&(struct ll_mapper_opts){.mapping = f.mapping, .max_series = 2});
    ck_assert_ptr_nonnull(f.mapper);
    for (int round = 0; round < 3; round++) {
        ll_feed_put(&f, T0 + round * 10000,
                    "redis_connected_clients{job=\"a\",instance=\"h:1\"} 5\n" GROUP("1", "2"));
        ll_feed_close(&f, T0 + round * 10000, LL_MAPPER_COMPLETE);
    }
    ck_assert_uint_eq(f.samples, 3);
    SAYS(&f, "a CONNECTIONS h []", " connections 5 of - primary @1795484720000");
    ll_feed_fini(&f);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {cpu_is_all_but_idle_and_iowait,
                                  memory_and_swap,
                                  space_as_df_has_it,
                                  without_a_root_the_largest_disk_is_primary,
                                  interfaces_that_carry_traffic,
                                  disks_whole_and_busy_at_most_one,
                                  connections_and_what_bounds_them,
                                  counters_become_rates,
                                  rates_are_taken_as_they_are,
                                  stale_markers_end_series,
                                  a_missing_member_makes_no_sample,
                                  series_out_of_step_meet,
                                  a_newcomer_is_not_of_older_rounds,
                                  a_complete_round_ends_what_is_gone,
                                  hostile_times_do_nothing,
                                  process_metrics_of_exporters_are_left_out,
                                  exporters_mean_what_their_rows_say,
                                  the_report_says_what_was_found,
                                  churn_is_reclaimed,
                                  known_series_flow_when_the_limit_is_reached,
                                  what_is_refused_is_not_left_out_of_a_sum};
    return ll_test_run("mapping_mapper", tests, LL_LEN(tests));
}
