/* One push: a body to POST /api/v1/metrics of the Loadline elsewhere, and what became of it. */
#ifndef LL_AGENT_PUSH_H
#define LL_AGENT_PUSH_H

#include "os/http_access.h"

enum ll_agent_outcome {
    LL_AGENT_DELIVERED, /* on disk there; what it rejected is counted */
    LL_AGENT_LATER,     /* nobody there, busy, failing, or not a Loadline: keep it and try again */
    LL_AGENT_SHUT_OUT,  /* the token or certificate is not taken */
    LL_AGENT_TOO_MUCH,  /* refused as a whole: smaller ones may pass */
    LL_AGENT_DOUBTFUL,  /* refused as a whole, but not by a Loadline */
    LL_AGENT_REFUSED    /* every sample was looked at and refused: again will not help */
};

struct ll_agent_push {
    const char *url; /* whole */
    const char *instance;
    const struct ll_http_access *access;
    ll_dur timeout;
    bool (*stop)(void *ctx);
    void *ctx;
};

struct ll_agent_result {
    enum ll_agent_outcome outcome;
    size_t accepted, rejected;
    ll_dur retry_after; /* 0 = it did not say */
    struct ll_err err;  /* why; text "" when nothing was wrong */
};

/* The library is loaded into *http when it is NULL. */
void ll_agent_push(const struct ll_agent_push *p, struct ll_http_client **http,
                   struct ll_slice body, size_t samples, struct ll_agent_result *out);

#endif
