/* Direct tables of a calendar: from a trade date to its session, from a UTC day to the first
 * session that may matter, and the span of time about which something is known. */
#include "calendar/build.h"

static ll_time ends(const struct ll_calendar *c, size_t i)
{
    return c->sessions[i].open + c->patterns[c->sessions[i].phases].end;
}

/* A session of the day before `from` might reach into it as far as sessions do after their date,
 * and one of the day after `to` begin as early as sessions do before theirs: of that time nothing
 * is known, unless a session of ours takes it. */
static void known(struct ll_calendar *c, ll_dur early, ll_dur late)
{
    c->begin = ll_tz_utc_of(c->tz, c->from * LL_DAY, NULL) + late;
    c->end = ll_tz_utc_of(c->tz, (c->to + 1) * LL_DAY, NULL) - early;
    if (c->n) {
        const struct ll_session *first = &c->sessions[0];
        c->begin = LL_MIN(c->begin, first->open + c->patterns[first->phases].start);
        c->end = LL_MAX(c->end, ends(c, c->n - 1));
    }
    c->end = LL_MAX(c->begin, c->end);
}

static void fill_ranks(struct ll_calendar *c, size_t n)
{
    for (size_t i = 0; i < c->n; i++) {
        uint32_t d = (uint32_t)(c->sessions[i].date - c->from);
        c->ranks[d >> 6].days |= (uint64_t)1 << (d & 63);
    }
    for (size_t i = 1; i < n; i++)
        c->ranks[i].before =
            c->ranks[i - 1].before + (uint32_t)__builtin_popcountll(c->ranks[i - 1].days);
}

static void fill_by_utc(struct ll_calendar *c, size_t n)
{
    size_t s = 0;
    for (size_t i = 0; i < n; i++) {
        ll_time day = (c->first_utc + (int64_t)i) * LL_DAY;
        while (s < c->n && ends(c, s) <= day)
            s++;
        c->by_utc[i] = (uint32_t)s;
    }
}

bool ll_cal_build_index(struct ll_cal_build *b)
{
    struct ll_calendar *c = b->out;
    known(c, b->early, b->late);
    c->first_utc = ll_time_day(c->begin);
    size_t n_utc = (size_t)(ll_time_day(c->end) - c->first_utc) + 1;
    size_t n_ranks = (size_t)(c->to + 1 - c->from) / 64 + 1;
    c->by_utc = LL_ARENA_NEW(c->arena, uint32_t, n_utc);
    c->ranks = LL_ARENA_NEW(c->arena, struct ll_cal_rank, n_ranks);
    if (!c->by_utc || !c->ranks)
        return ll_cal_build_no_memory(b);
    fill_ranks(c, n_ranks);
    fill_by_utc(c, n_utc);
    return true;
}
