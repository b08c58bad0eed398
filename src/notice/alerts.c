/* Alerts as Prometheus Alertmanager's API v2 takes them: https://prometheus.io/docs/alerting/. */
#include "base/json_text.h"
#include "notice/write.h"

/* A firing alert ends by itself when it is not sent again: four times our repeat and some. */
static const ll_dur holds = 5 * LL_NOTICE_ALERT_REPEAT;

/* An empty label is the same as none there. */
static void label(struct ll_str *out, const char *key, const char *value)
{
    if (!value[0])
        return;
    ll_str_addf(out, ",\"%s\":", key);
    ll_json_text_quote(out, ll_slice_of(value));
}

static ll_time ends_at(const struct ll_notice_sender *s, const struct ll_notice_item *i)
{
    return i->resolved ? LL_MAX(i->ended, i->notice->at) : s->now + holds;
}

static void write_alert(const struct ll_notice_sender *s, const struct ll_notice_item *i,
                        struct ll_str *out)
{
    const struct ll_notice *n = i->notice;
    char at[LL_TIME_TEXT_MAX], end[LL_TIME_TEXT_MAX], by[LL_TIME_TEXT_MAX];
    struct ll_str link;
    ll_str_init(&link, 8192);
    ll_notice_write_link(s, n, &link);
    ll_str_addf(out, "{\"labels\":{\"alertname\":\"%s\",\"severity\":\"%s\"",
                ll_notice_info(n->kind)->alert, ll_notice_severity_name(n->severity));
    label(out, "service", n->service);
    label(out, "team", n->team);
    label(out, "owner", n->owner);
    label(out, "venue", n->venue);
    label(out, "environment", s->environment ? s->environment : "");
    label(out, "key", n->key);
    ll_str_addz(out, "},\"annotations\":{\"summary\":");
    ll_json_text_quote(out, ll_slice_of(n->title));
    label(out, "description", n->text);
    label(out, "decide_by", n->deadline == LL_TIME_NONE ? "" : ll_time_format(n->deadline, by));
    label(out, "ending", i->resolved ? i->ending : "");
    ll_str_addf(out, "},\"startsAt\":\"%s\",\"endsAt\":\"%s\"", ll_time_format(n->at, at),
                ll_time_format(ends_at(s, i), end));
    label(out, "generatorURL", ll_str_z(&link));
    ll_str_addc(out, '}');
    ll_str_fini(&link);
}

void ll_notice_write_alerts(const struct ll_notice_sender *s, const struct ll_notice_message *m,
                            struct ll_str *out)
{
    ll_str_addc(out, '[');
    for (size_t i = 0; i < m->n; i++) {
        if (i > 0)
            ll_str_addc(out, ',');
        write_alert(s, &m->items[i], out);
    }
    ll_str_addc(out, ']');
}
