/* prometheus/prompb: remote.proto and types.proto (1.0), io/prometheus/write/v2/types.proto (2.0).
 */
#include "collect/remote_write.h"

#include <stdio.h>

#include "base/map.h"
#include "base/vec.h"
#include "collect/wire.h"

enum {
    SYMBOLS_MAX = 1 << 20,
    SERIES_BYTES = 16, /* of the shortest with a sample that is in time */
    NAME_SHOWN = 80,
    GROWTH_1 = 4, /* bytes of a set for each of the message: 1.0 repeats every label */
    GROWTH_2 = 64 /* and 2.0 refers to it */
};
static const size_t set_base = 64 << 10, set_max = 128 << 20;
static const ll_dur ahead_max = 10 * LL_MINUTE;

/* Fields of WriteRequest and Request, and of a series in both. */
enum { REQUEST_1_SERIES = 1, REQUEST_1_METADATA = 3, REQUEST_2_SYMBOL = 4, REQUEST_2_SERIES = 5 };
enum { SERIES_LABELS = 1, SERIES_SAMPLE = 2, SERIES_1_EXEMPLAR = 3, SERIES_1_HISTOGRAM = 4 };
enum { SERIES_2_HISTOGRAM = 3, SERIES_2_EXEMPLAR = 4, SERIES_2_METADATA = 5 };
enum { LABEL_NAME = 1, LABEL_VALUE = 2, SAMPLE_VALUE = 1, SAMPLE_TIME = 2 };
enum { METADATA_TYPE = 1, METADATA_FAMILY = 2 };

/* The same numbers in MetricMetadata and Metadata. */
enum { TYPE_UNKNOWN, TYPE_COUNTER, TYPE_GAUGE, TYPE_HISTOGRAM, TYPE_GAUGE_HISTOGRAM };
enum { TYPE_SUMMARY = 5, TYPE_INFO = 6, TYPE_STATE_SET = 7 };

#define X(member, text) [member] = text,
static const char *const texts[] = {LL_REMOTE_WRITE_TABLE(X)};
#undef X

struct symbol {
    uint32_t at, n; /* in the message */
};

LL_VEC_DEFINE(symbols, struct symbol)
LL_VEC_DEFINE(points, struct ll_labeled_point)

struct decoder {
    const struct ll_remote_write_opts *opts;
    struct ll_slice message;
    size_t max_samples, cap_bytes;
    struct symbols symbols;
    bool symbols_bad;        /* not all of them are UTF-8; it matters to who uses those */
    struct ll_map *families; /* of metadata: name -> type; NULL = none came */
    struct ll_labeled_set *set;
    struct ll_remote_write_result res;
    size_t seen_series, seen_samples;

    /* The series in hand. */
    struct ll_label labels[LL_LABELS_MAX];
    size_t n_labels; /* more than there is room for when there were too many */
    struct points points;
    size_t histograms;
    uint64_t type;
    bool utf8;       /* all texts of its labels are known to be */
    bool half;       /* a name waits for its value */
    bool bad_symbol; /* a reference led nowhere */
};

const char *ll_remote_write_text(enum ll_remote_write_reason r)
{
    LL_ASSERT((size_t)r < LL_LEN(texts));
    return texts[r];
}

static bool damaged(const struct decoder *d, const char *where, const char *at, struct ll_err *err)
{
    return ll_err_set(err, LL_E_INVALID, "%s is no protobuf at byte %zu of %zu", where,
                      (size_t)(at - d->message.s), d->message.n);
}

static struct ll_slice name_of(const struct decoder *d)
{
    for (size_t i = 0; i < LL_MIN(d->n_labels, (size_t)LL_LABELS_MAX); i++)
        if (ll_slice_is(d->labels[i].name, "__name__"))
            return d->labels[i].value;
    return LL_SLICE("");
}

static void refuse(struct decoder *d, enum ll_remote_write_reason why, size_t n, const char *what)
{
    struct ll_remote_write_refusal *r = &d->res.refused[why];
    d->res.invalid = true;
    r->n += n;
    if (r->n > n)
        return; /* an example is there */
    struct ll_slice name = name_of(d);
    struct ll_err line; /* makes what was sent printable */
    ll_err_set(&line, LL_E_INVALID, "%.*s%s%s", (int)LL_MIN(name.n, (size_t)NAME_SHOWN), name.s,
               name.n && what[0] ? ": " : "", what);
    size_t cut = (size_t)snprintf(r->example, sizeof(r->example), "%s", line.text);
    for (cut = LL_MIN(cut, sizeof(r->example) - 1); !ll_utf8_valid(r->example, cut); cut--)
        continue;
    r->example[cut] = '\0';
}

/* Exemplars and histograms are not kept, but what is no protobuf is not taken either. */
static bool is_message(struct ll_slice bytes)
{
    struct ll_wire_field f;
    while (bytes.n > 0)
        if (!ll_wire_next(&bytes, &f))
            return false;
    return true;
}

/* What every sender writes: the value, then the time, nothing else. */
static bool read_usual_sample(struct ll_slice bytes, struct ll_labeled_point *p)
{
    enum { VALUE_TAG = SAMPLE_VALUE << 3 | LL_WIRE_FIXED64, TIME_AT = 9 };
    uint64_t t;
    if (bytes.n <= TIME_AT + 1 || bytes.s[0] != VALUE_TAG ||
        bytes.s[TIME_AT] != (SAMPLE_TIME << 3 | LL_WIRE_VARINT))
        return false;
    struct ll_slice rest = {bytes.s + TIME_AT + 1, bytes.n - TIME_AT - 1};
    if (!ll_wire_varint(&rest, &t) || rest.n > 0)
        return false;
    memcpy(&p->bits, bytes.s + 1, sizeof(p->bits));
    p->t = (ll_time)t;
    return true;
}

static bool read_sample(struct ll_slice bytes, struct ll_labeled_point *p)
{
    struct ll_wire_field f;
    if (read_usual_sample(bytes, p))
        return true;
    *p = (struct ll_labeled_point){0, 0}; /* zero is what is left out on the wire */
    while (bytes.n > 0) {
        if (!ll_wire_next(&bytes, &f))
            return false;
        if (f.number == SAMPLE_VALUE && f.type == LL_WIRE_FIXED64)
            p->bits = f.value;
        else if (f.number == SAMPLE_TIME && f.type == LL_WIRE_VARINT)
            p->t = (ll_time)f.value;
        else if (f.number == SAMPLE_VALUE || f.number == SAMPLE_TIME)
            return false;
    }
    return true;
}

static bool take_sample(struct decoder *d, struct ll_slice bytes, struct ll_err *err)
{
    struct ll_labeled_point p;
    if (!read_sample(bytes, &p))
        return damaged(d, "a sample", bytes.s, err);
    if (++d->seen_samples > d->max_samples)
        return ll_err_set(err, LL_E_TOO_LARGE, "more than %zu samples in one request",
                          d->max_samples);
    return points_push(&d->points, p) || ll_err_set(err, LL_E_MEMORY, "no memory for samples");
}

static void put_label(struct decoder *d, struct ll_label l)
{
    if (d->n_labels < LL_LABELS_MAX)
        d->labels[d->n_labels] = l;
    d->n_labels++;
}

/* One text of fewer than 128 bytes under a tag of one byte. */
static bool take_short(struct ll_slice *rest, unsigned tag, struct ll_slice *out)
{
    if (rest->n < 2 || (unsigned char)rest->s[0] != tag)
        return false;
    size_t n = (unsigned char)rest->s[1];
    if (n >= 128 || n > rest->n - 2)
        return false;
    *out = (struct ll_slice){rest->s + 2, n};
    *rest = (struct ll_slice){rest->s + 2 + n, rest->n - 2 - n};
    return true;
}

/* What every sender writes: a name, then a value, both short. */
static bool read_usual_label(struct ll_slice bytes, struct ll_label *l)
{
    return take_short(&bytes, LABEL_NAME << 3 | LL_WIRE_BYTES, &l->name) &&
           take_short(&bytes, LABEL_VALUE << 3 | LL_WIRE_BYTES, &l->value) && bytes.n == 0;
}

static bool read_label(struct ll_slice bytes, struct ll_label *l)
{
    struct ll_wire_field f;
    if (read_usual_label(bytes, l))
        return true;
    *l = (struct ll_label){LL_SLICE(""), LL_SLICE("")};
    while (bytes.n > 0) {
        if (!ll_wire_next(&bytes, &f))
            return false;
        bool ours = f.number == LABEL_NAME || f.number == LABEL_VALUE;
        if (ours && f.type != LL_WIRE_BYTES)
            return false;
        if (ours)
            *(f.number == LABEL_NAME ? &l->name : &l->value) = f.bytes;
    }
    return true;
}

/* References come in pairs: a name, its value. */
static void put_reference(struct decoder *d, uint64_t ref)
{
    struct ll_slice text = LL_SLICE("");
    if (ref < d->symbols.n)
        text = (struct ll_slice){d->message.s + d->symbols.v[ref].at, d->symbols.v[ref].n};
    else
        d->bad_symbol = true;
    if (!d->half)
        put_label(d, (struct ll_label){text, LL_SLICE("")});
    else if (d->n_labels <= LL_LABELS_MAX)
        d->labels[d->n_labels - 1].value = text;
    d->half = !d->half;
}

static bool take_references(struct decoder *d, const struct ll_wire_field *f)
{
    struct ll_slice rest = f->bytes;
    uint64_t ref;
    if (f->type == LL_WIRE_VARINT)
        put_reference(d, f->value);
    else if (f->type != LL_WIRE_BYTES)
        return false;
    else
        while (rest.n > 0) {
            if (!ll_wire_varint(&rest, &ref))
                return false;
            put_reference(d, ref);
        }
    return true;
}

static bool ends_with(struct ll_slice s, const char *end, struct ll_slice *stem)
{
    size_t n = strlen(end);
    if (s.n <= n || memcmp(s.s + s.n - n, end, n) != 0)
        return false;
    *stem = (struct ll_slice){s.s, s.n - n};
    return true;
}

/* What 1.0 says of a family is true of the series that its name begins. */
static uint64_t family_type(const struct decoder *d, struct ll_slice name)
{
    static const char *const ends[] = {"_total", "_bucket", "_count", "_sum"};
    struct ll_slice stem;
    size_t type = TYPE_UNKNOWN;
    if (ll_map_get(d->families, name, &type))
        return type;
    for (size_t i = 0; i < LL_LEN(ends); i++)
        if (ends_with(name, ends[i], &stem) && ll_map_get(d->families, stem, &type))
            return type;
    return TYPE_UNKNOWN;
}

static enum ll_labeled_kind kind_of(uint64_t type, struct ll_slice name)
{
    struct ll_slice stem;
    bool sums = ends_with(name, "_sum", &stem) || ends_with(name, "_count", &stem);
    switch (type) {
    case TYPE_COUNTER:
        return LL_LABELED_COUNTER;
    case TYPE_HISTOGRAM:
        return sums || ends_with(name, "_bucket", &stem) ? LL_LABELED_COUNTER : LL_LABELED_UNKNOWN;
    case TYPE_SUMMARY: /* without an end it is a quantile */
        return sums ? LL_LABELED_COUNTER : LL_LABELED_GAUGE;
    case TYPE_GAUGE:
    case TYPE_GAUGE_HISTOGRAM:
    case TYPE_INFO:
    case TYPE_STATE_SET:
        return LL_LABELED_GAUGE;
    default:
        return LL_LABELED_UNKNOWN;
    }
}

/* Sorted labels with a name, or a refusal. */
static bool check_labels(struct decoder *d, struct ll_slice *name)
{
    struct ll_err why;
    size_t n = LL_MAX(d->points.n, (size_t)1);
    *name = LL_SLICE("");
    if (d->bad_symbol || d->half) {
        refuse(d, LL_REMOTE_WRITE_SYMBOLS, n,
               d->half ? "an odd number of references" : "a reference behind the last symbol");
        return false;
    }
    bool sorted = d->utf8 ? ll_labels_sort_utf8(d->labels, &d->n_labels, &why)
                          : ll_labels_sort(d->labels, &d->n_labels, &why);
    if (!sorted) {
        refuse(d, LL_REMOTE_WRITE_LABELS, n, why.text);
        return false;
    }
    *name = name_of(d);
    if (name->n == 0)
        refuse(d, LL_REMOTE_WRITE_NO_NAME, n,
               d->n_labels ? "the series has other labels only" : "the series has no labels");
    return name->n > 0;
}

/* Leaves out what is too far ahead or too old, one by one. */
static void check_times(struct decoder *d)
{
    size_t kept = 0;
    for (size_t i = 0; i < d->points.n; i++) {
        ll_time t = d->points.v[i].t;
        char at[48];
        if (t >= d->opts->oldest && t <= d->opts->now + ahead_max) {
            d->points.v[kept++] = d->points.v[i];
            continue;
        }
        snprintf(at, sizeof(at), "timestamp %lld", (long long)t);
        refuse(d, t < d->opts->oldest ? LL_REMOTE_WRITE_TOO_OLD : LL_REMOTE_WRITE_FUTURE, 1, at);
    }
    d->points.n = kept;
}

static bool keep_series(struct decoder *d, struct ll_slice name, struct ll_err *err)
{
    uint64_t type = d->families ? family_type(d, name) : d->type;
    if (ll_labeled_set_add(d->set, d->labels, d->n_labels, kind_of(type, name), d->points.v,
                           d->points.n))
        return true;
    size_t need = ll_labels_size(d->labels, d->n_labels) +
                  d->points.n * sizeof(struct ll_labeled_point) + 2 * sizeof(max_align_t);
    if (need <= d->cap_bytes - ll_arena_used(d->set->arena))
        return ll_err_set(err, LL_E_MEMORY, "no memory for series");
    return ll_err_set(err, LL_E_TOO_LARGE, "the labels of one request need more than %zu bytes",
                      d->cap_bytes);
}

static bool finish_series(struct decoder *d, struct ll_err *err)
{
    struct ll_slice name;
    bool named = check_labels(d, &name);
    if (d->histograms > 0)
        refuse(d, LL_REMOTE_WRITE_HISTOGRAM, d->histograms, "");
    d->res.histograms += d->histograms;
    if (!named)
        return true;
    check_times(d);
    return d->points.n == 0 || keep_series(d, name, err);
}

static bool take_metadata_2(struct decoder *d, struct ll_slice bytes)
{
    struct ll_wire_field f;
    while (bytes.n > 0) {
        if (!ll_wire_next(&bytes, &f))
            return false;
        if (f.number == METADATA_TYPE && f.type == LL_WIRE_VARINT)
            d->type = f.value;
        else if (f.number == METADATA_TYPE)
            return false;
    }
    d->res.metadata++;
    return true;
}

/* A field of a series that only one of the protocols has. */
static bool take_other(struct decoder *d, const struct ll_wire_field *f)
{
    bool two = d->opts->protocol == LL_REMOTE_WRITE_2;
    bool exemplar = f->number == (two ? SERIES_2_EXEMPLAR : SERIES_1_EXEMPLAR);
    bool histogram = f->number == (two ? SERIES_2_HISTOGRAM : SERIES_1_HISTOGRAM);
    if (!exemplar && !histogram && !(two && f->number == SERIES_2_METADATA))
        return true;
    if (f->type != LL_WIRE_BYTES || !is_message(f->bytes))
        return false;
    d->res.exemplars += exemplar;
    d->histograms += histogram;
    return exemplar || histogram || take_metadata_2(d, f->bytes);
}

static bool take_labels(struct decoder *d, const struct ll_wire_field *f)
{
    struct ll_label l;
    if (d->opts->protocol == LL_REMOTE_WRITE_2)
        return take_references(d, f);
    if (f->type != LL_WIRE_BYTES || !read_label(f->bytes, &l))
        return false;
    d->utf8 = false; /* not known of this one */
    put_label(d, l);
    return true;
}

/* The labels that a series of 1.0 begins with, as long as they are usual ones: most of all work. */
static void take_usual_labels(struct decoder *d, struct ll_slice *bytes)
{
    struct ll_slice at = *bytes, pair;
    struct ll_label l;
    while (d->n_labels < LL_LABELS_MAX &&
           take_short(&at, SERIES_LABELS << 3 | LL_WIRE_BYTES, &pair) &&
           read_usual_label(pair, &l)) {
        d->labels[d->n_labels++] = l;
        *bytes = at;
    }
}

static void begin_series(struct decoder *d, struct ll_slice *bytes)
{
    const char *start = bytes->s;
    d->n_labels = d->points.n = d->histograms = 0;
    d->type = TYPE_UNKNOWN;
    d->half = d->bad_symbol = false;
    d->utf8 = d->opts->protocol == LL_REMOTE_WRITE_2 && !d->symbols_bad;
    if (d->opts->protocol == LL_REMOTE_WRITE_1) {
        take_usual_labels(d, bytes);
        d->utf8 = ll_str_ascii(start, (size_t)(bytes->s - start));
    }
}

static bool take_series(struct decoder *d, struct ll_slice bytes, struct ll_err *err)
{
    struct ll_wire_field f;
    begin_series(d, &bytes);
    while (bytes.n > 0) {
        const char *at = bytes.s;
        if (!ll_wire_next(&bytes, &f))
            return damaged(d, "a series", at, err);
        if (f.number == SERIES_SAMPLE && f.type == LL_WIRE_BYTES) {
            if (!take_sample(d, f.bytes, err))
                return false;
        } else if (f.number == SERIES_SAMPLE ||
                   !(f.number == SERIES_LABELS ? take_labels(d, &f) : take_other(d, &f))) {
            return damaged(d, "a series", at, err);
        }
    }
    return finish_series(d, err);
}

static bool take_family(struct decoder *d, struct ll_slice bytes, struct ll_err *err)
{
    struct ll_wire_field f;
    struct ll_slice family = LL_SLICE("");
    uint64_t type = TYPE_UNKNOWN;
    const char *start = bytes.s;
    while (bytes.n > 0) {
        if (!ll_wire_next(&bytes, &f))
            return damaged(d, "metadata", start, err);
        if (f.number == METADATA_TYPE && f.type == LL_WIRE_VARINT)
            type = f.value;
        else if (f.number == METADATA_FAMILY && f.type == LL_WIRE_BYTES)
            family = f.bytes;
        else if (f.number == METADATA_TYPE || f.number == METADATA_FAMILY)
            return damaged(d, "metadata", start, err);
    }
    if (++d->res.metadata > d->max_samples)
        return ll_err_set(err, LL_E_TOO_LARGE, "more than %zu metadata entries in one request",
                          d->max_samples);
    if (!d->families)
        d->families = ll_map_new(d->opts->seed, d->max_samples);
    return (d->families && ll_map_put(d->families, family, (size_t)LL_MIN(type, UINT64_C(255)))) ||
           ll_err_set(err, LL_E_MEMORY, "no memory for metadata");
}

static bool take_symbol(struct decoder *d, struct ll_slice text, struct ll_err *err)
{
    d->symbols_bad |= !ll_utf8_valid(text.s, text.n);
    struct symbol s = {(uint32_t)(text.s - d->message.s), (uint32_t)text.n};
    if (d->symbols.n == 0 && text.n > 0)
        return ll_err_set(err, LL_E_INVALID, "the first symbol is not the empty one");
    if (d->symbols.n == SYMBOLS_MAX)
        return ll_err_set(err, LL_E_TOO_LARGE, "more than %d symbols in one request", SYMBOLS_MAX);
    return symbols_push(&d->symbols, s) || ll_err_set(err, LL_E_MEMORY, "no memory for symbols");
}

static uint32_t series_field(const struct decoder *d)
{
    return d->opts->protocol == LL_REMOTE_WRITE_2 ? REQUEST_2_SERIES : REQUEST_1_SERIES;
}

/* First walk: the frame of the message, and what series refer to wherever it stands. */
static bool survey(struct decoder *d, struct ll_err *err)
{
    struct ll_wire_field f;
    bool two = d->opts->protocol == LL_REMOTE_WRITE_2, ok = true;
    uint32_t symbol = two ? REQUEST_2_SYMBOL : 0, family = two ? 0 : REQUEST_1_METADATA;
    for (struct ll_slice rest = d->message; rest.n > 0 && ok;) {
        const char *at = rest.s;
        bool read = ll_wire_next(&rest, &f);
        bool ours =
            read && (f.number == series_field(d) || f.number == symbol || f.number == family);
        if (!read || (ours && f.type != LL_WIRE_BYTES))
            return damaged(d, "the message", at, err);
        if (f.number == series_field(d) && ++d->seen_series > d->max_samples)
            return ll_err_set(err, LL_E_TOO_LARGE, "more than %zu series in one request",
                              d->max_samples);
        if (f.number == symbol)
            ok = take_symbol(d, f.bytes, err);
        else if (f.number == family)
            ok = take_family(d, f.bytes, err);
    }
    return ok;
}

static bool take_all(struct decoder *d, struct ll_err *err)
{
    struct ll_wire_field f;
    for (struct ll_slice rest = d->message; rest.n > 0;) {
        const char *at = rest.s;
        if (!ll_wire_next(&rest, &f)) /* cannot be: it was surveyed */
            return damaged(d, "the message", at, err);
        if (f.number == series_field(d) && f.type == LL_WIRE_BYTES && !take_series(d, f.bytes, err))
            return false;
    }
    return true;
}

static bool decode(struct decoder *d, struct ll_err *err)
{
    size_t growth = d->opts->protocol == LL_REMOTE_WRITE_2 ? GROWTH_2 : GROWTH_1;
    if (d->message.n > UINT32_MAX)
        return ll_err_set(err, LL_E_TOO_LARGE, "a message of %zu bytes", d->message.n);
    if (!survey(d, err))
        return false;
    size_t most = d->opts->max_bytes ? d->opts->max_bytes : set_max;
    d->cap_bytes = LL_MIN(set_base + growth * d->message.n, most);
    /* A series that is kept has some bytes; one that only announces itself gets no room yet. */
    d->set = ll_labeled_set_new(LL_MIN(d->seen_series, d->message.n / SERIES_BYTES), d->cap_bytes);
    if (!d->set)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu series", d->seen_series);
    return take_all(d, err);
}

bool ll_remote_write_decode(struct ll_slice message, const struct ll_remote_write_opts *opts,
                            struct ll_labeled_set **out, struct ll_remote_write_result *res,
                            struct ll_err *err)
{
    size_t most = opts->max_samples ? opts->max_samples : LL_REMOTE_WRITE_SAMPLES;
    struct decoder *d = calloc(1, sizeof(*d));
    if (!d)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a decoder");
    d->opts = opts;
    d->message = message;
    d->max_samples = most;
    d->symbols.cap = SYMBOLS_MAX;
    d->points.cap = most;
    bool ok = decode(d, err);
    if (ok) {
        d->res.series = d->set->n;
        d->res.samples = d->set->points;
        *res = d->res;
        *out = d->set;
        d->set = NULL;
    }
    ll_labeled_set_free(d->set);
    ll_map_free(d->families);
    symbols_fini(&d->symbols);
    points_fini(&d->points);
    free(d);
    return ok;
}
