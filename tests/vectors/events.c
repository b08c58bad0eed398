/* Holds the events of a calendar against a table of them: events FILE.csv [FOLDER [CODE]].
 *
 * The file's columns are date, event, time_utc and basis, in any order; FOLDER has rule files that
 * go before those in the program; CODE is XNYS unless given.  Every row must be among our events,
 * with its time and basis, and every event of ours with a name and a date that the file covers
 * must be a row.  Of a basis that is neither a rule's nor the calendar's only that is compared:
 * its words name the list.  A line for each failure, then "N passed, M failed"; exit 1 on failure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/csv.h"
#include "base/vec.h"
#include "config/calendars.h"

enum { ROWS_MAX = 1 << 20, ARENA_MAX = 1 << 30, PIECE = 64 << 10, LATER_DAYS = 400 };
enum column { DATE, EVENT, TIME, BASIS, COLUMNS };

struct row {
    ll_day date;
    struct ll_slice event, basis;
    ll_time time;
    int64_t line;
};
LL_VEC_DEFINE(rows, struct row)

struct table {
    struct ll_arena *arena;
    struct rows rows;
    size_t at[COLUMNS]; /* which field of a record; SIZE_MAX = none */
    bool has_head;
};

static void die(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(2);
}

static void read_head(struct table *t, const struct ll_csv *c)
{
    static const char *const names[] = {"date", "event", "time_utc", "basis"};
    for (size_t k = 0; k < COLUMNS; k++) {
        t->at[k] = SIZE_MAX;
        for (size_t i = 0; i < c->n; i++)
            if (ll_slice_is(c->fields[i], names[k]))
                t->at[k] = i;
    }
    if (t->at[DATE] == SIZE_MAX || t->at[EVENT] == SIZE_MAX || t->at[TIME] == SIZE_MAX)
        die("the file needs the columns date, event and time_utc");
    t->has_head = true;
}

static struct ll_slice field(const struct table *t, const struct ll_csv *c, enum column k)
{
    if (t->at[k] >= c->n)
        return (struct ll_slice){"", 0};
    struct ll_slice f = c->fields[t->at[k]];
    const char *s = ll_arena_copy(t->arena, f.s, f.n);
    if (!s)
        die("no memory");
    return (struct ll_slice){s, f.n};
}

static void read_row(struct table *t, const struct ll_csv *c)
{
    struct ll_err err = {0};
    struct ll_slice time = field(t, c, TIME);
    struct row row = {.event = field(t, c, EVENT),
                      .basis = field(t, c, BASIS),
                      .time = LL_TIME_NONE,
                      .line = c->first_line};
    if (!ll_day_parse(field(t, c, DATE), &row.date, &err) ||
        (time.n && !ll_time_parse(time, &row.time, &err))) {
        fprintf(stderr, "line %lld: %s\n", (long long)row.line, err.text);
        exit(2);
    }
    if (!rows_push(&t->rows, row))
        die("too many rows");
}

static void take(struct table *t, const struct ll_csv *c, enum ll_csv_got got,
                 const struct ll_err *err)
{
    if (got == LL_CSV_BAD)
        die(err->text);
    if (got == LL_CSV_RECORD && t->has_head)
        read_row(t, c);
    else if (got == LL_CSV_RECORD)
        read_head(t, c);
}

static void read_table(struct table *t, const char *path)
{
    static char piece[PIECE];
    static struct ll_csv c;
    struct ll_err err = {0};
    FILE *f = fopen(path, "rb");
    if (!f)
        die("the file cannot be read");
    ll_csv_init(&c);
    for (size_t n; (n = fread(piece, 1, sizeof(piece), f)) > 0;) {
        struct ll_slice in = {piece, n};
        while (in.n > 0)
            take(t, &c, ll_csv_feed(&c, &in, &err), &err);
    }
    take(t, &c, ll_csv_end(&c, &err), &err);
    ll_csv_fini(&c);
    fclose(f);
    if (t->rows.n == 0)
        die("the file has no rows");
}

static bool begins(struct ll_slice text, const char *with)
{
    size_t n = strlen(with);
    return text.n >= n && memcmp(text.s, with, n) == 0;
}

static bool is_computed(struct ll_slice basis)
{
    return begins(basis, "rule") || begins(basis, "calendar");
}

static bool same_basis(const struct table *t, const struct row *row,
                       const struct ll_market_event *e)
{
    if (t->at[BASIS] == SIZE_MAX)
        return true;
    return is_computed(row->basis) ? ll_slice_eq(row->basis, e->basis) : !is_computed(e->basis);
}

static const char *time_text(ll_time t, char buf[static LL_TIME_TEXT_MAX])
{
    return t == LL_TIME_NONE ? "no time" : ll_time_format(t, buf);
}

/* Ours with the row's date and name; NULL = none. */
static const struct ll_market_event *find_event(const struct ll_market_events *e,
                                                const struct row *row)
{
    const struct ll_market_event *v;
    size_t n = ll_market_events_all_between(e, row->date, row->date, &v);
    for (size_t i = 0; i < n; i++)
        if (ll_slice_eq(v[i].name, row->event))
            return &v[i];
    return NULL;
}

static bool check_row(const struct table *t, const struct row *row,
                      const struct ll_market_events *events)
{
    char day[LL_DAY_TEXT_MAX], want[LL_TIME_TEXT_MAX], got[LL_TIME_TEXT_MAX];
    const struct ll_market_event *e = find_event(events, row);
    if (e && e->time == row->time && same_basis(t, row, e))
        return true;
    printf("line %lld: %s %.*s %s '%.*s': ", (long long)row->line, ll_day_format(row->date, day),
           (int)row->event.n, row->event.s, time_text(row->time, want), (int)row->basis.n,
           row->basis.s);
    if (e)
        printf("ours is %s '%.*s'\n", time_text(e->time, got), (int)e->basis.n, e->basis.s);
    else
        printf("we have none\n");
    return false;
}

/* What the file should have of ours: its names on its days. */
static bool is_expected(const struct table *t, const struct ll_market_event *e)
{
    bool named = false;
    for (size_t i = 0; i < t->rows.n; i++) {
        const struct row *row = &t->rows.v[i];
        bool same = ll_slice_eq(row->event, e->name);
        if (same && row->date == e->date)
            return true;
        named |= same;
    }
    return !named;
}

static size_t check_more(const struct table *t, const struct ll_market_events *events, ll_day from,
                         ll_day to)
{
    const struct ll_market_event *v;
    char day[LL_DAY_TEXT_MAX];
    size_t failed = 0, n = ll_market_events_all_between(events, from, to, &v);
    for (size_t i = 0; i < n; i++) {
        if (is_expected(t, &v[i]))
            continue;
        printf("%s %.*s '%.*s': the file has none\n", ll_day_format(v[i].date, day),
               (int)v[i].name.n, v[i].name.s, (int)v[i].basis.n, v[i].basis.s);
        failed++;
    }
    return failed;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 4)
        die("usage: events FILE.csv [FOLDER [CODE]]");
    struct table t = {.arena = ll_arena_new(ARENA_MAX), .rows.cap = ROWS_MAX};
    if (!t.arena)
        die("no memory");
    read_table(&t, argv[1]);
    ll_day from = LL_DAY_LAST, to = LL_DAY_NONE;
    for (size_t i = 0; i < t.rows.n; i++) {
        from = LL_MIN(from, t.rows.v[i].date);
        to = LL_MAX(to, t.rows.v[i].date);
    }
    struct ll_calendars_options o = {.rules = argc > 2 && *argv[2] ? argv[2] : NULL,
                                     .to = to + LATER_DAYS};
    LL_AUTO(ll_calendars) set = NULL;
    LL_AUTO(ll_market_events) events = NULL;
    struct ll_err err = {0};
    struct ll_slice code = ll_slice_of(argc > 3 ? argv[3] : "XNYS");
    if (!ll_calendars_open(&o, &set, &err) ||
        !ll_calendars_events(set, code, from, to, LL_TIME_NONE, &events, &err))
        die(err.text);
    size_t failed = 0, passed = 0;
    for (size_t i = 0; i < t.rows.n; i++)
        *(check_row(&t, &t.rows.v[i], events) ? &passed : &failed) += 1;
    failed += check_more(&t, events, from, to);
    printf("%zu passed, %zu failed\n", passed, failed);
    rows_fini(&t.rows);
    ll_arena_free(t.arena);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
