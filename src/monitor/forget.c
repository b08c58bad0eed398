/* The monitor's memory of what exists: order, and forgetting. */
#include <stdlib.h>

#include "monitor/state.h"

static const ll_dur ended_after = LL_HOUR;

void ll_state_free_series(struct ll_series_state *s)
{
    if (!s)
        return;
    free(s->name);
    free(s);
}

void ll_state_free_cell(struct ll_cell_state *c)
{
    if (!c)
        return;
    free(c->warm);
    free(c->name);
    free(c);
}

static int by_key(const void *a, const void *b)
{
    const struct ll_series_state *const *x = a, *const *y = b;
    return ll_series_key_cmp(&(*x)->key, &(*y)->key);
}

void ll_state_sort(struct ll_monitor *m)
{
    if (m->sorted_ok)
        return;
    for (size_t i = 0; i < m->n_series; i++)
        m->sorted[i] = m->series[i];
    if (m->n_series)
        qsort(m->sorted, m->n_series, sizeof(struct ll_series_state *), by_key);
    m->sorted_ok = true;
}

static struct ll_slice cell_key(const struct ll_cell_state *c)
{
    return (struct ll_slice){c->name, c->service.n + 2};
}

/* Moves the last series into the hole. */
static void drop_series(struct ll_monitor *m, size_t i)
{
    struct ll_series_state *s = m->series[i], *last = m->series[m->n_series - 1];
    ll_map_remove(m->by_key, (struct ll_slice){s->name, s->name_n});
    m->cells[s->cell]->n_series--;
    m->series[i] = last;
    m->n_series--;
    if (last != s)
        LL_ASSERT(ll_map_put(m->by_key, (struct ll_slice){last->name, last->name_n}, i));
    ll_state_free_series(s);
    m->sorted_ok = false;
}

/* Closes the holes that empty cells leave; series follow their cell's new place. */
static void drop_empty_cells(struct ll_monitor *m)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->n_cells; i++) {
        struct ll_cell_state *c = m->cells[i];
        if (c->n_series == 0) {
            ll_map_remove(m->by_cell, cell_key(c));
            ll_state_free_cell(c);
            continue;
        }
        LL_ASSERT(ll_map_put(m->by_cell, cell_key(c), kept));
        m->cells[kept++] = c;
    }
    m->n_cells = kept;
    for (size_t i = 0; i < m->n_series; i++) {
        struct ll_series_state *s = m->series[i];
        struct ll_slice prefix = {s->name, s->key.service.n + 2};
        LL_ASSERT(ll_map_get(m->by_cell, prefix, &s->cell));
    }
}

void ll_state_forget(struct ll_monitor *m, ll_time now)
{
    size_t before = m->n_series;
    ll_state_forget_facts(m, now - m->forget_after);
    for (size_t i = m->n_series; i-- > 0;) {
        const struct ll_series_state *s = m->series[i];
        ll_dur after = s->ended ? LL_MIN(ended_after, m->forget_after) : m->forget_after;
        if (s->t + s->step < now - after)
            drop_series(m, i);
    }
    if (m->n_series != before)
        drop_empty_cells(m);
}
