/* What a Loadline answered to a push: how much it took, and why not the rest. */
#ifndef LL_AGENT_ANSWER_H
#define LL_AGENT_ANSWER_H

#include "base/err.h"
#include "base/str.h"

struct ll_agent_answer {
    bool counted;              /* it said how many it took: only a Loadline does */
    size_t accepted, rejected; /* samples */
    char reason[160];          /* of the first that was rejected, else the problem's detail */
};

/* Reads a body in place.  False when it is not JSON; a problem document reads as well. */
LL_MUST_USE bool ll_agent_answer_read(char *body, size_t n, struct ll_agent_answer *out);

#endif
