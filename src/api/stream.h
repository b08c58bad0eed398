/* What the hub of the event stream reads: the engine's publications. */
#ifndef LL_API_STREAM_H
#define LL_API_STREAM_H

#include "api/hub.h"

struct ll_api;
struct ll_hub_source ll_stream_source(struct ll_api *api);

#endif
