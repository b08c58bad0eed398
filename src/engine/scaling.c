/* Life of scaling: what the store and the configuration's files say, read at the start and when
 * either changes. */
#include "engine/scaling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/scaling_stored.h"

enum { SCRATCH_MAX = 16 << 20, ERRS = 4, HASH_SEED = 1 };

/* --- ids --- */

/* Time first, so that they sort; then the seed and a counter: no two daemons make the same. */
void ll_scaling_new_id(struct ll_scaling *s, char out[static LL_ACTION_ID_MAX])
{
    const uint64_t n = s->seq++;
    const uint64_t mixed = ll_map_hash(s->e->seed, &n, sizeof(n));
    snprintf(out, LL_ACTION_ID_MAX, "%011llx-%016llx", (unsigned long long)ll_engine_now(s->e),
             (unsigned long long)mixed);
}

enum ll_direction ll_scaling_direction(const struct ll_target *t, int64_t from, int64_t to)
{
    if (to == from)
        return LL_DIRECTION_NO_ACTION;
    if (t->vertical)
        return to > from ? LL_DIRECTION_SCALE_UP : LL_DIRECTION_SCALE_DOWN;
    return to > from ? LL_DIRECTION_SCALE_OUT : LL_DIRECTION_SCALE_IN;
}

/* --- the rules in force --- */

static bool names_target(const struct ll_rules_doc *d, struct ll_slice name)
{
    for (size_t i = 0; d && i < d->n_targets; i++)
        if (ll_slice_eq(d->targets[i].name, name))
            return true;
    return false;
}

static bool names_rule(const struct ll_rules_doc *d, struct ll_slice id)
{
    for (size_t i = 0; d && i < d->n_rules; i++)
        if (ll_slice_eq(d->rules[i].rule_id, id))
            return true;
    return false;
}

static void hash_of(const struct ll_rules_doc *d, char out[static 17])
{
    struct ll_str text;
    ll_str_init(&text, SIZE_MAX / 2);
    for (size_t i = 0; i < d->n_targets; i++)
        ll_rules_write_target(&d->targets[i], &text);
    for (size_t i = 0; i < d->n_rules; i++)
        ll_rules_write_rule(&d->rules[i], &text);
    snprintf(out, 17, "%016llx",
             (unsigned long long)ll_map_hash(HASH_SEED, ll_str_z(&text), text.n));
    ll_str_fini(&text);
}

static bool origins(struct ll_rules_set *set, const struct ll_rules_doc *files,
                    const struct ll_scaling_stored *stored)
{
    const struct ll_rules_doc *d = set->doc;
    set->targets = LL_ARENA_NEW(d->arena, struct ll_rule_origin, LL_MAX(d->n_targets, (size_t)1));
    set->rules = LL_ARENA_NEW(d->arena, struct ll_rule_origin, LL_MAX(d->n_rules, (size_t)1));
    if (!set->targets || !set->rules)
        return false;
    for (size_t i = 0; i < d->n_targets; i++) {
        const bool file = names_target(files, d->targets[i].name);
        set->targets[i] = (struct ll_rule_origin){
            file ? 0 : ll_scaling_stored_version(stored, LL_KIND_TARGET, d->targets[i].name),
            file ? LL_SLICE("file") : LL_SLICE("api")};
    }
    for (size_t i = 0; i < d->n_rules; i++) {
        const bool file = names_rule(files, d->rules[i].rule_id);
        set->rules[i] = (struct ll_rule_origin){
            file ? 0 : ll_scaling_stored_version(stored, LL_KIND_RULE, d->rules[i].rule_id),
            file ? LL_SLICE("file") : LL_SLICE("api")};
    }
    return true;
}

static struct ll_rules_set *set_new(struct ll_rules_doc *doc, const struct ll_rules_doc *files,
                                    const struct ll_scaling_stored *stored)
{
    struct ll_rules_set *set = calloc(1, sizeof(*set));
    if (!set)
        return NULL;
    atomic_init(&set->refs, 1);
    set->doc = doc;
    hash_of(doc, set->hash);
    if (origins(set, files, stored))
        return set;
    free(set);
    return NULL;
}

static bool read_texts(const struct ll_rules_text *texts, size_t n, struct ll_rules_doc **out,
                       struct ll_err *err)
{
    struct ll_err errs[ERRS] = {{.code = LL_E_OK}};
    struct ll_rules_reading r = {.errs = errs, .max = ERRS};
    if (ll_rules_read(&r, texts, n, out))
        return true;
    return ll_err_set(err, errs[0].code, "%s%s", errs[0].text,
                      r.n_errs > 1 ? " (and more: loadline rules diff shows all)" : "");
}

/* What the configuration's files have, as documents like those that are stored. */
static struct ll_scaling_stored *of_files(const struct ll_rules_doc *d)
{
    struct ll_scaling_stored *files = ll_scaling_stored_new();
    struct ll_str text;
    bool ok = files != NULL;
    ll_str_init(&text, LL_RULE_DOCUMENT_MAX);
    for (size_t i = 0; d && ok && i < d->n_targets; i++) {
        ll_str_clear(&text);
        ll_rules_write_target(&d->targets[i], &text);
        ok = ll_scaling_stored_put(files, LL_KIND_TARGET, d->targets[i].name, ll_str_z(&text), 0);
    }
    for (size_t i = 0; d && ok && i < d->n_rules; i++) {
        ll_str_clear(&text);
        ll_rules_write_rule(&d->rules[i], &text);
        ok = ll_scaling_stored_put(files, LL_KIND_RULE, d->rules[i].rule_id, ll_str_z(&text), 0);
    }
    ll_str_fini(&text);
    if (ok)
        return files;
    ll_scaling_stored_free(files);
    return NULL;
}

static bool read_both(const struct ll_config *c, struct ll_scaling_stored *files,
                      struct ll_scaling_stored *stored, struct ll_rules_set **out,
                      struct ll_err *err)
{
    struct ll_rules_doc *doc = NULL;
    struct ll_rules_text *texts = calloc(2 * (size_t)LL_STORED_TEXTS_MAX, sizeof(*texts));
    if (!texts)
        return ll_err_set(err, LL_E_MEMORY, "no memory for rules");
    size_t n = ll_scaling_stored_texts(files, texts);
    n += ll_scaling_stored_texts(stored, texts + n);
    const bool read = read_texts(texts, n, &doc, err);
    free(texts);
    if (!read)
        return false;
    *out = set_new(doc, c->scaling.rules, stored);
    if (*out)
        return true;
    ll_rules_free(doc);
    return ll_err_set(err, LL_E_MEMORY, "no memory for rules");
}

bool ll_scaling_read(const struct ll_config *c, struct ll_scaling_stored *stored,
                     struct ll_rules_set **out, struct ll_err *err)
{
    struct ll_scaling_stored *files = of_files(c->scaling.rules);
    const bool ok = files ? read_both(c, files, stored, out, err)
                          : ll_err_set(err, LL_E_MEMORY, "no memory for rules");
    ll_scaling_stored_free(files);
    return ok;
}

/* No rule goes beyond it.  `auto` is for daemons that know who asks. */
enum ll_mode ll_scaling_ceiling(const struct ll_config *c, enum ll_mode wanted)
{
    const bool may = c->enable_auto_scaling && c->web.has_login;
    return wanted == LL_MODE_AUTO && !may ? LL_MODE_APPROVE : wanted;
}

void ll_scaling_follow(struct ll_scaling *s)
{
    struct ll_rules_set *set = NULL;
    struct ll_err err;
    const struct ll_config *c = s->e->config->config;
    s->mode = ll_scaling_ceiling(c, s->stored->has_mode ? s->stored->mode : c->scaling.mode);
    if (!ll_scaling_read(c, s->stored, &set, &err) || !ll_scaling_use(s, set, &err)) {
        struct ll_event ev = {.t = ll_engine_now(s->e), .kind = LL_EVENT_CONFIG, .type = -1};
        snprintf(ev.title, sizeof(ev.title), "Scaling rules refused");
        snprintf(ev.detail, sizeof(ev.detail), "%.255s", err.text);
        snprintf(ev.reason, sizeof(ev.reason), "RULES_REFUSED");
        ll_engine_event(s->e, &ev);
        LL_LOG(LL_LOG_ERROR, "scaling rules refused: those before stay", LL_KV("error", err.text));
        return;
    }
    ll_scaling_publish(s);
}

/* --- what the store remembers --- */

struct restoring {
    struct ll_scaling *s;
    size_t open;
};

static bool restore_state(void *ctx, const struct ll_state_row *row)
{
    struct ll_scaling *s = ((struct restoring *)ctx)->s;
    struct ll_err err;
    if (row->target.n == 0) {
        ll_scaling_stored_daemon(s->stored, row->state, ll_engine_now(s->e));
        return true;
    }
    struct ll_live_target *t = ll_scaling_find(s, row->target);
    if (!t)
        return true;
    if (!ll_scaling_state_read(row->state, ll_engine_now(s->e), &t->state, &err))
        LL_LOG(LL_LOG_WARN, "the state of a target is unreadable: it starts anew",
               LL_KV("target", t->target->name.s), LL_KV("error", err.text));
    ll_scaling_removals_restore(s, t);
    return true;
}

/* What was open when the daemon ended is read back before anything else is sent. */
static bool restore_action(void *ctx, const struct ll_scaling_event *e)
{
    struct restoring *r = ctx;
    struct ll_live_target *t = ll_scaling_find(r->s, e->target);
    if (!t || t->action.action_id.n)
        return true;
    if (!ll_action_open(e->state) && e->state != LL_ACTION_PROPOSED)
        return true;
    ll_scaling_action_set(t, e);
    r->s->leaving_counted = false;
    if (ll_action_open(e->state)) {
        t->settle_at = 0;
        r->open++;
    }
    return true;
}

static bool restore_from(struct ll_scaling *s, struct ll_store_reader *reader, struct ll_err *err)
{
    struct restoring r = {.s = s};
    const struct ll_actions_query open = {.state = -1, .open = true};
    const struct ll_actions_query waiting = {.state = LL_ACTION_PROPOSED, .limit = 10000};
    if (!reader->ops->each_state(reader, restore_state, &r, err) ||
        !reader->ops->each_action(reader, &open, restore_action, &r, err) ||
        !reader->ops->each_action(reader, &waiting, restore_action, &r, err))
        return false;
    s->pause = s->stored->pause;
    if (s->stored->has_mode)
        s->mode = ll_scaling_ceiling(s->e->config->config, s->stored->mode);
    if (r.open)
        LL_LOG(LL_LOG_INFO, "actions were open: their targets are read first",
               LL_KVI("actions", r.open));
    return true;
}

bool ll_scaling_restore(struct ll_scaling *s, struct ll_err *err)
{
    struct ll_store_reader *reader = ll_engine_reader_take(s->e);
    if (!reader)
        return ll_err_set(err, LL_E_STORAGE, "the store cannot be read");
    bool ok = ll_scaling_stored_read(s->stored, reader, err);
    if (ok) {
        ll_scaling_follow(s);
        ok = restore_from(s, reader, err);
    }
    ll_engine_reader_give(s->e, reader);
    if (ok)
        ll_scaling_publish(s);
    return ok;
}

static bool empty_set(struct ll_scaling *s)
{
    struct ll_err err;
    struct ll_rules_doc *doc = NULL;
    struct ll_rules_set *set = NULL;
    if (!read_texts(NULL, 0, &doc, &err))
        return false;
    set = set_new(doc, NULL, s->stored);
    if (!set) {
        ll_rules_free(doc);
        return false;
    }
    if (!ll_scaling_use(s, set, &err)) {
        ll_rules_set_unref(set);
        return false;
    }
    ll_scaling_publish(s);
    return s->book != NULL;
}

struct ll_scaling *ll_scaling_new(struct ll_engine *e)
{
    struct ll_scaling *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->e = e;
    s->mode = LL_MODE_OBSERVE;
    s->pause.until = LL_TIME_NONE;
    s->next_due = LL_TIME_MIN;
    pthread_mutex_init(&s->lock, NULL);
    s->watch = ll_watch_new(e->seed);
    s->scratch = ll_arena_new(SCRATCH_MAX);
    s->actors = ll_actors_new(e);
    s->stored = ll_scaling_stored_new();
    if (s->watch && s->scratch && s->actors && s->stored && empty_set(s))
        return s;
    ll_scaling_free(s);
    return NULL;
}

void ll_scaling_stop(struct ll_scaling *s)
{
    if (s)
        ll_actors_stop(s->actors);
}

void ll_scaling_free(struct ll_scaling *s)
{
    if (!s)
        return;
    ll_actors_free(s->actors);
    ll_scaling_commands_drop(s);
    if (s->book)
        ll_engine_scaling_release(ll_scaling_book_of(s));
    ll_scaling_targets_free(s->targets, s->n_targets);
    free(s->watchers);
    ll_rules_set_unref(s->set);
    ll_watch_free(s->watch);
    ll_arena_free(s->scratch);
    ll_scaling_stored_free(s->stored);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

void ll_scaling_status(struct ll_scaling *s, struct ll_scaling_status *out)
{
    pthread_mutex_lock(&s->lock);
    *out = s->status;
    pthread_mutex_unlock(&s->lock);
    ll_actors_status(s->actors, &out->executors, &out->busy);
}

void ll_engine_scaling_status(struct ll_engine *e, struct ll_scaling_status *out)
{
    ll_scaling_status(e->scaling, out);
}
