/* Any bytes as an answer to a push, and as a record of the queue. */
#include <stdlib.h>
#include <string.h>

#include "agent/answer.h"
#include "agent/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1);
    struct ll_agent_answer a;
    struct ll_str items;
    struct ll_err err;
    size_t samples = 0;
    LL_ASSERT(copy);
    memcpy(copy, data, size);
    ll_str_init(&items, 2 * LL_AGENT_RECORD_RAW_MAX);
    if (ll_agent_record_unpack((struct ll_slice){copy, size}, &items, &samples, &err))
        LL_ASSERT(items.n <= LL_AGENT_RECORD_RAW_MAX && samples <= LL_AGENT_RECORD_SAMPLES_MAX);
    else
        LL_ASSERT(items.n == 0);
    if (ll_agent_answer_read(copy, size, &a))
        LL_ASSERT(strlen(a.reason) < sizeof(a.reason) && ll_utf8_valid(a.reason, strlen(a.reason)));
    ll_str_fini(&items);
    free(copy);
    return 0;
}
