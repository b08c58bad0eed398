/* Allocation conserves the bill: under random bills, filters and options.  LL_BILLS says how many
 * (default 10000). */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "cost/allocate.h"

enum { ITEMS = 24, POOLS = 4, GROUPS = 5, RESOURCES = 3, BYTES = 1 << 20 };

static uint64_t state = 7;

static int bills(void)
{
    const char *text = getenv("LL_BILLS");
    return text ? (int)strtol(text, NULL, 10) : 10000;
}

static double random_below(double n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) * 0x1p-53 * n;
}

struct bill {
    struct ll_allocate_item items[ITEMS];
    double cost[ITEMS][RESOURCES], assets[POOLS * RESOURCES], metric[GROUPS];
    struct ll_allocate_in in;
    double total;
};

static void make(struct bill *b)
{
    b->total = 0;
    for (size_t i = 0; i < ITEMS; i++) {
        b->items[i] = (struct ll_allocate_item){.group = (size_t)random_below(GROUPS),
                                                .pool = (size_t)random_below(POOLS),
                                                .cost = b->cost[i],
                                                .shared = random_below(1) < 0.2,
                                                .dropped = random_below(1) < 0.3};
        for (size_t r = 0; r < RESOURCES; r++) {
            const double kind = random_below(1);
            b->cost[i][r] = kind < 0.2 ? 0 : kind < 0.25 ? -random_below(5) : random_below(100);
        }
    }
    for (size_t k = 0; k < POOLS * RESOURCES; k++) {
        const bool known = random_below(1) < 0.7; /* a resource without idle costs its workloads */
        b->assets[k] = known ? random_below(800) : (double)NAN;
        if (known)
            b->total += b->assets[k];
        for (size_t i = 0; !known && i < ITEMS; i++)
            if (b->items[i].pool == k / RESOURCES)
                b->total += b->cost[i][k % RESOURCES];
    }
    for (size_t g = 0; g < GROUPS; g++)
        b->metric[g] = random_below(1) < 0.2 ? 0 : random_below(1000);
    b->in = (struct ll_allocate_in){.items = b->items,
                                    .assets = b->assets,
                                    .n_items = (size_t)random_below(ITEMS + 1),
                                    .n_pools = POOLS,
                                    .n_groups = GROUPS,
                                    .n_resources = RESOURCES,
                                    .idle = (enum ll_allocate_split)random_below(3),
                                    .share = (enum ll_allocate_split)random_below(4),
                                    .group_metric = b->metric,
                                    .overhead = random_below(1) < 0.5 ? 0 : random_below(50)};
    for (size_t k = 0; k < POOLS * RESOURCES; k++) /* items that were left out */
        for (size_t i = b->in.n_items; isnan(b->assets[k]) && i < ITEMS; i++)
            if (b->items[i].pool == k / RESOURCES)
                b->total -= b->cost[i][k % RESOURCES];
    b->total += b->in.overhead;
}

static double sum(const struct ll_allocate_in *in, const struct ll_allocate_out *out)
{
    double total = out->shared + out->filtered;
    for (size_t g = 0; g < in->n_groups; g++)
        total += out->groups[g].total;
    for (size_t p = 0; p < in->n_pools; p++)
        total += out->idle[p] + out->overcommit[p];
    return total;
}

START_TEST(the_parts_are_the_bill)
{
    static struct bill b;
    const int n = bills();
    for (int t = 0; t < n; t++) {
        struct ll_err err;
        struct ll_allocate_out out;
        LL_AUTO(ll_arena) arena = ll_arena_new(BYTES);
        make(&b);
        ck_assert_msg(ll_allocate(&b.in, arena, &out, &err), "%s", err.text);
        ck_assert_msg(fabs(sum(&b.in, &out) - b.total) <= 1e-9 * (1 + fabs(b.total)),
                      "trial %d: %.17g is not %.17g", t, sum(&b.in, &out), b.total);
        ck_assert(fabs(out.total - b.total) <= 1e-9 * (1 + fabs(b.total)));
        for (size_t p = 0; p < POOLS; p++)
            ck_assert(out.idle[p] >= -1e-9 && out.overcommit[p] <= 1e-9);
    }
}
END_TEST

START_TEST(the_order_of_items_does_not_matter)
{
    static struct bill b;
    const int n = bills();
    for (int t = 0; t < n; t++) {
        struct ll_err err;
        struct ll_allocate_out one, two;
        struct ll_allocate_item turned[ITEMS];
        LL_AUTO(ll_arena) arena = ll_arena_new(BYTES);
        make(&b);
        ck_assert(ll_allocate(&b.in, arena, &one, &err));
        for (size_t i = 0; i < b.in.n_items; i++)
            turned[i] = b.items[b.in.n_items - 1 - i];
        struct ll_allocate_in in = b.in;
        in.items = turned;
        ck_assert(ll_allocate(&in, arena, &two, &err));
        for (size_t g = 0; g < GROUPS; g++)
            ck_assert(fabs(one.groups[g].total - two.groups[g].total) <= 1e-9 * (1 + b.total));
    }
}
END_TEST

START_TEST(a_filter_moves_nothing_to_others)
{
    static struct bill b;
    const int n = bills();
    for (int t = 0; t < n; t++) {
        struct ll_err err;
        struct ll_allocate_out all, some;
        LL_AUTO(ll_arena) arena = ll_arena_new(BYTES);
        make(&b);
        for (size_t i = 0; i < ITEMS; i++)
            b.items[i].dropped = false;
        ck_assert(ll_allocate(&b.in, arena, &all, &err));
        for (size_t i = 0; i < ITEMS; i++)
            b.items[i].dropped = b.items[i].group == 0;
        ck_assert(ll_allocate(&b.in, arena, &some, &err));
        for (size_t g = 1; g < GROUPS; g++)
            ck_assert(fabs(all.groups[g].total - some.groups[g].total) <= 1e-9 * (1 + b.total));
    }
}
END_TEST

/* Dearer items of a payer, who keeps the same share or more, never make its total smaller. */
START_TEST(a_dearer_group_never_pays_less)
{
    static struct bill b;
    const int n = bills();
    for (int t = 0; t < n; t++) {
        struct ll_err err;
        struct ll_allocate_out cheap, dear;
        LL_AUTO(ll_arena) arena = ll_arena_new(BYTES);
        make(&b);
        for (size_t k = 0; k < POOLS * RESOURCES; k++)
            b.assets[k] = NAN; /* nothing lies idle: the workloads are the bill */
        for (size_t i = 0; i < ITEMS; i++)
            for (size_t r = 0; r < RESOURCES; r++)
                b.cost[i][r] = fabs(b.cost[i][r]);
        ck_assert(ll_allocate(&b.in, arena, &cheap, &err));
        for (size_t i = 0; i < ITEMS; i++)
            for (size_t r = 0; b.items[i].group == 0 && r < RESOURCES; r++)
                b.cost[i][r] *= 1.5;
        ck_assert(ll_allocate(&b.in, arena, &dear, &err));
        const double slack = 1e-9 * (1 + dear.total);
        ck_assert(dear.total >= cheap.total - slack);
        ck_assert(dear.groups[0].total >= cheap.groups[0].total - slack);
    }
}
END_TEST

START_TEST(what_means_nothing_is_refused)
{
    static struct bill b;
    struct ll_err err;
    struct ll_allocate_out out;
    LL_AUTO(ll_arena) arena = ll_arena_new(BYTES);
    make(&b);
    b.in.n_items = ITEMS;
    struct ll_allocate_in bad = b.in;
    bad.n_resources = LL_ALLOCATE_RESOURCES_MAX + 1;
    ck_assert(!ll_allocate(&bad, arena, &out, &err) && err.code == LL_E_RANGE);
    bad = b.in;
    bad.overhead = NAN;
    ck_assert(!ll_allocate(&bad, arena, &out, &err) && err.code == LL_E_INVALID);
    bad = b.in;
    bad.share = LL_ALLOCATE_METRIC;
    bad.group_metric = NULL;
    ck_assert(!ll_allocate(&bad, arena, &out, &err));
    bad = b.in;
    b.metric[1] = -1;
    ck_assert(!ll_allocate(&bad, arena, &out, &err));
    b.metric[1] = 1;
    b.cost[3][1] = NAN;
    ck_assert(!ll_allocate(&b.in, arena, &out, &err));
    b.cost[3][1] = 1;
    b.items[3].group = GROUPS;
    ck_assert(!ll_allocate(&b.in, arena, &out, &err));
    b.items[3].group = 0;
    b.assets[0] = INFINITY;
    ck_assert(!ll_allocate(&b.in, arena, &out, &err));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cost_allocate");
    TCase *t = tcase_create("allocate");
    tcase_set_timeout(t, 0);
    tcase_add_test(t, the_parts_are_the_bill);
    tcase_add_test(t, the_order_of_items_does_not_matter);
    tcase_add_test(t, a_filter_moves_nothing_to_others);
    tcase_add_test(t, a_dearer_group_never_pays_less);
    tcase_add_test(t, what_means_nothing_is_refused);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
