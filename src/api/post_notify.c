/* POST /notifications/test: waits for the receiver, at most its timeout. */
#include <stdio.h>

#include "api/audit.h"
#include "api/handlers.h"
#include "api/reply.h"
#include "engine/notices.h"

enum { P_RECEIVER };

enum MHD_Result ll_handler_notify_test(struct ll_request *r)
{
    struct ll_notices_reply reply;
    struct ll_err err;
    const struct ll_slice name = r->param[P_RECEIVER].text;
    char object[LL_IDENTITY_NAME_MAX];
    snprintf(object, sizeof(object), "%.*s", (int)LL_MIN(name.n, sizeof(object) - 1),
             name.n ? name.s : "");
    if (!ll_api_audit(r, &r->who, "notify.test", object, &err) ||
        !ll_engine_notify_test(r->api->engine, name, &reply, &err))
        return ll_reply_error(r, &err, 0);
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    ll_json_out_open(&j, '{');
    ll_json_out_key(&j, "receiver");
    ll_json_out_z(&j, reply.receiver);
    ll_json_out_key(&j, "delivered");
    ll_json_out_bool(&j, reply.result == LL_NOTICE_DELIVERED);
    ll_json_out_key(&j, "answer");
    ll_json_out_z(&j, reply.text);
    ll_json_out_close(&j, '}');
    return ll_reply_json(r, &text);
}
