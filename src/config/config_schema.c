/* The table of every key: the one source of reading, checking, showing and documenting. */
#include <math.h>
#include <string.h>

#include "config/calendar_words.h"
#include "config/config_private.h"

#define C(field) offsetof(struct ll_config, field)
#define T(field) offsetof(struct ll_threshold, field)
#define S(field) offsetof(struct ll_config_service, field)
#define TABLE(rows)                                                                                \
    {                                                                                              \
        (rows), LL_LEN(rows), 0, NULL                                                              \
    }

static const char *check_name(struct ll_slice t)
{
    for (size_t i = 0; i < t.n; i++)
        if ((unsigned char)t.s[i] < ' ' || t.s[i] == 0x7f)
            return "has a control character";
    return NULL;
}

static bool all_of(struct ll_slice t, const char *more)
{
    for (size_t i = 0; i < t.n; i++) {
        char c = t.s[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && !(c && strchr(more, c)))
            return false;
    }
    return true;
}

static bool is_port(struct ll_slice t)
{
    unsigned v = 0;
    for (size_t i = 0; i < t.n && t.n <= 5; i++) {
        if (t.s[i] < '0' || t.s[i] > '9')
            return false;
        v = v * 10 + (unsigned)(t.s[i] - '0');
    }
    return t.n > 0 && t.n <= 5 && v <= 65535;
}

/* host:port, [v6]:port or :port (all addresses). */
static const char *check_listen(struct ll_slice t)
{
    static const char *const wrong =
        "is not an address such as 127.0.0.1:7380, [::1]:7380 or :7380";
    const char *colon = t.n ? memrchr(t.s, ':', t.n) : NULL;
    if (!colon)
        return wrong;
    struct ll_slice host = {t.s, (size_t)(colon - t.s)};
    struct ll_slice port = {colon + 1, t.n - host.n - 1};
    bool v6 = host.n > 2 && host.s[0] == '[' && host.s[host.n - 1] == ']';
    if (v6)
        host = (struct ll_slice){host.s + 1, host.n - 2};
    return is_port(port) && all_of(host, v6 ? ":.%" : ".-_") ? NULL : wrong;
}

static const char *check_host(struct ll_slice t)
{
    return t.n > 0 && all_of(t, ".-_:[]") ? NULL : "is not a host name";
}

static const char *check_url(struct ll_slice t)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < LL_LEN(schemes); i++) {
        size_t n = strlen(schemes[i]);
        if (t.n > n && memcmp(t.s, schemes[i], n) == 0 &&
            all_of((struct ll_slice){t.s + n, 1}, "[") &&
            all_of((struct ll_slice){t.s + n, t.n - n}, ".-_:[]/~%"))
            return NULL;
    }
    return "is not a URL such as https://loadline.example.com/";
}

#define PCT(k, fld, std, text)                                                                     \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_PERCENT, .offset = T(fld), .min = 0.1, .max = 100,           \
        .standard = (std), .unit = "percent", .doc = (text)                                        \
    }
#define THRESHOLD_ROWS(warn, crit, up, down, cool)                                                 \
    {                                                                                              \
        PCT("warning_pct", warning, warn, "utilisation from which the status is WARNING"),         \
            PCT("critical_pct", critical, crit, "utilisation from which it is CRITICAL"),          \
            PCT("scale_up_pct", scale_up, up, "utilisation from which more capacity is wanted"),   \
            PCT("scale_down_pct", scale_down, down,                                                \
                "utilisation below which less is enough; below scale_up_pct"),                     \
            {.key = "cooldown_seconds",                                                            \
             .type = LL_SCHEMA_SECONDS,                                                            \
             .offset = T(cooldown),                                                                \
             .max = 604800,                                                                        \
             .standard = (cool),                                                                   \
             .unit = "seconds",                                                                    \
             .doc = "rest after a scaling action"},                                                \
    }

/* The defaults are those of ll_threshold_default; a test compares them. */
static const struct ll_schema_row cpu_rows[] = THRESHOLD_ROWS("70", "85", "80", "30", "300");
static const struct ll_schema_row memory_rows[] = THRESHOLD_ROWS("80", "90", "85", "40", "600");
static const struct ll_schema_row disk_rows[] = THRESHOLD_ROWS("80", "90", "85", "30", "3600");
static const struct ll_schema_row network_rows[] = THRESHOLD_ROWS("70", "85", "80", "20", "300");
static const struct ll_schema_row connections_rows[] =
    THRESHOLD_ROWS("75", "88", "85", "30", "300");
static const struct ll_schema_row queue_rows[] = THRESHOLD_ROWS("70", "85", "80", "10", "300");
static const struct ll_schema_row api_rows[] = THRESHOLD_ROWS("70", "85", "80", "30", "300");
static const struct ll_schema_row partial_rows[] = THRESHOLD_ROWS(NULL, NULL, NULL, NULL, NULL);

static const struct ll_schema cpu = TABLE(cpu_rows), memory = TABLE(memory_rows),
                              disk = TABLE(disk_rows), network = TABLE(network_rows),
                              connections = TABLE(connections_rows), queue = TABLE(queue_rows),
                              api = TABLE(api_rows), partial = TABLE(partial_rows);

#define RESOURCE(k, member, table, text)                                                           \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_STRUCT, .offset = member, .sub = &(table), .doc = (text)     \
    }
#define RESOURCE_ROWS(at, a, b, c, d, e, f, g)                                                     \
    {                                                                                              \
        RESOURCE("cpu", at(threshold[LL_RESOURCE_CPU]), a, "CPU"),                                 \
            RESOURCE("memory", at(threshold[LL_RESOURCE_MEMORY]), b, "memory"),                    \
            RESOURCE("disk", at(threshold[LL_RESOURCE_DISK]), c, "disk space"),                    \
            RESOURCE("network", at(threshold[LL_RESOURCE_NETWORK]), d, "network"),                 \
            RESOURCE("connections", at(threshold[LL_RESOURCE_CONNECTIONS]), e, "connections"),     \
            RESOURCE("queue_depth", at(threshold[LL_RESOURCE_QUEUE_DEPTH]), f, "queue depth"),     \
            RESOURCE("api_calls", at(threshold[LL_RESOURCE_API_CALLS]), g, "API calls"),           \
    }

#define TIER(field) offsetof(struct ll_config_tier, field)
static const struct ll_schema_row thresholds_rows[] =
    RESOURCE_ROWS(C, cpu, memory, disk, network, connections, queue, api);
static const struct ll_schema_row tier_thresholds_rows[] =
    RESOURCE_ROWS(TIER, partial, partial, partial, partial, partial, partial, partial);
static const struct ll_schema_row service_thresholds_rows[] =
    RESOURCE_ROWS(S, partial, partial, partial, partial, partial, partial, partial);
static const struct ll_schema thresholds = TABLE(thresholds_rows),
                              tier_thresholds = TABLE(tier_thresholds_rows),
                              service_thresholds = TABLE(service_thresholds_rows);

static void no_thresholds(struct ll_threshold v[LL_RESOURCE_COUNT])
{
    for (size_t i = 0; i < LL_RESOURCE_COUNT; i++)
        v[i] = (struct ll_threshold){NAN, NAN, NAN, NAN, -1};
}

static void init_tier(void *item)
{
    struct ll_config_tier *t = item;
    t->name = LL_SLICE("");
    no_thresholds(t->threshold);
}

static void init_service(void *item)
{
    const struct ll_slice none = LL_SLICE("");
    struct ll_config_service *s = item;
    *s = (struct ll_config_service){
        .name = none,
        .meta = {none, none, none, none, none, none, none, none},
        .calendar = none,
        .instances = NAN,
    };
    no_thresholds(s->threshold);
}

#define NAME(k, at, extra, text)                                                                   \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_SLICE, .flags = LL_SCHEMA_SUBST | (extra), .offset = at,     \
        .min = 1, .max = LL_NAME_MAX, .check = check_name, .doc = (text)                           \
    }

static const struct ll_schema_row tier_rows[] = {
    NAME("name", TIER(name), LL_SCHEMA_REQUIRED | LL_SCHEMA_UNIQUE,
         "name of the tier, as services give it"),
    {.key = "thresholds",
     .type = LL_SCHEMA_STRUCT,
     .sub = &tier_thresholds,
     .doc = "thresholds of its services; what is left out is the resource type's"},
};
static const struct ll_schema tier = {tier_rows, LL_LEN(tier_rows), sizeof(struct ll_config_tier),
                                      init_tier};

static const struct ll_schema_row service_rows[] = {
    NAME("name", S(name), LL_SCHEMA_REQUIRED | LL_SCHEMA_UNIQUE, "name of the service"),
    NAME("environment", S(meta.environment), 0, "environment it runs in"),
    NAME("cluster", S(meta.cluster), 0, "cluster it runs in"),
    NAME("namespace", S(meta.namespace_), 0, "namespace it runs in"),
    NAME("team", S(meta.team), 0, "team that runs it"),
    NAME("owner", S(meta.owner), 0, "who is told and who decides"),
    NAME("tier", S(meta.tier), 0, "tier whose thresholds apply"),
    NAME("venue", S(meta.venue), 0, "venue it trades on"),
    NAME("site", S(meta.site), 0, "data centre or region"),
    {.key = "calendar",
     .type = LL_SCHEMA_SLICE,
     .flags = LL_SCHEMA_SUBST,
     .offset = S(calendar),
     .check = ll_calendar_check_code,
     .doc = "code of the market calendar it works by, such as XNYS"},
    {.key = "instances",
     .type = LL_SCHEMA_NUMBER,
     .offset = S(instances),
     .max = 1e6,
     .unit = "instances",
     .doc = "declared inventory, for a service whose target does not tell"},
    {.key = "thresholds",
     .type = LL_SCHEMA_STRUCT,
     .sub = &service_thresholds,
     .doc = "its own thresholds; what is left out is its tier's, else the resource type's"},
};
static const struct ll_schema service = {service_rows, LL_LEN(service_rows),
                                         sizeof(struct ll_config_service), init_service};

static const struct ll_schema_row web_rows[] = {
    {.key = "listen_address",
     .type = LL_SCHEMA_TEXTS,
     .flags = LL_SCHEMA_ONE | LL_SCHEMA_SUBST | LL_SCHEMA_RESTART,
     .offset = C(web.listen_address),
     .min = 1,
     .max = 16,
     .standard = "127.0.0.1:7380",
     .check = check_listen,
     .doc = "addresses to listen on; one or a list"},
    {.key = "external_url",
     .type = LL_SCHEMA_TEXT,
     .flags = LL_SCHEMA_SUBST,
     .offset = C(web.external_url),
     .check = check_url,
     .doc = "address under which people reach the dashboard, for links"},
    {.key = "config_file",
     .type = LL_SCHEMA_TEXT,
     .flags = LL_SCHEMA_SUBST | LL_SCHEMA_RESTART,
     .offset = C(web.config_file),
     .min = 1,
     .flag = "web.config.file",
     .doc = "file with TLS, users and tokens"},
    {.key = "enable_lifecycle",
     .type = LL_SCHEMA_BOOL,
     .offset = C(web.enable_lifecycle),
     .standard = "false",
     .doc = "POST /-/reload without a token"},
    {.key = "allowed_hosts",
     .type = LL_SCHEMA_TEXTS,
     .flags = LL_SCHEMA_ONE | LL_SCHEMA_SUBST,
     .offset = C(web.allowed_hosts),
     .max = LL_CONFIG_LIST_MAX,
     .standard = "",
     .check = check_host,
     .doc = "more names that the Host header may carry"},
    {.key = "max_connections",
     .type = LL_SCHEMA_COUNT,
     .flags = LL_SCHEMA_RESTART,
     .offset = C(web.max_connections),
     .min = 1,
     .max = 65536,
     .standard = "1024",
     .unit = "connections",
     .doc = "open connections at a time"},
    {.key = "max_body",
     .type = LL_SCHEMA_SIZE,
     .offset = C(web.max_body),
     .min = 1024,
     .max = 0x1p30,
     .standard = "16MiB",
     .unit = "bytes",
     .doc = "largest request body, after decompression"},
    {.key = "max_streams",
     .type = LL_SCHEMA_COUNT,
     .flags = LL_SCHEMA_RESTART,
     .offset = C(web.max_streams),
     .min = 1,
     .max = 4096,
     .standard = "64",
     .unit = "streams",
     .doc = "open event streams at a time"},
};
static const struct ll_schema web = TABLE(web_rows);

#define SPAN(k, at, lo, hi, std, alias, text)                                                      \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_DURATION, .flags = LL_SCHEMA_RESTART, .offset = at,          \
        .min = (double)(lo), .max = (double)(hi), .standard = (std), .flag = (alias),              \
        .doc = (text)                                                                              \
    }

static const struct ll_schema_row retention_rows[] = {
    SPAN("raw", C(storage.retain_raw), LL_HOUR, 10 * 365 * LL_DAY, "15d", "storage.retention.time",
         "how long every sample is kept"),
    SPAN("five_minute", C(storage.retain_5m), LL_DAY, 50 * 365 * LL_DAY, "90d", NULL,
         "how long five-minute means, maxima and 95th percentiles are kept"),
    SPAN("hourly", C(storage.retain_1h), LL_DAY, 50 * 365 * LL_DAY, "1825d", NULL,
         "how long hourly ones are kept"),
    SPAN("decisions", C(storage.retain_decisions), LL_DAY, 50 * 365 * LL_DAY, "90d", NULL,
         "how long decisions of scaling are kept with all they were made of"),
};
static const struct ll_schema retention = TABLE(retention_rows);

static const struct ll_schema_row storage_rows[] = {
    {.key = "path",
     .type = LL_SCHEMA_TEXT,
     .flags = LL_SCHEMA_SUBST | LL_SCHEMA_RESTART,
     .offset = C(storage.path),
     .min = 1,
     .standard_doc = "$STATE_DIRECTORY, else $XDG_DATA_HOME/loadline, else ~/.local/share/loadline",
     .doc = "folder of the database"},
    {.key = "retention",
     .type = LL_SCHEMA_STRUCT,
     .sub = &retention,
     .doc = "how long history is kept; daily peaks are kept for ever"},
    {.key = "max_series",
     .type = LL_SCHEMA_COUNT,
     .flags = LL_SCHEMA_RESTART,
     .offset = C(storage.max_series),
     .min = 1,
     .max = 1e6,
     .standard = "20000",
     .unit = "series",
     .doc = "series (service, resource, instance, part) at most; further ones are refused"},
    {.key = "max_labeled_series",
     .type = LL_SCHEMA_COUNT,
     .flags = LL_SCHEMA_RESTART,
     .offset = C(storage.max_labeled_series),
     .min = 1,
     .max = 1e6,
     .standard = "50000",
     .unit = "series",
     .doc = "series kept under their own labels at most; further ones are refused"},
    {.key = "max_decisions",
     .type = LL_SCHEMA_SIZE,
     .flags = LL_SCHEMA_RESTART,
     .offset = C(storage.max_decisions),
     .min = 0x1p20,
     .max = 0x1p40,
     .standard = "256MiB",
     .unit = "bytes",
     .doc = "records of decisions at most; beyond it the oldest go first"},
    {.key = "out_of_order_window",
     .type = LL_SCHEMA_DURATION,
     .flags = LL_SCHEMA_RESTART,
     .offset = C(storage.out_of_order),
     .min = 0,
     .max = 50.0 * 365 * LL_DAY,
     .standard = "0s",
     .doc = "how much older than the newest of its series a point under its own labels may be, and "
            "still be added or corrected; 0s = as long as raw samples are kept"},
};
static const struct ll_schema storage = TABLE(storage_rows);

static const char *const level_names[] = {
    [LL_LOG_DEBUG] = "debug", [LL_LOG_INFO] = "info", [LL_LOG_WARN] = "warn",
    [LL_LOG_ERROR] = "error", [LL_LOG_OFF] = "off",   NULL};
static const char *const format_names[] = {
    [LL_LOG_LOGFMT] = "logfmt", [LL_LOG_JSON] = "json", NULL};

static const struct ll_schema_row log_rows[] = {
    {.key = "level",
     .type = LL_SCHEMA_ENUM,
     .offset = C(log.level),
     .standard = "info",
     .names = level_names,
     .doc = "least severity that is logged"},
    {.key = "format",
     .type = LL_SCHEMA_ENUM,
     .offset = C(log.format),
     .standard = "logfmt",
     .names = format_names,
     .doc = "form of the log's lines"},
};
static const struct ll_schema log_table = TABLE(log_rows);

static const struct ll_schema_row host_rows[] = {
    {.key = "enabled",
     .type = LL_SCHEMA_BOOL,
     .offset = C(host.enabled),
     .standard = "true",
     .doc = "collect the resources of this host"},
    {.key = "interval",
     .type = LL_SCHEMA_DURATION,
     .offset = C(host.interval),
     .min = 0,
     .max = (double)LL_HOUR,
     .standard = "0s",
     .standard_doc = "check_interval_seconds",
     .doc = "how often; 0s = each check_interval_seconds"},
    {.key = "instance",
     .type = LL_SCHEMA_TEXT,
     .flags = LL_SCHEMA_SUBST,
     .offset = C(host.instance),
     .min = 1,
     .max = LL_NAME_MAX,
     .check = check_name,
     .standard_doc = "the host name",
     .doc = "name of this host as an instance"},
    {.key = "ignore_mounts",
     .type = LL_SCHEMA_TEXTS,
     .flags = LL_SCHEMA_ONE,
     .offset = C(host.ignore_mounts),
     .max = 64,
     .standard = "",
     .doc = "mount points to leave out, as shell patterns"},
    {.key = "ignore_devices",
     .type = LL_SCHEMA_TEXTS,
     .flags = LL_SCHEMA_ONE,
     .offset = C(host.ignore_devices),
     .max = 64,
     .standard = "",
     .doc = "network interfaces to leave out, as shell patterns"},
    {.key = "link_speed",
     .type = LL_SCHEMA_RATE,
     .offset = C(host.link_speed_bytes_per_second),
     .min = 1e3,
     .max = 1e14,
     .doc = "capacity of interfaces that do not tell theirs; without it their utilisation is "
            "unknown"},
    {.key = "cgroups",
     .type = LL_SCHEMA_BOOL,
     .offset = C(host.cgroups),
     .standard = "true",
     .doc = "systemd units and containers as services of their own"},
    {.key = "max_cgroups",
     .type = LL_SCHEMA_COUNT,
     .offset = C(host.max_cgroups),
     .min = 1,
     .max = 10000,
     .standard = "200",
     .unit = "units",
     .doc = "units and containers at most; the busiest are kept"},
};
const struct ll_schema ll_config_host_schema = TABLE(host_rows);

static const struct ll_schema_row forecast_rows[] = {
    {.key = "workers",
     .type = LL_SCHEMA_COUNT,
     .flags = LL_SCHEMA_RESTART,
     .offset = C(forecast.workers),
     .min = 1,
     .max = 8,
     .standard = "1",
     .unit = "threads",
     .doc = "threads that fit forecasts, at low priority"},
    {.key = "lead_time",
     .type = LL_SCHEMA_DURATION,
     .offset = C(forecast.lead),
     .min = (double)LL_MINUTE,
     .max = 7.0 * LL_DAY,
     .standard = "1h",
     .doc = "how far ahead capacity must be ordered: forecasts are trusted or not by how they came "
            "out so far ahead, beside 1 h, 6 h and 24 h"},
    {.key = "max_horizon_hours",
     .type = LL_SCHEMA_HOURS,
     .offset = C(forecast.horizon_max),
     .min = 1,
     .max = 4096,
     .standard = "336",
     .unit = "hours",
     .doc = "how far a request may ask beyond forecast_horizon_hours; such forecasts are computed "
            "on demand"},
};
static const struct ll_schema forecast = TABLE(forecast_rows);

static const struct ll_schema_row root_rows[] = {
    {.key = "environment",
     .type = LL_SCHEMA_TEXT,
     .flags = LL_SCHEMA_SUBST,
     .offset = C(environment),
     .max = LL_NAME_MAX,
     .standard = "",
     .check = check_name,
     .doc = "name of what is watched, shown on the dashboard"},
    {.key = "check_interval_seconds",
     .type = LL_SCHEMA_SECONDS,
     .offset = C(check_interval),
     .min = 1,
     .max = 3600,
     .standard = "15",
     .unit = "seconds",
     .doc = "how often resources are collected and judged"},
    {.key = "forecast_horizon_hours",
     .type = LL_SCHEMA_HOURS,
     .offset = C(forecast_horizon),
     .min = 1,
     .max = 8784,
     .standard = "24",
     .unit = "hours",
     .doc = "how far forecasts reach"},
    {.key = "forecast",
     .type = LL_SCHEMA_STRUCT,
     .sub = &forecast,
     .doc = "how forecasts are made"},
    {.key = "enable_auto_scaling",
     .type = LL_SCHEMA_BOOL,
     .offset = C(enable_auto_scaling),
     .standard = "false",
     .doc = "allow rules in the mode auto to act"},
    {.key = "thresholds",
     .type = LL_SCHEMA_STRUCT,
     .sub = &thresholds,
     .doc = "thresholds by resource type"},
    {.key = "tiers",
     .type = LL_SCHEMA_LIST,
     .offset = C(tiers),
     .offset_n = C(n_tiers),
     .max = LL_CONFIG_LIST_MAX,
     .sub = &tier,
     .doc = "thresholds by tier of service"},
    {.key = "services",
     .type = LL_SCHEMA_LIST,
     .offset = C(services),
     .offset_n = C(n_services),
     .max = 4096,
     .sub = &service,
     .doc = "what is known about services beyond their samples"},
    {.key = "web", .type = LL_SCHEMA_STRUCT, .sub = &web, .doc = "HTTP server"},
    {.key = "storage", .type = LL_SCHEMA_STRUCT, .sub = &storage, .doc = "embedded database"},
    {.key = "log", .type = LL_SCHEMA_STRUCT, .sub = &log_table, .doc = "the daemon's log"},
    {.key = "collect",
     .type = LL_SCHEMA_STRUCT,
     .sub = &ll_config_collect_schema,
     .doc = "collectors"},
    {.key = "calendars",
     .type = LL_SCHEMA_STRUCT,
     .sub = &ll_config_calendars_schema,
     .doc = "market calendars"},
    {.key = "notifications",
     .type = LL_SCHEMA_STRUCT,
     .sub = &ll_config_notifications_schema,
     .doc = "who is told of what"},
    {.key = "scaling",
     .type = LL_SCHEMA_STRUCT,
     .sub = &ll_config_scaling_schema,
     .doc = "scaling"},
    {.key = "mapping",
     .type = LL_SCHEMA_LIST,
     .offset = C(collect.mapping),
     .offset_n = C(collect.n_mapping),
     .max = 1000,
     .sub = &ll_config_rule_schema,
     .doc = "what labelled series mean, before the built-in rules; the first that matches counts"},
};
static const struct ll_schema root = TABLE(root_rows);

const struct ll_schema *ll_config_table(void)
{
    return &root;
}
