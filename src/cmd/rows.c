#include "cmd/rows.h"

#include <math.h>
#include <stdio.h>

char *ll_rows_count(const struct ll_ctx *c, double n, char buf[static LL_TEXT_MAX])
{
    if (isnan(n))
        snprintf(buf, LL_TEXT_MAX, "%s", ll_text_none(c));
    else
        snprintf(buf, LL_TEXT_MAX, "%.0f", n);
    return buf;
}

void ll_rows_utilization(struct ll_table *t, const struct ll_ctx *c, const json_t *service,
                         const char *resource)
{
    const json_t *r = json_object_get(json_object_get(service, "resources"), resource);
    double pct = ll_json_number(r, "utilization_pct");
    char number[LL_TEXT_MAX], text[LL_TEXT_MAX + 1];
    snprintf(text, sizeof(text), "%s%s", ll_json_is_true(r, "stale") && !isnan(pct) ? "~" : "",
             ll_rows_count(c, pct, number));
    enum ll_tint tint = r ? ll_text_status_tint(ll_json_text(r, "status")) : LL_TINT_DIM;
    ll_table_number(t, text, pct, tint);
}

void ll_rows_counts(struct ll_str *out, const json_t *counts)
{
    static const char *const words[] = {
        [LL_STATUS_HEALTHY] = "ok",
        [LL_STATUS_WARNING] = "warning",
        [LL_STATUS_CRITICAL] = "critical",
        [LL_STATUS_OVER_PROVISIONED] = "over-provisioned",
        [LL_STATUS_UNDER_PROVISIONED] = "under-provisioned",
        [LL_STATUS_UNKNOWN] = "unknown",
    };
    double total = 0;
    bool any = false;
    for (int s = 0; s < LL_STATUS_COUNT; s++) {
        double n = ll_json_number(counts, ll_status_name((enum ll_status)s));
        if (!(n > 0))
            continue;
        ll_str_addf(out, "%s%.0f %s", any ? ", " : "", n, words[s]);
        any = true;
        total += n;
    }
    if (any)
        ll_str_addf(out, " of %.0f", total);
    else
        ll_str_addz(out, "nothing measured yet");
}

size_t ll_rows_numbers(const json_t *array, double *out, size_t max)
{
    size_t n = LL_MIN(json_array_size(array), max);
    for (size_t i = 0; i < n; i++) {
        const json_t *v = json_array_get(array, i);
        out[i] = json_is_number(v) ? json_number_value(v) : NAN;
    }
    return n;
}

void ll_rows_part(struct ll_str *out, const json_t *metric)
{
    const char *part = ll_json_text(metric, "part");
    ll_str_addz(out, ll_text_resource(ll_json_text(metric, "resource_type")));
    if (part[0])
        ll_str_addf(out, " %s", part);
}
