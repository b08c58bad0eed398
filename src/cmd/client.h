/* Asking a daemon: its answers as JSON, its problems as errors.
 *
 * Who does not answer is LL_E_UNREACHABLE; a problem+json becomes the error of its status
 * with its detail, and what to do next is said with it. */
#ifndef LL_CMD_CLIENT_H
#define LL_CMD_CLIENT_H

#include "cmd/ctx.h"
#include "cmd/json.h"

/* GET of a path below the server ("/api/v1/summary"); *out is a new reference. */
LL_MUST_USE bool ll_client_get(struct ll_ctx *c, const char *path, json_t **out,
                               struct ll_err *err);

/* GET of something long: on_data takes it piece by piece; false of it ends the reading with the
 * error it has left in *err.  --timeout bounds it only when it was given. */
LL_MUST_USE bool ll_client_stream(struct ll_ctx *c, const char *path, const char *accept,
                                  bool (*on_data)(void *ctx, const char *bytes, size_t n),
                                  void *ctx, struct ll_err *err);

/* POST of JSON (body NULL = empty); *out is a new reference, NULL when the answer is empty (204).
 * An answer that lists what was rejected is an answer, also when that was all. */
LL_MUST_USE bool ll_client_post(struct ll_ctx *c, const char *path, const struct ll_str *body,
                                json_t **out, struct ll_err *err);

/* PUT, POST or DELETE of a body (NULL = empty) of that type (NULL = JSON); *out is a new reference,
 * NULL when the answer is empty.  Every answer from 400 on is an error. */
LL_MUST_USE bool ll_client_send(struct ll_ctx *c, enum ll_http_method method, const char *path,
                                const struct ll_str *body, const char *type, json_t **out,
                                struct ll_err *err);

/* The status of a GET, whatever it is; the body is dropped. */
LL_MUST_USE bool ll_client_probe(struct ll_ctx *c, const char *path, int *status,
                                 struct ll_err *err);

/* All items of a list, page after page, at most max (0 = all). */
LL_MUST_USE bool ll_client_list(struct ll_ctx *c, const char *path, size_t max, json_t **out,
                                struct ll_err *err);

/* Appends "/" and a name, escaped. */
void ll_client_segment(struct ll_str *path, const char *name);

/* Appends `key=value`, escaped, behind ? or &. */
void ll_client_query(struct ll_str *path, const char *key, const char *value);

/* Where the daemon is: --server, $LOADLINE_SERVER, the default. */
const char *ll_client_server(const struct ll_ctx *c);

#endif
