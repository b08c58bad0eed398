#include "execute/kube_read.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

enum { PATH_BYTES = 512 };

/* Where the reader is: the keys so far, and where each level's text ends. */
struct place {
    char path[PATH_BYTES];
    size_t n, ends[LL_JSON_IN_DEPTH_MAX + 1], depth;
};

static void enter(struct place *p, struct ll_slice key)
{
    size_t dot = p->n > 0 ? 1 : 0;
    p->ends[p->depth++] = p->n;
    if (p->n + dot + key.n >= sizeof(p->path)) {
        p->n = sizeof(p->path); /* matches nothing, and nothing fits behind it */
        return;
    }
    if (dot)
        p->path[p->n++] = '.';
    memcpy(p->path + p->n, key.s, key.n);
    p->n += key.n;
}

static void leave(struct place *p)
{
    p->n = p->ends[--p->depth];
}

static bool is_at(const struct place *p, const char *path)
{
    return p->n < sizeof(p->path) && strlen(path) == p->n && memcmp(path, p->path, p->n) == 0;
}

static bool note(const struct place *p, const struct ll_kube_shape *s,
                 const struct ll_json_tok *tok, struct ll_err *err)
{
    for (size_t i = 0; i < s->n_values; i++) {
        struct ll_kube_value *v = &s->values[i];
        if (!is_at(p, v->path))
            continue;
        if (v->there)
            return ll_err_set(err, LL_E_INVALID, "%s is there twice", v->path);
        v->there = true;
        v->kind = tok->kind;
        v->text = tok->kind == LL_JSON_STRING || tok->kind == LL_JSON_NUMBER ? tok->text
                                                                             : (struct ll_slice){0};
    }
    return true;
}

static bool walk_list(struct ll_json_in *in, const struct ll_kube_list *list, struct ll_err *err)
{
    struct ll_json_tok tok;
    for (;;) {
        if (!ll_json_in_next(in, &tok, err))
            return false;
        if (tok.kind == LL_JSON_ARRAY_END)
            return true;
        if (tok.kind != LL_JSON_OBJECT)
            return ll_err_set(err, LL_E_INVALID, "%s has something in it that is no object",
                              list->path);
        if (!list->item(list->ctx, in, err))
            return false;
    }
}

/* The value of the key that was entered; *opened when it is an object to walk into. */
static bool take_value(struct ll_json_in *in, const struct place *p, const struct ll_kube_shape *s,
                       bool *opened, struct ll_err *err)
{
    struct ll_json_tok tok;
    *opened = false;
    if (!ll_json_in_next(in, &tok, err) || !note(p, s, &tok, err))
        return false;
    *opened = tok.kind == LL_JSON_OBJECT;
    if (tok.kind != LL_JSON_ARRAY)
        return true;
    for (size_t i = 0; i < s->n_lists; i++)
        if (is_at(p, s->lists[i].path))
            return walk_list(in, &s->lists[i], err);
    return ll_json_in_skip(in, &tok, err);
}

bool ll_kube_object(struct ll_json_in *in, const struct ll_kube_shape *s, struct ll_err *err)
{
    struct place p = {.n = 0};
    struct ll_json_tok tok;
    for (;;) {
        bool opened;
        if (!ll_json_in_next(in, &tok, err))
            return false;
        if (tok.kind == LL_JSON_OBJECT_END) {
            if (p.depth == 0)
                return true;
            leave(&p);
            continue;
        }
        enter(&p, tok.text); /* in an object only a key or its end comes */
        if (!take_value(in, &p, s, &opened, err))
            return false;
        if (!opened)
            leave(&p);
    }
}

bool ll_kube_document(char *text, size_t n, const struct ll_kube_shape *s, struct ll_err *err)
{
    struct ll_json_in in;
    struct ll_json_tok tok;
    ll_json_in_init(&in, text, n);
    if (!ll_json_in_next(&in, &tok, err))
        return false;
    if (tok.kind != LL_JSON_OBJECT)
        return ll_err_set(err, LL_E_INVALID, "it is not an object");
    return ll_kube_object(&in, s, err) && ll_json_in_next(&in, &tok, err);
}

bool ll_kube_count(const struct ll_kube_value *v, int64_t absent, int64_t *out, struct ll_err *err)
{
    int64_t n = absent;
    if (v->there && v->kind != LL_JSON_NULL &&
        (v->kind != LL_JSON_NUMBER || !ll_num_parse_int(v->text, &n) || n < 0))
        return ll_err_set(err, LL_E_INVALID, "%s is not a whole number from 0", v->path);
    *out = n;
    return true;
}

bool ll_kube_is(const struct ll_kube_value *v, const char *text)
{
    return v->there && v->kind == LL_JSON_STRING && ll_slice_is(v->text, text);
}

bool ll_kube_quantity(struct ll_slice t, bool milli, int64_t *out)
{
    static const struct {
        const char *suffix;
        double factor;
    } units[] = {{"n", 1e-9},
                 {"u", 1e-6},
                 {"m", 1e-3},
                 {"k", 1e3},
                 {"M", 1e6},
                 {"G", 1e9},
                 {"T", 1e12},
                 {"P", 1e15},
                 {"E", 1e18},
                 {"Ki", 1024.0},
                 {"Mi", 1048576.0},
                 {"Gi", 1073741824.0},
                 {"Ti", 1099511627776.0},
                 {"Pi", 1125899906842624.0}};
    double factor = 1, v;
    size_t best = 0;
    for (size_t i = 0; i < LL_LEN(units); i++) {
        size_t n = strlen(units[i].suffix);
        if (t.n > n && n > best && memcmp(t.s + t.n - n, units[i].suffix, n) == 0) {
            factor = units[i].factor;
            best = n;
        }
    }
    if (!ll_num_parse((struct ll_slice){t.s, t.n - best}, &v) || v < 0)
        return false;
    /* 1e-9 of slack: 0.1 * 1000 is not to become 101. */
    double scaled = v * factor * (milli ? 1000 : 1);
    double whole = ceil(scaled - scaled * 1e-12 - 1e-9);
    if (!(whole < 9e15))
        return false;
    *out = (int64_t)LL_MAX(whole, 0.0);
    return true;
}
