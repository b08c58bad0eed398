#include "core/units.h"

#include <math.h>
#include <stdio.h>

/* base: 1024 for bytes, 1000 for counts; suffix follows the scale's prefix. */
static const struct {
    double base;
    const char *suffix;
} forms[] = {
    [LL_UNIT_CORES] = {0, "cores"},
    [LL_UNIT_BYTES] = {1024, "B"},
    [LL_UNIT_BYTES_PER_SECOND] = {1000, "B/s"},
    [LL_UNIT_CONNECTIONS] = {1000, ""},
    [LL_UNIT_ITEMS] = {1000, ""},
    [LL_UNIT_CALLS_PER_SECOND] = {1000, "/s"},
    [LL_UNIT_RATIO] = {0, "%"},
    [LL_UNIT_SECONDS] = {0, "s"},
    [LL_UNIT_OPERATIONS_PER_SECOND] = {1000, "/s"},
    [LL_UNIT_FILES] = {1000, "files"},
};

static const char *const prefixes_1000[] = {"", "k", "M", "G", "T", "P"};
static const char *const prefixes_1024[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi"};

struct scale {
    double by;
    const char *prefix, *suffix;
    bool counts; /* single things */
};

static struct scale scale_for(enum ll_unit unit, double v)
{
    LL_ASSERT((size_t)unit < LL_LEN(forms));
    struct scale s = {1, "", forms[unit].suffix,
                      unit == LL_UNIT_CONNECTIONS || unit == LL_UNIT_ITEMS ||
                          unit == LL_UNIT_FILES};
    double base = forms[unit].base;
    if (unit == LL_UNIT_RATIO)
        s.by = 0.01;
    /* half below the base: what would print as the base itself is one of the next */
    for (size_t i = 1; base > 0 && i < LL_LEN(prefixes_1000) && fabs(v) / s.by >= base - 0.5; i++) {
        s.by *= base;
        s.counts = false;
        s.prefix = base > 1000 ? prefixes_1024[i] : prefixes_1000[i];
    }
    return s;
}

/* Connections, items and files come in whole numbers while they are few. */
static int decimals(double v, struct scale s)
{
    double a = fabs(v);
    if (a >= 99.95 || a == 0 || (s.counts && a == trunc(a)))
        return 0;
    return a >= 9.995 ? 1 : 2;
}

char *ll_unit_format(enum ll_unit unit, double v, char buf[static LL_UNIT_TEXT_MAX])
{
    if (!isfinite(v)) {
        snprintf(buf, LL_UNIT_TEXT_MAX, "-");
        return buf;
    }
    struct scale s = scale_for(unit, v);
    double x = v / s.by;
    bool named = *s.prefix || *s.suffix;
    snprintf(buf, LL_UNIT_TEXT_MAX, "%.*f%s%s%s", decimals(x, s), x, named ? " " : "", s.prefix,
             s.suffix);
    return buf;
}

char *ll_unit_format_of(enum ll_unit unit, double v, double capacity,
                        char buf[static 2 * LL_UNIT_TEXT_MAX])
{
    if (!isfinite(capacity) || !isfinite(v))
        return ll_unit_format(unit, v, buf);
    char whole[LL_UNIT_TEXT_MAX];
    struct scale s = scale_for(unit, capacity);
    double x = v / s.by;
    ll_unit_format(unit, capacity, whole);
    char own[LL_UNIT_TEXT_MAX]; /* so small in the capacity's scale that nothing would be left */
    if (x > 0 && x < 0.01)
        snprintf(buf, 2 * LL_UNIT_TEXT_MAX, "%s of %s", ll_unit_format(unit, v, own), whole);
    else
        snprintf(buf, 2 * LL_UNIT_TEXT_MAX, "%.*f of %s", decimals(x, s), x, whole);
    return buf;
}
