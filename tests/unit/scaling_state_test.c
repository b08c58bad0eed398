/* What is remembered: written and read, clocks that step, lead times that are learned. */
#include "base/str.h"
#include "scaling_make.h"

static struct ll_scaling_state s, read;
static struct ll_str text;

static void setup(void)
{
    ll_scaling_state_init(&s);
    ll_str_init(&text, LL_STATE_BYTES_MAX);
}

static void teardown(void)
{
    ll_str_fini(&text);
}

static void write_it(const struct ll_scaling_state *x)
{
    ll_str_clear(&text);
    ll_scaling_state_write(x, &text);
    ck_assert(!text.failed);
}

static void ck_same(void)
{
    struct ll_err err = {0};
    write_it(&s);
    char *first = strdup(ll_str_z(&text));
    ck_assert_msg(ll_scaling_state_read(ll_slice_of(first), MADE_NOW, &read, &err), "%s", err.text);
    write_it(&read);
    ck_assert_str_eq(first, ll_str_z(&text));
    free(first);
}

static void fill(void)
{
    s.seen_since = MADE_NOW - LL_DAY;
    s.cooldown_out = MADE_NOW + LL_MINUTE;
    s.cooldown_in = MADE_NOW + 2 * LL_MINUTE;
    s.data_lost = MADE_NOW - LL_MINUTE;
    s.last_demand = 7.1;
    s.last_demand_t = MADE_NOW - LL_SECOND;
    s.implausible = 2;
    s.contested = MADE_NOW + LL_MINUTE;
    s.expected = 12;
    s.failures = 4;
    s.breaker = MADE_NOW + 3 * LL_MINUTE;
    s.idle_since = MADE_NOW - LL_HOUR;
    s.scaled_to_zero = true;
    s.widened = MADE_NOW + LL_HOUR;
    s.manual = (struct ll_manual){.set = true,
                                  .exact = true,
                                  .floor = 9,
                                  .ceiling = 9,
                                  .until = MADE_NOW + LL_DAY,
                                  .actor = "ana \"\\ \x01 é",
                                  .reason = "launch"};
    s.pause = (struct ll_pause_state){LL_PAUSE_IN, MADE_NOW + LL_HOUR, "ben", "fire"};
    s.freeze = (struct ll_pause_state){LL_PAUSE_BOTH, MADE_NOW + LL_HOUR, "cal", "audit"};
    s.lead_s = 61.5;
    s.lead_var = 20.25;
    s.lead_n = 7;
    for (int i = 0; i < 3; i++) {
        s.answers[s.n_answers++] = (struct ll_answer){MADE_NOW - 10 + i, 5 + i};
        s.changes[s.n_changes++] = (struct ll_change){MADE_NOW - 20 + i, 5, 6, i == 1};
    }
}

START_TEST(a_fresh_state_is_short)
{
    ck_same();
    ck_assert_str_eq(ll_str_z(&text), "{\"version\":1,\"answers\":[],\"changes\":[]}");
}
END_TEST

START_TEST(everything_comes_back)
{
    fill();
    ck_same();
    ck_assert_int_eq(memcmp(&s.manual, &read.manual, sizeof(s.manual)), 0);
    ck_assert_int_eq(memcmp(&s.pause, &read.pause, sizeof(s.pause)), 0);
    ck_assert_int_eq(memcmp(&s.freeze, &read.freeze, sizeof(s.freeze)), 0);
    ck_assert_int_eq(memcmp(s.answers, read.answers, sizeof(s.answers)), 0);
    ck_assert_uint_eq(read.n_changes, 3);
    ck_assert(read.changes[1].foreign && !read.changes[2].foreign);
    ck_assert_int_eq(read.changes[2].to, 6);
    ck_assert(read.scaled_to_zero);
    ck_assert_double_eq(read.last_demand, 7.1);
    ck_assert_uint_eq(read.implausible, 2);
    ck_assert_uint_eq(read.failures, 4);
    ck_assert_int_eq(read.expected, 12);
}
END_TEST

START_TEST(the_largest_state_fits)
{
    fill();
    memset(s.manual.actor, '\x01', sizeof(s.manual.actor) - 1);
    memset(s.manual.reason, '\x01', sizeof(s.manual.reason) - 1);
    memset(s.pause.actor, '\x01', sizeof(s.pause.actor) - 1);
    memset(s.pause.reason, '\x01', sizeof(s.pause.reason) - 1);
    memset(s.freeze.actor, '\x01', sizeof(s.freeze.actor) - 1);
    memset(s.freeze.reason, '\x01', sizeof(s.freeze.reason) - 1);
    for (int i = 0; i < LL_STATE_ANSWERS; i++) {
        s.answers[i] = (struct ll_answer){MADE_NOW - LL_STATE_ANSWERS + i, (int64_t)1 << 52};
        s.changes[i] =
            (struct ll_change){MADE_NOW - 100 + i, (int64_t)1 << 52, ((int64_t)1 << 52) - 1, true};
    }
    s.n_answers = s.n_changes = LL_STATE_ANSWERS;
    ck_same();
}
END_TEST

START_TEST(what_is_not_text_does_not_break_the_line)
{
    s.manual.set = true;
    memcpy(s.manual.actor, "a\xff\n", 3);
    write_it(&s);
    ck_assert_ptr_nonnull(strstr(ll_str_z(&text), "\"a?\\u000a\""));
    s.last_demand = INFINITY; /* JSON has none */
    ck_same();
    ck_assert(isnan(read.last_demand));
}
END_TEST

START_TEST(unknown_members_are_passed_over)
{
    struct ll_err err;
    ck_assert(ll_scaling_state_read(
        LL_SLICE("{\"later\":{\"a\":[1,2]},\"expected\":5,\"more\":null}"), MADE_NOW, &read, &err));
    ck_assert_int_eq(read.expected, 5);
}
END_TEST

START_TEST(damage_is_refused_and_changes_nothing)
{
    static const char *const bad[] = {
        "",
        "[]",
        "{",
        "{} x",
        "{\"expected\":1.5}",
        "{\"expected\":-2}",
        "{\"expected\":\"1\"}",
        "{\"implausible\":4}",
        "{\"implausible\":-1}",
        "{\"seen_since\":9223372036854775807}",
        "{\"seen_since\":true}",
        "{\"scaled_to_zero\":1}",
        "{\"last_demand\":1e999}",
        "{\"last_demand\":\"1\"}",
        "{\"lead_s\":-1}",
        "{\"lead_var\":-1}",
        "{\"manual.floor\":-1}",
        "{\"manual.ceiling\":-1}",
        "{\"manual.actor\":5}",
        "{\"pause.what\":\"some\"}",
        "{\"pause.what\":1}",
        "{\"expected\":4503599627370497}",
        "{\"lead_s\":86401}",
        "{\"lead_var\":1e10}",
        "{\"manual.floor\":4503599627370497}",
        "{\"manual.ceiling\":4503599627370497}",
        "{\"answers\":[[1,4503599627370497]]}",
        "{\"answers\":5}",
        "{\"answers\":",
        "{\"answers\":[",
        "{\"answers\":[[",
        "{\"answers\":[[1",
        "{\"answers\":[[1,2",
        "{\"answers\":[[\"1\",2]]}",
        "{\"answers\":[[-9223372036854775807,2]]}",
        "{\"changes\":",
        "{\"changes\":[[1,2,3,4,5]]}",
        "{\"unknown\":[",
        "{\"unknown\":",
        "{\"seen_since\":-9223372036854775807}",
        "{\"expected\":1",
        "{\"a-key-that-is-longer-than-what-is-said-of-it-in-a-mistake\":[",
        "{\"answers\":[5]}",
        "{\"answers\":[[1]]}",
        "{\"answers\":[[1,2,3]]}",
        "{\"answers\":[[1,-2]]}",
        "{\"answers\":[[2,2],[1,2]]}",
        "{\"answers\":[[9223372036854775807,2]]}",
        "{\"answers\":[[1,2]",
        "{\"changes\":[[1,2,3]]}",
        "{\"changes\":[[1,2,-3,0]]}",
        "{\"x\":}"};
    struct ll_err err;
    read.expected = 77;
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        ck_assert_msg(!ll_scaling_state_read(ll_slice_of(bad[i]), MADE_NOW, &read, &err), "%s",
                      bad[i]);
        ck_assert_msg(err.code == LL_E_DAMAGED, "%s: %d %s", bad[i], (int)err.code, err.text);
    }
    ck_assert_int_eq(read.expected, 77);
}
END_TEST

START_TEST(a_count_beyond_its_type_is_the_most)
{
    struct ll_scaling_state got;
    struct ll_err err;
    ck_assert(ll_scaling_state_read(
        LL_SLICE("{\"failures\":9999999999,\"scaled_to_zero\":false,\"manual.set\":true}"),
        MADE_NOW, &got, &err));
    ck_assert_uint_eq(got.failures, INT32_MAX);
    ck_assert(!got.scaled_to_zero);
    ck_assert(got.manual.set);
}
END_TEST

START_TEST(too_much_is_refused)
{
    struct ll_err err;
    for (size_t i = 0; i <= LL_STATE_BYTES_MAX - 10; i++)
        ll_str_addc(&text, ' ');
    ck_assert(!ll_scaling_state_read((struct ll_slice){text.s, LL_STATE_BYTES_MAX + 1}, MADE_NOW,
                                     &read, &err));
    ck_assert_int_eq(err.code, LL_E_DAMAGED);
    ll_str_clear(&text);
    ll_str_addz(&text, "{\"answers\":[[1,1]");
    for (int i = 0; i < LL_STATE_ANSWERS; i++)
        ll_str_addz(&text, ",[1,1]");
    ll_str_addz(&text, "]}");
    ck_assert(!ll_scaling_state_read((struct ll_slice){text.s, text.n}, MADE_NOW, &read, &err));
    ll_str_clear(&text);
    ll_str_addz(&text, "{\"manual.actor\":\"");
    for (int i = 0; i < 64; i++)
        ll_str_addc(&text, 'a');
    ll_str_addz(&text, "\"}");
    ck_assert(!ll_scaling_state_read((struct ll_slice){text.s, text.n}, MADE_NOW, &read, &err));
}
END_TEST

START_TEST(without_memory_it_says_so)
{
    struct ll_err err;
    ll_test_fail_alloc(1);
    const bool done = ll_scaling_state_read(LL_SLICE("{}"), MADE_NOW, &read, &err);
    ll_test_fail_alloc(0);
    ck_assert(!done);
    ck_assert_int_eq(err.code, LL_E_MEMORY);
}
END_TEST

/* The clock was ten years ahead when it was written. */
START_TEST(spans_from_another_clock_are_cut)
{
    struct ll_err err;
    fill();
    write_it(&s);
    const ll_time now = MADE_NOW - 3650 * LL_DAY;
    ck_assert(ll_scaling_state_read((struct ll_slice){text.s, text.n}, now, &read, &err));
    ck_assert_int_eq(read.seen_since, now);
    ck_assert_int_eq(read.data_lost, now);
    ck_assert_int_eq(read.last_demand_t, now);
    ck_assert_int_eq(read.idle_since, now);
    ck_assert_int_eq(read.answers[0].t, now);
    ck_assert_int_eq(read.changes[2].t, now);
    ck_assert_int_eq(read.cooldown_in, now + LL_DAY);
    ck_assert_int_eq(read.cooldown_out, now + LL_DAY);
    ck_assert_int_eq(read.contested, now + LL_HOUR);
    ck_assert_int_eq(read.breaker, now + LL_HOUR);
    ck_assert_int_eq(read.widened, now + 2 * LL_HOUR);
    ck_assert_int_eq(read.manual.until, s.manual.until); /* a person has dated it */
}
END_TEST

START_TEST(a_step_of_the_clock_moves_what_is_remembered)
{
    fill();
    ll_scaling_state_step(&s, -LL_HOUR);
    ck_assert_int_eq(s.cooldown_in, MADE_NOW + 2 * LL_MINUTE - LL_HOUR);
    ck_assert_int_eq(s.answers[2].t, MADE_NOW - 8 - LL_HOUR);
    ck_assert_int_eq(s.changes[0].t, MADE_NOW - 20 - LL_HOUR);
    ck_assert_int_eq(s.widened, MADE_NOW);
    ck_assert_int_eq(s.manual.until, MADE_NOW + LL_DAY);
    ll_scaling_state_init(&s);
    ll_scaling_state_step(&s, LL_HOUR);
    ck_assert_int_eq(s.cooldown_in, LL_TIME_NONE);
}
END_TEST

START_TEST(applied_is_remembered)
{
    s.failures = 2;
    s.breaker = s.contested = MADE_NOW;
    ll_scaling_note_applied(&s, 3, 0, MADE_NOW);
    ck_assert_uint_eq(s.n_changes, 1);
    ck_assert_int_eq(s.expected, 0);
    ck_assert(s.scaled_to_zero);
    ck_assert_uint_eq(s.failures, 0);
    ck_assert_int_eq(s.breaker, LL_TIME_NONE);
    ll_scaling_note_applied(&s, 0, 2, MADE_NOW);
    ck_assert(!s.scaled_to_zero);
    ll_scaling_note_applied(&s, 2, 2, MADE_NOW);
    ck_assert_uint_eq(s.n_changes, 2);
    ck_assert(!s.changes[0].foreign);
}
END_TEST

START_TEST(cooldowns_begin_when_it_is_ready)
{
    ll_scaling_note_ready(&s, true, 0, 5 * LL_MINUTE, MADE_NOW);
    ck_assert_int_eq(s.cooldown_out, LL_TIME_NONE);
    ck_assert_int_eq(s.cooldown_in, MADE_NOW + 5 * LL_MINUTE);
    ll_scaling_note_ready(&s, true, LL_MINUTE, 100 * LL_DAY, MADE_NOW);
    ck_assert_int_eq(s.cooldown_out, MADE_NOW + LL_MINUTE);
    ck_assert_int_eq(s.cooldown_in, MADE_NOW + LL_DAY);
    ck_assert_uint_eq(s.lead_n, 0); /* nothing was asked for */
}
END_TEST

static void grow(ll_dur lead)
{
    ll_scaling_note_applied(&s, 1, 2, MADE_NOW);
    ll_scaling_note_ready(&s, true, 0, 0, MADE_NOW + lead);
}

START_TEST(the_lead_time_is_learned)
{
    grow(60 * LL_SECOND);
    grow(70 * LL_SECOND);
    ck_assert_int_eq(ll_scaling_lead(&s, 3 * LL_MINUTE), 3 * LL_MINUTE);
    grow(80 * LL_SECOND);
    ck_assert_double_eq_tol(s.lead_s, 70, 1e-9);
    ck_assert_double_eq_tol(s.lead_var, 200.0 / 3, 1e-9);
    ck_assert_int_eq(ll_scaling_lead(&s, 3 * LL_MINUTE), 83432); /* 70 + 1.645 x 8.165 s */
    for (int i = 0; i < 500; i++)
        grow(30 * LL_SECOND);
    ck_assert_int_le(ll_scaling_lead(&s, 0), 31 * LL_SECOND); /* the old is forgotten */
    ck_assert_uint_eq(s.lead_n, 50);
}
END_TEST

START_TEST(what_says_nothing_of_the_lead_is_not_learned)
{
    ll_scaling_note_applied(&s, 3, 2, MADE_NOW);
    ll_scaling_note_ready(&s, true, 0, 0, MADE_NOW + LL_MINUTE);
    ck_assert_uint_eq(s.lead_n, 0);
    grow(LL_DAY);
    grow(-LL_SECOND);
    ck_assert_uint_eq(s.lead_n, 0);
    s.changes[s.n_changes - 1].foreign = true;
    ll_scaling_note_ready(&s, true, 0, 0, MADE_NOW + LL_MINUTE);
    ck_assert_uint_eq(s.lead_n, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_fresh_state_is_short,
        everything_comes_back,
        the_largest_state_fits,
        what_is_not_text_does_not_break_the_line,
        unknown_members_are_passed_over,
        damage_is_refused_and_changes_nothing,
        a_count_beyond_its_type_is_the_most,
        too_much_is_refused,
        without_memory_it_says_so,
        spans_from_another_clock_are_cut,
        a_step_of_the_clock_moves_what_is_remembered,
        applied_is_remembered,
        cooldowns_begin_when_it_is_ready,
        the_lead_time_is_learned,
        what_says_nothing_of_the_lead_is_not_learned,
    };
    return made_run("scaling_state", setup, teardown, tests, LL_LEN(tests));
}
