/* Shorthand keeps it readable: every member is required, null means no data. */
#include "api/schemas.h"

#define Q(x) "\"" x "\""
#define REF(name) "{" Q("$ref") ":" Q("#/components/schemas/" name) "}"
#define TYPE(t) "{" Q("type") ":" Q(t) "}"
#define MAYBE(t) "{" Q("type") ":[" Q(t) "," Q("null") "]}"
#define MAYBE_REF(name) "{" Q("anyOf") ":[" REF(name) "," TYPE("null") "]}"
#define LIST(item) "{" Q("type") ":" Q("array") "," Q("items") ":" item "}"
#define TEXT TYPE("string")
#define NUM TYPE("number")
#define INT TYPE("integer")
#define BOOL TYPE("boolean")
#define TIME "{" Q("type") ":" Q("string") "," Q("format") ":" Q("date-time") "}"
#define MAYBE_TIME                                                                                 \
    "{" Q("type") ":[" Q("string") "," Q("null") "]," Q("format") ":" Q("date-time") "}"
#define P(name, schema) Q(name) ":" schema
#define OBJECT(properties, required)                                                               \
    "{" Q("type") ":" Q("object") "," Q("properties") ":{" properties "}," Q("required") ":["      \
        required "]," Q("additionalProperties") ":false}"
#define STATUS REF("CapacityStatus")
#define RESOURCE REF("ResourceType")
#define SERIES P("service", TEXT) "," P("resource_type", RESOURCE) "," P("instance", TEXT) "," P("part", TEXT)
#define SERIES_R Q("service") "," Q("resource_type") "," Q("instance") "," Q("part")
#define JUDGED P("status", STATUS) "," P("status_reason", TEXT)
#define JUDGED_R Q("status") "," Q("status_reason")
#define AMOUNT P("unit", TEXT) "," P("current_value", MAYBE("number")) "," P("capacity", MAYBE("number"))
#define AMOUNT_R Q("unit") "," Q("current_value") "," Q("capacity")
#define PAGE(item) OBJECT(P("items", LIST(item)) "," P("next_cursor", MAYBE("string")), Q("items") "," Q("next_cursor"))
#define ITEMS(item) OBJECT(P("items", LIST(item)), Q("items"))

const struct ll_schema ll_schemas[] = {
    {"ResourceType", "{\"type\":\"string\",\"enum\":[\"CPU\",\"MEMORY\",\"DISK\",\"NETWORK\",\"CONNECTIONS\",\"QUEUE_DEPTH\",\"API_CALLS\"]}"},
    {"CapacityStatus", "{\"type\":\"string\",\"enum\":[\"HEALTHY\",\"WARNING\",\"CRITICAL\",\"OVER_PROVISIONED\",\"UNDER_PROVISIONED\",\"UNKNOWN\"]}"},
    {"ResourceMetric", OBJECT(SERIES "," P("primary", BOOL) "," AMOUNT "," P("utilization_pct", MAYBE("number")) "," P("max_value", MAYBE("number")) "," P("window_seconds", MAYBE("number")) "," P("timestamp", TIME) "," P("age_seconds", NUM) "," P("stale", BOOL) "," JUDGED "," P("time_to_limit_seconds", MAYBE("number")), SERIES_R "," Q("primary") "," AMOUNT_R "," Q("utilization_pct") "," Q("max_value") "," Q("window_seconds") "," Q("timestamp") "," Q("age_seconds") "," Q("stale") "," JUDGED_R "," Q("time_to_limit_seconds"))},
    {"Snapshot", OBJECT(P("snapshot_id", TEXT) "," P("sequence", INT) "," P("timestamp", TIME) "," P("overall_health", STATUS) "," P("metrics", LIST(REF("ResourceMetric"))), Q("snapshot_id") "," Q("sequence") "," Q("timestamp") "," Q("overall_health") "," Q("metrics"))},
    {"Counts", OBJECT(P("HEALTHY", INT) "," P("WARNING", INT) "," P("CRITICAL", INT) "," P("OVER_PROVISIONED", INT) "," P("UNDER_PROVISIONED", INT) "," P("UNKNOWN", INT), Q("HEALTHY") "," Q("WARNING") "," Q("CRITICAL") "," Q("OVER_PROVISIONED") "," Q("UNDER_PROVISIONED") "," Q("UNKNOWN"))},
    {"HealthProblem", OBJECT(SERIES "," JUDGED "," P("utilization_pct", MAYBE("number")) "," AMOUNT "," P("since", MAYBE_TIME) "," P("time_to_limit_seconds", MAYBE("number")), SERIES_R "," JUDGED_R "," Q("utilization_pct") "," AMOUNT_R "," Q("since") "," Q("time_to_limit_seconds"))},
    {"Health", OBJECT(P("status", STATUS) "," P("timestamp", TIME) "," P("sequence", INT) "," P("counts", REF("Counts")) "," P("worst", LIST(REF("HealthProblem"))), Q("status") "," Q("timestamp") "," Q("sequence") "," Q("counts") "," Q("worst"))},
    {"Worst", "{\"type\":\"object\",\"properties\":{" P("service", TEXT) "," P("instance", TEXT) "," P("part", TEXT) "," P("utilization_pct", MAYBE("number")) "," P("status", STATUS) "},\"required\":[\"instance\",\"part\",\"utilization_pct\",\"status\"],\"additionalProperties\":false}"},
    {"Sparkline", OBJECT(P("t0", INT) "," P("step", INT) "," P("utilization_pct", LIST(MAYBE("number"))), Q("t0") "," Q("step") "," Q("utilization_pct"))},
    {"ResourceSummary", OBJECT(P("resource_type", RESOURCE) "," JUDGED "," AMOUNT "," P("utilization_pct", MAYBE("number")) "," P("services", INT) "," P("series", INT) "," P("stale", INT) "," P("warning_pct", MAYBE("number")) "," P("critical_pct", MAYBE("number")) "," P("p95_7d_pct", MAYBE("number")) "," P("peak_24h_pct", MAYBE("number")) "," P("time_to_limit_seconds", MAYBE("number")) "," P("worst", MAYBE_REF("Worst")) "," P("sparkline", REF("Sparkline")), Q("resource_type") "," JUDGED_R "," AMOUNT_R "," Q("utilization_pct") "," Q("services") "," Q("series") "," Q("stale") "," Q("warning_pct") "," Q("critical_pct") "," Q("p95_7d_pct") "," Q("peak_24h_pct") "," Q("time_to_limit_seconds") "," Q("worst") "," Q("sparkline"))},
    {"Verdict", OBJECT(P("status", STATUS) "," P("headline", TEXT) "," P("sentence", TEXT), Q("status") "," Q("headline") "," Q("sentence"))},
    {"LeastHeadroom", OBJECT(SERIES "," P("kind", TEXT) "," P("seconds", NUM), SERIES_R "," Q("kind") "," Q("seconds"))},
    {"Summary", OBJECT(P("sequence", INT) "," P("timestamp", TIME) "," P("environment", TEXT) "," P("overall_health", STATUS) "," P("counts", REF("Counts")) "," P("cells", INT) "," P("services", INT) "," P("series", INT) "," P("instances", MAYBE("number")) "," P("verdict", REF("Verdict")) "," P("least_headroom", MAYBE_REF("LeastHeadroom")) "," P("resources", LIST(REF("ResourceSummary"))), Q("sequence") "," Q("timestamp") "," Q("environment") "," Q("overall_health") "," Q("counts") "," Q("cells") "," Q("services") "," Q("series") "," Q("instances") "," Q("verdict") "," Q("least_headroom") "," Q("resources"))},
    {"Cell", OBJECT(AMOUNT "," P("utilization_pct", MAYBE("number")) "," P("peak_24h_pct", MAYBE("number")) "," JUDGED "," P("stale", BOOL) "," P("worst", REF("Worst")), AMOUNT_R "," Q("utilization_pct") "," Q("peak_24h_pct") "," JUDGED_R "," Q("stale") "," Q("worst"))},
    {"Service", OBJECT(P("service", TEXT) "," P("environment", TEXT) "," P("cluster", TEXT) "," P("namespace", TEXT) "," P("team", TEXT) "," P("owner", TEXT) "," P("tier", TEXT) "," P("venue", TEXT) "," P("site", TEXT) "," P("instances", MAYBE("number")) "," P("instances_source", TEXT) "," P("status", STATUS) "," P("headroom_seconds", MAYBE("number")) "," P("headroom_kind", MAYBE("string")) "," P("resources", "{\"type\":\"object\",\"additionalProperties\":" REF("Cell") "}"), Q("service") "," Q("environment") "," Q("cluster") "," Q("namespace") "," Q("team") "," Q("owner") "," Q("tier") "," Q("venue") "," Q("site") "," Q("instances") "," Q("instances_source") "," Q("status") "," Q("headroom_seconds") "," Q("headroom_kind") "," Q("resources"))},
    {"Services", PAGE(REF("Service"))},
    {"Top", ITEMS(REF("ResourceMetric"))},
    {"Limit", OBJECT(SERIES "," AMOUNT "," P("to_critical_seconds", MAYBE("number")) "," P("to_capacity_seconds", MAYBE("number")) "," P("to_ceiling_seconds", MAYBE("number")) "," P("trend_per_day", MAYBE("number")) "," P("basis", MAYBE("string")) "," P("state", "{\"type\":\"string\",\"enum\":[\"OK\",\"BEYOND\",\"LEARNING\",\"NO_CAPACITY\"]}"), SERIES_R "," AMOUNT_R "," Q("to_critical_seconds") "," Q("to_capacity_seconds") "," Q("to_ceiling_seconds") "," Q("trend_per_day") "," Q("basis") "," Q("state"))},
    {"Limits", ITEMS(REF("Limit"))},
    {"Column", LIST(MAYBE("number"))},
    {"Columns", OBJECT(P("value", REF("Column")) "," P("max", REF("Column")) "," P("capacity", REF("Column")) "," P("utilization_pct", REF("Column")), Q("value") "," Q("max") "," Q("capacity") "," Q("utilization_pct"))},
    {"History", OBJECT(P("service", TEXT) "," P("resource_type", RESOURCE) "," P("instance", MAYBE("string")) "," P("part", TEXT) "," P("unit", TEXT) "," P("t0", INT) "," P("step", INT) "," P("source", "{\"type\":\"string\",\"enum\":[\"raw\",\"5m\",\"1h\"]}") "," P("columns", REF("Columns")), Q("service") "," Q("resource_type") "," Q("instance") "," Q("part") "," Q("unit") "," Q("t0") "," Q("step") "," Q("source") "," Q("columns"))},
    {"Time", "{\"anyOf\":[" TIME ",{\"type\":\"number\",\"description\":\"Unix seconds\"}]}"},
    {"Sample", OBJECT(SERIES "," P("current_value", "{\"type\":\"number\",\"minimum\":0}") "," P("capacity", MAYBE("number")) "," P("max_value", MAYBE("number")) "," P("window_seconds", MAYBE("number")) "," P("unit", MAYBE("string")) "," P("timestamp", REF("Time")), Q("service") "," Q("resource_type") "," Q("current_value"))},
    {"BusinessCount", OBJECT(P("metric", TEXT) "," P("service", TEXT) "," P("venue", TEXT) "," P("value", NUM) "," P("timestamp", REF("Time")), Q("metric") "," Q("value"))},
    {"Push", OBJECT(P("metrics", LIST(REF("Sample"))) "," P("business", LIST(REF("BusinessCount"))), "")},
    {"Rejected", OBJECT(P("index", INT) "," P("list", "{\"type\":\"string\",\"enum\":[\"metrics\",\"business\"]}") "," P("reason", TEXT), Q("index") "," Q("list") "," Q("reason"))},
    {"PushResult", OBJECT(P("accepted", INT) "," P("rejected", LIST(REF("Rejected"))), Q("accepted") "," Q("rejected"))},
    {"Peak", OBJECT(SERIES "," P("unit", TEXT) "," P("date", TEXT) "," P("value", NUM) "," P("at", TIME) "," P("window_seconds", MAYBE("number")) "," P("capacity", MAYBE("number")), SERIES_R "," Q("unit") "," Q("date") "," Q("value") "," Q("at") "," Q("window_seconds") "," Q("capacity"))},
    {"Peaks", PAGE(REF("Peak"))},
    {"Collector", OBJECT(P("name", TEXT) "," P("up", BOOL) "," P("last_success", MAYBE_TIME) "," P("age_seconds", MAYBE("number")) "," P("interval_seconds", NUM) "," P("samples", INT) "," P("duration_ms", MAYBE("number")) "," P("error", MAYBE("string")), Q("name") "," Q("up") "," Q("last_success") "," Q("age_seconds") "," Q("interval_seconds") "," Q("samples") "," Q("duration_ms") "," Q("error"))},
    {"EngineStatus", OBJECT(P("series", INT) "," P("max_series", INT) "," P("check_interval_seconds", NUM) "," P("last_tick_ms", MAYBE("number")), Q("series") "," Q("max_series") "," Q("check_interval_seconds") "," Q("last_tick_ms"))},
    {"StorageStatus", OBJECT(P("state", TEXT) "," P("error", MAYBE("string")) "," P("bytes", INT) "," P("samples", INT) "," P("oldest", MAYBE_TIME) "," P("retention_seconds", NUM) "," P("last_commit_ms", MAYBE("number")), Q("state") "," Q("error") "," Q("bytes") "," Q("samples") "," Q("oldest") "," Q("retention_seconds") "," Q("last_commit_ms"))},
    {"StreamStatus", OBJECT(P("clients", INT) "," P("max_clients", INT), Q("clients") "," Q("max_clients"))},
    {"ConfigStatus", OBJECT(P("file", MAYBE("string")) "," P("hash", TEXT) "," P("loaded", MAYBE_TIME) "," P("last_reload_successful", BOOL), Q("file") "," Q("hash") "," Q("loaded") "," Q("last_reload_successful"))},
    {"Status", OBJECT(P("version", TEXT) "," P("state", TEXT) "," P("uptime_seconds", NUM) "," P("pid", INT) "," P("environment", TEXT) "," P("mode", TEXT) "," P("collectors", LIST(REF("Collector"))) "," P("engine", REF("EngineStatus")) "," P("storage", REF("StorageStatus")) "," P("stream", REF("StreamStatus")) "," P("config", REF("ConfigStatus")), Q("version") "," Q("state") "," Q("uptime_seconds") "," Q("pid") "," Q("environment") "," Q("mode") "," Q("collectors") "," Q("engine") "," Q("storage") "," Q("stream") "," Q("config"))},
    {"Event", OBJECT(P("id", INT) "," P("timestamp", TIME) "," P("kind", TEXT) "," P("service", TEXT) "," P("resource_type", MAYBE("string")) "," P("title", TEXT) "," P("detail", TEXT) "," P("reason", TEXT), Q("id") "," Q("timestamp") "," Q("kind") "," Q("service") "," Q("resource_type") "," Q("title") "," Q("detail") "," Q("reason"))},
    {"Events", ITEMS(REF("Event"))},
    {"Session", OBJECT(P("role", MAYBE("string")) "," P("authenticated", BOOL), Q("role") "," Q("authenticated"))},
    {"SessionRequest", OBJECT(P("token", TEXT), Q("token"))},
    {"ProblemItem", "{\"type\":\"object\",\"properties\":{" P("path", TEXT) "," P("message", TEXT) "," P("hint", TEXT) "},\"required\":[\"path\",\"message\"]}"},
    {"Problem", "{\"type\":\"object\",\"properties\":{" P("type", TEXT) "," P("title", TEXT) "," P("status", INT) "," P("detail", TEXT) "," P("instance", TEXT) "," P("request_id", TEXT) "," P("errors", LIST(REF("ProblemItem"))) "},\"required\":[\"type\",\"title\",\"status\",\"detail\",\"instance\",\"request_id\",\"errors\"]}"},
};

const size_t ll_schemas_n = LL_LEN(ll_schemas);
