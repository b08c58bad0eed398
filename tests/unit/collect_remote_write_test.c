/* Remote-write messages made by hand, and recorded ones cut at every byte. */
#include <stdio.h>

#include "collect/remote_write.h"
#include "collect/snappy.h"
#include "support.h"
#include "wire_out.h"

#define NOW ((ll_time)1795421300000)
#define ONE UINT64_C(0x3ff0000000000000)

static const struct ll_remote_write_opts one = {
    .protocol = LL_REMOTE_WRITE_1, .now = NOW, .oldest = NOW - 15 * LL_DAY};
static const struct ll_remote_write_opts two = {
    .protocol = LL_REMOTE_WRITE_2, .now = NOW, .oldest = NOW - 15 * LL_DAY};

/* The message in memory of exactly its size, so that a byte too many is seen. */
static bool decode(const struct ll_str *m, const struct ll_remote_write_opts *opts,
                   struct ll_labeled_set **set, struct ll_remote_write_result *res,
                   struct ll_err *err)
{
    char *copy = malloc(m->n ? m->n : 1);
    if (m->n)
        memcpy(copy, m->s, m->n);
    *set = NULL;
    bool ok = ll_remote_write_decode((struct ll_slice){copy, m->n}, opts, set, res, err);
    free(copy); /* the set keeps nothing of it */
    return ok;
}

static struct ll_labeled_set *decoded(struct ll_str *m, const struct ll_remote_write_opts *opts,
                                      struct ll_remote_write_result *res)
{
    struct ll_labeled_set *set;
    struct ll_err err = {0};
    ck_assert_msg(decode(m, opts, &set, res, &err), "%s", err.text);
    ck_assert_uint_eq(res->series, set->n);
    ck_assert_uint_eq(res->samples, set->points);
    ll_str_fini(m);
    return set;
}

static void check_text(const struct ll_labeled_series *s, const char *want)
{
    struct ll_str text = new_message();
    ll_labels_text(s->labels, &text);
    ck_assert_str_eq(ll_str_z(&text), want);
    ll_str_fini(&text);
}

static void refused(struct ll_str *m, const struct ll_remote_write_opts *opts,
                    enum ll_err_code code, const char *text)
{
    struct ll_labeled_set *set;
    struct ll_remote_write_result res = {.samples = 77};
    struct ll_err err = {0};
    ck_assert_msg(!decode(m, opts, &set, &res, &err), "taken, not refused: %s", text);
    ck_assert_msg(err.code == code && strstr(err.text, text), "%d %s", err.code, err.text);
    ck_assert_ptr_null(set);
    ck_assert_uint_eq(res.samples, 77);
    ll_str_fini(m);
}

START_TEST(labels_are_sorted_and_empty_ones_dropped)
{
    static const char *const labels[] = {"job", "b", "zone", "", "__name__", "up", "a", "x", NULL};
    struct ll_remote_write_result res;
    struct ll_str m = new_message();
    put_series(&m, labels, ONE, NOW);
    LL_AUTO(ll_labeled_set) set = decoded(&m, &one, &res);
    ck_assert_uint_eq(set->n, 1);
    check_text(&set->v[0], "up{a=\"x\",job=\"b\"}");
    ck_assert(!res.invalid && set->v[0].n == 1 && set->v[0].points[0].t == NOW);
    ck_assert_uint_eq(set->v[0].points[0].bits, ONE);
}
END_TEST

START_TEST(values_are_kept_bit_for_bit)
{
    static const uint64_t bits[] = {LL_LABELED_STALE, UINT64_C(0x7ff8000000000001),
                                    UINT64_C(0x8000000000000000), UINT64_C(0xfff0000000000000)};
    struct ll_remote_write_result res;
    struct ll_str m = new_message(), s = new_message(), zero = new_message();
    put_label(&s, "__name__", "x");
    for (size_t i = 0; i < LL_LEN(bits); i++)
        put_sample(&s, bits[i], NOW - 10 + (int64_t)i);
    put_number(&zero, 2, (uint64_t)NOW); /* a value of zero is not written */
    put_message(&s, 2, &zero);
    put_message(&m, 1, &s);
    LL_AUTO(ll_labeled_set) set = decoded(&m, &one, &res);
    ck_assert_uint_eq(set->points, LL_LEN(bits) + 1);
    for (size_t i = 0; i < LL_LEN(bits); i++)
        ck_assert_uint_eq(set->v[0].points[i].bits, bits[i]);
    ck_assert_uint_eq(set->v[0].points[LL_LEN(bits)].bits, 0);
    ck_assert(!res.invalid);
}
END_TEST

START_TEST(a_bad_series_is_refused_and_its_neighbours_are_kept)
{
    static const char *const good[] = {"__name__", "good", NULL};
    static const struct {
        const char *labels[9];
        enum ll_remote_write_reason why;
        const char *example;
    } bad[] = {
        {{"__name__", "b", "x", "1", "x", "2"},
         LL_REMOTE_WRITE_LABELS,
         "b: label 'x' is there twice"},
        {{"x", "2", "__name__", "b", "y", "", "x", "2"}, LL_REMOTE_WRITE_LABELS, "twice"},
        {{"__name__", "b", "__name__", "c"}, LL_REMOTE_WRITE_LABELS, "'__name__' is there twice"},
        {{"__name__", "b", "", "1"}, LL_REMOTE_WRITE_LABELS, "b: a label has no name"},
        {{"__name__", "b", "x\xff", "1"}, LL_REMOTE_WRITE_LABELS, "b: a label's name is not UTF-8"},
        {{"__name__", "b", "x", "\xc3("},
         LL_REMOTE_WRITE_LABELS,
         "value of label 'x' is not UTF-8"},
        {{"__name__", "b\xed\xa0\x80"}, LL_REMOTE_WRITE_LABELS, "'__name__' is not UTF-8"},
        {{"x", "1"}, LL_REMOTE_WRITE_NO_NAME, "other labels only"},
        {{"__name__", ""}, LL_REMOTE_WRITE_NO_NAME, "no labels"},
        {{NULL}, LL_REMOTE_WRITE_NO_NAME, "no labels"},
    };
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        struct ll_remote_write_result res;
        struct ll_str m = new_message();
        put_series(&m, good, ONE, NOW);
        put_series(&m, bad[i].labels, ONE, NOW);
        put_series(&m, bad[i].labels, ONE, NOW - 1);
        put_series(&m, good, ONE, NOW + 1);
        LL_AUTO(ll_labeled_set) set = decoded(&m, &one, &res);
        ck_assert_uint_eq(set->points, 2);
        ck_assert(res.invalid);
        ck_assert_uint_eq(res.refused[bad[i].why].n, 2);
        ck_assert_msg(strstr(res.refused[bad[i].why].example, bad[i].example), "%zu: %s", i,
                      res.refused[bad[i].why].example);
        ck_assert(ll_utf8_valid(res.refused[bad[i].why].example,
                                strlen(res.refused[bad[i].why].example)));
    }
}
END_TEST

START_TEST(names_in_utf8_are_fine)
{
    static const char *const labels[] = {"__name__", "größe.von/x", "ключ", "значение", NULL};
    struct ll_remote_write_result res;
    struct ll_str m = new_message();
    put_series(&m, labels, ONE, NOW);
    LL_AUTO(ll_labeled_set) set = decoded(&m, &one, &res);
    ck_assert(!res.invalid && set->n == 1);
}
END_TEST

START_TEST(too_many_and_too_long_labels_are_refused_alone)
{
    struct ll_remote_write_result res;
    struct ll_str m = new_message(), many = new_message(), huge = new_message();
    char name[16], *big = calloc(1, LL_LABELS_BYTES_MAX + 1);
    memset(big, 'x', LL_LABELS_BYTES_MAX);
    put_label(&many, "__name__", "many");
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "l%d", i);
        put_label(&many, name, "v");
    }
    put_sample(&many, ONE, NOW);
    put_label(&huge, "__name__", "huge");
    put_label(&huge, "v", big);
    put_sample(&huge, ONE, NOW);
    put_message(&m, 1, &many);
    put_message(&m, 1, &huge);
    static const char *const good[] = {"__name__", "good", NULL};
    put_series(&m, good, ONE, NOW);
    LL_AUTO(ll_labeled_set) set = decoded(&m, &one, &res);
    ck_assert_uint_eq(set->points, 1);
    ck_assert_uint_eq(res.refused[LL_REMOTE_WRITE_LABELS].n, 2);
    ck_assert_ptr_nonnull(
        strstr(res.refused[LL_REMOTE_WRITE_LABELS].example, "many: 1001 labels are more than 128"));
    free(big);
}
END_TEST

START_TEST(times_are_refused_one_by_one)
{
    static const struct {
        int64_t t;
        int why; /* -1 = taken */
    } times[] = {
        {NOW, -1},
        {NOW + 10 * LL_MINUTE, -1},
        {NOW + 10 * LL_MINUTE + 1, LL_REMOTE_WRITE_FUTURE},
        {INT64_MAX, LL_REMOTE_WRITE_FUTURE},
        {LL_TIME_MAX + 1, LL_REMOTE_WRITE_FUTURE},
        {NOW - 15 * LL_DAY, -1},
        {NOW - 15 * LL_DAY - 1, LL_REMOTE_WRITE_TOO_OLD},
        {0, LL_REMOTE_WRITE_TOO_OLD},
        {-1, LL_REMOTE_WRITE_TOO_OLD},
        {INT64_MIN, LL_REMOTE_WRITE_TOO_OLD},
    };
    struct ll_remote_write_result res;
    struct ll_str m = new_message(), s = new_message();
    put_label(&s, "__name__", "x");
    for (size_t i = 0; i < LL_LEN(times); i++)
        put_sample(&s, ONE, times[i].t);
    put_message(&m, 1, &s);
    LL_AUTO(ll_labeled_set) set = decoded(&m, &one, &res);
    ck_assert_uint_eq(set->points, 3);
    ck_assert_uint_eq(res.refused[LL_REMOTE_WRITE_FUTURE].n, 3);
    ck_assert_uint_eq(res.refused[LL_REMOTE_WRITE_TOO_OLD].n, 4);
    ck_assert_str_eq(res.refused[LL_REMOTE_WRITE_FUTURE].example, "x: timestamp 1795421900001");
    size_t at = 0;
    for (size_t i = 0; i < LL_LEN(times); i++)
        if (times[i].why < 0)
            ck_assert_int_eq(set->v[0].points[at++].t, times[i].t);
}
END_TEST

static void put_metadata_1(struct ll_str *m, unsigned type, const char *family)
{
    struct ll_str x = new_message();
    put_number(&x, 1, type);
    put_text(&x, 2, family);
    put_text(&x, 4, "help");
    put_message(m, 3, &x);
}

START_TEST(metadata_says_what_a_series_is)
{
    static const struct {
        const char *name;
        enum ll_labeled_kind kind;
    } want[] = {
        {"c", LL_LABELED_COUNTER},       {"o_total", LL_LABELED_COUNTER},
        {"g", LL_LABELED_GAUGE},         {"h_bucket", LL_LABELED_COUNTER},
        {"h_sum", LL_LABELED_COUNTER},   {"s", LL_LABELED_GAUGE},
        {"s_count", LL_LABELED_COUNTER}, {"gh_bucket", LL_LABELED_GAUGE},
        {"nobody", LL_LABELED_UNKNOWN},  {"nobody_total", LL_LABELED_UNKNOWN},
        {"odd", LL_LABELED_UNKNOWN},
    };
    struct ll_remote_write_result res;
    struct ll_str m = new_message();
    for (size_t i = 0; i < LL_LEN(want); i++) {
        const char *const labels[] = {"__name__", want[i].name, NULL};
        put_series(&m, labels, ONE, NOW);
    }
    put_metadata_1(&m, 1, "c"); /* behind the series, as Prometheus' encoder would */
    put_metadata_1(&m, 1, "o");
    put_metadata_1(&m, 2, "g");
    put_metadata_1(&m, 3, "h");
    put_metadata_1(&m, 4, "gh");
    put_metadata_1(&m, 5, "s");
    put_metadata_1(&m, 900, "odd");
    LL_AUTO(ll_labeled_set) set = decoded(&m, &one, &res);
    ck_assert_uint_eq(res.metadata, 7);
    for (size_t i = 0; i < LL_LEN(want); i++)
        ck_assert_msg(set->v[i].kind == want[i].kind, "%s: %d", want[i].name, set->v[i].kind);
}
END_TEST

static void put_symbols(struct ll_str *m)
{
    static const char *const symbols[] = {"", "__name__", "up", "job", "x\xff"};
    for (size_t i = 0; i < LL_LEN(symbols); i++)
        put_text(m, 4, symbols[i]);
}

/* A series of 2.0: refs packed or one by one. */
static void put_series_2(struct ll_str *m, const uint64_t *refs, size_t n, bool packed, int type)
{
    struct ll_str s = new_message(), p = new_message(), meta = new_message(), v = new_message();
    for (size_t i = 0; i < n; i++)
        if (packed)
            put_varint(&p, refs[i]);
        else
            put_number(&s, 1, refs[i]);
    if (packed)
        put_message(&s, 1, &p);
    put_fixed64(&v, 1, ONE);
    put_number(&v, 2, (uint64_t)NOW);
    put_number(&v, 3, (uint64_t)(NOW - 5)); /* start_timestamp */
    put_message(&s, 2, &v);
    put_number(&meta, 1, (uint64_t)type);
    put_message(&s, 5, &meta);
    put_message(m, 5, &s);
}

START_TEST(two_reads_symbols_packed_or_not)
{
    static const uint64_t refs[] = {3, 2, 1, 2};
    for (int form = 0; form < 4; form++) {
        struct ll_remote_write_result res;
        struct ll_str m = new_message();
        if (form & 1)
            put_symbols(&m);
        put_series_2(&m, refs, LL_LEN(refs), form & 2, 1);
        if (!(form & 1))
            put_symbols(&m); /* nobody writes them behind; it means the same */
        LL_AUTO(ll_labeled_set) set = decoded(&m, &two, &res);
        ck_assert(!res.invalid && set->n == 1 && res.metadata == 1);
        check_text(&set->v[0], "up{job=\"up\"}");
        ck_assert_int_eq(set->v[0].kind, LL_LABELED_COUNTER);
        ck_assert_int_eq(set->v[0].points[0].t, NOW);
    }
}
END_TEST

START_TEST(two_refuses_references_to_nowhere)
{
    static const struct {
        uint64_t refs[4];
        size_t n;
        enum ll_remote_write_reason why;
        const char *example;
    } bad[] = {
        {{1, 2, 3}, 3, LL_REMOTE_WRITE_SYMBOLS, "odd"},
        {{1, 2, 3, 5}, 4, LL_REMOTE_WRITE_SYMBOLS, "behind the last symbol"},
        {{1, 2, UINT64_MAX, 1}, 4, LL_REMOTE_WRITE_SYMBOLS, "behind the last symbol"},
        {{1, UINT64_C(0x100000002), 3, 2}, 4, LL_REMOTE_WRITE_SYMBOLS, "behind"},
        {{1, 2, 3, 4}, 4, LL_REMOTE_WRITE_LABELS, "UTF-8"},
        {{1, 2, 0, 2}, 4, LL_REMOTE_WRITE_LABELS, "no name"},
        {{1, 2, 1, 2}, 4, LL_REMOTE_WRITE_LABELS, "twice"},
        {{3, 2}, 2, LL_REMOTE_WRITE_NO_NAME, "other labels"},
        {{1, 0}, 2, LL_REMOTE_WRITE_NO_NAME, ""},
        {{0}, 0, LL_REMOTE_WRITE_NO_NAME, ""},
    };
    static const uint64_t good[] = {1, 2};
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        struct ll_remote_write_result res;
        struct ll_str m = new_message();
        put_symbols(&m);
        put_series_2(&m, bad[i].refs, bad[i].n, i & 1, 2);
        put_series_2(&m, good, 2, true, 2);
        LL_AUTO(ll_labeled_set) set = decoded(&m, &two, &res);
        ck_assert(res.invalid && set->points == 1);
        ck_assert_msg(res.refused[bad[i].why].n == 1, "%zu", i);
        ck_assert_msg(strstr(res.refused[bad[i].why].example, bad[i].example), "%zu: %s", i,
                      res.refused[bad[i].why].example);
    }
}
END_TEST

START_TEST(two_wants_the_empty_symbol_first)
{
    static const uint64_t refs[] = {0, 1};
    struct ll_str m = new_message();
    put_text(&m, 4, "__name__");
    put_text(&m, 4, "up");
    put_series_2(&m, refs, 2, true, 0);
    refused(&m, &two, LL_E_INVALID, "first symbol");
}
END_TEST

START_TEST(two_bounds_what_references_become)
{
    uint64_t refs[2 * LL_LABELS_MAX];
    struct ll_str m = new_message();
    char name[160];
    memset(name, 'x', sizeof(name));
    put_text(&m, 4, "");
    put_text(&m, 4, "__name__");
    for (unsigned i = 0; i < 90; i++) { /* a hundred bytes a series, 16 KiB in the set */
        snprintf(name, 8, "l%02u", i);
        name[3] = 'x';
        put_bytes(&m, 4, name, sizeof(name));
    }
    refs[0] = 1;
    refs[1] = 2;
    for (unsigned i = 1; i < 45; i++) {
        refs[2 * i] = 1 + i;
        refs[2 * i + 1] = 1 + i;
    }
    refs[2] = 46;
    for (int i = 0; i < 20000; i++)
        put_series_2(&m, refs, 90, true, 0);
    struct ll_remote_write_opts small = two;
    small.max_bytes = 1 << 20;
    struct ll_str again = new_message();
    ll_str_add(&again, m.s, m.n);
    refused(&again, &small, LL_E_TOO_LARGE, "more than 1048576 bytes");
    refused(&m, &two, LL_E_TOO_LARGE, "more than 1");
}
END_TEST

START_TEST(histograms_are_refused_and_exemplars_left_out)
{
    for (int protocol = 0; protocol < 2; protocol++) {
        static const uint64_t refs[] = {1, 2};
        struct ll_remote_write_result res;
        struct ll_str m = new_message(), s = new_message(), h = new_message(), e = new_message();
        const struct ll_remote_write_opts *opts = protocol ? &two : &one;
        if (protocol) {
            put_symbols(&m);
            for (int i = 0; i < 2; i++)
                put_number(&s, 1, refs[i]);
        } else {
            put_label(&s, "__name__", "up");
        }
        put_sample(&s, ONE, NOW);
        put_number(&h, 1, 7);
        put_number(&h, 15, (uint64_t)NOW);
        put_number(&e, 3, 7);
        put_bytes(&s, protocol ? 3 : 4, ll_str_z(&h), h.n);
        put_message(&s, protocol ? 3 : 4, &h);
        put_message(&s, protocol ? 4 : 3, &e);
        put_message(&m, protocol ? 5 : 1, &s);
        LL_AUTO(ll_labeled_set) set = decoded(&m, opts, &res);
        ck_assert_uint_eq(set->points, 1);
        ck_assert_uint_eq(res.histograms, 2);
        ck_assert_uint_eq(res.refused[LL_REMOTE_WRITE_HISTOGRAM].n, 2);
        ck_assert_str_eq(res.refused[LL_REMOTE_WRITE_HISTOGRAM].example, "up");
        ck_assert_uint_eq(res.exemplars, 1);
        ck_assert(res.invalid);
    }
}
END_TEST

START_TEST(exemplars_alone_are_no_fault)
{
    struct ll_remote_write_result res;
    struct ll_str m = new_message(), s = new_message();
    put_label(&s, "__name__", "up");
    put_text(&s, 3, "");
    put_message(&m, 1, &s);
    LL_AUTO(ll_labeled_set) set = decoded(&m, &one, &res);
    ck_assert(!res.invalid && set->n == 0 && res.exemplars == 1);
}
END_TEST

/* One of every wire type, groups within groups too. */
static void put_unknown(struct ll_str *m)
{
    put_number(m, 1000, UINT64_MAX);
    put_fixed64(m, 1001, 5);
    put_text(m, 1002, "whatever");
    put_varint(m, 1003 << 3 | 3);
    put_text(m, 1, "inside");
    put_varint(m, 7 << 3 | 3);
    put_varint(m, 8 << 3 | 5);
    ll_str_add(m, "abcd", 4);
    put_varint(m, 7 << 3 | 4);
    put_varint(m, 1003 << 3 | 4);
    put_varint(m, 1004 << 3 | 5);
    ll_str_add(m, "abcd", 4);
}

START_TEST(unknown_fields_are_passed_over)
{
    struct ll_remote_write_result res;
    struct ll_str m = new_message(), s = new_message(), l = new_message(), v = new_message();
    put_unknown(&m);
    put_unknown(&s);
    put_unknown(&l);
    put_text(&l, 1, "__name__");
    put_text(&l, 2, "up");
    put_message(&s, 1, &l);
    put_unknown(&v);
    put_fixed64(&v, 1, ONE);
    put_number(&v, 2, (uint64_t)NOW);
    put_unknown(&v);
    put_message(&s, 2, &v);
    put_message(&m, 1, &s);
    put_unknown(&m);
    LL_AUTO(ll_labeled_set) set = decoded(&m, &one, &res);
    ck_assert(!res.invalid && set->points == 1);
    check_text(&set->v[0], "up{}");
}
END_TEST

START_TEST(what_is_no_protobuf_is_refused_whole)
{
    static const struct {
        const char *bytes;
        size_t n;
        int protocol;
    } bad[] = {
        {"\x0a", 1, 1},                     /* a field without its length */
        {"\x0a\x05\x0a", 3, 1},             /* longer than the message */
        {"\x00", 1, 1},                     /* field 0 */
        {"\x0f\x00", 2, 1},                 /* wire type 7 */
        {"\x08\x01", 2, 1},                 /* a series that is a number */
        {"\x28\x01", 2, 2},                 /* the same */
        {"\x20\x01", 2, 2},                 /* a symbol that is a number */
        {"\x0a\x02\x10\x01", 4, 1},         /* a sample that is a number */
        {"\x0a\x04\x12\x02\x08\x01", 6, 1}, /* a value that is a number */
        {"\x0a\x04\x0a\x02\x08\x01", 6, 1}, /* a name that is a number */
        {"\x0a\x0b\x12\x09\x11\x01\x02\x03\x04\x05\x06\x07\x08", 13, 1}, /* a time of 64 bits */
        {"\x2a\x05\x0d\x01\x02\x03\x04", 7, 2}, /* a reference of 32 bits */
        {"\x2a\x03\x0a\x01\x80", 5, 2},         /* packed references that are cut */
        {"\x0a\x04\x22\x02\x0a\x05", 6, 1},     /* a histogram that is cut */
        {"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12, 1}, /* eleven bytes */
        {"\xff\xff\xff\xff\x7f\x01", 6, 1},                          /* a field number of 33 bits */
        {"\x1b\x08\x01", 3, 2},                                      /* a group without an end */
        {"\x1c", 1, 2},                                              /* an end without a group */
    };
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        struct ll_str m = new_message();
        ll_str_add(&m, bad[i].bytes, bad[i].n);
        refused(&m, bad[i].protocol == 2 ? &two : &one, LL_E_INVALID, "is no protobuf at byte");
    }
}
END_TEST

START_TEST(groups_have_a_depth)
{
    struct ll_str m = new_message();
    for (int i = 0; i < 40; i++)
        put_varint(&m, 99 << 3 | 3);
    for (int i = 0; i < 40; i++)
        put_varint(&m, 99 << 3 | 4);
    refused(&m, &one, LL_E_INVALID, "protobuf");
}
END_TEST

START_TEST(limits_hold)
{
    static const char *const labels[] = {"__name__", "x", NULL};
    struct ll_remote_write_opts few = one;
    few.max_samples = 3;
    for (int form = 0; form < 3; form++) {
        struct ll_str m = new_message(), s = new_message();
        put_label(&s, "__name__", "y");
        for (int i = 0; i < 4; i++) {
            if (form == 0)
                put_series(&m, labels, ONE, NOW);
            if (form == 1)
                put_metadata_1(&m, 1, "a");
            put_sample(&s, ONE, NOW);
        }
        put_message(&m, 1, &s);
        refused(&m, &few, LL_E_TOO_LARGE,
                form == 0   ? "more than 3 series"
                : form == 1 ? "more than 3 metadata"
                            : "more than 3 samples");
    }
}
END_TEST

static struct ll_str read_file(const char *name)
{
    char path[512], buf[4096];
    struct ll_str s = new_message();
    snprintf(path, sizeof(path), LL_TEST_DATA "/remote-write/%s", name);
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s", path);
    for (size_t n; (n = fread(buf, 1, sizeof(buf), f)) > 0;)
        ll_str_add(&s, buf, n);
    fclose(f);
    return s;
}

static struct ll_str capture(const char *name)
{
    struct ll_str block = read_file(name), m = new_message();
    char *out;
    size_t n;
    struct ll_err err = {0};
    ck_assert_msg(ll_snappy_decode((struct ll_slice){block.s, block.n}, 1 << 24, &out, &n, &err),
                  "%s", err.text);
    ll_str_add(&m, out, n);
    free(out);
    ll_str_fini(&block);
    return m;
}

START_TEST(recorded_requests_decode)
{
    static const char *const names[] = {"cap_04.bin", "cap_05.bin", "cap_06.bin", "cap_07.bin"};
    for (size_t i = 0; i < LL_LEN(names); i++) {
        struct ll_remote_write_result res;
        struct ll_str m = capture(names[i]);
        LL_AUTO(ll_labeled_set) set = decoded(&m, &one, &res);
        ck_assert(!res.invalid);
        ck_assert_uint_eq(set->points, 500);
    }
}
END_TEST

START_TEST(cut_anywhere_nothing_is_read_beyond)
{
    struct ll_str m = capture("cap_04.bin");
    struct ll_labeled_set *set;
    struct ll_err err;
    size_t taken = 0, series = 0;
    for (size_t n = 0; n < m.n; n += n < 3000 ? 1 : 17) {
        struct ll_str part = m;
        struct ll_remote_write_result res;
        part.n = n;
        if (decode(&part, &one, &set, &res, &err)) {
            ck_assert(!res.invalid && set->n >= series);
            series = set->n;
            taken++;
        } else {
            ck_assert_int_eq(err.code, LL_E_INVALID);
        }
        ll_labeled_set_free(set);
    }
    ck_assert_uint_gt(taken, 10); /* cuts between series */
    ck_assert_uint_lt(taken, 300);
    ll_str_fini(&m);
}
END_TEST

START_TEST(flipped_bits_never_break_it)
{
    struct ll_str m = capture("cap_05.bin");
    uint64_t random = 11;
    for (int i = 0; i < 2000; i++) {
        struct ll_str part = m;
        struct ll_labeled_set *set;
        struct ll_remote_write_result res;
        struct ll_err err;
        size_t at = ll_test_random(&random) % 4000;
        char before = m.s[at];
        m.s[at] = (char)(before ^ (1 << ll_test_random(&random) % 8));
        part.n = 4000;
        if (decode(&part, i & 1 ? &two : &one, &set, &res, &err))
            ll_labeled_set_free(set);
        m.s[at] = before;
    }
    ll_str_fini(&m);
}
END_TEST

START_TEST(memory_may_end_anywhere)
{
    static const uint64_t refs[] = {1, 2};
    for (int protocol = 0; protocol < 2; protocol++) {
        struct ll_str m = new_message();
        if (protocol) {
            put_symbols(&m);
            put_series_2(&m, refs, 2, true, 1);
        } else {
            static const char *const labels[] = {"__name__", "x", NULL};
            put_series(&m, labels, ONE, NOW);
            put_metadata_1(&m, 1, "x");
        }
        unsigned call = 1;
        for (bool failed = true; failed; call++) {
            struct ll_labeled_set *set = NULL;
            struct ll_remote_write_result res;
            struct ll_err err = {0};
            ll_test_fail_alloc(call);
            bool ok = ll_remote_write_decode((struct ll_slice){m.s, m.n}, protocol ? &two : &one,
                                             &set, &res, &err);
            failed = ll_test_alloc_failed();
            ll_test_fail_alloc(0);
            ck_assert_msg(ok == !failed, "call %u: %s", call, err.text);
            ck_assert(ok || err.code == LL_E_MEMORY);
            ll_labeled_set_free(set);
        }
        ck_assert_uint_gt(call, 6);
        ll_str_fini(&m);
    }
}
END_TEST

START_TEST(snappy_claims_are_not_believed)
{
    static const char bomb[] = "\xff\xff\xff\xff\x0f\x00\x61";
    struct ll_err err = {0};
    char *out = NULL;
    size_t n = 5;
    ll_test_fail_alloc(1); /* it is refused before memory is asked for */
    bool ok = ll_snappy_decode((struct ll_slice){bomb, 7}, SIZE_MAX, &out, &n, &err);
    bool asked = ll_test_alloc_failed();
    ll_test_fail_alloc(0);
    ck_assert(!ok && !asked && err.code == LL_E_INVALID && out == NULL && n == 5);
    ck_assert_ptr_nonnull(strstr(err.text, "claims 4294967295 bytes, its 7 can hold at most 42"));
    ck_assert(!ll_snappy_decode((struct ll_slice){"\x05\x10"
                                                  "abcde",
                                                  7},
                                4, &out, &n, &err));
    ck_assert_int_eq(err.code, LL_E_TOO_LARGE);
    ll_test_fail_alloc(1);
    ok = ll_snappy_decode((struct ll_slice){"\x05\x10"
                                            "abcde",
                                            7},
                          5, &out, &n, &err);
    ll_test_fail_alloc(0);
    ck_assert(!ok && err.code == LL_E_MEMORY);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        labels_are_sorted_and_empty_ones_dropped,
        values_are_kept_bit_for_bit,
        a_bad_series_is_refused_and_its_neighbours_are_kept,
        names_in_utf8_are_fine,
        too_many_and_too_long_labels_are_refused_alone,
        times_are_refused_one_by_one,
        metadata_says_what_a_series_is,
        two_reads_symbols_packed_or_not,
        two_refuses_references_to_nowhere,
        two_wants_the_empty_symbol_first,
        two_bounds_what_references_become,
        histograms_are_refused_and_exemplars_left_out,
        exemplars_alone_are_no_fault,
        unknown_fields_are_passed_over,
        what_is_no_protobuf_is_refused_whole,
        groups_have_a_depth,
        limits_hold,
        recorded_requests_decode,
        cut_anywhere_nothing_is_read_beyond,
        flipped_bits_never_break_it,
        memory_may_end_anywhere,
        snappy_claims_are_not_believed,
    };
    return ll_test_run("collect_remote_write", tests, LL_LEN(tests));
}
