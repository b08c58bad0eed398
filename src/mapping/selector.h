/* Series selectors as in PromQL: name{a="b",c!="d",e=~"f.*",g!~"h|i"}.
 *
 * Regular expressions are anchored at both ends.  They are PCRE2's with its limits on work set
 * low, so that no pattern can hang (decision 6); what RE2 takes means the same. */
#ifndef LL_MAPPING_SELECTOR_H
#define LL_MAPPING_SELECTOR_H

#include "core/labels.h"

struct ll_selector;

enum { LL_SELECTOR_BYTES_MAX = 4096, LL_SELECTOR_MATCHERS_MAX = 32 };

/* Needs at least one matcher that an empty value does not satisfy, as Prometheus does.  Fails
 * with LL_E_INVALID and err->column. */
LL_MUST_USE bool ll_selector_parse(struct ll_slice text, struct ll_selector **out,
                                   struct ll_err *err);
void ll_selector_free(struct ll_selector *s);
LL_AUTO_DEFINE(ll_selector, ll_selector_free)

/* labels: an encoded set.  A label that is not there is the empty value. */
bool ll_selector_match(const struct ll_selector *s, struct ll_slice labels);
/* The same, where the label __source__ is `source`, unless that is empty. */
bool ll_selector_match_from(const struct ll_selector *s, struct ll_slice labels,
                            struct ll_slice source);

/* The metric name it asks for by equality; empty when it asks for none. */
struct ll_slice ll_selector_name(const struct ll_selector *s);

#endif
