#include "mapping/slots.h"

#include <stdlib.h>
#include <string.h>

bool ll_slots_make(struct ll_mapper *m)
{
    m->slots = calloc(LL_TABLE_FIRST, sizeof(*m->slots));
    m->n_slots = m->slots ? LL_TABLE_FIRST : 0;
    m->names = ll_map_new(m->seed, LL_UNMATCHED_NAMES_MAX);
    m->unmatched = calloc(LL_UNMATCHED_NAMES_MAX, sizeof(*m->unmatched));
    return m->slots && m->names && m->unmatched;
}

void ll_slots_free(struct ll_mapper *m)
{
    for (size_t i = 0; m->unmatched && i < m->n_unmatched; i++) {
        free(m->unmatched[i].metric);
        free(m->unmatched[i].example);
    }
    free(m->unmatched);
    ll_map_free(m->names);
    free(m->slots);
}

/* The slot of the set, or the empty one where it would go. */
struct ll_slot *ll_slots_find(const struct ll_mapper *m, uint64_t hash, struct ll_slice labels)
{
    size_t mask = m->n_slots - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct ll_slot *s = &m->slots[i];
        if (s->hash == 0 ||
            (s->hash == hash && (!s->series || ll_slice_eq(s->series->labels, labels))))
            return s;
    }
}

/* Into n slots; of what is no series only what was seen since. */
bool ll_slots_rebuild(struct ll_mapper *m, size_t n, uint32_t since)
{
    struct ll_slot *old = m->slots;
    size_t n_old = m->n_slots;
    struct ll_slot *slots = calloc(n, sizeof(*slots));
    if (!slots)
        return false;
    m->slots = slots;
    m->n_slots = n;
    m->used_slots = m->n_other = 0;
    for (size_t i = 0; i < n_old; i++) {
        if (old[i].hash == 0 || (!old[i].series && old[i].seen < since))
            continue;
        size_t at = old[i].hash & (n - 1);
        while (slots[at].hash)
            at = (at + 1) & (n - 1);
        slots[at] = old[i];
        m->used_slots++;
        m->n_other += !old[i].series;
    }
    free(old);
    return true;
}

struct ll_slot *ll_slots_room(struct ll_mapper *m, uint64_t hash, struct ll_slice labels)
{
    if ((m->used_slots + 1) * 10 > m->n_slots * 7 && !ll_slots_rebuild(m, m->n_slots * 2, 0))
        return NULL;
    return ll_slots_find(m, hash, labels);
}

uint32_t ll_slots_age(const struct ll_mapper *m, ll_time now)
{
    if (m->birth == LL_TIME_NONE || now < m->birth)
        return 0;
    return (uint32_t)LL_MIN((now - m->birth) / 1000 + 1, (ll_dur)UINT32_MAX);
}

static char *copy_text(struct ll_slice t)
{
    char *z = malloc(t.n + 1);
    if (!z)
        return NULL;
    if (t.n)
        memcpy(z, t.s, t.n);
    z[t.n] = '\0';
    return z;
}

static char *example_of(struct ll_slice labels)
{
    struct ll_str text;
    ll_str_init(&text, 4 * LL_LABELS_BYTES_MAX);
    ll_labels_text(labels, &text);
    size_t n = LL_MIN(text.n, (size_t)512);
    while (n > 0 && n < text.n && ((unsigned char)text.s[n] & 0xc0) == 0x80)
        n--;
    char *z = text.failed ? NULL : copy_text((struct ll_slice){ll_str_z(&text), n});
    ll_str_fini(&text);
    return z;
}

/* Index of the name among the unmatched; LL_UNMATCHED_NAMES_MAX where there is no room. */
static size_t name_of(struct ll_mapper *m, struct ll_slice labels, enum ll_unmatched_reason reason)
{
    struct ll_slice metric = ll_labels_get(labels, LL_LABELS_NAME);
    size_t at;
    if (metric.n > LL_NAME_MAX)
        metric.n = LL_NAME_MAX;
    while (metric.n && !ll_utf8_valid(metric.s, metric.n))
        metric.n--;
    if (ll_map_get(m->names, metric, &at)) {
        if (m->unmatched[at].reason < reason)
            m->unmatched[at].reason = reason; /* the one that says more */
        return at;
    }
    if (m->n_unmatched == LL_UNMATCHED_NAMES_MAX)
        return LL_UNMATCHED_NAMES_MAX;
    struct ll_unmatched_name name = {copy_text(metric), example_of(labels), reason};
    if (!name.metric || !name.example ||
        !ll_map_put(m->names, (struct ll_slice){name.metric, metric.n}, m->n_unmatched)) {
        free(name.metric);
        free(name.example);
        return LL_UNMATCHED_NAMES_MAX;
    }
    m->unmatched[m->n_unmatched] = name;
    return m->n_unmatched++;
}

/* A series that no output is made of: known by its hash from now on. */
void ll_slots_other(struct ll_mapper *m, uint64_t hash, struct ll_slice labels,
                    enum ll_mapper_fate fate, enum ll_unmatched_reason reason)
{
    if (m->n_other >= m->max_series)
        return; /* looked at anew each time, and not counted */
    struct ll_slot *slot = ll_slots_room(m, hash, labels);
    if (!slot)
        return;
    size_t name = fate == LL_MAPPER_UNMATCHED ? name_of(m, labels, reason) : 0;
    *slot = (struct ll_slot){.hash = hash,
                             .seen = ll_slots_age(m, m->now),
                             .name = (uint16_t)name,
                             .fate = (uint8_t)fate};
    m->used_slots++;
    m->n_other++;
}

void ll_slots_forget_names(struct ll_mapper *m)
{
    uint32_t counts[LL_UNMATCHED_NAMES_MAX + 1] = {0};
    for (size_t i = 0; i < m->n_slots; i++)
        if (m->slots[i].hash && !m->slots[i].series && m->slots[i].fate == LL_MAPPER_UNMATCHED)
            counts[m->slots[i].name]++;
    /* Numbers are kept: slots hold them.  A name nobody has makes room at the end only. */
    while (m->n_unmatched > 0 && counts[m->n_unmatched - 1] == 0) {
        struct ll_unmatched_name *last = &m->unmatched[--m->n_unmatched];
        (void)ll_map_remove(m->names, ll_slice_of(last->metric));
        free(last->metric);
        free(last->example);
        *last = (struct ll_unmatched_name){NULL, NULL, LL_NO_RULE};
    }
}
