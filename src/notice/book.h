/* Which notices are open, and what is to be told to whom now: grouping, reminders, silences, and
 * what could not be delivered.
 *
 * Notices of one kind for one receiver are one group, and one message.  What is told is told from
 * the state of the moment: a message that could not be delivered is written anew at its next try,
 * so a proposal that was superseded meanwhile is not in it any more.  Not for two threads. */
#ifndef LL_NOTICE_BOOK_H
#define LL_NOTICE_BOOK_H

#include "notice/notice.h"

enum { LL_NOTICE_BOOK_MAX = 1000 };

/* What happened is not told when it could not be delivered for so long. */
#define LL_NOTICE_EXPIRY LL_HOUR
#define LL_NOTICE_BACKOFF_MAX (5 * LL_MINUTE)
/* An Alertmanager forgets what it is not told again; it has its own repeat_interval. */
#define LL_NOTICE_ALERT_REPEAT LL_MINUTE

struct ll_notice_book;

struct ll_notice_item {
    const struct ll_notice *notice;
    bool resolved;      /* it has ended */
    bool reminder;      /* the time for an answer runs out */
    const char *ending; /* how it ended; "" = it is over */
    ll_time ended;      /* of the resolved */
};

struct ll_notice_message {
    size_t receiver; /* index into the policy's */
    const char *to;  /* its name */
    enum ll_notice_kind kind;
    bool repeat;  /* nothing is new */
    ll_time at;   /* when it was asked for: what is told is what was true then */
    ll_time told; /* when the receiver had the last of this kind; LL_TIME_NONE = never */
    struct ll_notice_item *items;
    size_t n;
};

struct ll_notice_counts {  /* of one receiver */
    uint64_t sent, failed; /* messages */
    uint64_t dropped;      /* notices that expired undelivered */
    size_t waiting;        /* notices that are due and not delivered */
    unsigned failures;     /* in a row */
    ll_time last_sent;     /* LL_TIME_NONE = never */
    char error[256];       /* of the last failure; "" = the last was delivered */
};

/* The policy is borrowed; it stays until the book is freed or another is followed. */
struct ll_notice_book *ll_notice_book_new(const struct ll_notice_policy *p);
void ll_notice_book_free(struct ll_notice_book *b);
LL_AUTO_DEFINE(ll_notice_book, ll_notice_book_free)
/* Another policy: receivers keep what they were told by their name. */
void ll_notice_book_follow(struct ll_notice_book *b, const struct ll_notice_policy *p);

/* Opens it; one that is open already gets the words of this one.  False when the book is full,
 * which it counts. */
bool ll_notice_book_raise(struct ll_notice_book *b, const struct ll_notice *n, ll_time now);
/* Ends it; an open one that nobody was told of is forgotten.  ending: how, or NULL. */
void ll_notice_book_clear(struct ll_notice_book *b, struct ll_slice key, const char *ending,
                          ll_time now);
/* Ends all standing ones of the kind whose key was not raised since `mark` was called. */
void ll_notice_book_mark(struct ll_notice_book *b, enum ll_notice_kind k);
void ll_notice_book_sweep(struct ll_notice_book *b, enum ll_notice_kind k, ll_time now);

/* The next message that is due; false when there is none.  Its receiver has none other until
 * ll_notice_book_result follows, which may come later and with a copy: the message itself is valid
 * until the book's next call. */
LL_MUST_USE bool ll_notice_book_due(struct ll_notice_book *b, ll_time now,
                                    struct ll_notice_message *out);

enum ll_notice_result {
    LL_NOTICE_DELIVERED,
    LL_NOTICE_LATER,  /* the receiver cannot: all of its messages wait */
    LL_NOTICE_REFUSED /* it does not want this one: the others go on */
};
/* retry_after: what the receiver asked for, 0 = nothing. */
void ll_notice_book_result(struct ll_notice_book *b, const struct ll_notice_message *m,
                           enum ll_notice_result r, ll_dur retry_after, const char *error,
                           ll_time now);

void ll_notice_book_counts(const struct ll_notice_book *b, size_t receiver, ll_time now,
                           struct ll_notice_counts *out);
size_t ll_notice_book_open(const struct ll_notice_book *b);
size_t ll_notice_book_silenced(const struct ll_notice_book *b, ll_time now);
uint64_t ll_notice_book_overflow(const struct ll_notice_book *b); /* notices it had no room for */

/* The book as text, to outlive the process: what is open, and what each receiver was told of it.
 * `seen`: until when what happened is in it. */
enum { LL_NOTICE_KEPT_MAX = 8 << 20 };
void ll_notice_book_write(const struct ll_notice_book *b, ll_time seen, struct ll_str *out);

/* Opens what a text has that the book has not, by the policy of now: another receiver than then is
 * told anew.  What lasts and is not raised again within LL_NOTICE_SETTLE is over.  Fails with
 * LL_E_DAMAGED; what was read before stays. */
#define LL_NOTICE_SETTLE (3 * LL_MINUTE)
LL_MUST_USE bool ll_notice_book_read(struct ll_notice_book *b, struct ll_slice text, ll_time now,
                                     ll_time *seen, struct ll_err *err);

/* Grows with every change of what _write writes, the words of notices aside. */
uint64_t ll_notice_book_changes(const struct ll_notice_book *b);
/* Calls fn for each notice that is open, of that kind. */
void ll_notice_book_each(const struct ll_notice_book *b, enum ll_notice_kind k,
                         void (*fn)(void *ctx, const struct ll_notice *n), void *ctx);

#endif
