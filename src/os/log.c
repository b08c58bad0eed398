#include "os/log.h"

#include <stdatomic.h>
#include <unistd.h>

#include "base/num.h"
#include "os/clock.h"

static _Atomic enum ll_log_level threshold = LL_LOG_INFO;
static _Atomic enum ll_log_format line_format = LL_LOG_LOGFMT;

static const char *const level_names[] = {"debug", "info", "warn", "error", "off"};

enum { LINE_MAX_BYTES = 8192 };

void ll_log_configure(enum ll_log_level level, enum ll_log_format format)
{
    threshold = level;
    line_format = format;
}

bool ll_log_enabled(enum ll_log_level level)
{
    return level >= threshold;
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

/* Both formats quote alike: JSON escapes are also what logfmt readers take. */
static void add_quoted(struct ll_str *b, const char *z)
{
    ll_str_addc(b, '"');
    for (; *z; z++) {
        unsigned char c = (unsigned char)*z;
        if (c == '"' || c == '\\')
            ll_str_addf(b, "\\%c", c);
        else if (c == '\n')
            ll_str_addz(b, "\\n");
        else if (c < 0x20 || c == 0x7f)
            ll_str_addf(b, "\\u%04x", c);
        else
            ll_str_addc(b, (char)c);
    }
    ll_str_addc(b, '"');
}

static bool is_plain(const char *z)
{
    if (!*z)
        return false;
    for (; *z; z++)
        if ((unsigned char)*z <= ' ' || *z == '"' || *z == '=' || *z == '\\' || *z == 0x7f)
            return false;
    return true;
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

void ll_log_render(struct ll_str *out, enum ll_log_format format, const char *time,
                   enum ll_log_level level, const char *msg, const struct ll_log_kv *kv)
{
    struct ll_str body;
    ll_str_init(&body, LINE_MAX_BYTES);
    add_pair(&body, format, &LL_KV("time", time));
    add_pair(&body, format, &LL_KV("level", ll_log_level_name(level)));
    add_pair(&body, format, &LL_KV("msg", msg));
    for (; kv && kv->key; kv++)
        add_pair(&body, format, kv);
    bool json = format == LL_LOG_JSON;
    ll_str_addz(out, json ? "{" : "");
    ll_str_add(out, ll_str_z(&body), body.n);
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
    ll_str_init(&line, LINE_MAX_BYTES + 16);
    ll_log_render(&line, line_format, time, level, msg, kv);
    if (!line.failed && write(STDERR_FILENO, line.s, line.n) < 0) {
        /* nowhere left to say it */
    }
    ll_str_fini(&line);
}
