/* What the store has of rules and of the daemon's own switches, in memory: the documents from which
 * a set is read. */
#ifndef LL_ENGINE_SCALING_STORED_H
#define LL_ENGINE_SCALING_STORED_H

#include "engine/scaling_private.h"

enum { LL_STORED_TEXTS_MAX = 4096, LL_STORED_TEXT_BYTES = 900 << 10 };

struct ll_stored_document {
    enum ll_rule_kind kind;
    char *id;       /* owned */
    char *document; /* owned; NULL = deleted */
    int64_t version;
};

struct ll_scaling_stored {
    struct ll_stored_document *v; /* sorted by kind, id */
    size_t n, size;
    struct ll_str *texts; /* documents joined; made by _texts */
    size_t n_texts;
    bool has_mode;
    enum ll_mode mode;
    struct ll_pause_state pause;
};

struct ll_scaling_stored *ll_scaling_stored_new(void);
struct ll_scaling_stored *ll_scaling_stored_copy(const struct ll_scaling_stored *s);
void ll_scaling_stored_free(struct ll_scaling_stored *s); /* NULL too */

LL_MUST_USE bool ll_scaling_stored_read(struct ll_scaling_stored *s, struct ll_store_reader *r,
                                        struct ll_err *err);
/* document NULL = deleted.  False without memory. */
LL_MUST_USE bool ll_scaling_stored_put(struct ll_scaling_stored *s, enum ll_rule_kind kind,
                                       struct ll_slice id, const char *document, int64_t version);
/* 0 = never was. */
int64_t ll_scaling_stored_version(const struct ll_scaling_stored *s, enum ll_rule_kind kind,
                                  struct ll_slice id);
const struct ll_stored_document *ll_scaling_stored_find(const struct ll_scaling_stored *s,
                                                        enum ll_rule_kind kind, struct ll_slice id);
/* The documents as texts that ll_rules_read takes, at most LL_STORED_TEXTS_MAX; valid until the
 * next call.  Returns how many. */
size_t ll_scaling_stored_texts(struct ll_scaling_stored *s, struct ll_rules_text *out);

/* The daemon's mode and pause, one line of JSON; unreadable = as it was. */
void ll_scaling_stored_daemon(struct ll_scaling_stored *s, struct ll_slice text, ll_time now);
void ll_scaling_stored_write_daemon(const struct ll_scaling_stored *s, struct ll_str *out);

/* scaling.c: the configuration's files and what is stored, as one set. */
LL_MUST_USE bool ll_scaling_read(const struct ll_config *c, struct ll_scaling_stored *stored,
                                 struct ll_rules_set **out, struct ll_err *err);
enum ll_mode ll_scaling_ceiling(const struct ll_config *c, enum ll_mode wanted);

/* A pause as the members of a JSON object, for the audit log. */
void ll_scaling_pause_text(const struct ll_pause_state *p, char *buf, size_t n);

#endif
