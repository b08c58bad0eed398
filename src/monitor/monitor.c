#include "monitor/monitor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/state.h"

static const ll_dur default_forget = 24 * LL_HOUR;

struct ll_monitor *ll_monitor_new(const struct ll_monitor_opts *opts)
{
    LL_AUTO(ll_monitor) m = calloc(1, sizeof(*m));
    if (!m)
        return NULL;
    m->max_series = opts->max_series ? opts->max_series : 20000;
    m->forget_after = opts->forget_after ? opts->forget_after : default_forget;
    m->by_key = ll_map_new(opts->seed, m->max_series);
    m->by_cell = ll_map_new(opts->seed, m->max_series);
    m->by_service = ll_map_new(opts->seed, m->max_series);
    m->scratch = calloc(LL_TREND_SCRATCH(LL_STATE_HOURS), sizeof(double));
    if (!m->by_key || !m->by_cell || !m->by_service || !m->scratch)
        return NULL;
    struct ll_monitor *made = m;
    m = NULL;
    return made;
}

void ll_monitor_free(struct ll_monitor *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->n_series; i++)
        ll_state_free_series(m->series[i]);
    for (size_t i = 0; i < m->n_cells; i++)
        ll_state_free_cell(m->cells[i]);
    for (size_t i = 0; i < m->n_facts; i++)
        free(m->facts[i]);
    free(m->facts);
    free(m->series);
    free(m->cells);
    free(m->sorted);
    free(m->scratch);
    ll_map_free(m->by_key);
    ll_map_free(m->by_cell);
    ll_map_free(m->by_service);
    free(m);
}

size_t ll_monitor_series(const struct ll_monitor *m)
{
    return m->n_series;
}

/* The three arrays grow together: there are never more cells than series. */
static bool make_room(struct ll_monitor *m)
{
    if (m->n_series < m->size)
        return true;
    size_t size = LL_MIN(m->size ? m->size * 2 : 64, m->max_series);
    struct ll_series_state **series = realloc(m->series, size * sizeof(struct ll_series_state *));
    if (series)
        m->series = series;
    struct ll_cell_state **cells = realloc(m->cells, size * sizeof(struct ll_cell_state *));
    if (cells)
        m->cells = cells;
    struct ll_series_state **sorted = realloc(m->sorted, size * sizeof(struct ll_series_state *));
    if (sorted)
        m->sorted = sorted;
    if (!series || !cells || !sorted)
        return false;
    m->size = size;
    return true;
}

static struct ll_cell_state *new_cell(struct ll_slice service, enum ll_resource_type type,
                                      const char *key, size_t n)
{
    struct ll_cell_state *c = calloc(1, sizeof(*c));
    char *name = malloc(n + 1);
    if (!c || !name) {
        free(c);
        free(name);
        return NULL;
    }
    memcpy(name, key, n);
    name[n] = '\0';
    c->name = name;
    c->service = (struct ll_slice){name + 1, service.n}; /* after the byte of the type */
    c->type = type;
    c->since = LL_TIME_NONE;
    ll_ring_init(&c->fives, c->fives_v, LL_STATE_FIVES);
    ll_ring_init(&c->quarters, c->quarters_v, LL_STATE_QUARTERS);
    ll_ring_init(&c->peaks, c->peaks_v, LL_STATE_PEAKS);
    return c;
}

/* The cell's key is the beginning of its series' keys: type and service. */
static bool cell_for(struct ll_monitor *m, const struct ll_series_key *key, const char *bytes,
                     size_t *index)
{
    struct ll_slice k = {bytes, key->service.n + 2};
    if (ll_map_get(m->by_cell, k, index))
        return true;
    struct ll_cell_state *c = new_cell(key->service, key->type, bytes, k.n);
    if (!c)
        return false;
    if (!ll_map_put(m->by_cell, (struct ll_slice){c->name, k.n}, m->n_cells)) {
        ll_state_free_cell(c);
        return false;
    }
    *index = m->n_cells;
    m->cells[m->n_cells++] = c;
    return true;
}

static struct ll_series_state *new_series(const struct ll_series_key *key, const char *bytes,
                                          size_t n)
{
    struct ll_series_state *s = calloc(1, sizeof(*s));
    char *name = malloc(n);
    if (!s || !name) {
        free(s);
        free(name);
        return NULL;
    }
    memcpy(name, bytes, n);
    s->name = name;
    s->name_n = n;
    s->key.type = key->type;
    s->key.service = (struct ll_slice){name + 1, key->service.n};
    s->key.instance = (struct ll_slice){s->key.service.s + key->service.n + 1, key->instance.n};
    s->key.part = (struct ll_slice){s->key.instance.s + key->instance.n + 1, key->part.n};
    s->value = s->capacity = s->max_value = NAN;
    s->t = LL_TIME_NONE;
    s->trend.slope = NAN;
    ll_ring_init(&s->hours, s->hours_v, LL_STATE_HOURS);
    return s;
}

static struct ll_series_state *add_series(struct ll_monitor *m, const struct ll_series_key *key,
                                          struct ll_err *err)
{
    char bytes[LL_SERIES_KEY_TEXT_MAX];
    size_t n;
    if (!ll_series_key_bytes(key, bytes, &n)) {
        ll_err_set(err, LL_E_INVALID, "a name is longer than %d bytes", LL_NAME_MAX);
        return NULL;
    }
    if (m->n_series >= m->max_series) {
        ll_err_set(err, LL_E_BUSY, "the limit of %zu series is reached", m->max_series);
        return NULL;
    }
    size_t cell;
    struct ll_series_state *s = NULL;
    if (make_room(m) && cell_for(m, key, bytes, &cell))
        s = new_series(key, bytes, n);
    if (!s || !ll_map_put(m->by_key, (struct ll_slice){s->name, n}, m->n_series)) {
        ll_state_free_series(s);
        ll_err_set(err, LL_E_MEMORY, "no memory for another series");
        return NULL;
    }
    s->cell = cell;
    m->cells[cell]->n_series++;
    m->series[m->n_series++] = s;
    m->sorted_ok = false;
    return s;
}

static struct ll_series_state *find(const struct ll_monitor *m, const struct ll_series_key *key)
{
    char bytes[LL_SERIES_KEY_TEXT_MAX];
    size_t n, index;
    if (!ll_series_key_bytes(key, bytes, &n) ||
        !ll_map_get(m->by_key, (struct ll_slice){bytes, n}, &index))
        return NULL;
    return m->series[index];
}

static void note_gap(struct ll_series_state *s, ll_dur gap)
{
    if (gap <= 0 || gap > LL_HOUR)
        return;
    s->gaps[2] = s->gaps[1];
    s->gaps[1] = s->gaps[0];
    s->gaps[0] = gap;
}

bool ll_monitor_record(struct ll_monitor *m, const struct ll_sample *x, struct ll_err *err)
{
    struct ll_series_state *s = find(m, &x->key);
    if (!s)
        s = add_series(m, &x->key, err);
    if (!s)
        return false;
    ll_state_mean_add(&s->hour, &s->hours, x->t / LL_HOUR, x->value);
    if (s->has_latest && x->t < s->t + s->step)
        return true;
    if (s->has_latest)
        note_gap(s, x->t - s->t - s->step);
    s->has_latest = true;
    s->ended = false;
    s->unit = x->unit;
    s->primary = x->primary;
    s->value = x->value;
    s->capacity = x->capacity;
    s->max_value = x->max_value;
    s->window = x->window;
    s->t = x->t;
    s->step = 0;
    return true;
}

void ll_monitor_end(struct ll_monitor *m, const struct ll_series_end *e)
{
    struct ll_series_state *s = find(m, &e->key);
    if (s && s->has_latest && e->t >= s->t + s->step)
        s->ended = true;
}

static void add_sum(struct ll_warm_sum *v, size_t n, int64_t slot, const struct ll_rollup *r)
{
    struct ll_warm_sum *x = &v[slot % (int64_t)n];
    if (slot < x->slot)
        return;
    if (slot > x->slot)
        *x = (struct ll_warm_sum){.slot = slot};
    x->value += (float)r->mean;
    x->max += (float)r->max;
    x->capacity += (float)r->capacity;
}

static void warm_cell(struct ll_cell_state *c, const struct ll_rollup *r)
{
    if (!c->warm)
        c->warm = calloc(1, sizeof(*c->warm));
    if (!c->warm || r->t < 0)
        return;
    add_sum(c->warm->quarters, LL_STATE_QUARTERS, r->t / LL_STATE_QUARTER, r);
    add_sum(c->warm->fives, LL_STATE_WARM_FIVES, r->t / LL_STATE_FIVE, r);
}

/* The latest sample has opened its hour alone; what else was in that hour joins it. */
static void warm_hour(struct ll_series_state *s, const struct ll_monitor_warm *w)
{
    int64_t slot = w->rollup.t / LL_HOUR;
    double sum = w->rollup.mean * w->rollup.count;
    bool open = s->hour.n > 0 && s->hour.slot == slot;
    if (w->step == LL_HOUR) {
        ll_ring_set(&s->hours, slot, w->rollup.mean);
        s->trend_hour = INT64_MIN; /* made anew with it */
        if (open && w->rollup.count > 0)
            s->hour = (struct ll_slot_mean){slot, sum, w->rollup.count};
    } else if (open && isnan(ll_ring_get(&s->hours, slot))) {
        s->hour.sum += sum;
        s->hour.n += w->rollup.count;
    }
}

/* Which series make up each cell's sum: known once, for all that was recorded before. */
static void begin_warming(struct ll_monitor *m)
{
    m->warming = true;
    ll_state_sort(m);
    for (size_t i = 0, n; i < m->n_series; i += n) {
        for (n = 1; i + n < m->n_series && m->sorted[i + n]->cell == m->sorted[i]->cell; n++)
            continue;
        ll_state_mark_standing(m->sorted + i, n);
    }
}

void ll_monitor_warm(struct ll_monitor *m, const struct ll_monitor_warm *w)
{
    struct ll_series_state *s = find(m, &w->key);
    if (!m->warming)
        begin_warming(m);
    if (!s)
        return;
    warm_hour(s, w);
    if (w->step != LL_HOUR && s->stands)
        warm_cell(m->cells[s->cell], &w->rollup);
}

static void finish_cell(struct ll_cell_state *c)
{
    for (size_t i = 0; c->warm && i < LL_STATE_QUARTERS; i++) {
        const struct ll_warm_sum *x = &c->warm->quarters[i];
        if (x->capacity > 0)
            ll_ring_set(&c->quarters, x->slot, (double)(x->value / x->capacity));
    }
    for (size_t i = 0; c->warm && i < LL_STATE_WARM_FIVES; i++) {
        const struct ll_warm_sum *x = &c->warm->fives[i];
        if (!(x->capacity > 0))
            continue;
        int64_t hour = x->slot / 12;
        double peak = ll_ring_get(&c->peaks, hour), max = (double)(x->max / x->capacity);
        ll_ring_set(&c->fives, x->slot, (double)(x->value / x->capacity));
        ll_ring_set(&c->peaks, hour, isnan(peak) ? max : fmax(peak, max));
    }
    free(c->warm);
    c->warm = NULL;
}

void ll_monitor_warm_end(struct ll_monitor *m)
{
    for (size_t i = 0; i < m->n_cells; i++)
        finish_cell(m->cells[i]);
    for (size_t i = 0; i < m->n_cells; i++)
        m->cells[i]->judged = false; /* what was said without the past does not count */
    m->warming = false;
}

static void cut_mean(struct ll_slot_mean *mean, struct ll_ring *ring, int64_t last)
{
    ll_ring_cut(ring, last);
    if (mean->n > 0 && mean->slot > last)
        *mean = (struct ll_slot_mean){0};
}

void ll_monitor_clock_step(struct ll_monitor *m, ll_dur d, ll_time now)
{
    for (size_t i = 0; i < m->n_series; i++) {
        m->series[i]->step += d;
        cut_mean(&m->series[i]->hour, &m->series[i]->hours, now / LL_HOUR);
    }
    for (size_t i = 0; i < m->n_cells; i++) {
        struct ll_cell_state *c = m->cells[i];
        cut_mean(&c->five, &c->fives, now / LL_STATE_FIVE);
        cut_mean(&c->quarter, &c->quarters, now / LL_STATE_QUARTER);
        ll_ring_cut(&c->peaks, now / LL_HOUR);
    }
}
