#include "stats/sort.h"

#include <string.h>

struct heap {
    char *v;
    size_t size;
    ll_sort_compare *compare;
    const void *ctx;
};

static int compare_at(const struct heap *h, size_t a, size_t b)
{
    return h->compare(h->v + a * h->size, h->v + b * h->size, h->ctx);
}

static void swap(const struct heap *h, size_t a, size_t b)
{
    char held[LL_SORT_SIZE_MAX];
    memcpy(held, h->v + a * h->size, h->size);
    memcpy(h->v + a * h->size, h->v + b * h->size, h->size);
    memcpy(h->v + b * h->size, held, h->size);
}

static void sift(const struct heap *h, size_t at, size_t n)
{
    for (size_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
        if (child + 1 < n && compare_at(h, child, child + 1) < 0)
            child++;
        if (compare_at(h, at, child) >= 0)
            return;
        swap(h, at, child);
        at = child;
    }
}

void ll_sort(void *v, size_t n, size_t size, ll_sort_compare *compare, const void *ctx)
{
    LL_ASSERT(size <= LL_SORT_SIZE_MAX);
    const struct heap h = {v, size, compare, ctx};
    for (size_t i = n / 2; i-- > 0;)
        sift(&h, i, n);
    for (size_t end = n; end-- > 1;) {
        swap(&h, 0, end);
        sift(&h, 0, end);
    }
}
