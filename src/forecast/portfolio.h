/* `auto`: many cheap models, weighed by how they did lately, one median.
 *
 * Every member is run from rolling origins one season apart; its weight is (MAE / least MAE)^-4,
 * newer origins counting more, and the forecast of a step is the interpolated weighted median of
 * the members.  Who is good at the next step is not who is good at tomorrow: the first steps have
 * weights of their own.  Half of the members work in logs.  Errors of the combination at the
 * origins give the intervals (interval.h); of a short horizon there would be too few, so the
 * backtest always looks some way ahead. */
#ifndef LL_FORECAST_PORTFOLIO_H
#define LL_FORECAST_PORTFOLIO_H

#include "base/arena.h"
#include "base/err.h"
#include "forecast/model.h"

enum { LL_MEMBERS_MAX = 24 };

struct ll_member_score {
    const struct ll_model *model;
    bool log;
    double mae;    /* over all origins and steps, newer ones more; NaN: nothing to measure by */
    double weight; /* of 1 in all, beyond the first steps */
};

struct ll_portfolio {
    double *point;     /* h */
    double *error;     /* n_origins x reach: actual - combination, NaN where nothing came */
    double *at_origin; /* n_origins x reach: the combination itself */
    size_t origin[LL_ORIGINS_MAX];
    size_t n_origins, h, reach; /* reach: steps that the backtest looks ahead, h or more */
    struct ll_member_score member[LL_MEMBERS_MAX];
    size_t n_members;
    int best;  /* the member of least error; -1: none could be run, the point is naive */
    int naive; /* the member seasonal naive */
};

struct ll_portfolio_ask {
    const double *clean;  /* n values, finite: winsorised, for models that outliers would bend */
    const double *filled; /* n values, finite: only filled, for all others */
    const double *actual; /* n values: what errors are measured against; NaN = unknown */
    size_t n, h, origins; /* origins wanted: 4 to 8, at most 15; fewer when the series is short */
    int m1, m2;
    double floor, ceiling;       /* clip; -+INFINITY = none */
    const struct ll_model *only; /* one model instead of all members; NULL = auto */
    double alpha;                /* as in ll_fit */
    size_t window;
};

LL_MUST_USE bool ll_portfolio_run(const struct ll_portfolio_ask *ask, struct ll_arena *out,
                                  struct ll_portfolio *res, struct ll_err *err);

#endif
