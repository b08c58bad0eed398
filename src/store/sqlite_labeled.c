/* Points under their own labels, bit for bit.
 *
 * A double goes in as an integer where it is a whole one that 53 bits hold (counters are, and
 * take a third of the room), otherwise as a real.  What SQLite would give back changed (every
 * NaN, which it takes for NULL, and -0.0) goes in as 8 bytes, most significant first. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/sqlite.h"

#define WHOLE_MAX 9007199254740992.0 /* 2^53 */
#define MINUS_ZERO UINT64_C(0x8000000000000000)

struct item {
    struct ll_sqlite_labeled *series;
    const struct ll_labeled_point *point;
    size_t order;
};

void ll_sqlite_bind_bits(sqlite3_stmt *st, int i, uint64_t bits, unsigned char buf[static 8])
{
    const double v = ll_labeled_value(bits);
    if (isnan(v) || bits == MINUS_ZERO) {
        for (int k = 0; k < 8; k++)
            buf[k] = (unsigned char)(bits >> (56 - 8 * k));
        sqlite3_bind_blob(st, i, buf, 8, SQLITE_STATIC);
    } else if (fabs(v) <= WHOLE_MAX && v == floor(v)) {
        sqlite3_bind_int64(st, i, (int64_t)v);
    } else {
        sqlite3_bind_double(st, i, v);
    }
}

uint64_t ll_sqlite_bits(sqlite3_stmt *st, int column)
{
    if (sqlite3_column_type(st, column) != SQLITE_BLOB)
        return ll_labeled_bits(sqlite3_column_double(st, column));
    const unsigned char *b = sqlite3_column_blob(st, column);
    uint64_t bits = 0;
    for (int k = 0; k < 8 && k < sqlite3_column_bytes(st, column); k++)
        bits = bits << 8 | b[k];
    return bits;
}

static int by_place(const void *pa, const void *pb)
{
    const struct item *a = pa, *b = pb;
    if (a->series->id != b->series->id)
        return a->series->id < b->series->id ? -1 : 1;
    if (a->point->t != b->point->t)
        return a->point->t < b->point->t ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

/* Most senders keep the order of their series from one request to the next. */
static void sort(struct item *v, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (by_place(&v[i - 1], &v[i]) > 0) {
            qsort(v, n, sizeof(*v), by_place);
            return;
        }
}

/* The series of a row; rows of one series often follow each other. */
static bool find(struct ll_sqlite_store *s, const struct ll_labeled_row *row,
                 const struct item *last, const struct ll_labeled_row *last_row, struct item *it,
                 enum ll_refusal *why, struct ll_err *err)
{
    if (last_row && last_row->labels.s == row->labels.s && last_row->labels.n == row->labels.n) {
        it->series = last->series;
        *why = LL_REFUSAL_NONE;
        return true;
    }
    return ll_sqlite_labels_of(s, row->labels, row->point.t, &it->series, why, err);
}

/* Times that nothing can print would also overflow where they are compared. */
static enum ll_refusal check(const struct ll_labeled_row *row)
{
    if (row->refusal != LL_REFUSAL_NONE)
        return row->refusal;
    if (row->point.t > LL_TIME_MAX)
        return LL_REFUSAL_FUTURE;
    return row->point.t < LL_TIME_MIN ? LL_REFUSAL_TOO_OLD : LL_REFUSAL_NONE;
}

static bool resolve(struct ll_sqlite_store *s, struct ll_batch *const *batches, size_t n,
                    struct item *items, size_t *n_items, enum ll_refusal *refusal,
                    struct ll_err *err)
{
    const struct ll_labeled_row *last = NULL;
    size_t k = 0;
    for (size_t b = 0; b < n; b++) {
        for (size_t i = 0; i < batches[b]->n_labeled; i++, k++) {
            const struct ll_labeled_row *row = &batches[b]->labeled[i];
            struct item it = {.point = &row->point, .order = k};
            refusal[k] = check(row);
            if (refusal[k] != LL_REFUSAL_NONE)
                continue;
            const struct item *before = *n_items ? &items[*n_items - 1] : NULL;
            if (!find(s, row, before, last, &it, &refusal[k], err))
                return false;
            if (refusal[k] != LL_REFUSAL_NONE)
                continue;
            items[(*n_items)++] = it;
            last = row;
        }
        last = NULL; /* the next batch's memory is another's */
    }
    sort(items, *n_items);
    return true;
}

static bool learn_newest(struct ll_sqlite_store *s, struct ll_sqlite_labeled *x, struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_LABELED_NEWEST, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, x->id);
    bool row;
    bool ok = ll_sqlite_step(st, &row, err);
    if (ok) {
        bool none = !row || sqlite3_column_type(st, 0) == SQLITE_NULL;
        x->newest = none ? LL_TIME_NONE : sqlite3_column_int64(st, 0);
        x->newest_known = true;
    }
    sqlite3_reset(st);
    return ok;
}

static bool find_stored(struct ll_sqlite_store *s, const struct item *it, bool *found,
                        uint64_t *bits, struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_LABELED_GET, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, it->series->id);
    sqlite3_bind_int64(st, 2, it->point->t);
    bool ok = ll_sqlite_step(st, found, err);
    if (ok && *found)
        *bits = ll_sqlite_bits(st, 0);
    sqlite3_reset(st);
    return ok;
}

static bool put_row(struct ll_sqlite_store *s, const struct item *it, struct ll_err *err)
{
    unsigned char buf[8];
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_LABELED_PUT, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, it->series->id);
    sqlite3_bind_int64(st, 2, it->point->t);
    ll_sqlite_bind_bits(st, 3, it->point->bits, buf);
    return ll_sqlite_run(st, err);
}

/* What the rules say of a point: store.h, append. */
static bool judge(struct ll_sqlite_store *s, const struct item *it, bool *write, bool *added,
                  enum ll_refusal *why, struct ll_err *err)
{
    struct ll_sqlite_labeled *x = it->series;
    *write = *added = true;
    if (!x->newest_known && !learn_newest(s, x, err))
        return false;
    if (it->point->t > x->newest)
        return true;
    bool found;
    uint64_t bits = 0;
    if (!find_stored(s, it, &found, &bits, err))
        return false;
    *added = !found;
    bool late = x->newest - it->point->t > s->out_of_order;
    if (found && bits == it->point->bits)
        *write = false;
    else if (late)
        *why = found ? LL_REFUSAL_DUPLICATE : LL_REFUSAL_OUT_OF_ORDER;
    return true;
}

static bool put_point(struct ll_sqlite_store *s, const struct item *it, enum ll_refusal *why,
                      struct ll_err *err)
{
    bool write, added;
    if (!judge(s, it, &write, &added, why, err))
        return false;
    if (!write || *why != LL_REFUSAL_NONE)
        return true;
    if (!put_row(s, it, err))
        return false;
    it->series->newest = LL_MAX(it->series->newest, it->point->t);
    s->state.labeled += added;
    return true;
}

bool ll_sqlite_put_labeled(struct ll_sqlite_store *s, struct ll_batch *const *batches, size_t n,
                           enum ll_refusal *refusal, struct ll_err *err)
{
    size_t rows = 0, n_items = 0;
    for (size_t b = 0; b < n; b++)
        rows += batches[b]->n_labeled;
    if (rows == 0)
        return true;
    struct item *items = calloc(rows, sizeof(*items));
    if (!items)
        return ll_err_set(err, LL_E_MEMORY, "no memory to sort %zu labelled samples", rows);
    bool ok = resolve(s, batches, n, items, &n_items, refusal, err);
    for (size_t i = 0; ok && i < n_items; i++)
        ok = put_point(s, &items[i], &refusal[items[i].order], err);
    free(items);
    return ok;
}
