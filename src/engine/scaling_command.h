/* A command while it is carried out, for the files that do (internal to the folder). */
#ifndef LL_ENGINE_SCALING_COMMAND_H
#define LL_ENGINE_SCALING_COMMAND_H

#include "engine/scaling_keep.h"

enum { LL_COMMAND_ERRS = 8 };

struct ll_scaling_command_run {
    struct ll_scaling_command_run *next;
    struct ll_arena *arena;
    struct ll_scaling_command c;
    struct ll_scope scope;
    void (*done)(void *ctx, const struct ll_scaling_answer *a);
    void *ctx;
    struct ll_scaling_answer answer;
    struct ll_scaling_change *changes;
    struct ll_err errs[LL_COMMAND_ERRS]; /* of a document */
    struct ll_scaling_stored *stored;    /* as it is after it; NULL = unchanged */
    struct ll_rules_set *set;            /* the same */
};

/* A copy in the command's arena. */
struct ll_slice ll_scaling_command_copy(struct ll_arena *a, struct ll_slice s);

/* False, so that a command can end with it. */
bool ll_scaling_command_fail(struct ll_scaling_command_run *c, enum ll_err_code code,
                             const char *fmt, ...) LL_PRINTF(3, 4);

/* One row for each command that changes something; members are those of a JSON object. */
void ll_scaling_command_audit(struct ll_scaling *s, struct ll_scaling_command_run *c,
                              struct ll_scaling_keep *k, const char *members);

/* Sends the rows: the command is answered when they are on disk.  False when it failed. */
LL_MUST_USE bool ll_scaling_command_keep(struct ll_scaling *s, struct ll_scaling_command_run *c,
                                         struct ll_scaling_keep *k);

/* scaling_answers.c: true while the answer waits for the disk. */
LL_MUST_USE bool ll_scaling_command_approve(struct ll_scaling *s, struct ll_scaling_command_run *c);
LL_MUST_USE bool ll_scaling_command_reject(struct ll_scaling *s, struct ll_scaling_command_run *c);

/* scaling_answers.c: whether something has come between since the waiting action was proposed: a
 * pause, a freeze, its rule's mode, its target's range. */
enum { LL_HELD_BACK_MAX = 256 };
bool ll_scaling_held_back(const struct ll_scaling *s, const struct ll_live_target *t, ll_time now,
                          char why[static LL_HELD_BACK_MAX]);

#endif
