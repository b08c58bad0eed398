#include "forecast/points.h"

#include <math.h>
#include <string.h>

enum { COUNTER_POINTS_MIN = 24, COUNTER_RUN_MIN = 16, CADENCE_MIN = 16, CADENCE_MAX = 64 };

static const double value_max = 1e150;

static const ll_dur steps_of_a_day[] = {
    LL_SECOND,      2 * LL_SECOND,  5 * LL_SECOND,  10 * LL_SECOND, 15 * LL_SECOND, 20 * LL_SECOND,
    30 * LL_SECOND, LL_MINUTE,      2 * LL_MINUTE,  3 * LL_MINUTE,  4 * LL_MINUTE,  5 * LL_MINUTE,
    6 * LL_MINUTE,  10 * LL_MINUTE, 12 * LL_MINUTE, 15 * LL_MINUTE, 20 * LL_MINUTE, 30 * LL_MINUTE,
    LL_HOUR,        2 * LL_HOUR,    3 * LL_HOUR,    4 * LL_HOUR,    6 * LL_HOUR,    8 * LL_HOUR,
    12 * LL_HOUR,   LL_DAY,         7 * LL_DAY};

size_t ll_points_usable(const struct ll_point *p, size_t n, struct ll_point *out)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (fabs(p[i].v) <= value_max && p[i].t >= LL_TIME_MIN && p[i].t <= LL_TIME_MAX)
            out[k++] = p[i];
    return k;
}

bool ll_points_sorted(const struct ll_point *p, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (p[i].t < p[i - 1].t)
            return false;
    return true;
}

static void merge(const struct ll_point *a, size_t n_a, const struct ll_point *b, size_t n_b,
                  struct ll_point *out)
{
    size_t i = 0, j = 0;
    while (i < n_a || j < n_b) {
        bool first = j == n_b || (i < n_a && a[i].t <= b[j].t);
        *out++ = first ? a[i++] : b[j++];
    }
}

void ll_points_sort(struct ll_point *p, size_t n, struct ll_point *scratch)
{
    struct ll_point *from = p, *to = scratch;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t i = 0; i < n; i += 2 * width) {
            size_t middle = LL_MIN(i + width, n), end = LL_MIN(i + 2 * width, n);
            merge(from + i, middle - i, from + middle, end - middle, to + i);
        }
        struct ll_point *t = from;
        from = to;
        to = t;
    }
    if (from != p)
        memcpy(p, from, n * sizeof(*p));
}

size_t ll_points_single(struct ll_point *p, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (i + 1 == n || p[i + 1].t != p[i].t)
            p[k++] = p[i];
    return k;
}

bool ll_points_counter_like(const struct ll_point *p, size_t n)
{
    size_t rises = 0, falls = 0;
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        double rise = i ? p[i].v - p[i - 1].v : 0;
        if (p[i].v < 0)
            return false;
        rises += rise > 0;
        falls += rise < 0;
        largest = fmax(largest, rise);
    }
    if (n < COUNTER_POINTS_MIN || falls == 0 || falls * COUNTER_RUN_MIN > n || 2 * rises < n)
        return false;
    for (size_t i = 1; i < n; i++)
        if (p[i].v < p[i - 1].v && (p[i].v > 2 * largest || 4 * p[i].v > p[i - 1].v))
            return false;
    return true;
}

size_t ll_points_to_rates(struct ll_point *p, size_t n)
{
    double before = n ? p[0].v : 0;
    for (size_t i = 1; i < n; i++) {
        double now = p[i].v, rise = now >= before ? now - before : now;
        double seconds = (double)(p[i].t - p[i - 1].t) / (double)LL_SECOND;
        p[i - 1].v = rise / seconds;
        before = now;
    }
    for (size_t i = 1; i < n; i++) /* a rate belongs to the stamp that ended it */
        p[i - 1].t = p[i].t;
    return n ? n - 1 : 0;
}

static ll_dur round_step(ll_dur d)
{
    for (size_t i = 0; i < LL_LEN(steps_of_a_day); i++) {
        ll_dur off = d > steps_of_a_day[i] ? d - steps_of_a_day[i] : steps_of_a_day[i] - d;
        if (50 * off <= steps_of_a_day[i])
            return steps_of_a_day[i];
    }
    return d;
}

static void sort_durations(ll_dur *d, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        ll_dur x = d[i];
        size_t j = i;
        for (; j > 0 && d[j - 1] > x; j--)
            d[j] = d[j - 1];
        d[j] = x;
    }
}

/* The middle of the fullest stretch from some d to 1.1 d; of equally full ones the shortest d. */
static ll_dur mode(const ll_dur *d, size_t n)
{
    size_t best = 0, best_at = 0;
    for (size_t i = 0, j = 0; i < n; i++) {
        while (j < n && 10 * d[j] <= 11 * d[i])
            j++;
        if (j - i > best) {
            best = j - i;
            best_at = i;
        }
    }
    return d[best_at + best / 2];
}

/* What stamps with much jitter are around: the mean of the distances of one step. */
static ll_dur mean_near(const ll_dur *d, size_t n, ll_dur usual)
{
    ll_dur sum = 0, count = 0;
    for (size_t i = 0; i < n; i++)
        if (2 * d[i] >= usual && 2 * d[i] <= 3 * usual) {
            sum += d[i];
            count++;
        }
    return count > 0 ? (sum + count / 2) / count : usual;
}

ll_dur ll_points_cadence(const struct ll_point *p, size_t n, bool newest)
{
    if (n < 2)
        return 0;
    ll_dur d[CADENCE_MAX] = {0};
    size_t all = n - 1, k = LL_MIN(LL_MAX((all + 3) / 4, (size_t)CADENCE_MIN), all);
    k = LL_MIN(k, (size_t)CADENCE_MAX);
    const struct ll_point *from = newest ? p + (n - 1 - k) : p;
    for (size_t i = 0; i < k; i++)
        d[i] = from[i + 1].t - from[i].t;
    sort_durations(d, k);
    ll_dur usual = mode(d, k), rounded = round_step(usual);
    return rounded != usual ? rounded : round_step(mean_near(d, k, usual));
}

bool ll_points_near_edges(const struct ll_point *p, size_t n, ll_dur step)
{
    size_t k = LL_MIN(n, (size_t)CADENCE_MAX), near = 0;
    for (size_t i = n - k; i < n; i++) {
        ll_dur phase = p[i].t - ll_time_floor(p[i].t, step);
        near += phase < step / 8 || step - phase <= step / 8;
    }
    return 2 * near > k;
}
