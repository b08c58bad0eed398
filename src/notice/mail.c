/* A mail in plain text: RFC 5322, RFC 2045 (quoted-printable), RFC 2047 (the subject). */
#include <string.h>

#include "notice/write.h"

enum { LINE_MAX_CHARS = 75, WORD_BYTES_MAX = 18 /* three characters each, in 75 */ };

/* A byte of a body; its line is broken softly before it would be too long. */
static void body_byte(struct ll_str *out, unsigned char c, bool last, size_t *column)
{
    const bool space = c == ' ' || c == '\t';
    const bool plain = (c > ' ' && c < 0x7f && c != '=') || (space && !last);
    const size_t width = plain ? 1 : 3;
    if (*column + width > LINE_MAX_CHARS) {
        ll_str_addz(out, "=\r\n");
        *column = 0;
    }
    if (plain)
        ll_str_addc(out, (char)c);
    else
        ll_str_addf(out, "=%02X", c);
    *column += width;
}

static void body_line(struct ll_str *out, const char *text)
{
    size_t column = 0;
    for (; *text; text++)
        body_byte(out, (unsigned char)*text, text[1] == '\0', &column);
    ll_str_addz(out, "\r\n");
}

/* Encoded words hold whole characters; text has no control characters in it. */
static void subject(struct ll_str *out, const char *text)
{
    const size_t n = strlen(text);
    if (ll_str_ascii(text, n)) {
        ll_str_addf(out, "Subject: [Loadline] %s\r\n", text);
        return;
    }
    ll_str_addz(out, "Subject: [Loadline]");
    for (size_t i = 0; i < n;) {
        ll_str_addz(out, i ? "\r\n =?utf-8?Q?" : " =?utf-8?Q?");
        for (size_t used = 0, step; i < n; i += step, used += step) {
            step = LL_MAX(ll_str_utf8_next(text + i, n - i), (size_t)1);
            if (used + step > WORD_BYTES_MAX)
                break;
            for (size_t k = 0; k < step; k++)
                ll_str_addf(out, "=%02X", (unsigned)(unsigned char)text[i + k]);
        }
        ll_str_addz(out, "?=");
    }
    ll_str_addz(out, "\r\n");
}

static void header(const struct ll_notice_sender *s, const struct ll_notice_receiver *to,
                   const struct ll_notice_message *m, const char *title, struct ll_str *out)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const struct ll_civil c = ll_time_civil(s->now);
    char id[LL_NOTICE_ID_MAX];
    ll_notice_write_id(m, id);
    ll_str_addf(out, "From: Loadline <%s>\r\nTo: ", to->smtp.from);
    for (const char *const *t = to->smtp.to; *t; t++)
        ll_str_addf(out, "%s<%s>", t == to->smtp.to ? "" : ",\r\n ", *t);
    ll_str_addz(out, "\r\n");
    subject(out, title);
    ll_str_addf(out, "Date: %s, %d %s %04d %02d:%02d:%02d +0000\r\n", days[c.weekday], c.day,
                months[c.month - 1], c.year, c.hour, c.minute, c.second);
    ll_str_addf(out, "Message-ID: <%s%s>\r\n", id, strchr(to->smtp.from, '@'));
    ll_str_addz(out, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                     "Content-Transfer-Encoding: quoted-printable\r\n"
                     "Auto-Submitted: auto-generated\r\n\r\n");
}

static void field(struct ll_str *out, struct ll_str *line, const char *name, const char *value)
{
    if (!value[0])
        return;
    ll_str_clear(line);
    ll_str_addf(line, "  %s: %s", name, value);
    body_line(out, ll_str_z(line));
}

static void item(const struct ll_notice_sender *s, const struct ll_notice_item *i,
                 struct ll_str *line, struct ll_str *out)
{
    const struct ll_notice *n = i->notice;
    char t[LL_TIME_TEXT_MAX];
    struct ll_str link;
    ll_str_init(&link, 8192);
    ll_notice_write_link(s, n, &link);
    ll_str_clear(line);
    ll_str_addf(line, "%s%s",
                i->resolved   ? "Resolved: "
                : i->reminder ? "Reminder: "
                              : "",
                n->title);
    body_line(out, ll_str_z(line));
    field(out, line, "what", i->resolved && i->ending[0] ? i->ending : n->text);
    field(out, line, "severity", ll_notice_severity_name(n->severity));
    field(out, line, "service", n->service);
    field(out, line, "team", n->team);
    field(out, line, "owner", n->owner);
    field(out, line, "venue", n->venue);
    field(out, line, "since", ll_time_format(n->at, t));
    if (n->deadline != LL_TIME_NONE && !i->resolved)
        field(out, line, "answer by", ll_time_format(n->deadline, t));
    field(out, line, "page", ll_str_z(&link));
    body_line(out, "");
    ll_str_fini(&link);
}

void ll_notice_write_mail(const struct ll_notice_sender *s, const struct ll_notice_receiver *to,
                          const struct ll_notice_message *m, struct ll_str *out)
{
    struct ll_str line;
    ll_str_init(&line, 16 << 10);
    ll_notice_write_subject(m, &line);
    header(s, to, m, ll_str_z(&line), out);
    for (size_t i = 0; i < m->n; i++)
        item(s, &m->items[i], &line, out);
    if (s->environment && s->environment[0])
        field(out, &line, "environment", s->environment);
    ll_str_fini(&line);
}
