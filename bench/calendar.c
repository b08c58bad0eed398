/* What market calendars cost: reading and compiling all of a folder, compiling one, and a question.
 *
 * The peer of questions is the C library: localtime_r with TZ set to the venue's zone, then the
 * weekday and the clock compared by hand.  It knows no holiday, no half day and one zone a process.
 * usage: bench_calendar RULES [QUESTIONS]      RULES is a folder of CODE.yaml */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "config/calendars.h"

enum { ROUNDS = 15, VENUES_MAX = 256 };

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double median(double *v, size_t n)
{
    qsort(v, n, sizeof(*v), by_value);
    return v[n / 2];
}

static void must(bool ok, const struct ll_err *err)
{
    if (ok)
        return;
    fprintf(stderr, "bench_calendar: %s\n", err->text);
    exit(1);
}

static struct ll_calendars *open_set(const char *rules, ll_day to)
{
    struct ll_calendars *s = NULL;
    struct ll_err err;
    must(ll_calendars_open(&(struct ll_calendars_options){.rules = rules, .to = to}, &s, &err),
         &err);
    return s;
}

/* From text to every session of every venue. */
static void all_of_them(const char *rules, ll_day to)
{
    double took[ROUNDS];
    size_t n = 0, sessions = 0, bytes = 0;
    for (int i = 0; i < ROUNDS; i++) {
        const struct ll_calendar_info *info;
        const struct ll_calendar *c;
        const struct ll_session *first;
        struct ll_err err;
        double began = seconds();
        struct ll_calendars *s = open_set(rules, to);
        must(ll_calendars_list(s, &info, &n, &err), &err);
        sessions = bytes = 0;
        for (size_t k = 0; k < n; k++) {
            must(ll_calendars_get(s, info[k].code, &c, &err), &err);
            sessions += ll_calendar_sessions(c, LL_DAY_NONE, LL_DAY_LAST, &first);
            bytes += ll_calendar_bytes(c);
        }
        took[i] = seconds() - began;
        ll_calendars_unref(s);
    }
    printf("all %zu venues from their files: %.1f ms, %zu sessions, %.1f bytes each\n", n,
           median(took, ROUNDS) * 1e3, sessions, (double)bytes / (double)sessions);
}

static double compile_us(struct ll_calendars *s, struct ll_slice code, ll_day to)
{
    double took[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        struct ll_calendar *c = NULL;
        struct ll_err err;
        double began = seconds();
        must(ll_calendars_compile(
                 s, code, &(struct ll_calendars_ask){.known_at = LL_TIME_NONE, .to = to}, &c, &err),
             &err);
        took[i] = seconds() - began;
        ll_calendar_free(c);
    }
    return median(took, ROUNDS) * 1e6;
}

static void each(struct ll_calendars *s, ll_day to)
{
    const struct ll_calendar_info *info;
    struct ll_err err;
    double took[VENUES_MAX], most = 0;
    size_t n, worst = 0;
    must(ll_calendars_list(s, &info, &n, &err), &err);
    n = LL_MIN(n, (size_t)VENUES_MAX);
    for (size_t i = 0; i < n; i++) {
        took[i] = compile_us(s, info[i].code, to);
        worst = took[i] > most ? i : worst;
        most = LL_MAX(most, took[i]);
    }
    printf("compiling one: median %.0f us, the slowest %.*s %.0f us\n", median(took, n),
           (int)info[worst].code.n, info[worst].code.s, most);
}

/* The same numbers on every machine. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

typedef bool question(const struct ll_calendar *c, ll_time t);

static bool ask_phase(const struct ll_calendar *c, ll_time t)
{
    bool open;
    return ll_calendar_phase(c, t, &open) == LL_PHASE_REGULAR;
}

static bool ask_at(const struct ll_calendar *c, ll_time t)
{
    struct ll_calendar_moment m;
    return ll_calendar_at(c, t, &m) && m.open;
}

static bool ask_next(const struct ll_calendar *c, ll_time t)
{
    return ll_calendar_next_open(c, t) > ll_calendar_next_close(c, t);
}

static bool ask_libc(const struct ll_calendar *c, ll_time t)
{
    (void)c;
    time_t s = t / 1000;
    struct tm x;
    localtime_r(&s, &x);
    int minute = x.tm_hour * 60 + x.tm_min;
    return x.tm_wday >= 1 && x.tm_wday <= 5 && minute >= 570 && minute < 960;
}

static void ask(const char *name, question *fn, const struct ll_calendar *c, const ll_time *t,
                size_t n)
{
    double took[ROUNDS];
    size_t open = 0;
    for (int i = 0; i < ROUNDS; i++) {
        double began = seconds();
        open = 0;
        for (size_t k = 0; k < n; k++)
            open += fn(c, t[k]);
        took[i] = seconds() - began;
    }
    printf("  %-24s %6.1f ns   open %.3f %%\n", name, median(took, ROUNDS) * 1e9 / (double)n,
           100.0 * (double)open / (double)n);
}

static void questions(const struct ll_calendar *c, const ll_time *t, size_t n)
{
    ask("ll_calendar_phase", ask_phase, c, t, n);
    ask("ll_calendar_is_open", ll_calendar_is_open, c, t, n);
    ask("ll_calendar_at", ask_at, c, t, n);
    ask("next_open and next_close", ask_next, c, t, n);
    ask("localtime_r, by hand", ask_libc, c, t, n);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench_calendar RULES [QUESTIONS]\n");
        return 2;
    }
    size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000000;
    const ll_day to = ll_day_of(2030, 12, 31);
    const struct ll_calendar *c;
    struct ll_err err;
    setenv("TZ", "America/New_York", 1);
    tzset();
    all_of_them(argv[1], to);
    struct ll_calendars *s = open_set(argv[1], to);
    each(s, to);
    must(ll_calendars_get(s, LL_SLICE("XNYS"), &c, &err), &err);
    ll_time *t = calloc(n, sizeof(*t));
    const ll_time from = ll_day_of(2000, 1, 1) * LL_DAY, end = ll_day_of(2030, 1, 1) * LL_DAY;
    uint64_t state = 1;
    LL_ASSERT(t && n > 0);
    for (size_t i = 0; i < n; i++)
        t[i] = from + (ll_time)(next_random(&state) % (uint64_t)(end - from));
    printf("XNYS, %zu times at random in 30 years:\n", n);
    questions(c, t, n);
    for (size_t i = 0; i < n; i++)
        t[i] = from + (ll_time)i * (end - from) / (ll_time)n;
    printf("XNYS, the same in order:\n");
    questions(c, t, n);
    free(t);
    ll_calendars_unref(s);
    return 0;
}
