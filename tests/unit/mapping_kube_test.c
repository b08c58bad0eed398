/* Kubernetes: joins between what the kubelet and what kube-state-metrics say. */
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

#define POD(name) "namespace=\"shop\",pod=\"" name "\""
#define OWNER(pod, kind, name)                                                                     \
    "kube_pod_owner{" POD(pod) ",owner_kind=\"" kind "\",owner_name=\"" name                       \
                               "\",owner_is_controller=\"true\"} 1\n"
#define RS_OWNER(rs, kind, name)                                                                   \
    "kube_replicaset_owner{namespace=\"shop\",replicaset=\"" rs "\",owner_kind=\"" kind            \
    "\",owner_name=\"" name "\"} 1\n"
#define MEMORY(pod, container, value)                                                              \
    "container_memory_working_set_bytes{" POD(pod) ",container=\"" container "\"} " value "\n"
#define LIMIT(pod, container, resource, value)                                                     \
    "kube_pod_container_resource_limits{" POD(pod) ",container=\"" container                       \
                                                   "\",resource=\"" resource "\"} " value "\n"
#define REQUEST(pod, container, resource, value)                                                   \
    "kube_pod_container_resource_requests{" POD(pod) ",container=\"" container                     \
                                                     "\",resource=\"" resource "\"} " value "\n"
#define INFO(pod, container) "kube_pod_container_info{" POD(pod) ",container=\"" container "\"} 1\n"

/* Lines one behind the other; each is a literal. */
#define LINES(...) lines_of((const char *const[]){__VA_ARGS__, NULL})

static const char *lines_of(const char *const *v)
{
    static char text[8192];
    size_t n = 0;
    text[0] = '\0';
    for (; *v; v++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", *v);
    ck_assert_uint_lt(n, sizeof(text));
    return text;
}

static void round_of(struct ll_feed *f, ll_time t, const char *text)
{
    ll_feed_put(f, t, text);
    ll_feed_close(f, t, LL_MAPPER_COMPLETE_FACTS);
}

START_TEST(owners_lead_to_the_workload)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    round_of(&f, T0,
             LINES(OWNER("web-5d9c7b8f6d-x2x2x", "ReplicaSet", "web-5d9c7b8f6d"),
                   RS_OWNER("web-5d9c7b8f6d", "Deployment", "web"),
                   MEMORY("web-5d9c7b8f6d-x2x2x", "c", "1"), OWNER("db-0", "StatefulSet", "db"),
                   MEMORY("db-0", "c", "2"), OWNER("log-x2x2x", "DaemonSet", "log"),
                   MEMORY("log-x2x2x", "c", "3"),
                   OWNER("nightly-29000000-abcde", "Job", "nightly-29000000"),
                   "kube_job_owner{namespace=\"shop\",job_name=\"nightly-29000000\",owner_kind="
                   "\"CronJob\",owner_name=\"nightly\"} 1\n",
                   MEMORY("nightly-29000000-abcde", "c", "4"), OWNER("once-abcde", "Job", "once"),
                   "kube_job_owner{namespace=\"shop\",job_name=\"once\",owner_kind=\"\",owner_name="
                   "\"\"} 1\n",
                   MEMORY("once-abcde", "c", "5"), OWNER("alone", "<none>", "<none>"),
                   MEMORY("alone", "c", "6"),
                   "kube_pod_info{" POD(
                       "etcd-node1") ",created_by_kind=\"Node\",created_by_name=\"node1\"} 1\n",
                   MEMORY("etcd-node1", "c", "7"),
                   OWNER("bare-5d9c7b8f6d-x2x2x", "ReplicaSet", "bare-5d9c7b8f6d"),
                   RS_OWNER("bare-5d9c7b8f6d", "<none>", "<none>"),
                   MEMORY("bare-5d9c7b8f6d-x2x2x", "c", "8"),
                   OWNER("roll-5d9c7b8f6d-x2x2x", "ReplicaSet", "roll-5d9c7b8f6d"),
                   RS_OWNER("roll-5d9c7b8f6d", "Rollout", "roll"),
                   MEMORY("roll-5d9c7b8f6d-x2x2x", "c", "9")));
    SAYS(&f, "shop/web MEMORY web-5d9c7b8f6d-x2x2x []", " bytes 1 of - primary @1795484700000");
    SAYS(&f, "shop/db MEMORY db-0 []", " bytes 2 of - primary @1795484700000");
    SAYS(&f, "shop/log MEMORY log-x2x2x []", " bytes 3 of - primary @1795484700000");
    SAYS(&f, "shop/nightly MEMORY nightly-29000000-abcde []",
         " bytes 4 of - primary @1795484700000");
    SAYS(&f, "shop/once MEMORY once-abcde []", " bytes 5 of - primary @1795484700000");
    SAYS(&f, "shop/alone MEMORY alone []", " bytes 6 of - primary @1795484700000");
    SAYS(&f, "shop/etcd MEMORY etcd-node1 []", " bytes 7 of - primary @1795484700000");
    SAYS(&f, "shop/bare-5d9c7b8f6d MEMORY bare-5d9c7b8f6d-x2x2x []",
         " bytes 8 of - primary @1795484700000");
    SAYS(&f, "shop/roll MEMORY roll-5d9c7b8f6d-x2x2x []", " bytes 9 of - primary @1795484700000");
    ck_assert_ptr_nonnull(ll_feed_line(&f, "facts shop/roll kind Rollout "));
    ck_assert_ptr_nonnull(ll_feed_line(&f, "facts shop/nightly kind CronJob "));
    ck_assert_ptr_nonnull(ll_feed_line(&f, "facts shop/bare-5d9c7b8f6d kind ReplicaSet "));
    ll_feed_fini(&f);
}
END_TEST

static const char *rule_of(struct ll_feed *f, struct ll_arena *a, const char *service)
{
    struct ll_mapper_report r;
    ck_assert(ll_mapper_report(f->mapper, a, &r));
    for (size_t i = 0; i < r.n_services; i++)
        if (ll_slice_is(r.services[i].facts.service, service))
            return r.services[i].rule.s;
    return "no such service";
}

/* The ReplicaSet's owner is not told: its name without the hash, and the report says so. */
START_TEST(a_guessed_owner_is_called_guessed)
{
    LL_AUTO(ll_arena) a = ll_arena_new(1 << 20);
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    round_of(&f, T0,
             LINES(OWNER("web-5d9c7b8f6d-x2x2x", "ReplicaSet", "web-5d9c7b8f6d"),
                   MEMORY("web-5d9c7b8f6d-x2x2x", "c", "1"),
                   OWNER("my-app-x2x2x", "ReplicaSet", "my-app"), MEMORY("my-app-x2x2x", "c", "2"),
                   OWNER("nightly-29000000-abcde", "Job", "nightly-29000000"),
                   MEMORY("nightly-29000000-abcde", "c", "3"),
                   OWNER("once-7-abcde", "Job", "once-7"), MEMORY("once-7-abcde", "c", "4")));
    SAYS(&f, "shop/nightly MEMORY nightly-29000000-abcde []",
         " bytes 3 of - primary @1795484700000");
    SAYS(&f, "shop/once-7 MEMORY once-7-abcde []", " bytes 4 of - primary @1795484700000");
    ck_assert_str_eq(rule_of(&f, a, "shop/nightly"), "kubernetes (owner guessed by name)");
    SAYS(&f, "shop/web MEMORY web-5d9c7b8f6d-x2x2x []", " bytes 1 of - primary @1795484700000");
    SAYS(&f, "shop/my-app MEMORY my-app-x2x2x []", " bytes 2 of - primary @1795484700000");
    ck_assert_str_eq(rule_of(&f, a, "shop/web"), "kubernetes (owner guessed by name)");
    ck_assert_str_eq(rule_of(&f, a, "shop/my-app"), "kubernetes");
    round_of(&f, T0 + 10000,
             LINES(OWNER("web-5d9c7b8f6d-x2x2x", "ReplicaSet", "web-5d9c7b8f6d"),
                   RS_OWNER("web-5d9c7b8f6d", "Deployment", "web"),
                   MEMORY("web-5d9c7b8f6d-x2x2x", "c", "1"),
                   OWNER("my-app-x2x2x", "ReplicaSet", "my-app"),
                   MEMORY("my-app-x2x2x", "c", "2")));
    ck_assert_str_eq(rule_of(&f, a, "shop/web"), "kubernetes");
    ll_feed_fini(&f);
}
END_TEST

START_TEST(a_pod_waits_for_its_owner)
{
    LL_AUTO(ll_arena) a = ll_arena_new(1 << 20);
    struct ll_feed f;
    struct ll_mapper_report r;
    ll_feed_init(&f, NULL, 0);
    for (int i = 0; i < 6; i++) {
        char text[256];
        snprintf(text, sizeof(text), MEMORY("db-0", "c", "%d"), i);
        round_of(&f, T0 + i * 10000, text);
    }
    ck_assert_uint_eq(f.samples, 0);
    ck_assert(ll_mapper_report(f.mapper, a, &r));
    ck_assert_uint_eq(r.n_unmatched, 1);
    ck_assert_uint_eq(r.n_services, 0);
    ck_assert(ll_slice_is(r.unmatched[0].metric, "container_memory_working_set_bytes"));
    ck_assert(ll_slice_is(r.unmatched[0].reason, "no owner of pod shop/db-0 yet"));
    ck_assert(ll_slice_is(
        r.unmatched[0].example,
        "container_memory_working_set_bytes{container=\"c\",namespace=\"shop\",pod=\"db-0\"}"));
    /* What waited last is said then, each at its time. */
    round_of(&f, T0 + 60000, LINES(OWNER("db-0", "StatefulSet", "db"), MEMORY("db-0", "c", "6")));
    SAYS(&f, "shop/db MEMORY db-0 [] bytes 6", " of - primary @1795484760000");
    SAYS(&f, "shop/db MEMORY db-0 [] bytes 5", " of - primary @1795484750000");
    SAYS(&f, "shop/db MEMORY db-0 [] bytes 2", " of - primary @1795484720000");
    SILENT(&f, "shop/db MEMORY db-0 [] bytes 1"); /* four are kept */
    ck_assert(ll_mapper_report(f.mapper, a, &r));
    ck_assert_uint_eq(r.n_unmatched, 0);
    ll_feed_fini(&f);
}
END_TEST

/* Limits count when each container has one; else requests; else nothing is known. */
START_TEST(capacity_is_limits_else_requests)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    round_of(&f, T0,
             LINES(OWNER("a-0", "StatefulSet", "a"), MEMORY("a-0", "x", "1"),
                   MEMORY("a-0", "y", "2"), MEMORY("a-0", "POD", "50"), MEMORY("a-0", "", "53"),
                   LIMIT("a-0", "x", "memory", "100"), LIMIT("a-0", "y", "memory", "200"),
                   REQUEST("a-0", "x", "memory", "10"), OWNER("b-0", "StatefulSet", "b"),
                   MEMORY("b-0", "x", "1"), MEMORY("b-0", "y", "2"),
                   LIMIT("b-0", "x", "memory", "100"), REQUEST("b-0", "x", "memory", "10"),
                   REQUEST("b-0", "y", "memory", "20"), OWNER("c-0", "StatefulSet", "c"),
                   MEMORY("c-0", "x", "1"), MEMORY("c-0", "y", "2"),
                   OWNER("d-0", "StatefulSet", "d"), MEMORY("d-0", "x", "1"), INFO("d-0", "x"),
                   INFO("d-0", "y"), LIMIT("d-0", "x", "memory", "100"),
                   "kube_pod_container_resource_requests_memory_bytes{" POD(
                       "d-0") ",container=\"x\"} 7\n"));
    SAYS(&f, "shop/a MEMORY a-0 []", " bytes 3 of 300 primary @1795484700000");
    SAYS(&f, "shop/b MEMORY b-0 []", " bytes 3 of 30 primary @1795484700000");
    SAYS(&f, "shop/c MEMORY c-0 []", " bytes 3 of - primary @1795484700000");
    SAYS(&f, "shop/d MEMORY d-0 []", " bytes 1 of 7 primary @1795484700000"); /* y has none */
    ll_feed_fini(&f);
}
END_TEST

START_TEST(a_kubelet_without_container_rows)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    round_of(&f, T0,
             LINES(OWNER("a-0", "StatefulSet", "a"), MEMORY("a-0", "", "53"),
                   "kube_pod_container_resource_limits_memory_bytes{" POD(
                       "a-0") ",container=\"x\"} 99\n"));
    SAYS(&f, "shop/a MEMORY a-0 []", " bytes 53 of 99 primary @1795484700000");
    ll_feed_fini(&f);
}
END_TEST

START_TEST(containers_have_times_of_their_own)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_feed_put(&f, T0,
                LINES(OWNER("a-0", "StatefulSet", "a"), MEMORY("a-0", "x", "1 @1795484695000"),
                      MEMORY("a-0", "y", "2 @1795484698000")));
    ll_feed_close(&f, T0 + 4000, LL_MAPPER_WAITING);
    SAYS(&f, "shop/a MEMORY a-0 []", " bytes 3 of - primary @1795484698000");
    ll_feed_put(
        &f, T0 + 15000,
        LINES(MEMORY("a-0", "y", "20 @1795484711000"), MEMORY("a-0", "x", "10 @1795484709000")));
    SAYS(&f, "shop/a MEMORY a-0 []", " bytes 30 of - primary @1795484711000");
    /* x twice while y is silent: half of it is not the pod */
    ll_feed_put(&f, T0 + 30000, LINES(MEMORY("a-0", "x", "11 @1795484725000")));
    ll_feed_put(&f, T0 + 45000, LINES(MEMORY("a-0", "x", "12 @1795484740000")));
    ck_assert_uint_eq(f.samples, 2);
    ll_feed_put(&f, T0 + 45000, LINES(MEMORY("a-0", "y", "21 @1795484741000")));
    SAYS(&f, "shop/a MEMORY a-0 []", " bytes 33 of - primary @1795484741000");
    ll_feed_put(&f, T0 + 60000,
                LINES(MEMORY("a-0", "x", "STALE"), MEMORY("a-0", "y", "22 @1795484756000")));
    SAYS(&f, "shop/a MEMORY a-0 []", " bytes 22 of - primary @1795484756000");
    ll_feed_fini(&f);
}
END_TEST

START_TEST(pods_that_are_over_do_not_count)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    static const char *const running = OWNER("a-0", "StatefulSet", "a") MEMORY("a-0", "x", "1")
        REQUEST("a-0", "x", "cpu", "0.5") OWNER("a-1", "StatefulSet", "a")
            REQUEST("a-1", "x", "cpu", "0.25") "kube_pod_status_phase{" POD(
                "a-1") ",phase=\"Running\"} 1\n"
                       "kube_pod_status_ready{" POD(
                           "a-0") ",condition=\"true\"} 1\n"
                                  "kube_pod_status_ready{" POD(
                                      "a-1") ",condition=\"true\"} 0\n"
                                             "kube_pod_start_time{" POD(
                                                 "a-0") "} 1795480000\n"
                                                        "kube_pod_start_time{" POD(
                                                            "a-1") "} 1795480100\n"
                                                                   "kube_pod_status_phase{" POD(
                                                                       "a-0") ",phase=\"Failed\"} ";
    char text[2048];
    snprintf(text, sizeof(text), "%s0\n", running);
    round_of(&f, T0, text);
    SAYS(&f, "facts shop/a kind StatefulSet desired - ready 1 request 0.75 - limit - - ",
         "team  owner  tier  cluster  namespace shop env  start 1795480000000 1795480100000");
    snprintf(text, sizeof(text), "%s1\n", running);
    round_of(&f, T0 + 10000, text);
    SAYS(&f, "end shop/a MEMORY a-0 []", " @1795484710000");
    SAYS(&f, "facts shop/a kind StatefulSet desired - ready 0 request 0.25 - limit - - ",
         "team  owner  tier  cluster  namespace shop env  start 1795480100000 1795480100000");
    ll_feed_fini(&f);
}
END_TEST

/* kube-state-metrics restarts: all its series end and come again.  Nobody loses the name. */
START_TEST(names_outlive_a_restart)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    ll_feed_put(&f, T0,
                LINES(OWNER("a-0", "StatefulSet", "a"), MEMORY("a-0", "x", "1"),
                      LIMIT("a-0", "x", "memory", "9"),
                      "kube_statefulset_replicas{namespace=\"shop\",statefulset=\"a\"} 3\n"));
    ll_feed_close(&f, T0 + 4000, LL_MAPPER_WAITING);
    ck_assert_ptr_nonnull(ll_feed_line(&f, "facts shop/a kind StatefulSet desired 3 "));
    ll_feed_clear(&f);
    ll_feed_put(&f, T0 + 15000,
                LINES("kube_pod_owner{" POD("a-0") ",owner_kind=\"StatefulSet\",owner_name=\"a\","
                                                   "owner_is_controller=\"true\"} STALE\n",
                      LIMIT("a-0", "x", "memory", "STALE"),
                      "kube_statefulset_replicas{namespace=\"shop\",statefulset=\"a\"} STALE\n"));
    ll_feed_put(&f, T0 + 15000, LINES(MEMORY("a-0", "x", "2")));
    ll_feed_close(&f, T0 + 19000, LL_MAPPER_WAITING);
    SAYS(&f, "shop/a MEMORY a-0 []", " bytes 2 of 9 primary @1795484715000");
    SILENT(&f, "facts");
    ll_feed_fini(&f);
}
END_TEST

START_TEST(workloads_tell_their_size_and_people)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    round_of(
        &f, T0,
        LINES("kube_deployment_spec_replicas{cluster=\"eu\",namespace=\"shop\",deployment=\"web\"} "
              "5\nkube_deployment_status_replicas_available{cluster=\"eu\",namespace=\"shop\","
              "deployment=\"web\"} "
              "4\nkube_deployment_labels{cluster=\"eu\",namespace=\"shop\",deployment=\"web\","
              "label_team=\"red\",label_owner=\"ann\",label_app_kubernetes_io_component=\"edge\","
              "label_env=\"prod\"} "
              "1\nkube_daemonset_status_desired_number_scheduled{namespace=\"shop\",daemonset="
              "\"log\"} "
              "9\nkube_daemonset_status_number_ready{namespace=\"shop\",daemonset=\"log\"} 8\n"));
    SAYS(&f, "facts eu/shop/web kind Deployment desired 5 ready 4 ",
         "request - - limit - - team red owner ann tier edge cluster eu namespace shop env prod "
         "start -1 -1");
    SAYS(&f, "facts shop/log kind DaemonSet desired 9 ready 8 ",
         "request - - limit - - team  owner  tier  cluster  namespace shop env  start -1 -1");
    ll_feed_clear(&f);
    round_of(
        &f, T0 + 10000,
        LINES("kube_deployment_spec_replicas{cluster=\"eu\",namespace=\"shop\",deployment=\"web\"} "
              "0\nkube_deployment_status_replicas_available{cluster=\"eu\",namespace=\"shop\","
              "deployment=\"web\"} "
              "4\nkube_deployment_status_replicas_ready{cluster=\"eu\",namespace=\"shop\","
              "deployment=\"web\"} "
              "2\nkube_deployment_labels{cluster=\"eu\",namespace=\"shop\",deployment=\"web\","
              "label_team=\"red\",label_owner=\"ann\",label_app_kubernetes_io_component=\"edge\","
              "label_env=\"prod\"} "
              "1\nkube_daemonset_status_desired_number_scheduled{namespace=\"shop\",daemonset="
              "\"log\"} "
              "9\nkube_daemonset_status_number_ready{namespace=\"shop\",daemonset=\"log\"} 8\n"));
    ck_assert_ptr_nonnull(ll_feed_line(&f, "facts eu/shop/web kind Deployment desired 0 ready 2 "));
    SILENT(&f, "facts shop/log"); /* as before */
    ll_feed_fini(&f);
}
END_TEST

START_TEST(volumes_belong_to_the_workload)
{
#define VOLUME(name, claim)                                                                        \
    "kube_pod_spec_volumes_persistentvolumeclaims_info{" POD(                                      \
        "db-0") ",volume=\"" name "\",persistentvolumeclaim=\"" claim "\"} 1\n"                    \
                "kubelet_volume_stats_used_bytes{namespace=\"shop\",persistentvolumeclaim="        \
                "\"" claim "\"} 30\n"                                                              \
                "kubelet_volume_stats_available_bytes{namespace=\"shop\",persistentvolumeclaim="   \
                "\"" claim "\"} 60\n"                                                              \
                "kubelet_volume_stats_inodes{namespace=\"shop\",persistentvolumeclaim=\"" claim    \
                "\"} 100\n"                                                                        \
                "kubelet_volume_stats_inodes_used{namespace=\"shop\",persistentvolumeclaim="       \
                "\"" claim "\"} 5\n"
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    round_of(&f, T0,
             LINES(OWNER("db-0", "StatefulSet", "db"), VOLUME("wal", "wal-db-0"),
                   VOLUME("data", "data-db-0")));
    SAYS(&f, "shop/db DISK db-0 [data]", " bytes 30 of 90 primary @1795484700000");
    SAYS(&f, "shop/db DISK db-0 [wal]", " bytes 30 of 90 @1795484700000");
    SAYS(&f, "shop/db DISK db-0 [data inodes]", " files 5 of 100 @1795484700000");
    ll_feed_fini(&f);
}
END_TEST

START_TEST(traffic_of_the_host_is_not_the_pods)
{
#define NET(pod, value)                                                                            \
    "container_network_receive_bytes_total{" POD(pod) ",interface=\"eth0\"} " value "\n"
#define HOST(pod, yes)                                                                             \
    "kube_pod_info{" POD(pod) ",created_by_kind=\"DaemonSet\",created_by_name=\"" pod              \
                              "\",host_network=\"" yes "\"} 1\n"
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    round_of(&f, T0, LINES(HOST("a", "true"), HOST("b", "false"), NET("a", "0"), NET("b", "0")));
    round_of(&f, T0 + 10000,
             LINES(HOST("a", "true"), HOST("b", "false"), NET("a", "100"), NET("b", "50")));
    SAYS(&f, "shop/b NETWORK b [rx]", " bytes_per_second 5 of - primary @1795484710000");
    ck_assert_uint_eq(f.samples, 1);
    ll_feed_fini(&f);
}
END_TEST

/* A program in a pod that counts its own calls: they are the workload's. */
START_TEST(calls_of_a_pod_are_the_workloads)
{
#define CALLS(value)                                                                               \
    "http_requests_total{job=\"shop/web\"," POD(                                                   \
        "web-0") ",instance=\"10.1.1.1:80\",code=\"200\"} " value "\n"
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    round_of(&f, T0, LINES(OWNER("web-0", "StatefulSet", "web"), CALLS("10")));
    round_of(&f, T0 + 10000, LINES(OWNER("web-0", "StatefulSet", "web"), CALLS("60")));
    SAYS(&f, "shop/web API_CALLS web-0 []", " calls_per_second 5 of - primary @1795484710000");
    ck_assert_uint_eq(f.samples, 1);
    ll_feed_fini(&f);
}
END_TEST

/* Two Prometheis or two jobs that see the same pod do not make it twice as big. */
START_TEST(what_is_scraped_twice_counts_once)
{
#define TWICE(labels)                                                                              \
    "container_memory_working_set_bytes{" labels POD(                                              \
        "a-0") ",container=\"x\"} 5\n"                                                             \
               "kube_pod_container_resource_limits{" labels POD(                                   \
                   "a-0") ",container=\"x\",resource=\"memory\"} 9\n"
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    round_of(&f, T0,
             LINES(OWNER("a-0", "StatefulSet", "a"), TWICE("prometheus_replica=\"0\","),
                   TWICE("prometheus_replica=\"1\","), TWICE("job=\"kubelet\","),
                   TWICE("job=\"cadvisor\",")));
    SAYS(&f, "shop/a MEMORY a-0 []", " bytes 5 of 9 primary @1795484700000");
    ck_assert_ptr_nonnull(ll_feed_line(&f, "facts shop/a kind StatefulSet desired - ready - "
                                           "request - - limit - 9 "));
    ll_feed_fini(&f);
}
END_TEST

/* Rounds of values between rounds of facts: these do not end for it. */
START_TEST(facts_are_asked_seldom)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    round_of(&f, T0,
             LINES(OWNER("a-0", "StatefulSet", "a"), LIMIT("a-0", "x", "memory", "9"),
                   MEMORY("a-0", "x", "1")));
    for (int i = 1; i < 40; i++) {
        ll_feed_put(&f, T0 + i * 15000, LINES(MEMORY("a-0", "x", "2")));
        ll_feed_close(&f, T0 + i * 15000, LL_MAPPER_COMPLETE);
    }
    SAYS(&f, "shop/a MEMORY a-0 []", " bytes 2 of 9 primary @1795485285000");
    ck_assert_uint_eq(f.samples, 40);
    ll_feed_fini(&f);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {owners_lead_to_the_workload,
                                  a_guessed_owner_is_called_guessed,
                                  a_pod_waits_for_its_owner,
                                  capacity_is_limits_else_requests,
                                  a_kubelet_without_container_rows,
                                  containers_have_times_of_their_own,
                                  pods_that_are_over_do_not_count,
                                  names_outlive_a_restart,
                                  workloads_tell_their_size_and_people,
                                  volumes_belong_to_the_workload,
                                  traffic_of_the_host_is_not_the_pods,
                                  calls_of_a_pod_are_the_workloads,
                                  what_is_scraped_twice_counts_once,
                                  facts_are_asked_seldom};
    return ll_test_run("mapping_kube", tests, LL_LEN(tests));
}
