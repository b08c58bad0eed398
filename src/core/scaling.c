#include "core/scaling.h"

#include "base/defs.h"

#define X(member, name) name,
static const char *const modes[] = {LL_MODE_TABLE(X)};
static const char *const pauses[] = {LL_PAUSE_TABLE(X)};
static const char *const action_states[] = {LL_ACTION_STATE_TABLE(X)};
static const char *const stages[] = {LL_STAGE_TABLE(X)};
#undef X
#define X(member, name, text) name,
static const char *const bounds[] = {LL_BOUND_TABLE(X)};
#undef X
#define X(member, name, text) text,
static const char *const bound_texts[] = {LL_BOUND_TABLE(X)};
#undef X

static const char *name_of(const char *const *names, size_t n, size_t i)
{
    return i < n ? names[i] : "?";
}

static bool find(const char *const *names, size_t n, struct ll_slice text, size_t *out)
{
    for (size_t i = 0; i < n; i++) {
        if (ll_slice_ieq(text, names[i])) {
            *out = i;
            return true;
        }
    }
    return false;
}

const char *ll_mode_name(enum ll_mode v)
{
    return name_of(modes, LL_LEN(modes), v);
}

const char *ll_pause_name(enum ll_pause v)
{
    return name_of(pauses, LL_LEN(pauses), v);
}

const char *ll_action_state_name(enum ll_action_state v)
{
    return name_of(action_states, LL_LEN(action_states), v);
}

const char *ll_stage_name(enum ll_stage v)
{
    return name_of(stages, LL_LEN(stages), v);
}

const char *ll_bound_name(enum ll_bound v)
{
    return name_of(bounds, LL_LEN(bounds), v);
}

const char *ll_bound_text(enum ll_bound v)
{
    return name_of(bound_texts, LL_LEN(bound_texts), v);
}

bool ll_mode_parse(struct ll_slice text, enum ll_mode *out)
{
    size_t i;
    if (!find(modes, LL_LEN(modes), text, &i))
        return false;
    *out = (enum ll_mode)i;
    return true;
}

bool ll_pause_parse(struct ll_slice text, enum ll_pause *out)
{
    size_t i;
    if (!find(pauses, LL_LEN(pauses), text, &i))
        return false;
    *out = (enum ll_pause)i;
    return true;
}

bool ll_action_state_parse(struct ll_slice text, enum ll_action_state *out)
{
    size_t i;
    if (!find(action_states, LL_LEN(action_states), text, &i))
        return false;
    *out = (enum ll_action_state)i;
    return true;
}

bool ll_bound_parse(struct ll_slice text, enum ll_bound *out)
{
    size_t i;
    if (!find(bounds, LL_LEN(bounds), text, &i))
        return false;
    *out = (enum ll_bound)i;
    return true;
}

bool ll_action_open(enum ll_action_state s)
{
    return s == LL_ACTION_PENDING || s == LL_ACTION_UNKNOWN;
}
