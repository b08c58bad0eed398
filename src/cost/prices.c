#include "cost/prices.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/vec.h"

enum { BYTES_MAX = 256 << 20, TEXT_MAX = 512 };

/* OpenCost's defaults, US dollars. */
#define VCPU_HOUR 0.031611
#define GIB_HOUR 0.004237
#define GPU_HOUR 0.95
#define DISK_GIB_HOUR 0.00005479452
#define ZONE_GIB 0.01
#define DEFAULTS_AS_OF ((ll_time)1729728000000) /* 2024-10-24 */

#define X(member, name) name,
static const char *const scopes[] = {LL_PRICE_SCOPE_TABLE(X)};
#undef X

static const struct ll_price_unit units[] = {
    [LL_RESOURCE_CPU] = {"vCPU-hour", 1, false},
    [LL_RESOURCE_MEMORY] = {"GiB-hour", 1.0 / 1073741824, false},
    [LL_RESOURCE_DISK] = {"GiB-hour", 1.0 / 1073741824, false},
    [LL_RESOURCE_NETWORK] = {"GiB", 3600.0 / 1073741824, true},
    [LL_RESOURCE_CONNECTIONS] = {"connection-hour", 1, false},
    [LL_RESOURCE_QUEUE_DEPTH] = {"item-hour", 1, false},
    [LL_RESOURCE_API_CALLS] = {"million calls", 3600.0 / 1e6, true},
};

LL_VEC_DEFINE(rows, const struct ll_price *)

struct ll_prices {
    struct rows rows; /* sorted by compare() */
    struct ll_arena *text;
    struct ll_slice currency;
};

const char *ll_price_scope_name(enum ll_price_scope v)
{
    return (size_t)v < LL_LEN(scopes) ? scopes[v] : "?";
}

const struct ll_price_unit *ll_price_unit(enum ll_resource_type type)
{
    LL_ASSERT((size_t)type < LL_LEN(units));
    return &units[type];
}

struct ll_prices *ll_prices_new(void)
{
    struct ll_prices *b = calloc(1, sizeof(*b));
    if (!b)
        return NULL;
    b->rows.cap = LL_PRICES_MAX;
    b->text = ll_arena_new(BYTES_MAX);
    if (b->text)
        return b;
    free(b);
    return NULL;
}

void ll_prices_free(struct ll_prices *b)
{
    if (!b)
        return;
    rows_fini(&b->rows);
    ll_arena_free(b->text);
    free(b);
}

/* Of what is priced; then from when. */
static int compare_thing(const struct ll_price *a, const struct ll_price *b)
{
    if (a->scope != b->scope)
        return a->scope < b->scope ? -1 : 1;
    int names = ll_slice_cmp(a->name, b->name);
    return names ? names : (a->type > b->type) - (a->type < b->type);
}

static int compare(const struct ll_price *a, const struct ll_price *b)
{
    int things = compare_thing(a, b);
    return things ? things : (a->from > b->from) - (a->from < b->from);
}

/* The first row that is not before key. */
static size_t lower_bound(const struct ll_prices *b, const struct ll_price *key)
{
    size_t low = 0, high = b->rows.n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (compare(b->rows.v[mid], key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static const char *thing(const struct ll_price *p, char buf[static 128])
{
    struct ll_str s;
    ll_str_init(&s, 127);
    ll_str_addf(&s, "%s '%.*s' %s", ll_price_scope_name(p->scope),
                (int)LL_MIN(p->name.n, (size_t)60), p->name.n ? p->name.s : "",
                p->type >= 0 ? ll_resource_name((enum ll_resource_type)p->type) : "whole");
    memcpy(buf, ll_str_z(&s), s.n + 1);
    ll_str_fini(&s);
    return buf;
}

static bool any_infinite(const struct ll_price *p)
{
    bool bad = isinf(p->committed) || isinf(p->spot);
    for (size_t k = 0; k < LL_COST_KIND_COUNT; k++)
        bad = bad || isinf(p->unit[k]);
    return bad;
}

static bool any_price(const struct ll_price *p)
{
    bool any = false;
    for (size_t k = 0; k < LL_COST_KIND_COUNT; k++)
        any = any || !isnan(p->unit[k]);
    return any;
}

static const char *whole_fault(const struct ll_price *p)
{
    if (p->scope != LL_PRICE_INSTANCE)
        return "only an instance type is priced whole: name a resource type";
    if (!(p->vcpu > 0 && isfinite(p->vcpu) && p->mem_gib >= 0 && isfinite(p->mem_gib) &&
          p->gpu >= 0 && isfinite(p->gpu)))
        return "an instance needs vcpu over 0, mem_gib and gpu of 0 or more";
    return NULL;
}

static const char *fault(const struct ll_price *p)
{
    const bool named = p->scope == LL_PRICE_SERVICE || p->scope == LL_PRICE_INSTANCE;
    if ((size_t)p->scope >= LL_PRICE_SCOPE_COUNT || p->type >= LL_RESOURCE_COUNT)
        return "there is no such scope or resource type";
    if (named != (p->name.n > 0) || p->name.n > TEXT_MAX || p->source.n > TEXT_MAX)
        return "a service or an instance type needs a name of at most 512 bytes, others have none";
    if (any_infinite(p))
        return "a price is infinite";
    if (!any_price(p))
        return "it has no price";
    if (p->from != LL_TIME_NONE && p->to != LL_TIME_NONE && p->to <= p->from)
        return "it ends before it begins";
    if (p->currency.n != 3)
        return "the currency needs three letters, as in USD";
    return p->type < 0 ? whole_fault(p) : NULL;
}

static bool copy_text(struct ll_prices *b, struct ll_slice *s)
{
    const char *copy = ll_arena_copy(b->text, s->n ? s->s : "", s->n);
    *s = (struct ll_slice){copy, s->n};
    return copy != NULL;
}

static bool insert(struct ll_prices *b, size_t at, const struct ll_price *p, struct ll_err *err)
{
    if (b->rows.n >= LL_PRICES_MAX)
        return ll_err_set(err, LL_E_TOO_LARGE, "more than %d prices", LL_PRICES_MAX);
    struct ll_price *copy = LL_ARENA_NEW(b->text, struct ll_price, 1);
    if (copy)
        *copy = *p;
    if (!copy || !copy_text(b, &copy->name) || !copy_text(b, &copy->source) ||
        !copy_text(b, &copy->currency) || !rows_push(&b->rows, copy))
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu prices", b->rows.n + 1);
    for (size_t i = b->rows.n - 1; i > at; i--)
        b->rows.v[i] = b->rows.v[i - 1];
    b->rows.v[at] = copy;
    if (b->currency.n == 0)
        b->currency = copy->currency;
    return true;
}

bool ll_prices_add(struct ll_prices *b, const struct ll_price *p, struct ll_err *err)
{
    char name[128];
    const char *why = fault(p);
    if (why)
        return ll_err_set(err, LL_E_INVALID, "price of %s: %s", thing(p, name), why);
    if (b->currency.n && !ll_slice_eq(b->currency, p->currency))
        return ll_err_set(err, LL_E_CONFLICT,
                          "price of %s is in %.3s and the book in %.3s: a book has one currency; "
                          "convert one of them",
                          thing(p, name), p->currency.s, b->currency.s);
    const size_t at = lower_bound(b, p);
    if (at < b->rows.n && compare(b->rows.v[at], p) == 0)
        return ll_err_set(err, LL_E_CONFLICT,
                          "price of %s: the book has one from the same time already",
                          thing(p, name));
    return insert(b, at, p, err);
}

bool ll_prices_add_defaults(struct ll_prices *b, struct ll_err *err)
{
    static const struct {
        enum ll_resource_type type;
        double unit;
    } defaults[] = {{LL_RESOURCE_CPU, VCPU_HOUR},
                    {LL_RESOURCE_MEMORY, GIB_HOUR},
                    {LL_RESOURCE_DISK, DISK_GIB_HOUR},
                    {LL_RESOURCE_NETWORK, ZONE_GIB}};
    for (size_t i = 0; i < LL_LEN(defaults); i++) {
        struct ll_price p = LL_PRICE_NONE;
        p.scope = LL_PRICE_DEFAULT;
        p.type = (int)defaults[i].type;
        p.unit[LL_COST_LIST] = defaults[i].unit;
        p.as_of = DEFAULTS_AS_OF;
        p.currency = LL_SLICE("USD");
        p.source = LL_SLICE("list prices: OpenCost defaults, 2024-10-24");
        if (!ll_prices_add(b, &p, err))
            return false;
    }
    return true;
}

struct ll_price_parts ll_price_split(double price, double vcpu, double mem_gib, double gpu)
{
    const double cpu = vcpu * VCPU_HOUR, ram = mem_gib * GIB_HOUR, gpus = gpu * GPU_HOUR;
    const double sum = cpu + ram + gpus;
    if (!(sum > 0))
        return (struct ll_price_parts){NAN, NAN, NAN};
    return (struct ll_price_parts){price * cpu / sum, price * ram / sum, price * gpus / sum};
}

static bool in_force(const struct ll_price *p, ll_time t)
{
    return (p->from == LL_TIME_NONE || p->from <= t) && (p->to == LL_TIME_NONE || t < p->to);
}

/* The last to begin of those in force at t; *until comes down to the next change. */
static const struct ll_price *pick(const struct ll_prices *b, struct ll_price key, ll_time t,
                                   ll_time *until)
{
    const struct ll_price *found = NULL;
    key.from = LL_TIME_NONE; /* sorts first */
    for (size_t i = lower_bound(b, &key); i < b->rows.n; i++) {
        const struct ll_price *p = b->rows.v[i];
        if (compare_thing(p, &key) != 0)
            break;
        if (in_force(p, t))
            found = p;
        if (p->from != LL_TIME_NONE && p->from > t)
            *until = LL_MIN(*until, p->from);
        if (p->to != LL_TIME_NONE && p->to > t)
            *until = LL_MIN(*until, p->to);
    }
    return found;
}

/* Of a unit of the type, where the row may price a machine whole. */
static double unit_of(const struct ll_price *p, enum ll_resource_type type, enum ll_cost_kind kind)
{
    if (p->type >= 0)
        return p->unit[kind];
    const struct ll_price_parts parts = ll_price_split(p->unit[kind], p->vcpu, p->mem_gib, p->gpu);
    if (type == LL_RESOURCE_CPU)
        return parts.cpu / p->vcpu;
    return type == LL_RESOURCE_MEMORY && p->mem_gib > 0 ? parts.ram / p->mem_gib : (double)NAN;
}

static bool take(const struct ll_price *p, const struct ll_price_ask *ask,
                 struct ll_price_found *out)
{
    static const enum ll_cost_kind best[] = {LL_COST_EFFECTIVE, LL_COST_CONTRACTED, LL_COST_LIST};
    for (size_t i = 0; p && i < LL_LEN(best); i++) {
        const enum ll_cost_kind kind =
            ask->kind == LL_PRICE_BEST ? best[i] : (enum ll_cost_kind)ask->kind;
        const double unit = unit_of(p, ask->type, kind);
        if (isnan(unit))
            continue;
        out->unit = unit;
        out->kind = kind;
        out->price = p;
        out->stale = p->as_of == LL_TIME_NONE || ask->t - p->as_of > LL_PRICE_STALE;
        return true;
    }
    return false;
}

struct ll_price_found ll_prices_find(const struct ll_prices *b, const struct ll_price_ask *ask)
{
    LL_ASSERT(ask->kind < LL_COST_KIND_COUNT && (size_t)ask->type < LL_LEN(units));
    struct ll_price_found out = {.unit = NAN, .until = LL_TIME_MAX};
    const struct ll_price keys[] = {
        {.scope = LL_PRICE_SERVICE, .name = ask->service, .type = (int)ask->type},
        {.scope = LL_PRICE_INSTANCE, .name = ask->instance_type, .type = (int)ask->type},
        {.scope = LL_PRICE_INSTANCE, .name = ask->instance_type, .type = LL_PRICE_WHOLE},
        {.scope = LL_PRICE_RESOURCE, .type = (int)ask->type},
        {.scope = LL_PRICE_DEFAULT, .type = (int)ask->type},
    };
    for (size_t i = 0; i < LL_LEN(keys); i++)
        if (take(pick(b, keys[i], ask->t, &out.until), ask, &out))
            break;
    return out;
}

const struct ll_price *ll_prices_instance(const struct ll_prices *b, struct ll_slice instance_type,
                                          ll_time t)
{
    ll_time until = LL_TIME_MAX;
    const struct ll_price key = {
        .scope = LL_PRICE_INSTANCE, .name = instance_type, .type = LL_PRICE_WHOLE};
    return pick(b, key, t, &until);
}

size_t ll_prices_count(const struct ll_prices *b)
{
    return b->rows.n;
}

const struct ll_price *ll_prices_at(const struct ll_prices *b, size_t i)
{
    return i < b->rows.n ? b->rows.v[i] : NULL;
}

struct ll_slice ll_prices_currency(const struct ll_prices *b)
{
    return b->currency;
}

size_t ll_prices_stale(const struct ll_prices *b, ll_time now)
{
    size_t n = 0;
    for (size_t i = 0; i < b->rows.n; i++) {
        const ll_time as_of = b->rows.v[i]->as_of;
        n += as_of == LL_TIME_NONE || now - as_of > LL_PRICE_STALE;
    }
    return n;
}
