/* The daemon's log: one line an event on stderr, logfmt or JSON.
 *
 *     LL_LOG(LL_LOG_INFO, "listening", LL_KV("address", addr), LL_KVI("port", port));
 *     time=2026-11-24T01:44:25.000Z level=info msg=listening address=127.0.0.1 port=7380
 * Values are escaped (no CR, LF or control bytes reach the terminal).  Each line is one write
 * of at most PIPE_BUF bytes, so that threads do not mix; a value over 1 KiB ends in "...", and a
 * pair that no longer fits is left out and `truncated=true` stands at the end.
 * Only engine, api and cmd log. */
#ifndef LL_OS_LOG_H
#define LL_OS_LOG_H

#include "base/err.h"
#include "base/str.h"

enum ll_log_level { LL_LOG_DEBUG, LL_LOG_INFO, LL_LOG_WARN, LL_LOG_ERROR, LL_LOG_OFF };
enum ll_log_format { LL_LOG_LOGFMT, LL_LOG_JSON };

struct ll_log_kv {
    const char *key;
    const char *text; /* NULL: the number counts (LL_KV makes "" of a NULL text) */
    double number;
};

#define LL_KV(k, z) ((struct ll_log_kv){(k), ll_slice_of(z).s, 0})
#define LL_KVI(k, i) ((struct ll_log_kv){(k), NULL, (double)(i)})
#define LL_LOG(level, msg, ...)                                                                    \
    ll_log_write((level), (msg), (const struct ll_log_kv[]){__VA_ARGS__, {0}})

/* Process-wide; call before threads start. */
void ll_log_configure(enum ll_log_level level, enum ll_log_format format);
bool ll_log_enabled(enum ll_log_level level);

/* kv ends with a row whose key is NULL. */
void ll_log_write(enum ll_log_level level, const char *msg, const struct ll_log_kv *kv);

LL_MUST_USE bool ll_log_level_parse(struct ll_slice text, enum ll_log_level *out);
const char *ll_log_level_name(enum ll_log_level level);

/* The line itself, for tests. */
void ll_log_render(struct ll_str *out, enum ll_log_format format, const char *time,
                   enum ll_log_level level, const char *msg, const struct ll_log_kv *kv);

#endif
