/* The book of notices on disk: notices.json beside the database, replaced whole when something
 * became due, was delivered or ended.  What happened and is not in it (the process was killed in
 * between) is found in the store, where it is before it is told. */
#include <limits.h>
#include <stdio.h>

#include "engine/notices_private.h"
#include "os/file.h"
#include "store/store.h"

enum { ACTIONS_MAX = 10000 };

/* How long an action may have been proposed before it ended. */
static const ll_dur proposed_span = 7 * LL_DAY;

static bool path_of(const struct ll_notices *n, char path[static PATH_MAX])
{
    const char *folder = n->config->config->storage.path;
    const int length = folder ? snprintf(path, PATH_MAX, "%s/notices.json", folder) : 0;
    return length > 0 && length < PATH_MAX;
}

void ll_notices_save(struct ll_notices *n)
{
    char path[PATH_MAX];
    struct ll_str text;
    struct ll_err err = {0};
    const uint64_t changes = ll_notice_book_changes(n->book);
    if ((changes == n->kept && !n->keep_failed) || !path_of(n, path))
        return;
    ll_str_init(&text, LL_NOTICE_KEPT_MAX);
    ll_notice_book_write(n->book, n->seen, &text);
    const bool ok = text.failed ? ll_err_set(&err, LL_E_MEMORY, "no memory for the notices")
                                : ll_file_replace(path, text.s, text.n, &err);
    ll_str_fini(&text);
    if (!ok && !n->keep_failed)
        LL_LOG(LL_LOG_ERROR, "notices cannot be kept: a restart would tell some again",
               LL_KV("error", err.text));
    n->keep_failed = !ok;
    if (ok)
        n->kept = changes;
}

struct replay {
    struct ll_notices *n;
    const struct ll_scaling_book *b;
    ll_time from, now;
};

static bool replay_action(void *ctx, const struct ll_scaling_event *e)
{
    struct replay *r = ctx;
    struct ll_notices_event x;
    const struct ll_held_target *t = ll_scaling_book_target(r->b, e->target);
    if (t && e->changed >= r->from && ll_notices_of_action(t->target, e, &x))
        ll_notices_take(r->n, &x, r->now);
    return true;
}

/* What ended since the book was written, or while nobody looked. */
static void replay(struct ll_notices *n, ll_time now)
{
    static const enum ll_action_state states[] = {LL_ACTION_APPLIED,  LL_ACTION_NOT_APPLIED,
                                                  LL_ACTION_FAILED,   LL_ACTION_EXPIRED,
                                                  LL_ACTION_REJECTED, LL_ACTION_SUPERSEDED};
    struct ll_err err = {0};
    struct ll_store_reader *reader = ll_engine_reader_take(n->e);
    struct replay r = {.n = n, .now = now, .from = LL_MAX(n->seen, now - LL_NOTICE_EXPIRY)};
    if (!reader)
        return;
    r.b = ll_engine_scaling(n->e);
    for (size_t i = 0; i < LL_LEN(states); i++) {
        const struct ll_actions_query q = {
            .state = (int)states[i], .from = r.from - proposed_span, .limit = ACTIONS_MAX};
        if (!reader->ops->each_action(reader, &q, replay_action, &r, &err))
            LL_LOG(LL_LOG_WARN, "what happened before the start is not told",
                   LL_KV("error", err.text));
    }
    ll_engine_scaling_release(r.b);
    ll_engine_reader_give(n->e, reader);
}

static void note_trusted(void *ctx, const struct ll_notice *x)
{
    static const struct ll_slice prefix = {"forecast/", 9};
    const struct ll_slice key = ll_slice_of(x->key);
    if (key.n > prefix.n)
        ll_notices_trusted(ctx, (struct ll_slice){key.s + prefix.n, key.n - prefix.n});
}

void ll_notices_restore(struct ll_notices *n, ll_time now)
{
    char path[PATH_MAX];
    struct ll_str text;
    struct ll_err err = {0};
    n->seen = now;
    if (!path_of(n, path) || !ll_file_exists(path))
        return;
    ll_str_init(&text, LL_NOTICE_KEPT_MAX + 1);
    const bool ok = ll_file_read(path, LL_NOTICE_KEPT_MAX, &text, &err) &&
                    ll_notice_book_read(n->book, (struct ll_slice){text.s ? text.s : "", text.n},
                                        now, &n->seen, &err);
    ll_str_fini(&text);
    if (!ok)
        LL_LOG(LL_LOG_ERROR, "notices.json cannot be read: some may be told again",
               LL_KV("error", err.text));
    ll_notice_book_each(n->book, LL_NOTICE_FORECAST, note_trusted, n);
    replay(n, now);
}
