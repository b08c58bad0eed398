/* The generic webhook's body, and what all writers share. */
#include <stdio.h>

#include "base/json_text.h"
#include "base/map.h"
#include "notice/write.h"

static const char *status_of(const struct ll_notice_item *i)
{
    return i->resolved ? "resolved" : i->reminder ? "reminder" : "firing";
}

void ll_notice_write_link(const struct ll_notice_sender *s, const struct ll_notice *n,
                          struct ll_str *out)
{
    if (!s->external_url || !s->external_url[0])
        return;
    const size_t len = ll_slice_of(s->external_url).n;
    ll_str_addz(out, s->external_url);
    if (s->external_url[len - 1] != '/')
        ll_str_addc(out, '/');
    ll_str_addz(out, n->path);
}

void ll_notice_write_id(const struct ll_notice_message *m, char out[static LL_NOTICE_ID_MAX])
{
    uint64_t h = (uint64_t)m->told;
    for (size_t i = 0; i < m->n; i++) {
        const struct ll_notice_item *x = &m->items[i];
        h = ll_map_hash(h, x->notice->key, ll_slice_of(x->notice->key).n);
        h = ll_map_hash(h, x->notice->title, ll_slice_of(x->notice->title).n);
        h = ll_map_hash(h, x->notice->text, ll_slice_of(x->notice->text).n);
        h = ll_map_hash(h, status_of(x), ll_slice_of(status_of(x)).n);
    }
    snprintf(out, LL_NOTICE_ID_MAX, "msg_%016llx", (unsigned long long)h);
}

void ll_notice_write_subject(const struct ll_notice_message *m, struct ll_str *out)
{
    size_t resolved = 0;
    for (size_t i = 0; i < m->n; i++)
        resolved += m->items[i].resolved;
    if (m->n > 0 && resolved == m->n)
        ll_str_addz(out, "Resolved: ");
    else if (m->n > 0 && m->items[0].reminder)
        ll_str_addz(out, "Reminder: ");
    else if (m->repeat)
        ll_str_addz(out, "Still: ");
    if (m->n > 0)
        ll_str_addz(out, m->items[0].notice->title);
    if (m->n > 1)
        ll_str_addf(out, " and %zu more", m->n - 1);
}

static void text(struct ll_str *out, const char *key, const char *value)
{
    ll_str_addf(out, ",\"%s\":", key);
    if (value[0])
        ll_json_text_quote(out, ll_slice_of(value));
    else
        ll_str_addz(out, "null");
}

static void when(struct ll_str *out, const char *key, ll_time t)
{
    char z[LL_TIME_TEXT_MAX];
    text(out, key, t == LL_TIME_NONE ? "" : ll_time_format(t, z));
}

static void write_item(const struct ll_notice_sender *s, const struct ll_notice_item *i,
                       struct ll_str *out)
{
    const struct ll_notice *n = i->notice;
    struct ll_str link;
    ll_str_init(&link, 8192);
    ll_notice_write_link(s, n, &link);
    ll_str_addz(out, "{\"key\":");
    ll_json_text_quote(out, ll_slice_of(n->key));
    text(out, "status", status_of(i));
    text(out, "severity", ll_notice_severity_name(n->severity));
    text(out, "service", n->service);
    text(out, "team", n->team);
    text(out, "owner", n->owner);
    text(out, "venue", n->venue);
    text(out, "title", n->title);
    text(out, "text", n->text);
    when(out, "since", n->at);
    when(out, "decide_by", n->deadline);
    text(out, "on_expiry", n->on_expiry);
    when(out, "ended_at", i->resolved ? i->ended : LL_TIME_NONE);
    text(out, "ending", i->resolved ? i->ending : "");
    text(out, "url", ll_str_z(&link));
    ll_str_addc(out, '}');
    ll_str_fini(&link);
}

void ll_notice_write_json(const struct ll_notice_sender *s, const struct ll_notice_message *m,
                          struct ll_str *out)
{
    char now[LL_TIME_TEXT_MAX];
    struct ll_str subject;
    ll_str_init(&subject, 1024);
    ll_notice_write_subject(m, &subject);
    ll_str_addf(out, "{\"type\":\"loadline.%s\",\"timestamp\":\"%s\",\"data\":{\"receiver\":",
                ll_notice_info(m->kind)->name, ll_time_format(s->now, now));
    ll_json_text_quote(out, s->receiver);
    text(out, "environment", s->environment ? s->environment : "");
    text(out, "subject", ll_str_z(&subject));
    ll_str_addf(out, ",\"repeat\":%s,\"notices\":[", m->repeat ? "true" : "false");
    for (size_t i = 0; i < m->n; i++) {
        if (i > 0)
            ll_str_addc(out, ',');
        write_item(s, &m->items[i], out);
    }
    ll_str_addz(out, "]}}");
    ll_str_fini(&subject);
}
