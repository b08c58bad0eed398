/* What any store must do: one suite against the table of functions.
 *
 * A kind names its operations and how a test reaches behind them; every test runs for
 * every kind. */
#ifndef LL_TESTS_STORE_CONTRACT_H
#define LL_TESTS_STORE_CONTRACT_H

#include <check.h>

#include "store/store.h"

struct store_kind {
    const char *ops_name; /* as in ll_stores */
    /* Makes a fresh, empty place for a store and writes its path; and removes it. */
    void (*make_place)(char path[static 256]);
    void (*drop_place)(const char *path);
    /* Pretends that a newer program migrated the store at path. */
    void (*make_newer)(const char *path);
    /* From here on writes fail, until called with false. */
    void (*break_writes)(const char *path, bool broken);
};

extern const struct store_kind *const store_kinds[]; /* NULL ends */

/* Made before and removed after each test. */
extern const struct store_kind *kind;
extern const struct ll_store_ops *ops;
extern struct ll_store *store;
extern char place[256];
extern struct ll_store_opts place_opts;
extern struct ll_err err;

#define T0 ((ll_time)1763942400000) /* 2025-11-24T00:00:00Z, a Monday */

void reopen(void);
struct ll_store_reader *reader(void); /* of this test; closed after it */

/* {service, instance, part "", CPU, cores, value v, capacity 4, no maximum} */
struct ll_sample cpu(const char *service, const char *instance, ll_time t, double v);
void put(const struct ll_sample *samples, size_t n);
#define PUT(...)                                                                                   \
    put((struct ll_sample[]){__VA_ARGS__},                                                         \
        sizeof((struct ll_sample[]){__VA_ARGS__}) / sizeof(struct ll_sample))
struct ll_batch *batch_of(const struct ll_sample *samples, size_t n);

/* Upkeep until there is no more to do at that time. */
void settle(ll_time now);
/* The same with a clock that goes on steadily for two hours from `now`. */
void settle_hours(ll_time now);

struct ll_history history(const char *service, const char *instance, ll_time from, ll_time to,
                          ll_dur step);
struct ll_store_stats stats(void);

/* Rollups as they come. */
struct rollups {
    struct {
        char service[64];
        ll_dur step;
        struct ll_rollup r;
    } v[512];
    size_t n;
};
void rollups_of(ll_dur step, ll_time from, struct rollups *out);

TCase *write_cases(void);
TCase *rollup_cases(void);
TCase *history_cases(void);
TCase *record_cases(void);
TCase *labeled_cases(void);
TCase *import_cases(void);
TCase *forecast_cases(void);
TCase *scaling_cases(void);

#endif
