/* The HTTP library, set up: sockets, threads, limits, and the calls it makes. */
#ifndef LL_API_SERVER_H
#define LL_API_SERVER_H

#include "api/context.h"

/* Binds every address; *beyond says whether one of them is not loopback.  Nothing is
 * accepted yet.  Fails with LL_E_CONFIG (address) or LL_E_IO (bind). */
LL_MUST_USE bool ll_server_bind(struct ll_api *api, const struct ll_config *config, bool *beyond,
                                struct ll_err *err);

/* Starts the threads. */
LL_MUST_USE bool ll_server_start(struct ll_api *api, struct ll_err *err);

/* Ends the threads.  No connection may be asleep. */
void ll_server_stop(struct ll_api *api);

#endif
