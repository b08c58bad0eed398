/* Decisions as JSON: in their records, in the API, read back for a replay. */
#ifndef LL_ENGINE_SCALING_RECORD_H
#define LL_ENGINE_SCALING_RECORD_H

#include "config/rules_file.h"
#include "scaling/decide.h"

const char *ll_scaling_verdict_name(enum ll_verdict v);         /* "nothing" … "act" */
const char *ll_scaling_proposal_name(enum ll_proposal_state s); /* "wants", "floor", "none" */

/* {"now","current","wanted","to","at_once","direction","verdict","bound","reason","winner","proposals",
 *  "stages",…}; stages carry `without`, the result had the stage not been. */
void ll_scaling_decision_write(const struct ll_decision *d, struct ll_str *out);

/* The decision with all of its input; state: before it. */
void ll_scaling_record_write(const struct ll_scaling_input *in,
                             const struct ll_scaling_state *state, const struct ll_decision *d,
                             const char *rules_hash, struct ll_str *out);

#endif
