/* A request on its way in: its address and headers read, and whether it may pass. */
#ifndef LL_API_REQUEST_H
#define LL_API_REQUEST_H

#include "api/context.h"

/* Bodies of refused requests up to this many bytes are read and dropped, so that the client
 * gets to see the answer and may keep its connection. */
enum { LL_REQUEST_DRAIN_MAX = 64 << 10 };

/* Copies the address as it was sent; NULL without memory. */
struct ll_request *ll_request_new(struct ll_api *api, const char *uri);
void ll_request_free(struct ll_request *r);

/* Reads the headers and decides: route, host, origin, who, body, parameters.  What it
 * refuses is kept in r->refusal. */
void ll_request_admit(struct ll_request *r, const char *method);

/* What stands in the path for the {…} of its route, which has one. */
struct ll_slice ll_request_id(const struct ll_request *r);

/* The announced length; true when there is none or it is chunked (*length = 0). */
bool ll_request_length(const struct ll_request *r, uint64_t *length, bool *announced);

/* Answers a refused one. */
enum MHD_Result ll_request_refuse(struct ll_request *r);

/* Takes a part of the body, or refuses the request when it is too much. */
void ll_request_add(struct ll_request *r, const char *data, size_t n);

#endif
