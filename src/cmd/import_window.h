/* One window of an import: all metrics over its time, mapped step by step into cells. */
#ifndef LL_CMD_IMPORT_WINDOW_H
#define LL_CMD_IMPORT_WINDOW_H

#include "cmd/import_ask.h"
#include "cmd/import_cells.h"
#include "mapping/mapper.h"

struct ll_import_window {
    struct ll_import_server *server;
    struct ll_import_metric *metrics;
    size_t n_metrics;
    struct ll_mapper *mapper[LL_IMPORT_KINDS];
    ll_dur step, rate_window;
    bool peaks; /* ask for the maximum of counters' rates too */
    ll_time from, to;
};

/* Fails with LL_E_MEMORY when the window is too much at once: half of it may do. */
LL_MUST_USE bool ll_import_window_read(struct ll_import_window *w, struct ll_import_cells *cells,
                                       struct ll_err *err);

#endif
