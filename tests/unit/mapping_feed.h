/* Feeds a mapper from lines of Prometheus' text form and keeps what it says as lines:
 *     sample  SERVICE TYPE INSTANCE PART VALUE CAPACITY [primary]
 * so that a test reads as input and output. */
#ifndef LL_TESTS_UNIT_MAPPING_FEED_H
#define LL_TESTS_UNIT_MAPPING_FEED_H

#include "mapping/mapper.h"

struct ll_feed {
    struct ll_mapping *mapping;
    struct ll_mapper *mapper;
    struct ll_str said; /* lines, in the order they came */
    ll_time now;        /* of arrival; the time of points unless a line says "@ms" */
    size_t samples, ends, facts, business;
};

/* Fails the test when it cannot. */
void ll_feed_init(struct ll_feed *f, const struct ll_mapping_rule *rules, size_t n);
void ll_feed_fini(struct ll_feed *f);

/* All series are looked up first and put afterwards, as one request.  A value may be STALE. */
void ll_feed_put(struct ll_feed *f, ll_time t, const char *text);
void ll_feed_kind(struct ll_feed *f, ll_time t, enum ll_labeled_kind kind, const char *text);
void ll_feed_close(struct ll_feed *f, ll_time now, enum ll_mapper_round round);

/* The line that begins with the text, without its end; NULL = nobody said it. */
const char *ll_feed_line(const struct ll_feed *f, const char *start);
void ll_feed_clear(struct ll_feed *f);

/* A line of text as an encoded set; returns what stands behind it. */
const char *ll_feed_labels(const char *line, struct ll_str *out);

extern const struct ll_mapper_out ll_feed_out; /* ctx is filled in by ll_feed_to */
struct ll_mapper_out ll_feed_to(struct ll_feed *f);

/* A rule with nothing set. */
struct ll_mapping_rule ll_feed_rule(const char *const *match);

#endif
