/* Appending: what is kept, what is refused, what survives. */
#include <math.h>
#include <string.h>

#include "store_contract.h"

START_TEST(a_sample_comes_back_as_it_was)
{
    struct ll_sample s = cpu("gateway", "gw1", T0 + 15 * LL_SECOND, 2.5);
    s.max_value = 3.25;
    s.window = 15 * LL_SECOND;
    PUT(s);

    struct ll_history h = history("gateway", "gw1", T0, T0 + LL_MINUTE, 15 * LL_SECOND);
    ck_assert(h.found);
    ck_assert_int_eq(h.unit, LL_UNIT_CORES);
    ck_assert_int_eq(h.source, LL_HISTORY_RAW);
    ck_assert_uint_eq(h.n, 4);
    ck_assert_double_eq(h.value[1], 2.5);
    ck_assert_double_eq(h.max[1], 3.25);
    ck_assert_double_eq(h.capacity[1], 4);
    ck_assert(isnan(h.value[0]) && isnan(h.value[2]) && isnan(h.max[0]) && isnan(h.capacity[0]));
}
END_TEST

START_TEST(the_last_write_of_a_time_wins)
{
    PUT(cpu("a", "", T0, 1), cpu("a", "", T0, 2));
    ck_assert_double_eq(history("a", "", T0, T0 + LL_SECOND, LL_SECOND).value[0], 2);
    PUT(cpu("a", "", T0, 3));
    ck_assert_double_eq(history("a", "", T0, T0 + LL_SECOND, LL_SECOND).value[0], 3);
    ck_assert_int_eq(stats().samples, 1);
}
END_TEST

START_TEST(the_last_of_several_batches_wins)
{
    struct ll_sample x = cpu("a", "", T0, 1), y = cpu("a", "", T0, 2);
    struct ll_batch *b[] = {batch_of(&x, 1), batch_of(&y, 1)};
    ck_assert(ops->append(store, b, 2, &err));
    ck_assert_double_eq(history("a", "", T0, T0 + LL_SECOND, LL_SECOND).value[0], 2);
    ll_batch_free(b[0]);
    ll_batch_free(b[1]);
}
END_TEST

START_TEST(samples_may_come_in_any_order)
{
    PUT(cpu("a", "", T0 + 2000, 2), cpu("b", "", T0, 9), cpu("a", "", T0, 0),
        cpu("a", "", T0 + 1000, 1));
    struct ll_history h = history("a", "", T0, T0 + 3 * LL_SECOND, LL_SECOND);
    for (size_t i = 0; i < 3; i++)
        ck_assert_double_eq(h.value[i], (double)i);
    ck_assert_int_eq(stats().samples, 4);
    ck_assert_int_eq(stats().series, 2);
    ck_assert_int_eq(stats().oldest, T0);
}
END_TEST

START_TEST(refused_samples_are_skipped_and_stay_refused)
{
    struct ll_sample s[] = {cpu("a", "", T0, 1), cpu("b", "", T0, 1), cpu("c", "", T0, 1)};
    struct ll_batch *b = batch_of(s, 3);
    b->refusal[1] = LL_REFUSAL_FUTURE;
    ck_assert(ops->append(store, &b, 1, &err));
    ck_assert_int_eq(b->refusal[0], LL_REFUSAL_NONE);
    ck_assert_int_eq(b->refusal[1], LL_REFUSAL_FUTURE);
    ck_assert_int_eq(b->refusal[2], LL_REFUSAL_NONE);
    ck_assert(!history("b", "", T0, T0 + LL_SECOND, LL_SECOND).found);
    ck_assert(history("c", "", T0, T0 + LL_SECOND, LL_SECOND).found);
    ll_batch_free(b);
}
END_TEST

START_TEST(a_sample_that_no_check_saw_cannot_spoil_its_neighbours)
{
    char name[LL_NAME_MAX + 2];
    memset(name, 'x', sizeof(name));
    struct ll_sample s[] = {cpu("a", "", T0, NAN), cpu("b", "", T0, 1), cpu("c", "", T0, 1)};
    s[2].key.service = (struct ll_slice){name, sizeof(name)};
    struct ll_batch *b = batch_of(s, 3);
    ck_assert_msg(ops->append(store, &b, 1, &err), "%s", err.text);
    ck_assert_int_eq(b->refusal[0], LL_REFUSAL_VALUE);
    ck_assert_int_eq(b->refusal[1], LL_REFUSAL_NONE);
    ck_assert_int_eq(b->refusal[2], LL_REFUSAL_NAME);
    ck_assert_int_eq(stats().samples, 1);
    ll_batch_free(b);
}
END_TEST

START_TEST(series_beyond_the_limit_are_refused_and_the_others_flow)
{
    place_opts.max_series = 2;
    reopen();
    struct ll_sample s[] = {cpu("a", "", T0, 1), cpu("b", "", T0, 1), cpu("c", "", T0, 1),
                            cpu("a", "", T0 + 1, 1)};
    struct ll_batch *b = batch_of(s, 4);
    ck_assert(ops->append(store, &b, 1, &err));
    ck_assert_int_eq(b->refusal[1], LL_REFUSAL_NONE);
    ck_assert_int_eq(b->refusal[2], LL_REFUSAL_SERIES_LIMIT);
    ck_assert_int_eq(b->refusal[3], LL_REFUSAL_NONE);
    ck_assert_int_eq(stats().series, 2);
    ll_batch_free(b);

    reopen(); /* the limit counts what was there before */
    b = batch_of(&s[2], 1);
    ck_assert(ops->append(store, &b, 1, &err));
    ck_assert_int_eq(b->refusal[0], LL_REFUSAL_SERIES_LIMIT);
    ll_batch_free(b);
}
END_TEST

START_TEST(a_series_long_gone_makes_room_and_may_come_back)
{
    place_opts.max_series = 1;
    place_opts.retain_raw = LL_HOUR;
    reopen();
    PUT(cpu("a", "", T0, 1));
    settle_hours(T0 + LL_MINUTE);
    struct ll_sample b = cpu("b", "", T0 + 3 * LL_HOUR, 1);
    PUT(b);
    settle_hours(T0 + 3 * LL_HOUR);
    settle_hours(T0 + 5 * LL_HOUR);
    PUT(cpu("a", "", T0 + 7 * LL_HOUR, 5));
    ck_assert_int_eq(stats().series, 2); /* the same row as before */
    ck_assert_double_eq(
        history("a", "", T0 + 7 * LL_HOUR, T0 + 7 * LL_HOUR + 1000, LL_SECOND).value[0], 5);
}
END_TEST

START_TEST(a_failed_append_keeps_nothing)
{
    PUT(cpu("a", "", T0, 1));
    struct ll_sample s[] = {cpu("a", "", T0, 9), cpu("new", "", T0, 1)};
    struct ll_batch *b = batch_of(s, 2);
    kind->break_writes(place, true);
    ck_assert(!ops->append(store, &b, 1, &err));
    ck_assert_int_eq(err.code, LL_E_STORAGE);
    ck_assert(err.text[0] != '\0');
    ck_assert_int_eq(b->refusal[1], LL_REFUSAL_NONE);
    /* reads go on meanwhile */
    ck_assert_double_eq(history("a", "", T0, T0 + LL_SECOND, LL_SECOND).value[0], 1);
    kind->break_writes(place, false);
    ck_assert_int_eq(stats().series, 1);

    ck_assert_msg(ops->append(store, &b, 1, &err), "%s", err.text); /* and it can again */
    ck_assert_int_eq(stats().samples, 2);
    ck_assert_int_eq(stats().series, 2);
    ll_batch_free(b);
}
END_TEST

START_TEST(an_empty_append_tells_whether_writing_works)
{
    ck_assert(ops->append(store, NULL, 0, &err));
    kind->break_writes(place, true);
    ck_assert(!ops->append(store, NULL, 0, &err));
    kind->break_writes(place, false);
    ck_assert(ops->append(store, NULL, 0, &err));
}
END_TEST

START_TEST(reopening_keeps_everything)
{
    struct ll_sample s = cpu("a", "i", T0, 1.5);
    s.key.part = LL_SLICE("p");
    PUT(s, cpu("b", "", T0 + 1000, 2));
    settle(T0 + LL_HOUR);
    struct ll_store_stats before = stats();
    reopen();
    struct ll_store_stats after = stats();
    ck_assert_int_eq(after.samples, before.samples);
    ck_assert_int_eq(after.series, before.series);
    ck_assert_int_eq(after.oldest, before.oldest);
    ck_assert_double_eq(history("b", "", T0, T0 + 2000, LL_SECOND).value[1], 2);
    PUT(s, cpu("b", "", T0 + 2000, 3)); /* the same series as before */
    ck_assert_int_eq(stats().series, 2);
    ck_assert_int_eq(stats().samples, 3);
}
END_TEST

START_TEST(a_reader_sees_whole_commits_and_never_waits)
{
    struct ll_sample s[100];
    for (size_t i = 0; i < LL_LEN(s); i++)
        s[i] = cpu("a", "", T0 + (ll_time)i * 1000, 1);
    put(s, 50);
    struct ll_store_reader *early = reader();
    (void)early;
    ck_assert_int_eq(stats().samples, 50);
    put(s + 50, 50);
    ck_assert_int_eq(stats().samples, 100);
}
END_TEST

START_TEST(a_second_open_is_refused_and_names_the_owner)
{
    struct ll_store *second = NULL;
    ck_assert(!ops->open(&place_opts, &second, &err));
    ck_assert_int_eq(err.code, LL_E_CONFLICT);
    ck_assert_ptr_null(second);
    ck_assert_ptr_nonnull(strstr(err.text, "in use by pid "));
}
END_TEST

START_TEST(a_newer_store_is_refused_with_both_versions)
{
    ops->close(store);
    kind->make_newer(place);
    struct ll_store *newer = NULL;
    ck_assert(!ops->open(&place_opts, &newer, &err));
    ck_assert_int_eq(err.code, LL_E_CONFLICT);
    ck_assert_ptr_null(newer);
    ck_assert_ptr_nonnull(strstr(err.text, "99"));
    ck_assert_ptr_nonnull(strstr(err.text, "up to 4"));
    store = NULL;
}
END_TEST

TCase *write_cases(void)
{
    TCase *c = tcase_create("write");
    tcase_add_test(c, a_sample_comes_back_as_it_was);
    tcase_add_test(c, the_last_write_of_a_time_wins);
    tcase_add_test(c, the_last_of_several_batches_wins);
    tcase_add_test(c, samples_may_come_in_any_order);
    tcase_add_test(c, refused_samples_are_skipped_and_stay_refused);
    tcase_add_test(c, a_sample_that_no_check_saw_cannot_spoil_its_neighbours);
    tcase_add_test(c, series_beyond_the_limit_are_refused_and_the_others_flow);
    tcase_add_test(c, a_series_long_gone_makes_room_and_may_come_back);
    tcase_add_test(c, a_failed_append_keeps_nothing);
    tcase_add_test(c, an_empty_append_tells_whether_writing_works);
    tcase_add_test(c, reopening_keeps_everything);
    tcase_add_test(c, a_reader_sees_whole_commits_and_never_waits);
    tcase_add_test(c, a_second_open_is_refused_and_names_the_owner);
    tcase_add_test(c, a_newer_store_is_refused_with_both_versions);
    return c;
}
