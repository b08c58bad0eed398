#include "os/log.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "os/clock.h"

static _Atomic enum ll_log_level threshold = LL_LOG_INFO;
static _Atomic enum ll_log_format line_format = LL_LOG_LOGFMT;

static const char *const level_names[] = {"debug", "info", "warn", "error", "off"};

enum {
    LINE_BYTES = PIPE_BUF,      /* what a pipe takes in one piece (POSIX, write) */
    BODY_BYTES = PIPE_BUF - 32, /* braces, the newline and the mark of what is left out */
    VALUE_BYTES = 1024          /* of one value, escaped */
};

void ll_log_configure(enum ll_log_level level, enum ll_log_format format)
{
    threshold = level;
    line_format = format;
}

bool ll_log_enabled(enum ll_log_level level)
{
    return level >= threshold && level < LL_LOG_OFF;
}

bool ll_log_level_parse(struct ll_slice text, enum ll_log_level *out)
{
    for (size_t i = 0; i < LL_LEN(level_names); i++)
        if (ll_slice_ieq(text, level_names[i])) {
            *out = (enum ll_log_level)i;
            return true;
        }
    return false;
}

const char *ll_log_level_name(enum ll_log_level level)
{
    return (size_t)level < LL_LEN(level_names) ? level_names[level] : "?";
}

/* One character as both formats take it: JSON escapes are also what logfmt readers know.
 * C1 controls, which terminals obey, and what is not UTF-8 are escaped too. */
static void add_escaped(struct ll_str *b, const char *s, size_t len)
{
    unsigned char c = (unsigned char)s[0], second = len == 2 ? (unsigned char)s[1] : 0xff;
    if (c == '"' || c == '\\')
        ll_str_addf(b, "\\%c", c);
    else if (c == '\n')
        ll_str_addz(b, "\\n");
    else if (len == 0)
        ll_str_addz(b, "\\ufffd");
    else if (c < 0x20 || c == 0x7f)
        ll_str_addf(b, "\\u%04x", c);
    else if (c == 0xc2 && second < 0xa0)
        ll_str_addf(b, "\\u%04x", second);
    else
        ll_str_add(b, s, len);
}

/* A value longer than VALUE_BYTES ends in "...", so that its quote always closes. */
static void add_quoted(struct ll_str *b, const char *z)
{
    size_t start = b->n, n = strlen(z);
    ll_str_addc(b, '"');
    for (size_t i = 0; i < n;) {
        if (b->n - start > VALUE_BYTES) {
            ll_str_addz(b, "...");
            break;
        }
        size_t len = ll_str_utf8_next(z + i, n - i);
        add_escaped(b, z + i, len);
        i += LL_MAX(len, (size_t)1);
    }
    ll_str_addc(b, '"');
}

/* Needs no quotes in logfmt. */
static bool is_plain(const char *z)
{
    size_t n = 0;
    for (; z[n]; n++)
        if (z[n] <= ' ' || z[n] > '~' || z[n] == '"' || z[n] == '=' || z[n] == '\\')
            return false;
    return n > 0 && n <= VALUE_BYTES;
}

static void add_pair(struct ll_str *b, enum ll_log_format format, const struct ll_log_kv *kv)
{
    bool json = format == LL_LOG_JSON;
    if (b->n)
        ll_str_addc(b, json ? ',' : ' ');
    ll_str_addf(b, json ? "\"%s\":" : "%s=", kv->key);
    if (!kv->text) {
        char number[LL_NUM_TEXT_MAX];
        ll_str_add(b, number, ll_num_format(kv->number, number));
    } else if (!json && is_plain(kv->text)) {
        ll_str_addz(b, kv->text);
    } else {
        add_quoted(b, kv->text);
    }
}

/* All of the pair or, when the line is full, nothing of it: a line is always well-formed. */
static bool add_whole_pair(struct ll_str *body, enum ll_log_format format,
                           const struct ll_log_kv *kv)
{
    size_t before = body->n;
    add_pair(body, format, kv);
    if (!body->failed)
        return true;
    body->failed = false;
    body->n = before;
    return false;
}

void ll_log_render(struct ll_str *out, enum ll_log_format format, const char *time,
                   enum ll_log_level level, const char *msg, const struct ll_log_kv *kv)
{
    struct ll_str body;
    ll_str_init(&body, BODY_BYTES);
    const struct ll_log_kv head[] = {LL_KV("time", time), LL_KV("level", ll_log_level_name(level)),
                                     LL_KV("msg", msg)};
    bool whole = true;
    for (size_t i = 0; i < LL_LEN(head); i++)
        whole = add_whole_pair(&body, format, &head[i]) && whole;
    for (; kv && kv->key; kv++)
        whole = add_whole_pair(&body, format, kv) && whole;
    bool json = format == LL_LOG_JSON;
    ll_str_addz(out, json ? "{" : "");
    ll_str_add(out, ll_str_z(&body), body.n);
    if (!whole && body.n)
        ll_str_addz(out, json ? ",\"truncated\":true" : " truncated=true");
    ll_str_addz(out, json ? "}\n" : "\n");
    ll_str_fini(&body);
}

void ll_log_write(enum ll_log_level level, const char *msg, const struct ll_log_kv *kv)
{
    if (!ll_log_enabled(level))
        return;
    char time[LL_TIME_TEXT_MAX];
    struct ll_clock clock = ll_clock_real();
    ll_time_format(clock.now(clock.self), time);
    struct ll_str line;
    ll_str_init(&line, LINE_BYTES);
    ll_log_render(&line, line_format, time, level, msg, kv);
    while (!line.failed && write(STDERR_FILENO, line.s, line.n) < 0 && errno == EINTR) {
        /* interrupted before a byte went out; for other errors there is nowhere left to say it */
    }
    ll_str_fini(&line);
}
