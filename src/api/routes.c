#include "api/routes.h"

#include <string.h>

#include "api/handlers.h"

static const struct ll_param no_params[] = {{0}};

static const struct ll_param services_params[] = {
    {"limit", LL_PARAM_INT, false, 1, 1000, "rows of a page, 200 by default"},
    {"cursor", LL_PARAM_TEXT, false, 0, 0, "next_cursor of the page before"},
    {"q", LL_PARAM_TEXT, false, 0, 0, "part of the name, in any case"},
    {0}};

static const struct ll_param top_params[] = {
    {"limit", LL_PARAM_INT, false, 1, LL_VIEW_TOP_MAX, "rows, 10 by default"}, {0}};

static const struct ll_param limits_params[] = {
    {"service", LL_PARAM_TEXT, false, 0, 0, "only this service"},
    {"resource_type", LL_PARAM_RESOURCE, false, 0, 0, "only this resource type"},
    {0}};

static const struct ll_param events_params[] = {
    {"limit", LL_PARAM_INT, false, 1, LL_EVENTS_KEPT, "rows, 50 by default"}, {0}};

static const struct ll_param history_params[] = {
    {"service", LL_PARAM_TEXT, true, 0, 0, "name of the service"},
    {"resource_type", LL_PARAM_RESOURCE, true, 0, 0, "CPU, MEMORY, DISK, …"},
    {"instance", LL_PARAM_TEXT, false, 0, 0, "one instance; without it the sum over all"},
    {"part", LL_PARAM_TEXT, false, 0, 0, "one part; without it the primary part"},
    {"from", LL_PARAM_TIME, false, 0, 0, "start, RFC 3339, Unix seconds or now-24h"},
    {"to", LL_PARAM_TIME, false, 0, 0, "end (not included), now by default"},
    {"hours", LL_PARAM_NUMBER, false, 0.001, 876000, "span before `to`, instead of from; 24"},
    {"step", LL_PARAM_INT, false, 1, 31622400, "seconds a point; default: at most 500 points"},
    {"format", LL_PARAM_FORMAT, false, 0, 0, "json or csv; else by Accept"},
    {0}};

static const struct ll_param peaks_params[] = {
    {"service", LL_PARAM_TEXT, false, 0, 0, "only this service"},
    {"resource_type", LL_PARAM_RESOURCE, false, 0, 0, "only this resource type"},
    {"from", LL_PARAM_TIME, false, 0, 0, "first day, 365 days ago by default"},
    {"to", LL_PARAM_TIME, false, 0, 0, "last day, today by default"},
    {"limit", LL_PARAM_INT, false, 1, 1000, "rows of a page, 200 by default"},
    {"cursor", LL_PARAM_TEXT, false, 0, 0, "next_cursor of the page before"},
    {0}};

static const struct ll_param forecast_params[] = {
    {"service", LL_PARAM_TEXT, true, 0, 0, "name of the service"},
    {"resource_type", LL_PARAM_RESOURCE, true, 0, 0, "CPU, MEMORY, DISK, …"},
    {"horizon_hours", LL_PARAM_NUMBER, false, 0.001, 8784,
     "so far; else as far as the forecast in force; farther ones are computed on demand"},
    {"made_by", LL_PARAM_TIME, false, 0, 0,
     "the newest kept one made by then, not the one in force"},
    {"format", LL_PARAM_FORMAT, false, 0, 0, "json or csv; else by Accept"},
    {0}};

static const struct ll_param demand_params[] = {
    {"service", LL_PARAM_TEXT, true, 0, 0, "name of the service"},
    {"resource_type", LL_PARAM_RESOURCE, true, 0, 0, "CPU, MEMORY, DISK, …"},
    {"from", LL_PARAM_TIME, false, 0, 0, "start of the window; now"},
    {"seconds", LL_PARAM_INT, false, 1, 31622400, "length of the window; 3600"},
    {"quantile", LL_PARAM_NUMBER, false, 0.001, 0.999, "that the maximum stays under; 0.95"},
    {0}};

static const struct ll_param seasonality_params[] = {
    {"service", LL_PARAM_TEXT, true, 0, 0, "name of the service"},
    {"resource_type", LL_PARAM_RESOURCE, true, 0, 0, "CPU, MEMORY, DISK, …"},
    {0}};

static const struct ll_param accuracy_params[] = {
    {"service", LL_PARAM_TEXT, false, 0, 0, "only this service"},
    {"resource_type", LL_PARAM_RESOURCE, false, 0, 0, "only this resource type"},
    {"days", LL_PARAM_INT, false, 1, 90, "days back from today, 30 by default"},
    {0}};

static const struct ll_param business_params[] = {
    {"metric", LL_PARAM_TEXT, false, 0, 0, "only this metric: trades, orders, …"},
    {"service", LL_PARAM_TEXT, false, 0, 0, "only this service"},
    {"venue", LL_PARAM_TEXT, false, 0, 0, "only this venue"},
    {"from", LL_PARAM_TIME, false, 0, 0, "start, 24 h before `to` by default"},
    {"to", LL_PARAM_TIME, false, 0, 0, "end (not included), now by default"},
    {"limit", LL_PARAM_INT, false, 1, 100000, "rows, 1000 by default"},
    {0}};

static const struct ll_param series_export_params[] = {
    {"match", LL_PARAM_SELECTORS, false, 0, 0, "selectors as in PromQL, one a line; else all"},
    {"from", LL_PARAM_TIME, false, 0, 0, "start; else from the first point on"},
    {"to", LL_PARAM_TIME, false, 0, 0, "end (not included); else to the last point"},
    {0}};

static const struct ll_param metrics_export_params[] = {
    {"service", LL_PARAM_TEXT, false, 0, 0, "only this service"},
    {"resource_type", LL_PARAM_RESOURCE, false, 0, 0, "only this resource type"},
    {"from", LL_PARAM_TIME, false, 0, 0, "start; else from the first sample on"},
    {"to", LL_PARAM_TIME, false, 0, 0, "end (not included); else to the last sample"},
    {0}};

static const struct ll_param notify_params[] = {
    {"receiver", LL_PARAM_TEXT, false, 0, 0, "name of the receiver; without it the first"}, {0}};
static const struct ll_param import_params[] = {
    {"cursor", LL_PARAM_TEXT, true, 0, 0, "name under which an import leaves its place"}, {0}};

#define CALENDAR_DAYS                                                                              \
    {"from", LL_PARAM_TIME, false, 0, 0, "first trade date, today by default"},                    \
    {                                                                                              \
        "to", LL_PARAM_TIME, false, 0, 0, "last trade date, 31 days later by default"              \
    }

static const struct ll_param calendar_params[] = {
    {"at", LL_PARAM_TIME, false, 0, 0, "the moment, now by default"}, {0}};

static const struct ll_param sessions_params[] = {
    CALENDAR_DAYS,
    {"known_at", LL_PARAM_TIME, false, 0, 0, "as known then: what was announced later is left out"},
    {"format", LL_PARAM_FORMAT, false, 0, 0, "json or csv; else by Accept"},
    {0}};

static const struct ll_param market_events_params[] = {
    CALENDAR_DAYS,
    {"known_at", LL_PARAM_TIME, false, 0, 0, "as known then: what was announced later is left out"},
    {"format", LL_PARAM_FORMAT, false, 0, 0, "json or csv; else by Accept"},
    {"event", LL_PARAM_TEXT, false, 0, 0, "only this event: us_nfp, half_day, …"},
    {"all", LL_PARAM_INT, false, 0, 1, "1: also what happens by the clock on every day"},
    {0}};

static const struct ll_param closed_params[] = {
    CALENDAR_DAYS,
    {"with", LL_PARAM_TEXT, false, 0, 0, "more calendars that must be closed, with commas between"},
    {"min_seconds", LL_PARAM_INT, false, 1, 31622400, "only windows at least so long; 3600"},
    {0}};

static const struct ll_param diff_params[] = {
    CALENDAR_DAYS,
    {"was", LL_PARAM_TIME, false, 0, 0, "the old side: as known then; else without overlays"},
    {"is", LL_PARAM_TIME, false, 0, 0, "the new side: as known then; else all that is known"},
    {0}};

static const struct ll_param actions_params[] = {
    {"service", LL_PARAM_TEXT, false, 0, 0, "only this service"},
    {"target", LL_PARAM_TEXT, false, 0, 0, "only this target"},
    {"hours", LL_PARAM_NUMBER, false, 0.001, 876000, "so far back; 168"},
    {"limit", LL_PARAM_INT, false, 1, 1000, "rows of a page, 200 by default"},
    {"cursor", LL_PARAM_TEXT, false, 0, 0, "next_cursor of the page before"},
    {"state", LL_PARAM_TEXT, false, 0, 0, "only those: proposed, pending, applied, failed, …"},
    {0}};

static const struct ll_param decisions_params[] = {
    {"service", LL_PARAM_TEXT, false, 0, 0, "only this service"},
    {"target", LL_PARAM_TEXT, false, 0, 0, "only this target"},
    {"hours", LL_PARAM_NUMBER, false, 0.001, 876000, "so far back; 168"},
    {"limit", LL_PARAM_INT, false, 1, 1000, "rows of a page, 200 by default"},
    {"cursor", LL_PARAM_TEXT, false, 0, 0, "next_cursor of the page before"},
    {0}};

static const struct ll_param audit_params[] = {
    {"object", LL_PARAM_TEXT, false, 0, 0, "only what was done to it: a rule, a target, an action"},
    {"limit", LL_PARAM_INT, false, 1, 1000, "rows of a page, 200 by default"},
    {"cursor", LL_PARAM_TEXT, false, 0, 0, "next_cursor of the page before: a row's seq"},
    {"newest", LL_PARAM_YES, false, 0, 0, "newest first; else in the order of the chain"},
    {0}};

static const struct ll_param rules_params[] = {
    {"target", LL_PARAM_TEXT, false, 0, 0, "only this target"},
    {"service", LL_PARAM_TEXT, false, 0, 0, "only this service"},
    {"limit", LL_PARAM_INT, false, 1, 1000, "rows of a page, 200 by default"},
    {"cursor", LL_PARAM_TEXT, false, 0, 0, "next_cursor of the page before"},
    {0}};

static const struct ll_param dry_params[] = {
    {"dry_run", LL_PARAM_YES, false, 0, 0, "say what would change, change nothing"}, {0}};

static const struct ll_param version_params[] = {
    {"dry_run", LL_PARAM_YES, false, 0, 0, "say what would change, change nothing"},
    {"version", LL_PARAM_INT, false, 0, 9007199254740992.0,
     "only when it is at this version (0: when there is none); else 409, with If-Match 412"},
    {0}};

static const struct ll_param evaluate_params[] = {
    {"target", LL_PARAM_TEXT, false, 0, 0, "only this target; else all"}, {0}};

static const struct ll_param simulations_params[] = {
    {"hours", LL_PARAM_NUMBER, false, 1, 8784, "of history, until now; 168 by default"},
    {"learn_pct", LL_PARAM_NUMBER, false, 0, 99, "of it that comes before what is scored; 50"},
    {"goal_pct", LL_PARAM_NUMBER, false, 1, 100, "utilisation that need and baselines aim at; 70"},
    {"slo_pct", LL_PARAM_NUMBER, false, 1, 100,
     "utilisation above which demand is badly served; 85"},
    {"steps", LL_PARAM_YES, false, 0, 0, "demand and the counts of both at each step too"},
    {0}};

#define API "/api/v1"
#define RESUME ll_handler_scaling_resume

const struct ll_route ll_routes[] = {
    {API "/accuracy", LL_GET, LL_ROLE_VIEWER, 0, ll_handler_accuracy, NULL, accuracy_params,
     "listAccuracy",
     "how forecasts came out, 1 h, 6 h, 24 h and the lead time ahead, beside seasonal naive", NULL,
     "Accuracies", NULL},
    {API "/actions", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_OWN, ll_handler_actions, NULL,
     actions_params, "listActions", "what was proposed, done or would have been, newest first",
     NULL, "Actions", NULL},
    {API "/actions/{id}/approve", LL_POST, LL_ROLE_OPERATOR, LL_ROUTE_SCOPE_OWN, ll_handler_approve,
     RESUME, no_params, "approveAction",
     "do what is proposed; 409 when the target is not where it was proposed from", NULL,
     "ScalingAction", NULL},
    {API "/actions/{id}/execute", LL_POST, LL_ROLE_OPERATOR, LL_ROUTE_SCOPE_OWN, ll_handler_execute,
     RESUME, no_params, "executeAction", "do what is proposed, by this person", NULL,
     "ScalingAction", NULL},
    {API "/actions/{id}/reject", LL_POST, LL_ROLE_OPERATOR, LL_ROUTE_SCOPE_OWN, ll_handler_reject,
     RESUME, no_params, "rejectAction", "the same is not proposed again for a while", NULL,
     "ScalingAction", NULL},
    {API "/audit", LL_GET, LL_ROLE_ADMIN, 0, ll_handler_audit, NULL, audit_params, "listAudit",
     "who changed what, each row with a sum over the one before", NULL, "Audit", NULL},
    {API "/business", LL_GET, LL_ROLE_VIEWER, 0, ll_handler_business, NULL, business_params,
     "listBusiness", "counts of business events, in time order", NULL, "Business", NULL},
    {API "/calendars", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_FREE, ll_handler_calendars, NULL,
     no_params, "listCalendars",
     "market calendars, what each does now, and how far it is announced", NULL, "Calendars", NULL},
    {API "/calendars/{code}", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_FREE, ll_handler_calendar,
     NULL, calendar_params, "getCalendar",
     "phase, minutes since open and to close, what comes next", NULL, "Calendar", NULL},
    {API "/calendars/{code}/closed", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_FREE,
     ll_handler_calendar_closed, NULL, closed_params, "listClosedWindows",
     "times when this and other markets are all closed", NULL, "ClosedWindows", NULL},
    {API "/calendars/{code}/diff", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_FREE,
     ll_handler_calendar_diff, NULL, diff_params, "diffCalendar",
     "days that overlays or later news changed", NULL, "CalendarDiff", NULL},
    {API "/calendars/{code}/events", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_FREE,
     ll_handler_calendar_events, NULL, market_events_params, "listMarketEvents",
     "what moves load: expiries, releases, half days", NULL, "MarketEvents", NULL},
    {API "/calendars/{code}/events.ics", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_FREE,
     ll_handler_calendar_events_ics, NULL, market_events_params, "getEventsIcs",
     "the events, for a calendar program", NULL, NULL, "text/calendar"},
    {API "/calendars/{code}/sessions", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_FREE,
     ll_handler_calendar_sessions, NULL, sessions_params, "listSessions",
     "trade dates with their times; CSV by Accept", NULL, "Sessions", NULL},
    {API "/calendars/{code}/sessions.ics", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_FREE,
     ll_handler_calendar_sessions_ics, NULL, sessions_params, "getSessionsIcs",
     "the sessions, for a calendar program", NULL, NULL, "text/calendar"},
    {API "/capacity-models", LL_GET, LL_ROLE_VIEWER, 0, ll_handler_capacity_models, NULL, no_params,
     "listCapacityModels", "what an instance of each target carries, where that is declared", NULL,
     "CapacityModels", NULL},
    {API "/decisions", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_OWN, ll_handler_decisions, NULL,
     decisions_params, "listDecisions", "decisions that were news, newest first", NULL, "Decisions",
     NULL},
    {API "/decisions/{id}", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_OWN, ll_handler_decision, NULL,
     no_params, "getDecision", "a decision with all that it was made from", NULL, "Decision", NULL},
    {API "/decisions/{id}/replay", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_OWN, ll_handler_replay,
     NULL, no_params, "replayDecision", "decide again from the record alone, and compare", NULL,
     "Replay", NULL},
    {API "/demand", LL_GET, LL_ROLE_VIEWER, 0, ll_handler_demand, NULL, demand_params, "getDemand",
     "the most to expect in a window, as decisions of scaling are told it, or why nothing is said",
     NULL, "Demand", NULL},
    {API "/discovery", LL_GET, LL_ROLE_VIEWER, 0, ll_handler_discovery, NULL, no_params,
     "getDiscovery", "sources, the services found in them, and what no rule reads", NULL,
     "Discovery", NULL},
    {API "/discovery/series", LL_GET, LL_ROLE_VIEWER, 0, ll_handler_tapped, NULL, no_params,
     "listTapped", "labels of what passed since the tap was opened, a line each", NULL, NULL,
     "application/x-ndjson"},
    {API "/discovery/tap", LL_POST, LL_ROLE_OPERATOR, 0, ll_handler_tap, NULL, no_params, "openTap",
     "note the labels of all that comes, for five minutes", NULL, NULL, NULL},
    {API "/evaluate", LL_POST, LL_ROLE_OPERATOR, LL_ROUTE_SCOPE_OWN, ll_handler_evaluate, RESUME,
     evaluate_params, "evaluateRules", "decide now, and say what was decided", NULL, "Evaluated",
     NULL},
    {API "/events", LL_GET, LL_ROLE_VIEWER, 0, ll_handler_events, NULL, events_params, "listEvents",
     "what happened, newest first", NULL, "Events", NULL},
    {API "/forecasts", LL_GET, LL_ROLE_VIEWER, 0, ll_handler_forecast, ll_handler_forecast_resume,
     forecast_params, "getForecast",
     "the forecast in force of one service's resource, or a longer one; CSV by Accept", NULL,
     "DemandForecast", NULL},
    {API "/forecasts/{id}", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_OWN, ll_handler_kept_forecast,
     NULL, no_params, "getKeptForecast", "a forecast as it was made, two days beyond its end", NULL,
     "DemandForecast", NULL},
    {API "/forecasts/{id}/accuracy", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_OWN,
     ll_handler_forecast_accuracy, NULL, no_params, "getForecastAccuracy",
     "that forecast against what came so far", NULL, "ForecastAccuracy", NULL},
    {API "/freeze", LL_PUT, LL_ROLE_OPERATOR, LL_ROUTE_BODY | LL_ROUTE_SCOPE_OWN, ll_handler_freeze,
     RESUME, no_params, "setFreeze",
     "hold scale-in (or what is said) until a time, of a target or of all", "PauseRequest", "Mode",
     NULL},
    {API "/health", LL_GET, LL_ROLE_VIEWER, 0, ll_handler_health, NULL, no_params, "getHealth",
     "the worst status and what it comes from", NULL, "Health", NULL},
    {API "/import", LL_GET, LL_ROLE_VIEWER, 0, ll_handler_import_cursor, NULL, import_params,
     "getImportCursor", "how far an import has come, as it said itself", NULL, "ImportCursor",
     NULL},
    {API "/import", LL_POST, LL_ROLE_EDITOR, LL_ROUTE_BODY, ll_handler_import,
     ll_handler_import_resume, no_params, "importRollups",
     "import older history as 5-minute and 1-hour buckets; acknowledged when durable", "Import",
     "PushResult", NULL},
    {API "/limits", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_OWN, ll_handler_limits, NULL,
     limits_params, "listLimits", "time to limit of each series, in three kinds", NULL, "Limits",
     NULL},
    {API "/mapping", LL_GET, LL_ROLE_VIEWER, 0, ll_handler_mapping, NULL, no_params, "getMapping",
     "the rules of the mapping in force, as YAML", NULL, NULL, "application/yaml"},
    {API "/metrics", LL_GET, LL_ROLE_VIEWER, 0, ll_handler_history, NULL, history_params,
     "getHistory", "history of one service's resource, columnar; CSV by Accept", NULL, "History",
     NULL},
    {API "/metrics", LL_POST, LL_ROLE_OPERATOR, LL_ROUTE_BODY | LL_ROUTE_SCOPE_OWN, ll_handler_push,
     ll_handler_push_resume, no_params, "pushMetrics", "push samples; acknowledged when durable",
     "Push", "PushResult", NULL},
    {API "/metrics/export", LL_GET, LL_ROLE_VIEWER, 0, ll_handler_metrics_export, NULL,
     metrics_export_params, "exportMetrics", "samples as Long CSV, streamed", NULL, NULL,
     "text/csv"},
    {API "/mode", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_OWN, ll_handler_mode, NULL, no_params,
     "getMode", "how far Loadline may go, and what is paused", NULL, "Mode", NULL},
    {API "/mode", LL_PUT, LL_ROLE_EDITOR, LL_ROUTE_BODY | LL_ROUTE_SCOPE_OWN, ll_handler_mode_put,
     RESUME, dry_params, "setMode", "the daemon's mode or a rule's; auto is an admin's",
     "ModeRequest", "Mode", NULL},
    {API "/notifications/test", LL_POST, LL_ROLE_OPERATOR, 0, ll_handler_notify_test, NULL,
     notify_params, "testNotification", "send a test to a receiver, and say what came back", NULL,
     "NotificationTest", NULL},
    {API "/pause", LL_PUT, LL_ROLE_OPERATOR, LL_ROUTE_BODY | LL_ROUTE_SCOPE_OWN, ll_handler_pause,
     RESUME, no_params, "setPause", "nothing is done until a time, of a target or of all",
     "PauseRequest", "Mode", NULL},
    {API "/openapi.json", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_FREE, ll_handler_openapi, NULL,
     no_params, "getOpenapi", "this API as an OpenAPI 3.1 document", NULL, NULL, NULL},
    {API "/peaks", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_OWN, ll_handler_expected_peaks, NULL,
     limits_params, "listExpectedPeaks", "the peak to expect of each service's resource", NULL,
     "ExpectedPeaks", NULL},
    {API "/peaks/ledger", LL_GET, LL_ROLE_VIEWER, 0, ll_handler_peaks, NULL, peaks_params,
     "listPeaks", "the highest value of each day, kept for ever", NULL, "Peaks", NULL},
    {API "/rules", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_OWN, ll_handler_rules, NULL, rules_params,
     "listRules", "rules in force, with what each said last", NULL, "Rules", NULL},
    {API "/rules", LL_POST, LL_ROLE_EDITOR, LL_ROUTE_BODY | LL_ROUTE_YAML | LL_ROUTE_SCOPE_OWN,
     ll_handler_rules_apply, RESUME, dry_params, "applyRules",
     "take a document of targets and rules, JSON or YAML: all of it or nothing", "RulesDocument",
     "RuleChanges", NULL},
    {API "/rules/{id}", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_OWN, ll_handler_rule, NULL,
     no_params, "getRule", "one rule; its ETag is its version", NULL, "Rule", NULL},
    {API "/rules/{id}", LL_PUT, LL_ROLE_EDITOR, LL_ROUTE_BODY | LL_ROUTE_YAML | LL_ROUTE_SCOPE_OWN,
     ll_handler_rule_put, RESUME, version_params, "putRule", "put one rule in its place",
     "RuleDocument", "RuleChanges", NULL},
    {API "/rules/{id}", LL_DELETE, LL_ROLE_EDITOR, LL_ROUTE_SCOPE_OWN, ll_handler_rule_delete,
     RESUME, version_params, "deleteRule", "take a rule away", NULL, "RuleChanges", NULL},
    {API "/rules/{id}/cooldown", LL_PUT, LL_ROLE_OPERATOR, LL_ROUTE_BODY | LL_ROUTE_SCOPE_OWN,
     ll_handler_cooldown, RESUME, no_params, "setCooldown",
     "its target is left alone so long, in both directions", "CooldownRequest", "Target", NULL},
    {API "/rules/{id}/desired", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_OWN, ll_handler_desired,
     NULL, no_params, "getDesired",
     "what its target should have, as KEDA's metrics-api scaler reads it; 422 when "
     "that is not known",
     NULL, "Desired", NULL},
    {API "/seasonality", LL_GET, LL_ROLE_VIEWER, 0, ll_handler_seasonality, NULL,
     seasonality_params, "getSeasonality", "periods that the history has, the strongest first",
     NULL, "Seasonality", NULL},
    {API "/series/export", LL_GET, LL_ROLE_VIEWER, 0, ll_handler_series_export, NULL,
     series_export_params, "exportSeries",
     "series kept under their own labels, bit for bit, streamed as NDJSON", NULL, NULL,
     "application/x-ndjson"},
    {API "/services", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_OWN, ll_handler_services, NULL,
     services_params, "listServices", "services by least headroom, with a cell per resource", NULL,
     "Services", NULL},
    {API "/session", LL_GET, LL_ROLE_NONE, 0, ll_handler_session_get, NULL, no_params, "getSession",
     "the caller's role", NULL, "Session", NULL},
    {API "/session", LL_POST, LL_ROLE_NONE, LL_ROUTE_BODY, ll_handler_session_post, NULL, no_params,
     "openSession", "trade a token for a cookie", "SessionRequest", NULL, NULL},
    {API "/session", LL_DELETE, LL_ROLE_NONE, 0, ll_handler_session_delete, NULL, no_params,
     "closeSession", "end the session of the cookie", NULL, NULL, NULL},
    {API "/simulations", LL_POST, LL_ROLE_OPERATOR, LL_ROUTE_BODY | LL_ROUTE_YAML,
     ll_handler_simulations, NULL, simulations_params, "simulateRules",
     "rules under consideration beside those in force, over recorded demand; nothing acts",
     "RulesDocument", "Simulations", NULL},
    {API "/snapshot", LL_GET, LL_ROLE_VIEWER, 0, ll_handler_snapshot, NULL, no_params,
     "getSnapshot", "the latest of every series", NULL, "Snapshot", NULL},
    {API "/status", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_FREE, ll_handler_status, NULL, no_params,
     "getStatus", "Loadline itself", NULL, "Status", NULL},
    {API "/stream", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_STREAM, ll_handler_stream, NULL, no_params,
     "stream", "server-sent events: snapshot, delta, heartbeat, resync", NULL, NULL,
     "text/event-stream"},
    {API "/summary", LL_GET, LL_ROLE_VIEWER, 0, ll_handler_summary, NULL, no_params, "getSummary",
     "one row per resource type, and the verdict", NULL, "Summary", NULL},
    {API "/targets", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_OWN, ll_handler_targets, NULL,
     rules_params, "listTargets", "what is scaled, as it is now", NULL, "Targets", NULL},
    {API "/targets/{name}", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_OWN, ll_handler_target, NULL,
     no_params, "getTarget", "one target; its ETag is its version", NULL, "Target", NULL},
    {API "/targets/{name}", LL_PUT, LL_ROLE_EDITOR,
     LL_ROUTE_BODY | LL_ROUTE_YAML | LL_ROUTE_SCOPE_OWN, ll_handler_target_put, RESUME,
     version_params, "putTarget", "put one target in its place", "TargetDocument", "RuleChanges",
     NULL},
    {API "/targets/{name}", LL_DELETE, LL_ROLE_EDITOR, LL_ROUTE_SCOPE_OWN, ll_handler_target_delete,
     RESUME, version_params, "deleteTarget", "take a target away that no rule names", NULL,
     "RuleChanges", NULL},
    {API "/targets/{name}/override", LL_PUT, LL_ROLE_OPERATOR, LL_ROUTE_BODY | LL_ROUTE_SCOPE_OWN,
     ll_handler_override_put, RESUME, no_params, "setOverride",
     "a count, or a floor and a ceiling, of a person until a time", "OverrideRequest", "Target",
     NULL},
    {API "/targets/{name}/override", LL_DELETE, LL_ROLE_OPERATOR, LL_ROUTE_SCOPE_OWN,
     ll_handler_override_delete, RESUME, no_params, "endOverride", "rules decide again", NULL,
     "Target", NULL},
    {API "/top", LL_GET, LL_ROLE_VIEWER, LL_ROUTE_SCOPE_OWN, ll_handler_top, NULL, top_params,
     "listTop", "highest utilisation first", NULL, "Top", NULL},
    {API "/write", LL_POST, LL_ROLE_OPERATOR, LL_ROUTE_BODY | LL_ROUTE_PROTOBUF, ll_handler_write,
     ll_handler_write_resume, no_params, "remoteWrite",
     "Prometheus remote-write 1.0 and 2.0; acknowledged when durable", NULL, NULL, NULL},
    {"/metrics", LL_GET, LL_ROLE_VIEWER, 0, ll_handler_exposition, NULL, no_params, "scrape",
     "Prometheus text 0.0.4, or OpenMetrics by Accept", NULL, NULL, "text/plain"},
    {"/-/healthy", LL_GET, LL_ROLE_NONE, LL_ROUTE_ANY_HOST, ll_handler_healthy, NULL, no_params,
     "healthy", "200 while the process lives", NULL, NULL, "text/plain"},
    {"/-/ready", LL_GET, LL_ROLE_NONE, LL_ROUTE_ANY_HOST, ll_handler_ready, NULL, no_params,
     "ready", "200 when configuration, store and a first tick are there", NULL, NULL, "text/plain"},
    {"/-/reload", LL_POST | LL_PUT, LL_ROLE_ADMIN, LL_ROUTE_LIFECYCLE, ll_handler_reload, NULL,
     no_params, "reload", "reload the configuration: everything or nothing", NULL, NULL,
     "text/plain"},
    {"/docs/errors", LL_GET, LL_ROLE_NONE, 0, ll_handler_errors_page, NULL, no_params, "errors",
     "what the types of problems mean", NULL, NULL, "text/plain"},
    {"/", LL_GET, LL_ROLE_NONE, LL_ROUTE_HIDDEN, ll_handler_web, NULL, NULL, "page",
     "the dashboard", NULL, NULL, "text/html"},
    {"/*", LL_GET, LL_ROLE_NONE, LL_ROUTE_HIDDEN, ll_handler_web, NULL, NULL, "web",
     "files of the dashboard", NULL, NULL, "text/html"},
};

size_t ll_routes_count(void)
{
    return LL_LEN(ll_routes);
}

/* Segment by segment; `{x}` takes one that is not empty, `*` what is left. */
static bool matches(const char *pattern, struct ll_slice path)
{
    size_t i = 0;
    const char *p = pattern;
    while (*p && *p != '*') {
        if (*p == '{') {
            size_t start = i;
            while (i < path.n && path.s[i] != '/')
                i++;
            if (i == start)
                return false;
            p += strcspn(p, "}") + 1;
        } else if (i < path.n && path.s[i] == *p) {
            i++;
            p++;
        } else {
            return false;
        }
    }
    return *p == '*' || i == path.n;
}

const struct ll_route *ll_route_find(const struct ll_route *table, size_t n, struct ll_slice path,
                                     unsigned method, unsigned *allow)
{
    *allow = 0;
    char end = path.n ? path.s[path.n - 1] : '\0';
    for (size_t i = 0; i < n; i++) {
        /* How it ends tells most of them apart, and whether it takes any rest. */
        char last = table[i].path[strlen(table[i].path) - 1];
        bool wild = last == '*';
        if (!wild && last != '}' && last != end)
            continue;
        if ((wild && (*allow || !(table[i].methods & method))) || !matches(table[i].path, path))
            continue;
        if (table[i].methods & method)
            return &table[i];
        *allow |= table[i].methods;
    }
    return NULL;
}

static const struct {
    const char *name;
    unsigned method;
} methods[] = {
    {"GET", LL_GET}, {"HEAD", LL_GET}, {"POST", LL_POST}, {"PUT", LL_PUT}, {"DELETE", LL_DELETE}};

const char *ll_route_allow(unsigned set, char buf[static LL_ALLOW_TEXT_MAX])
{
    char *to = buf;
    for (size_t i = 0; i < LL_LEN(methods); i++)
        if (set & methods[i].method) {
            to = stpcpy(to, methods[i].name);
            to = stpcpy(to, ", ");
        }
    stpcpy(to, "OPTIONS");
    return buf;
}

unsigned ll_route_method(const char *method)
{
    for (size_t i = 0; i < LL_LEN(methods); i++)
        if (strcmp(method, methods[i].name) == 0)
            return methods[i].method;
    return 0;
}

const char *ll_route_method_name(unsigned method)
{
    for (size_t i = 0; i < LL_LEN(methods); i++)
        if (methods[i].method & method)
            return methods[i].name;
    return "?";
}
