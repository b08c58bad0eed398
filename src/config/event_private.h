/* Between the files that read events; nobody else includes it. */
#ifndef LL_CONFIG_EVENT_PRIVATE_H
#define LL_CONFIG_EVENT_PRIVATE_H

#include "config/event_file.h"
#include "config/schema.h"

/* A rule or list as it is read. */
struct ll_event_raw {
    struct ll_event_rule rule;
    struct ll_slice table;
    struct ll_slice ics, match;
};

struct ll_event_raw_file {
    struct ll_slice name, calendar, extends;
    const char *const *sources;
    struct ll_event_raw *lists, *rules;
    size_t n_lists, n_rules;
};

/* One file being read; the context of the reader. */
struct ll_event_reading {
    const struct ll_event_file *file;
    struct ll_schema_reader *r;
    bool is_under; /* another file extends it */
};

/* What rows cannot say of one item. */
ll_schema_finish ll_event_finish_rule, ll_event_finish_list;

/* The checks across items; `under` are the rules that the file extends. */
void ll_event_check(struct ll_event_reading *k, struct ll_event_raw_file *raw,
                    const struct ll_event_rules *under);

#endif
