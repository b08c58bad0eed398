/* Sizes for tests: a series and what to make of it. */
#ifndef LL_TESTS_UNIT_COST_SIZE_MAKE_H
#define LL_TESTS_UNIT_COST_SIZE_MAKE_H

#include <math.h>

#include "cost/size.h"
#include "support.h"

enum { SIZED_MAX = 90 * 24, SIZED_REPLICAS = 8 };

struct sized {
    struct ll_size_history history;
    struct ll_size_opts o;
    struct ll_size_input in;
    struct ll_size got;
    double use[SIZED_REPLICAS][SIZED_MAX];
    const double *rows[SIZED_REPLICAS];
};

/* n hours of one replica at `use`, of a resource now `current` large. */
static inline void sized_make(struct sized *s, enum ll_resource_type type, size_t n, double use,
                              double current)
{
    s->history = (struct ll_size_history){.step = LL_HOUR, .n = n};
    s->o = ll_size_opts_default(type);
    s->in = (struct ll_size_input){
        .history = &s->history, .replicas = 1, .use = s->rows, .current = current};
    for (size_t r = 0; r < SIZED_REPLICAS; r++) {
        s->rows[r] = s->use[r];
        for (size_t i = 0; i < n; i++)
            s->use[r][i] = use;
    }
}

static inline const struct ll_size *sized_run(struct sized *s)
{
    struct ll_weighted values[SIZED_MAX];
    double bases[SIZED_REPLICAS];
    const struct ll_size_scratch room = {values, bases};
    ll_size_of(&s->in, &s->o, &room, &s->got);
    return &s->got;
}

#define SIZED(s, class, term, size)                                                                \
    do {                                                                                           \
        const struct ll_size *g_ = sized_run(s);                                                   \
        const double size_ = size;                                                                 \
        ck_assert_str_eq(ll_sizing_name(g_->sizing), class);                                       \
        ck_assert_str_eq(ll_size_term_name(g_->bound), term);                                      \
        ck_assert_double_eq_tol(g_->recommended, size_, 1e-9 * size_);                             \
    } while (0)

#endif
