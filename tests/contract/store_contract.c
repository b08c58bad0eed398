#include "store_contract.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct store_kind *kind;
const struct ll_store_ops *ops;
struct ll_store *store;
char place[256];
struct ll_store_opts place_opts;
struct ll_err err;

static struct ll_store_reader *the_reader;
static struct ll_arena *arena;

static const struct ll_store_ops *find(const char *name)
{
    for (const struct ll_store_ops *const *o = ll_stores; *o; o++)
        if (strcmp((*o)->name, name) == 0)
            return *o;
    return NULL;
}

static void setup(void)
{
    ops = find(kind->ops_name);
    ck_assert_ptr_nonnull(ops);
    kind->make_place(place);
    place_opts = (struct ll_store_opts){.path = place, .seed = 7};
    arena = ll_arena_new(64 << 20);
    ck_assert_msg(ops->open(&place_opts, &store, &err), "%s", err.text);
}

static void close_all(void)
{
    if (the_reader)
        ops->reader_close(the_reader);
    the_reader = NULL;
    ops->close(store);
    store = NULL;
}

static void teardown(void)
{
    close_all();
    ll_arena_free(arena);
    kind->drop_place(place);
}

void reopen(void)
{
    close_all();
    ck_assert_msg(ops->open(&place_opts, &store, &err), "%s", err.text);
}

struct ll_store_reader *reader(void)
{
    if (!the_reader)
        ck_assert_msg(ops->reader_open(store, &the_reader, &err), "%s", err.text);
    return the_reader;
}

struct ll_sample cpu(const char *service, const char *instance, ll_time t, double v)
{
    return (struct ll_sample){.key = {.service = ll_slice_of(service),
                                      .instance = ll_slice_of(instance),
                                      .type = LL_RESOURCE_CPU},
                              .unit = LL_UNIT_CORES,
                              .t = t,
                              .value = v,
                              .capacity = 4,
                              .max_value = NAN,
                              .primary = true};
}

struct ll_batch *batch_of(const struct ll_sample *samples, size_t n)
{
    struct ll_batch *b = ll_batch_new(n, 4, LL_ORIGIN_PUSH);
    ck_assert_ptr_nonnull(b);
    for (size_t i = 0; i < n; i++)
        ck_assert(ll_batch_add(b, &samples[i]));
    return b;
}

void put(const struct ll_sample *samples, size_t n)
{
    struct ll_batch *b = batch_of(samples, n);
    ck_assert_msg(ops->append(store, &b, 1, &err), "%s", err.text);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(b->refusal[i], LL_REFUSAL_NONE);
    ll_batch_free(b);
}

void settle(ll_time now)
{
    bool more = true;
    for (int i = 0; more; i++) {
        ck_assert_int_lt(i, 100000);
        ck_assert_msg(ops->maintain(store, now, &more, &err), "%s", err.text);
    }
}

void settle_hours(ll_time now)
{
    for (ll_dur d = 0; d <= 2 * LL_HOUR; d += 5 * LL_MINUTE)
        settle(now + d);
}

struct ll_history history(const char *service, const char *instance, ll_time from, ll_time to,
                          ll_dur step)
{
    struct ll_history h;
    const struct ll_history_query q = {.service = ll_slice_of(service),
                                       .type = LL_RESOURCE_CPU,
                                       .any_instance = instance == NULL,
                                       .instance = ll_slice_of(instance),
                                       .from = from,
                                       .to = to,
                                       .step = step};
    ck_assert_msg(ops->history(reader(), &q, arena, &h, &err), "%s", err.text);
    return h;
}

struct ll_store_stats stats(void)
{
    struct ll_store_stats s;
    ck_assert_msg(ops->stats(reader(), &s, &err), "%s", err.text);
    return s;
}

static bool keep_rollup(void *ctx, const struct ll_series_row *series, ll_dur step,
                        const struct ll_rollup *r)
{
    struct rollups *x = ctx;
    ck_assert_uint_lt(x->n, LL_LEN(x->v));
    snprintf(x->v[x->n].service, sizeof(x->v[0].service), "%.*s", (int)series->key.service.n,
             series->key.service.s);
    x->v[x->n].step = step;
    x->v[x->n++].r = *r;
    return true;
}

void rollups_of(ll_dur step, ll_time from, struct rollups *out)
{
    out->n = 0;
    ck_assert_msg(ops->each_rollup(reader(), step, from, keep_rollup, out, &err), "%s", err.text);
}

static Suite *suite_of(const struct store_kind *k)
{
    Suite *s = suite_create(k->ops_name);
    TCase *cases[] = {write_cases(),   rollup_cases(), history_cases(),  record_cases(),
                      labeled_cases(), import_cases(), forecast_cases(), scaling_cases()};
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        tcase_add_checked_fixture(cases[i], setup, teardown);
        tcase_set_timeout(cases[i], 120);
        suite_add_tcase(s, cases[i]);
    }
    return s;
}

int main(void)
{
    int failed = 0;
    for (const struct store_kind *const *k = store_kinds; *k; k++) {
        kind = *k;
        SRunner *r = srunner_create(suite_of(kind));
        srunner_set_fork_status(r, CK_NOFORK);
        srunner_run_all(r, CK_NORMAL);
        failed += srunner_ntests_failed(r);
        srunner_free(r);
    }
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
