/* The cheapest type that is large enough, and several of one type. */
#include <math.h>
#include <stdio.h>

#include "cost/instance.h"
#include "support.h"

#define TEXT(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }
#define T(type, cpu, mem, price, a)                                                                \
    {                                                                                              \
        .provider = TEXT("aws"), .region = TEXT("us-east-1"), .name = TEXT(type), .arch = TEXT(a), \
        .vcpu = cpu, .mem_gib = mem, .hourly = price                                               \
    }

static const struct ll_instance_type types[] = {
    T("c5.large", 2, 4, 0.085, "amd64"),  T("c6g.large", 2, 4, 0.068, "arm64"),
    T("m5.large", 2, 8, 0.096, "amd64"),  T("m5.xlarge", 4, 16, 0.192, "amd64"),
    T("m5a.large", 2, 8, 0.096, "amd64"), T("m5.unpriced", 4, 16, NAN, "amd64"),
    T("m5.big", 8, 32, 0.192, "amd64"),   T("z.refund", 64, 256, -1, "amd64"),
};

static const char *chosen(struct ll_instance_need need)
{
    static char name[32];
    struct ll_instance_choice c;
    struct ll_err err = {0};
    if (!ll_instance_choose(types, LL_LEN(types), &need, &c, NULL, &err))
        return ll_err_info(err.code)->name;
    snprintf(name, sizeof(name), "%.*s", (int)types[c.type].name.n, types[c.type].name.s);
    return name;
}

START_TEST(the_cheapest_that_fits_then_the_smaller_then_by_name)
{
    ck_assert_str_eq(chosen((struct ll_instance_need){.vcpu = 1.5, .mem_gib = 3}), "c6g.large");
    ck_assert_str_eq(
        chosen((struct ll_instance_need){.vcpu = 2, .mem_gib = 4, .arch = LL_SLICE("amd64")}),
        "c5.large");
    ck_assert_str_eq(chosen((struct ll_instance_need){.vcpu = 2, .mem_gib = 8}), "m5.large");
    ck_assert_str_eq(chosen((struct ll_instance_need){.vcpu = 2.001, .mem_gib = 8}), "m5.xlarge");
    ck_assert_str_eq(chosen((struct ll_instance_need){.family = LL_SLICE("m5a.")}), "m5a.large");
}
END_TEST

START_TEST(what_has_no_price_is_no_candidate_and_counted)
{
    const struct ll_instance_need need = {.vcpu = 2.5, .mem_gib = 10};
    struct ll_instance_choice c;
    size_t unpriced = 0;
    ck_assert(ll_instance_choose(types, LL_LEN(types), &need, &c, &unpriced, NULL));
    ck_assert_uint_eq(unpriced, 2);
    ck_assert_str_eq(chosen((struct ll_instance_need){.vcpu = 60}), "not-found");
    ck_assert_str_eq(chosen((struct ll_instance_need){.gpu = 1}), "not-found");
    ck_assert_str_eq(chosen((struct ll_instance_need){.region = LL_SLICE("moon")}), "not-found");
}
END_TEST

START_TEST(a_need_that_is_no_number_is_refused)
{
    ck_assert_str_eq(chosen((struct ll_instance_need){.vcpu = NAN}), "invalid");
    ck_assert_str_eq(chosen((struct ll_instance_need){.mem_gib = -1}), "invalid");
    ck_assert_str_eq(chosen((struct ll_instance_need){.gpu = INFINITY}), "invalid");
}
END_TEST

START_TEST(several_of_one_type_are_offered)
{
    const struct ll_instance_need need = {.vcpu = 4, .mem_gib = 10};
    struct ll_instance_choice c[3];
    size_t n = 0;
    ck_assert(ll_instance_alternatives(types, LL_LEN(types), &need, 8, c, 3, &n, NULL));
    ck_assert_uint_eq(n, 3);
    ck_assert_uint_eq(c[0].type, 3); /* one of 0.192, the smaller */
    ck_assert_uint_eq(c[0].count, 1);
    ck_assert_uint_eq(c[1].type, 6);
    ck_assert_uint_eq(c[2].type, 2); /* two m5.large for the same */
    ck_assert_uint_eq(c[2].count, 2);
    ck_assert_double_eq_tol(c[2].hourly, 0.192, 1e-12);
    ck_assert(ll_instance_alternatives(types, LL_LEN(types),
                                       &(struct ll_instance_need){.vcpu = 1e9}, 8, c, 3, &n, NULL));
    ck_assert_uint_eq(n, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_cheapest_that_fits_then_the_smaller_then_by_name,
                                  what_has_no_price_is_no_candidate_and_counted,
                                  a_need_that_is_no_number_is_refused,
                                  several_of_one_type_are_offered};
    return ll_test_run("cost_instance", tests, LL_LEN(tests));
}
