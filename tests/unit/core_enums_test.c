#include <ctype.h>
#include <math.h>
#include <string.h>

#include "core/enums.h"
#include "core/records.h"
#include "core/status.h"
#include "support.h"

/* One enumeration seen through int: its size and both of its functions. */
struct kind {
    int count;
    bool upper; /* how its names print */
    const char *(*name)(int v);
    bool (*parse)(struct ll_slice text, int *out);
};

#define KIND(fn, type)                                                                             \
    static const char *fn##_name(int v)                                                            \
    {                                                                                              \
        return ll_##fn##_name((enum type)v);                                                       \
    }                                                                                              \
    static bool fn##_parse(struct ll_slice text, int *out)                                         \
    {                                                                                              \
        enum type v = (enum type) * out;                                                           \
        bool ok = ll_##fn##_parse(text, &v);                                                       \
        *out = (int)v;                                                                             \
        return ok;                                                                                 \
    }
KIND(resource, ll_resource_type)
KIND(direction, ll_direction)
KIND(policy, ll_policy)
KIND(status, ll_status)
KIND(unit, ll_unit)

static const struct kind kinds[] = {
    {LL_RESOURCE_COUNT, true, resource_name, resource_parse},
    {LL_DIRECTION_COUNT, true, direction_name, direction_parse},
    {LL_POLICY_COUNT, true, policy_name, policy_parse},
    {LL_STATUS_COUNT, true, status_name, status_parse},
    {LL_UNIT_COUNT, false, unit_name, unit_parse},
};

START_TEST(names_go_both_ways_in_any_case)
{
    for (size_t k = 0; k < LL_LEN(kinds); k++)
        for (int v = 0; v < kinds[k].count; v++) {
            const char *name = kinds[k].name(v);
            char other[64] = {0};
            int got = 0;
            for (size_t i = 0; name[i]; i++) {
                ck_assert(name[i] == '_' || (kinds[k].upper ? isupper(name[i]) : islower(name[i])));
                other[i] = (char)(i % 2 ? tolower(name[i]) : toupper(name[i]));
            }
            ck_assert(kinds[k].parse(ll_slice_of(name), &got));
            ck_assert_int_eq(got, v);
            got = 0;
            ck_assert(kinds[k].parse(ll_slice_of(other), &got));
            ck_assert_int_eq(got, v);
        }
}
END_TEST

START_TEST(other_names_are_refused)
{
    static const char *const bad[] = {"", "?", "CPU ", " CPU", "CPUS", "CP", "SCALE", "HEALTHY\n"};
    for (size_t k = 0; k < LL_LEN(kinds); k++) {
        for (size_t i = 0; i < LL_LEN(bad); i++) {
            int v = 1;
            ck_assert(!kinds[k].parse(ll_slice_of(bad[i]), &v));
            ck_assert_int_eq(v, 1);
        }
        ck_assert_str_eq(kinds[k].name(kinds[k].count), "?");
        ck_assert_str_eq(kinds[k].name(-1), "?");
    }
}
END_TEST

/* The words of the interface: what people type, scripts parse and databases keep. */
START_TEST(names_are_those_of_the_interface)
{
    ck_assert_str_eq(ll_resource_name(LL_RESOURCE_QUEUE_DEPTH), "QUEUE_DEPTH");
    ck_assert_str_eq(ll_resource_name(LL_RESOURCE_API_CALLS), "API_CALLS");
    ck_assert_str_eq(ll_direction_name(LL_DIRECTION_NO_ACTION), "NO_ACTION");
    ck_assert_str_eq(ll_policy_name(LL_POLICY_PREDICTIVE), "PREDICTIVE");
    ck_assert_str_eq(ll_status_name(LL_STATUS_UNDER_PROVISIONED), "UNDER_PROVISIONED");
    ck_assert_str_eq(ll_unit_name(LL_UNIT_BYTES_PER_SECOND), "bytes_per_second");
    ck_assert_int_eq(LL_RESOURCE_COUNT, 7);
    ck_assert_int_eq(LL_DIRECTION_COUNT, 5);
    ck_assert_int_eq(LL_POLICY_COUNT, 4);
    ck_assert_int_eq(LL_STATUS_COUNT, 6);
}
END_TEST

static void label_of_nothing(void)
{
    (void)ll_resource_label(LL_RESOURCE_COUNT);
}

static void unit_of_nothing(void)
{
    (void)ll_resource_unit(LL_RESOURCE_COUNT);
}

START_TEST(resources_have_units_and_labels)
{
    static const enum ll_unit units[] = {
        LL_UNIT_CORES,       LL_UNIT_BYTES, LL_UNIT_BYTES,           LL_UNIT_BYTES_PER_SECOND,
        LL_UNIT_CONNECTIONS, LL_UNIT_ITEMS, LL_UNIT_CALLS_PER_SECOND};
    for (int r = 0; r < LL_RESOURCE_COUNT; r++) {
        ck_assert_int_eq(ll_resource_unit((enum ll_resource_type)r), units[r]);
        ck_assert_uint_gt(strlen(ll_resource_label((enum ll_resource_type)r)), 2);
    }
    ck_assert_str_eq(ll_resource_label(LL_RESOURCE_API_CALLS), "API calls");
    ck_assert(ll_test_aborts(label_of_nothing));
    ck_assert(ll_test_aborts(unit_of_nothing));
}
END_TEST

START_TEST(reasons_lead_to_their_status)
{
    static const struct {
        enum ll_reason reason;
        const char *name;
        enum ll_status status;
    } rows[] = {
        {LL_REASON_BELOW_WARNING, "BELOW_WARNING", LL_STATUS_HEALTHY},
        {LL_REASON_ABOVE_WARNING, "ABOVE_WARNING", LL_STATUS_WARNING},
        {LL_REASON_ABOVE_CRITICAL, "ABOVE_CRITICAL", LL_STATUS_CRITICAL},
        {LL_REASON_FULL_SOON, "FULL_SOON", LL_STATUS_WARNING},
        {LL_REASON_FULL_VERY_SOON, "FULL_VERY_SOON", LL_STATUS_CRITICAL},
        {LL_REASON_UNDER_WINDOW, "UNDER_WINDOW", LL_STATUS_UNDER_PROVISIONED},
        {LL_REASON_OVER_WINDOW, "OVER_WINDOW", LL_STATUS_OVER_PROVISIONED},
        {LL_REASON_STALE, "STALE", LL_STATUS_UNKNOWN},
        {LL_REASON_NO_CAPACITY, "NO_CAPACITY", LL_STATUS_UNKNOWN},
        {LL_REASON_NO_DATA, "NO_DATA", LL_STATUS_UNKNOWN},
    };
    ck_assert_uint_eq(LL_LEN(rows), LL_REASON_COUNT);
    for (size_t i = 0; i < LL_LEN(rows); i++) {
        ck_assert_str_eq(ll_reason_name(rows[i].reason), rows[i].name);
        ck_assert_int_eq(ll_reason_status(rows[i].reason), rows[i].status);
        ck_assert_uint_gt(strlen(ll_reason_meaning(rows[i].reason)), 10);
    }
}
END_TEST

START_TEST(severities_order_the_statuses)
{
    static const enum ll_status worst_first[] = {
        LL_STATUS_CRITICAL, LL_STATUS_UNDER_PROVISIONED, LL_STATUS_WARNING,
        LL_STATUS_UNKNOWN,  LL_STATUS_OVER_PROVISIONED,  LL_STATUS_HEALTHY};
    ck_assert_uint_eq(LL_LEN(worst_first), LL_STATUS_COUNT);
    for (size_t i = 0; i < LL_LEN(worst_first); i++) {
        ck_assert(i == 0 ||
                  ll_status_severity(worst_first[i - 1]) > ll_status_severity(worst_first[i]));
        ck_assert_uint_gt(strlen(ll_status_meaning(worst_first[i])), 10);
    }
    for (int r = 0; r < LL_REASON_COUNT; r++) {
        enum ll_reason reason = (enum ll_reason)r;
        if (reason == LL_REASON_NO_CAPACITY)
            ck_assert_int_lt(ll_reason_severity(reason), ll_status_severity(LL_STATUS_HEALTHY));
        else
            ck_assert_int_eq(ll_reason_severity(reason),
                             ll_status_severity(ll_reason_status(reason)));
    }
}
END_TEST

static void reason_name_of_nothing(void)
{
    (void)ll_reason_name(LL_REASON_COUNT);
}

static void reason_status_of_nothing(void)
{
    (void)ll_reason_status(LL_REASON_COUNT);
}

static void reason_meaning_of_nothing(void)
{
    (void)ll_reason_meaning(LL_REASON_COUNT);
}

static void status_meaning_of_nothing(void)
{
    (void)ll_status_meaning(LL_STATUS_COUNT);
}

static void severity_of_nothing(void)
{
    (void)ll_status_severity(LL_STATUS_COUNT);
}

static void threshold_of_nothing(void)
{
    (void)ll_threshold_default(LL_RESOURCE_COUNT);
}

START_TEST(values_out_of_range_are_bugs)
{
    void (*const bugs[])(void) = {reason_name_of_nothing,    reason_status_of_nothing,
                                  reason_meaning_of_nothing, status_meaning_of_nothing,
                                  severity_of_nothing,       threshold_of_nothing};
    for (size_t i = 0; i < LL_LEN(bugs); i++)
        ck_assert(ll_test_aborts(bugs[i]));
}
END_TEST

START_TEST(stale_is_three_intervals_or_a_minute)
{
    ck_assert_int_eq(ll_status_stale_after(0), LL_MINUTE);
    ck_assert_int_eq(ll_status_stale_after(10 * LL_SECOND), LL_MINUTE);
    ck_assert_int_eq(ll_status_stale_after(20 * LL_SECOND), LL_MINUTE);
    ck_assert_int_eq(ll_status_stale_after(21 * LL_SECOND), 63 * LL_SECOND);
    ck_assert_int_eq(ll_status_stale_after(LL_HOUR), 3 * LL_HOUR);
}
END_TEST

START_TEST(default_thresholds_make_sense)
{
    static const int percent[LL_RESOURCE_COUNT][2] = {{70, 85}, {80, 90}, {80, 90}, {70, 85},
                                                      {75, 88}, {70, 85}, {70, 85}};
    for (int r = 0; r < LL_RESOURCE_COUNT; r++) {
        struct ll_threshold t = ll_threshold_default((enum ll_resource_type)r);
        ck_assert_int_eq(lround(t.warning * 100), percent[r][0]);
        ck_assert_int_eq(lround(t.critical * 100), percent[r][1]);
        ck_assert(t.scale_down > 0 && t.scale_down < t.scale_up && t.scale_up <= 1);
        ck_assert(t.warning <= t.critical && t.critical < 1);
        /* one instance more must not lead straight back: up/2 of two is above down */
        ck_assert(t.scale_up / 2 >= t.scale_down);
        ck_assert(t.cooldown >= LL_MINUTE && t.cooldown <= LL_HOUR);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        names_go_both_ways_in_any_case,   other_names_are_refused,
        names_are_those_of_the_interface, resources_have_units_and_labels,
        reasons_lead_to_their_status,     severities_order_the_statuses,
        values_out_of_range_are_bugs,     stale_is_three_intervals_or_a_minute,
        default_thresholds_make_sense,
    };
    return ll_test_run("core_enums", tests, LL_LEN(tests));
}
