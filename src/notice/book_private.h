/* Between the files of the book of notices; nobody else includes it. */
#ifndef LL_NOTICE_BOOK_PRIVATE_H
#define LL_NOTICE_BOOK_PRIVATE_H

#include "notice/book.h"

struct ll_notice_entry {
    struct ll_notice notice;
    size_t receiver;
    bool gone, marked, again; /* again: it is worse than what was told */
    bool sending;             /* a message with it is on its way */
    ll_time raised, told;     /* told: LL_TIME_NONE = never */
    ll_time ended;
    ll_time settles; /* of another life: not over before that only because nobody raises it */
    char ending[192];
};

/* Of one kind for one receiver. */
struct ll_notice_group {
    ll_time told;      /* the last message; LL_TIME_NONE = none yet */
    ll_time try_again; /* LL_TIME_NONE = now */
    unsigned refusals; /* in a row */
};

struct ll_notice_state { /* of a receiver */
    struct ll_notice_group groups[LL_NOTICE_KINDS];
    struct ll_notice_counts counts;
    ll_time try_again;
    bool busy; /* a message is on its way */
    char name[128];
};

struct ll_notice_book {
    const struct ll_notice_policy *policy;
    struct ll_notice_entry **entries;
    size_t n;
    uint64_t overflow, changes;
    struct ll_notice_item items[LL_NOTICE_BOOK_MAX];
    struct ll_notice_state receivers[LL_NOTICE_RECEIVERS_MAX];
};

/* The entry of that key; b->n when there is none. */
size_t ll_notice_book_find(const struct ll_notice_book *b, struct ll_slice key);
/* A new one, zero; NULL when the book is full. */
struct ll_notice_entry *ll_notice_book_add(struct ll_notice_book *b);

#endif
