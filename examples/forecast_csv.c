/* Forecasts a CSV of `timestamp,value` (RFC 3339) 24 steps ahead, with libloadline alone:
 *     make -C examples && examples/forecast_csv < requests.csv */
#include <base/csv.h>
#include <base/num.h>
#include <loadline/forecaster.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 100000, STEPS = 24 };

static struct ll_point points[ROWS];

static int fail(const struct ll_err *err)
{
    fprintf(stderr, "%s\n", err->text);
    return 1;
}

int main(void)
{
    char line[256], at[LL_TIME_TEXT_MAX];
    struct ll_err err;
    struct ll_series series;
    struct ll_series_notes notes;
    struct ll_forecast f;
    size_t n = 0;
    for (char *comma; n < ROWS && fgets(line, sizeof(line), stdin);) {
        if (!(comma = strchr(line, ',')))
            continue;
        struct ll_slice time = {line, (size_t)(comma - line)};
        struct ll_slice value = {comma + 1, strcspn(comma + 1, "\r\n")};
        if (ll_time_parse(time, &points[n].t, &err) && ll_num_parse(value, &points[n].v))
            n++; /* the heading and what is no number are passed over */
    }
    LL_AUTO(ll_arena) arena = ll_arena_new(n * 256 + ll_forecast_arena(4 * n + 4096, STEPS));
    const struct ll_forecast_options options = {.level = 0.9};
    if (!ll_series_from_points(points, n, 0, 4 * n + 4096, arena, &series, &notes, &err) ||
        !ll_forecast_series(&series, STEPS, &options, arena, &f, &err))
        return fail(&err);
    printf("# %s\ntimestamp,predicted_value,confidence_lower,confidence_upper\n", f.reason);
    for (size_t i = 0; i < f.n_points; i++)
        printf("%s,%.6g,%.6g,%.6g\n", ll_time_format(f.points[i].timestamp, at),
               f.points[i].predicted_value, f.points[i].confidence_lower,
               f.points[i].confidence_upper);
    return 0;
}
