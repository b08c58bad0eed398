/* Writing what scaling keeps: between sqlite_scaling.c and who has a transaction open. */
#ifndef LL_STORE_SQLITE_SCALING_H
#define LL_STORE_SQLITE_SCALING_H

#include "store/sqlite.h"

/* What became of each row waits in told[] until the commit; then it is told. */
LL_MUST_USE bool ll_sqlite_put_scaling(struct ll_sqlite_store *s,
                                       const struct ll_scaling_rows *rows,
                                       enum ll_row_refusal *told, struct ll_err *err);
size_t ll_sqlite_count_scaling(const struct ll_scaling_rows *rows);
void ll_sqlite_tell_scaling(struct ll_scaling_rows *rows, const enum ll_row_refusal *told);
LL_MUST_USE bool ll_sqlite_put_event(struct ll_sqlite_store *s, const struct ll_scaling_event *e,
                                     enum ll_row_refusal *why, struct ll_err *err);
/* Drops some decisions from before the cutoff; *done when none is left. */
LL_MUST_USE bool ll_sqlite_decisions_drop(struct ll_sqlite_store *s, ll_time cutoff, bool *done,
                                          struct ll_err *err);

#endif
