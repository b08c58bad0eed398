#include "mapping_feed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

static const char *number(double v, char buf[static LL_NUM_TEXT_MAX])
{
    if (isnan(v)) {
        strncpy(buf, "-", LL_NUM_TEXT_MAX);
        return buf;
    }
    /* Nine digits: what a sum of doubles leaves behind them is not the matter here. */
    snprintf(buf, LL_NUM_TEXT_MAX, "%.9g", v);
    return buf;
}

static void on_sample(void *ctx, const struct ll_sample *s)
{
    struct ll_feed *f = ctx;
    char value[LL_NUM_TEXT_MAX], capacity[LL_NUM_TEXT_MAX];
    f->samples++;
    ll_str_addf(&f->said, "%.*s %s %.*s [%.*s] %s %s of %s%s @%lld\n", (int)s->key.service.n,
                s->key.service.s, ll_resource_name(s->key.type), (int)s->key.instance.n,
                s->key.instance.s, (int)s->key.part.n, s->key.part.s, ll_unit_name(s->unit),
                number(s->value, value), number(s->capacity, capacity),
                s->primary ? " primary" : "", (long long)s->t);
    LL_ASSERT(isfinite(s->value) && s->value >= 0);
    LL_ASSERT(isnan(s->capacity) || (isfinite(s->capacity) && s->capacity > 0));
    LL_ASSERT(s->key.service.n > 0 && s->key.service.n <= LL_NAME_MAX);
}

static void on_end(void *ctx, const struct ll_series_end *e)
{
    struct ll_feed *f = ctx;
    f->ends++;
    ll_str_addf(&f->said, "end %.*s %s %.*s [%.*s] @%lld\n", (int)e->key.service.n,
                e->key.service.s, ll_resource_name(e->key.type), (int)e->key.instance.n,
                e->key.instance.s, (int)e->key.part.n, e->key.part.s, (long long)e->t);
}

static void on_facts(void *ctx, const struct ll_service_facts *s)
{
    struct ll_feed *f = ctx;
    const double v[] = {s->desired,
                        s->ready,
                        s->request[LL_RESOURCE_CPU],
                        s->request[LL_RESOURCE_MEMORY],
                        s->limit[LL_RESOURCE_CPU],
                        s->limit[LL_RESOURCE_MEMORY]};
    char text[LL_LEN(v)][LL_NUM_TEXT_MAX];
    for (size_t i = 0; i < LL_LEN(v); i++)
        number(v[i], text[i]);
    f->facts++;
    ll_str_addf(
        &f->said,
        "facts %.*s kind %.*s desired %s ready %s request %s %s limit %s %s "
        "team %.*s owner %.*s tier %.*s cluster %.*s namespace %.*s env %.*s start %lld %lld\n",
        (int)s->service.n, s->service.s, (int)s->kind.n, s->kind.s, text[0], text[1], text[2],
        text[3], text[4], text[5], (int)s->meta.team.n, s->meta.team.s, (int)s->meta.owner.n,
        s->meta.owner.s, (int)s->meta.tier.n, s->meta.tier.s, (int)s->meta.cluster.n,
        s->meta.cluster.s, (int)s->meta.namespace_.n, s->meta.namespace_.s,
        (int)s->meta.environment.n, s->meta.environment.s,
        (long long)(s->oldest_start == LL_TIME_NONE ? -1 : s->oldest_start),
        (long long)(s->newest_start == LL_TIME_NONE ? -1 : s->newest_start));
}

static void on_business(void *ctx, const struct ll_business *b)
{
    struct ll_feed *f = ctx;
    char value[LL_NUM_TEXT_MAX];
    f->business++;
    ll_str_addf(&f->said, "business %.*s service %.*s venue %.*s %s @%lld\n", (int)b->metric.n,
                b->metric.s, (int)b->service.n, b->service.s, (int)b->venue.n, b->venue.s,
                number(b->value, value), (long long)b->t);
}

struct ll_mapper_out ll_feed_to(struct ll_feed *f)
{
    return (struct ll_mapper_out){f, on_sample, on_end, on_facts, on_business};
}

void ll_feed_init(struct ll_feed *f, const struct ll_mapping_rule *rules, size_t n)
{
    struct ll_err err = {0};
    *f = (struct ll_feed){0};
    ll_str_init(&f->said, 64 << 20);
    LL_ASSERT(ll_mapping_new(rules, n, &f->mapping, &err));
    f->mapper = ll_mapper_new(
        &(struct ll_mapper_opts){.mapping = f->mapping, .source = LL_SLICE("test"), .seed = 7});
    LL_ASSERT(f->mapper);
}

void ll_feed_fini(struct ll_feed *f)
{
    ll_mapper_free(f->mapper);
    ll_mapping_free(f->mapping);
    ll_str_fini(&f->said);
}

static const char *take_quoted(const char *p, char *to)
{
    LL_ASSERT(*p == '"');
    for (p++; *p != '"'; p++) {
        if (*p == '\\')
            p++;
        *to++ = *p;
    }
    *to = '\0';
    return p + 1;
}

const char *ll_feed_labels(const char *p, struct ll_str *out)
{
    enum { SIZE = 300 };
    static char texts[2 * LL_LABELS_MAX][SIZE];
    struct ll_label v[LL_LABELS_MAX];
    size_t n = 0, length = strcspn(p, "{ ");
    struct ll_err err = {0};
    v[n++] = (struct ll_label){LL_LABELS_NAME, {p, length}};
    p += length;
    while (*p == '{' || *p == ',') {
        if (*++p == '}')
            break;
        size_t name = strcspn(p, "=");
        struct ll_slice key = {p, name};
        p = take_quoted(p + name + 1, texts[n]);
        v[n] = (struct ll_label){key, ll_slice_of(texts[n])};
        n++;
    }
    if (*p == '}')
        p++;
    LL_ASSERT(ll_labels_sort(v, &n, &err));
    ll_str_clear(out);
    ll_labels_encode(v, n, out);
    return p;
}

static void put_line(struct ll_feed *f, struct ll_mapper_series *s, ll_time t, const char *p)
{
    struct ll_mapper_out out = ll_feed_to(f);
    char value[64];
    p += strspn(p, " ");
    size_t n = strcspn(p, " \n");
    snprintf(value, sizeof(value), "%.*s", (int)n, p);
    p += n + strspn(p + n, " ");
    struct ll_labeled_point point = {
        *p == '@' ? strtoll(p + 1, NULL, 10) : t,
        strcmp(value, "STALE") == 0 ? LL_LABELED_STALE : ll_labeled_bits(strtod(value, NULL))};
    if (s)
        ll_mapper_put(f->mapper, s, &point, &out);
}

/* Meets, or meets and puts, the series of one line. */
static void feed_line(struct ll_feed *f, ll_time t, enum ll_labeled_kind kind, const char *line,
                      bool put, struct ll_str *labels)
{
    enum ll_mapper_fate fate;
    bool raw;
    line += strspn(line, " ");
    if (!*line || *line == '#')
        return;
    const char *rest = ll_feed_labels(line, labels);
    struct ll_mapper_series *s = ll_mapper_series(
        f->mapper, (struct ll_slice){labels->s, labels->n}, kind, f->now, &fate, &raw);
    if (put)
        put_line(f, s, t, rest);
}

/* Each line is copied: sanitizers look at strings to their end, and pages are long. */
void ll_feed_kind(struct ll_feed *f, ll_time t, enum ll_labeled_kind kind, const char *text)
{
    struct ll_str labels, line;
    ll_str_init(&labels, LL_LABELS_BYTES_MAX);
    ll_str_init(&line, 2 * LL_LABELS_BYTES_MAX);
    f->now = t;
    size_t n = strlen(text);
    for (int pass = 0; pass < 2; pass++)
        for (size_t at = 0; at < n;) {
            const char *end = memchr(text + at, '\n', n - at);
            size_t len = end ? (size_t)(end - text) - at : n - at;
            ll_str_clear(&line);
            ll_str_add(&line, text + at, len);
            feed_line(f, t, kind, ll_str_z(&line), pass == 1, &labels);
            at += len + 1;
        }
    ll_str_fini(&line);
    ll_str_fini(&labels);
}

void ll_feed_put(struct ll_feed *f, ll_time t, const char *text)
{
    ll_feed_kind(f, t, LL_LABELED_UNKNOWN, text);
}

void ll_feed_close(struct ll_feed *f, ll_time now, enum ll_mapper_round round)
{
    struct ll_mapper_out out = ll_feed_to(f);
    ll_mapper_close(f->mapper, now, round, &out);
}

const char *ll_feed_line(const struct ll_feed *f, const char *start)
{
    static char line[1024];
    const char *last = NULL;
    for (const char *p = ll_str_z(&f->said); *p; p = strchr(p, '\n') + 1)
        if (strncmp(p, start, strlen(start)) == 0)
            last = p;
    if (!last)
        return NULL;
    snprintf(line, sizeof(line), "%.*s", (int)strcspn(last, "\n"), last);
    return line;
}

void ll_feed_clear(struct ll_feed *f)
{
    ll_str_clear(&f->said);
    f->samples = f->ends = f->facts = f->business = 0;
}

struct ll_mapping_rule ll_feed_rule(const char *const *match)
{
    return (struct ll_mapping_rule){
        .match = match, .resource_type = -1, .scale = NAN, .capacity = NAN};
}
