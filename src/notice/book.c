#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notice/book_private.h"

/* When it is said again that an answer is awaited: so long before the deadline. */
static const ll_dur reminders[] = {LL_HOUR, 15 * LL_MINUTE};

static void receiver_init(struct ll_notice_state *r, const struct ll_notice_receiver *from)
{
    *r = (struct ll_notice_state){.try_again = LL_TIME_NONE, .counts.last_sent = LL_TIME_NONE};
    for (size_t k = 0; k < LL_NOTICE_KINDS; k++)
        r->groups[k] = (struct ll_notice_group){.told = LL_TIME_NONE, .try_again = LL_TIME_NONE};
    ll_notice_put(r->name, sizeof(r->name), from->name);
}

struct ll_notice_book *ll_notice_book_new(const struct ll_notice_policy *p)
{
    LL_ASSERT(p->n_receivers <= LL_NOTICE_RECEIVERS_MAX);
    struct ll_notice_book *b = calloc(1, sizeof(*b));
    if (!b)
        return NULL;
    b->entries = calloc(LL_NOTICE_BOOK_MAX, sizeof(struct ll_notice_entry *));
    if (!b->entries) {
        free(b);
        return NULL;
    }
    b->policy = p;
    for (size_t i = 0; i < p->n_receivers; i++)
        receiver_init(&b->receivers[i], &p->receivers[i]);
    return b;
}

void ll_notice_book_free(struct ll_notice_book *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < b->n; i++)
        free(b->entries[i]);
    free(b->entries);
    free(b);
}

/* Nobody is to be told of it any more: kept for a while, so that nothing older opens it again. */
static bool is_buried(const struct ll_notice_entry *e)
{
    return e->gone && e->told == LL_TIME_NONE && !e->sending;
}

static void forget(struct ll_notice_book *b, size_t i)
{
    b->changes++;
    free(b->entries[i]);
    b->entries[i] = b->entries[--b->n];
}

size_t ll_notice_book_find(const struct ll_notice_book *b, struct ll_slice key)
{
    size_t i = 0;
    while (i < b->n && !ll_slice_is(key, b->entries[i]->notice.key))
        i++;
    return i;
}

void ll_notice_book_follow(struct ll_notice_book *b, const struct ll_notice_policy *p)
{
    struct ll_notice_state now[LL_NOTICE_RECEIVERS_MAX];
    LL_ASSERT(p->n_receivers <= LL_NOTICE_RECEIVERS_MAX);
    for (size_t i = 0; i < p->n_receivers; i++) {
        receiver_init(&now[i], &p->receivers[i]);
        for (size_t k = 0; k < b->policy->n_receivers; k++)
            if (strcmp(b->receivers[k].name, now[i].name) == 0)
                now[i] = b->receivers[k];
        now[i].try_again = LL_TIME_NONE; /* what kept it may have been mended */
    }
    for (size_t i = b->n; i-- > 0;) {
        struct ll_notice_entry *e = b->entries[i];
        const size_t to = ll_notice_route(p, &e->notice);
        if (to == p->n_receivers) {
            forget(b, i);
            continue;
        }
        if (strcmp(b->receivers[e->receiver].name, now[to].name) != 0)
            e->told = LL_TIME_NONE;
        e->receiver = to;
        if (is_buried(e) && !e->ending[0])
            forget(b, i);
    }
    memcpy(b->receivers, now, p->n_receivers * sizeof(*now));
    b->policy = p;
    b->changes++;
}

/* What was delivered or has ended is kept only so that nothing older opens it again. */
static void make_room(struct ll_notice_book *b)
{
    size_t oldest = b->n;
    for (size_t i = 0; i < b->n; i++)
        if (is_buried(b->entries[i]) &&
            (oldest == b->n || b->entries[i]->ended < b->entries[oldest]->ended))
            oldest = i;
    if (oldest < b->n)
        forget(b, oldest);
}

struct ll_notice_entry *ll_notice_book_add(struct ll_notice_book *b)
{
    if (b->n == LL_NOTICE_BOOK_MAX)
        make_room(b);
    struct ll_notice_entry *e = b->n < LL_NOTICE_BOOK_MAX ? calloc(1, sizeof(*e)) : NULL;
    if (!e) {
        b->overflow++;
        return NULL;
    }
    b->entries[b->n++] = e;
    b->changes++;
    return e;
}

bool ll_notice_book_raise(struct ll_notice_book *b, const struct ll_notice *n, ll_time now)
{
    size_t i = ll_notice_book_find(b, ll_slice_of(n->key));
    if (i < b->n) {
        struct ll_notice_entry *e = b->entries[i];
        if (e->gone && e->ending[0])
            return true; /* what we are shown is older than its end */
        const bool worse = n->severity > e->notice.severity;
        b->changes += e->gone;
        e->notice = *n;
        e->gone = false;
        e->marked = true;
        e->settles = LL_TIME_NONE;
        if (worse) {
            e->again = true;
            e->raised = now;
            b->changes++;
        }
        return true;
    }
    const size_t receiver = ll_notice_route(b->policy, n);
    if (receiver == b->policy->n_receivers)
        return true;
    struct ll_notice_entry *e = ll_notice_book_add(b);
    if (!e)
        return false;
    *e = (struct ll_notice_entry){.notice = *n,
                                  .receiver = receiver,
                                  .marked = true,
                                  .raised = now,
                                  .told = LL_TIME_NONE,
                                  .ended = LL_TIME_NONE,
                                  .settles = LL_TIME_NONE};
    return true;
}

static void end(struct ll_notice_book *b, size_t i, const char *ending, ll_time now)
{
    struct ll_notice_entry *e = b->entries[i];
    if (e->gone && e->ending[0])
        return;
    if (e->told == LL_TIME_NONE && !e->sending && !(ending && ending[0])) {
        forget(b, i);
        return;
    }
    if (e->gone && !(ending && ending[0]))
        return;
    b->changes++;
    e->ended = e->gone ? e->ended : now;
    e->gone = true;
    LL_NOTICE_PUT(e->ending, ll_slice_of(ending));
}

void ll_notice_book_clear(struct ll_notice_book *b, struct ll_slice key, const char *ending,
                          ll_time now)
{
    const size_t i = ll_notice_book_find(b, key);
    if (i < b->n)
        end(b, i, ending, now);
}

void ll_notice_book_mark(struct ll_notice_book *b, enum ll_notice_kind k)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->entries[i]->notice.kind == k)
            b->entries[i]->marked = false;
}

void ll_notice_book_sweep(struct ll_notice_book *b, enum ll_notice_kind k, ll_time now)
{
    for (size_t i = b->n; i-- > 0;)
        if (b->entries[i]->notice.kind == k && !b->entries[i]->marked &&
            (b->entries[i]->settles == LL_TIME_NONE || b->entries[i]->settles <= now))
            end(b, i, NULL, now);
}

/* Since when there is something to say of it, which may be in the future; LL_TIME_NONE = nothing.
 * *reminder: that an answer is awaited. */
static ll_time news_at(const struct ll_notice_entry *e, bool *reminder)
{
    *reminder = false;
    if (is_buried(e))
        return LL_TIME_NONE;
    if (e->gone)
        return e->ended;
    if (e->told == LL_TIME_NONE || e->again)
        return e->raised;
    for (size_t i = 0; e->notice.deadline != LL_TIME_NONE && i < LL_LEN(reminders); i++) {
        const ll_time at = e->notice.deadline - reminders[i];
        if (e->told < at) {
            *reminder = true;
            return at;
        }
    }
    return LL_TIME_NONE;
}

static bool is_alerts(const struct ll_notice_book *b, const struct ll_notice_entry *e)
{
    return b->policy->receivers[e->receiver].kind == LL_RECEIVER_ALERTMANAGER;
}

static bool silenced(const struct ll_notice_book *b, const struct ll_notice_entry *e, ll_time now)
{
    return ll_notice_silenced(b->policy, &e->notice, now) != LL_TIME_NONE;
}

/* When it makes its group's message due; LL_TIME_NONE = it does not. */
static ll_time message_at(const struct ll_notice_book *b, const struct ll_notice_entry *e)
{
    const struct ll_notice_policy *p = b->policy;
    const ll_time told = b->receivers[e->receiver].groups[e->notice.kind].told;
    bool reminder;
    const ll_time news = news_at(e, &reminder);
    if (is_alerts(b, e)) /* it groups by itself */
        return news != LL_TIME_NONE ? news : e->told + LL_NOTICE_ALERT_REPEAT;
    if (news == LL_TIME_NONE)
        return told + p->repeat_interval;
    if (reminder || ll_notice_info(e->notice.kind)->urgent)
        return news;
    const ll_time at = news + p->group_wait;
    return told == LL_TIME_NONE ? at : LL_MAX(at, told + p->group_interval);
}

static bool is_due(const struct ll_notice_book *b, const struct ll_notice_entry *e, ll_time now)
{
    const struct ll_notice_state *r = &b->receivers[e->receiver];
    return !is_buried(e) && !r->busy && message_at(b, e) <= now && r->try_again <= now &&
           r->groups[e->notice.kind].try_again <= now && !silenced(b, e, now);
}

static void expire(struct ll_notice_book *b, ll_time now)
{
    for (size_t i = b->n; i-- > 0;) {
        struct ll_notice_entry *e = b->entries[i];
        const bool over = ll_notice_info(e->notice.kind)->once || e->gone;
        if (!over || e->sending || now - (e->gone ? e->ended : e->raised) < LL_NOTICE_EXPIRY)
            continue;
        b->receivers[e->receiver].counts.dropped += !is_buried(e) && !silenced(b, e, now);
        forget(b, i);
    }
}

static bool has_news(const struct ll_notice_entry *e, ll_time now, bool *reminder)
{
    const ll_time at = news_at(e, reminder);
    return at != LL_TIME_NONE && at <= now;
}

/* The group of the entry that is due: what is new of it, or all of it. */
static void gather(struct ll_notice_book *b, const struct ll_notice_entry *first, ll_time now,
                   struct ll_notice_message *m)
{
    bool reminder;
    const bool alerts = is_alerts(b, first), news = has_news(first, now, &reminder);
    *m = (struct ll_notice_message){
        .receiver = first->receiver,
        .to = b->receivers[first->receiver].name,
        .kind = first->notice.kind,
        .repeat = !news,
        .at = now,
        .told = b->receivers[first->receiver].groups[first->notice.kind].told,
        .items = b->items};
    for (size_t i = 0; i < b->n; i++) {
        struct ll_notice_entry *e = b->entries[i];
        if (e->receiver != first->receiver || e->notice.kind != first->notice.kind ||
            is_buried(e) || silenced(b, e, now))
            continue;
        const bool told_now = has_news(e, now, &reminder);
        if (!told_now && news && !alerts)
            continue;
        e->sending = true;
        b->items[m->n++] = (struct ll_notice_item){.notice = &e->notice,
                                                   .resolved = e->gone,
                                                   .reminder = reminder && told_now,
                                                   .ending = e->ending,
                                                   .ended = e->ended};
    }
    b->receivers[first->receiver].busy = true;
}

bool ll_notice_book_due(struct ll_notice_book *b, ll_time now, struct ll_notice_message *out)
{
    expire(b, now);
    for (size_t i = 0; i < b->n; i++)
        if (is_due(b, b->entries[i], now)) {
            gather(b, b->entries[i], now, out);
            return true;
        }
    return false;
}

/* 2 s, 4 s, 8 s … 5 min. */
static ll_dur back_off(unsigned failures)
{
    return LL_MIN(LL_SECOND << LL_MIN(failures, 16u), LL_NOTICE_BACKOFF_MAX);
}

/* What was told of it has arrived.  Meanwhile it may have ended, or become worse. */
static void entry_delivered(struct ll_notice_book *b, const struct ll_notice_item *item, ll_time at)
{
    const size_t i = ll_notice_book_find(b, ll_slice_of(item->notice->key));
    struct ll_notice_entry *e = b->entries[i];
    if (ll_notice_info(e->notice.kind)->once && !e->gone) {
        e->gone = true;
        e->ended = at;
        LL_NOTICE_PUT(e->ending, LL_SLICE("told"));
    } else if (!item->resolved) {
        e->told = at;
        e->again = e->notice.severity > item->notice->severity;
        return;
    }
    e->told = LL_TIME_NONE; /* buried */
    if (!e->ending[0])
        forget(b, i);
}

static void delivered(struct ll_notice_book *b, const struct ll_notice_message *m,
                      struct ll_notice_state *r, ll_time now)
{
    r->groups[m->kind] = (struct ll_notice_group){.told = m->at, .try_again = LL_TIME_NONE};
    r->try_again = LL_TIME_NONE;
    r->counts.failures = 0;
    r->counts.sent++;
    r->counts.last_sent = now;
    r->counts.error[0] = '\0';
    b->changes++;
}

static void failed(const struct ll_notice_message *m, struct ll_notice_state *r,
                   enum ll_notice_result result, ll_dur retry_after, ll_time now)
{
    struct ll_notice_group *g = &r->groups[m->kind];
    r->counts.failed++;
    r->counts.failures++;
    if (result == LL_NOTICE_REFUSED)
        g->try_again = now + back_off(++g->refusals);
    else
        r->try_again = now + LL_MAX(back_off(r->counts.failures), retry_after);
}

/* The receiver, wherever another policy has put it; NULL when it is gone. */
static struct ll_notice_state *receiver_of(struct ll_notice_book *b,
                                           const struct ll_notice_message *m)
{
    for (size_t i = 0; i < b->policy->n_receivers; i++)
        if (strcmp(b->receivers[i].name, m->to) == 0)
            return &b->receivers[i];
    return NULL;
}

static void settle(struct ll_notice_book *b, const struct ll_notice_message *m,
                   const struct ll_notice_state *r, bool arrived)
{
    for (size_t k = 0; k < m->n; k++) {
        const size_t i = ll_notice_book_find(b, ll_slice_of(m->items[k].notice->key));
        if (i == b->n)
            continue;
        struct ll_notice_entry *e = b->entries[i];
        e->sending = false;
        if (arrived && r == &b->receivers[e->receiver])
            entry_delivered(b, &m->items[k], m->at);
        else if (is_buried(e) && !e->ending[0])
            forget(b, i); /* it was over before anybody was told */
    }
}

void ll_notice_book_result(struct ll_notice_book *b, const struct ll_notice_message *m,
                           enum ll_notice_result result, ll_dur retry_after, const char *error,
                           ll_time now)
{
    struct ll_notice_state *r = receiver_of(b, m);
    settle(b, m, r, result == LL_NOTICE_DELIVERED);
    if (!r)
        return;
    r->busy = false;
    LL_NOTICE_PUT(r->counts.error, ll_slice_of(error));
    if (result == LL_NOTICE_DELIVERED)
        delivered(b, m, r, now);
    else
        failed(m, r, result, retry_after, now);
}

void ll_notice_book_counts(const struct ll_notice_book *b, size_t receiver, ll_time now,
                           struct ll_notice_counts *out)
{
    *out = b->receivers[receiver].counts;
    for (size_t i = 0; i < b->n; i++) {
        const struct ll_notice_entry *e = b->entries[i];
        bool reminder;
        out->waiting += e->receiver == receiver && has_news(e, now, &reminder) &&
                        !silenced(b, e, now) && message_at(b, e) <= now;
    }
}

size_t ll_notice_book_open(const struct ll_notice_book *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++)
        n += !is_buried(b->entries[i]);
    return n;
}

size_t ll_notice_book_silenced(const struct ll_notice_book *b, ll_time now)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++)
        n += silenced(b, b->entries[i], now);
    return n;
}

uint64_t ll_notice_book_overflow(const struct ll_notice_book *b)
{
    return b->overflow;
}

uint64_t ll_notice_book_changes(const struct ll_notice_book *b)
{
    return b->changes;
}
