#include "cmd/import_pace.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/process.h"
#include "os/term.h"

#define TELL_TTY (500 * LL_MS)
#define TELL_LOG (10 * LL_SECOND)
#define BACKOFF_MAX (60 * LL_SECOND)
#define RETRY_AFTER_MAX (10 * LL_MINUTE)

static ll_time mono(void)
{
    struct ll_clock c = ll_clock_real();
    return c.mono(c.self);
}

bool ll_import_pace_begin(struct ll_import_pace *p, struct ll_err *err)
{
    static const int wanted[] = {SIGINT, SIGTERM, 0};
    p->signals = ll_process_signals(wanted, err);
    p->tty = ll_term_is_tty(STDERR_FILENO);
    p->began = p->said = mono();
    return p->signals >= 0;
}

static void clear_line(const struct ll_import_pace *p)
{
    if (p->tty)
        fputs("\r\033[K", stderr);
}

void ll_import_pace_end(struct ll_import_pace *p)
{
    clear_line(p);
    if (p->signals >= 0)
        close(p->signals);
    p->signals = -1;
}

ll_dur ll_import_pace_elapsed(const struct ll_import_pace *p)
{
    return mono() - p->began;
}

static bool take(struct ll_import_pace *p, ll_dur wait)
{
    int s = p->stopped ? 0 : ll_process_signal_wait(p->signals, wait);
    if (s == SIGINT || s == SIGTERM) {
        p->stopped = true;
        ll_process_signal_default(SIGINT); /* the second one ends it at once */
    }
    return p->stopped;
}

bool ll_import_pace_stopped(void *ctx)
{
    struct ll_import_pace *p = ctx;
    ll_import_pace_tell(p);
    return take(p, 0);
}

bool ll_import_pace_wait(struct ll_import_pace *p, ll_dur d)
{
    const ll_time end = mono() + d;
    for (ll_dur left = d; left > 0; left = end - mono()) {
        if (take(p, LL_MIN(left, TELL_TTY)))
            return false;
        ll_import_pace_tell(p);
    }
    return !take(p, 0);
}

bool ll_import_pace_rest(struct ll_import_pace *p, ll_dur took)
{
    p->queries++;
    p->asked += took;
    return ll_import_pace_wait(p, took * (100 - p->load_pct) / p->load_pct);
}

ll_dur ll_import_pace_backoff(size_t n, ll_dur retry_after)
{
    ll_dur d = n < 6 ? LL_SECOND << n : BACKOFF_MAX;
    return LL_MAX(LL_MIN(d, BACKOFF_MAX), LL_MIN(retry_after, RETRY_AFTER_MAX));
}

static void add_rest(const struct ll_import_pace *p, char *to, size_t size)
{
    char text[LL_DUR_TEXT_MAX];
    double done = (double)(p->at - p->first), left = (double)(p->to - p->at);
    to[0] = '\0';
    if (done > 0)
        snprintf(
            to, size, ", %s left",
            ll_dur_format_human((ll_dur)((double)ll_import_pace_elapsed(p) / done * left), text));
}

void ll_import_pace_tell(struct ll_import_pace *p)
{
    char day[LL_TIME_TEXT_MAX], rest[LL_DUR_TEXT_MAX + 16];
    ll_time now = mono();
    if (now - p->said < (p->tty ? TELL_TTY : TELL_LOG))
        return;
    p->said = now;
    add_rest(p, rest, sizeof(rest));
    double seconds = (double)LL_MAX(now - p->began, (ll_time)1) / 1000;
    double all = (double)LL_MAX(p->to - p->from, (ll_time)1);
    clear_line(p);
    fprintf(stderr, "loadline: %s, %.0f %%, %zu rows, %.0f rows/s, %zu queries%s%s",
            ll_time_format_date(p->at, day), 100 * (double)(p->at - p->from) / all, p->rows,
            (double)p->rows / seconds, p->queries, rest, p->tty ? "" : "\n");
    fflush(stderr);
}

void ll_import_pace_say(struct ll_import_pace *p, const char *fmt, ...)
{
    va_list args;
    clear_line(p);
    fputs("loadline: ", stderr);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
}
