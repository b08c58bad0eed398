/* The state of scaling as it was kept: what is read can be written, read again the same, and
 * decided from; nothing of it makes a time of this program's overflow. */
#include <math.h>
#include <string.h>

#include "base/str.h"
#include "scaling/decide.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const ll_time NOW = 1795484700000;

static void decide(const struct ll_scaling_state *s)
{
    struct ll_target target;
    struct ll_scaling_rule rule;
    ll_scaling_target_init(&target);
    target.max = 100;
    ll_scaling_rule_init(&rule, LL_RESOURCE_CPU);
    rule.mode = LL_MODE_AUTO;
    const struct ll_seen_sample sample = {NOW, 1, 10};
    const struct ll_rule_input input = {
        .rule = &rule, .seen = {.state = LL_SEEN_OK, .samples = &sample, .n_samples = 1}};
    const struct ll_scaling_input in = {.target = &target,
                                        .rules = &input,
                                        .n_rules = 1,
                                        .seen = {true, 10, 10, NOW},
                                        .ceiling = LL_MODE_AUTO,
                                        .pause = {.until = LL_TIME_NONE},
                                        .removal_left = -1,
                                        .interval = 15 * LL_SECOND,
                                        .now = NOW};
    struct ll_decision d;
    struct ll_scaling_state next;
    struct ll_err err;
    LL_AUTO(ll_arena) arena = ll_arena_new(1 << 20);
    if (!arena || !ll_scaling_decide(&in, s, arena, &d, &next, &err))
        return;
    LL_ASSERT(d.to >= 0 && d.to <= 100 && d.reason[0]);
    LL_ASSERT(d.current - d.to <= 2); /* a fifth of ten */
    LL_ASSERT(next.n_answers <= LL_STATE_ANSWERS && next.n_changes <= LL_STATE_CHANGES);
    LL_ASSERT(ll_scaling_lead(&next, LL_MINUTE) >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ll_scaling_state s, again;
    struct ll_err err = {0};
    if (!ll_scaling_state_read((struct ll_slice){(const char *)data, size}, NOW, &s, &err)) {
        LL_ASSERT(err.code == LL_E_DAMAGED && err.text[0]);
        return 0;
    }
    struct ll_str one, two;
    ll_str_init(&one, LL_STATE_BYTES_MAX);
    ll_str_init(&two, LL_STATE_BYTES_MAX);
    ll_scaling_state_write(&s, &one);
    LL_ASSERT(!one.failed);
    LL_ASSERT(ll_scaling_state_read((struct ll_slice){one.s, one.n}, NOW, &again, &err));
    ll_scaling_state_write(&again, &two);
    LL_ASSERT(one.n == two.n && memcmp(one.s, two.s, one.n) == 0);
    ll_str_fini(&one);
    ll_str_fini(&two);
    decide(&s);
    return 0;
}
