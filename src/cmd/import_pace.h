/* The pace of an import: waits that a signal ends, a bound on the load, a line of progress. */
#ifndef LL_CMD_IMPORT_PACE_H
#define LL_CMD_IMPORT_PACE_H

#include "base/time.h"
#include "cmd/ctx.h"

struct ll_import_pace {
    int signals; /* descriptor; SIGINT and SIGTERM */
    bool stopped;
    bool tty;
    int load_pct;        /* of the time, that queries may take */
    ll_time from, to;    /* all that is to be imported */
    ll_time first, at;   /* where this run began; where it is */
    ll_time began, said; /* monotonic */
    ll_dur asked;        /* time that queries took */
    size_t queries, rows, windows;
};

/* Takes the signals over. */
LL_MUST_USE bool ll_import_pace_begin(struct ll_import_pace *p, struct ll_err *err);
void ll_import_pace_end(struct ll_import_pace *p);

/* True when a signal asked to end; for ll_http_request.stop too (ctx is the pace). */
bool ll_import_pace_stopped(void *ctx);

/* False when a signal came meanwhile. */
bool ll_import_pace_wait(struct ll_import_pace *p, ll_dur d);

/* After a query that took so long: waits so that queries stay within the bound. */
bool ll_import_pace_rest(struct ll_import_pace *p, ll_dur took);

/* The n-th wait before another try (n from 0): 1 s, 2 s, 4 s, ... 60 s, or what the server asks
 * for, 10 min at most. */
ll_dur ll_import_pace_backoff(size_t n, ll_dur retry_after);

/* Says how far it is, when it is time to. */
void ll_import_pace_tell(struct ll_import_pace *p);
/* A line that must be seen, over the progress. */
void ll_import_pace_say(struct ll_import_pace *p, const char *fmt, ...) LL_PRINTF(2, 3);

ll_dur ll_import_pace_elapsed(const struct ll_import_pace *p);

#endif
