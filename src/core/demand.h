/* What a forecast tells a decision about demand: a number that may be counted on, or why there is
 * none.
 *
 * Copied values, no lifetime: a decision takes one of these as its input, and what it takes is what
 * its record shows.  Only LL_DEMAND_KNOWN has a value; everything else is no data, which is never
 * zero and never a reason to scale in. */
#ifndef LL_CORE_DEMAND_H
#define LL_CORE_DEMAND_H

#include "base/time.h"
#include "core/enums.h"

/* Whether forecasts of a series may be counted on: by what came, never by what was promised. */
#define LL_TRUST_TABLE(X)                                                                          \
    X(UNMEASURED, "unmeasured") /* too few hours have come to tell */                              \
    X(TRUSTED, "trusted")                                                                          \
    X(LOSES, "loses")   /* no better than repeating the season */                                  \
    X(NARROW, "narrow") /* more came outside the bounds than they say */                           \
    X(WIDE, "wide")     /* less */

enum ll_trust_kind {
#define X(name, text) LL_TRUST_##name,
    LL_TRUST_TABLE(X)
#undef X
        LL_TRUSTS
};
const char *ll_trust_name(enum ll_trust_kind k);

/* The verdict with all that it was told from. */
struct ll_trust {
    enum ll_trust_kind kind;
    ll_dur ahead;          /* how far ahead it was measured: the lead time of scaling */
    double hours;          /* that came, with bounds on both sides */
    double pinball, naive; /* mean loss of both bounds, in the unit; naive: seasonal naive's */
    double coverage;       /* share of the hours within the bounds */
    double level;          /* that the bounds promise */
};

/* "pinball 1.2 against 1.9 of seasonal naive, 94 % of 412 hours within bounds of 95 %". */
enum { LL_TRUST_TEXT_MAX = 192 };
const char *ll_trust_text(const struct ll_trust *t, char buf[static LL_TRUST_TEXT_MAX]);

#define LL_DEMAND_TABLE(X)                                                                         \
    X(KNOWN, "known", "")                                                                          \
    X(MISSING, "missing", "there is no forecast of it")                                            \
    X(STALE, "stale", "the forecast was made too long ago")                                        \
    X(BEYOND, "beyond", "the forecast does not cover the window")                                  \
    X(CLOSED, "closed", "no step of a session lies in the window")                                 \
    X(UNTRUSTED, "untrusted", "the forecast is not to be trusted")

enum ll_demand_kind {
#define X(name, text, sentence) LL_DEMAND_##name,
    LL_DEMAND_TABLE(X)
#undef X
        LL_DEMANDS
};
const char *ll_demand_name(enum ll_demand_kind k);

enum { LL_DEMAND_MODEL_MAX = 48 };

struct ll_demand {
    enum ll_demand_kind kind;
    double value;     /* the quantile of the maximum over the window; NaN unless KNOWN */
    double said;      /* the same, but also of a forecast that is stale or not trusted: for people */
    double quantile;  /* that was asked for, in (0, 1) */
    ll_time from, to; /* the window that was asked for: [from, to) */
    ll_time at;       /* start of the step that weighs most; LL_TIME_NONE = none */
    enum ll_unit unit;

    /* Of which forecast; 0 and LL_TIME_NONE without one. */
    int64_t forecast;
    ll_time origin, made;
    char model[LL_DEMAND_MODEL_MAX];
    struct ll_trust trust;
};

/* Why it has no value, with what it was told from; of a KNOWN one what makes it so. */
enum { LL_DEMAND_TEXT_MAX = 320 };
const char *ll_demand_text(const struct ll_demand *d, char buf[static LL_DEMAND_TEXT_MAX]);

#endif
