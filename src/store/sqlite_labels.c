/* The dictionary of labelled series: all that the database has, for a series goes when its last
 * sample goes.  Stored as JSON, so that plain SQL reads it; in memory under its encoded labels. */
#include <stdlib.h>
#include <string.h>

#include "base/json_in.h"
#include "store/sqlite.h"

static struct ll_slice key_of(const struct ll_sqlite_labeled *x)
{
    return (struct ll_slice){x->key, x->key_n};
}

static struct ll_sqlite_labeled *keep(struct ll_sqlite_store *s, struct ll_slice labels,
                                      struct ll_err *err)
{
    struct ll_sqlite_labeled *x = calloc(1, sizeof(*x) + labels.n);
    if (!x || !ll_sqlite_labeled_vec_push(&s->labeled, x)) {
        free(x);
        ll_err_set(err, LL_E_MEMORY, "no memory for the dictionary of labelled series");
        return NULL;
    }
    if (labels.n)
        memcpy(x->key, labels.s, labels.n);
    x->key_n = labels.n;
    x->newest = LL_TIME_NONE;
    if (!ll_map_put(s->labeled_map, key_of(x), s->labeled.n - 1)) {
        s->labeled.n--;
        free(x);
        ll_err_set(err, LL_E_MEMORY, "no memory for the dictionary of labelled series");
        return NULL;
    }
    return x;
}

void ll_sqlite_labels_truncate(struct ll_sqlite_store *s, size_t n)
{
    while (s->labeled.n > n) {
        struct ll_sqlite_labeled *x = s->labeled.v[--s->labeled.n];
        ll_map_remove(s->labeled_map, key_of(x));
        free(x);
    }
}

/* By halves: ids rise with the index, for SQLite gives the highest one more. */
void ll_sqlite_labels_kill(struct ll_sqlite_store *s, int64_t id)
{
    size_t from = 0, to = s->labeled.n;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (s->labeled.v[mid]->id < id)
            from = mid + 1;
        else
            to = mid;
    }
    if (from < s->labeled.n && s->labeled.v[from]->id == id && !s->labeled.v[from]->dead) {
        s->labeled.v[from]->dead = true;
        s->labeled_dead++;
    }
}

static void move_to(struct ll_sqlite_store *s, struct ll_sqlite_labeled *x, size_t i)
{
    s->labeled.v[i] = x;
    bool put = ll_map_put(s->labeled_map, key_of(x), i);
    LL_ASSERT(put); /* replaces an entry that is there: needs no memory */
}

void ll_sqlite_labels_settle(struct ll_sqlite_store *s, bool committed)
{
    size_t kept = 0;
    if (s->labeled_dead == 0)
        return;
    for (size_t i = 0; i < s->labeled.n; i++) {
        struct ll_sqlite_labeled *x = s->labeled.v[i];
        if (x->dead && committed) {
            ll_map_remove(s->labeled_map, key_of(x));
            free(x);
            continue;
        }
        x->dead = false;
        if (kept != i)
            move_to(s, x, kept);
        kept++;
    }
    s->labeled.n = kept;
    s->labeled_dead = 0;
}

bool ll_sqlite_labels_decode(char *json, size_t n, struct ll_str *out, struct ll_err *err)
{
    struct ll_json_in in;
    struct ll_json_tok tok;
    ll_json_in_init(&in, json, n);
    bool ok = ll_json_in_next(&in, &tok, err) && tok.kind == LL_JSON_OBJECT;
    while (ok) {
        struct ll_label l;
        ok = ll_json_in_next(&in, &tok, err);
        if (ok && tok.kind == LL_JSON_OBJECT_END)
            return !out->failed || ll_err_set(err, LL_E_MEMORY, "no memory for labels");
        l.name = tok.text;
        ok = ok && ll_json_in_next(&in, &tok, err) && tok.kind == LL_JSON_STRING;
        l.value = tok.text;
        if (ok)
            ll_labels_encode(&l, 1, out);
    }
    return ll_err_set(err, LL_E_DAMAGED, "stored labels are not a JSON object of strings");
}

static bool load_row(struct ll_sqlite_store *s, sqlite3_stmt *st, struct ll_str *json,
                     struct ll_str *labels, struct ll_err *err)
{
    struct ll_slice text = ll_sqlite_slice(st, 1);
    ll_str_clear(json);
    ll_str_clear(labels);
    ll_str_add(json, text.s, text.n);
    if (json->failed)
        return ll_err_set(err, LL_E_MEMORY, "no memory for labels");
    if (!ll_sqlite_labels_decode(json->s ? json->s : (char *)"", json->n, labels, err))
        return ll_err_wrap(err, "labelled series %lld", (long long)sqlite3_column_int64(st, 0));
    struct ll_sqlite_labeled *x = keep(s, (struct ll_slice){labels->s, labels->n}, err);
    if (x)
        x->id = sqlite3_column_int64(st, 0);
    return x != NULL;
}

bool ll_sqlite_labels_load(struct ll_sqlite_store *s, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt)
    st = ll_sqlite_prepare(s->db, "SELECT id,labels FROM label_series ORDER BY id", err);
    if (!st)
        return false;
    struct ll_str json, labels;
    ll_str_init(&json, LL_SQLITE_LABELS_JSON_MAX);
    ll_str_init(&labels, 2 * LL_LABELS_BYTES_MAX);
    bool row = true, ok = true;
    while (ok && row) {
        ok = ll_sqlite_step(st, &row, err);
        if (ok && row)
            ok = load_row(s, st, &json, &labels, err);
    }
    ll_str_fini(&json);
    ll_str_fini(&labels);
    return ok;
}

static bool insert(struct ll_sqlite_store *s, struct ll_slice labels, ll_time t, int64_t *id,
                   struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_LABELS_ADD, err);
    if (!st)
        return false;
    struct ll_str json;
    ll_str_init(&json, LL_SQLITE_LABELS_JSON_MAX);
    ll_labels_json(labels, &json);
    ll_sqlite_bind_slice(st, 1, (struct ll_slice){json.s, json.n});
    sqlite3_bind_int64(st, 2, t);
    bool ok =
        json.failed ? ll_err_set(err, LL_E_MEMORY, "no memory for labels") : ll_sqlite_run(st, err);
    sqlite3_clear_bindings(st);
    ll_str_fini(&json);
    *id = sqlite3_last_insert_rowid(s->db);
    return ok;
}

bool ll_sqlite_labels_of(struct ll_sqlite_store *s, struct ll_slice labels, ll_time t,
                         struct ll_sqlite_labeled **out, enum ll_refusal *refusal,
                         struct ll_err *err)
{
    size_t i;
    int64_t id;
    *refusal = LL_REFUSAL_NONE;
    if (ll_map_get(s->labeled_map, labels, &i)) {
        *out = s->labeled.v[i];
        return true;
    }
    *refusal = LL_REFUSAL_NAME;
    if (labels.n == 0 || labels.n > LL_LABELS_BYTES_MAX)
        return true;
    *refusal = LL_REFUSAL_SERIES_LIMIT;
    if (s->labeled.n >= s->max_labeled)
        return true;
    if (!insert(s, labels, t, &id, err))
        return false;
    struct ll_sqlite_labeled *made = keep(s, labels, err);
    if (!made)
        return false;
    made->id = id;
    made->newest_known = true; /* it has none */
    *out = made;
    *refusal = LL_REFUSAL_NONE;
    return true;
}
