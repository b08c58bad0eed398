/* The store writer: the thread that owns the store's write side.
 *
 * Batches are pushed by any thread and committed in groups: whatever waits when a
 * commit ends goes into the next one.  `done` of each batch is called on the writer's
 * thread after its commit was made durable or failed; then the batch is the
 * callee's.  After a failure the writer keeps trying to recover by itself, at most once
 * a second, and meanwhile answers batches with LL_E_STORAGE at once.  After a failed
 * fsync the store is closed and reopened before anything is acknowledged again. */
#ifndef LL_STORE_WRITER_H
#define LL_STORE_WRITER_H

#include "os/clock.h"
#include "store/store.h"

struct ll_writer;

enum ll_writer_state { LL_WRITER_OK, LL_WRITER_FAILED };

struct ll_writer_status {
    enum ll_writer_state state;
    struct ll_err err;                   /* why it failed, when it did */
    double last_commit_ms;               /* NaN before the first */
    uint64_t committed, refused, failed; /* samples, labelled points and rollups */
    uint64_t commits, batches;
    size_t queued;
};

struct ll_writer_opts {
    const struct ll_store_ops *ops;
    struct ll_store_opts store;
    struct ll_clock clock;
    size_t queue_batches; /* 0 = 1024 */
};

/* Opens the store (a failure to open is the caller's error) and starts the thread. */
LL_MUST_USE bool ll_writer_new(const struct ll_writer_opts *opts, struct ll_writer **out,
                               struct ll_err *err);

/* Commits what is queued, within LL_WRITER_GRACE_MS; the rest gets done with LL_E_STORAGE.
 * No other thread may be in a call on w.  Readers are closed first, so that the store ends
 * clean (they stay usable, and the log is then moved at the next start). */
enum { LL_WRITER_GRACE_MS = 5000 };
void ll_writer_free(struct ll_writer *w);

/* Takes the batch over, unless it returns false (LL_E_BUSY: the queue is full). */
LL_MUST_USE bool ll_writer_push(struct ll_writer *w, struct ll_batch *b, struct ll_err *err);

/* An event row, durable when it returns; waits for the writer (never on the writer's thread). */
LL_MUST_USE bool ll_writer_event(struct ll_writer *w, const struct ll_scaling_event *e,
                                 struct ll_err *err);

/* Opens a reader on the same store. */
LL_MUST_USE bool ll_writer_reader(struct ll_writer *w, struct ll_store_reader **out,
                                  struct ll_err *err);

void ll_writer_status(struct ll_writer *w, struct ll_writer_status *out);

#endif
