/* node_exporter, so that it agrees with our own collector (docs/reference/host-metrics.md). */
#include "mapping/recipe.h"

#define NODE(kind, of, text)                                                                       \
    .rule = "node_exporter", .service = "{job}", .instance = "{instance|host}",                    \
    .naming = LL_NAMING_NODE, .type = LL_RESOURCE_##kind, .unit = LL_UNIT_##of, .part = text

/* The types of filesystems that live on the machine: collect/host_disk.c. */
#define LOCAL                                                                                      \
    "fstype=~'bcachefs|btrfs|exfat|ext2|ext3|ext4|f2fs|hfsplus|jfs|msdos|nilfs2|ntfs|ntfs3|"       \
    "reiserfs|ubifs|udf|vfat|xfs|zfs'"
#define OVERLAY_ROOT "fstype='overlay',mountpoint='/'"

/* Not stacked devices, not memory, not removable media, not partitions. */
#define WHOLE                                                                                      \
    "device!~'dm-.*|fd[0-9].*|loop.*|md.*|ram.*|sr.*|zram.*|(h|s|v|xv)d[a-z]+[0-9]+|"              \
    "nvme[0-9]+n[0-9]+p[0-9]+|mmcblk[0-9]+p[0-9]+'"

/* Traffic of these is seen again on the interface that carries it: collect/host_network.c. */
#define REAL                                                                                       \
    "device!~'lo|br-.*|bridge[0-9].*|cali.*|cilium.*|cni.*|docker.*|dummy.*|flannel.*|gre.*|"      \
    "ifb.*|ip6.*|kube-.*|lxc.*|lxdbr.*|nodelocaldns|podman.*|sit.*|tap.*|tun.*|veth.*|virbr.*|"    \
    "vnet.*|vxlan.*|weave.*|wg.*'"

#define COUNTER .counter = true

#define SPACE(types)                                                                               \
    {                                                                                              \
        NODE(DISK, BYTES, "{mountpoint}"),                                                         \
            .flags = LL_RECIPE_PRIMARY_LARGEST | LL_RECIPE_ONE_PER_DEVICE,                         \
            .terms = {                                                                             \
                {.metric = "node_filesystem_size_bytes",                                           \
                 .where = types,                                                                   \
                 .value = 1,                                                                       \
                 .capacity = 1},                                                                   \
                {.metric = "node_filesystem_free_bytes",                                           \
                 .where = types,                                                                   \
                 .value = -1,                                                                      \
                 .capacity = -1},                                                                  \
                {.metric = "node_filesystem_avail_bytes", .where = types, .capacity = 1},          \
            },                                                                                     \
    }

#define INODES(types)                                                                              \
    {                                                                                              \
        NODE(DISK, FILES, "{mountpoint} inodes"),                                                  \
            .flags = LL_RECIPE_NEEDS_CAPACITY | LL_RECIPE_ONE_PER_DEVICE,                          \
            .terms = {                                                                             \
                {.metric = "node_filesystem_files", .where = types, .value = 1, .capacity = 1},    \
                {.metric = "node_filesystem_files_free", .where = types, .value = -1},             \
            },                                                                                     \
    }

#define LINK                                                                                       \
    {.metric = "node_network_speed_bytes",                                                         \
     .where = REAL,                                                                                \
     .capacity = 1,                                                                                \
     .flags = LL_TERM_OPTIONAL},                                                                   \
    {                                                                                              \
        .metric = "node_network_info", .where = "operstate!~'up|unknown|'," REAL,                  \
        .flags = LL_TERM_OPTIONAL | LL_TERM_VETO                                                   \
    }

#define CPU_PART(name, modes)                                                                      \
    {                                                                                              \
        NODE(CPU, CORES, name),                                                                    \
            .terms = {{.metric = "node_cpu_seconds_total", .where = modes, .value = 1, COUNTER}},  \
    }

#define PRESSURE(kind, metric_name)                                                                \
    {                                                                                              \
        NODE(kind, RATIO, "pressure"), .terms = {{.metric = metric_name, .value = 1, COUNTER}},    \
    }

static const struct ll_recipe recipes[] = {
    {NODE(CPU, CORES, ""), .flags = LL_RECIPE_PRIMARY | LL_RECIPE_CLAMP,
     .terms =
         {{.metric = "node_cpu_seconds_total", .where = "mode!~'idle|iowait'", .value = 1, COUNTER},
          {.metric = "node_cpu_seconds_total",
           .where = "mode='idle'",
           .capacity = 1,
           .how = LL_RECIPE_COUNT}}},
    CPU_PART("user", "mode=~'user|nice'"),
    CPU_PART("system", "mode=~'system|irq|softirq'"),
    CPU_PART("iowait", "mode='iowait'"),
    CPU_PART("steal", "mode='steal'"),
    {NODE(MEMORY, BYTES, ""), .flags = LL_RECIPE_PRIMARY,
     .terms = {{.metric = "node_memory_MemTotal_bytes", .value = 1, .capacity = 1},
               {.metric = "node_memory_MemAvailable_bytes", .value = -1}}},
    {NODE(MEMORY, BYTES, "swap"), .flags = LL_RECIPE_NEEDS_CAPACITY,
     .terms = {{.metric = "node_memory_SwapTotal_bytes", .value = 1, .capacity = 1},
               {.metric = "node_memory_SwapFree_bytes", .value = -1}}},
    SPACE(LOCAL),
    SPACE(OVERLAY_ROOT),
    INODES(LOCAL),
    INODES(OVERLAY_ROOT),
    {NODE(DISK, RATIO, "{device} busy"), .flags = LL_RECIPE_CLAMP, .capacity = 1,
     .terms = {{.metric = "node_disk_io_time_seconds_total", .where = WHOLE, .value = 1, COUNTER}}},
    {NODE(DISK, BYTES_PER_SECOND, "{device} read"),
     .terms = {{.metric = "node_disk_read_bytes_total", .where = WHOLE, .value = 1, COUNTER}}},
    {NODE(DISK, BYTES_PER_SECOND, "{device} write"),
     .terms = {{.metric = "node_disk_written_bytes_total", .where = WHOLE, .value = 1, COUNTER}}},
    {NODE(NETWORK, BYTES_PER_SECOND, "{device} rx"), .flags = LL_RECIPE_PRIMARY_FIRST,
     .terms = {{.metric = "node_network_receive_bytes_total", .where = REAL, .value = 1, COUNTER},
               LINK}},
    {NODE(NETWORK, BYTES_PER_SECOND, "{device} tx"),
     .terms = {{.metric = "node_network_transmit_bytes_total", .where = REAL, .value = 1, COUNTER},
               LINK}},
    {NODE(CONNECTIONS, CONNECTIONS, "tcp"), .flags = LL_RECIPE_PRIMARY,
     .terms = {{.metric = "node_sockstat_TCP_inuse", .value = 1},
               {.metric = "node_sockstat_TCP6_inuse", .value = 1, .flags = LL_TERM_OPTIONAL},
               {.metric = "node_filefd_maximum", .flags = LL_TERM_OPTIONAL | LL_TERM_LIMIT},
               {.metric = "node_nf_conntrack_entries", .flags = LL_TERM_OPTIONAL | LL_TERM_LATCH},
               {.metric = "node_nf_conntrack_entries_limit",
                .flags = LL_TERM_OPTIONAL | LL_TERM_LIMIT | LL_TERM_IF_LATCHED}}},
    {NODE(CONNECTIONS, CONNECTIONS, "conntrack"), .flags = LL_RECIPE_NEEDS_LATCH,
     .terms = {{.metric = "node_nf_conntrack_entries", .value = 1, .flags = LL_TERM_LATCH},
               {.metric = "node_nf_conntrack_entries_limit",
                .flags = LL_TERM_OPTIONAL | LL_TERM_LIMIT}}},
    {NODE(CONNECTIONS, FILES, "files"),
     .terms = {{.metric = "node_filefd_allocated", .value = 1},
               {.metric = "node_filefd_maximum", .flags = LL_TERM_OPTIONAL | LL_TERM_LIMIT}}},
    {NODE(CONNECTIONS, BYTES, "tcp memory"),
     .terms = {{.metric = "node_sockstat_TCP_mem_bytes", .value = 1}}},
    /* One of the running tasks is the exporter that asks. */
    {NODE(QUEUE_DEPTH, ITEMS, "run queue"), .flags = LL_RECIPE_PRIMARY, .plus = -1,
     .terms = {{.metric = "node_procs_running", .value = 1}}},
    {NODE(QUEUE_DEPTH, OPERATIONS_PER_SECOND, "listen overflow"),
     .terms = {{.metric = "node_netstat_TcpExt_ListenOverflows", .value = 1, COUNTER}}},
    PRESSURE(CPU, "node_pressure_cpu_waiting_seconds_total"),
    PRESSURE(MEMORY, "node_pressure_memory_waiting_seconds_total"),
    PRESSURE(DISK, "node_pressure_io_waiting_seconds_total"),
    {.rule = "node_exporter",
     .service = "{name|unit}",
     .instance = "{instance|host}",
     .part = "tasks",
     .naming = LL_NAMING_NODE,
     .type = LL_RESOURCE_CPU,
     .unit = LL_UNIT_ITEMS,
     .terms = {{.metric = "node_systemd_unit_tasks_current",
                .where = "name=~'.+[.]service'",
                .value = 1},
               {.metric = "node_systemd_unit_tasks_max",
                .where = "name=~'.+[.]service'",
                .flags = LL_TERM_OPTIONAL | LL_TERM_LIMIT}}},
};

static const struct ll_recipe_fact facts[] = {
    {.metric = "node_uname_info",
     .key = "{job?}/{instance}",
     .object = LL_OBJECT_TARGET,
     .fact = LL_FACT_NODENAME},
};

const struct ll_recipe_table ll_mapping_builtin_node = {recipes, LL_LEN(recipes), facts,
                                                        LL_LEN(facts)};
