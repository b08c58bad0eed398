/* The kinds of sources that the configuration can name: how each is opened (internal). */
#ifndef LL_ENGINE_SOURCE_KINDS_H
#define LL_ENGINE_SOURCE_KINDS_H

#include "collect/collect.h"
#include "collect/source.h"
#include "config/config.h"

enum { LL_SOURCE_KINDS = 3 };

struct ll_source_kind {
    const char *name;
    const char *shared; /* the mapper all of the kind share; NULL = one for each */
    size_t (*count)(const struct ll_config *c);
    struct ll_slice (*name_of)(const struct ll_config *c, size_t i);
    const void *(*entry)(const struct ll_config *c, size_t i);
    ll_dur (*interval)(const void *entry);
    void (*url)(const void *entry, char *out, size_t size);
    /* Opens one of the two; what it keeps of c lives until it is closed. */
    bool (*open)(const struct ll_config *c, const void *entry, uint64_t seed,
                 struct ll_source **source, struct ll_collector **collector, struct ll_err *err);
};

extern const struct ll_source_kind ll_source_kinds[LL_SOURCE_KINDS];

/* The entry of that name; NULL = there is none. */
const void *ll_source_entry(const struct ll_source_kind *k, const struct ll_config *c,
                            const char *name);

#endif
