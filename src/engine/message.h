/* What other threads send to the engine's: each message owns what it carries. */
#ifndef LL_ENGINE_MESSAGE_H
#define LL_ENGINE_MESSAGE_H

#include "core/sample.h"

struct ll_shared_config; /* internal.h */

enum ll_engine_msg_kind {
    LL_MSG_BATCH,
    LL_MSG_RELOAD,
    LL_MSG_FORECAST,
    LL_MSG_ACTOR,   /* actors.h */
    LL_MSG_KEPT,    /* scaling_keep.c */
    LL_MSG_COMMAND, /* scaling_commands.c */
    LL_MSG_STOP
};

struct ll_forecast_job; /* forecasts_private.h */

struct ll_engine_msg {
    enum ll_engine_msg_kind kind;
    struct ll_batch *batch;
    struct ll_shared_config *config;
    struct ll_forecast_job *forecast;
    void *scaling; /* of ACTOR, KEPT, COMMAND */
};

#endif
