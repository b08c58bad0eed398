/* When who is told of what, by a clock that the test moves. */
#include <stdio.h>
#include <string.h>

#include "base/json_in.h"
#include "notice/write.h"
#include "support.h"

static const ll_time t0 = 1780000000000;

static const struct ll_notice_receiver receivers[] = {
    {.name = {"ops", 3}, .kind = LL_RECEIVER_WEBHOOK},
    {.name = {"desk", 4}, .kind = LL_RECEIVER_SLACK},
    {.name = {"am", 2}, .kind = LL_RECEIVER_ALERTMANAGER},
};
static const struct ll_notice_route routes[] = {
    {.team = {"trading", 7}, .service = {"order-*", 7}, .receiver = {"desk", 4}},
    {.venue = {"XNYS", 4}, .receiver = {"am", 2}},
};
static const struct ll_notice_policy usual = {.receivers = receivers,
                                              .n_receivers = 3,
                                              .routes = routes,
                                              .n_routes = 2,
                                              .group_wait = 30 * LL_SECOND,
                                              .group_interval = 5 * LL_MINUTE,
                                              .repeat_interval = 4 * LL_HOUR};

static struct ll_notice notice(enum ll_notice_kind kind, const char *key, const char *service)
{
    struct ll_notice n = {.kind = kind,
                          .severity = ll_notice_info(kind)->severity,
                          .at = t0,
                          .deadline = LL_TIME_NONE};
    LL_NOTICE_PUT(n.key, ll_slice_of(key));
    LL_NOTICE_PUT(n.service, ll_slice_of(service));
    LL_NOTICE_PUT(n.title, ll_slice_of(key));
    return n;
}

static void raise_at(struct ll_notice_book *b, enum ll_notice_kind k, const char *key, ll_time t)
{
    const struct ll_notice n = notice(k, key, "gateway");
    ck_assert(ll_notice_book_raise(b, &n, t));
}

/* The first moment from `from` on, by seconds, at which something is due; -1 = not by `to`. */
static ll_dur due_after(struct ll_notice_book *b, ll_time from, ll_time to,
                        struct ll_notice_message *m)
{
    for (ll_time t = from; t <= to; t += LL_SECOND)
        if (ll_notice_book_due(b, t, m))
            return t - from;
    return -1;
}

static void deliver(struct ll_notice_book *b, const struct ll_notice_message *m, ll_time t)
{
    ll_notice_book_result(b, m, LL_NOTICE_DELIVERED, 0, "", t);
}

START_TEST(the_first_of_a_kind_waits_for_others)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    raise_at(b, LL_NOTICE_SOURCE, "source/a", t0);
    raise_at(b, LL_NOTICE_SOURCE, "source/b", t0 + 20 * LL_SECOND);
    raise_at(b, LL_NOTICE_SOURCE, "source/b", t0 + 21 * LL_SECOND); /* the same again */
    ck_assert_int_eq(due_after(b, t0, t0 + LL_HOUR, &m), 30 * LL_SECOND);
    ck_assert_uint_eq(m.n, 2);
    ck_assert_uint_eq(m.receiver, 0);
    deliver(b, &m, t0 + 30 * LL_SECOND);
    /* a third comes: not before the interval has passed, and alone */
    raise_at(b, LL_NOTICE_SOURCE, "source/c", t0 + LL_MINUTE);
    ck_assert_int_eq(due_after(b, t0, t0 + LL_HOUR, &m), 30 * LL_SECOND + 5 * LL_MINUTE);
    ck_assert_uint_eq(m.n, 1);
    ck_assert_str_eq(m.items[0].notice->key, "source/c");
}
END_TEST

START_TEST(what_is_over_before_it_was_told_is_not_told)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    raise_at(b, LL_NOTICE_SOURCE, "source/a", t0);
    ll_notice_book_clear(b, LL_SLICE("source/a"), NULL, t0 + 20 * LL_SECOND);
    ck_assert_int_eq(due_after(b, t0, t0 + LL_DAY / 24, &m), -1);
    ck_assert_uint_eq(ll_notice_book_open(b), 0);
}
END_TEST

START_TEST(what_was_told_is_told_to_be_over)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    raise_at(b, LL_NOTICE_STORAGE, "storage", t0);
    ck_assert(ll_notice_book_due(b, t0, &m)); /* urgent: nothing is waited for */
    deliver(b, &m, t0);
    ck_assert(!ll_notice_book_due(b, t0 + LL_MINUTE, &m));
    ll_notice_book_mark(b, LL_NOTICE_STORAGE);
    ll_notice_book_sweep(b, LL_NOTICE_STORAGE, t0 + LL_MINUTE); /* not raised since the mark */
    ck_assert(ll_notice_book_due(b, t0 + LL_MINUTE, &m));
    ck_assert(m.items[0].resolved);
    ck_assert_int_eq(m.items[0].ended, t0 + LL_MINUTE);
    deliver(b, &m, t0 + LL_MINUTE);
    ck_assert_uint_eq(ll_notice_book_open(b), 0);
}
END_TEST

START_TEST(what_lasts_is_repeated_and_marked_as_such)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    char first[LL_NOTICE_ID_MAX], second[LL_NOTICE_ID_MAX];
    raise_at(b, LL_NOTICE_STORAGE, "storage", t0);
    ck_assert(ll_notice_book_due(b, t0, &m));
    ll_notice_write_id(&m, first);
    deliver(b, &m, t0);
    ck_assert_int_eq(due_after(b, t0, t0 + LL_DAY, &m), 4 * LL_HOUR);
    ck_assert(m.repeat);
    ll_notice_write_id(&m, second);
    ck_assert_str_ne(first, second); /* a receiver must not take it for a second try */
}
END_TEST

START_TEST(a_proposal_is_told_at_once_and_twice_more)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    struct ll_notice n = notice(LL_NOTICE_PROPOSAL, "proposal/1", "gateway");
    n.deadline = t0 + 2 * LL_HOUR;
    ck_assert(ll_notice_book_raise(b, &n, t0));
    ck_assert(ll_notice_book_due(b, t0, &m));
    ck_assert(!m.items[0].reminder);
    deliver(b, &m, t0);
    ck_assert_int_eq(due_after(b, t0, t0 + LL_DAY, &m), LL_HOUR); /* 60 minutes before */
    ck_assert(m.items[0].reminder);
    deliver(b, &m, t0 + LL_HOUR);
    ck_assert_int_eq(due_after(b, t0, t0 + LL_DAY, &m), 105 * LL_MINUTE); /* 15 minutes before */
    ck_assert(m.items[0].reminder);
    deliver(b, &m, t0 + 105 * LL_MINUTE);
    ck_assert_int_eq(due_after(b, t0, t0 + 3 * LL_HOUR, &m), -1);
    ll_notice_book_clear(b, LL_SLICE("proposal/1"), "expired", t0 + 3 * LL_HOUR);
    ck_assert(ll_notice_book_due(b, t0 + 3 * LL_HOUR, &m));
    ck_assert_str_eq(m.items[0].ending, "expired");
}
END_TEST

/* One that comes in 20 minutes before its end has no 60-minute reminder. */
START_TEST(a_late_proposal_has_one_reminder)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    struct ll_notice n = notice(LL_NOTICE_PROPOSAL, "proposal/1", "gateway");
    n.deadline = t0 + 20 * LL_MINUTE;
    ck_assert(ll_notice_book_raise(b, &n, t0));
    ck_assert(ll_notice_book_due(b, t0, &m));
    deliver(b, &m, t0);
    ck_assert_int_eq(due_after(b, t0, t0 + LL_HOUR, &m), 5 * LL_MINUTE);
    deliver(b, &m, t0 + 5 * LL_MINUTE);
    ck_assert_int_eq(due_after(b, t0, t0 + LL_HOUR, &m), -1);
}
END_TEST

START_TEST(a_superseded_proposal_is_not_tried_again)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    struct ll_notice_counts c;
    raise_at(b, LL_NOTICE_PROPOSAL, "proposal/1", t0);
    ck_assert(ll_notice_book_due(b, t0, &m));
    ll_notice_book_result(b, &m, LL_NOTICE_LATER, 0, "503", t0);
    ll_notice_book_clear(b, LL_SLICE("proposal/1"), "superseded", t0 + LL_SECOND);
    raise_at(b, LL_NOTICE_PROPOSAL, "proposal/2", t0 + LL_SECOND);
    ck_assert_int_eq(due_after(b, t0, t0 + LL_HOUR, &m), 2 * LL_SECOND);
    ck_assert_uint_eq(m.n, 1);
    ck_assert_str_eq(m.items[0].notice->key, "proposal/2");
    ll_notice_book_counts(b, 0, t0 + 2 * LL_SECOND, &c);
    ck_assert_uint_eq(c.failed, 1);
    ck_assert_uint_eq(c.waiting, 1);
    ck_assert_str_eq(c.error, "503");
}
END_TEST

/* What the engine shows may be a second older than what it has said. */
START_TEST(what_was_said_to_have_ended_is_not_opened_again)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    raise_at(b, LL_NOTICE_PROPOSAL, "proposal/1", t0);
    ck_assert(ll_notice_book_due(b, t0, &m));
    deliver(b, &m, t0);
    for (int i = 1; i <= 2; i++) { /* the second was told to nobody */
        ll_notice_book_clear(b, i == 1 ? LL_SLICE("proposal/1") : LL_SLICE("proposal/2"),
                             "superseded: x", t0 + LL_SECOND);
        ll_notice_book_mark(b, LL_NOTICE_PROPOSAL);
        raise_at(b, LL_NOTICE_PROPOSAL, i == 1 ? "proposal/1" : "proposal/2", t0 + LL_SECOND);
        ll_notice_book_sweep(b, LL_NOTICE_PROPOSAL, t0 + LL_SECOND);
        ll_notice_book_mark(b, LL_NOTICE_PROPOSAL);
        ll_notice_book_sweep(b, LL_NOTICE_PROPOSAL, t0 + LL_SECOND);
        if (i == 1) {
            ck_assert(ll_notice_book_due(b, t0 + LL_SECOND, &m));
            ck_assert_str_eq(m.items[0].ending, "superseded: x");
            deliver(b, &m, t0 + LL_SECOND);
            raise_at(b, LL_NOTICE_PROPOSAL, "proposal/1", t0 + LL_SECOND);
            raise_at(b, LL_NOTICE_PROPOSAL, "proposal/2", t0 + LL_SECOND);
        }
    }
    ck_assert_int_eq(due_after(b, t0, t0 + 2 * LL_HOUR, &m), -1);
    ck_assert_uint_eq(ll_notice_book_open(b), 0);
}
END_TEST

START_TEST(tries_come_later_and_later_and_as_asked)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    ll_time t = t0;
    raise_at(b, LL_NOTICE_STORAGE, "storage", t0);
    static const ll_dur waits[] = {2, 4, 8, 16, 32, 64, 128, 256, 300, 300};
    ck_assert(ll_notice_book_due(b, t, &m));
    for (size_t i = 0; i < LL_LEN(waits); i++) {
        ll_notice_book_result(b, &m, LL_NOTICE_LATER, 0, "500", t);
        ck_assert_int_eq(due_after(b, t, t + LL_HOUR, &m), waits[i] * LL_SECOND);
        t += waits[i] * LL_SECOND;
    }
    ll_notice_book_result(b, &m, LL_NOTICE_LATER, 9 * LL_MINUTE, "429", t);
    ck_assert_int_eq(due_after(b, t, t + LL_HOUR, &m), 9 * LL_MINUTE);
}
END_TEST

START_TEST(a_refused_message_does_not_hold_up_the_others)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    raise_at(b, LL_NOTICE_STORAGE, "storage", t0);
    raise_at(b, LL_NOTICE_UNKNOWN, "unknown/1", t0);
    ck_assert(ll_notice_book_due(b, t0, &m));
    ck_assert_int_eq(m.kind, LL_NOTICE_STORAGE);
    ll_notice_book_result(b, &m, LL_NOTICE_REFUSED, 0, "400", t0);
    ck_assert(ll_notice_book_due(b, t0, &m));
    ck_assert_int_eq(m.kind, LL_NOTICE_UNKNOWN);
    ll_notice_book_result(b, &m, LL_NOTICE_LATER, 0, "503", t0); /* this one does */
    ck_assert(!ll_notice_book_due(b, t0 + LL_SECOND, &m));
}
END_TEST

START_TEST(what_happened_expires_undelivered_and_is_counted)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    struct ll_notice_counts c;
    raise_at(b, LL_NOTICE_FAILED, "action/1", t0);
    raise_at(b, LL_NOTICE_STORAGE, "storage", t0);
    ck_assert(ll_notice_book_due(b, t0 + LL_NOTICE_EXPIRY, &m));
    ck_assert_int_eq(m.kind, LL_NOTICE_STORAGE); /* what lasts is still true */
    ll_notice_book_counts(b, 0, t0 + LL_NOTICE_EXPIRY, &c);
    ck_assert_uint_eq(c.dropped, 1);
    ck_assert_uint_eq(ll_notice_book_open(b), 1);
}
END_TEST

START_TEST(a_silence_holds_back_until_it_ends)
{
    const struct ll_notice_silence silence = {
        .service = LL_SLICE("gate*"), .until = t0 + LL_HOUR, .reason = LL_SLICE("migration")};
    struct ll_notice_policy p = usual;
    struct ll_notice_message m;
    p.silences = &silence;
    p.n_silences = 1;
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&p);
    raise_at(b, LL_NOTICE_UNKNOWN, "unknown/1", t0);
    const struct ll_notice other = notice(LL_NOTICE_UNKNOWN, "unknown/2", "pricing");
    ck_assert(ll_notice_book_raise(b, &other, t0));
    ck_assert(ll_notice_book_due(b, t0, &m));
    ck_assert_uint_eq(m.n, 1);
    ck_assert_str_eq(m.items[0].notice->key, "unknown/2");
    deliver(b, &m, t0);
    ck_assert_uint_eq(ll_notice_book_silenced(b, t0), 1);
    ck_assert_int_eq(due_after(b, t0, t0 + 2 * LL_HOUR, &m), LL_HOUR);
    ck_assert_str_eq(m.items[0].notice->key, "unknown/1");
}
END_TEST

START_TEST(the_first_route_that_fits_counts)
{
    const char *const only[] = {"proposal", NULL};
    struct ll_notice_policy p = usual;
    struct ll_notice n = notice(LL_NOTICE_SOURCE, "source/a", "order-gateway");
    ck_assert_uint_eq(ll_notice_route(&p, &n), 0); /* of no team */
    LL_NOTICE_PUT(n.team, LL_SLICE("trading"));
    LL_NOTICE_PUT(n.venue, LL_SLICE("XNYS"));
    ck_assert_uint_eq(ll_notice_route(&p, &n), 1);
    LL_NOTICE_PUT(n.service, LL_SLICE("pricing"));
    ck_assert_uint_eq(ll_notice_route(&p, &n), 2);
    p.events = only;
    ck_assert_uint_eq(ll_notice_route(&p, &n), 3); /* nobody */
    n.kind = LL_NOTICE_PROPOSAL;
    ck_assert_uint_eq(ll_notice_route(&p, &n), 2);
}
END_TEST

START_TEST(patterns_of_services)
{
    static const struct {
        const char *pattern, *text;
        bool fits;
    } cases[] = {
        {"*", "", true},
        {"*", "gateway", true},
        {"gateway", "gateway", true},
        {"gate", "gateway", false},
        {"gate*", "gateway", true},
        {"*way", "gateway", true},
        {"*ew*", "gateway", true},
        {"g?teway", "gateway", true},
        {"?", "", false},
        {"*a*a*b", "aaaaaaaaab", true},
        {"*a*a*b", "aaaaaaaaa", false},
        {"**", "x", true},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        const struct ll_notice_silence silence = {.service = ll_slice_of(cases[i].pattern),
                                                  .until = t0 + LL_HOUR};
        const struct ll_notice_policy p = {.silences = &silence, .n_silences = 1};
        const struct ll_notice n = notice(LL_NOTICE_SOURCE, "source/a", cases[i].text);
        ck_assert_msg((ll_notice_silenced(&p, &n, t0) != LL_TIME_NONE) == cases[i].fits, "%s %s",
                      cases[i].pattern, cases[i].text);
    }
}
END_TEST

START_TEST(an_alertmanager_is_told_again_each_minute)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    struct ll_notice n = notice(LL_NOTICE_SOURCE, "source/a", "gateway");
    LL_NOTICE_PUT(n.venue, LL_SLICE("XNYS"));
    ck_assert(ll_notice_book_raise(b, &n, t0));
    ck_assert(ll_notice_book_due(b, t0, &m)); /* it groups by itself */
    ck_assert_uint_eq(m.receiver, 2);
    deliver(b, &m, t0);
    ck_assert_int_eq(due_after(b, t0, t0 + LL_HOUR, &m), LL_MINUTE);
}
END_TEST

/* Receivers are followed by name; what moves to another is new there. */
START_TEST(another_policy_keeps_what_was_told)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_policy p = usual;
    struct ll_notice_message m;
    raise_at(b, LL_NOTICE_STORAGE, "storage", t0);
    ck_assert(ll_notice_book_due(b, t0, &m));
    deliver(b, &m, t0);
    ll_notice_book_follow(b, &p);
    ck_assert(!ll_notice_book_due(b, t0 + LL_MINUTE, &m));
    const struct ll_notice_route all = {.receiver = LL_SLICE("desk")};
    struct ll_notice_policy moved = usual;
    moved.routes = &all;
    moved.n_routes = 1;
    ll_notice_book_follow(b, &moved);
    ck_assert(ll_notice_book_due(b, t0 + LL_MINUTE, &m));
    ck_assert_uint_eq(m.receiver, 1);
    struct ll_notice_policy none = {.group_wait = 0};
    ll_notice_book_follow(b, &none);
    ck_assert_uint_eq(ll_notice_book_open(b), 0);
}
END_TEST

START_TEST(a_full_book_drops_and_counts)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    char key[32];
    for (int i = 0; i < LL_NOTICE_BOOK_MAX; i++) {
        snprintf(key, sizeof(key), "source/%d", i);
        raise_at(b, LL_NOTICE_SOURCE, key, t0);
    }
    const struct ll_notice more = notice(LL_NOTICE_STORAGE, "storage", "");
    ck_assert(!ll_notice_book_raise(b, &more, t0));
    ck_assert_uint_eq(ll_notice_book_overflow(b), 1);
}
END_TEST

/* --- messages on their way --- */

START_TEST(a_receiver_that_has_a_message_keeps_no_other_waiting)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message hangs, m;
    struct ll_notice n = notice(LL_NOTICE_PROPOSAL, "proposal/1", "order-gateway");
    LL_NOTICE_PUT(n.team, LL_SLICE("trading"));
    raise_at(b, LL_NOTICE_STORAGE, "storage", t0);
    ck_assert(ll_notice_book_due(b, t0, &hangs));
    ck_assert_uint_eq(hangs.receiver, 0);
    raise_at(b, LL_NOTICE_FAILED, "action/1", t0); /* the same receiver: it waits */
    ck_assert(ll_notice_book_raise(b, &n, t0));
    ck_assert(ll_notice_book_due(b, t0, &m));
    ck_assert_uint_eq(m.receiver, 1);
    deliver(b, &m, t0);
    ck_assert(!ll_notice_book_due(b, t0 + LL_MINUTE, &m));
}
END_TEST

/* A copy, as a thread has it. */
static struct ll_notice_message copy_of(const struct ll_notice_message *m,
                                        struct ll_notice_item *item, struct ll_notice *n)
{
    struct ll_notice_message copy = *m;
    *item = m->items[0];
    *n = *m->items[0].notice;
    item->notice = n;
    copy.items = item;
    return copy;
}

START_TEST(what_ends_while_it_is_told_is_told_to_be_over)
{
    for (int arrives = 0; arrives <= 1; arrives++) {
        LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
        struct ll_notice_message m;
        struct ll_notice_item item;
        struct ll_notice n;
        raise_at(b, LL_NOTICE_STORAGE, "storage", t0);
        ck_assert(ll_notice_book_due(b, t0, &m));
        struct ll_notice_message sent = copy_of(&m, &item, &n);
        ll_notice_book_mark(b, LL_NOTICE_STORAGE);
        ll_notice_book_sweep(b, LL_NOTICE_STORAGE, t0 + LL_SECOND);
        ck_assert(!ll_notice_book_due(b, t0 + LL_SECOND, &m));
        ll_notice_book_result(b, &sent, arrives ? LL_NOTICE_DELIVERED : LL_NOTICE_LATER, 0, "",
                              t0 + 2 * LL_SECOND);
        ck_assert_int_eq(due_after(b, t0, t0 + LL_HOUR, &m), arrives ? LL_SECOND : -1);
        ck_assert_uint_eq(ll_notice_book_open(b), (size_t)arrives);
        if (arrives)
            ck_assert(m.items[0].resolved);
    }
}
END_TEST

START_TEST(what_becomes_worse_while_it_is_told_is_told_again)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    struct ll_notice_item item;
    struct ll_notice n, worse = notice(LL_NOTICE_STORAGE, "storage", "");
    worse.severity = LL_SEVERITY_WARNING;
    ck_assert(ll_notice_book_raise(b, &worse, t0));
    ck_assert(ll_notice_book_due(b, t0, &m));
    struct ll_notice_message sent = copy_of(&m, &item, &n);
    worse.severity = LL_SEVERITY_CRITICAL;
    ck_assert(ll_notice_book_raise(b, &worse, t0 + LL_SECOND));
    deliver(b, &sent, t0 + 2 * LL_SECOND);
    ck_assert(ll_notice_book_due(b, t0 + 2 * LL_SECOND, &m));
    ck_assert_int_eq(m.items[0].notice->severity, LL_SEVERITY_CRITICAL);
}
END_TEST

START_TEST(what_happened_and_was_told_is_not_opened_again)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    raise_at(b, LL_NOTICE_FAILED, "action/1", t0);
    ck_assert(ll_notice_book_due(b, t0, &m));
    deliver(b, &m, t0);
    raise_at(b, LL_NOTICE_FAILED, "action/1", t0 + LL_MINUTE); /* found in the store once more */
    ck_assert_int_eq(due_after(b, t0, t0 + LL_HOUR, &m), -1);
    ck_assert_uint_eq(ll_notice_book_open(b), 0);
}
END_TEST

START_TEST(what_is_told_makes_room)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    char key[32];
    raise_at(b, LL_NOTICE_FAILED, "action/told", t0);
    ck_assert(ll_notice_book_due(b, t0, &m));
    deliver(b, &m, t0);
    for (int i = 1; i <= LL_NOTICE_BOOK_MAX; i++) {
        snprintf(key, sizeof(key), "source/%d", i);
        raise_at(b, LL_NOTICE_SOURCE, key, t0);
    }
    ck_assert_uint_eq(ll_notice_book_overflow(b), 0);
}
END_TEST

/* --- another life --- */

/* The book as it is found after a restart. */
static struct ll_notice_book *again(const struct ll_notice_book *b,
                                    const struct ll_notice_policy *p, ll_time now)
{
    struct ll_str text;
    struct ll_err err;
    ll_time seen;
    struct ll_notice_book *next = ll_notice_book_new(p);
    ll_str_init(&text, LL_NOTICE_KEPT_MAX);
    ll_notice_book_write(b, t0, &text);
    ck_assert(!text.failed);
    ck_assert_msg(ll_notice_book_read(next, (struct ll_slice){text.s, text.n}, now, &seen, &err),
                  "%s: %s", err.text, ll_str_z(&text));
    ck_assert_int_eq(seen, t0);
    ll_str_fini(&text);
    return next;
}

START_TEST(what_was_not_delivered_is_due_after_a_restart)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    struct ll_notice n = notice(LL_NOTICE_FAILED, "action/\"1\"", "gateway");
    LL_NOTICE_PUT(n.owner, LL_SLICE("ann"));
    LL_NOTICE_PUT(n.text, LL_SLICE("a\\b \xe2\x82\xac"));
    ck_assert(ll_notice_book_raise(b, &n, t0));
    ck_assert(ll_notice_book_due(b, t0, &m)); /* on its way when the process ends */
    LL_AUTO(ll_notice_book) next = again(b, &usual, t0 + LL_MINUTE);
    ck_assert(ll_notice_book_due(next, t0 + LL_MINUTE, &m));
    ck_assert_uint_eq(m.n, 1);
    ck_assert_str_eq(m.items[0].notice->key, n.key);
    ck_assert_str_eq(m.items[0].notice->owner, "ann");
    ck_assert_str_eq(m.items[0].notice->text, n.text);
    ck_assert_int_eq(m.items[0].notice->severity, LL_SEVERITY_CRITICAL);
    deliver(next, &m, t0 + LL_MINUTE);
    LL_AUTO(ll_notice_book) third = again(next, &usual, t0 + 2 * LL_MINUTE);
    ck_assert(ll_notice_book_raise(third, &n, t0 + 2 * LL_MINUTE));
    ck_assert_int_eq(due_after(third, t0, t0 + 50 * LL_MINUTE, &m), -1); /* nothing twice */
}
END_TEST

START_TEST(a_proposal_keeps_its_reminders_through_a_restart)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    struct ll_notice n = notice(LL_NOTICE_PROPOSAL, "proposal/1", "gateway");
    n.deadline = t0 + 2 * LL_HOUR;
    LL_NOTICE_PUT(n.on_expiry, LL_SLICE("hold"));
    ck_assert(ll_notice_book_raise(b, &n, t0));
    ck_assert(ll_notice_book_due(b, t0, &m));
    deliver(b, &m, t0);
    LL_AUTO(ll_notice_book) next = again(b, &usual, t0 + LL_MINUTE);
    ck_assert_int_eq(due_after(next, t0, t0 + LL_DAY, &m), LL_HOUR);
    ck_assert(m.items[0].reminder);
    ck_assert_str_eq(m.items[0].notice->on_expiry, "hold");
}
END_TEST

START_TEST(what_lasts_has_time_to_show_itself_after_a_restart)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    raise_at(b, LL_NOTICE_STORAGE, "storage", t0);
    ck_assert(ll_notice_book_due(b, t0, &m));
    deliver(b, &m, t0);
    for (int shows = 0; shows <= 1; shows++) {
        LL_AUTO(ll_notice_book) next = again(b, &usual, t0 + LL_MINUTE);
        ll_dur over = -1;
        for (ll_time t = t0 + LL_MINUTE; over < 0 && t < t0 + LL_HOUR; t += LL_SECOND) {
            ll_notice_book_mark(next, LL_NOTICE_STORAGE);
            if (shows && t == t0 + 2 * LL_MINUTE)
                raise_at(next, LL_NOTICE_STORAGE, "storage", t);
            ll_notice_book_sweep(next, LL_NOTICE_STORAGE, t);
            if (ll_notice_book_due(next, t, &m))
                over = t - t0;
        }
        ck_assert(m.items[0].resolved);
        /* once it has shown itself it is over as soon as it does not */
        ck_assert_int_eq(over, shows ? 2 * LL_MINUTE + LL_SECOND : LL_MINUTE + LL_NOTICE_SETTLE);
    }
}
END_TEST

START_TEST(another_receiver_after_a_restart_is_told_anew)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    raise_at(b, LL_NOTICE_STORAGE, "storage", t0);
    ck_assert(ll_notice_book_due(b, t0, &m));
    deliver(b, &m, t0);
    struct ll_notice_policy moved = usual;
    const struct ll_notice_route all = {.receiver = LL_SLICE("desk")};
    moved.routes = &all;
    moved.n_routes = 1;
    LL_AUTO(ll_notice_book) next = again(b, &moved, t0 + LL_MINUTE);
    ck_assert(ll_notice_book_due(next, t0 + LL_MINUTE, &m));
    ck_assert_str_eq(m.to, "desk");
}
END_TEST

START_TEST(a_clock_that_was_set_back_holds_nothing_up)
{
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
    struct ll_notice_message m;
    raise_at(b, LL_NOTICE_STORAGE, "storage", t0);
    ck_assert(ll_notice_book_due(b, t0, &m));
    deliver(b, &m, t0);
    struct ll_str text;
    struct ll_err err;
    ll_time seen;
    const ll_time now = t0 - 10 * LL_DAY;
    LL_AUTO(ll_notice_book) next = ll_notice_book_new(&usual);
    ll_str_init(&text, LL_NOTICE_KEPT_MAX);
    ll_notice_book_write(b, t0, &text);
    ck_assert(ll_notice_book_read(next, (struct ll_slice){text.s, text.n}, now, &seen, &err));
    ll_str_fini(&text);
    ck_assert_int_eq(seen, now);
    ck_assert_int_eq(due_after(next, now, now + LL_DAY, &m), 4 * LL_HOUR);
}
END_TEST

START_TEST(what_was_not_written_by_us_is_refused)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "{}x",
        "{\"notices\":{}}",
        "{\"notices\":[{}]}",
        "{\"seen\":\"x\"}",
        "{\"notices\":[{\"kind\":\"proposal\",\"severity\":\"warning\"}]}",
        "{\"notices\":[{\"kind\":\"x\",\"severity\":\"info\",\"notice.key\":\"a\"}]}",
        "{\"notices\":[{\"kind\":\"proposal\",\"severity\":\"info\",\"told\":1e99}]}",
        "{\"receivers\":[{\"name\":\"ops\",\"proposal\":true}]}"};
    for (size_t i = 0; i < LL_LEN(texts); i++) {
        struct ll_err err = {0};
        ll_time seen;
        LL_AUTO(ll_notice_book) b = ll_notice_book_new(&usual);
        ck_assert_msg(!ll_notice_book_read(b, ll_slice_of(texts[i]), t0, &seen, &err), "%s",
                      texts[i]);
        ck_assert_int_eq(err.code, LL_E_DAMAGED);
        ck_assert_uint_eq(ll_notice_book_open(b), 0);
    }
}
END_TEST

/* Hostile names stay inside their JSON strings, in every writer. */
START_TEST(what_is_written_is_json)
{
    typedef void writer(const struct ll_notice_sender *s, const struct ll_notice_message *m,
                        struct ll_str *out);
    writer *const writers[] = {ll_notice_write_json, ll_notice_write_alerts, ll_notice_write_slack};
    struct ll_notice_item items[30];
    struct ll_notice n = notice(LL_NOTICE_STATUS, "status/\"}]\x01\\", "a\"b\xff<!channel>");
    LL_NOTICE_PUT(n.title, LL_SLICE("<!channel> \"quoted\" & \xe2\x82\xac\n"));
    const struct ll_notice_sender s = {
        .external_url = "https://l.example/", .receiver = LL_SLICE("o\"ps"), .now = t0};
    for (size_t i = 0; i < LL_LEN(items); i++)
        items[i] = (struct ll_notice_item){.notice = &n, .ending = "", .ended = t0};
    const struct ll_notice_message m = {
        .kind = LL_NOTICE_STATUS, .told = LL_TIME_NONE, .items = items, .n = LL_LEN(items)};
    for (size_t i = 0; i < LL_LEN(writers); i++) {
        struct ll_str text;
        struct ll_json_in in;
        struct ll_json_tok tok = {.kind = LL_JSON_NULL};
        struct ll_err err = {0};
        ll_str_init(&text, LL_NOTICE_BODY_MAX);
        writers[i](&s, &m, &text);
        ck_assert(!text.failed);
        ck_assert_ptr_null(strstr(text.s, writers[i] == ll_notice_write_slack ? "<!" : "\x01"));
        ll_json_in_init(&in, text.s, text.n);
        while (tok.kind != LL_JSON_END)
            ck_assert_msg(ll_json_in_next(&in, &tok, &err), "%zu: %s", i, err.text);
        ll_str_fini(&text);
    }
}
END_TEST

START_TEST(text_is_cut_where_a_character_ends)
{
    char field[6];
    LL_NOTICE_PUT(field, LL_SLICE("abc\xe2\x82\xac"));
    ck_assert_str_eq(field, "abc");
    LL_NOTICE_PUT(field, LL_SLICE("ab\xe2\x82\xac"));
    ck_assert_str_eq(field, "ab\xe2\x82\xac");
    LL_NOTICE_PUT(field, LL_SLICE("a\r\n\xff"));
    ck_assert_str_eq(field, "a  ?");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_first_of_a_kind_waits_for_others,
        what_is_over_before_it_was_told_is_not_told,
        what_was_told_is_told_to_be_over,
        what_lasts_is_repeated_and_marked_as_such,
        a_proposal_is_told_at_once_and_twice_more,
        a_late_proposal_has_one_reminder,
        a_superseded_proposal_is_not_tried_again,
        what_was_said_to_have_ended_is_not_opened_again,
        tries_come_later_and_later_and_as_asked,
        a_refused_message_does_not_hold_up_the_others,
        what_happened_expires_undelivered_and_is_counted,
        a_silence_holds_back_until_it_ends,
        the_first_route_that_fits_counts,
        an_alertmanager_is_told_again_each_minute,
        patterns_of_services,
        another_policy_keeps_what_was_told,
        a_full_book_drops_and_counts,
        a_receiver_that_has_a_message_keeps_no_other_waiting,
        what_ends_while_it_is_told_is_told_to_be_over,
        what_becomes_worse_while_it_is_told_is_told_again,
        what_happened_and_was_told_is_not_opened_again,
        what_is_told_makes_room,
        what_was_not_delivered_is_due_after_a_restart,
        a_proposal_keeps_its_reminders_through_a_restart,
        what_lasts_has_time_to_show_itself_after_a_restart,
        another_receiver_after_a_restart_is_told_anew,
        a_clock_that_was_set_back_holds_nothing_up,
        what_was_not_written_by_us_is_refused,
        what_is_written_is_json,
        text_is_cut_where_a_character_ends,
    };
    return ll_test_run("notice", tests, LL_LEN(tests));
}
