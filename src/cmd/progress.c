#include "cmd/progress.h"

#include <math.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "os/term.h"

#define FIRST_S 0.5
#define TTY_S 0.2
#define LINE_S 10.0

static double now_s(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void ll_progress_begin(struct ll_progress *p, const char *what)
{
    *p = (struct ll_progress){.what = what, .start = now_s(), .tty = ll_term_is_tty(STDERR_FILENO)};
    p->shown = p->start;
}

void ll_progress_show(struct ll_progress *p, int64_t count, double share)
{
    char left[LL_DUR_TEXT_MAX] = "", line[160];
    const double now = now_s(), spent = now - p->start;
    if (spent < FIRST_S || now - p->shown < (p->tty ? TTY_S : LINE_S))
        return;
    p->shown = now;
    if (share > 0 && share <= 1)
        ll_dur_format_human((ll_dur)(spent * (1 - share) / share * 1e3), left);
    int n = snprintf(line, sizeof(line), "%lld %s, %.0f/s", (long long)count, p->what,
                     (double)count / spent);
    if (share > 0 && share <= 1 && n > 0 && (size_t)n < sizeof(line))
        snprintf(line + n, sizeof(line) - (size_t)n, ", %.0f %%, %s left", share * 100, left);
    if (p->tty)
        fprintf(stderr, "\r\x1b[K%s", line);
    else
        fprintf(stderr, "loadline: %s\n", line);
    p->drawn = p->tty;
}

void ll_progress_end(struct ll_progress *p)
{
    if (p->drawn)
        fputs("\r\x1b[K", stderr);
    p->drawn = false;
}
