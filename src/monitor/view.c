#include "monitor/view.h"

#include <stdlib.h>

static const char *const limit_states[] = {"OK", "BEYOND", "LEARNING", "NO_CAPACITY"};

const char *ll_limit_state_name(enum ll_limit_state s)
{
    return (size_t)s < LL_LEN(limit_states) ? limit_states[s] : "?";
}

static int cell_order(struct ll_slice service, enum ll_resource_type type,
                      const struct ll_cell *cell)
{
    int c = ll_slice_cmp(service, cell->service);
    return c ? c : (type > cell->type) - (type < cell->type);
}

const struct ll_cell *ll_view_cell(const struct ll_view *v, struct ll_slice service,
                                   enum ll_resource_type type)
{
    size_t lo = 0, hi = v->n_cells;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = cell_order(service, type, &v->cells[mid]);
        if (c == 0)
            return &v->cells[mid];
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

const struct ll_service_row *ll_view_service(const struct ll_view *v, struct ll_slice name)
{
    for (size_t i = 0; i < v->n_services; i++)
        if (ll_slice_eq(v->services[i].name, name))
            return &v->services[i];
    return NULL;
}

enum ll_status ll_view_health(const struct ll_view *v)
{
    return v->overall;
}

size_t ll_view_top(const struct ll_view *v, size_t limit, const struct ll_metric **out)
{
    size_t n = LL_MIN(limit, v->n_top);
    for (size_t i = 0; i < n; i++)
        out[i] = &v->metrics[v->top[i]];
    return n;
}

bool ll_view_primary_part(const struct ll_view *v, struct ll_slice service,
                          enum ll_resource_type type, struct ll_slice *part)
{
    const struct ll_cell *c = ll_view_cell(v, service, type);
    if (!c)
        return false;
    for (size_t i = 0; i < c->n; i++)
        if (v->metrics[c->first + i].primary) {
            *part = v->metrics[c->first + i].key.part;
            return true;
        }
    return false;
}

void ll_view_free(struct ll_view *v)
{
    if (!v)
        return;
    ll_arena_free(v->arena);
    free(v);
}
