/* Notifications in the daemon: a thread that looks at what the engine shows, and tells people.
 *
 * What lasts (a source is down, a proposal waits) is read from the published view, book and status
 * once a second, so it cannot be missed; what happened (an action was applied) is handed over by
 * the engine's thread, which never waits: a full queue drops and counts.  Receivers are spoken to
 * side by side, each on a thread of its message.  What is due is kept on disk. */
#ifndef LL_ENGINE_NOTICES_H
#define LL_ENGINE_NOTICES_H

#include "core/records.h"
#include "engine/notices_send.h"

struct ll_config;
struct ll_engine;
struct ll_target;
struct ll_notices;

struct ll_notices_status {
    struct ll_notices_receiver {
        char name[128];
        const char *kind; /* "webhook", … */
        struct ll_notice_counts counts;
    } receivers[LL_NOTICE_RECEIVERS_MAX];
    size_t n_receivers;
    size_t open, silenced; /* notices */
    uint64_t lost;         /* notices for which there was no room */
};
void ll_engine_notices_status(struct ll_engine *e, struct ll_notices_status *out);

/* Sends a test to the receiver and waits for what comes back; on the caller's thread.  An empty
 * name is the first.  Fails with LL_E_NOT_FOUND when there is none of that name. */
LL_MUST_USE bool ll_engine_notify_test(struct ll_engine *e, struct ll_slice receiver,
                                       struct ll_notices_reply *out, struct ll_err *err);

/* The same with a configuration alone. */
LL_MUST_USE bool ll_notices_test(struct ll_notices_way *w, const struct ll_config *c,
                                 struct ll_slice receiver, ll_time now,
                                 struct ll_notices_reply *out, struct ll_err *err);

/* Of the engine's own files: life, and what its thread hands over. */
struct ll_notices *ll_notices_new(struct ll_engine *e);
LL_MUST_USE bool ll_notices_start(struct ll_notices *n, struct ll_err *err);
void ll_notices_stop(struct ll_notices *n);
void ll_notices_free(struct ll_notices *n); /* NULL too */
/* An action or proposal is no longer what it was. */
void ll_notices_action(struct ll_notices *n, const struct ll_target *t,
                       const struct ll_scaling_event *e);
void ll_notices_calendar(struct ll_notices *n, struct ll_slice code, const char *title,
                         const char *text);

#endif
