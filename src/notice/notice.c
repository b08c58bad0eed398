#include "notice/notice.h"

#include <string.h>

#define X(member, name, alert, severity, once, urgent, doc)                                        \
    [member] = {(name), (alert), severity, once, urgent, (doc)},
static const struct ll_notice_info infos[] = {LL_NOTICE_TABLE(X)};
#undef X

const struct ll_notice_info *ll_notice_info(enum ll_notice_kind k)
{
    LL_ASSERT((size_t)k < LL_NOTICE_KINDS);
    return &infos[k];
}

const char *ll_notice_severity_name(enum ll_severity s)
{
    static const char *const names[] = {"info", "warning", "critical"};
    return (size_t)s < LL_LEN(names) ? names[s] : "?";
}

bool ll_notice_kind_parse(struct ll_slice text, enum ll_notice_kind *out)
{
    for (size_t i = 0; i < LL_LEN(infos); i++)
        if (ll_slice_is(text, infos[i].name)) {
            *out = (enum ll_notice_kind)i;
            return true;
        }
    return false;
}

void ll_notice_put(char *field, size_t size, struct ll_slice text)
{
    size_t n = 0;
    for (size_t i = 0, step; i < text.n; i += step) {
        const unsigned char c = (unsigned char)text.s[i];
        step = ll_str_utf8_next(text.s + i, text.n - i);
        const bool bad = step == 0 || c < ' ' || c == 0x7f;
        step = LL_MAX(step, (size_t)1);
        if (n + (bad ? 1 : step) >= size)
            break;
        if (bad)
            field[n] = c < ' ' ? ' ' : '?';
        else
            memcpy(field + n, text.s + i, step);
        n += bad ? 1 : step;
    }
    field[n] = '\0';
}

/* * is any text, ? one byte; after a miss the last * takes one more. */
static bool fits(struct ll_slice pattern, const char *text)
{
    const size_t n = strlen(text);
    size_t p = 0, t = 0, star = SIZE_MAX, from = 0;
    if (pattern.n == 0)
        return true;
    while (t < n) {
        if (p < pattern.n && pattern.s[p] == '*') {
            star = p++;
            from = t;
        } else if (p < pattern.n && (pattern.s[p] == '?' || pattern.s[p] == text[t])) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.s[p] == '*')
        p++;
    return p == pattern.n;
}

static bool is(struct ll_slice wanted, const char *text)
{
    return wanted.n == 0 || ll_slice_is(wanted, text);
}

static bool route_fits(const struct ll_notice_route *r, const struct ll_notice *n)
{
    return is(r->severity, ll_notice_severity_name(n->severity)) &&
           is(r->event, ll_notice_info(n->kind)->name) && is(r->team, n->team) &&
           is(r->owner, n->owner) && is(r->venue, n->venue) && fits(r->service, n->service);
}

static bool is_told(const struct ll_notice_policy *p, const struct ll_notice *n)
{
    if (!p->events || !*p->events)
        return true;
    for (const char *const *e = p->events; *e; e++)
        if (strcmp(*e, ll_notice_info(n->kind)->name) == 0)
            return true;
    return false;
}

size_t ll_notice_route(const struct ll_notice_policy *p, const struct ll_notice *n)
{
    const struct ll_notice_route *found = NULL;
    if (!is_told(p, n))
        return p->n_receivers;
    for (size_t i = 0; i < p->n_routes && !found; i++)
        if (route_fits(&p->routes[i], n))
            found = &p->routes[i];
    if (!found)
        return 0;
    for (size_t i = 0; i < p->n_receivers; i++)
        if (ll_slice_eq(p->receivers[i].name, found->receiver))
            return i;
    return p->n_receivers;
}

ll_time ll_notice_silenced(const struct ll_notice_policy *p, const struct ll_notice *n, ll_time now)
{
    ll_time until = LL_TIME_NONE;
    for (size_t i = 0; i < p->n_silences; i++)
        if (now < p->silences[i].until && fits(p->silences[i].service, n->service))
            until = LL_MAX(until, p->silences[i].until);
    return until;
}
