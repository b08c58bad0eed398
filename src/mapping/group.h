/* Groups: values of one time become one sample. */
#ifndef LL_MAPPING_GROUP_H
#define LL_MAPPING_GROUP_H

#include "mapping/state.h"

enum ll_group_search { LL_GROUP_FOUND, LL_GROUP_NAMELESS /* by these labels */, LL_GROUP_NO_ROOM };
/* The group that a series belongs to; make: where there is none yet. */
enum ll_group_search ll_group_find(struct ll_mapper *m, const struct ll_output *o,
                                   const struct ll_compiled_rule *rule, struct ll_slice labels,
                                   bool make, struct ll_group **out);
void ll_group_join(struct ll_group *g, struct ll_bind *b);
struct ll_group_point {
    ll_time t;
    double v;      /* NaN: it came and tells nothing, so its term is not known */
    ll_dur window; /* what v spans */
    bool grew;     /* the member is new in this round */
    bool nothing;  /* it came and is not counted */
};
void ll_group_put(struct ll_mapper *m, struct ll_bind *b, const struct ll_group_point *p,
                  const struct ll_mapper_out *out);
/* The member begins or ends at t; rounds before it had, or had not, expected it. */
void ll_group_begin(struct ll_group *g, ll_time t);
void ll_group_end(struct ll_mapper *m, struct ll_bind *b, ll_time t,
                  const struct ll_mapper_out *out);
/* Finishes what can be; all: whatever is open. */
void ll_group_settle(struct ll_mapper *m, struct ll_group *g, bool all,
                     const struct ll_mapper_out *out);
/* Says that its series has ended, if it was ever said. */
void ll_group_hide(struct ll_mapper *m, struct ll_group *g, ll_time t,
                   const struct ll_mapper_out *out);
void ll_group_free(struct ll_mapper *m, struct ll_group *g);

#endif
