#include "engine/scaling_stored.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_in.h"
#include "base/json_text.h"
#include "base/num.h"

enum { DAEMON_TEXT_MAX = 4096 };

struct ll_scaling_stored *ll_scaling_stored_new(void)
{
    struct ll_scaling_stored *s = calloc(1, sizeof(*s));
    if (s)
        s->pause.until = LL_TIME_NONE;
    return s;
}

static void drop_texts(struct ll_scaling_stored *s)
{
    for (size_t i = 0; i < s->n_texts; i++)
        ll_str_fini(&s->texts[i]);
    free(s->texts);
    s->texts = NULL;
    s->n_texts = 0;
}

void ll_scaling_stored_free(struct ll_scaling_stored *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++) {
        free(s->v[i].id);
        free(s->v[i].document);
    }
    free(s->v);
    drop_texts(s);
    free(s);
}

static int order(const struct ll_stored_document *d, enum ll_rule_kind kind, struct ll_slice id)
{
    if (d->kind != kind)
        return d->kind < kind ? -1 : 1;
    return ll_slice_cmp(ll_slice_of(d->id), id);
}

static size_t place(const struct ll_scaling_stored *s, enum ll_rule_kind kind, struct ll_slice id)
{
    size_t lo = 0, hi = s->n;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (order(&s->v[mid], kind, id) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

const struct ll_stored_document *ll_scaling_stored_find(const struct ll_scaling_stored *s,
                                                        enum ll_rule_kind kind, struct ll_slice id)
{
    const size_t i = place(s, kind, id);
    return i < s->n && order(&s->v[i], kind, id) == 0 ? &s->v[i] : NULL;
}

int64_t ll_scaling_stored_version(const struct ll_scaling_stored *s, enum ll_rule_kind kind,
                                  struct ll_slice id)
{
    const struct ll_stored_document *d = ll_scaling_stored_find(s, kind, id);
    return d ? d->version : 0;
}

static bool room(struct ll_scaling_stored *s)
{
    if (s->n < s->size)
        return true;
    const size_t size = s->size ? 2 * s->size : 16;
    struct ll_stored_document *v = realloc(s->v, size * sizeof(*v));
    if (!v)
        return false;
    s->v = v;
    s->size = size;
    return true;
}

bool ll_scaling_stored_put(struct ll_scaling_stored *s, enum ll_rule_kind kind, struct ll_slice id,
                           const char *document, int64_t version)
{
    const size_t i = place(s, kind, id);
    char *text = document ? strdup(document) : NULL;
    if (document && !text)
        return false;
    if (i < s->n && order(&s->v[i], kind, id) == 0) {
        free(s->v[i].document);
        s->v[i].document = text;
        s->v[i].version = version;
        return true;
    }
    char *name = strndup(id.n ? id.s : "", id.n);
    if (!name || !room(s)) {
        free(name);
        free(text);
        return false;
    }
    memmove(s->v + i + 1, s->v + i, (s->n - i) * sizeof(*s->v));
    s->v[i] = (struct ll_stored_document){kind, name, text, version};
    s->n++;
    return true;
}

struct ll_scaling_stored *ll_scaling_stored_copy(const struct ll_scaling_stored *from)
{
    struct ll_scaling_stored *s = ll_scaling_stored_new();
    if (!s)
        return NULL;
    s->has_mode = from->has_mode;
    s->mode = from->mode;
    s->pause = from->pause;
    for (size_t i = 0; i < from->n; i++)
        if (!ll_scaling_stored_put(s, from->v[i].kind, ll_slice_of(from->v[i].id),
                                   from->v[i].document, from->v[i].version)) {
            ll_scaling_stored_free(s);
            return NULL;
        }
    return s;
}

static bool take_row(void *ctx, const struct ll_rule_row *r)
{
    struct ll_scaling_stored *s = ctx;
    if (r->kind != LL_KIND_TARGET && r->kind != LL_KIND_RULE)
        return true;
    char *text = r->deleted ? NULL : strndup(r->document.s, r->document.n);
    const bool ok =
        (text || r->deleted) && ll_scaling_stored_put(s, r->kind, r->id, text, r->version);
    free(text);
    return ok;
}

bool ll_scaling_stored_read(struct ll_scaling_stored *s, struct ll_store_reader *r,
                            struct ll_err *err)
{
    /* All versions: what was deleted goes on counting from where it ended. */
    const struct ll_rules_query q = {.kind = -1, .versions = true};
    return r->ops->each_rule(r, &q, take_row, s, err);
}

static void add_kind(const struct ll_scaling_stored *s, size_t from, size_t to,
                     enum ll_rule_kind kind, const char *key, struct ll_str *out)
{
    bool first = true;
    ll_str_addf(out, "\"%s\":[", key);
    for (size_t i = from; i < to; i++) {
        if (s->v[i].kind != kind || !s->v[i].document)
            continue;
        if (!first)
            ll_str_addc(out, ',');
        ll_str_addz(out, s->v[i].document);
        first = false;
    }
    ll_str_addc(out, ']');
}

static size_t end_of_text(const struct ll_scaling_stored *s, size_t from)
{
    size_t bytes = 0, i = from;
    for (; i < s->n; i++) {
        bytes += s->v[i].document ? strlen(s->v[i].document) + 1 : 0;
        if (bytes > LL_STORED_TEXT_BYTES && i > from)
            break;
    }
    return i;
}

size_t ll_scaling_stored_texts(struct ll_scaling_stored *s, struct ll_rules_text *out)
{
    drop_texts(s);
    s->texts = calloc(LL_STORED_TEXTS_MAX, sizeof(*s->texts));
    if (!s->texts)
        return 0;
    for (size_t from = 0; from < s->n && s->n_texts < LL_STORED_TEXTS_MAX;) {
        const size_t to = end_of_text(s, from);
        struct ll_str *t = &s->texts[s->n_texts];
        ll_str_init(t, 2 * LL_STORED_TEXT_BYTES);
        ll_str_addc(t, '{');
        add_kind(s, from, to, LL_KIND_TARGET, "targets", t);
        ll_str_addc(t, ',');
        add_kind(s, from, to, LL_KIND_RULE, "rules", t);
        ll_str_addc(t, '}');
        out[s->n_texts++] = (struct ll_rules_text){{ll_str_z(t), t->n}, "stored rules"};
        from = to;
    }
    return s->n_texts;
}

void ll_scaling_stored_write_daemon(const struct ll_scaling_stored *s, struct ll_str *out)
{
    ll_str_addc(out, '{');
    if (s->has_mode)
        ll_str_addf(out, "\"mode\":\"%s\",", ll_mode_name(s->mode));
    ll_str_addf(out, "\"pause\":\"%s\"", ll_pause_name(s->pause.what));
    if (s->pause.what != LL_PAUSE_NONE) {
        ll_str_addf(out, ",\"until\":%lld,\"actor\":", (long long)s->pause.until);
        ll_json_text_quote(out, ll_slice_of(s->pause.actor));
        ll_str_addz(out, ",\"reason\":");
        ll_json_text_quote(out, ll_slice_of(s->pause.reason));
    }
    ll_str_addc(out, '}');
}

static void put(char *buf, size_t size, struct ll_slice s)
{
    const size_t n = LL_MIN(s.n, size - 1);
    memcpy(buf, s.s, n);
    buf[n] = '\0';
}

static void take_member(struct ll_scaling_stored *s, struct ll_slice key,
                        const struct ll_json_tok *v)
{
    int64_t t;
    if (ll_slice_is(key, "mode") && v->kind == LL_JSON_STRING)
        s->has_mode = ll_mode_parse(v->text, &s->mode) || s->has_mode;
    else if (ll_slice_is(key, "pause") && v->kind == LL_JSON_STRING &&
             !ll_pause_parse(v->text, &s->pause.what))
        s->pause.what = LL_PAUSE_NONE;
    else if (ll_slice_is(key, "until") && v->kind == LL_JSON_NUMBER &&
             ll_num_parse_int(v->text, &t))
        s->pause.until = t;
    else if (ll_slice_is(key, "actor") && v->kind == LL_JSON_STRING)
        put(s->pause.actor, sizeof(s->pause.actor), v->text);
    else if (ll_slice_is(key, "reason") && v->kind == LL_JSON_STRING)
        put(s->pause.reason, sizeof(s->pause.reason), v->text);
}

void ll_scaling_stored_daemon(struct ll_scaling_stored *s, struct ll_slice text, ll_time now)
{
    char buf[DAEMON_TEXT_MAX];
    struct ll_json_in in;
    struct ll_json_tok tok;
    struct ll_slice key = {"", 0};
    if (text.n > sizeof(buf))
        return;
    memcpy(buf, text.s, text.n);
    ll_json_in_init(&in, buf, text.n);
    while (ll_json_in_next(&in, &tok, NULL) && tok.kind != LL_JSON_END) {
        if (tok.kind == LL_JSON_KEY)
            key = tok.text;
        else
            take_member(s, key, &tok);
    }
    if (s->pause.what != LL_PAUSE_NONE && (s->pause.until == LL_TIME_NONE || s->pause.until <= now))
        s->pause = (struct ll_pause_state){.until = LL_TIME_NONE};
}

void ll_scaling_pause_text(const struct ll_pause_state *p, char *buf, size_t n)
{
    struct ll_str reason;
    ll_str_init(&reason, 1024);
    ll_json_text_quote(&reason, ll_slice_of(p->reason));
    snprintf(buf, n, "\"what\":\"%s\",\"until\":%lld,\"reason\":%s", ll_pause_name(p->what),
             p->until == LL_TIME_NONE ? 0 : (long long)p->until, ll_str_z(&reason));
    ll_str_fini(&reason);
}
