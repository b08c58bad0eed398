/* What the agent keeps in its queue: samples as the JSON items of POST /metrics, packed.
 *
 *     version 1 | raw bytes u32 | samples u32 | zlib stream of the items, with commas between
 * Items are sent as they were kept, so that what is in the queue needs no other reading. */
#ifndef LL_AGENT_RECORD_H
#define LL_AGENT_RECORD_H

#include "core/sample.h"

enum {
    LL_AGENT_RECORD_RAW_MAX = 96 << 10, /* bytes of items; packed they fit a record of the spool */
    LL_AGENT_RECORD_SAMPLES_MAX = 2000
};

/* Appends {"service":...}; what is not known is left out. */
void ll_agent_record_item(struct ll_str *out, const struct ll_sample *s);

/* Appends the packed form; fails with LL_E_MEMORY, or LL_E_TOO_LARGE over the limits above. */
LL_MUST_USE bool ll_agent_record_pack(struct ll_slice items, size_t samples, struct ll_str *out,
                                      struct ll_err *err);

/* Appends the items; *samples is how many.  Fails with LL_E_DAMAGED or LL_E_MEMORY; *out is as
 * it was then. */
LL_MUST_USE bool ll_agent_record_unpack(struct ll_slice record, struct ll_str *out, size_t *samples,
                                        struct ll_err *err);

#endif
