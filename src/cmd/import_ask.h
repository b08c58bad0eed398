/* Asking a Prometheus for its history: which metrics there are, and their values over a time, in
 * pieces that the server can answer.
 *
 * A piece that is refused as too large is halved, down to one point; what fails otherwise is asked
 * again after a while, and after eight tries is a failure. */
#ifndef LL_CMD_IMPORT_ASK_H
#define LL_CMD_IMPORT_ASK_H

#include "cmd/import_pace.h"
#include "collect/promql_ask.h"
#include "collect/promql_read.h"
#include "mapping/mapping.h"

enum { LL_IMPORT_POINTS_MAX = 10000 }; /* of one query; Prometheus itself allows 11,000 */

struct ll_import_server {
    struct ll_http_client *client;
    struct ll_promql_server server;
    struct ll_import_pace *pace;
    ll_dur timeout;
    const char *match;
    size_t max_series;
    bool accept_partial;
    size_t points; /* that a query may have: shrinks where answers are too large */
    size_t halved;
};

/* One metric to ask for. */
struct ll_import_metric {
    struct ll_slice name;
    const char *selector; /* with all matchers */
    bool counter, fact;
    bool refused; /* the server refused a query of it; it is left out from then on */
};

/* What of a mapping's queries had values in [from, to); in the arena. */
LL_MUST_USE bool ll_import_ask_metrics(struct ll_import_server *s, const struct ll_mapping *mapping,
                                       ll_time from, ll_time to, struct ll_arena *out,
                                       struct ll_import_metric **metrics, size_t *n,
                                       struct ll_err *err);

/* Values of the query at from + step, from + 2 step, ... to: series behind those of the set, one
 * for each piece.  Fails with LL_E_INVALID when the server refuses the query for good, with
 * LL_E_TOO_LARGE when one point is too much, with LL_E_MEMORY when the set is full. */
LL_MUST_USE bool ll_import_ask_range(struct ll_import_server *s, const char *query, ll_time from,
                                     ll_time to, ll_dur step, enum ll_labeled_kind kind,
                                     struct ll_slice name, struct ll_labeled_set *set,
                                     struct ll_err *err);

#endif
