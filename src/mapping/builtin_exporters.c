/* The usual exporters: a row says what a metric of theirs means.  Names are those of the
 * exporters' own documentation; docs/reference/mapping.md lists them for people. */
#include "mapping/recipe.h"

#define ROW_OF(name, named, kind, of, text)                                                        \
    .rule = name, .service = named, .instance = "{instance|host}", .type = LL_RESOURCE_##kind,     \
    .unit = LL_UNIT_##of, .part = text
#define ROW(name, kind, of, text) ROW_OF(name, "{job}", kind, of, text)
/* About a pod that is scraped itself: its workload is the service. */
#define POD_ROW(name, kind, of, text)                                                              \
    .rule = name, .service = "", .instance = "", .naming = LL_NAMING_POD,                          \
    .type = LL_RESOURCE_##kind, .unit = LL_UNIT_##of, .part = text

#define COUNTER .counter = true
#define OPTIONAL .flags = LL_TERM_OPTIONAL
#define LIMIT .flags = LL_TERM_OPTIONAL | LL_TERM_LIMIT
#define ALONE "pod=''"
#define IN_POD "namespace!='',pod!=''"

static const struct ll_recipe recipes[] = {
    /* cAdvisor beside plain Docker or containerd */
    {ROW_OF("cadvisor", "{name}", CPU, CORES, ""), .flags = LL_RECIPE_PRIMARY | LL_RECIPE_ASYNC,
     .terms = {{"container_cpu_usage_seconds_total", "pod='',name!='',cpu!~'cpu.+'", 1, 0,
                COUNTER}}},
    {ROW_OF("cadvisor", "{name}", MEMORY, BYTES, ""), .flags = LL_RECIPE_PRIMARY | LL_RECIPE_ASYNC,
     .terms = {{"container_memory_working_set_bytes", "pod='',name!=''", 1, 0},
               {"container_spec_memory_limit_bytes", "pod='',name!=''", 0, 0, LIMIT}}},
    /* systemd_exporter */
    {ROW_OF("systemd_exporter", "{name|unit}", CPU, CORES, ""), .flags = LL_RECIPE_PRIMARY,
     .terms = {{"systemd_unit_cpu_seconds_total", "name=~'.+[.]service'", 1, 0, COUNTER}}},
    {ROW_OF("systemd_exporter", "{name|unit}", CPU, ITEMS, "tasks"),
     .terms = {{"systemd_unit_tasks_current", "name=~'.+[.]service'", 1, 0},
               {"systemd_unit_tasks_max", "name=~'.+[.]service'", 0, 0, LIMIT}}},
    {ROW_OF("systemd_exporter", "{name|unit}", CONNECTIONS, CONNECTIONS, ""),
     .flags = LL_RECIPE_PRIMARY, .terms = {{"systemd_socket_current_connections", NULL, 1, 0}}},
    /* process-exporter */
    {ROW_OF("process-exporter", "{groupname}", CPU, CORES, ""), .flags = LL_RECIPE_PRIMARY,
     .terms = {{"namedprocess_namegroup_cpu_seconds_total", NULL, 1, 0, COUNTER}}},
    {ROW_OF("process-exporter", "{groupname}", CPU, ITEMS, "processes"),
     .terms = {{"namedprocess_namegroup_num_procs", NULL, 1, 0}}},
    {ROW_OF("process-exporter", "{groupname}", MEMORY, BYTES, ""), .flags = LL_RECIPE_PRIMARY,
     .terms = {{"namedprocess_namegroup_memory_bytes", "memtype='resident'", 1, 0}}},
    {ROW_OF("process-exporter", "{groupname}", CONNECTIONS, FILES, "files"),
     .terms = {{"namedprocess_namegroup_open_filedesc", NULL, 1, 0}}},
    {ROW_OF("process-exporter", "{groupname}", CONNECTIONS, RATIO, "files of the fullest process"),
     .capacity = 1, .terms = {{"namedprocess_namegroup_worst_fd_ratio", NULL, 1, 0}}},
    {ROW_OF("process-exporter", "{groupname}", DISK, BYTES_PER_SECOND, "read"),
     .terms = {{"namedprocess_namegroup_read_bytes_total", NULL, 1, 0, COUNTER}}},
    {ROW_OF("process-exporter", "{groupname}", DISK, BYTES_PER_SECOND, "write"),
     .terms = {{"namedprocess_namegroup_write_bytes_total", NULL, 1, 0, COUNTER}}},
    /* what client libraries tell of their own process */
    {ROW("client library", CPU, CORES, ""), .flags = LL_RECIPE_PRIMARY | LL_RECIPE_WEAK,
     .terms = {{"process_cpu_seconds_total", ALONE, 1, 0, COUNTER}}},
    {ROW("client library", MEMORY, BYTES, ""), .flags = LL_RECIPE_PRIMARY | LL_RECIPE_WEAK,
     .terms = {{"process_resident_memory_bytes", ALONE, 1, 0}}},
    {ROW("client library", CONNECTIONS, FILES, "files"), .flags = LL_RECIPE_WEAK,
     .terms = {{"process_open_fds", ALONE, 1, 0}, {"process_max_fds", ALONE, 0, 0, LIMIT}}},
    {POD_ROW("client library", CONNECTIONS, FILES, "files"),
     .terms = {{"process_open_fds", IN_POD, 1, 0}, {"process_max_fds", IN_POD, 0, 0, LIMIT}}},
    /* calls as programs count them themselves */
    {ROW("client library", API_CALLS, CALLS_PER_SECOND, ""),
     .flags = LL_RECIPE_PRIMARY | LL_RECIPE_LOOSE,
     .terms = {{"http_requests_total", ALONE, 1, 0, COUNTER}}},
    {POD_ROW("client library", API_CALLS, CALLS_PER_SECOND, ""),
     .flags = LL_RECIPE_PRIMARY | LL_RECIPE_LOOSE,
     .terms = {{"http_requests_total", IN_POD, 1, 0, COUNTER}}},
    {ROW("micrometer", API_CALLS, CALLS_PER_SECOND, ""),
     .flags = LL_RECIPE_PRIMARY | LL_RECIPE_LOOSE,
     .terms = {{"http_server_requests_seconds_count", ALONE, 1, 0, COUNTER}}},
    {POD_ROW("micrometer", API_CALLS, CALLS_PER_SECOND, ""),
     .flags = LL_RECIPE_PRIMARY | LL_RECIPE_LOOSE,
     .terms = {{"http_server_requests_seconds_count", IN_POD, 1, 0, COUNTER}}},
    {ROW("client library", API_CALLS, CALLS_PER_SECOND, "grpc"), .flags = LL_RECIPE_LOOSE,
     .terms = {{"grpc_server_handled_total", ALONE, 1, 0, COUNTER}}},
    {POD_ROW("client library", API_CALLS, CALLS_PER_SECOND, "grpc"), .flags = LL_RECIPE_LOOSE,
     .terms = {{"grpc_server_handled_total", IN_POD, 1, 0, COUNTER}}},
    /* postgres_exporter */
    {ROW("postgres_exporter", CONNECTIONS, CONNECTIONS, ""), .flags = LL_RECIPE_PRIMARY,
     .terms = {{"pg_stat_activity_count", NULL, 1, 0},
               {"pg_settings_max_connections", NULL, 0, 0, LIMIT}}},
    {ROW("postgres_exporter", CONNECTIONS, CONNECTIONS, "{state}"),
     .terms = {{"pg_stat_activity_count", "state!=''", 1, 0}}},
    {ROW("postgres_exporter", DISK, BYTES, "{datname}"),
     .terms = {{"pg_database_size_bytes", "datname!=''", 1, 0}}},
    {ROW("postgres_exporter", API_CALLS, CALLS_PER_SECOND, ""), .flags = LL_RECIPE_PRIMARY,
     .terms = {{"pg_stat_database_xact_commit", NULL, 1, 0, COUNTER},
               {"pg_stat_database_xact_rollback", NULL, 1, 0, COUNTER}}},
    {ROW("postgres_exporter", QUEUE_DEPTH, SECONDS, "replication lag"),
     .terms = {{"pg_replication_lag_seconds", NULL, 1, 0, .how = LL_RECIPE_MAX, OPTIONAL},
               {"pg_replication_lag", NULL, 1, 0, .how = LL_RECIPE_MAX,
                .flags = LL_TERM_OPTIONAL | LL_TERM_FALLBACK}}},
    /* kafka_exporter */
    {ROW("kafka_exporter", QUEUE_DEPTH, ITEMS, "{consumergroup}/{topic}"),
     .terms = {{"kafka_consumergroup_lag", NULL, 1, 0}}},
    {ROW("kafka_exporter", API_CALLS, CALLS_PER_SECOND, "{topic}"), .flags = LL_RECIPE_LOOSE,
     .terms = {{"kafka_topic_partition_current_offset", NULL, 1, 0, COUNTER}}},
    /* Kafka's own, by the JMX exporter with the usual rules; without a topic: all of them */
    {ROW("kafka jmx", API_CALLS, CALLS_PER_SECOND, ""), .flags = LL_RECIPE_PRIMARY,
     .terms = {{"kafka_server_brokertopicmetrics_messagesin_total", "topic=''", 1, 0, COUNTER}}},
    {ROW("kafka jmx", NETWORK, BYTES_PER_SECOND, "rx"), .flags = LL_RECIPE_PRIMARY,
     .terms = {{"kafka_server_brokertopicmetrics_bytesin_total", "topic=''", 1, 0, COUNTER}}},
    {ROW("kafka jmx", NETWORK, BYTES_PER_SECOND, "tx"),
     .terms = {{"kafka_server_brokertopicmetrics_bytesout_total", "topic=''", 1, 0, COUNTER}}},
    /* redis_exporter */
    {ROW("redis_exporter", CONNECTIONS, CONNECTIONS, ""), .flags = LL_RECIPE_PRIMARY,
     .terms = {{"redis_connected_clients", NULL, 1, 0},
               {"redis_config_maxclients", NULL, 0, 0, LIMIT}}},
    {ROW("redis_exporter", MEMORY, BYTES, ""), .flags = LL_RECIPE_PRIMARY,
     .terms = {{"redis_memory_used_bytes", NULL, 1, 0},
               {"redis_memory_max_bytes", NULL, 0, 1, OPTIONAL}}},
    {ROW("redis_exporter", API_CALLS, CALLS_PER_SECOND, ""), .flags = LL_RECIPE_PRIMARY,
     .terms = {{"redis_commands_processed_total", NULL, 1, 0, COUNTER}}},
    /* RabbitMQ's own plugin */
    {ROW("rabbitmq", QUEUE_DEPTH, ITEMS, "{vhost}/{queue}"),
     .terms = {{"rabbitmq_queue_messages_ready", "queue!=''", 1, 0},
               {"rabbitmq_queue_messages_unacked", "queue!=''", 1, 0}}},
    {ROW("rabbitmq", QUEUE_DEPTH, ITEMS, "{vhost}/{queue}"),
     .terms = {{"rabbitmq_detailed_queue_messages_ready", "queue!=''", 1, 0},
               {"rabbitmq_detailed_queue_messages_unacked", "queue!=''", 1, 0}}},
    {ROW("rabbitmq", QUEUE_DEPTH, ITEMS, ""), .flags = LL_RECIPE_PRIMARY,
     .terms = {{"rabbitmq_queue_messages_ready", "queue=''", 1, 0},
               {"rabbitmq_queue_messages_unacked", "queue=''", 1, 0}}},
    {ROW("rabbitmq", CONNECTIONS, CONNECTIONS, ""), .flags = LL_RECIPE_PRIMARY,
     .terms = {{"rabbitmq_connections", NULL, 1, 0}}},
    {ROW("rabbitmq", CONNECTIONS, CONNECTIONS, "sockets"),
     .terms = {{"rabbitmq_process_open_tcp_sockets", NULL, 1, 0},
               {"rabbitmq_process_max_tcp_sockets", NULL, 0, 0, LIMIT}}},
    {ROW("rabbitmq", CONNECTIONS, FILES, "files"),
     .terms = {{"rabbitmq_process_open_fds", NULL, 1, 0},
               {"rabbitmq_process_max_fds", NULL, 0, 0, LIMIT}}},
    {ROW("rabbitmq", MEMORY, BYTES, ""), .flags = LL_RECIPE_PRIMARY,
     .terms = {{"rabbitmq_process_resident_memory_bytes", NULL, 1, 0},
               {"rabbitmq_resident_memory_limit_bytes", NULL, 0, 1, OPTIONAL}}},
    {ROW("rabbitmq", DISK, BYTES, "free"),
     .terms = {{"rabbitmq_disk_space_available_bytes", NULL, 1, 0}}},
    /* nginx-prometheus-exporter and the module nginx-vts */
    {ROW("nginx", CONNECTIONS, CONNECTIONS, ""), .flags = LL_RECIPE_PRIMARY,
     .terms = {{"nginx_connections_active", NULL, 1, 0}}},
    {ROW("nginx", API_CALLS, CALLS_PER_SECOND, ""), .flags = LL_RECIPE_PRIMARY,
     .terms = {{"nginx_http_requests_total", NULL, 1, 0, COUNTER}}},
    {ROW("nginx-vts", CONNECTIONS, CONNECTIONS, ""), .flags = LL_RECIPE_PRIMARY,
     .terms = {{"nginx_vts_main_connections", "status='active'", 1, 0}}},
    {ROW("nginx-vts", API_CALLS, CALLS_PER_SECOND, ""),
     .flags = LL_RECIPE_PRIMARY | LL_RECIPE_LOOSE,
     .terms = {{"nginx_vts_server_requests_total", "host!='*'", 1, 0, COUNTER}}},
    /* HAProxy's own exporter (label proxy), and haproxy_exporter (frontend, backend) */
    {ROW("haproxy", CONNECTIONS, CONNECTIONS, ""), .flags = LL_RECIPE_PRIMARY,
     .terms = {{"haproxy_process_current_connections", NULL, 1, 0},
               {"haproxy_process_max_connections", NULL, 0, 0, LIMIT}}},
    {ROW("haproxy", CONNECTIONS, CONNECTIONS, "{proxy?}{frontend?} frontend"),
     .terms = {{"haproxy_frontend_current_sessions", NULL, 1, 0},
               {"haproxy_frontend_limit_sessions", NULL, 0, 0, LIMIT}}},
    {ROW("haproxy", CONNECTIONS, CONNECTIONS, "{proxy?}{backend?} backend"),
     .terms = {{"haproxy_backend_current_sessions", NULL, 1, 0},
               {"haproxy_backend_limit_sessions", NULL, 0, 0, LIMIT}}},
    {ROW("haproxy", QUEUE_DEPTH, ITEMS, "{proxy?}{backend?} backend"),
     .terms = {{"haproxy_backend_current_queue", NULL, 1, 0}}},
    {ROW("haproxy", API_CALLS, CALLS_PER_SECOND, ""), .flags = LL_RECIPE_PRIMARY | LL_RECIPE_LOOSE,
     .terms = {{"haproxy_frontend_http_requests_total", NULL, 1, 0, COUNTER}}},
    /* etcd */
    {ROW("etcd", DISK, BYTES, "database"), .flags = LL_RECIPE_PRIMARY,
     .terms = {{"etcd_mvcc_db_total_size_in_bytes", NULL, 1, 0},
               {"etcd_server_quota_backend_bytes", NULL, 0, 1, OPTIONAL}}},
};

const struct ll_recipe_table ll_mapping_builtin_exporters = {recipes, LL_LEN(recipes), NULL, 0};
