#include "api/sleep.h"

bool ll_sleep_begin(struct ll_request *r, struct ll_err *err)
{
    /* First counted, then asked: either the end waits for this one, or this one sees the end. */
    atomic_fetch_add(&r->api->asleep, 1);
    if (r->api->closing) {
        atomic_fetch_sub(&r->api->asleep, 1);
        return ll_err_set(err, LL_E_STORAGE, "the daemon is stopping");
    }
    r->stage = LL_STAGE_SUSPENDED;
    MHD_suspend_connection(r->connection);
    return true;
}

void ll_sleep_end(struct ll_request *r)
{
    struct ll_api *api = r->api; /* r may be gone once the connection goes on */
    MHD_resume_connection(r->connection);
    atomic_fetch_sub(&api->asleep, 1);
}
