/* /metrics: the view and Loadline itself, as Prometheus text 0.0.4 or OpenMetrics 1.0. */
#ifndef LL_API_EXPOSITION_H
#define LL_API_EXPOSITION_H

#include "api/context.h"

#define LL_EXPOSITION_TEXT "text/plain; version=0.0.4; charset=utf-8"
#define LL_EXPOSITION_OPENMETRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"

void ll_exposition_render(struct ll_str *out, struct ll_api *api, bool openmetrics);

#endif
