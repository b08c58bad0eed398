#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/market.h"
#include "cmd/settings.h"
#include "cmd/table.h"
#include "core/status.h"
#include "core/units.h"
#include "os/file.h"
#include "os/process.h"
#include "os/zone.h"

enum level { LEVEL_OK, LEVEL_WARN, LEVEL_FAIL, LEVEL_SKIP };

static const struct {
    const char *word;
    enum ll_tint tint;
} levels[] = {
    [LEVEL_OK] = {"OK", LL_TINT_OK},
    [LEVEL_WARN] = {"WARN", LL_TINT_WARN},
    [LEVEL_FAIL] = {"FAIL", LL_TINT_CRIT},
    [LEVEL_SKIP] = {"SKIP", LL_TINT_DIM},
};

/* What all checks look at: found out once. */
struct patient {
    struct ll_ctx *c;
    struct ll_config *config; /* NULL: config_err says why */
    struct ll_err config_err;
    json_t *status; /* of the daemon; NULL: daemon_err says why */
    struct ll_err daemon_err;
};

struct finding {
    char text[400], fix[200];
};

/* Each check fills a finding and gives its level. */
typedef enum level check_fn(const struct patient *p, struct finding *f);

static void LL_PRINTF(2, 3) say(struct finding *f, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(f->text, sizeof(f->text), fmt, args);
    va_end(args);
}

static void LL_PRINTF(2, 3) advise(struct finding *f, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(f->fix, sizeof(f->fix), fmt, args);
    va_end(args);
}

static enum level check_config(const struct patient *p, struct finding *f)
{
    const char *file = ll_settings_file(p->c->args);
    if (!p->config) {
        say(f, "%s", p->config_err.text);
        advise(f, "loadline check config %s", file ? file : "FILE");
        return LEVEL_FAIL;
    }
    say(f, "%s, hash %s", file ? file : "defaults, no file", p->config->hash);
    return LEVEL_OK;
}

static enum level check_data_folder(const struct patient *p, struct finding *f)
{
    if (!p->config) {
        say(f, "not known without a configuration");
        return LEVEL_SKIP;
    }
    const char *path = p->config->storage.path;
    say(f, "%s", path);
    if (ll_file_can_write_folder(path))
        return LEVEL_OK;
    say(f, "%s cannot be written by this user", path);
    advise(f, "run this as the daemon's user, or: chown USER %s", path);
    return p->status ? LEVEL_WARN : LEVEL_FAIL;
}

static enum level check_disk(const struct patient *p, struct finding *f)
{
    char amount[LL_UNIT_TEXT_MAX];
    struct ll_err err;
    double bytes;
    if (!p->config) {
        say(f, "not known without a configuration");
        return LEVEL_SKIP;
    }
    if (!ll_file_free_bytes(p->config->storage.path, &bytes, &err)) {
        say(f, "%s", err.text);
        advise(f, "loadline serve --storage.path=FOLDER");
        return LEVEL_FAIL;
    }
    say(f, "%s free for data", ll_unit_format(LL_UNIT_BYTES, bytes, amount));
    if (bytes >= 1 << 30)
        return LEVEL_OK;
    advise(f, "df -h %s; free some space, or keep less: --storage.retention.time=7d",
           p->config->storage.path);
    return bytes < 100 << 20 ? LEVEL_FAIL : LEVEL_WARN;
}

static enum level check_clock(const struct patient *p, struct finding *f)
{
    char now[LL_TIME_TEXT_MAX];
    ll_time_format(p->c->now, now);
    struct ll_civil day = ll_time_civil(p->c->now);
    if (day.year < 2026) {
        say(f, "the clock says %s", now);
        advise(f, "timedatectl set-ntp true");
        return LEVEL_FAIL;
    }
    bool kept = ll_process_clock_synchronised();
    say(f, "%s, %s", now, kept ? "synchronised" : "not known to be synchronised");
    if (!kept)
        advise(f, "timedatectl set-ntp true");
    return kept ? LEVEL_OK : LEVEL_WARN;
}

static enum level check_daemon_clock(const struct patient *p, struct finding *f)
{
    LL_AUTO_JSON health = NULL;
    struct ll_err err;
    if (!p->status || !ll_client_get(p->c, "/api/v1/health", &health, &err)) {
        say(f, "no daemon to compare with");
        return LEVEL_SKIP;
    }
    ll_time t = ll_json_time(health, "timestamp");
    double off = t == LL_TIME_NONE ? NAN : (double)(p->c->now - t) / 1000;
    say(f, "its last view is %.0f s old by this clock", off);
    if (off > -10 && off < 120)
        return LEVEL_OK;
    advise(f, "compare `date -u` here and there");
    return LEVEL_WARN;
}

static enum level check_zones(const struct patient *p, struct finding *f)
{
    (void)p;
    bool ok = ll_zone_data();
    say(f, ok ? "installed" : "not installed: --tz Area/City does not work");
    if (!ok)
        advise(f, "apt-get install tzdata");
    return ok ? LEVEL_OK : LEVEL_WARN;
}

static bool can_read(const char *path)
{
    struct ll_str text;
    ll_str_init(&text, 1 << 20);
    bool ok = ll_file_read(path, 1 << 20, &text, NULL) && text.n > 0;
    ll_str_fini(&text);
    return ok;
}

/* The calendars in use must exist, and be announced for a while yet. */
static enum level check_calendars(const struct patient *p, struct finding *f)
{
    LL_AUTO(ll_calendars) set = NULL;
    const struct ll_calendar *cal;
    struct ll_err err;
    char day[LL_DAY_TEXT_MAX];
    ll_day today = (ll_day)ll_time_day(p->c->now), first = LL_DAY_LAST;
    if (!p->config || !p->config->calendars.use || !*p->config->calendars.use) {
        say(f, "none in use (calendars.use)");
        return LEVEL_SKIP;
    }
    bool ok = ll_market_open(p->c, &set, &err);
    for (const char *const *u = p->config->calendars.use; ok && *u; u++) {
        ok = ll_calendars_get(set, ll_slice_of(*u), &cal, &err);
        if (ok)
            first = LL_MIN(first, ll_calendar_announced_to(cal));
    }
    if (!ok) {
        say(f, "%s", err.text);
        advise(f, "loadline calendar check");
        return LEVEL_FAIL;
    }
    say(f, "announced up to %s", ll_day_format(first, day));
    if (first >= today + LL_CALENDARS_STALE_DAYS)
        return LEVEL_OK;
    advise(f, "add what the venue has published to an overlay: loadline calendar check");
    return LEVEL_WARN;
}

static enum level check_proc(const struct patient *p, struct finding *f)
{
    static const char *const files[] = {"/proc/stat",    "/proc/meminfo",      "/proc/diskstats",
                                        "/proc/net/dev", "/proc/net/sockstat", "/proc/loadavg",
                                        "/proc/mounts"};
    (void)p;
    for (size_t i = 0; i < LL_LEN(files); i++)
        if (!can_read(files[i])) {
            say(f, "%s cannot be read", files[i]);
            advise(f, "mount -t proc proc /proc; in a unit: ProcSubset=all");
            return LEVEL_FAIL;
        }
    say(f, "readable");
    return LEVEL_OK;
}

static enum level check_pressure(const struct patient *p, struct finding *f)
{
    (void)p;
    bool ok = can_read("/proc/pressure/cpu");
    say(f, ok ? "measured by the kernel" : "not measured by this kernel (PSI is off)");
    if (!ok)
        advise(f, "boot with psi=1");
    return ok ? LEVEL_OK : LEVEL_WARN;
}

static enum level check_cgroups(const struct patient *p, struct finding *f)
{
    (void)p;
    if (can_read("/sys/fs/cgroup/cgroup.controllers")) {
        say(f, "version 2");
        return LEVEL_OK;
    }
    if (ll_file_exists("/sys/fs/cgroup/memory") || ll_file_exists("/sys/fs/cgroup/cpu")) {
        say(f, "version 1");
        return LEVEL_OK;
    }
    say(f, "none: units and containers are not seen as services");
    advise(f, "mount -t cgroup2 none /sys/fs/cgroup");
    return LEVEL_WARN;
}

static enum level check_files(const struct patient *p, struct finding *f)
{
    (void)p;
    double limit = ll_process_file_limit();
    say(f, "%.0f", limit);
    if (!(limit < 4096))
        return LEVEL_OK;
    advise(f, "ulimit -n 8192; in a unit: LimitNOFILE=8192");
    return limit < 256 ? LEVEL_FAIL : LEVEL_WARN;
}

static enum level check_reachable(const struct patient *p, struct finding *f)
{
    if (p->status) {
        say(f, "%s answers", ll_client_server(p->c));
        return LEVEL_OK;
    }
    say(f, "%s", p->daemon_err.text);
    bool denied = ll_err_info(p->daemon_err.code)->exit_code == 6;
    advise(f, denied ? "loadline doctor --token-file FILE" : "loadline serve");
    return LEVEL_FAIL;
}

static enum level check_ready(const struct patient *p, struct finding *f)
{
    struct ll_err err;
    int status;
    if (!p->status) {
        say(f, "no daemon to ask");
        return LEVEL_SKIP;
    }
    bool ok = ll_client_probe(p->c, "/-/ready", &status, &err) && status == 200;
    say(f, ok ? "configuration, store and data are there" : "it is up, but not ready");
    if (!ok)
        advise(f, "wait for one check interval; then see its log");
    return ok ? LEVEL_OK : LEVEL_FAIL;
}

static enum level check_version(const struct patient *p, struct finding *f)
{
    const char *theirs = ll_json_text(p->status, "version");
    if (!p->status) {
        say(f, "no daemon to ask");
        return LEVEL_SKIP;
    }
    bool same = strcmp(theirs, LL_VERSION) == 0;
    say(f, "daemon %.32s, this program " LL_VERSION, theirs);
    if (!same)
        advise(f, "restart the daemon: systemctl restart loadline");
    return same ? LEVEL_OK : LEVEL_WARN;
}

static enum level check_storage(const struct patient *p, struct finding *f)
{
    const json_t *s = json_object_get(p->status, "storage");
    char bytes[LL_UNIT_TEXT_MAX];
    if (!s) {
        say(f, "no daemon to ask");
        return LEVEL_SKIP;
    }
    if (strcmp(ll_json_text(s, "state"), "ok") != 0) {
        say(f, "cannot write: %.200s", ll_json_text(s, "error"));
        advise(f, "df -h and ls -ld the folder of --storage.path; it recovers alone");
        return LEVEL_FAIL;
    }
    say(f, "%s, %.0f samples", ll_unit_format(LL_UNIT_BYTES, ll_json_number(s, "bytes"), bytes),
        ll_json_number(s, "samples"));
    return LEVEL_OK;
}

static enum level check_collectors(const struct patient *p, struct finding *f)
{
    size_t i, n = 0;
    json_t *k;
    if (!p->status) {
        say(f, "no daemon to ask");
        return LEVEL_SKIP;
    }
    json_array_foreach(json_object_get(p->status, "collectors"), i, k)
    {
        double age = ll_json_number(k, "age_seconds");
        ll_dur interval = (ll_dur)(ll_json_number(k, "interval_seconds") * 1000);
        bool fresh = age * 1000 <= (double)ll_status_stale_after(interval);
        n++;
        if (ll_json_is_true(k, "up") && fresh)
            continue;
        say(f, "%.64s gives no data: %.200s", ll_json_text(k, "name"), ll_json_text(k, "error"));
        advise(f, "see the daemon's log: journalctl -u loadline");
        return LEVEL_FAIL;
    }
    say(f, n ? "%zu, all fresh" : "%zu: only pushed data is seen", n);
    return n ? LEVEL_OK : LEVEL_WARN;
}

static enum level check_reload(const struct patient *p, struct finding *f)
{
    const json_t *config = json_object_get(p->status, "config");
    if (!config) {
        say(f, "no daemon to ask");
        return LEVEL_SKIP;
    }
    bool ok = ll_json_is_true(config, "last_reload_successful");
    const char *file = ll_json_text(config, "file");
    say(f, ok ? "in use since %.32s" : "the last reload was refused; in use since %.32s",
        ll_json_text(config, "loaded"));
    if (!ok)
        advise(f, "loadline check config %.150s", file[0] ? file : "FILE");
    return ok ? LEVEL_OK : LEVEL_WARN;
}

static enum level check_series(const struct patient *p, struct finding *f)
{
    const json_t *engine = json_object_get(p->status, "engine");
    double n = ll_json_number(engine, "series"), max = ll_json_number(engine, "max_series");
    if (!engine) {
        say(f, "no daemon to ask");
        return LEVEL_SKIP;
    }
    say(f, "%.0f of at most %.0f", n, max);
    if (!(n > 0.9 * max))
        return LEVEL_OK;
    advise(f, "raise storage.max_series, or send fewer instances and parts");
    return LEVEL_WARN;
}

static enum level check_token(const struct patient *p, struct finding *f)
{
    const char *file = ll_args_text(p->c->args, "token-file");
    if (!file) {
        say(f, "none used");
        return LEVEL_SKIP;
    }
    bool open = ll_file_is_open_to_others(file);
    say(f, open ? "%s can be read by others" : "%s is private", file);
    if (open)
        advise(f, "chmod 600 %s", file);
    return open ? LEVEL_WARN : LEVEL_OK;
}

static const struct {
    const char *name;
    check_fn *run;
} checks[] = {
    {"configuration", check_config},
    {"data folder", check_data_folder},
    {"disk space", check_disk},
    {"clock", check_clock},
    {"time zones", check_zones},
    {"calendars", check_calendars},
    {"/proc", check_proc},
    {"pressure", check_pressure},
    {"cgroups", check_cgroups},
    {"open files", check_files},
    {"token file", check_token},
    {"daemon", check_reachable},
    {"daemon ready", check_ready},
    {"daemon version", check_version},
    {"daemon clock", check_daemon_clock},
    {"daemon storage", check_storage},
    {"daemon collectors", check_collectors},
    {"daemon configuration", check_reload},
    {"daemon series", check_series},
};

static const struct ll_column columns[] = {
    {.key = "level", .title = "LEVEL"},
    {.key = "check", .title = "CHECK"},
    {.key = "finding", .title = "FINDING", .flex = true},
    {.key = "fix", .title = NULL},
};

static enum ll_tint tint_of(const char *word)
{
    for (size_t i = 0; i < LL_LEN(levels); i++)
        if (strcmp(levels[i].word, word) == 0)
            return levels[i].tint;
    return LL_TINT_NONE;
}

static bool print(struct ll_ctx *c, json_t *items, struct ll_err *err)
{
    LL_AUTO_JSON whole = json_pack("{s:O}", "items", items);
    if (ll_json_print_form(c, whole, items))
        return true;
    size_t i;
    json_t *k;
    if (c->form == LL_FORM_CSV) {
        LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
        if (!t)
            return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
        json_array_foreach(items, i, k)
        {
            for (size_t n = 0; n < LL_LEN(columns); n++)
                ll_table_cell(t, ll_json_text(k, columns[n].key), NULL, LL_TINT_NONE);
        }
        return ll_table_print(t, c, err);
    }
    json_array_foreach(items, i, k) /* in full, however long: this is to be read */
    {
        enum ll_tint tint = tint_of(ll_json_text(k, "level"));
        ll_str_addf(&c->out, "%s%-4s%s  %-21s ", ll_text_color(c, tint), ll_json_text(k, "level"),
                    ll_text_color_end(c, tint), ll_json_text(k, "check"));
        ll_text_add(&c->out, ll_json_text(k, "finding"), 0, c->utf8);
        ll_str_addc(&c->out, '\n');
        if (ll_json_text(k, "fix")[0])
            ll_str_addf(&c->out, "%28sfix: %s\n", "", ll_json_text(k, "fix"));
    }
    return true;
}

static bool examine(struct ll_ctx *c, struct ll_err *err)
{
    struct patient p = {.c = c};
    size_t failed = 0;
    LL_AUTO_JSON items = json_array();
    if (!ll_settings_load(c->args, &p.config, &p.config_err))
        p.config = NULL;
    if (!ll_client_get(c, "/api/v1/status", &p.status, &p.daemon_err))
        p.status = NULL;
    for (size_t i = 0; i < LL_LEN(checks); i++) {
        struct finding f = {0};
        enum level level = checks[i].run(&p, &f);
        failed += level == LEVEL_FAIL;
        json_array_append_new(items,
                              json_pack("{s:s, s:s, s:s, s:s}", "level", levels[level].word,
                                        "check", checks[i].name, "finding", f.text, "fix", f.fix));
    }
    ll_config_free(p.config);
    json_decref(p.status);
    c->exit_code = failed ? 1 : 0;
    return print(c, items, err);
}

static const struct ll_column status_columns[] = {
    {.key = "status", .title = "STATUS"},
    {.key = "reason", .title = "REASON"},
    {.key = "meaning", .title = "MEANING"},
};

/* Statuses from the worst, and under each the reasons that lead to it. */
static bool explain_status(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO_JSON items = json_array();
    LL_AUTO(ll_table) t = ll_table_new(status_columns, LL_LEN(status_columns));
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    for (int severity = 16; severity >= 0; severity--)
        for (int s = 0; s < LL_STATUS_COUNT; s++) {
            enum ll_status status = (enum ll_status)s;
            if (ll_status_severity(status) != severity)
                continue;
            json_array_append_new(items,
                                  json_pack("{s:s, s:n, s:s}", "status", ll_status_name(status),
                                            "reason", "meaning", ll_status_meaning(status)));
            for (int r = 0; r < LL_REASON_COUNT; r++)
                if (ll_reason_status((enum ll_reason)r) == status)
                    json_array_append_new(
                        items, json_pack("{s:s, s:s, s:s}", "status", ll_status_name(status),
                                         "reason", ll_reason_name((enum ll_reason)r), "meaning",
                                         ll_reason_meaning((enum ll_reason)r)));
        }
    LL_AUTO_JSON whole = json_pack("{s:O}", "items", items);
    if (ll_json_print_form(c, whole, items))
        return true;
    size_t i;
    json_t *k;
    c->width = 0; /* definitions are not cut */
    json_array_foreach(items, i, k)
    {
        for (size_t n = 0; n < LL_LEN(status_columns); n++)
            ll_table_cell(t, ll_json_text(k, status_columns[n].key), NULL,
                          n == 0 ? ll_text_status_tint(ll_json_text(k, "status")) : LL_TINT_NONE);
    }
    return ll_table_print(t, c, err);
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    return ll_args_bool(c->args, "explain-status") ? explain_status(c, err) : examine(c, err);
}

static const struct ll_flag flags[] = {
    {.name = "explain-status",
     .type = LL_FLAG_BOOL,
     .doc = "print what each status and each reason means, and stop"},
    {0}};

const struct ll_command ll_cmd_doctor = {
    .name = "doctor",
    .group = "Run",
    .doc = "look for what is wrong here and say how to mend it",
    .about = "Give it the flags of the daemon. Exit code 1 when a check fails; warnings do not "
             "count.",
    .examples = {{"loadline doctor", "this machine, and the daemon on it"},
                 {"loadline doctor --explain-status", "what CRITICAL and the others mean"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS | LL_CMD_SETTINGS,
    .flags = flags,
    .run = run,
};
