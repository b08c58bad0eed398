/* import csv: what raw retention still holds goes as samples, what is older as buckets of 5
 * minutes and 1 hour, rolled here.  Both are idempotent: the same file again changes nothing. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "base/num.h"
#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/progress.h"
#include "cmd/roll.h"
#include "core/longcsv.h"

enum {
    CHUNK_ROWS = 5000,
    BODY_BYTES = 12 << 20, /* the daemon takes 16 MiB unless told otherwise */
    BODY_FULL = 8 << 20,
    READ_BYTES = 256 << 10,
    BAD_SHOWN = 10,
    TRIES = 30
};

#define RETENTION_DEFAULT (15 * LL_DAY)

/* Rows waiting to be sent to one route. */
struct chunk {
    const char *path, *list;
    struct ll_str body;
    size_t n;
    int64_t line[CHUNK_ROWS]; /* where each came from; 0 = from many */
    int64_t accepted;
};

struct import {
    struct ll_ctx *c;
    bool dry;
    ll_time now, cutoff; /* older rows are rolled */
    struct ll_longcsv columns;
    bool header;
    struct chunk samples, rollups;
    struct ll_roll *roll;
    struct ll_progress progress;
    int64_t size; /* of the file; 0 = not known */
    int64_t rows, rolled, no_data, bad, expired;
    /* Of flags, for what the file does not say. */
    const char *service;
    int type, unit;
};

static void say_bad(struct import *im, int64_t line, const char *why)
{
    if (im->bad++ < BAD_SHOWN) {
        ll_progress_end(&im->progress);
        if (line > 0)
            ll_ctx_say("line %lld: %s", (long long)line, why);
        else
            ll_ctx_say("a bucket: %s", why);
    }
}

/* Older than what is kept is no fault of the file. */
static void note_rejected(struct import *im, const struct chunk *k, const json_t *rejected)
{
    for (size_t i = 0; i < json_array_size(rejected); i++) {
        const json_t *r = json_array_get(rejected, i);
        const json_int_t index = json_integer_value(json_object_get(r, "index"));
        const char *why = ll_json_text(r, "reason");
        if (strcmp(why, ll_refusal_text(LL_REFUSAL_TOO_OLD)) == 0)
            im->expired++;
        else
            say_bad(im, index >= 0 && index < CHUNK_ROWS ? k->line[index] : 0, why);
    }
}

/* A daemon that is busy or starts again is waited for. */
static bool post(struct import *im, const struct chunk *k, json_t **doc, struct ll_err *err)
{
    for (int i = 0;; i++) {
        if (ll_client_post(im->c, k->path, &k->body, doc, err))
            return true;
        if (!ll_err_info(err->code)->retryable || i == TRIES - 1)
            return false;
        nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    }
}

static bool flush(struct import *im, struct chunk *k, struct ll_err *err)
{
    if (k->n == 0)
        return true;
    LL_AUTO_JSON doc = NULL;
    ll_str_addz(&k->body, "]}");
    if (!im->dry && !post(im, k, &doc, err))
        return ll_err_wrap(err, "importing");
    const json_t *rejected = json_object_get(doc, "rejected");
    k->accepted += (int64_t)k->n - (int64_t)json_array_size(rejected);
    note_rejected(im, k, rejected);
    ll_str_clear(&k->body);
    k->n = 0;
    return true;
}

static void add_text(struct ll_str *out, const char *key, struct ll_slice value)
{
    if (value.n == 0)
        return;
    LL_AUTO_JSON text = json_stringn(value.s, value.n);
    char *dump = text ? json_dumps(text, JSON_ENCODE_ANY) : NULL;
    if (!dump)
        out->failed = true; /* not UTF-8, which was checked */
    else
        ll_str_addf(out, "\"%s\":%s,", key, dump);
    free(dump);
}

static void add_number(struct ll_str *out, const char *key, double v)
{
    char text[LL_NUM_TEXT_MAX];
    if (isfinite(v))
        ll_str_addf(out, "\"%s\":%.*s,", key, (int)ll_num_format(v, text), text);
}

static void begin_row(struct chunk *k, const struct ll_series_key *key, enum ll_unit unit,
                      int64_t line)
{
    struct ll_str *b = &k->body;
    if (k->n == 0)
        ll_str_addf(b, "{\"%s\":[", k->list);
    ll_str_addz(b, k->n ? ",{" : "{");
    add_text(b, "service", key->service);
    add_text(b, "instance", key->instance);
    add_text(b, "part", key->part);
    ll_str_addf(b, "\"resource_type\":\"%s\",\"unit\":\"%s\",", ll_resource_name(key->type),
                ll_unit_name(unit));
    k->line[k->n++] = line;
}

static bool end_row(struct import *im, struct chunk *k, struct ll_err *err)
{
    return (k->n < CHUNK_ROWS && k->body.n < BODY_FULL) || flush(im, k, err);
}

static bool send_rollup(void *ctx, const struct ll_rollup_row *r, struct ll_err *err)
{
    struct import *im = ctx;
    struct chunk *k = &im->rollups;
    begin_row(k, &r->key, r->unit, 0);
    add_number(&k->body, "mean", r->rollup.mean);
    add_number(&k->body, "max", r->rollup.max);
    add_number(&k->body, "p95", r->rollup.p95);
    add_number(&k->body, "capacity", r->rollup.capacity);
    ll_str_addf(&k->body, "\"count\":%u,\"step\":%lld,\"t\":%lld}", r->rollup.count,
                (long long)(r->step / LL_SECOND), (long long)(r->rollup.t / LL_SECOND));
    return end_row(im, k, err);
}

static bool send_sample(struct import *im, const struct ll_sample *s, int64_t line,
                        struct ll_err *err)
{
    char time[LL_TIME_TEXT_MAX];
    struct chunk *k = &im->samples;
    begin_row(k, &s->key, s->unit, line);
    add_number(&k->body, "current_value", s->value);
    add_number(&k->body, "capacity", s->capacity);
    add_number(&k->body, "max_value", s->max_value);
    if (s->window > 0)
        add_number(&k->body, "window_seconds", (double)s->window / 1e3);
    ll_str_addf(&k->body, "\"timestamp\":\"%s\"}", ll_time_format(s->t, time));
    return end_row(im, k, err);
}

/* Without columns for it the service is the series; under --service the series are instances. */
static struct ll_sample sample_of(const struct import *im, const struct ll_longcsv_row *r)
{
    struct ll_sample s = {.key = {r->service, r->instance, r->part, LL_RESOURCE_API_CALLS},
                          .t = r->t,
                          .value = r->value,
                          .capacity = r->capacity,
                          .max_value = r->max_value,
                          .window = r->window};
    if (s.key.service.n == 0)
        s.key.service = im->service ? ll_slice_of(im->service) : r->series;
    if (r->service.n == 0 && im->service && s.key.instance.n == 0)
        s.key.instance = r->series;
    if (r->type >= 0 || im->type >= 0)
        s.key.type = (enum ll_resource_type)(r->type >= 0 ? r->type : im->type);
    s.unit = ll_resource_unit(s.key.type);
    if (r->unit >= 0 || im->unit >= 0)
        s.unit = (enum ll_unit)(r->unit >= 0 ? r->unit : im->unit);
    return s;
}

static bool take_row(struct import *im, const struct ll_csv *csv, struct ll_err *err)
{
    struct ll_err why;
    struct ll_longcsv_row r;
    const char *unfit = NULL;
    im->rows++;
    if (!ll_longcsv_row(&im->columns, csv->fields, csv->n, &r, &why)) {
        say_bad(im, csv->first_line, why.text);
        return true;
    }
    if (isnan(r.value)) {
        im->no_data++;
        return true;
    }
    const struct ll_sample s = sample_of(im, &r);
    enum ll_refusal refusal = ll_sample_check(&s, im->now, LL_TIME_MIN);
    if (refusal != LL_REFUSAL_NONE) {
        say_bad(im, csv->first_line, ll_refusal_text(refusal));
        return true;
    }
    if (s.t >= im->cutoff)
        return send_sample(im, &s, csv->first_line, err);
    if (!ll_roll_add(im->roll, &s, &unfit, err))
        return false;
    if (unfit)
        say_bad(im, csv->first_line, unfit);
    else
        im->rolled++;
    return true;
}

static bool take_record(struct import *im, const struct ll_csv *csv, enum ll_csv_got got,
                        const struct ll_err *why, struct ll_err *err)
{
    if (im->header && got == LL_CSV_BAD) {
        im->rows++;
        say_bad(im, csv->first_line, why->text);
        return true;
    }
    if (im->header)
        return take_row(im, csv, err);
    im->header = true;
    if (got == LL_CSV_BAD)
        return ll_err_set(err, LL_E_INVALID, "line 1: %s", why->text);
    return ll_longcsv_header(csv->fields, csv->n, &im->columns, err) ||
           ll_err_wrap(err, "the header");
}

static bool take_bytes(struct import *im, struct ll_csv *csv, struct ll_slice in,
                       struct ll_err *err)
{
    struct ll_err why;
    enum ll_csv_got got;
    while ((got = ll_csv_feed(csv, &in, &why)) != LL_CSV_MORE)
        if (!take_record(im, csv, got, &why, err))
            return false;
    return true;
}

static bool read_all(struct import *im, gzFile f, struct ll_csv *csv, struct ll_err *err)
{
    static const char cut[] = "the file cannot be read to its end: %s";
    char *buf = malloc(READ_BYTES);
    if (!buf)
        return ll_err_set(err, LL_E_MEMORY, "no memory to read a file");
    bool ok = true;
    int n = 0;
    while (ok && (n = gzread(f, buf, READ_BYTES)) > 0) {
        ok = take_bytes(im, csv, (struct ll_slice){buf, (size_t)n}, err);
        const double share = im->size > 0 ? (double)gzoffset(f) / (double)im->size : (double)NAN;
        ll_progress_show(&im->progress, im->rows, share);
    }
    free(buf);
    int code = Z_OK;
    const char *text = gzerror(f, &code);
    if (ok && (n < 0 || (code != Z_OK && code != Z_STREAM_END)))
        ok = ll_err_set(err, LL_E_IO, cut, code == Z_ERRNO ? strerror(errno) : text);
    struct ll_err why;
    enum ll_csv_got got;
    if (ok && (got = ll_csv_end(csv, &why)) != LL_CSV_MORE)
        ok = take_record(im, csv, got, &why, err);
    return ok && (im->header || ll_err_set(err, LL_E_INVALID, "the file is empty"));
}

static bool import_file(struct import *im, const char *file, struct ll_err *err)
{
    struct stat st;
    int fd = strcmp(file, "-") == 0 ? dup(STDIN_FILENO) : open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ll_err_set(err, errno == ENOENT ? LL_E_NOT_FOUND : LL_E_IO, "opening '%s': %s", file,
                          strerror(errno));
    im->size = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? st.st_size : 0;
    gzFile f = gzdopen(fd, "rb"); /* reads what is not compressed as it is */
    if (!f) {
        close(fd);
        return ll_err_set(err, LL_E_MEMORY, "no memory to read '%s'", file);
    }
    struct ll_csv csv;
    ll_csv_init(&csv);
    ll_progress_begin(&im->progress, "rows");
    bool ok = read_all(im, f, &csv, err) && ll_roll_end(im->roll, err) &&
              flush(im, &im->samples, err) && flush(im, &im->rollups, err);
    ll_progress_end(&im->progress);
    ll_csv_fini(&csv);
    gzclose(f);
    return ok || ll_err_wrap(err, "'%s'", file);
}

/* Where samples end and buckets begin: at an hour, so that each hour is whole on its side. */
static bool find_cutoff(struct import *im, struct ll_err *err)
{
    LL_AUTO_JSON doc = NULL;
    ll_dur kept = RETENTION_DEFAULT;
    if (ll_client_get(im->c, "/api/v1/status", &doc, err)) {
        double s = ll_json_number(json_object_get(doc, "storage"), "retention_seconds");
        kept = s > 0 ? (ll_dur)(s * 1e3) : kept;
    } else if (!im->dry) {
        return false;
    }
    im->cutoff = ll_time_floor(im->now - kept, LL_HOUR) + LL_HOUR;
    return true;
}

static bool read_flags(struct import *im, struct ll_err *err)
{
    const struct ll_args *a = im->c->args;
    const char *type = ll_args_text(a, "resource"), *unit = ll_args_text(a, "unit");
    enum ll_resource_type t = 0;
    enum ll_unit u = 0;
    if (type && !ll_resource_parse(ll_slice_of(type), &t))
        return ll_err_set(err, LL_E_USAGE, "--resource '%s' is not a resource type", type);
    if (unit && !ll_unit_parse(ll_slice_of(unit), &u))
        return ll_err_set(err, LL_E_USAGE, "--unit '%s' is not a unit", unit);
    im->service = ll_args_text(a, "service");
    im->type = type ? (int)t : -1;
    im->unit = unit ? (int)u : -1;
    return true;
}

static void report(struct import *im)
{
    struct ll_ctx *c = im->c;
    if (c->form == LL_FORM_JSON) {
        LL_AUTO_JSON doc = json_pack(
            "{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:b}", "rows", (json_int_t)im->rows, "samples",
            (json_int_t)im->samples.accepted, "rolled", (json_int_t)im->rolled, "rollups",
            (json_int_t)im->rollups.accepted, "no_data", (json_int_t)im->no_data, "refused",
            (json_int_t)im->bad, "expired", (json_int_t)im->expired, "dry_run", im->dry);
        ll_json_print(c, doc);
        return;
    }
    ll_str_addf(&c->out, "%s%lld rows: %lld samples, %lld rolled to %lld buckets",
                im->dry ? "dry run, nothing was sent; " : "", (long long)im->rows,
                (long long)im->samples.accepted, (long long)im->rolled,
                (long long)im->rollups.accepted);
    ll_str_addf(&c->out, ", %lld without a value, %lld refused", (long long)im->no_data,
                (long long)im->bad);
    if (im->expired)
        ll_str_addf(&c->out, ", %lld older than what is kept", (long long)im->expired);
    ll_str_addc(&c->out, '\n');
}

/* Nothing usable is a failure; some bad rows are one with --strict. */
static bool judge(struct import *im, struct ll_err *err)
{
    if (im->bad > BAD_SHOWN)
        ll_ctx_say("and %lld more rows were refused", (long long)(im->bad - BAD_SHOWN));
    report(im);
    bool strict = ll_args_bool(im->c->args, "strict");
    if (im->bad > 0 && (strict || im->samples.accepted + im->rollups.accepted == 0))
        return ll_err_set(err, LL_E_INVALID, "%lld of %lld rows were refused", (long long)im->bad,
                          (long long)im->rows);
    return true;
}

static void chunk_init(struct chunk *k, const char *path, const char *list)
{
    k->path = path;
    k->list = list;
    ll_str_init(&k->body, BODY_BYTES);
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    struct import *im = calloc(1, sizeof(*im));
    if (!im)
        return ll_err_set(err, LL_E_MEMORY, "no memory for an import");
    im->c = c;
    im->dry = ll_args_bool(c->args, "dry-run");
    im->now = c->now;
    chunk_init(&im->samples, "/api/v1/metrics", "metrics");
    chunk_init(&im->rollups, "/api/v1/import", "rollups");
    im->roll = ll_roll_new((uint64_t)c->now, send_rollup, im);
    bool ok = im->roll || ll_err_set(err, LL_E_MEMORY, "no memory for an import");
    ok = ok && read_flags(im, err) && find_cutoff(im, err) &&
         import_file(im, c->args->positionals[0], err) && judge(im, err);
    ll_roll_free(im->roll);
    ll_str_fini(&im->samples.body);
    ll_str_fini(&im->rollups.body);
    free(im);
    return ok;
}

static const struct ll_flag flags[] = {
    {.name = "dry-run", .type = LL_FLAG_BOOL, .doc = "read and check the file, send nothing"},
    {.name = "strict", .type = LL_FLAG_BOOL, .doc = "fail when any row was refused"},
    {.name = "service",
     .type = LL_FLAG_TEXT,
     .arg = "NAME",
     .doc = "service of rows that name none; their series become its instances"},
    {.name = "resource",
     .type = LL_FLAG_TEXT,
     .arg = "TYPE",
     .doc = "resource type of rows that name none; API_CALLS when not given"},
    {.name = "unit",
     .type = LL_FLAG_TEXT,
     .arg = "UNIT",
     .doc = "unit of the values, when not the usual one of the resource type"},
    {0}};

static const struct ll_positional positionals[] = {
    {.name = "FILE",
     .kind = LL_POSITIONAL_FILE,
     .doc = "Long CSV, .csv or .csv.gz; - reads standard input"},
    {0}};

const struct ll_command ll_cmd_import_csv = {
    .name = "import csv",
    .group = "Data",
    .doc = "import history from a Long CSV file",
    .about = "The header is series,timestamp,value and what else is known: capacity, service, "
             "resource_type, instance, part, max_value, window_seconds, unit. Times are RFC 3339 "
             "or Unix seconds; a blank or NaN value is no data. Rows that raw retention still "
             "holds become samples, older ones buckets of 5 minutes and 1 hour: of each series "
             "those must be sorted by time. Running it again changes nothing.",
    .examples = {{"loadline import csv history.csv.gz", "a year of a service"},
                 {"loadline import csv --service gateway --resource CPU cpu.csv", "bare series"}},
    .traits = LL_CMD_CLIENT | LL_CMD_JSON,
    .flags = flags,
    .positionals = positionals,
    .run = run,
};
