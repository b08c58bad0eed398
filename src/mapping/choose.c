/* Which groups of one target stand out: judged by what their members said last, so that the
 * order in which rounds end does not show. */
#include "mapping/choose.h"

#include <math.h>

#include "mapping/kube.h"

static struct ll_slice label_of(const struct ll_group *g, const char *name)
{
    return g->members ? ll_labels_get(g->members->series->labels, ll_slice_of(name))
                      : (struct ll_slice){"", 0};
}

/* The shortest, then the first by name: as the host collector has it. */
static bool is_shorter(struct ll_slice a, struct ll_slice b)
{
    return a.n != b.n ? a.n < b.n : ll_slice_cmp(a, b) < 0;
}

bool ll_choose_shows(const struct ll_group *g)
{
    const struct ll_recipe *r = g->output->recipe;
    if (!(r->flags & LL_RECIPE_ONE_PER_DEVICE))
        return true;
    struct ll_slice device = label_of(g, "device");
    for (const struct ll_group *s = g->object->groups; s; s = s->sibling)
        if (s != g && s->live > 0 && s->output->recipe->flags & LL_RECIPE_ONE_PER_DEVICE &&
            s->output->recipe->unit == r->unit && ll_slice_eq(label_of(s, "device"), device) &&
            is_shorter(s->part, g->part))
            return false;
    return true;
}

static double last_capacity(const struct ll_group *g)
{
    double sum = 0;
    for (const struct ll_bind *b = g->members; b; b = b->next)
        if (b->series->state == LL_SERIES_LIVE)
            sum += g->output->recipe->terms[b->what].capacity * b->series->v;
    return sum;
}

static bool is_vetoed(const struct ll_group *g)
{
    for (const struct ll_bind *b = g->members; b; b = b->next)
        if (g->output->recipe->terms[b->what].flags & LL_TERM_VETO &&
            b->series->state == LL_SERIES_LIVE && b->series->v > 0)
            return true;
    return false;
}

/* Of the same kind and on the same target, so that one of them can be primary. */
static bool competes(const struct ll_group *g, const struct ll_group *s, unsigned flag)
{
    return s != g && s->live > 0 && s->output->recipe->flags & flag &&
           s->output->recipe->type == g->output->recipe->type && !is_vetoed(s) &&
           ll_choose_shows(s);
}

static bool is_largest(const struct ll_group *g)
{
    if (ll_slice_is(g->part, "/"))
        return true;
    double own = last_capacity(g);
    for (const struct ll_group *s = g->object->groups; s; s = s->sibling) {
        if (!competes(g, s, LL_RECIPE_PRIMARY_LARGEST))
            continue;
        double other = last_capacity(s);
        if (ll_slice_is(s->part, "/") || other > own ||
            (other >= own && ll_slice_cmp(s->part, g->part) < 0))
            return false;
    }
    return true;
}

static bool is_first(const struct ll_group *g)
{
    for (const struct ll_group *s = g->object->groups; s; s = s->sibling)
        if (competes(g, s, LL_RECIPE_PRIMARY_FIRST) && ll_slice_cmp(s->part, g->part) < 0)
            return false;
    return true;
}

/* Of the volumes of the claim's pod. */
static bool is_first_volume(struct ll_mapper *m, const struct ll_group *g)
{
    struct ll_object *pod;
    struct ll_slice volume;
    if (!ll_kube_pod_of_claim(m, g->object, &pod, &volume))
        return false;
    for (const struct ll_bind *b = pod->facts; b; b = b->next)
        if (b->what == LL_FACT_VOLUME && b->series->state == LL_SERIES_LIVE &&
            ll_slice_cmp(ll_labels_get(b->series->labels, LL_SLICE("volume")), volume) < 0)
            return false;
    return true;
}

bool ll_choose_primary(struct ll_mapper *m, const struct ll_group *g)
{
    unsigned flags = g->output->recipe->flags;
    if (flags & LL_RECIPE_PRIMARY)
        return true;
    if (flags & LL_RECIPE_PRIMARY_LARGEST)
        return is_largest(g);
    if (!(flags & LL_RECIPE_PRIMARY_FIRST))
        return false;
    return g->output->recipe->naming == LL_NAMING_CLAIM ? is_first_volume(m, g) : is_first(g);
}
