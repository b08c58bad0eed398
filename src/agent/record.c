#include "agent/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/num.h"

enum { VERSION = 1, HEADER = 9, LEVEL = 6 };

/* Names are valid UTF-8 without NUL (ll_sample_check). */
static void add_text(struct ll_str *out, const char *key, struct ll_slice t)
{
    ll_str_addf(out, "\"%s\":\"", key);
    for (size_t i = 0; i < t.n; i++) {
        unsigned char c = (unsigned char)t.s[i];
        if (c == '"' || c == '\\')
            ll_str_addf(out, "\\%c", c);
        else if (c < 0x20)
            ll_str_addf(out, "\\u%04x", c);
        else
            ll_str_addc(out, (char)c);
    }
    ll_str_addz(out, "\",");
}

static void add_number(struct ll_str *out, const char *key, double v)
{
    char text[LL_NUM_TEXT_MAX];
    if (!isfinite(v))
        return;
    ll_num_format(v, text);
    ll_str_addf(out, "\"%s\":%s,", key, text);
}

void ll_agent_record_item(struct ll_str *out, const struct ll_sample *s)
{
    ll_str_addc(out, '{');
    add_text(out, "service", s->key.service);
    ll_str_addf(out, "\"resource_type\":\"%s\",", ll_resource_name(s->key.type));
    if (s->key.instance.n)
        add_text(out, "instance", s->key.instance);
    if (s->key.part.n)
        add_text(out, "part", s->key.part);
    add_number(out, "current_value", s->value);
    add_number(out, "capacity", s->capacity);
    add_number(out, "max_value", s->max_value);
    if (s->window > 0)
        add_number(out, "window_seconds", (double)s->window / 1e3);
    if (s->unit != ll_resource_unit(s->key.type))
        ll_str_addf(out, "\"unit\":\"%s\",", ll_unit_name(s->unit));
    if (s->primary)
        ll_str_addz(out, "\"primary\":true,");
    ll_time t = LL_MAX(s->t, 0);
    ll_str_addf(out, "\"timestamp\":%lld.%03d}", (long long)(t / 1000), (int)(t % 1000));
}

static void put32(char *p, size_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (char)(v >> 8 * i & 0xff);
}

static size_t get32(const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    return (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
}

bool ll_agent_record_pack(struct ll_slice items, size_t samples, struct ll_str *out,
                          struct ll_err *err)
{
    if (items.n > LL_AGENT_RECORD_RAW_MAX || samples > LL_AGENT_RECORD_SAMPLES_MAX)
        return ll_err_set(err, LL_E_TOO_LARGE, "%zu samples in %zu bytes for one record", samples,
                          items.n);
    uLongf n = compressBound(items.n);
    Bytef *packed = malloc(n);
    bool ok = packed && compress2(packed, &n, (const Bytef *)items.s, items.n, LEVEL) == Z_OK;
    if (ok) {
        char header[HEADER] = {VERSION};
        put32(header + 1, items.n);
        put32(header + 5, samples);
        ll_str_add(out, header, sizeof(header));
        ll_str_add(out, (const char *)packed, n);
    }
    free(packed);
    return (ok && !out->failed) || ll_err_set(err, LL_E_MEMORY, "no memory to pack samples");
}

bool ll_agent_record_unpack(struct ll_slice record, struct ll_str *out, size_t *samples,
                            struct ll_err *err)
{
    if (record.n < HEADER || record.s[0] != VERSION)
        return ll_err_set(err, LL_E_DAMAGED, "a record of the queue is not of this version");
    size_t raw = get32(record.s + 1), count = get32(record.s + 5);
    if (raw > LL_AGENT_RECORD_RAW_MAX || count > LL_AGENT_RECORD_SAMPLES_MAX)
        return ll_err_set(err, LL_E_DAMAGED, "a record of the queue claims %zu bytes", raw);
    Bytef *items = malloc(raw + 1);
    uLongf n = raw;
    if (!items)
        return ll_err_set(err, LL_E_MEMORY, "no memory to unpack samples");
    int status = uncompress(items, &n, (const Bytef *)record.s + HEADER, record.n - HEADER);
    bool ok = status == Z_OK && n == raw;
    if (ok)
        ll_str_add(out, (const char *)items, raw);
    free(items);
    if (out->failed || status == Z_MEM_ERROR)
        return ll_err_set(err, LL_E_MEMORY, "no memory to unpack samples");
    if (!ok)
        return ll_err_set(err, LL_E_DAMAGED, "a record of the queue cannot be unpacked");
    *samples = count;
    return true;
}
