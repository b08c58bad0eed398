/* The intake with the real store: mapped, kept, tried again, mapped again after a restart. */
#include <check.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/discovery.h"
#include "engine/engine.h"
#include "engine/intake.h"

static char dir[64];
static struct ll_engine *e;

static const char rules[] = "mapping:\n"
                            "  - match: calls_total\n"
                            "    raw: true\n"
                            "    service: '{job}'\n"
                            "    instance: '{instance}'\n"
                            "    resource_type: API_CALLS\n"
                            "  - match: trades_total\n"
                            "    service: '{job}'\n"
                            "    business: trades\n"
                            "  - match: dropped\n"
                            "    drop: true\n";

/* The store, whose appends fail while it is told so. */
static struct ll_store_ops ops;
static _Atomic bool failing;

static bool append(struct ll_store *s, struct ll_batch *const *batches, size_t n,
                   struct ll_err *err)
{
    if (atomic_load(&failing))
        return ll_err_set(err, LL_E_STORAGE, "told to fail");
    return ll_stores[0]->append(s, batches, n, err);
}

static void open_engine(void)
{
    struct ll_err err;
    const struct ll_config_flag flags[] = {{"storage.path", dir},
                                           {"collect.host.enabled", "false"}};
    const struct ll_config_source src = {
        .file = "rules", .text = {rules, sizeof(rules) - 1}, .flags = flags, .n_flags = 2};
    struct ll_config *c = NULL;
    ck_assert_msg(ll_config_load(&src, &c, &err), "%s", err.text);
    ops = *ll_stores[0];
    ops.append = append;
    const struct ll_engine_opts opts = {
        .config = c, .clock = ll_clock_real(), .store = &ops, .seed = 7};
    ck_assert_msg(ll_engine_new(&opts, &e, &err), "%s", err.text);
    ck_assert_msg(ll_engine_start(e, &err), "%s", err.text);
}

static void setup(void)
{
    snprintf(dir, sizeof(dir), "/tmp/ll-intake-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    atomic_store(&failing, false);
    open_engine();
}

static void teardown(void)
{
    char command[128];
    ll_engine_free(e);
    e = NULL;
    snprintf(command, sizeof(command), "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

struct told {
    atomic_int called;
    struct ll_intake_result r;
};

static void on_done(const struct ll_intake_result *r, void *ctx)
{
    struct told *t = ctx;
    t->r = *r;
    atomic_fetch_add(&t->called, 1);
}

static void add(struct ll_labeled_set *set, const char *metric, double value, ll_time t)
{
    struct ll_err err;
    struct ll_label l[] = {{LL_SLICE("__name__"), ll_slice_of(metric)},
                           {LL_SLICE("job"), LL_SLICE("orders")},
                           {LL_SLICE("instance"), LL_SLICE("a:1")}};
    size_t n = LL_LEN(l);
    const struct ll_labeled_point p = {t, ll_labeled_bits(value)};
    ck_assert_msg(ll_labels_sort(l, &n, &err), "%s", err.text);
    ck_assert(ll_labeled_set_add(set, l, n, LL_LABELED_COUNTER, &p, 1));
}

static size_t put_field(char *to, int number, const char *bytes, size_t n)
{
    to[0] = (char)(number << 3 | 2);
    to[1] = (char)n; /* all of ours are shorter than 128 */
    memcpy(to + 2, bytes, n);
    return n + 2;
}

static size_t put_label(char *to, const char *name, const char *value)
{
    char pair[100];
    size_t n = put_field(pair, 1, name, strlen(name));
    n += put_field(pair + n, 2, value, strlen(value));
    return put_field(to, 1, pair, n);
}

/* A remote-write body of one sample of calls_total, in a snappy block of one literal. */
static size_t body_of(char *out, double value, ll_time t)
{
    char series[120], sample[24] = {0x09}, message[128];
    size_t n = 9, at;
    memcpy(sample + 1, &value, 8);
    sample[n++] = 0x10;
    for (uint64_t v = (uint64_t)t; v > 0; v >>= 7)
        sample[n++] = (char)(v > 127 ? (v & 127) | 128 : v);
    at = put_label(series, "__name__", "calls_total");
    at += put_label(series + at, "instance", "a:1");
    at += put_label(series + at, "job", "orders");
    at += put_field(series + at, 2, sample, n);
    at = put_field(message, 1, series, at);
    out[0] = (char)at;
    out[1] = (char)(60 << 2);
    out[2] = (char)(at - 1);
    memcpy(out + 3, message, at);
    return at + 3;
}

static struct ll_intake_result send(const char *metric, double value, ll_time t, bool with_body)
{
    struct ll_err err;
    struct told told = {0};
    char body[160];
    struct ll_labeled_set *set = ll_labeled_set_new(4, 1 << 16);
    add(set, metric, value, t);
    const struct ll_intake_opts opts = {
        .source = "remote-write",
        .origin = LL_ORIGIN_PUSH,
        .received = ll_engine_now(e),
        .body = {body, with_body ? body_of(body, value, t) : 0},
        .body_form = '1',
    };
    ck_assert_msg(ll_engine_intake(e, set, &opts, on_done, &told, &err), "%s", err.text);
    for (int i = 0; i < 5000 && !atomic_load(&told.called); i++)
        pause_ms(1);
    ck_assert_int_eq(atomic_load(&told.called), 1);
    return told.r;
}

/* The newest mapped value of orders; NaN without one. */
static double shown(void)
{
    const struct ll_published *p = ll_engine_acquire(e);
    const struct ll_cell *c = ll_view_cell(p->view, LL_SLICE("orders"), LL_RESOURCE_API_CALLS);
    double v = c ? c->value : NAN;
    ll_engine_release(p);
    return v;
}

static bool shows(double value)
{
    for (int i = 0; i < 8000; i++) {
        if (fabs(shown() - value) < 1e-9)
            return true;
        pause_ms(1);
    }
    return false;
}

struct counted {
    size_t n;
    uint64_t last;
};

static bool count_labeled(void *ctx, struct ll_slice labels, const struct ll_labeled_point *p,
                          size_t n)
{
    struct counted *c = ctx;
    ck_assert(ll_slice_is(ll_labels_get(labels, LL_LABELS_NAME), "calls_total"));
    c->n += n;
    c->last = p[n - 1].bits;
    return true;
}

static struct counted stored(void)
{
    struct ll_err err;
    struct counted c = {0};
    struct ll_store_reader *r = ll_engine_reader_take(e);
    const struct ll_labeled_query q = {.from = LL_TIME_MIN, .to = LL_TIME_MAX};
    ck_assert_msg(r->ops->each_labeled(r, &q, count_labeled, &c, &err), "%s", err.text);
    ll_engine_reader_give(e, r);
    return c;
}

START_TEST(a_counter_becomes_a_rate_and_its_points_are_kept)
{
    ll_time t = ll_engine_now(e) - 60 * LL_SECOND;
    struct ll_intake_result r = send("calls_total", 100, t, true);
    ck_assert(r.committed && r.stored == 1 && r.points == 1);
    r = send("calls_total", 400, t + 10 * LL_SECOND, true);
    ck_assert(r.committed && r.stored == 1);
    ck_assert(shows(30));
    struct counted c = stored();
    ck_assert_uint_eq(c.n, 2);
    ck_assert_uint_eq(c.last, ll_labeled_bits(400));
}
END_TEST

START_TEST(the_same_again_changes_nothing)
{
    ll_time t = ll_engine_now(e) - 60 * LL_SECOND;
    send("calls_total", 100, t, true);
    send("calls_total", 400, t + 10 * LL_SECOND, true);
    struct ll_intake_result r = send("calls_total", 400, t + 10 * LL_SECOND, true);
    ck_assert(r.committed && r.refused[LL_REFUSAL_DUPLICATE] == 0);
    ck_assert(shows(30));
    ck_assert_uint_eq(stored().n, 2);
}
END_TEST

START_TEST(rates_go_on_over_a_restart)
{
    ll_time t = ll_engine_now(e) - 60 * LL_SECOND;
    send("calls_total", 100, t, true);
    ll_engine_free(e);
    open_engine();
    send("calls_total", 700, t + 10 * LL_SECOND, true);
    ck_assert(shows(60)); /* with the value from before */
}
END_TEST

START_TEST(what_was_refused_by_the_store_is_told_and_not_lost)
{
    ll_time t = ll_engine_now(e) - 60 * LL_SECOND;
    send("calls_total", 100, t, true);
    atomic_store(&failing, true);
    struct ll_intake_result r = send("calls_total", 400, t + 10 * LL_SECOND, true);
    ck_assert(!r.committed);
    ck_assert_int_eq(r.err.code, LL_E_STORAGE);
    ck_assert_uint_eq(stored().n, 1);
    atomic_store(&failing, false);
    for (int i = 0; i < 50; i++) { /* as a sender does, until it is taken */
        r = send("calls_total", 400, t + 10 * LL_SECOND, true);
        if (r.committed)
            break;
        pause_ms(100);
    }
    ck_assert(r.committed);
    ck_assert(shows(30)); /* made when it failed: the mapper does not make it twice */
    ck_assert_uint_eq(stored().n, 2);
}
END_TEST

START_TEST(what_no_rule_reads_is_counted_and_not_kept)
{
    ll_time t = ll_engine_now(e);
    struct ll_intake_result r = send("unheard_of", 1, t, true);
    ck_assert(r.committed && r.unmatched == 1 && r.stored == 0);
    r = send("dropped", 1, t, true);
    ck_assert(r.committed && r.dropped == 1 && r.unmatched == 0);
    ck_assert_uint_eq(stored().n, 0);
    bool found = false;
    for (int i = 0; i < 100 && !found; i++) {
        const struct ll_discovery *d = ll_engine_discovery(e);
        for (size_t k = 0; k < d->n_parts; k++)
            for (size_t u = 0; u < d->parts[k].report.n_unmatched; u++)
                found |= ll_slice_is(d->parts[k].report.unmatched[u].metric, "unheard_of");
        ll_discovery_release(d);
        pause_ms(100);
    }
    ck_assert(found);
}
END_TEST

START_TEST(the_tap_notes_what_passes)
{
    struct ll_err err;
    struct ll_labeled_set *set;
    ck_assert(ll_engine_tap(e, &err));
    send("unheard_of", 1, ll_engine_now(e), true);
    send("calls_total", 1, ll_engine_now(e), true);
    send("calls_total", 2, ll_engine_now(e) + 1, true);
    ck_assert_msg(ll_engine_tapped(e, &set, &err), "%s", err.text);
    ck_assert_uint_eq(set->n, 2);
    ck_assert(ll_slice_is(ll_labels_get(set->v[0].labels, LL_SLICE("__source__")), "remote-write"));
    ll_labeled_set_free(set);
}
END_TEST

static bool add_business(void *ctx, const struct ll_business *b)
{
    *(double *)ctx += b->value;
    ck_assert(ll_slice_is(b->metric, "trades"));
    return true;
}

START_TEST(counts_of_business_are_kept)
{
    struct ll_err err;
    double sum = 0;
    ll_time t = ll_engine_now(e) - 60 * LL_SECOND;
    send("trades_total", 1000, t, true);
    send("trades_total", 1250, t + 10 * LL_SECOND, true);
    for (int i = 0; i < 5000 && sum <= 0; i++) {
        struct ll_store_reader *r = ll_engine_reader_take(e);
        const struct ll_business_query q = {.from = LL_TIME_MIN, .to = LL_TIME_MAX, .limit = 100};
        ck_assert_msg(r->ops->each_business(r, &q, add_business, &sum, &err), "%s", err.text);
        ll_engine_reader_give(e, r);
        pause_ms(1);
    }
    ck_assert_double_eq_tol(sum, 250, 1e-9);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_intake");
    TCase *all = tcase_create("engine_intake");
    tcase_set_timeout(all, 120);
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, a_counter_becomes_a_rate_and_its_points_are_kept);
    tcase_add_test(all, the_same_again_changes_nothing);
    tcase_add_test(all, rates_go_on_over_a_restart);
    tcase_add_test(all, what_was_refused_by_the_store_is_told_and_not_lost);
    tcase_add_test(all, what_no_rule_reads_is_counted_and_not_kept);
    tcase_add_test(all, the_tap_notes_what_passes);
    tcase_add_test(all, counts_of_business_are_kept);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
