#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "os/log.h"
#include "support.h"

static const char *const at = "2026-11-24T01:44:25.000Z";

/* The line in a static buffer; kv ends with a row without a key. */
static const char *render(enum ll_log_format format, const char *msg, const struct ll_log_kv *kv)
{
    static char line[PIPE_BUF + 1];
    struct ll_str b;
    ll_str_init(&b, PIPE_BUF);
    ll_log_render(&b, format, at, LL_LOG_INFO, msg, kv);
    ck_assert(!b.failed);
    memcpy(line, ll_str_z(&b), b.n + 1);
    ll_str_fini(&b);
    return line;
}

#define KVS(...) ((const struct ll_log_kv[]){__VA_ARGS__, {0}})

START_TEST(logfmt_quotes_only_where_needed)
{
    ck_assert_str_eq(render(LL_LOG_LOGFMT, "listening",
                            KVS(LL_KV("address", "127.0.0.1"), LL_KVI("port", 7380))),
                     "time=2026-11-24T01:44:25.000Z level=info msg=listening address=127.0.0.1 "
                     "port=7380\n");
    ck_assert_str_eq(render(LL_LOG_LOGFMT, "two words", NULL),
                     "time=2026-11-24T01:44:25.000Z level=info msg=\"two words\"\n");
    const char *head = "time=2026-11-24T01:44:25.000Z level=info msg=m v=";
    static const struct {
        const char *value, *shown;
    } cases[] = {
        {"", "\"\""},
        {"a=b", "\"a=b\""},
        {"say \"hi\"", "\"say \\\"hi\\\"\""},
        {"C:\\x", "\"C:\\\\x\""},
        {"a\r\nlevel=error", "\"a\\u000d\\nlevel=error\""},
        {"\x1b[31mred\x7f", "\"\\u001b[31mred\\u007f\""},
        {"\xc2\x9b"
         "31m",
         "\"\\u009b31m\""}, /* C1: terminals obey it as they do ESC [ */
        {"B\xc3\xb6rse \xe2\x82\xac", "\"B\xc3\xb6rse \xe2\x82\xac\""},
        {"B\xf6rse", "\"B\\ufffdrse\""},
        {"cut\xe2\x82", "\"cut\\ufffd\\ufffd\""},
        {NULL, "\"\""}, /* no text is not the number 0 */
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        char want[200];
        snprintf(want, sizeof(want), "%s%s\n", head, cases[i].shown);
        ck_assert_str_eq(render(LL_LOG_LOGFMT, "m", KVS(LL_KV("v", cases[i].value))), want);
    }
    ck_assert_str_eq(render(LL_LOG_LOGFMT, "m", KVS(LL_KVI("v", NAN), LL_KVI("w", 0.5))),
                     "time=2026-11-24T01:44:25.000Z level=info msg=m v=null w=0.5\n");
}
END_TEST

START_TEST(json_quotes_all_texts)
{
    ck_assert_str_eq(
        render(LL_LOG_JSON, "started",
               KVS(LL_KV("a", "x\"\\\n\x01"), LL_KVI("n", -3), LL_KVI("u", NAN))),
        "{\"time\":\"2026-11-24T01:44:25.000Z\",\"level\":\"info\",\"msg\":\"started\","
        "\"a\":\"x\\\"\\\\\\n\\u0001\",\"n\":-3,\"u\":null}\n");
    ck_assert_str_eq(render(LL_LOG_JSON, "", NULL),
                     "{\"time\":\"2026-11-24T01:44:25.000Z\",\"level\":\"info\",\"msg\":\"\"}\n");
}
END_TEST

/* A line that any reader takes: one newline at the end, quotes closed, escapes whole. */
static void check_line(const char *line, bool json)
{
    size_t n = strlen(line);
    ck_assert_uint_le(n, PIPE_BUF);
    ck_assert_int_eq(line[n - 1], '\n');
    ck_assert(ll_utf8_valid(line, n));
    bool quoted = false, good = true;
    for (size_t i = 0; i + 1 < n; i++) {
        good = good && (unsigned char)line[i] >= 0x20;
        if (quoted && line[i] == '\\') {
            i++;
            good = good && strchr("\"\\nu", line[i]) &&
                   (line[i] != 'u' || strspn(line + i + 1, "0123456789abcdef") >= 4);
        } else if (line[i] == '"') {
            quoted = !quoted;
        }
    }
    ck_assert(good);
    ck_assert(!quoted);
    if (json)
        ck_assert(line[0] == '{' && line[n - 2] == '}');
}

START_TEST(long_values_are_cut_and_lines_stay_whole)
{
    static const char *const letters[] = {
        "x", "\"", "\x01", "\xc3\xb6", "\xf0\x9f\x98\x80", "\xff", "two words "};
    static char value[20000];
    for (size_t k = 0; k < LL_LEN(letters); k++)
        for (size_t n = 0; n < sizeof(value) - 20; n += n < 1100 ? 13 : 4999) {
            size_t used = 0;
            while (used < n) {
                memcpy(value + used, letters[k], strlen(letters[k]));
                used += strlen(letters[k]);
            }
            value[used] = '\0';
            const struct ll_log_kv *kv =
                KVS(LL_KV("a", value), LL_KV("b", value), LL_KV("c", value), LL_KV("d", value),
                    LL_KVI("last", 1));
            for (int json = 0; json < 2; json++) {
                enum ll_log_format format = json ? LL_LOG_JSON : LL_LOG_LOGFMT;
                const char *line = render(format, value, kv);
                check_line(line, json);
                static const char *const keys[][2] = {{" a=", ",\"a\":"},
                                                      {" b=", ",\"b\":"},
                                                      {" c=", ",\"c\":"},
                                                      {" d=", ",\"d\":"},
                                                      {" last=1", ",\"last\":1"}};
                size_t there = 0;
                for (size_t i = 0; i < LL_LEN(keys); i++)
                    there += strstr(line, keys[i][json]) != NULL;
                bool mark = strstr(line, json ? ",\"truncated\":true}" : " truncated=true\n");
                ck_assert_msg(mark == (there < LL_LEN(keys)), "every pair, or the mark");
                ck_assert_uint_ge(there, 2);
                ck_assert(used <= 1024 || strstr(line, "...\""));
            }
        }
}
END_TEST

START_TEST(levels_have_names)
{
    static const char *const names[] = {"debug", "info", "warn", "error", "off"};
    for (size_t i = 0; i < LL_LEN(names); i++) {
        enum ll_log_level level = LL_LOG_DEBUG;
        ck_assert_str_eq(ll_log_level_name((enum ll_log_level)i), names[i]);
        ck_assert(ll_log_level_parse(ll_slice_of(names[i]), &level));
        ck_assert_uint_eq((size_t)level, i);
    }
    enum ll_log_level level = LL_LOG_WARN;
    ck_assert(ll_log_level_parse(LL_SLICE("ERROR"), &level));
    ck_assert(!ll_log_level_parse(LL_SLICE("warning"), &level));
    ck_assert(!ll_log_level_parse(LL_SLICE(""), &level));
    ck_assert_int_eq(level, LL_LOG_ERROR);
    ck_assert_str_eq(ll_log_level_name((enum ll_log_level)9), "?");
}
END_TEST

/* What the calls in between write to stderr. */
static int saved_stderr, capture_pipe[2];

static void capture_begin(void)
{
    ck_assert_int_eq(pipe2(capture_pipe, O_NONBLOCK), 0);
    saved_stderr = dup(STDERR_FILENO);
    dup2(capture_pipe[1], STDERR_FILENO);
}

static size_t capture_end(char *text, size_t size)
{
    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    close(capture_pipe[1]);
    ssize_t n = read(capture_pipe[0], text, size - 1);
    close(capture_pipe[0]);
    text[n > 0 ? n : 0] = '\0';
    return n > 0 ? (size_t)n : 0;
}

START_TEST(writing_follows_the_level_and_the_format)
{
    char text[PIPE_BUF + 1];
    ll_log_configure(LL_LOG_WARN, LL_LOG_JSON);
    ck_assert(!ll_log_enabled(LL_LOG_INFO));
    ck_assert(ll_log_enabled(LL_LOG_WARN));
    ck_assert(!ll_log_enabled(LL_LOG_OFF));
    capture_begin();
    LL_LOG(LL_LOG_INFO, "hidden", LL_KVI("n", 1));
    LL_LOG(LL_LOG_ERROR, "shown", LL_KVI("n", 2));
    capture_end(text, sizeof(text));
    ck_assert_ptr_null(strstr(text, "hidden"));
    ck_assert_ptr_nonnull(strstr(text, "\"level\":\"error\",\"msg\":\"shown\",\"n\":2}\n"));
    ck_assert_int_eq(strncmp(text, "{\"time\":\"2", 10), 0);

    ll_log_configure(LL_LOG_OFF, LL_LOG_LOGFMT);
    capture_begin();
    ll_log_write(LL_LOG_ERROR, "hidden", NULL);
    ll_log_write(LL_LOG_OFF, "hidden", NULL);
    ck_assert_uint_eq(capture_end(text, sizeof(text)), 0);
    ll_log_configure(LL_LOG_INFO, LL_LOG_LOGFMT);
}
END_TEST

START_TEST(nothing_half_is_written_without_memory)
{
    char text[PIPE_BUF + 1];
    for (unsigned call = 1; call <= 4; call++) {
        capture_begin();
        ll_test_fail_alloc(call);
        LL_LOG(LL_LOG_ERROR, "no memory", LL_KV("k", "a rather long value, so that it must grow"));
        ll_test_fail_alloc(0);
        size_t n = capture_end(text, sizeof(text));
        if (n > 0)
            check_line(text, false);
    }
    struct ll_str b; /* the body could not be made at all */
    ll_str_init(&b, PIPE_BUF);
    ll_test_fail_alloc(1);
    ll_log_render(&b, LL_LOG_JSON, at, LL_LOG_INFO, "m", NULL);
    ll_test_fail_alloc(0);
    check_line(ll_str_z(&b), true);
    ll_str_fini(&b);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        logfmt_quotes_only_where_needed,          json_quotes_all_texts,
        long_values_are_cut_and_lines_stay_whole, levels_have_names,
        writing_follows_the_level_and_the_format, nothing_half_is_written_without_memory,
    };
    return ll_test_run("os_log", tests, LL_LEN(tests));
}
