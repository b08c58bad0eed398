/* Answers of a Prometheus: vectors, matrices, lists of names, errors.  What is refused leaves the
 * set as it was; what is taken has valid labels and times that were asked for. */
#include <stdlib.h>
#include <string.h>

#include "collect/promql_read.h"
#include "collect/promql_targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW ((ll_time)1795484700000)
enum { SERIES_MAX = 50, POINTS_MAX = 20 };

static char *copy_of(const uint8_t *data, size_t size)
{
    char *copy = malloc(size ? size : 1);
    LL_ASSERT(copy);
    memcpy(copy, data, size);
    return copy;
}

static void check_series(const struct ll_labeled_series *s, bool exact)
{
    struct ll_label labels[LL_LABELS_MAX];
    struct ll_slice rest = s->labels;
    struct ll_err err;
    size_t n = 0;
    while (n < LL_LABELS_MAX && ll_labels_next(&rest, &labels[n]))
        n++;
    size_t sorted = n;
    LL_ASSERT(rest.n == 0 && ll_labels_sort(labels, &sorted, &err) && sorted == n);
    LL_ASSERT(s->n <= POINTS_MAX);
    for (size_t i = 0; i < s->n; i++) {
        LL_ASSERT(!exact || s->points[i].t == NOW);
        LL_ASSERT(i == 0 || s->points[i].t > s->points[i - 1].t);
    }
}

static void read_as(const uint8_t *data, size_t size, bool matrix)
{
    LL_AUTO(ll_labeled_set) set = ll_labeled_set_new(4, 1 << 20);
    struct ll_promql_read_opts o = {.matrix = matrix,
                                    .from = matrix ? NOW - LL_HOUR : NOW,
                                    .to = NOW,
                                    .exact = !matrix,
                                    .kind = LL_LABELED_RATE,
                                    .name = LL_SLICE("name"),
                                    .max_series = SERIES_MAX,
                                    .max_points = matrix ? POINTS_MAX : 1};
    struct ll_promql_said said = {0};
    struct ll_err err = {0};
    char *copy = copy_of(data, size);
    LL_ASSERT(set);
    bool ok = ll_promql_read(copy, size, &o, set, &said, &err);
    LL_ASSERT(ok ? set->n == said.series : set->n == 0 && set->points == 0 && err.code != LL_E_OK);
    free(copy); /* nothing of it may be needed any more */
    for (size_t i = 0; i < set->n; i++)
        check_series(&set->v[i], o.exact);
    LL_AUTO(ll_promql_targets) targets = ll_promql_targets_new(set, NOW, LL_MINUTE, 7);
    LL_ASSERT(targets);
    for (size_t i = 0; i < set->n; i++)
        (void)ll_promql_targets_gone(targets, set->v[i].labels);
}

static void count(void *ctx, struct ll_slice text)
{
    size_t *bytes = ctx;
    *bytes += text.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char type[32], text[LL_PROMQL_NOTE_MAX], *copy;
    struct ll_err err = {0};
    size_t bytes = 0;
    read_as(data, size, false);
    read_as(data, size, true);
    copy = copy_of(data, size);
    (void)ll_promql_read_list(copy, size, count, &bytes, &err);
    LL_ASSERT(bytes <= size);
    free(copy);
    copy = copy_of(data, size);
    ll_promql_read_error(copy, size, type, text);
    LL_ASSERT(ll_utf8_valid(text, strlen(text)) && ll_utf8_valid(type, strlen(type)));
    free(copy);
    return 0;
}
