/* Kubernetes: cAdvisor and volumes as the kubelet exposes them, joined with kube-state-metrics
 * (docs/metrics of versions 1.9 and 2.x; where names differ both are read). */
#include "mapping/recipe.h"

#define POD_KEY "{cluster?}/{namespace}/{pod}"
#define COUNTER .counter = true

#define POD(kind, of, text)                                                                        \
    .rule = "kubernetes", .service = "", .instance = "", .naming = LL_NAMING_POD,                  \
    .type = LL_RESOURCE_##kind, .unit = LL_UNIT_##of, .part = text

#define CLAIM(of)                                                                                  \
    .rule = "kubernetes", .service = "", .instance = "", .naming = LL_NAMING_CLAIM,                \
    .type = LL_RESOURCE_DISK, .unit = LL_UNIT_##of

/* Rows of containers; where a kubelet has none, the row of the whole pod.  "POD" is the pause
 * container. */
#define CONTAINERS "pod!='',container!='',container!='POD'"
#define WHOLE_POD "pod!='',container=''"
#define TOTAL ",cpu!~'cpu.+'"
#define BOTH(metric_name, extra, is_counter)                                                       \
    .terms = {{.metric = metric_name,                                                              \
               .where = CONTAINERS extra,                                                          \
               .value = 1,                                                                         \
               .counter = (is_counter),                                                            \
               .flags = LL_TERM_OPTIONAL},                                                         \
              {.metric = metric_name,                                                              \
               .where = WHOLE_POD extra,                                                           \
               .value = 1,                                                                         \
               .counter = (is_counter),                                                            \
               .flags = LL_TERM_OPTIONAL | LL_TERM_FALLBACK}}

#define TRAFFIC(part_name, metric_name)                                                            \
    {                                                                                              \
        POD(NETWORK, BYTES_PER_SECOND, part_name),                                                 \
            .flags = LL_RECIPE_ASYNC | LL_RECIPE_NOT_HOST_NETWORK,                                 \
            .terms = {                                                                             \
                {.metric = metric_name, .where = "pod!='',interface!='lo'", .value = 1, COUNTER},  \
            },                                                                                     \
    }

static const struct ll_recipe recipes[] = {
    {POD(CPU, CORES, ""), .flags = LL_RECIPE_PRIMARY | LL_RECIPE_ASYNC | LL_RECIPE_POD_CPU,
     BOTH("container_cpu_usage_seconds_total", TOTAL, true)},
    {POD(MEMORY, BYTES, ""), .flags = LL_RECIPE_PRIMARY | LL_RECIPE_ASYNC | LL_RECIPE_POD_MEMORY,
     BOTH("container_memory_working_set_bytes", "", false)},
    {POD(NETWORK, BYTES_PER_SECOND, "rx"),
     .flags = LL_RECIPE_PRIMARY | LL_RECIPE_ASYNC | LL_RECIPE_NOT_HOST_NETWORK,
     .terms = {{.metric = "container_network_receive_bytes_total",
                .where = "pod!='',interface!='lo'",
                .value = 1,
                COUNTER}}},
    TRAFFIC("tx", "container_network_transmit_bytes_total"),
    {POD(DISK, BYTES_PER_SECOND, "read"), .flags = LL_RECIPE_ASYNC,
     BOTH("container_fs_reads_bytes_total", "", true)},
    {POD(DISK, BYTES_PER_SECOND, "write"), .flags = LL_RECIPE_ASYNC,
     BOTH("container_fs_writes_bytes_total", "", true)},
    {POD(DISK, BYTES, "ephemeral"), .flags = LL_RECIPE_ASYNC,
     BOTH("container_fs_usage_bytes", "", false)},
    {CLAIM(BYTES), .part = "", .flags = LL_RECIPE_PRIMARY_FIRST,
     .terms = {{.metric = "kubelet_volume_stats_used_bytes", .value = 1, .capacity = 1},
               {.metric = "kubelet_volume_stats_available_bytes", .capacity = 1}}},
    {CLAIM(FILES), .part = " inodes", .flags = LL_RECIPE_NEEDS_CAPACITY,
     .terms = {{.metric = "kubelet_volume_stats_inodes_used", .value = 1},
               {.metric = "kubelet_volume_stats_inodes", .capacity = 1}}},
};

#define FACT(metric_name, where_text, object_kind, key_text, what)                                 \
    {                                                                                              \
        .metric = metric_name, .where = where_text, .key = key_text,                               \
        .object = LL_OBJECT_##object_kind, .fact = LL_FACT_##what                                  \
    }
#define POD_FACT(metric_name, where_text, what) FACT(metric_name, where_text, POD, POD_KEY, what)
#define WORKLOAD(metric_name, label, kind_name, what)                                              \
    {                                                                                              \
        .metric = metric_name, .key = "{cluster?}/{namespace}/{" label "}", .kind = kind_name,     \
        .object = LL_OBJECT_WORKLOAD, .fact = LL_FACT_##what                                       \
    }

static const struct ll_recipe_fact facts[] = {
    POD_FACT("kube_pod_info", NULL, INFO),
    POD_FACT("kube_pod_owner", "owner_is_controller!='false'", OWNER),
    POD_FACT("kube_pod_status_phase", "phase=~'Succeeded|Failed'", OVER),
    POD_FACT("kube_pod_status_ready", "condition='true'", READY),
    POD_FACT("kube_pod_start_time", NULL, START),
    POD_FACT("kube_pod_container_info", NULL, CONTAINER),
    POD_FACT("kube_pod_container_resource_requests", "resource='cpu'", REQUEST_CPU),
    POD_FACT("kube_pod_container_resource_requests", "resource='memory'", REQUEST_MEMORY),
    POD_FACT("kube_pod_container_resource_limits", "resource='cpu'", LIMIT_CPU),
    POD_FACT("kube_pod_container_resource_limits", "resource='memory'", LIMIT_MEMORY),
    POD_FACT("kube_pod_container_resource_requests_cpu_cores", NULL, REQUEST_CPU),
    POD_FACT("kube_pod_container_resource_requests_memory_bytes", NULL, REQUEST_MEMORY),
    POD_FACT("kube_pod_container_resource_limits_cpu_cores", NULL, LIMIT_CPU),
    POD_FACT("kube_pod_container_resource_limits_memory_bytes", NULL, LIMIT_MEMORY),
    POD_FACT("kube_pod_spec_volumes_persistentvolumeclaims_info", NULL, VOLUME),
    FACT("kube_pod_spec_volumes_persistentvolumeclaims_info", NULL, CLAIM,
         "{cluster?}/{namespace}/{persistentvolumeclaim}", CLAIM),
    FACT("kube_replicaset_owner", NULL, REPLICASET, "{cluster?}/{namespace}/{replicaset}", OWNER),
    FACT("kube_job_owner", NULL, JOB, "{cluster?}/{namespace}/{job_name}", OWNER),
    WORKLOAD("kube_deployment_spec_replicas", "deployment", "Deployment", DESIRED),
    WORKLOAD("kube_deployment_status_replicas_ready", "deployment", "Deployment", WORKLOAD_READY),
    WORKLOAD("kube_deployment_status_replicas_available", "deployment", "Deployment",
             WORKLOAD_AVAILABLE),
    WORKLOAD("kube_deployment_labels", "deployment", "Deployment", LABELS),
    WORKLOAD("kube_statefulset_replicas", "statefulset", "StatefulSet", DESIRED),
    WORKLOAD("kube_statefulset_status_replicas_ready", "statefulset", "StatefulSet",
             WORKLOAD_READY),
    WORKLOAD("kube_statefulset_labels", "statefulset", "StatefulSet", LABELS),
    WORKLOAD("kube_daemonset_status_desired_number_scheduled", "daemonset", "DaemonSet", DESIRED),
    WORKLOAD("kube_daemonset_status_number_ready", "daemonset", "DaemonSet", WORKLOAD_READY),
    WORKLOAD("kube_daemonset_labels", "daemonset", "DaemonSet", LABELS),
};

const struct ll_recipe_table ll_mapping_builtin_kube = {recipes, LL_LEN(recipes), facts,
                                                        LL_LEN(facts)};
