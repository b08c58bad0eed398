/* Answers kept per published view: rendered when the first one asks, then shared.
 *
 * A hot GET then costs what the HTTP library costs.  Only answers that depend on the
 * view alone are kept; who may see them is decided before, for each request. */
#ifndef LL_API_CACHE_H
#define LL_API_CACHE_H

#include "api/render.h"
#include "api/reply.h"

enum ll_cache_slot {
    LL_CACHE_SUMMARY,
    LL_CACHE_SNAPSHOT,
    LL_CACHE_HEALTH,
    LL_CACHE_SERVICES,
    LL_CACHE_TOP,
    LL_CACHE_SLOTS
};

typedef void ll_cache_render(struct ll_json_out *j, struct ll_api *api,
                             const struct ll_published *p);

struct ll_cache *ll_cache_new(void);
void ll_cache_free(struct ll_cache *c);

/* Answers from the slot, gzipped when the client takes it and it pays, 304 when the
 * client has it already. */
enum MHD_Result ll_cache_reply(struct ll_request *r, enum ll_cache_slot slot,
                               ll_cache_render *render);

#endif
