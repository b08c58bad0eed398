#include "cost/size_text.h"

#include <math.h>
#include <stdio.h>

#include "core/units.h"

struct figures {
    char base[LL_UNIT_TEXT_MAX], peak[LL_UNIT_TEXT_MAX], wanted[LL_UNIT_TEXT_MAX];
};

static void base_text(const struct ll_size_opts *o, const struct figures *f, char *buf)
{
    if (o->q < 1)
        snprintf(buf, LL_SIZE_TEXT_MAX, "P%g of use %s + %g %%", 100 * o->q, f->base,
                 100 * o->headroom);
    else
        snprintf(buf, LL_SIZE_TEXT_MAX, "highest use %s + %g %%", f->base, 100 * o->headroom);
}

static void peak_text(const struct ll_size_opts *o, const struct figures *f, char *buf)
{
    snprintf(buf, LL_SIZE_TEXT_MAX, "the peak of %s is protected (tier %s)", f->peak,
             ll_tier_name(o->tier));
}

/* Terms whose figure is what is wanted itself. */
static const char *plain(enum ll_size_term t)
{
    switch (t) {
    case LL_SIZE_VPA:
        return "target of the Vertical Pod Autoscaler";
    case LL_SIZE_OOM:
        return "it ran out of memory";
    case LL_SIZE_FORECAST:
        return "forecast until the next review";
    case LL_SIZE_REGULATORY:
        return "what the regulation asks for";
    case LL_SIZE_FLOOR:
        return "the least that is recommended";
    case LL_SIZE_HORIZONTAL:
        return "what keeps use at the target of its horizontal rule";
    case LL_SIZE_NO_DATA:
        return "no samples";
    default:
        return "the current size is not known";
    }
}

static void held_text(const struct ll_size *s, const struct ll_size_opts *o,
                      const struct figures *f, char *buf)
{
    if (s->bound == LL_SIZE_MAX_SHRINK)
        snprintf(buf, LL_SIZE_TEXT_MAX, "%s is wanted (%s), at most %g %% less at once", f->wanted,
                 ll_size_term_name(s->term), 100 * o->max_shrink);
    else if (s->bound == LL_SIZE_HYSTERESIS)
        snprintf(buf, LL_SIZE_TEXT_MAX, "%s is wanted (%s), less than %g %% from the current size",
                 f->wanted, ll_size_term_name(s->term), 100 * o->hysteresis);
    else
        snprintf(buf, LL_SIZE_TEXT_MAX, "%zu samples over %.3g h: to shrink takes %zu over %g h",
                 s->samples, s->span_hours, o->min_samples, o->min_span_hours);
}

static void saturation_text(const struct ll_size *s, const struct ll_size_opts *o, char *buf)
{
    if (s->saturated >= o->saturated_share)
        snprintf(buf, LL_SIZE_TEXT_MAX, "%.3g %% of samples at the capacity: use may be higher",
                 100 * s->saturated);
    else
        snprintf(buf, LL_SIZE_TEXT_MAX, "work was throttled or queued: use may be higher");
}

char *ll_size_text(const struct ll_size *s, const struct ll_size_opts *o, enum ll_unit unit,
                   char buf[static LL_SIZE_TEXT_MAX])
{
    struct figures f;
    ll_unit_format(unit, s->base, f.base);
    ll_unit_format(unit, s->peak, f.peak);
    ll_unit_format(unit, s->wanted, f.wanted);
    switch (s->bound) {
    case LL_SIZE_BASE:
        base_text(o, &f, buf);
        break;
    case LL_SIZE_PEAK:
        peak_text(o, &f, buf);
        break;
    case LL_SIZE_SATURATION:
        saturation_text(s, o, buf);
        break;
    case LL_SIZE_MAX_SHRINK:
    case LL_SIZE_HYSTERESIS:
    case LL_SIZE_TOO_LITTLE:
        held_text(s, o, &f, buf);
        break;
    default:
        snprintf(buf, LL_SIZE_TEXT_MAX, "%s", plain(s->bound));
    }
    return buf;
}
