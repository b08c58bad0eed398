/* The book as one document of JSON, and back.  Times are milliseconds; what is not set is left out.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_in.h"
#include "base/json_text.h"
#include "base/num.h"
#include "notice/book_private.h"

enum kind { TIME, BOOL, TEXT };

struct field {
    const char *name;
    enum kind kind;
    size_t at, size;
};

#define F(member, kind)                                                                            \
    {                                                                                              \
#member, kind, offsetof(struct ll_notice_entry, member),                                   \
            sizeof(((struct ll_notice_entry *)0)->member)                                          \
    }
static const struct field fields[] = {
    F(notice.key, TEXT),   F(notice.service, TEXT),  F(notice.team, TEXT),
    F(notice.owner, TEXT), F(notice.venue, TEXT),    F(notice.title, TEXT),
    F(notice.text, TEXT),  F(notice.path, TEXT),     F(notice.on_expiry, TEXT),
    F(notice.at, TIME),    F(notice.deadline, TIME), F(gone, BOOL),
    F(again, BOOL),        F(raised, TIME),          F(told, TIME),
    F(ended, TIME),        F(ending, TEXT),
};
#undef F

/* --- out --- */

static void write_time(struct ll_str *out, const char *name, ll_time t)
{
    if (t != LL_TIME_NONE)
        ll_str_addf(out, ",\"%s\":%lld", name, (long long)t);
}

static void write_field(const struct field *f, const char *at, struct ll_str *out)
{
    ll_time t;
    bool yes;
    if (f->kind == TIME) {
        memcpy(&t, at, sizeof(t));
        write_time(out, f->name, t);
    } else if (f->kind == BOOL) {
        memcpy(&yes, at, sizeof(yes));
        if (yes)
            ll_str_addf(out, ",\"%s\":true", f->name);
    } else if (at[0]) {
        ll_str_addf(out, ",\"%s\":", f->name);
        ll_json_text_quote(out, ll_slice_of(at));
    }
}

static void write_entry(const struct ll_notice_book *b, const struct ll_notice_entry *e,
                        struct ll_str *out)
{
    ll_str_addf(out, "{\"kind\":\"%s\",\"severity\":\"%s\",\"receiver\":",
                ll_notice_info(e->notice.kind)->name, ll_notice_severity_name(e->notice.severity));
    ll_json_text_quote(out, ll_slice_of(b->receivers[e->receiver].name));
    for (size_t i = 0; i < LL_LEN(fields); i++)
        write_field(&fields[i], (const char *)e + fields[i].at, out);
    ll_str_addc(out, '}');
}

/* When each had its last message of a kind: for grouping, and for the ids of messages. */
static void write_receiver(const struct ll_notice_state *r, struct ll_str *out)
{
    ll_str_addz(out, "{\"name\":");
    ll_json_text_quote(out, ll_slice_of(r->name));
    for (size_t k = 0; k < LL_NOTICE_KINDS; k++)
        write_time(out, ll_notice_info((enum ll_notice_kind)k)->name, r->groups[k].told);
    ll_str_addc(out, '}');
}

void ll_notice_book_write(const struct ll_notice_book *b, ll_time seen, struct ll_str *out)
{
    ll_str_addf(out, "{\"version\":1,\"seen\":%lld,\"receivers\":[", (long long)seen);
    for (size_t i = 0; i < b->policy->n_receivers; i++) {
        ll_str_addz(out, i ? ",\n" : "\n");
        write_receiver(&b->receivers[i], out);
    }
    ll_str_addz(out, "],\"notices\":[");
    for (size_t i = 0; i < b->n; i++) {
        ll_str_addz(out, i ? ",\n" : "\n");
        write_entry(b, b->entries[i], out);
    }
    ll_str_addz(out, "]}\n");
}

/* --- in --- */

struct reading {
    struct ll_notice_book *b;
    struct ll_json_in in;
    struct ll_json_tok tok;
    ll_time now, seen;
    struct ll_err *err;
};

static bool damaged(struct reading *r, struct ll_slice what)
{
    return ll_err_set(r->err, LL_E_DAMAGED, "notices: '%.*s' is not what was written",
                      (int)LL_MIN(what.n, (size_t)40), what.s);
}

static bool next(struct reading *r)
{
    return ll_json_in_next(&r->in, &r->tok, r->err);
}

/* The clock may have been set back: what was told in the future would never be told again. */
static bool read_time(const struct reading *r, bool future, ll_time *out)
{
    int64_t t;
    if (r->tok.kind != LL_JSON_NUMBER || !ll_num_parse_int(r->tok.text, &t) || t < LL_TIME_MIN ||
        t > LL_TIME_MAX)
        return false;
    *out = future ? t : LL_MIN(t, r->now);
    return true;
}

static bool read_field(const struct reading *r, const struct field *f, char *at)
{
    ll_time t;
    const bool yes = r->tok.kind == LL_JSON_TRUE;
    switch (f->kind) {
    case TIME:
        if (!read_time(r, f->at == offsetof(struct ll_notice_entry, notice.deadline), &t))
            return false;
        memcpy(at, &t, sizeof(t));
        return true;
    case BOOL:
        memcpy(at, &yes, sizeof(yes));
        return yes || r->tok.kind == LL_JSON_FALSE;
    case TEXT:
        if (r->tok.kind != LL_JSON_STRING)
            return false;
        ll_notice_put(at, f->size, r->tok.text);
        return true;
    }
    return false;
}

static bool severity_parse(struct ll_slice text, enum ll_severity *out)
{
    for (int i = 0; i < LL_SEVERITIES; i++)
        if (ll_slice_is(text, ll_notice_severity_name((enum ll_severity)i))) {
            *out = (enum ll_severity)i;
            return true;
        }
    return false;
}

struct entry_read {
    struct ll_notice_entry e;
    char receiver[128];
    bool kind, severity;
};

static bool read_entry_member(struct reading *r, struct ll_slice key, struct entry_read *x)
{
    const bool text = r->tok.kind == LL_JSON_STRING;
    if (ll_slice_is(key, "kind"))
        return text && (x->kind = ll_notice_kind_parse(r->tok.text, &x->e.notice.kind));
    if (ll_slice_is(key, "severity"))
        return text && (x->severity = severity_parse(r->tok.text, &x->e.notice.severity));
    if (ll_slice_is(key, "receiver")) {
        LL_NOTICE_PUT(x->receiver, r->tok.text);
        return text;
    }
    for (size_t i = 0; i < LL_LEN(fields); i++)
        if (ll_slice_is(key, fields[i].name))
            return read_field(r, &fields[i], (char *)&x->e + fields[i].at);
    return ll_json_in_skip(&r->in, &r->tok, r->err);
}

/* Takes its place by the policy of now. */
static void take(struct reading *r, const struct entry_read *x)
{
    struct ll_notice_book *b = r->b;
    const size_t to = ll_notice_route(b->policy, &x->e.notice);
    if (to == b->policy->n_receivers || b->n == LL_NOTICE_BOOK_MAX ||
        ll_notice_book_find(b, ll_slice_of(x->e.notice.key)) < b->n)
        return;
    const bool same = strcmp(b->receivers[to].name, x->receiver) == 0;
    if (x->e.gone && (!same || x->e.told == LL_TIME_NONE) && !x->e.ending[0])
        return;
    struct ll_notice_entry *e = ll_notice_book_add(b);
    if (!e)
        return;
    *e = x->e;
    e->receiver = to;
    e->told = same ? e->told : LL_TIME_NONE;
    e->settles = r->now + LL_NOTICE_SETTLE;
}

static bool read_entry(struct reading *r)
{
    struct entry_read x = {.e.notice = {.at = r->now, .deadline = LL_TIME_NONE},
                           .e.raised = r->now,
                           .e.told = LL_TIME_NONE,
                           .e.ended = r->now,
                           .e.settles = LL_TIME_NONE};
    while (next(r) && r->tok.kind == LL_JSON_KEY) {
        const struct ll_slice key = r->tok.text;
        if (!next(r) || !read_entry_member(r, key, &x))
            return damaged(r, key);
    }
    if (r->tok.kind != LL_JSON_OBJECT_END || !x.kind || !x.severity || !x.e.notice.key[0])
        return damaged(r, LL_SLICE("notice"));
    take(r, &x);
    return true;
}

static struct ll_notice_state *receiver_named(struct ll_notice_book *b, struct ll_slice name)
{
    for (size_t i = 0; i < b->policy->n_receivers; i++)
        if (ll_slice_is(name, b->receivers[i].name))
            return &b->receivers[i];
    return NULL;
}

static bool read_receiver(struct reading *r)
{
    struct ll_notice_state *to = NULL;
    enum ll_notice_kind kind;
    while (next(r) && r->tok.kind == LL_JSON_KEY) {
        const struct ll_slice key = r->tok.text;
        ll_time told;
        if (!next(r))
            return damaged(r, key);
        if (ll_slice_is(key, "name")) {
            to = r->tok.kind == LL_JSON_STRING ? receiver_named(r->b, r->tok.text) : NULL;
        } else if (ll_notice_kind_parse(key, &kind)) {
            if (!read_time(r, false, &told))
                return damaged(r, key);
            if (to)
                to->groups[kind].told = told;
        } else if (!ll_json_in_skip(&r->in, &r->tok, r->err)) {
            return damaged(r, key);
        }
    }
    return r->tok.kind == LL_JSON_OBJECT_END || damaged(r, LL_SLICE("receiver"));
}

static bool read_list(struct reading *r, bool (*one)(struct reading *r))
{
    if (r->tok.kind != LL_JSON_ARRAY)
        return damaged(r, LL_SLICE("list"));
    while (next(r) && r->tok.kind == LL_JSON_OBJECT)
        if (!one(r))
            return false;
    return r->tok.kind == LL_JSON_ARRAY_END || damaged(r, LL_SLICE("list"));
}

static bool read_member(struct reading *r, struct ll_slice key)
{
    if (ll_slice_is(key, "notices"))
        return read_list(r, read_entry);
    if (ll_slice_is(key, "receivers"))
        return read_list(r, read_receiver);
    if (ll_slice_is(key, "seen"))
        return read_time(r, false, &r->seen) || damaged(r, key);
    return ll_json_in_skip(&r->in, &r->tok, r->err) || damaged(r, key);
}

static bool read_whole(struct reading *r)
{
    if (!next(r) || r->tok.kind != LL_JSON_OBJECT)
        return damaged(r, LL_SLICE("{"));
    while (next(r) && r->tok.kind == LL_JSON_KEY) {
        const struct ll_slice key = r->tok.text;
        if (!next(r))
            return damaged(r, key);
        if (!read_member(r, key))
            return false;
    }
    return (r->tok.kind == LL_JSON_OBJECT_END && next(r) && r->tok.kind == LL_JSON_END) ||
           damaged(r, LL_SLICE("}"));
}

bool ll_notice_book_read(struct ll_notice_book *b, struct ll_slice text, ll_time now, ll_time *seen,
                         struct ll_err *err)
{
    struct reading r = {.b = b, .now = now, .seen = now, .err = err};
    if (text.n > LL_NOTICE_KEPT_MAX)
        return ll_err_set(err, LL_E_DAMAGED, "notices: %zu bytes, at most %d", text.n,
                          LL_NOTICE_KEPT_MAX);
    char *copy = malloc(text.n + 1);
    if (!copy)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu bytes of notices", text.n);
    if (text.n)
        memcpy(copy, text.s, text.n);
    ll_json_in_init(&r.in, copy, text.n);
    const bool ok = read_whole(&r);
    free(copy);
    *seen = r.seen;
    return ok;
}

void ll_notice_book_each(const struct ll_notice_book *b, enum ll_notice_kind k,
                         void (*fn)(void *ctx, const struct ll_notice *n), void *ctx)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->entries[i]->notice.kind == k && !b->entries[i]->gone)
            fn(ctx, &b->entries[i]->notice);
}
