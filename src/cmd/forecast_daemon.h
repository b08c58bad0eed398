/* `loadline forecast SERVICE RESOURCE`: the forecast in force of a daemon. */
#ifndef LL_CMD_FORECAST_DAEMON_H
#define LL_CMD_FORECAST_DAEMON_H

#include "cmd/ctx.h"

LL_MUST_USE bool ll_forecast_daemon(struct ll_ctx *c, const char *service, const char *resource,
                                    struct ll_err *err);

#endif
