/* Who was told, and what could not be delivered. */
#include "api/render.h"
#include "engine/notices.h"

static void count(struct ll_json_out *j, const char *key, uint64_t n)
{
    ll_json_out_key(j, key);
    ll_json_out_int(j, (int64_t)n);
}

static void receiver(struct ll_json_out *j, const struct ll_notices_receiver *r)
{
    ll_json_out_open(j, '{');
    ll_json_out_key(j, "name");
    ll_json_out_z(j, r->name);
    ll_json_out_key(j, "kind");
    ll_json_out_z(j, r->kind);
    count(j, "sent", r->counts.sent);
    count(j, "failed", r->counts.failed);
    count(j, "dropped", r->counts.dropped);
    count(j, "waiting", r->counts.waiting);
    ll_json_out_key(j, "last_sent");
    ll_json_out_time(j, r->counts.last_sent);
    ll_json_out_key(j, "error");
    ll_json_out_z(j, r->counts.error[0] ? r->counts.error : NULL);
    ll_json_out_close(j, '}');
}

void ll_render_notices(struct ll_json_out *j, struct ll_engine *e)
{
    struct ll_notices_status s;
    ll_engine_notices_status(e, &s);
    ll_json_out_key(j, "notifications");
    ll_json_out_open(j, '{');
    ll_json_out_key(j, "receivers");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < s.n_receivers; i++)
        receiver(j, &s.receivers[i]);
    ll_json_out_close(j, ']');
    count(j, "open", s.open);
    count(j, "silenced", s.silenced);
    count(j, "lost", s.lost);
    ll_json_out_close(j, '}');
}
