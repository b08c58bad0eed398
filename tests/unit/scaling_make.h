/* A target with rules, as the tests of scaling build it: ten instances of 100 units each, one
 * THRESHOLD rule in auto, seen for so long that nothing of the past binds. */
#ifndef LL_TESTS_UNIT_SCALING_MAKE_H
#define LL_TESTS_UNIT_SCALING_MAKE_H

#include <math.h>
#include <string.h>

#include "scaling/decide.h"
#include "support.h"

#define MADE_NOW ((ll_time)1795484700000) /* 2026-11-24T01:45:00Z */

enum { MADE_RULES = 4, MADE_SAMPLES = 8, MADE_WINDOWS = 4 };

struct made {
    struct ll_target target;
    struct ll_scaling_rule rule[MADE_RULES];
    struct ll_rule_input input[MADE_RULES];
    struct ll_seen_sample sample[MADE_RULES][MADE_SAMPLES];
    struct ll_scale_window window[MADE_WINDOWS];
    struct ll_window_now window_now[MADE_WINDOWS];
    struct ll_scaling_input in;
    struct ll_scaling_state state, next;
    struct ll_arena *arena;
    struct ll_decision d;
};

/* The newest `n` samples of a rule all have this utilisation of 100 units an instance. */
static inline void made_load(struct made *m, size_t rule, double utilization, size_t n)
{
    for (size_t i = 0; i < n; i++)
        m->sample[rule][i] =
            (struct ll_seen_sample){.t = m->in.now - (ll_dur)i * m->in.interval,
                                    .value = utilization * 100 * (double)m->in.seen.current,
                                    .capacity = 100 * (double)m->in.seen.current};
    m->input[rule].seen.state = LL_SEEN_OK;
    m->input[rule].seen.n_samples = n;
}

static inline struct ll_scaling_rule *made_rule(struct made *m, enum ll_policy policy)
{
    const size_t i = m->in.n_rules++;
    struct ll_scaling_rule *r = &m->rule[i];
    ll_scaling_rule_init(r, LL_RESOURCE_API_CALLS);
    r->rule_id = ll_slice_of((const char *const[]){"first", "second", "third", "fourth"}[i]);
    r->policy = policy;
    r->mode = LL_MODE_AUTO;
    r->thresholds = (struct ll_threshold){.warning = 0.7,
                                          .critical = 0.95,
                                          .scale_up = 0.8,
                                          .scale_down = 0.4,
                                          .cooldown = 5 * LL_MINUTE};
    m->input[i] = (struct ll_rule_input){.rule = r,
                                         .seen = {.state = LL_SEEN_MISSING,
                                                  .metric = LL_SLICE("gateway API_CALLS"),
                                                  .unit = LL_UNIT_CALLS_PER_SECOND,
                                                  .samples = m->sample[i],
                                                  .instances = (size_t)m->in.seen.current,
                                                  .expected = (size_t)m->in.seen.current},
                                         .ahead = {.made = LL_TIME_NONE, .at = LL_TIME_NONE}};
    return r;
}

static inline void made_init(struct made *m)
{
    memset(m, 0, sizeof(*m));
    ll_scaling_target_init(&m->target);
    m->target.name = LL_SLICE("gateway");
    m->target.min = 2;
    m->target.max = 40;
    m->in = (struct ll_scaling_input){.target = &m->target,
                                      .rules = m->input,
                                      .seen = {.known = true, .current = 10, .ready = 10},
                                      .ceiling = LL_MODE_AUTO,
                                      .pause = {.until = LL_TIME_NONE},
                                      .removal_left = -1,
                                      .interval = 15 * LL_SECOND,
                                      .now = MADE_NOW};
    ll_scaling_state_init(&m->state);
    m->state.seen_since = MADE_NOW - LL_DAY;
    m->state.expected = 10;
    m->arena = ll_arena_new(1 << 20);
    ck_assert_ptr_nonnull(m->arena);
}

static inline void made_fini(struct made *m)
{
    ll_arena_free(m->arena);
}

static inline const struct ll_decision *made_decide(struct made *m)
{
    struct ll_err err;
    ll_arena_reset(m->arena);
    ck_assert(ll_scaling_decide(&m->in, &m->state, m->arena, &m->d, &m->next, &err));
    return &m->d;
}

/* The window is open from an hour ago until an hour from now. */
static inline void made_window(struct made *m, size_t rule, enum ll_window_effect effect,
                               int64_t amount)
{
    const size_t i = m->input[rule].n_windows++;
    m->window[i] =
        (struct ll_scale_window){.effect = effect, .amount = amount, .duration = LL_HOUR};
    m->window_now[i] = (struct ll_window_now){.window = &m->window[i],
                                              .open = true,
                                              .amount = amount,
                                              .since = m->in.now - LL_HOUR,
                                              .until = m->in.now + LL_HOUR,
                                              .next = m->in.now + LL_HOUR};
    m->input[rule].windows = m->window_now;
}

/* A change of the target's own, `ago` before now; keeps the count that is seen. */
static inline void made_change(struct made *m, int64_t from, int64_t to, ll_dur ago)
{
    ll_scaling_note_applied(&m->state, from, to, m->in.now - ago);
    m->state.expected = m->in.seen.current;
}

static inline void made_ahead(struct made *m, size_t rule, double demand)
{
    m->input[rule].ahead = (struct ll_demand_ahead){.known = true,
                                                    .trusted = true,
                                                    .demand = demand,
                                                    .median = demand * 0.9,
                                                    .tau = 0.95,
                                                    .at = m->in.now + 20 * LL_MINUTE,
                                                    .origin = m->in.now - LL_HOUR,
                                                    .made = m->in.now - LL_HOUR};
}

/* Each test begins with a target of its own. */
static inline int made_run(const char *name, void (*setup)(void), void (*teardown)(void),
                           const TTest *const *tests, size_t n)
{
    Suite *suite = suite_create(name);
    TCase *all = tcase_create(name);
    tcase_set_timeout(all, 120);
    tcase_add_checked_fixture(all, setup, teardown);
    for (size_t i = 0; i < n; i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
