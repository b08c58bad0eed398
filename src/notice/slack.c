/* Blocks of text as Slack's incoming webhooks take them:
 * https://api.slack.com/reference/block-kit/blocks. */
#include "base/json_text.h"
#include "notice/write.h"

enum { SHOWN_MAX = 20, BLOCK_CHARS_MAX = 2900 };

/* Slack's markup has three characters of its own. */
static void escaped(struct ll_str *out, const char *z)
{
    for (; *z; z++)
        if (*z == '&')
            ll_str_addz(out, "&amp;");
        else if (*z == '<')
            ll_str_addz(out, "&lt;");
        else if (*z == '>')
            ll_str_addz(out, "&gt;");
        else
            ll_str_addc(out, *z);
}

static void section(struct ll_str *out, const struct ll_str *text, bool first)
{
    if (!first)
        ll_str_addc(out, ',');
    ll_str_addz(out, "{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":");
    ll_json_text_quote(out, (struct ll_slice){ll_str_z(text), text->n});
    ll_str_addz(out, "}}");
}

static void item_text(const struct ll_notice_sender *s, const struct ll_notice_item *i,
                      struct ll_str *out)
{
    const struct ll_notice *n = i->notice;
    char t[LL_TIME_TEXT_MAX];
    ll_str_addz(out, i->resolved ? "Resolved: *" : i->reminder ? "Reminder: *" : "*");
    escaped(out, n->title);
    ll_str_addz(out, "*\n");
    escaped(out, i->resolved && i->ending[0] ? i->ending : n->text);
    ll_str_addf(out, "\n%s since %s", ll_notice_severity_name(n->severity),
                ll_time_format(n->at, t));
    if (n->deadline != LL_TIME_NONE && !i->resolved)
        ll_str_addf(out, ", answer by %s", ll_time_format(n->deadline, t));
    if (n->team[0]) {
        ll_str_addz(out, ", team ");
        escaped(out, n->team);
    }
    if (s->external_url && s->external_url[0]) {
        ll_str_addz(out, "\n<");
        ll_notice_write_link(s, n, out);
        ll_str_addz(out, "|Open Loadline>");
    }
}

void ll_notice_write_slack(const struct ll_notice_sender *s, const struct ll_notice_message *m,
                           struct ll_str *out)
{
    struct ll_str text, shown;
    ll_str_init(&text, BLOCK_CHARS_MAX);
    ll_str_init(&shown, 2 * BLOCK_CHARS_MAX);
    ll_notice_write_subject(m, &text);
    escaped(&shown, ll_str_z(&text));
    ll_str_addz(out, "{\"text\":");
    ll_json_text_quote(out, ll_slice_of(ll_str_z(&shown)));
    ll_str_addz(out, ",\"blocks\":[");
    for (size_t i = 0; i < m->n && i < SHOWN_MAX; i++) {
        ll_str_clear(&shown);
        item_text(s, &m->items[i], &shown);
        section(out, &shown, i == 0);
    }
    if (m->n > SHOWN_MAX) {
        ll_str_clear(&shown);
        ll_str_addf(&shown, "and %zu more", m->n - SHOWN_MAX);
        section(out, &shown, false);
    }
    ll_str_addz(out, "]}");
    ll_str_fini(&text);
    ll_str_fini(&shown);
}
