/* Takes a message to its receiver, once.
 *
 * Files (URL, secret, token, password) are read anew for each message, so that they can be changed
 * under the daemon.  No error tells a URL: it may be a secret. */
#ifndef LL_ENGINE_NOTICES_SEND_H
#define LL_ENGINE_NOTICES_SEND_H

#include "notice/write.h"

struct ll_notices_reply {
    enum ll_notice_result result;
    ll_dur retry_after;
    char receiver[128]; /* its name */
    char text[256];     /* "200", "429; again in 30 s", "no answer in time" */
};

struct ll_notices_way {
    struct ll_http_client *http; /* made when first needed; the owner's to free */
    bool (*stop)(void *ctx);     /* ends an exchange; NULL = nothing does */
    void *stop_ctx;
};

void ll_notices_send(struct ll_notices_way *w, const struct ll_notice_receiver *to,
                     const struct ll_notice_sender *s, const struct ll_notice_message *m,
                     struct ll_notices_reply *out);

/* The message that `loadline notify test` sends. */
void ll_notices_send_test(struct ll_notices_way *w, const struct ll_notice_receiver *to,
                          const struct ll_notice_sender *s, struct ll_notices_reply *out);

#endif
