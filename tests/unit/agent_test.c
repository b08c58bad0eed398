/* What the agent writes and reads: records of its queue, bodies, answers. */
#include <math.h>
#include <string.h>

#include "agent/answer.h"
#include "agent/record.h"
#include "api/ingest.h"
#include "support.h"

#define NOW ((ll_time)1795484700123)

static struct ll_sample sample(void)
{
    return (struct ll_sample){.key = {.service = LL_SLICE("host"),
                                      .instance = LL_SLICE("vm \"1\""),
                                      .part = LL_SLICE("/mnt/\xc3\xa9\\\n\x01"),
                                      .type = LL_RESOURCE_DISK},
                              .unit = LL_UNIT_FILES,
                              .t = NOW,
                              .value = 0.1,
                              .capacity = 1e9 / 3,
                              .max_value = NAN,
                              .window = 1500,
                              .primary = true};
}

/* The receiver's own reader gets back what was measured, to the bit and the millisecond. */
START_TEST(items_are_read_by_the_receiver_as_they_were_measured)
{
    struct ll_sample s = sample(),
                     bare = {.key = {.service = LL_SLICE("n"), .type = LL_RESOURCE_CPU},
                             .unit = LL_UNIT_CORES,
                             .t = NOW - 1,
                             .value = 0,
                             .capacity = NAN,
                             .max_value = 3};
    struct ll_str body;
    struct ll_ingest *in;
    struct ll_err err = {0};
    ll_str_init(&body, 10000);
    ll_str_addz(&body, "{\"metrics\":[");
    ll_agent_record_item(&body, &s);
    ll_str_addc(&body, ',');
    ll_agent_record_item(&body, &bare);
    ll_str_addz(&body, "]}");
    ck_assert_msg(ll_ingest_read(body.s, body.n, NOW, 0, NULL, &in, &err), "%s", err.text);
    ck_assert_uint_eq(in->n_refused, 0);
    ck_assert_uint_eq(in->batch->n, 2);
    const struct ll_sample *a = &in->batch->v[0], *b = &in->batch->v[1];
    ck_assert_int_eq(ll_series_key_cmp(&a->key, &s.key), 0);
    ck_assert(a->unit == s.unit && a->t == s.t && a->window == s.window && a->primary);
    ck_assert(a->value == s.value && a->capacity == s.capacity && isnan(a->max_value));
    ck_assert_int_eq(ll_series_key_cmp(&b->key, &bare.key), 0);
    ck_assert(b->unit == bare.unit && b->t == bare.t && b->window == 0 && !b->primary);
    ck_assert(b->value == 0 && isnan(b->capacity) && b->max_value == 3);
    ll_ingest_free(in);
    ll_str_fini(&body);
}
END_TEST

START_TEST(records_are_packed_and_unpacked_whole)
{
    struct ll_str items, record, back;
    struct ll_err err;
    size_t samples = 0;
    ll_str_init(&items, 1 << 20);
    ll_str_init(&record, 1 << 20);
    ll_str_init(&back, 1 << 20);
    while (items.n < 90000)
        ll_agent_record_item(&items, &(struct ll_sample){.key = {.service = LL_SLICE("s")},
                                                         .value = (double)items.n});
    ck_assert(ll_agent_record_pack((struct ll_slice){items.s, items.n}, 700, &record, &err));
    ck_assert_uint_lt(record.n, items.n / 5);
    ll_str_addz(&back, "before");
    ck_assert(ll_agent_record_unpack((struct ll_slice){record.s, record.n}, &back, &samples, &err));
    ck_assert_uint_eq(samples, 700);
    ck_assert_uint_eq(back.n, items.n + 6);
    ck_assert_mem_eq(back.s + 6, items.s, items.n);

    for (size_t n = 0; n < record.n; n += n < 20 ? 1 : 97) { /* cut: all or nothing */
        ck_assert(!ll_agent_record_unpack((struct ll_slice){record.s, n}, &back, &samples, &err));
        ck_assert_int_eq(err.code, LL_E_DAMAGED);
        ck_assert_uint_eq(back.n, items.n + 6);
    }
    memset(record.s + 1, 0xff, 4); /* a claim of 4 GiB is refused before anything is allocated */
    ck_assert(
        !ll_agent_record_unpack((struct ll_slice){record.s, record.n}, &back, &samples, &err));
    ck_assert_int_eq(err.code, LL_E_DAMAGED);
    ck_assert(!ll_agent_record_pack((struct ll_slice){items.s, LL_AGENT_RECORD_RAW_MAX + 1}, 1,
                                    &record, &err));
    ck_assert_int_eq(err.code, LL_E_TOO_LARGE);
    ll_str_fini(&items);
    ll_str_fini(&record);
    ll_str_fini(&back);
}
END_TEST

START_TEST(memory_that_ends_is_said)
{
    static const char text[] = "{\"service\":\"a\"}";
    struct ll_err err;
    size_t samples;
    for (unsigned call = 1, hit = 1; hit; call++) {
        struct ll_str record, back;
        ll_str_init(&record, 1000);
        ll_str_init(&back, 1000);
        ll_test_fail_alloc(call);
        bool ok =
            ll_agent_record_pack((struct ll_slice){text, sizeof(text) - 1}, 1, &record, &err) &&
            ll_agent_record_unpack((struct ll_slice){record.s, record.n}, &back, &samples, &err);
        hit = ll_test_alloc_failed();
        ll_test_fail_alloc(0);
        ck_assert(ok || err.code == LL_E_MEMORY);
        ck_assert(!ok || strcmp(ll_str_z(&back), text) == 0);
        ll_str_fini(&record);
        ll_str_fini(&back);
    }
}
END_TEST

START_TEST(answers_say_what_was_taken)
{
    static const struct {
        const char *body;
        bool readable, counted;
        size_t accepted, rejected;
        const char *reason;
    } cases[] = {
        {"{\"accepted\":3,\"rejected\":[]}", true, true, 3, 0, ""},
        {"{\"rejected\":[{\"index\":0,\"list\":\"metrics\",\"reason\":\"one\"},{\"index\":1,"
         "\"reason\":\"two\"}],\"accepted\":1,\"more\":{\"a\":[1]}}",
         true, true, 1, 2, "one"},
        {"{\"detail\":\"no\",\"status\":400}", true, false, 0, 0, "no"},
        {"{\"detail\":\"no\",\"accepted\":0,\"rejected\":[{\"reason\":\"why\"}]}", true, true, 0, 1,
         "why"},
        {"{}", true, false, 0, 0, ""},
        {"{\"accepted\":-1}", true, false, 0, 0, ""},
        {"{\"accepted\":\"3\"}", true, false, 0, 0, ""},
        {"{\"accepted\":1e300,\"rejected\":null}", true, false, 0, 0, ""},
        {"", false, false, 0, 0, ""},
        {"<html>", false, false, 0, 0, ""},
        {"[1]", false, false, 0, 0, ""},
        {"{\"accepted\":3", false, false, 0, 0, ""},
        {"{\"accepted\":3}x", false, false, 0, 0, ""},
        {"{\"rejected\":[1],\"accepted\":3}", false, false, 0, 0, ""},
        {"{\"rejected\":[{\"reason\":\"x\"", false, false, 0, 0, ""},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        char *body = strdup(cases[i].body);
        struct ll_agent_answer a = {0};
        ck_assert_msg(ll_agent_answer_read(body, strlen(body), &a) == cases[i].readable, "%zu", i);
        ck_assert_msg(a.counted == cases[i].counted, "%zu", i);
        ck_assert_uint_eq(a.accepted, cases[i].accepted);
        ck_assert_uint_eq(a.rejected, cases[i].rejected);
        ck_assert_str_eq(a.reason, cases[i].reason);
        free(body);
    }
}
END_TEST

START_TEST(a_long_reason_is_cut_between_letters)
{
    char body[600] = "{\"detail\":\"x";
    struct ll_agent_answer a;
    for (int i = 0; i < 200; i++)
        memcpy(body + strlen(body), "\xc3\xa9", 3);
    memcpy(body + strlen(body), "\"}", 3);
    ck_assert(ll_agent_answer_read(body, strlen(body), &a));
    ck_assert_uint_eq(strlen(a.reason), sizeof(a.reason) - 1);
    ck_assert(ll_utf8_valid(a.reason, strlen(a.reason)));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        items_are_read_by_the_receiver_as_they_were_measured,
        records_are_packed_and_unpacked_whole,
        memory_that_ends_is_said,
        answers_say_what_was_taken,
        a_long_reason_is_cut_between_letters,
    };
    return ll_test_run("agent", tests, LL_LEN(tests));
}
