#include "api/exposition.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "api/hub.h"
#include "api/scaling.h"
#include "base/num.h"
#include "engine/notices.h"

struct writer {
    struct ll_str *out;
    bool openmetrics;
    const char *name; /* family in hand */
    const char *suffix;
    bool labels; /* a label stands before the next */
};

/* Counters are named without _total in OpenMetrics' metadata and with it in the lines. */
static void family(struct writer *w, const char *name, const char *type, const char *help)
{
    bool counter = type[0] == 'c';
    const char *in_meta = counter && !w->openmetrics ? "_total" : "";
    w->name = name;
    w->suffix = counter ? "_total" : "";
    ll_str_addf(w->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, in_meta, help, name, in_meta,
                type);
}

static void begin(struct writer *w)
{
    ll_str_addz(w->out, w->name);
    ll_str_addz(w->out, w->suffix);
    w->labels = false;
}

static void label(struct writer *w, const char *name, struct ll_slice value)
{
    ll_str_addc(w->out, w->labels ? ',' : '{');
    w->labels = true;
    ll_str_addz(w->out, name);
    ll_str_addz(w->out, "=\"");
    bool utf8 = ll_utf8_valid(value.s, value.n);
    for (size_t i = 0; i < value.n; i++) {
        char c = value.s[i];
        if (c == '"' || c == '\\')
            ll_str_addc(w->out, '\\');
        if (c == '\n')
            ll_str_addz(w->out, "\\n");
        else if ((unsigned char)c >= 0x80 && !utf8)
            ll_str_addz(w->out, "\xef\xbf\xbd");
        else
            ll_str_addc(w->out, c);
    }
    ll_str_addc(w->out, '"');
}

static void end(struct writer *w, double value)
{
    char text[LL_NUM_TEXT_MAX];
    ll_str_addz(w->out, w->labels ? "} " : " ");
    ll_str_add(w->out, text, ll_num_format(value, text));
    ll_str_addc(w->out, '\n');
}

static void one(struct writer *w, const char *name, const char *type, const char *help,
                double value)
{
    if (!isfinite(value))
        return; /* no data is no line */
    family(w, name, type, help);
    begin(w);
    end(w, value);
}

static void series(struct writer *w, const struct ll_series_key *key)
{
    begin(w);
    label(w, "service", key->service);
    label(w, "resource_type", ll_slice_of(ll_resource_name(key->type)));
    label(w, "instance", key->instance);
    label(w, "part", key->part);
}

static void limit_line(struct writer *w, const struct ll_series_key *key, const char *kind,
                       double seconds)
{
    if (!isfinite(seconds))
        return;
    series(w, key);
    label(w, "kind", ll_slice_of(kind));
    end(w, seconds);
}

/* How far the calendars in use are announced: an alert compares it with time(). */
static void render_calendars(struct writer *w, const struct ll_published *p)
{
    const char *const *use = p->config->calendars.use;
    const struct ll_calendar *cal;
    if (!use || !*use)
        return;
    family(w, "loadline_calendar_announced_until_timestamp_seconds", "gauge",
           "End of the last day that the venue has announced.");
    for (; *use; use++)
        if (ll_calendars_get(p->calendars, ll_slice_of(*use), &cal, NULL)) {
            begin(w);
            label(w, "calendar", ll_slice_of(ll_calendar_code(cal)));
            end(w, ((double)ll_calendar_announced_to(cal) + 1) * 86400);
        }
}

/* Stale series are left out: Prometheus then sees that they went away. */
static void render_view(struct writer *w, const struct ll_view *v)
{
    family(w, "loadline_utilization_ratio", "gauge", "Used share of the capacity, 0 to 1.");
    for (size_t i = 0; i < v->n_metrics; i++)
        if (!v->metrics[i].stale && isfinite(v->metrics[i].utilization)) {
            series(w, &v->metrics[i].key);
            end(w, v->metrics[i].utilization);
        }
    family(w, "loadline_time_to_limit_seconds", "gauge",
           "Seconds until a limit is met at the present trend; absent when none is in sight.");
    for (size_t i = 0; i < v->n_metrics; i++) {
        const struct ll_limit *l = &v->limits[i];
        const struct ll_metric *m = &v->metrics[l->metric];
        if (m->stale)
            continue;
        limit_line(w, &m->key, "critical", l->to_critical_s);
        limit_line(w, &m->key, "capacity", l->to_capacity_s);
        limit_line(w, &m->key, "ceiling", l->to_ceiling_s);
    }
    family(w, "loadline_cells", "gauge", "Resources of services, by status.");
    for (int i = 0; i < LL_STATUS_COUNT; i++) {
        begin(w);
        label(w, "status", ll_slice_of(ll_status_name((enum ll_status)i)));
        end(w, (double)v->counts[i]);
    }
    one(w, "loadline_view_sequence", "gauge", "Number of the published view.", (double)v->sequence);
}

static void render_forecasts(struct writer *w, const struct ll_forecasts_status *s)
{
    one(w, "loadline_forecasts", "gauge", "Forecasts in force.", (double)s->held);
    one(w, "loadline_forecast_backlog", "gauge", "Series that wait to be forecast.",
        (double)s->backlog);
    one(w, "loadline_forecasts_trusted", "gauge",
        "Forecasts in force that came out better than seasonal naive, within their bounds.",
        (double)s->trusted);
    one(w, "loadline_forecasts_restored", "gauge",
        "Forecasts in force that were read back at the start and not made anew since.",
        (double)s->restored);
    one(w, "loadline_forecast_workers", "gauge", "Threads that fit.", (double)s->workers);
    if (s->oldest != LL_TIME_NONE)
        one(w, "loadline_forecast_oldest_timestamp_seconds", "gauge",
            "When the oldest forecast in force was made.", (double)s->oldest / 1e3);
    one(w, "loadline_forecast_fits", "counter", "Forecasts made.", (double)s->fitted);
    one(w, "loadline_forecast_failures", "counter", "Series that could not be forecast.",
        (double)s->failed);
    one(w, "loadline_forecasts_on_demand", "counter",
        "Forecasts made for requests beyond the usual horizon.", (double)s->on_demand);
    one(w, "loadline_forecast_fit_seconds", "counter", "Time spent in fits.", s->fit_ms_sum / 1e3);
}

static void render_targets(struct writer *w, const struct ll_scaling_book *b)
{
    family(w, "loadline_desired_instances", "gauge",
           "What was decided last; absent while nothing has been.");
    for (size_t i = 0; i < b->n_targets; i++)
        if (b->targets[i]->last.d.now != 0 && b->targets[i]->seen.known) {
            begin(w);
            label(w, "target", b->targets[i]->target->name);
            end(w, (double)b->targets[i]->last.d.to);
        }
    family(w, "loadline_hold_reason", "gauge", "1 for each target that something holds, and what.");
    for (size_t i = 0; i < b->n_targets; i++)
        if (b->targets[i]->last.d.now != 0 && b->targets[i]->last.d.verdict == LL_VERDICT_HELD) {
            begin(w);
            label(w, "target", b->targets[i]->target->name);
            label(w, "reason", ll_slice_of(ll_bound_name(b->targets[i]->last.d.bound)));
            end(w, 1);
        }
}

static void render_scaling(struct writer *w, struct ll_engine *e)
{
    struct ll_scaling_status s;
    const struct ll_scaling_book *b = ll_engine_scaling(e);
    const ll_time oldest = ll_scaling_oldest_intent(b);
    ll_engine_scaling_status(e, &s);
    family(w, "loadline_mode", "gauge", "1 for the mode that is in force.");
    for (int i = 0; i < LL_MODE_COUNT; i++) {
        begin(w);
        label(w, "mode", ll_slice_of(ll_mode_name((enum ll_mode)i)));
        end(w, (int)b->mode == i);
    }
    one(w, "loadline_scaling_targets", "gauge", "What is scaled.", (double)s.targets);
    one(w, "loadline_scaling_rules", "gauge", "Rules in force.", (double)s.rules);
    one(w, "loadline_scaling_open_actions", "gauge", "Actions that have not ended.",
        (double)s.open_actions);
    one(w, "loadline_scaling_unknown_actions", "gauge", "Of them: sent, and not confirmed.",
        (double)s.unknown);
    one(w, "loadline_scaling_proposals", "gauge", "Proposals that wait for a person.",
        (double)s.proposals);
    one(w, "loadline_scaling_decisions", "counter", "Decisions that were made.",
        (double)s.decisions);
    one(w, "loadline_scaling_actions_applied", "counter", "Actions that changed their target.",
        (double)s.actions);
    one(w, "loadline_scaling_actions_failed", "counter",
        "Actions that failed or were not confirmed.", (double)s.failed);
    one(w, "loadline_intent_pending_seconds", "gauge",
        "Age of the oldest action that has not ended; 0 = there is none.",
        oldest == LL_TIME_NONE ? 0 : (double)(ll_engine_now(e) - oldest) / 1e3);
    render_targets(w, b);
    ll_engine_scaling_release(b);
}

enum notice_count { NOTICES_SENT, NOTICES_FAILED, NOTICES_DROPPED, NOTICES_WAITING };

static double notice_count(const struct ll_notice_counts *c, enum notice_count what)
{
    return what == NOTICES_SENT      ? (double)c->sent
           : what == NOTICES_FAILED  ? (double)c->failed
           : what == NOTICES_DROPPED ? (double)c->dropped
                                     : (double)c->waiting;
}

static void render_notices(struct writer *w, struct ll_engine *e)
{
    static const struct {
        const char *name, *type, *help;
    } families[] = {
        [NOTICES_SENT] = {"loadline_notifications_sent", "counter", "Messages delivered."},
        [NOTICES_FAILED] = {"loadline_notifications_failed", "counter",
                            "Tries of messages that were not delivered."},
        [NOTICES_DROPPED] = {"loadline_notifications_dropped", "counter",
                             "Notices given up after an hour."},
        [NOTICES_WAITING] = {"loadline_notifications_waiting", "gauge",
                             "Notices that are due and not delivered."},
    };
    struct ll_notices_status s;
    ll_engine_notices_status(e, &s);
    one(w, "loadline_notifications_lost", "counter", "Notices for which there was no room.",
        (double)s.lost);
    for (size_t f = 0; f < LL_LEN(families) && s.n_receivers; f++) {
        family(w, families[f].name, families[f].type, families[f].help);
        for (size_t i = 0; i < s.n_receivers; i++) {
            begin(w);
            label(w, "receiver", ll_slice_of(s.receivers[i].name));
            end(w, notice_count(&s.receivers[i].counts, (enum notice_count)f));
        }
    }
}

static void render_engine(struct writer *w, struct ll_api *api)
{
    struct ll_engine_status s;
    ll_engine_status(api->engine, &s);
    one(w, "loadline_config_last_reload_successful", "gauge",
        "1 when the last reload of the configuration went well.", s.last_reload_ok);
    one(w, "loadline_storage_ok", "gauge", "1 while the store takes writes.",
        s.writer.state == LL_WRITER_OK);
    one(w, "loadline_storage_bytes", "gauge", "Size of the store on disk.", (double)s.store.bytes);
    one(w, "loadline_storage_last_commit_seconds", "gauge", "Duration of the last commit.",
        s.writer.last_commit_ms / 1e3);
    one(w, "loadline_storage_samples_committed", "counter", "Samples made durable.",
        (double)s.writer.committed);
    one(w, "loadline_series", "gauge", "Series in memory.", (double)s.series);
    one(w, "loadline_clock_jump", "counter", "Steps of the wall clock.", (double)s.clock_jumps);
    if (s.last_tick != LL_TIME_NONE)
        one(w, "loadline_tick_seconds", "gauge", "Duration of the last check.",
            s.last_tick_ms / 1e3);
    render_forecasts(w, &s.forecasts);
    render_scaling(w, api->engine);
    render_notices(w, api->engine);
    one(w, "loadline_uptime_seconds", "gauge", "Since the start.", s.uptime_s);
    family(w, "loadline_collector_up", "gauge", "1 when the last collection went well.");
    for (size_t i = 0; i < s.n_collectors; i++) {
        begin(w);
        label(w, "collector", ll_slice_of(s.collectors[i].name));
        end(w, s.collectors[i].up);
    }
}

static const char *const reject_reasons[] = {
    [LL_REFUSAL_NONE] = "none",
    [LL_REFUSAL_FUTURE] = "future",
    [LL_REFUSAL_TOO_OLD] = "too_old",
    [LL_REFUSAL_VALUE] = "value",
    [LL_REFUSAL_CAPACITY] = "capacity",
    [LL_REFUSAL_MAX] = "max_value",
    [LL_REFUSAL_NAME] = "name",
    [LL_REFUSAL_SERIES_LIMIT] = "series_limit",
    [LL_REFUSAL_OUT_OF_ORDER] = "out_of_order",
    [LL_REFUSAL_DUPLICATE] = "duplicate",
    [LL_REFUSAL_BUCKET] = "bucket",
    [LL_COUNT_MALFORMED] = "malformed",
    [LL_COUNT_SCOPE] = "scope",
    [LL_COUNT_LABELS] = "labels",
    [LL_COUNT_HISTOGRAM] = "histogram",
};
_Static_assert(LL_LEN(reject_reasons) == LL_COUNT_REASONS, "a reason has no name");

static void write_line(struct writer *w, size_t protocol, const char *result, uint64_t n)
{
    begin(w);
    label(w, "protocol", ll_slice_of(protocol ? "2.0" : "1.0"));
    if (result)
        label(w, "result", ll_slice_of(result));
    end(w, (double)n);
}

static void render_write(struct writer *w, const struct ll_counters *c)
{
    family(w, "loadline_remote_write_requests", "counter", "Remote-write requests that were read.");
    for (size_t i = 0; i < LL_LEN(c->write); i++)
        write_line(w, i, NULL, ll_counted(&c->write[i].requests));
    family(w, "loadline_remote_write_samples", "counter",
           "Samples of remote-write: durable, or refused (the sender was told).");
    for (size_t i = 0; i < LL_LEN(c->write); i++) {
        write_line(w, i, "written", ll_counted(&c->write[i].samples));
        write_line(w, i, "refused", ll_counted(&c->write[i].refused));
    }
    family(w, "loadline_remote_write_histograms", "counter",
           "Native histograms of remote-write; none is kept.");
    for (size_t i = 0; i < LL_LEN(c->write); i++)
        write_line(w, i, "refused", ll_counted(&c->write[i].histograms));
    family(w, "loadline_remote_write_exemplars", "counter",
           "Exemplars of remote-write; none is kept.");
    for (size_t i = 0; i < LL_LEN(c->write); i++)
        write_line(w, i, "ignored", ll_counted(&c->write[i].exemplars));
}

static void render_http(struct writer *w, struct ll_api *api)
{
    const struct ll_counters *c = &api->counters;
    one(w, "loadline_ingest_samples", "counter", "Pushed samples that were acknowledged.",
        (double)ll_counted(&c->samples));
    family(w, "loadline_ingest_rejected", "counter", "Pushed items that were refused, by reason.");
    for (size_t i = 1; i < LL_COUNT_REASONS; i++) {
        begin(w);
        label(w, "reason", ll_slice_of(reject_reasons[i]));
        end(w, (double)ll_counted(&c->rejected[i]));
    }
    render_write(w, c);
    family(w, "loadline_http_requests", "counter", "Answers of the HTTP API, by status code.");
    for (int i = 0; i < (int)LL_LEN(c->code); i++) {
        char code[8];
        if (ll_counted(&c->code[i]) == 0)
            continue;
        int n = snprintf(code, sizeof(code), "%d", i);
        begin(w);
        label(w, "code", (struct ll_slice){code, (size_t)n});
        end(w, (double)ll_counted(&c->code[i]));
    }
    one(w, "loadline_http_connections_cut", "counter",
        "Connections shut down because they took too long.", (double)ll_counted(&c->cut));
    one(w, "loadline_stream_clients", "gauge", "Clients of the event stream.",
        (double)ll_hub_clients(api->hub));
}

static double resident_bytes(void)
{
    char line[128] = "";
    FILE *f = fopen("/proc/self/statm", "re");
    bool ok = f && fgets(line, sizeof(line), f);
    if (f)
        fclose(f);
    const char *second = strchr(line, ' ');
    size_t n = second ? strcspn(second + 1, " \n") : 0;
    double pages;
    if (!ok || n == 0 || !ll_num_parse((struct ll_slice){second + 1, n}, &pages))
        return (double)NAN;
    return pages * (double)sysconf(_SC_PAGESIZE);
}

static double open_descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    double n = 0;
    if (!d)
        return NAN;
    while (readdir(d))
        n++;
    closedir(d);
    return n - 3; /* ".", ".." and the folder itself */
}

static void render_process(struct writer *w)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    double cpu = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
                 (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
    one(w, "process_cpu_seconds", "counter", "User and system time.", cpu);
    one(w, "process_resident_memory_bytes", "gauge", "Resident memory.", resident_bytes());
    one(w, "process_open_fds", "gauge", "Open file descriptors.", open_descriptors());
}

void ll_exposition_render(struct ll_str *out, struct ll_api *api, bool openmetrics)
{
    struct writer w = {.out = out, .openmetrics = openmetrics};
    family(&w, "loadline_build_info", "gauge", "What this program is.");
    begin(&w);
    label(&w, "version", LL_SLICE(LL_VERSION));
    end(&w, 1);
    const struct ll_published *p = ll_engine_acquire(api->engine);
    render_view(&w, p->view);
    render_calendars(&w, p);
    ll_engine_release(p);
    render_engine(&w, api);
    render_http(&w, api);
    render_process(&w);
    if (openmetrics)
        ll_str_addz(out, "# EOF\n");
}
