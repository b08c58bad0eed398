#include <stdio.h>
#include <string.h>

#include "api/auth_others.h"

bool ll_auth_proxy_trusts(const struct ll_web_proxy *p, const struct ll_address *from)
{
    for (size_t i = 0; i < p->n_trusted; i++)
        if (ll_cidr_has(&p->trusted[i], from->whole))
            return true;
    return false;
}

static struct ll_slice trim(struct ll_slice t)
{
    while (t.n > 0 && (*t.s == ' ' || *t.s == '\t')) {
        t.s++;
        t.n--;
    }
    while (t.n > 0 && (t.s[t.n - 1] == ' ' || t.s[t.n - 1] == '\t'))
        t.n--;
    return t;
}

static bool list_has(struct ll_slice list, const char *name)
{
    while (list.n > 0) {
        const char *comma = memchr(list.s, ',', list.n);
        size_t n = comma ? (size_t)(comma - list.s) : list.n;
        if (ll_slice_is(trim((struct ll_slice){list.s, n}), name))
            return true;
        n += comma != NULL;
        list = (struct ll_slice){list.s + n, list.n - n};
    }
    return false;
}

const struct ll_web_group *ll_auth_group_find(const struct ll_web_group *v, size_t n,
                                              struct ll_slice list)
{
    for (size_t i = 0; i < n; i++)
        if (list_has(list, v[i].name))
            return &v[i];
    return NULL;
}

bool ll_auth_name(struct ll_identity *who, const char *prefix, struct ll_slice name)
{
    size_t n = strlen(prefix);
    bool fits = name.n > 0 && n + name.n < sizeof(who->name) && ll_utf8_valid(name.s, name.n);
    for (size_t i = 0; fits && i < name.n; i++)
        fits = (unsigned char)name.s[i] >= ' ' && name.s[i] != 0x7f;
    if (!fits)
        return false;
    memcpy(who->name, prefix, n);
    memcpy(who->name + n, name.s, name.n);
    who->name[n + name.n] = '\0';
    return true;
}

/* A header that may be there once; empty without a name for it. */
static bool read_once(const char *name, ll_header_fn *header, void *ctx, struct ll_slice *out,
                      struct ll_err *err)
{
    size_t n = 0;
    *out = LL_SLICE("");
    if (name)
        *out = trim(header(ctx, name, &n));
    return n < 2 ||
           ll_err_set(err, LL_E_INVALID, "the proxy's header %s is there %zu times", name, n);
}

static bool take_role(const struct ll_web_proxy *p, struct ll_slice role, struct ll_slice groups,
                      struct ll_identity *who, struct ll_err *err)
{
    who->role = p->role;
    if (role.n > 0)
        return ll_role_parse(role, &who->role) ||
               ll_err_set(err, LL_E_DENIED, "the proxy's header %s is none of our roles",
                          p->role_header);
    const struct ll_web_group *g = ll_auth_group_find(p->groups, p->n_groups, groups);
    if (g) {
        who->role = g->role;
        if (g->scope)
            who->scope = *g->scope;
    }
    return true;
}

bool ll_auth_proxy_identify(const struct ll_web_proxy *p, ll_header_fn *header, void *ctx,
                            bool *said, struct ll_identity *out, struct ll_err *err)
{
    struct ll_slice user, role, groups;
    /* A browser sends the proxy's cookie along from anywhere: writes need our header, as with a
     * cookie of ours. */
    struct ll_identity who = {.authenticated = true, .by_cookie = true};
    *said = false;
    if (!read_once(p->user_header, header, ctx, &user, err))
        return false;
    if (user.n == 0)
        return true;
    if (!read_once(p->role_header, header, ctx, &role, err) ||
        !read_once(p->groups_header, header, ctx, &groups, err))
        return false;
    if (!ll_auth_name(&who, "proxy:", user))
        return ll_err_set(err, LL_E_INVALID, "the proxy's header %s is no name", p->user_header);
    if (!take_role(p, role, groups, &who, err))
        return false;
    *out = who;
    *said = true;
    return true;
}
