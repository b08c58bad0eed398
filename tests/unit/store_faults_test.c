/* The store when memory ends: each allocation of one life of a store fails once, SQLite's
 * own among them.  Nothing crashes or leaks, a failure says why, and the next life is well. */
#include <ftw.h>
#include <malloc.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/records.h"
#include "store/store.h"
#include "support.h"

#define T0 ((ll_time)1763942400000)

static char folder[64];
static struct ll_batch *batch;
static size_t seen;

/* SQLite allocates through this file, so that the linker's wrap meets it too. */
static void *mem_alloc(int n)
{
    return malloc((size_t)n);
}

static void *mem_realloc(void *p, int n)
{
    return realloc(p, (size_t)n);
}

static int mem_size(void *p)
{
    return p ? (int)malloc_usable_size(p) : 0;
}

static int mem_round(int n)
{
    return (n + 7) & ~7;
}

static int mem_init(void *ctx)
{
    (void)ctx;
    return SQLITE_OK;
}

static void mem_shutdown(void *ctx)
{
    (void)ctx;
}

static int drop_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static void make_batch(void)
{
    batch = ll_batch_new(8, 1, LL_ORIGIN_PUSH);
    const ll_time times[] = {0, 1000, 2 * LL_HOUR, -LL_DAY, 20 * LL_DAY, 1000};
    for (size_t i = 0; i < LL_LEN(times); i++) {
        const struct ll_sample s = {
            .key = {.service = LL_SLICE("a"), .instance = i % 2 ? LL_SLICE("x") : LL_SLICE("y")},
            .t = T0 + times[i],
            .value = 3 - (double)i / 4,
            .capacity = 9,
            .max_value = NAN};
        ck_assert(ll_batch_add(batch, &s));
    }
    static struct ll_labeled_row labeled[] = {
        {.labels = {"\1a\1x", 4}, .point = {T0, LL_LABELED_STALE}},
        {.labels = {"\1b\1y", 4}, .point = {T0 + 20 * LL_DAY, 1}},
        {.labels = {"\1b\1y", 4}, .point = {T0, 2}},
    };
    static struct ll_rollup_row rollup = {
        .key = {.service = {"old", 3}},
        .step = 5 * LL_MINUTE,
        .rollup = {.t = T0, .mean = 1, .max = 2, .p95 = 1, .capacity = 3, .count = 1}};
    static struct ll_rule_row rule = {
        .kind = LL_KIND_RULE, .id = {"r", 1}, .version = 1, .document = {"{}", 2}};
    static struct ll_state_row state = {.target = {"a", 1}, .state = {"{}", 2}, .t = T0};
    static struct ll_decision_row decision = {.id = {"d", 1}, .t = T0, .record = {"{}", 2}};
    static struct ll_event_row event = {
        .event = {.action_id = {"e2", 2}, .target = {"a", 1}, .state = LL_ACTION_PENDING, .t = T0}};
    static struct ll_audit_row audit = {.t = T0, .action = {"put", 3}};
    static struct ll_scaling_rows scaling = {&rule, &state, &decision, &event, &audit,
                                             1,     1,      1,         1,      1};
    batch->scaling = &scaling;
    batch->labeled = labeled;
    batch->n_labeled = LL_LEN(labeled);
    batch->rollups = &rollup;
    batch->n_rollups = 1;
    batch->inbox = LL_SLICE("bytes");
    batch->received = T0;
    batch->cursor_name = LL_SLICE("cursor");
    batch->cursor_value = LL_SLICE("7");
    batch->business[batch->n_business++] =
        (struct ll_business){LL_SLICE("trades"), {0}, {0}, T0, 1};
}

static bool on_rollup(void *ctx, const struct ll_series_row *row, ll_dur step,
                      const struct ll_rollup *r)
{
    (void)ctx, (void)row, (void)step, (void)r;
    seen++;
    return true;
}

static void on_sample(void *ctx, const struct ll_series_row *row, const struct ll_sample *s)
{
    (void)ctx, (void)row, (void)s;
    seen++;
}

static void on_peak(void *ctx, const struct ll_peak *p)
{
    (void)ctx, (void)p;
    seen++;
}

static void on_event(void *ctx, const struct ll_scaling_event *e)
{
    (void)ctx, (void)e;
    seen++;
}

static bool on_labeled(void *ctx, struct ll_slice labels, const struct ll_labeled_point *p,
                       size_t n)
{
    (void)ctx, (void)labels, (void)p;
    seen += n;
    return true;
}

static bool on_each_sample(void *ctx, const struct ll_sample *s)
{
    (void)ctx, (void)s;
    seen++;
    return true;
}

static bool on_business(void *ctx, const struct ll_business *b)
{
    (void)ctx, (void)b;
    seen++;
    return true;
}

static bool on_inbox(void *ctx, ll_time received, struct ll_slice bytes)
{
    (void)ctx, (void)received;
    seen += bytes.n;
    return true;
}

static bool on_rule(void *ctx, const struct ll_rule_row *r)
{
    (void)ctx, (void)r;
    seen++;
    return true;
}

static bool on_state(void *ctx, const struct ll_state_row *r)
{
    (void)ctx, (void)r;
    seen++;
    return true;
}

static bool on_decision(void *ctx, const struct ll_decision_row *r)
{
    (void)ctx;
    seen += r->record.n;
    return true;
}

static bool on_audit(void *ctx, const struct ll_audit_row *r)
{
    (void)ctx, (void)r;
    seen++;
    return true;
}

static bool upkeep(struct ll_store *s, ll_time from, struct ll_err *err)
{
    bool more = true;
    for (ll_dur d = 0; d <= 2 * LL_HOUR; d += 5 * LL_MINUTE, more = true)
        for (int i = 0; more && i < 100; i++)
            if (!s->ops->maintain(s, from + d, &more, err))
                return false;
    return true;
}

static bool write_side(struct ll_store *s, struct ll_err *err)
{
    const struct ll_scaling_event e = {.action_id = LL_SLICE("e"), .t = T0};
    return s->ops->append(s, &batch, 1, err) && s->ops->append_event(s, &e, err) &&
           upkeep(s, T0 + 3 * LL_HOUR, err) && s->ops->append(s, &batch, 1, err) &&
           upkeep(s, T0 + 21 * LL_DAY, err);
}

static bool read_side(struct ll_store_reader *r, struct ll_err *err)
{
    const struct ll_store_ops *ops = r->ops;
    LL_AUTO(ll_arena) a = ll_arena_new(1 << 20);
    if (!a)
        return ll_err_set(err, LL_E_MEMORY, "no arena");
    struct ll_history h;
    struct ll_store_stats stats;
    struct ll_history_query q = {.service = LL_SLICE("a"),
                                 .any_instance = true,
                                 .from = T0,
                                 .to = T0 + 3 * LL_HOUR,
                                 .step = LL_MINUTE};
    const struct ll_peaks_query peaks = {.type = -1, .to_day = INT32_MAX, .limit = 9};
    bool ok = ops->history(r, &q, a, &h, err);
    q.step = LL_HOUR;
    return ok && ops->history(r, &q, a, &h, err) &&
           ops->each_rollup(r, 0, 0, on_rollup, NULL, err) &&
           ops->each_latest(r, 0, on_sample, NULL, err) &&
           ops->each_peak(r, &peaks, on_peak, NULL, err) &&
           ops->each_event(r, (struct ll_slice){0}, 0, 9, on_event, NULL, err) &&
           ops->stats(r, &stats, err);
}

static bool read_streams(struct ll_store_reader *r, struct ll_err *err)
{
    const struct ll_store_ops *ops = r->ops;
    LL_AUTO(ll_arena) a = ll_arena_new(1 << 20);
    if (!a)
        return ll_err_set(err, LL_E_MEMORY, "no arena");
    struct ll_slice cursor;
    const struct ll_samples_query samples = {.type = -1, .from = 0, .to = T0 + LL_DAY};
    const struct ll_labeled_query labeled = {.from = 0, .to = T0 + LL_DAY};
    const struct ll_business_query business = {.to = T0 + LL_DAY, .limit = 9};
    return ops->each_sample(r, &samples, on_each_sample, NULL, err) &&
           ops->each_labeled(r, &labeled, on_labeled, NULL, err) &&
           ops->each_business(r, &business, on_business, NULL, err) &&
           ops->each_inbox(r, 0, on_inbox, NULL, err) &&
           ops->cursor_get(r, LL_SLICE("cursor"), a, &cursor, err);
}

static bool read_scaling(struct ll_store_reader *r, struct ll_err *err)
{
    const struct ll_store_ops *ops = r->ops;
    const struct ll_rules_query rules = {.kind = -1};
    const struct ll_decisions_query decisions = {.records = true};
    const struct ll_audit_query audit = {.limit = 9};
    return ops->each_rule(r, &rules, on_rule, NULL, err) &&
           ops->each_state(r, on_state, NULL, err) &&
           ops->each_decision(r, &decisions, on_decision, NULL, err) &&
           ops->each_audit(r, &audit, on_audit, NULL, err);
}

/* One life of a store. */
static bool life(struct ll_err *err)
{
    const struct ll_store_ops *ops = ll_stores[0];
    const struct ll_store_opts opts = {.path = folder};
    struct ll_store *s;
    struct ll_store_reader *r = NULL;
    if (!ops->open(&opts, &s, err))
        return false;
    bool ok = write_side(s, err) && ops->reader_open(s, &r, err) && read_side(r, err) &&
              read_streams(r, err) && read_scaling(r, err);
    if (r)
        ops->reader_close(r);
    ops->close(s);
    return ok;
}

static void fresh_folder(void)
{
    const char *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(folder, sizeof(folder), "%s/loadline-faults-XXXXXX", memory);
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

START_TEST(every_failing_allocation_is_survived)
{
    struct ll_err err;
    unsigned failed = 0, n = 1;
    make_batch();
    fresh_folder();
    ck_assert_msg(life(&err), "%s", err.text); /* what is allocated once per process */
    for (bool reached = true; reached; n += 1 + n / 100) {
        nftw(folder, drop_entry, 8, FTW_DEPTH | FTW_PHYS);
        fresh_folder();
        err = (struct ll_err){0};
        ll_test_fail_alloc(n);
        bool ok = life(&err);
        reached = ll_test_alloc_failed();
        ll_test_fail_alloc(0);
        /* SQLite does without some memory; what it cannot do without is said. */
        ck_assert_msg(ok || (reached && err.code != LL_E_OK && err.text[0]), "allocation %u", n);
        failed += !ok;
        if (!ok) {
            ck_assert_msg(err.code != LL_E_DAMAGED, "allocation %u: %s", n, err.text);
            ck_assert_msg(life(&err), "after allocation %u: %s", n, err.text);
        }
    }
    ck_assert_uint_gt(failed, 100);
    nftw(folder, drop_entry, 8, FTW_DEPTH | FTW_PHYS);
    ll_batch_free(batch);
}
END_TEST

int main(void)
{
    static const sqlite3_mem_methods methods = {mem_alloc, free,     mem_realloc,  mem_size,
                                                mem_round, mem_init, mem_shutdown, NULL};
    sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
    const TTest *const tests[] = {every_failing_allocation_is_survived};
    return ll_test_run("store_faults", tests, LL_LEN(tests));
}
