/* Reading back, and its order, as in section 3.1 of "Reliability": an end that is not known is
 * settled by what the target says, never by sending again blindly. */
#include "execute/act.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { READS = 3, CONFLICTS = 3 };
#define FIRST_WAIT (LL_SECOND / 2)
#define LONGEST_WAIT (5 * LL_SECOND)
#define CONFLICT_WAIT (20 * LL_MS)

/* One action being carried out. */
struct act {
    struct ll_executor *x;
    struct ll_executor_action a; /* with the version last read */
    struct ll_executor_seen seen;
    const struct ll_act_opts *o;
    struct ll_act_result *r;
};

static void end(struct act *c, enum ll_action_state state, const char *fmt, ...) LL_PRINTF(3, 4);

static void end(struct act *c, enum ll_action_state state, const char *fmt, ...)
{
    va_list args;
    c->r->state = state;
    va_start(args, fmt);
    vsnprintf(c->r->text, sizeof(c->r->text), fmt, args);
    va_end(args);
}

static bool stopped(const struct act *c)
{
    return c->o->stop && c->o->stop(c->o->ctx);
}

static void wait_for(const struct act *c, ll_dur d)
{
    if (c->o->sleep) {
        c->o->sleep(c->o->ctx, d);
        return;
    }
    struct ll_clock clock = ll_clock_real();
    ll_time until = clock.mono(clock.self) + d;
    for (ll_dur left = d; left > 0 && !stopped(c); left = until - clock.mono(clock.self)) {
        ll_dur step = LL_MIN(left, LL_SECOND / 5);
        struct timespec t = {.tv_sec = step / LL_SECOND, .tv_nsec = step % LL_SECOND * 1000000};
        nanosleep(&t, NULL);
    }
}

static bool expired(const struct act *c)
{
    return c->a.expires != LL_TIME_NONE && c->o->clock.now(c->o->clock.self) >= c->a.expires;
}

/* Reads the target once. */
static enum ll_outcome look(struct act *c, ll_dur *retry_after, struct ll_err *err)
{
    struct ll_executor_seen seen = {.current = -1, .ready = -1, .min = -1, .max = -1};
    *retry_after = 0;
    enum ll_outcome got = c->x->ops->observe(c->x, &seen, retry_after, err);
    if (got == LL_OUTCOME_OK) {
        c->seen = seen;
        c->r->seen = seen.current;
        c->a.version = c->seen.version;
    }
    return got;
}

/* Reads it until it answers, three times at most, longer apart each time. */
static enum ll_outcome look_again(struct act *c, struct ll_err *err)
{
    enum ll_outcome got = LL_OUTCOME_UNKNOWN;
    ll_dur wait = FIRST_WAIT, retry_after = 0;
    ll_err_set(err, LL_E_BUSY, "the daemon ends");
    for (int i = 0; i < READS && !stopped(c); i++) {
        got = look(c, &retry_after, err);
        if (got == LL_OUTCOME_OK || got == LL_OUTCOME_REFUSED)
            return got;
        if (i + 1 < READS)
            wait_for(c, LL_MIN(LL_MAX(wait, retry_after), LONGEST_WAIT));
        wait *= 3;
    }
    return got;
}

/* Ends what was not sent, by the first reading; true when it is to be sent. */
static bool may_send(struct act *c)
{
    struct ll_err err = {0};
    ll_dur retry_after = 0;
    enum ll_outcome got = look(c, &retry_after, &err);
    c->r->outcome = got;
    c->r->retry_after = retry_after;
    if (got != LL_OUTCOME_OK) {
        end(c, got == LL_OUTCOME_REFUSED ? LL_ACTION_FAILED : LL_ACTION_NOT_APPLIED,
            "nothing was changed, the target cannot be read: %s", err.text);
        return false;
    }
    int64_t now = c->seen.current, to = c->a.to;
    bool above = c->seen.max >= 0 && to > c->seen.max;
    bool outside = above || (c->seen.min >= 0 && to < c->seen.min);
    if (now == to)
        end(c, LL_ACTION_APPLIED, "the target is at %lld already", (long long)to);
    else if (now != c->a.from)
        end(c, LL_ACTION_SUPERSEDED, "the target is at %lld, not at %lld: somebody else changed it",
            (long long)now, (long long)c->a.from);
    else if (outside)
        end(c, LL_ACTION_FAILED, "%lld is outside the target's own range: its %s is %lld",
            (long long)to, above ? "maximum" : "minimum",
            (long long)(above ? c->seen.max : c->seen.min));
    else if (expired(c))
        end(c, LL_ACTION_NOT_APPLIED, "it expired before it was sent");
    else if (stopped(c))
        end(c, LL_ACTION_NOT_APPLIED, "the daemon ended before it was sent");
    else
        return true;
    if (outside && now == c->a.from)
        c->r->outcome = LL_OUTCOME_REFUSED;
    return false;
}

static enum ll_outcome send_once(struct act *c, ll_dur *retry_after, struct ll_err *err)
{
    *retry_after = 0;
    c->r->sent++;
    enum ll_outcome got = c->x->ops->apply(c->x, &c->a, retry_after, err);
    c->r->outcome = got;
    c->r->retry_after = *retry_after;
    return got;
}

/* What a reading says of an action that was sent. */
static void judge(struct act *c, const char *what)
{
    int64_t now = c->seen.current;
    if (now == c->a.to)
        end(c, LL_ACTION_APPLIED, "the target is at %lld%s%s", (long long)now, what[0] ? "; " : "",
            what);
    else if (now == c->a.from)
        end(c, LL_ACTION_NOT_APPLIED, "the target is still at %lld%s%s", (long long)now,
            what[0] ? "; " : "", what);
    else
        end(c, LL_ACTION_SUPERSEDED, "the target is at %lld: somebody else changed it",
            (long long)now);
}

static void settle(struct act *c, const char *what)
{
    struct ll_err err = {0};
    if (look_again(c, &err) == LL_OUTCOME_OK)
        judge(c, what);
    else
        end(c, LL_ACTION_UNKNOWN, "it may have been applied; the target cannot be read: %s",
            err.text);
}

/* A complete answer said yes.  A target that still shows the old number is asked again. */
static void confirm(struct act *c)
{
    struct ll_err err = {0};
    ll_dur retry_after = 0, wait = FIRST_WAIT;
    bool read = false;
    for (int i = 0; i < READS && !stopped(c); i++) {
        bool ok = look(c, &retry_after, &err) == LL_OUTCOME_OK;
        read = read || ok;
        if (ok && c->seen.current != c->a.from)
            break;
        if (i + 1 < READS)
            wait_for(c, wait);
        wait *= 3;
    }
    if (!read)
        end(c, LL_ACTION_APPLIED, "confirmed by its answer; it was not read back%s%s",
            err.text[0] ? ": " : "", err.text);
    else if (c->seen.current == c->a.from)
        end(c, LL_ACTION_UNKNOWN, "it was accepted, but the target is still at %lld",
            (long long)c->seen.current);
    else
        judge(c, "");
}

/* The end of a resend, whose own first try may have arrived meanwhile. */
static void resend(struct act *c)
{
    struct ll_err err = {0};
    ll_dur retry_after = 0;
    enum ll_outcome got = send_once(c, &retry_after, &err);
    if (got == LL_OUTCOME_OK)
        confirm(c);
    else
        settle(c, err.text);
}

static void settle_unknown(struct act *c, ll_dur retry_after, const struct ll_err *why)
{
    struct ll_err err = {0};
    wait_for(c, FIRST_WAIT); /* a request that was cut off may still be on its way */
    if (look_again(c, &err) != LL_OUTCOME_OK) {
        end(c, LL_ACTION_UNKNOWN, "it may have been applied (%.60s); the target cannot be read: %s",
            why->text, err.text);
        return;
    }
    bool again = c->seen.current == c->a.from && !c->x->once && retry_after == 0;
    if (again && !expired(c) && !stopped(c))
        resend(c);
    else
        judge(c, why->text);
    if (c->r->state == LL_ACTION_NOT_APPLIED && retry_after > 0) {
        c->r->outcome = LL_OUTCOME_LATER;
        c->r->retry_after = retry_after;
    }
}

/* A conflict changed nothing.  Where versions are compared it may be one of the status only: then
 * the base is as it was decided on, and the new version is asked. */
static bool try_again(struct act *c, int conflicts)
{
    if (!c->x->ops->compare_and_set || conflicts > CONFLICTS)
        return false;
    wait_for(c, CONFLICT_WAIT << conflicts);
    return true;
}

static void send_and_settle(struct act *c)
{
    struct ll_err err = {0};
    ll_dur retry_after = 0;
    enum ll_outcome got = send_once(c, &retry_after, &err);
    for (int n = 1; got == LL_OUTCOME_CONFLICT && try_again(c, n); n++) {
        if (!may_send(c))
            return;
        got = send_once(c, &retry_after, &err);
    }
    switch (got) {
    case LL_OUTCOME_OK:
        confirm(c);
        break;
    case LL_OUTCOME_CONFLICT:
        end(c, LL_ACTION_SUPERSEDED, "the target changed meanwhile: %s", err.text);
        break;
    case LL_OUTCOME_LATER:
        end(c, LL_ACTION_NOT_APPLIED, "%s", err.text);
        break;
    case LL_OUTCOME_REFUSED:
        end(c, LL_ACTION_FAILED, "%s", err.text);
        break;
    case LL_OUTCOME_UNKNOWN:
        settle_unknown(c, retry_after, &err);
        break;
    }
}

static struct act begin(struct ll_executor *x, const struct ll_executor_action *a,
                        const struct ll_act_opts *o, struct ll_act_result *out)
{
    *out = (struct ll_act_result){
        .state = LL_ACTION_UNKNOWN, .outcome = LL_OUTCOME_UNKNOWN, .seen = -1};
    x->stop = o->stop;
    x->stop_ctx = o->ctx;
    return (struct act){.x = x, .a = *a, .o = o, .r = out};
}

void ll_act_run(struct ll_executor *x, const struct ll_executor_action *a,
                const struct ll_act_opts *o, struct ll_act_result *out)
{
    struct act c = begin(x, a, o, out);
    if (may_send(&c))
        send_and_settle(&c);
    x->stop = NULL;
}

void ll_act_settle(struct ll_executor *x, const struct ll_executor_action *a,
                   const struct ll_act_opts *o, struct ll_act_result *out)
{
    struct act c = begin(x, a, o, out);
    struct ll_err err = {0};
    enum ll_outcome got = look_again(&c, &err);
    out->outcome = got;
    if (got == LL_OUTCOME_OK)
        judge(&c, "");
    else
        end(&c, LL_ACTION_UNKNOWN, "it may have been applied; the target cannot be read: %s",
            err.text);
    x->stop = NULL;
}
