#include "api/schemas.h"

#include <stdio.h>
#include <string.h>

#define SERIES "service:s resource_type:ResourceType instance:s part:s "
#define AMOUNT "unit:s current_value:n? capacity:n? "
#define JUDGED "status:CapacityStatus status_reason:s "
#define FACTS                                                                                      \
    "kind~:s source~:s desired~:n? ready~:n? requests~:{n} limits~:{n} oldest_start~:t? "          \
    "newest_start~:t? "
#define MEASURES "compared:n accuracy:n? wape:n? mase:n? bias:n? coverage:n? pinball:n? "
#define META "environment:s cluster:s namespace:s team:s owner:s tier:s venue:s site:s "

const struct ll_schema ll_schemas[] = {
    {"ResourceType", "=CPU|MEMORY|DISK|NETWORK|CONNECTIONS|QUEUE_DEPTH|API_CALLS"},
    {"CapacityStatus", "=HEALTHY|WARNING|CRITICAL|OVER_PROVISIONED|UNDER_PROVISIONED|UNKNOWN"},
    {"ResourceMetric", SERIES AMOUNT JUDGED
     "primary:b utilization_pct:n? max_value:n? window_seconds:n? timestamp:t age_seconds:n "
     "stale:b time_to_limit_seconds:n?"},
    {"Snapshot", "snapshot_id:s sequence:i timestamp:t overall_health:CapacityStatus "
                 "metrics:[ResourceMetric]"},
    {"Counts", "HEALTHY:i WARNING:i CRITICAL:i OVER_PROVISIONED:i UNDER_PROVISIONED:i UNKNOWN:i"},
    {"HealthProblem", SERIES AMOUNT JUDGED "utilization_pct:n? since:t? time_to_limit_seconds:n?"},
    {"Health", "status:CapacityStatus timestamp:t sequence:i counts:Counts worst:[HealthProblem]"},
    {"Worst", "service~:s instance:s part:s utilization_pct:n? status:CapacityStatus"},
    {"Sparkline", "t0:i step:i utilization_pct:[n?]"},
    {"ResourceSummary", "resource_type:ResourceType " AMOUNT JUDGED
                        "utilization_pct:n? services:i series:i stale:i warning_pct:n? "
                        "critical_pct:n? p95_7d_pct:n? peak_24h_pct:n? time_to_limit_seconds:n? "
                        "worst:Worst? sparkline:Sparkline"},
    {"Verdict", "status:CapacityStatus headline:s sentence:s"},
    {"LeastHeadroom", SERIES "kind:s seconds:n"},
    {"Summary", "sequence:i timestamp:t environment:s overall_health:CapacityStatus counts:Counts "
                "cells:i services:i series:i instances:n? verdict:Verdict "
                "least_headroom:LeastHeadroom? resources:[ResourceSummary]"},
    {"Cell", AMOUNT JUDGED "utilization_pct:n? warning_pct:n critical_pct:n p95_7d_pct:n? "
                           "peak_24h_pct:n? time_to_limit_seconds:n? stale:b worst:Worst"},
    {"Service", "service:s " META "instances:n? instances_source:s " FACTS "status:CapacityStatus "
                "headroom_seconds:n? headroom_kind:s? resources:{Cell}"},
    {"Services", "items:[Service] next_cursor:s?"},
    {"Offender", "metric:s points:i"},
    {"Source", "name:s kind:s url:s? state:SourceState last_success:t? interval_seconds:n? "
               "duration_ms:n? points:i series~:i mapped~:i unmatched~:i dropped~:i refused~:i "
               "coverage_pct~:n? offenders~:[Offender] error:s? note:s?"},
    {"SourceState", "=up|down|waiting"},
    {"FoundService", "service:s rule:s " FACTS "resources:[ResourceType] series:i"},
    {"Unmatched", "metric:s series:i reason:s example:s source:s"},
    {"Discovery", "generated:t? sources:[Source] services:[FoundService] unmatched:[Unmatched]"},
    {"Phase", "phase:s start:t end:t"},
    {"MarketSession",
     "session:s open:t close:t break_start:t? break_end:t? projected:b class:s reason:s "
     "phases:[Phase]"},
    {"CalendarInfo", "calendar:s name:s zone:s aliases:[s] phase:s? open:b next_open:t? "
                     "next_close:t? from:s announced_to:s stale:b rules:i adhoc_dates:i "
                     "table_dates:i overlay_entries:i sources:[s]"},
    {"Calendars", "items:[CalendarInfo]"},
    {"Calendar",
     "calendar:s zone:s timestamp:t phase:s? open:b next_open:t? next_close:t? "
     "minutes_since_open:n? minutes_to_close:n? class:s reason:s session:MarketSession?"},
    {"Sessions", "calendar:s zone:s announced_to:s items:[MarketSession]"},
    {"MarketEvent", "date:s event:s time:t? class:s basis:s source:s projected:b"},
    {"MarketEvents", "calendar:s zone:s announced_to:s items:[MarketEvent]"},
    {"Window", "start:t end:t seconds:n"},
    {"ClosedWindows", "items:[Window] truncated:b"},
    {"CalendarChange", "date:s change:s was:MarketSession? is:MarketSession? reason:s"},
    {"CalendarDiff", "calendar:s zone:s announced_to:s items:[CalendarChange]"},
    {"Top", "items:[ResourceMetric]"},
    {"Limit", SERIES AMOUNT "to_critical_seconds:n? to_capacity_seconds:n? to_ceiling_seconds:n? "
                            "trend_per_day:n? basis:s? state:LimitState"},
    {"LimitState", "=OK|BEYOND|LEARNING|NO_CAPACITY"},
    {"Limits", "items:[Limit]"},
    {"Columns", "value:[n?] max:[n?] capacity:[n?] utilization_pct:[n?]"},
    {"History", "service:s resource_type:ResourceType instance:s? part:s unit:s t0:i step:i "
                "source:HistorySource columns:Columns"},
    {"HistorySource", "=raw|5m|1h"},
    {"Sample", "service:s resource_type:ResourceType instance~:s? part~:s? current_value:n "
               "capacity~:n? max_value~:n? window_seconds~:n? unit~:s? timestamp~:t? primary~:b"},
    {"BusinessCount", "metric:s service~:s? venue~:s? value:n timestamp~:t?"},
    {"Push", "metrics~:[Sample] business~:[BusinessCount]"},
    {"BusinessRow", "metric:s service:s venue:s timestamp:t value:n"},
    {"Business", "items:[BusinessRow] truncated:b"},
    {"Rollup", "service:s resource_type:ResourceType instance~:s? part~:s? unit~:s? step:i t:n "
               "mean:n max:n p95~:n? count:i capacity~:n? primary~:b?"},
    {"ImportPlace", "name:s value:s"},
    {"Import", "rollups~:[Rollup] cursor~:ImportPlace?"},
    {"ImportCursor", "name:s value:s?"},
    {"Rejected", "index:i list:s reason:s"},
    {"PushResult", "accepted:i rejected:[Rejected]"},
    {"Peak", SERIES "unit:s date:s value:n at:t window_seconds:n? capacity:n?"},
    {"Peaks", "items:[Peak] next_cursor:s?"},
    {"ForecastPoint", "timestamp:t predicted_value:n confidence_lower:n? confidence_upper:n? "
                      "lower_80:n? upper_80:n?"},
    {"ForecastPeak", "timestamp:t value:n upper_95:n? capacity:n? exceeds_capacity:n?"},
    {"Trust",
     "verdict:TrustVerdict hours_ahead:n compared:n pinball:n? naive_pinball:n? coverage:n? "
     "level:n? reason:s"},
    {"TrustVerdict", "=unmeasured|trusted|loses|narrow|wide"},
    {"DayEffect", "class:s factor:n days:i days_of_venue:i"},
    {"Demand", "service:s resource_type:ResourceType state:DemandState value:n? said:n? unit:s? "
               "quantile:n from:t to:t at:t? forecast_id:s? origin:t? made:t? model_used:s? "
               "reason:s trust:Trust"},
    {"DemandState", "=known|missing|stale|beyond|closed|untrusted"},
    {"DemandForecast",
     "forecast_id:s? service:s resource_type:ResourceType unit:s horizon_hours:n? "
     "made:t origin:t step:i level:n model_used:s reason:s calendar:s? "
     "interval_multiplier:n stale~:b restored~:b on_demand~:b lead_hours~:n "
     "trust~:Trust effects:[DayEffect] peak:ForecastPeak "
     "points:[ForecastPoint]"},
    {"AccuracyMeasures", MEASURES},
    {"ForecastAccuracy", "forecast_id:s service:s resource_type:ResourceType points:i " MEASURES
                         "seasonal_naive:AccuracyMeasures"},
    {"Accuracy", "service:s resource_type:ResourceType hours_ahead:n lead:b " MEASURES
                 "seasonal_naive:AccuracyMeasures trust:Trust"},
    {"Accuracies", "days:i items:[Accuracy]"},
    {"ExpectedPeak", "service:s resource_type:ResourceType unit:s timestamp:t value:n upper_95:n? "
                     "capacity:n? exceeds_capacity:n? forecast_id:s stale:b trust:TrustVerdict "
                     "from:t to:t"},
    {"ExpectedPeaks", "items:[ExpectedPeak]"},
    {"Period", "steps:n seconds:n strength:n"},
    {"Seasonality", "service:s resource_type:ResourceType from:t to:t step:i steps_with_data:i "
                    "seasonal:b periods:[Period]"},
    {"Collector", "name:s kind:s up:b last_success:t? age_seconds:n? interval_seconds:n samples:i "
                  "duration_ms:n? error:s? note:s?"},
    {"EngineStatus", "series:i max_series:i check_interval_seconds:n last_tick_ms:n?"},
    {"StorageStatus", "state:s error:s? bytes:i samples:i oldest:t? retention_seconds:n "
                      "last_commit_ms:n?"},
    {"ForecastsStatus", "held:i trusted:i restored:i backlog:i workers:i oldest:t? fitted:i "
                        "failed:i dropped:i on_demand:i last_fit_ms:n?"},
    {"NotificationTest", "receiver:s delivered:b answer:s"},
    {"ReceiverStatus", "name:s kind:s sent:i failed:i dropped:i waiting:i last_sent:t? error:s?"},
    {"NotificationsStatus", "receivers:[ReceiverStatus] open:i silenced:i lost:i"},
    {"StreamStatus", "clients:i max_clients:i"},
    {"ConfigStatus", "file:s? hash:s loaded:t? last_reload_successful:b"},
    {"Status", "version:s state:s uptime_seconds:n pid:i environment:s mode:s "
               "collectors:[Collector] engine:EngineStatus forecasts:ForecastsStatus "
               "scaling:ScalingStatus notifications:NotificationsStatus storage:StorageStatus "
               "stream:StreamStatus config:ConfigStatus"},
    {"Event", "id:i timestamp:t kind:s service:s resource_type:ResourceType? title:s detail:s "
              "reason:s"},
    {"Events", "items:[Event]"},
    {"Mode", "mode:ScalingMode pause:Pause rules:{i} targets:[PausedTarget]"},
    {"ScalingMode", "=off|observe|approve|auto"},
    {"Pause", "what:PauseWhat until:t? actor:s reason:s"},
    {"PauseWhat", "=none|in|out|both"},
    {"PausedTarget", "target:s pause:Pause freeze:Pause"},
    {"ModeRequest", "mode:ScalingMode rule_id~:s?"},
    {"PauseRequest", "what:PauseWhat until~:s? reason~:s? target~:s?"},
    {"CooldownRequest", "seconds:i"},
    {"OverrideRequest", "count~:i? floor~:i? ceiling~:i? expires_at:s reason:s"},
    {"RulesDocument", "targets~:[TargetDocument] rules~:[RuleDocument]"},
    {"TargetDocument", "+name:s service~:s"},
    {"RuleDocument", "+rule_id:s target~:s policy:ScalingPolicy"},
    {"ScalingPolicy", "=THRESHOLD|PREDICTIVE|SCHEDULED|MANUAL"},
    {"RuleChange", "kind:s id:s change:s version:i"},
    {"RuleChanges", "changes:[RuleChange]"},
    {"LastDecision", "decision_id:s? timestamp:t verdict:DecisionVerdict bound:s current:i "
                     "wanted:i to:i direction:ScalingDirection reason:s valid_until:t?"},
    {"DecisionVerdict", "=nothing|held|observe|propose|act"},
    {"ScalingDirection", "=NO_ACTION|SCALE_UP|SCALE_DOWN|SCALE_OUT|SCALE_IN"},
    {"Proposal", "state:s want:i bound:s shadow:b demand:n? utilization_pct:n? text:s"},
    {"Rule", "+rule_id:s target:s policy:ScalingPolicy version:i source:s trusted:b? trust:s? "
             "proposal:Proposal? last:LastDecision?"},
    {"Rules", "items:[Rule] next_cursor:s?"},
    {"Override", "exact:b floor:i ceiling:i? expires_at:t actor:s reason:s"},
    {"Target", "+name:s service:s version:i source:s current:n? ready:n? seen_at:t? condition:s? "
               "cooldown_out_until:t? cooldown_in_until:t? lead_seconds:n? lead_learned_from:i "
               "override:Override? pause:Pause freeze:Pause action:ScalingAction? rules:[s] "
               "last:LastDecision?"},
    {"Targets", "items:[Target] next_cursor:s?"},
    {"Desired", "desired:i active:b as_of:t valid_until:t?"},
    {"ScalingAction", "action_id:s rule_id:s target:s service:s resource_type:ResourceType "
                      "state:ActionState direction:ScalingDirection from_value:n to_value:n "
                      "reason:s timestamp:t actor:s decision_id:s? created:t? changed:t? "
                      "expires:t? epoch:i"},
    {"ActionState", "=proposed|pending|unknown|applied|not_applied|failed|superseded|rejected|"
                    "expired|observed"},
    {"Actions", "items:[ScalingAction] next_cursor:s?"},
    {"EvaluatedTarget", "target:s service:s last:LastDecision? action:ScalingAction?"},
    {"Evaluated", "items:[EvaluatedTarget]"},
    {"DecisionRow", "decision_id:s timestamp:t target:s service:s verdict:DecisionVerdict "
                    "current:i to:i"},
    {"Decisions", "items:[DecisionRow] next_cursor:s?"},
    {"Decision", "decision_id:s timestamp:t target:s service:s verdict:DecisionVerdict "
                 "current:i to:i record:o?"},
    {"Replay", "decision_id:s same:b differs:s? decision:o"},
    {"AuditRow", "seq:i timestamp:t actor:s role:s address:s action:s object:s detail:s "
                 "previous:s hash:s"},
    {"Audit", "items:[AuditRow] next_cursor:s?"},
    {"ScalingStatus", "targets:i rules:i open_actions:i unknown_actions:i proposals:i decisions:i "
                      "recorded:i applied:i failed:i executors:i busy:i "
                      "oldest_intent_seconds:n?"},
    {"CapacityModel", "target:s service:s driver:s part:s units_per_instance:n source:s date:t? "
                      "expires:t? expired:b"},
    {"CapacityModels", "items:[CapacityModel]"},
    {"SimulatedPolicy",
     "policy:s under_provisioned_time_pct:n? over_provisioned_time_pct:n? under_accuracy_pct:n? "
     "over_accuracy_pct:n? instability_pct:n? slo_violation_pct:n? slo_time_pct:n? "
     "instance_hours:n cost:n? actions:i reversals:i"},
    {"Simulated", "target:s service:s resource_type:s t0:i step:i steps:i scored_from:i scored:i "
                  "differ:i? policies:[SimulatedPolicy] columns~:o"},
    {"Simulations", "items:[Simulated]"},
    {"Session", "role:s? authenticated:b services~:[s]"},
    {"SessionRequest", "token:s"},
    {"ProblemItem", "path:s message:s hint~:s line~:i column~:i"},
    {"WriteRefusal", "reason:s count:i example:s"},
    {"Problem", "type:s title:s status:i detail:s instance:s request_id:s errors:[ProblemItem] "
                "accepted~:i current~:i? rejected~:[Rejected] written~:i refused~:[WriteRefusal]"},
};

const size_t ll_schemas_n = LL_LEN(ll_schemas);

static void member(struct ll_json_out *j, const char *key, const char *value)
{
    ll_json_out_key(j, key);
    ll_json_out_z(j, value);
}

static void words(struct ll_json_out *j, const char *list)
{
    ll_json_out_open(j, '{');
    member(j, "type", "string");
    ll_json_out_key(j, "enum");
    ll_json_out_open(j, '[');
    while (*list) {
        size_t n = strcspn(list, "|");
        ll_json_out_text(j, (struct ll_slice){list, n});
        list += n + (list[n] == '|');
    }
    ll_json_out_close(j, ']');
    ll_json_out_close(j, '}');
}

static const char *base_type(char c)
{
    switch (c) {
    case 'o':
        return "object";
    case 'n':
        return "number";
    case 'i':
        return "integer";
    case 'b':
        return "boolean";
    default:
        return "string";
    }
}

/* A letter, or the name of a schema. */
static void simple(struct ll_json_out *j, struct ll_slice t, bool nullable)
{
    char ref[96];
    ll_json_out_open(j, '{');
    if (t.n > 1) {
        snprintf(ref, sizeof(ref), "#/components/schemas/%.*s", (int)t.n, t.s);
        if (nullable)
            ll_str_addz(j->out, "\"anyOf\":[{\"type\":\"null\"},{");
        member(j, "$ref", ref);
        if (nullable)
            ll_str_addz(j->out, "}]");
    } else {
        ll_json_out_key(j, "type");
        if (nullable)
            ll_json_out_open(j, '[');
        ll_json_out_z(j, base_type(t.s[0]));
        if (nullable) {
            ll_json_out_z(j, "null");
            ll_json_out_close(j, ']');
        }
        if (t.s[0] == 't')
            member(j, "format", "date-time");
    }
    ll_json_out_close(j, '}');
}

static void type(struct ll_json_out *j, struct ll_slice t)
{
    bool list = t.s[0] == '[', map = t.s[0] == '{';
    if (list || map) {
        ll_json_out_open(j, '{');
        member(j, "type", list ? "array" : "object");
        ll_json_out_key(j, list ? "items" : "additionalProperties");
        t = (struct ll_slice){t.s + 1, t.n - 2};
    }
    bool nullable = t.s[t.n - 1] == '?';
    simple(j, (struct ll_slice){t.s, t.n - nullable}, nullable);
    if (list || map)
        ll_json_out_close(j, '}');
}

/* The next "name:type" of a shape; false at its end. */
static bool next(const char **shape, struct ll_slice *name, struct ll_slice *t, bool *optional)
{
    const char *s = *shape + strspn(*shape, " ");
    size_t all = strcspn(s, " "), n = strcspn(s, ":");
    *shape = s + all;
    if (all == 0)
        return false;
    *optional = s[n - 1] == '~';
    *name = (struct ll_slice){s, n - *optional};
    *t = (struct ll_slice){s + n + 1, all - n - 1};
    return true;
}

void ll_schema_render(struct ll_json_out *j, const char *shape)
{
    struct ll_slice name, t;
    bool optional;
    if (shape[0] == '=') {
        words(j, shape + 1);
        return;
    }
    const bool open = shape[0] == '+';
    shape += open;
    ll_json_out_open(j, '{');
    member(j, "type", "object");
    ll_json_out_key(j, "properties");
    ll_json_out_open(j, '{');
    for (const char *s = shape; next(&s, &name, &t, &optional);) {
        char key[64];
        snprintf(key, sizeof(key), "%.*s", (int)name.n, name.s);
        ll_json_out_key(j, key);
        type(j, t);
    }
    ll_json_out_close(j, '}');
    ll_json_out_key(j, "required");
    ll_json_out_open(j, '[');
    for (const char *s = shape; next(&s, &name, &t, &optional);)
        if (!optional)
            ll_json_out_text(j, name);
    ll_json_out_close(j, ']');
    ll_json_out_key(j, "additionalProperties");
    ll_json_out_bool(j, open);
    ll_json_out_close(j, '}');
}
