/* Documents by kind and name: a sorted array in an arena of its own, swapped whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"
#include "engine/ledger_private.h"
#include "store/writer.h"

enum { DETAIL_MAX = 64, CHANGE_BYTES = LL_RULE_DOCUMENT_MAX + (64 << 10) };

struct book_ref {
    struct ll_ledger_book book; /* first: what is handed out points here */
    atomic_uint refs;
    struct ll_arena *arena;
    struct ll_ledger_document *v;
};

struct ll_ledger {
    struct ll_engine *e;
    pthread_mutex_t lock; /* guards what follows */
    struct book_ref *book;
    bool changing; /* one change at a time: versions, and the audit log, tell what happened */
};

/* --- books --- */

static struct book_ref *book_new(size_t size)
{
    struct book_ref *b = calloc(1, sizeof(*b));
    if (!b)
        return NULL;
    atomic_init(&b->refs, 1);
    b->arena = ll_arena_new(LL_LEDGER_BYTES_MAX);
    b->v = b->arena ? LL_ARENA_NEW(b->arena, struct ll_ledger_document, size) : NULL;
    b->book.documents = b->v;
    if (b->v)
        return b;
    ll_arena_free(b->arena);
    free(b);
    return NULL;
}

void ll_engine_ledger_release(const struct ll_ledger_book *book)
{
    struct book_ref *b = (struct book_ref *)(uintptr_t)book;
    if (!b || atomic_fetch_sub(&b->refs, 1) > 1)
        return;
    ll_arena_free(b->arena);
    free(b);
}

const struct ll_ledger_book *ll_engine_ledger(struct ll_engine *e)
{
    struct ll_ledger *l = e->ledger;
    pthread_mutex_lock(&l->lock);
    struct book_ref *b = l->book;
    atomic_fetch_add(&b->refs, 1);
    pthread_mutex_unlock(&l->lock);
    return &b->book;
}

static int order(const struct ll_ledger_document *d, enum ll_rule_kind kind, struct ll_slice id)
{
    return d->kind != kind ? (d->kind < kind ? -1 : 1) : ll_slice_cmp(d->id, id);
}

/* The first that is not before it. */
static size_t place(const struct ll_ledger_book *b, enum ll_rule_kind kind, struct ll_slice id)
{
    size_t lo = 0, hi = b->n;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (order(&b->documents[mid], kind, id) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Deleted ones too. */
static const struct ll_ledger_document *known(const struct ll_ledger_book *b,
                                              enum ll_rule_kind kind, struct ll_slice id)
{
    const size_t i = place(b, kind, id);
    return i < b->n && order(&b->documents[i], kind, id) == 0 ? &b->documents[i] : NULL;
}

const struct ll_ledger_document *ll_ledger_find(const struct ll_ledger_book *b,
                                                enum ll_rule_kind kind, struct ll_slice id)
{
    const struct ll_ledger_document *d = known(b, kind, id);
    return d && !d->deleted ? d : NULL;
}

static bool add(struct book_ref *b, const struct ll_ledger_document *d)
{
    struct ll_slice texts[] = {d->id, d->text, d->actor};
    for (size_t i = 0; i < LL_LEN(texts); i++) {
        texts[i].s = ll_arena_copy(b->arena, texts[i].n ? texts[i].s : "", texts[i].n);
        if (!texts[i].s)
            return false;
    }
    b->v[b->book.n] = *d;
    b->v[b->book.n].id = texts[0];
    b->v[b->book.n].text = texts[1];
    b->v[b->book.n++].actor = texts[2];
    return true;
}

/* The book with one document changed or new; NULL without memory. */
static struct book_ref *book_with(const struct ll_ledger_book *from,
                                  const struct ll_ledger_document *d)
{
    const size_t at = place(from, d->kind, d->id);
    const bool replaces = known(from, d->kind, d->id) != NULL;
    struct book_ref *b = book_new(from->n + 1);
    bool ok = b != NULL;
    for (size_t i = 0; ok && i < at; i++)
        ok = add(b, &from->documents[i]);
    ok = ok && add(b, d);
    for (size_t i = at + replaces; ok && i < from->n; i++)
        ok = add(b, &from->documents[i]);
    if (ok)
        return b;
    ll_engine_ledger_release(b ? &b->book : NULL);
    return NULL;
}

/* --- life --- */

struct ll_ledger *ll_ledger_new(struct ll_engine *e)
{
    struct ll_ledger *l = calloc(1, sizeof(*l));
    if (!l)
        return NULL;
    l->e = e;
    pthread_mutex_init(&l->lock, NULL);
    l->book = book_new(0);
    if (l->book)
        return l;
    ll_ledger_free(l);
    return NULL;
}

void ll_ledger_free(struct ll_ledger *l)
{
    if (!l)
        return;
    ll_engine_ledger_release(l->book ? &l->book->book : NULL);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

static void swap(struct ll_ledger *l, struct book_ref *b)
{
    pthread_mutex_lock(&l->lock);
    struct book_ref *before = l->book;
    l->book = b;
    pthread_mutex_unlock(&l->lock);
    ll_engine_ledger_release(&before->book);
}

struct restoring {
    struct book_ref *book;
    bool full;
};

/* Rows come by kind, id, version. */
static bool take_row(void *ctx, const struct ll_rule_row *r)
{
    struct restoring *x = ctx;
    struct book_ref *b = x->book;
    if (r->kind == LL_KIND_TARGET || r->kind == LL_KIND_RULE)
        return true; /* scaling's */
    if (b->book.n > 0 && order(&b->v[b->book.n - 1], r->kind, r->id) == 0)
        b->book.n--;
    const struct ll_ledger_document d = {.kind = r->kind,
                                         .id = r->id,
                                         .text = r->deleted ? LL_SLICE("") : r->document,
                                         .actor = r->actor,
                                         .version = r->version,
                                         .deleted = r->deleted,
                                         .t = r->t};
    x->full = b->book.n >= LL_LEDGER_DOCUMENTS_MAX || !add(b, &d);
    return !x->full;
}

/* The store gives kinds by name, a book has them by number. */
static int by_order(const void *a, const void *b)
{
    const struct ll_ledger_document *x = a, *y = b;
    return order(x, y->kind, y->id);
}

bool ll_ledger_restore(struct ll_ledger *l, struct ll_err *err)
{
    struct ll_store_reader *reader = ll_engine_reader_take(l->e);
    if (!reader)
        return ll_err_set(err, LL_E_STORAGE, "the store cannot be read");
    struct restoring x = {.book = book_new(LL_LEDGER_DOCUMENTS_MAX)};
    const struct ll_rules_query q = {.kind = -1, .versions = true};
    bool ok = x.book && reader->ops->each_rule(reader, &q, take_row, &x, err);
    ll_engine_reader_give(l->e, reader);
    if (!x.book || (ok && x.full))
        ok = ll_err_set(err, LL_E_TOO_LARGE, "the documents of prices and plans exceed %d MiB",
                        LL_LEDGER_BYTES_MAX >> 20);
    if (!ok) {
        ll_engine_ledger_release(x.book ? &x.book->book : NULL);
        return false;
    }
    qsort(x.book->v, x.book->book.n, sizeof(*x.book->v), by_order);
    swap(l, x.book);
    return true;
}

/* --- changes --- */

struct change {
    struct ll_arena *arena; /* it lives there */
    struct ll_ledger *ledger;
    struct ll_ledger_document d;
    struct ll_rule_row rule;
    struct ll_audit_row audit;
    struct ll_scaling_rows rows;
    char detail[DETAIL_MAX];
    void (*done)(void *ctx, const struct ll_ledger_kept *k);
    void *ctx;
};

static bool in_force(struct change *c, struct ll_err *err)
{
    struct ll_ledger *l = c->ledger;
    const struct ll_ledger_book *now = ll_engine_ledger(l->e);
    struct book_ref *b = book_with(now, &c->d);
    ll_engine_ledger_release(now);
    if (!b)
        return ll_err_set(err, LL_E_MEMORY,
                          "no memory: it is kept, and comes into force with the next start");
    swap(l, b);
    return true;
}

/* False when another change is on its way. */
static bool changing(struct ll_ledger *l, bool begins)
{
    pthread_mutex_lock(&l->lock);
    const bool free = !begins || !l->changing;
    if (free)
        l->changing = begins;
    pthread_mutex_unlock(&l->lock);
    return free;
}

/* On the writer's thread. */
static void written(struct ll_batch *b, void *ctx)
{
    struct change *c = ctx;
    struct ll_ledger_kept k = {.version = c->d.version};
    if (!b->committed)
        k.err = b->err;
    else if (c->rule.refusal != LL_ROW_TAKEN)
        ll_err_set(&k.err, LL_E_CONFLICT, "%s '%.*s': %s", ll_rule_kind_name(c->d.kind),
                   (int)c->d.id.n, c->d.id.s, ll_row_refusal_text(c->rule.refusal));
    else
        k.ok = in_force(c, &k.err);
    changing(c->ledger, false);
    c->done(c->ctx, &k);
    ll_batch_free(b);
    ll_arena_free(c->arena);
}

static bool copy(struct ll_arena *a, struct ll_slice *s)
{
    *s = (struct ll_slice){ll_arena_copy(a, s->n ? s->s : "", s->n), s->n};
    return s->s != NULL;
}

/* The next version of it; fails as ll_engine_ledger_put says. */
static bool next_version(struct ll_ledger *l, const struct ll_ledger_put *p, int64_t *version,
                         struct ll_err *err)
{
    const struct ll_ledger_book *b = ll_engine_ledger(l->e);
    const struct ll_ledger_document *d = known(b, p->kind, p->id);
    const bool there = d && !d->deleted;
    const int64_t now = there ? d->version : 0;
    const bool full = !d && b->n >= LL_LEDGER_DOCUMENTS_MAX;
    *version = d ? d->version + 1 : 1;
    ll_engine_ledger_release(b);
    const char *kind = ll_rule_kind_name(p->kind);
    if (p->deleted && !there)
        return ll_err_set(err, LL_E_NOT_FOUND, "there is no %s '%.*s'", kind, (int)p->id.n,
                          p->id.s);
    if (p->version >= 0 && p->version != now)
        return ll_err_set(err, LL_E_CONFLICT, "%s '%.*s' is at version %lld, not %lld", kind,
                          (int)p->id.n, p->id.s, (long long)now, (long long)p->version);
    if (full || (!p->deleted && p->text.n > LL_RULE_DOCUMENT_MAX))
        return ll_err_set(err, LL_E_TOO_LARGE, "%s '%.*s': at most %d documents of %d KiB", kind,
                          (int)p->id.n, p->id.s, LL_LEDGER_DOCUMENTS_MAX,
                          LL_RULE_DOCUMENT_MAX >> 10);
    return true;
}

static void change_free(struct change *c)
{
    if (c)
        ll_arena_free(c->arena);
}

static struct change *change_new(const struct ll_ledger_put *p)
{
    struct ll_arena *a = ll_arena_new(CHANGE_BYTES);
    struct change *c = a ? LL_ARENA_NEW(a, struct change, 1) : NULL;
    if (!c) {
        ll_arena_free(a);
        return NULL;
    }
    c->arena = a;
    c->d = (struct ll_ledger_document){.kind = p->kind,
                                       .id = p->id,
                                       .text = p->deleted ? LL_SLICE("") : p->text,
                                       .actor = p->actor.name,
                                       .deleted = p->deleted};
    c->audit.role = p->actor.role;
    c->audit.address = p->actor.address;
    if (copy(a, &c->d.id) && copy(a, &c->d.text) && copy(a, &c->d.actor) &&
        copy(a, &c->audit.role) && copy(a, &c->audit.address))
        return c;
    change_free(c);
    return NULL;
}

static const char *verb(const struct ll_ledger_put *p)
{
    static const char *const put[LL_KIND_COUNT] = {
        [LL_KIND_PRICES] = "prices.put",
        [LL_KIND_PLANNED_CHANGE] = "planned_change.put",
        [LL_KIND_BUDGET] = "budget.put",
        [LL_KIND_COMMITMENT] = "commitment.put",
    };
    static const char *const gone[LL_KIND_COUNT] = {
        [LL_KIND_PRICES] = "prices.delete",
        [LL_KIND_PLANNED_CHANGE] = "planned_change.delete",
        [LL_KIND_BUDGET] = "budget.delete",
        [LL_KIND_COMMITMENT] = "commitment.delete",
    };
    return p->deleted ? gone[p->kind] : put[p->kind];
}

/* The rows: the document and who changed it. */
static void write_rows(struct change *c, const struct ll_ledger_put *p)
{
    c->rule = (struct ll_rule_row){.kind = c->d.kind,
                                   .id = c->d.id,
                                   .version = c->d.version,
                                   .document = c->d.text,
                                   .deleted = c->d.deleted,
                                   .actor = c->d.actor,
                                   .t = c->d.t};
    snprintf(c->detail, sizeof(c->detail), "{\"version\":%lld}", (long long)c->d.version);
    c->audit.t = c->d.t;
    c->audit.actor = c->d.actor;
    c->audit.action = ll_slice_of(verb(p));
    c->audit.object = c->d.id;
    c->audit.detail = ll_slice_of(c->detail);
    c->rows =
        (struct ll_scaling_rows){.rules = &c->rule, .n_rules = 1, .audit = &c->audit, .n_audit = 1};
}

static bool send(struct ll_engine *e, struct change *c, struct ll_err *err)
{
    struct ll_batch *b = ll_batch_new(0, 0, LL_ORIGIN_PUSH);
    if (!b)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a document");
    b->scaling = &c->rows;
    b->done = written;
    b->ctx = c;
    if (ll_writer_push(e->writer, b, err))
        return true;
    ll_batch_free(b);
    return false;
}

bool ll_engine_ledger_put(struct ll_engine *e, const struct ll_ledger_put *p,
                          void (*done)(void *ctx, const struct ll_ledger_kept *k), void *ctx,
                          struct ll_err *err)
{
    LL_ASSERT(p->kind != LL_KIND_TARGET && p->kind != LL_KIND_RULE && p->kind < LL_KIND_COUNT);
    if (!changing(e->ledger, true))
        return ll_err_set(err, LL_E_BUSY, "another document is being written: try again");
    int64_t version;
    struct change *c = NULL;
    bool ok = next_version(e->ledger, p, &version, err);
    if (ok) {
        c = change_new(p);
        ok = c || ll_err_set(err, LL_E_MEMORY, "no memory for a document");
    }
    if (ok) {
        c->ledger = e->ledger;
        c->done = done;
        c->ctx = ctx;
        c->d.version = version;
        c->d.t = ll_engine_now(e);
        write_rows(c, p);
        ok = send(e, c, err);
    }
    if (ok)
        return true;
    changing(e->ledger, false);
    change_free(c);
    return false;
}
