/* Remote-write messages of both protocols (the first byte says which).  What is taken must be
 * canonical and within its limits; what is refused must say so and leave nothing. */
#include "collect/remote_write.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW ((ll_time)1795421300000)
#define OLDEST (NOW - 15 * LL_DAY)

enum { SAMPLES_MAX = 5000, BYTES_MAX = 4 << 20 };

/* Sorted by name, each once, none empty, all of it UTF-8, and a name. */
static void check_labels(struct ll_slice set)
{
    struct ll_label l, before = {LL_SLICE(""), LL_SLICE("")};
    struct ll_slice rest = set;
    size_t n = 0;
    for (; ll_labels_next(&rest, &l); n++) {
        LL_ASSERT(l.name.n > 0 && l.value.n > 0 && ll_slice_cmp(before.name, l.name) < 0);
        LL_ASSERT(ll_utf8_valid(l.name.s, l.name.n) && ll_utf8_valid(l.value.s, l.value.n));
        before = l;
    }
    LL_ASSERT(rest.n == 0 && n <= LL_LABELS_MAX && set.n <= LL_LABELS_BYTES_MAX);
    LL_ASSERT(ll_labels_get(set, LL_LABELS_NAME).n > 0);
}

static void check_set(const struct ll_labeled_set *set, const struct ll_remote_write_result *res)
{
    size_t points = 0, refused = 0;
    for (size_t i = 0; i < set->n; i++) {
        const struct ll_labeled_series *s = &set->v[i];
        check_labels(s->labels);
        LL_ASSERT(s->n > 0);
        for (size_t k = 0; k < s->n; k++)
            LL_ASSERT(s->points[k].t >= OLDEST && s->points[k].t <= NOW + 10 * LL_MINUTE);
        points += s->n;
    }
    for (size_t i = 0; i < LL_REMOTE_WRITE_REASONS; i++) {
        const struct ll_remote_write_refusal *r = &res->refused[i];
        LL_ASSERT(ll_utf8_valid(r->example, strlen(r->example)));
        refused += r->n;
    }
    LL_ASSERT(points == set->points && points == res->samples && set->n == res->series);
    LL_ASSERT(points <= SAMPLES_MAX && ll_arena_used(set->arena) <= BYTES_MAX);
    LL_ASSERT(res->invalid == (refused > 0));
    LL_ASSERT(res->refused[LL_REMOTE_WRITE_HISTOGRAM].n == res->histograms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const struct ll_remote_write_opts opts = {.protocol = data[0] & 1 ? LL_REMOTE_WRITE_2
                                                                      : LL_REMOTE_WRITE_1,
                                              .now = NOW,
                                              .oldest = OLDEST,
                                              .max_samples = SAMPLES_MAX,
                                              .max_bytes = BYTES_MAX,
                                              .seed = 7};
    char *message = malloc(size); /* of exactly its size: a byte too many is seen */
    struct ll_labeled_set *set = NULL;
    struct ll_remote_write_result res = {0};
    struct ll_err err = {0};
    LL_ASSERT(message);
    memcpy(message, data + 1, size - 1);
    message = realloc(message, size - 1 ? size - 1 : 1);
    bool ok = ll_remote_write_decode((struct ll_slice){message, size - 1}, &opts, &set, &res, &err);
    free(message); /* the set keeps nothing of it */
    if (ok)
        check_set(set, &res);
    else
        LL_ASSERT(!set && (err.code == LL_E_INVALID || err.code == LL_E_TOO_LARGE));
    ll_labeled_set_free(set);
    return 0;
}
