#include "core/scaling.h"

#include "core/names.h"

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

LL_NAMES(mode, ll_mode, modes)
LL_NAMES(pause, ll_pause, pauses)
LL_NAMES(action_state, ll_action_state, action_states)
LL_NAMES(bound, ll_bound, bounds)
LL_NAMES_NAME(stage, ll_stage, stages)

const char *ll_bound_text(enum ll_bound v)
{
    return ll_name_of(bound_texts, LL_LEN(bound_texts), v);
}

bool ll_action_open(enum ll_action_state s)
{
    return s == LL_ACTION_PENDING || s == LL_ACTION_UNKNOWN;
}
