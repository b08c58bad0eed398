/* What the engine published, as the JSON of docs/reference/http-api.md.
 *
 * Each function writes one value.  Ages are relative to the view's moment, so that a
 * rendering belongs to its view and can be kept as long as that. */
#ifndef LL_API_RENDER_H
#define LL_API_RENDER_H

#include "api/json_out.h"
#include "engine/engine.h"

struct ll_api;

/* The member `notifications` of /status: render_notices.c. */
void ll_render_notices(struct ll_json_out *j, struct ll_engine *e);

void ll_render_metric(struct ll_json_out *j, const struct ll_metric *m);
void ll_render_snapshot(struct ll_json_out *j, const struct ll_published *p, const char *boot);
void ll_render_health(struct ll_json_out *j, const struct ll_view *v);
void ll_render_summary(struct ll_json_out *j, const struct ll_published *p);
/* Kind, source, counts, requests and limits: members of an open object. */
void ll_render_facts(struct ll_json_out *j, const struct ll_service_facts *f,
                     struct ll_slice source);
void ll_render_service(struct ll_json_out *j, const struct ll_view *v,
                       const struct ll_service_row *s);
/* An array of those that `who` may see; NULL = all. */
struct ll_identity;
void ll_render_top(struct ll_json_out *j, const struct ll_view *v, const struct ll_identity *who,
                   size_t limit);
void ll_render_limit(struct ll_json_out *j, const struct ll_view *v, const struct ll_limit *l);
void ll_render_status(struct ll_json_out *j, struct ll_api *api, const struct ll_published *p);
/* The events above `after`, newest first, as an array; returns the highest id seen. */
uint64_t ll_render_events(struct ll_json_out *j, struct ll_engine *e, uint64_t after, size_t max);

/* "service", "resource_type", "instance", "part" of a key, inside an open object. */
void ll_render_key(struct ll_json_out *j, const struct ll_series_key *key);

#endif
