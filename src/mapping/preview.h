/* What another mapping would make of the series that are known now: the live diff of
 * `loadline check mapping`.
 *
 * Both mappings see the same labels, with a value that makes every recipe yield, so what differs
 * is the names and not the moment. */
#ifndef LL_MAPPING_PREVIEW_H
#define LL_MAPPING_PREVIEW_H

#include "core/labeled.h"
#include "mapping/mapping.h"

/* One part of a service's resource, and how many instances it has under each mapping. */
struct ll_preview_row {
    struct ll_slice service, part;
    enum ll_resource_type type;
    size_t before, after;
};

struct ll_preview_count {
    size_t services, outputs, mapped, unmatched, dropped;
};

struct ll_preview {
    const struct ll_preview_row *rows; /* those that differ, by service, type, part */
    size_t n;
    size_t same; /* rows that do not differ */
    struct ll_preview_count before, after;
};

/* The source of each series is its label __source__, which is taken off.  Results live in the
 * arena.  Fails with LL_E_MEMORY. */
LL_MUST_USE bool ll_preview(const struct ll_labeled_set *known, const struct ll_mapping *before,
                            const struct ll_mapping *after, uint64_t seed, struct ll_arena *out,
                            struct ll_preview *res, struct ll_err *err);

#endif
