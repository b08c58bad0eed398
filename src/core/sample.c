#include "core/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define X(member, text) [member] = text,
static const char *const refusal_texts[] = {LL_REFUSAL_TABLE(X)};
#undef X

enum { BYTES_PER_SAMPLE = 1024 }; /* three names of 255 bytes, the record, and room */

const char *ll_refusal_text(enum ll_refusal r)
{
    LL_ASSERT((size_t)r < LL_LEN(refusal_texts));
    return refusal_texts[r];
}

struct ll_batch *ll_batch_new(size_t size, size_t n_business, enum ll_origin origin)
{
    if (size > LL_BATCH_SAMPLES_MAX || n_business > LL_BATCH_SAMPLES_MAX)
        return NULL;
    LL_AUTO(ll_batch) b = calloc(1, sizeof(*b));
    if (!b)
        return NULL;
    b->arena = ll_arena_new((size + n_business + 1) * BYTES_PER_SAMPLE);
    if (!b->arena)
        return NULL;
    b->v = LL_ARENA_NEW(b->arena, struct ll_sample, size);
    b->refusal = LL_ARENA_NEW(b->arena, enum ll_refusal, size);
    b->business = LL_ARENA_NEW(b->arena, struct ll_business, n_business);
    if (!b->v || !b->refusal || !b->business)
        return NULL;
    b->size = size;
    b->origin = origin;
    b->source = "push";
    struct ll_batch *made = b;
    b = NULL;
    return made;
}

void ll_batch_free(struct ll_batch *b)
{
    if (!b)
        return;
    if (b->held_free)
        b->held_free(b->held);
    ll_arena_free(b->arena);
    free(b);
}

static bool copy_name(struct ll_arena *a, struct ll_slice *name)
{
    size_t n = LL_MIN(name->n, (size_t)LL_NAME_MAX + 1);
    char *s = ll_arena_copy(a, name->s, n);
    if (s)
        *name = (struct ll_slice){s, n};
    return s != NULL;
}

bool ll_batch_add(struct ll_batch *b, const struct ll_sample *s)
{
    if (b->n == b->size)
        return false;
    struct ll_sample copy = *s;
    if (!copy_name(b->arena, &copy.key.service) || !copy_name(b->arena, &copy.key.instance) ||
        !copy_name(b->arena, &copy.key.part))
        return false;
    b->refusal[b->n] = LL_REFUSAL_NONE;
    b->v[b->n++] = copy;
    return true;
}

static bool name_ok(struct ll_slice name, bool may_be_empty)
{
    return name.n <= LL_NAME_MAX && (name.n > 0 || may_be_empty) &&
           (name.n == 0 || !memchr(name.s, '\0', name.n)) && ll_utf8_valid(name.s, name.n);
}

enum ll_refusal ll_sample_check(const struct ll_sample *s, ll_time now, ll_time oldest)
{
    if (!name_ok(s->key.service, false) || !name_ok(s->key.instance, true) ||
        !name_ok(s->key.part, true))
        return LL_REFUSAL_NAME;
    if (!isfinite(s->value) || s->value < 0)
        return LL_REFUSAL_VALUE;
    if (!isnan(s->capacity) && (!isfinite(s->capacity) || s->capacity <= 0))
        return LL_REFUSAL_CAPACITY;
    if (!isnan(s->max_value) && (!isfinite(s->max_value) || s->max_value < s->value))
        return LL_REFUSAL_MAX;
    if (s->t > now + 10 * LL_MINUTE)
        return LL_REFUSAL_FUTURE;
    return s->t < oldest ? LL_REFUSAL_TOO_OLD : LL_REFUSAL_NONE;
}

int ll_series_key_cmp(const struct ll_series_key *a, const struct ll_series_key *b)
{
    int c = ll_slice_cmp(a->service, b->service);
    if (c == 0)
        c = (a->type > b->type) - (a->type < b->type);
    if (c == 0)
        c = ll_slice_cmp(a->instance, b->instance);
    return c ? c : ll_slice_cmp(a->part, b->part);
}

bool ll_series_key_bytes(const struct ll_series_key *k, char buf[static LL_SERIES_KEY_TEXT_MAX],
                         size_t *n)
{
    const struct ll_slice parts[] = {k->service, k->instance, k->part};
    size_t at = 0;
    buf[at++] = (char)('A' + k->type);
    for (size_t i = 0; i < LL_LEN(parts); i++) {
        if (parts[i].n > LL_NAME_MAX)
            return false;
        if (parts[i].n)
            memcpy(buf + at, parts[i].s, parts[i].n);
        at += parts[i].n;
        buf[at++] = '\0';
    }
    *n = at;
    return true;
}
