/* The spool: order, bounds, and what is left after every kind of end. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/spool.h"
#include "support.h"

static char folder[64], path[160];
static struct ll_spool *spool;
static struct ll_err err;

static void reopen(void)
{
    ll_spool_free(spool);
    spool = NULL;
    ck_assert_msg(ll_spool_open(folder, LL_SPOOL_BYTES_MIN, &spool, &err), "%s", err.text);
}

static void setup(void)
{
    snprintf(folder, sizeof(folder), "/tmp/loadline-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    spool = NULL;
    reopen();
}

static void empty_folder(void)
{
    DIR *d = opendir(folder);
    const struct dirent *e;
    while (d && (e = readdir(d)))
        if (e->d_name[0] != '.') {
            snprintf(path, sizeof(path), "%s/%.60s", folder, e->d_name);
            unlink(path);
        }
    closedir(d);
}

static void teardown(void)
{
    ll_test_fail_alloc(0);
    ll_spool_free(spool);
    spool = NULL;
    empty_folder();
    rmdir(folder);
}

static const char *file(const char *name)
{
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void put(const char *text)
{
    ck_assert_msg(ll_spool_append(spool, text, strlen(text), &err), "%s", err.text);
}

static void put_number(unsigned n)
{
    char text[32];
    snprintf(text, sizeof(text), "record %u", n);
    put(text);
}

/* All that is left, with commas between; *mark behind it. */
static const char *rest(struct ll_spool_mark *mark)
{
    static char text[4096];
    struct ll_str all, one;
    ll_str_init(&all, sizeof(text) - 1);
    ll_str_init(&one, 1 << 20);
    *mark = ll_spool_begin(spool);
    for (const char *gap = ""; ll_spool_next(spool, mark, &one); gap = ",") {
        ll_str_addf(&all, "%s%s", gap, ll_str_z(&one));
        ll_str_clear(&one);
    }
    snprintf(text, sizeof(text), "%s", ll_str_z(&all));
    ll_str_fini(&all);
    ll_str_fini(&one);
    return text;
}

static void expect_rest(const char *wanted)
{
    struct ll_spool_mark m;
    ck_assert_str_eq(rest(&m), wanted);
}

START_TEST(records_come_out_in_order_and_once_acknowledged_never_again)
{
    struct ll_spool_mark m;
    struct ll_str one;
    ll_str_init(&one, 100);
    expect_rest("");
    put("a");
    put("");
    put("c");
    expect_rest("a,,c");
    expect_rest("a,,c"); /* reading takes nothing */
    m = ll_spool_begin(spool);
    ck_assert(ll_spool_next(spool, &m, &one));
    ll_spool_acknowledge(spool, m);
    expect_rest(",c");
    ck_assert_uint_eq(ll_spool_stats(spool).records, 2);
    reopen();
    expect_rest(",c");
    rest(&m);
    ll_spool_acknowledge(spool, m);
    reopen();
    expect_rest("");
    put("d");
    expect_rest("d");
    ck_assert_uint_eq(ll_spool_stats(spool).dropped, 0);
    ll_str_fini(&one);
}
END_TEST

START_TEST(an_old_mark_takes_nothing_back)
{
    struct ll_spool_mark old = ll_spool_begin(spool), m;
    put("a");
    rest(&m);
    ll_spool_acknowledge(spool, m);
    ll_spool_acknowledge(spool, old);
    put("b");
    expect_rest("b");
}
END_TEST

START_TEST(a_second_process_is_refused_and_told_who)
{
    struct ll_spool *other = NULL;
    char pid[24];
    snprintf(pid, sizeof(pid), "process %d;", (int)getpid());
    ck_assert(!ll_spool_open(folder, LL_SPOOL_BYTES_MIN, &other, &err));
    ck_assert_int_eq(err.code, LL_E_CONFLICT);
    ck_assert_ptr_nonnull(strstr(err.text, pid));
    ck_assert(!ll_spool_open(folder, LL_SPOOL_BYTES_MIN - 1, &other, &err));
    ck_assert_int_eq(err.code, LL_E_RANGE);
    ck_assert(!ll_spool_open("/dev/null/queue", LL_SPOOL_BYTES_MIN, &other, &err));
    ck_assert_ptr_null(other);
}
END_TEST

START_TEST(folders_are_made_for_this_user_alone)
{
    struct ll_spool *s = NULL;
    struct stat st;
    char deep[128], up[96];
    snprintf(up, sizeof(up), "%s/a", folder);
    snprintf(deep, sizeof(deep), "%s/b", up);
    ck_assert_msg(ll_spool_open(deep, LL_SPOOL_BYTES_MIN, &s, &err), "%s", err.text);
    ll_spool_free(s);
    ck_assert_int_eq(stat(deep, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0700);
    snprintf(path, sizeof(path), "%s/lock", deep);
    unlink(path);
    rmdir(deep);
    rmdir(up);
}
END_TEST

/* A power cut leaves any beginning of what was not synced: whole records stay, and the next are
 * written behind them. */
START_TEST(a_file_cut_at_every_byte_keeps_its_whole_records)
{
    const size_t one = LL_SPOOL_RECORD_HEADER + strlen("record 1");
    static const char *const kept[] = {"", "record 1", "record 1,record 2",
                                       "record 1,record 2,record 3"};
    for (size_t n = 0; n <= 3 * one; n++) {
        ll_spool_free(spool);
        spool = NULL;
        empty_folder();
        reopen();
        for (unsigned i = 1; i <= 3; i++)
            put_number(i);
        ck_assert_int_eq(truncate(file("00000001.seg"), (off_t)n), 0);
        reopen();
        expect_rest(kept[n / one]);
        ck_assert_uint_eq(ll_spool_stats(spool).torn_bytes, n % one);
        put("after");
        char wanted[64];
        snprintf(wanted, sizeof(wanted), "%s%safter", kept[n / one], n < one ? "" : ",");
        expect_rest(wanted);
        reopen();
        expect_rest(wanted);
        ck_assert_uint_eq(ll_spool_stats(spool).damaged_bytes, 0);
    }
}
END_TEST

/* One byte after the other is wrong: that record is missing, the others are not, and nothing
 * that was not written comes out. */
START_TEST(a_flipped_byte_costs_its_record_only)
{
    const size_t one = LL_SPOOL_RECORD_HEADER + strlen("record 1");
    static const char *const left[] = {"record 2,record 3", "record 1,record 3",
                                       "record 1,record 2"};
    for (unsigned i = 1; i <= 3; i++)
        put_number(i);
    for (size_t at = 0; at < 3 * one; at++) {
        int fd = open(file("00000001.seg"), O_RDWR);
        uint8_t b;
        ck_assert_int_eq(pread(fd, &b, 1, (off_t)at), 1);
        b ^= 0x5a;
        ck_assert_int_eq(pwrite(fd, &b, 1, (off_t)at), 1);
        expect_rest(left[at / one]); /* by the reader that has it open */
        uint64_t counted = ll_spool_stats(spool).damaged_bytes;
        ck_assert_uint_gt(counted, 0);
        expect_rest(left[at / one]);
        ck_assert_uint_eq(ll_spool_stats(spool).damaged_bytes, counted); /* once */
        if (at < 2 * one) { /* the last record would be cut off as torn */
            reopen();
            expect_rest(left[at / one]);
        }
        b ^= 0x5a;
        ck_assert_int_eq(pwrite(fd, &b, 1, (off_t)at), 1);
        close(fd);
    }
    expect_rest("record 1,record 2,record 3");
}
END_TEST

static void write_file(const char *name, const void *bytes, size_t n)
{
    int fd = open(file(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
    close(fd);
}

START_TEST(files_that_hold_nothing_are_stepped_over)
{
    char noise[5000];
    uint64_t seed = 7;
    for (size_t i = 0; i < sizeof(noise); i++)
        noise[i] = (char)ll_test_random(&seed);
    put("a");
    write_file("00000002.seg", noise, sizeof(noise));
    write_file("00000003.seg", "", 0);
    ck_assert_int_eq(symlink("/etc/passwd", file("00000004.seg")), 0);
    ck_assert_int_eq(mkdir(file("00000005.seg"), 0700), 0);
    write_file("notes.txt", "x", 1);
    write_file("cursor", noise, 20);
    reopen();
    expect_rest("a");
    ck_assert_uint_eq(ll_spool_stats(spool).torn_bytes, sizeof(noise));
    for (unsigned i = 1; i < 4; i++)
        put_number(i);
    reopen();
    expect_rest("a,record 1,record 2,record 3");
    rmdir(file("00000005.seg"));
}
END_TEST

/* The cursor outlived what it stood behind: what is written there now must not count as sent. */
START_TEST(a_cursor_beyond_the_end_hides_nothing_new)
{
    struct ll_spool_mark m;
    put("sent");
    put("sent too");
    rest(&m);
    ll_spool_acknowledge(spool, m);
    ck_assert_int_eq(truncate(file("00000001.seg"), 20), 0);
    reopen();
    put("new");
    expect_rest("new");
    reopen();
    expect_rest("new");

    rest(&m);
    ll_spool_acknowledge(spool, m);
    unlink(file("00000001.seg"));
    reopen();
    put("newer");
    reopen();
    expect_rest("newer");
}
END_TEST

static char big[100 << 10];

START_TEST(the_bound_holds_and_the_oldest_goes_first)
{
    uint64_t kept_from = 0, before = 0;
    for (unsigned i = 0; i < 60; i++) {
        memset(big, 'a' + (int)(i % 26), sizeof(big));
        memcpy(big, &i, sizeof(i));
        ck_assert(ll_spool_append(spool, big, sizeof(big), &err));
        struct ll_spool_stats s = ll_spool_stats(spool);
        ck_assert_uint_le(s.bytes, LL_SPOOL_BYTES_MIN);
        ck_assert_uint_ge(s.dropped, before);
        ck_assert_uint_eq(s.records + s.dropped, i + 1);
        before = kept_from = s.dropped;
    }
    ck_assert_uint_gt(kept_from, 45);
    for (int round = 0; round < 2; round++) {
        struct ll_spool_mark m = ll_spool_begin(spool);
        struct ll_str one;
        ll_str_init(&one, sizeof(big));
        uint64_t n = kept_from;
        for (; ll_spool_next(spool, &m, &one); n++) {
            unsigned number;
            memcpy(&number, one.s, sizeof(number));
            ck_assert_uint_eq(number, n);
            ll_str_clear(&one);
        }
        ck_assert_uint_eq(n, 60);
        ll_str_fini(&one);
        reopen();
    }
}
END_TEST

/* The sender reads the oldest while it goes: its mark steps to what is there. */
START_TEST(a_mark_in_a_dropped_file_moves_on)
{
    struct ll_spool_mark m = ll_spool_begin(spool);
    struct ll_str one;
    ll_str_init(&one, sizeof(big));
    put_number(0);
    ck_assert(ll_spool_next(spool, &m, &one));
    for (unsigned i = 0; i < 30; i++)
        ck_assert(ll_spool_append(spool, big, sizeof(big), &err));
    ll_spool_acknowledge(spool, m); /* it is long gone */
    uint64_t left = ll_spool_stats(spool).records, n = 0;
    for (ll_str_clear(&one); ll_spool_next(spool, &m, &one); ll_str_clear(&one))
        n++;
    ck_assert_uint_eq(n, left);
    ck_assert(!ll_spool_append(spool, big, LL_SPOOL_RECORD_MAX + 1, &err));
    ck_assert_int_eq(err.code, LL_E_TOO_LARGE);
    ll_str_fini(&one);
}
END_TEST

START_TEST(what_was_sent_makes_room)
{
    struct ll_spool_mark m;
    struct ll_str one;
    ll_str_init(&one, sizeof(big));
    for (unsigned i = 0; i < 100; i++) {
        ck_assert(ll_spool_append(spool, big, sizeof(big), &err));
        m = ll_spool_begin(spool);
        ll_str_clear(&one);
        ck_assert(ll_spool_next(spool, &m, &one));
        ll_spool_acknowledge(spool, m);
        ck_assert_uint_le(ll_spool_stats(spool).bytes, 300 << 10);
    }
    ck_assert_uint_eq(ll_spool_stats(spool).dropped, 0);
    ck_assert_uint_eq(ll_spool_stats(spool).records, 0);
    ll_str_fini(&one);
}
END_TEST

START_TEST(syncing_is_due_after_appending)
{
    put("a");
    ck_assert(!ll_spool_is_synced(spool));
    ck_assert(ll_spool_sync(spool, &err));
    ck_assert(ll_spool_is_synced(spool));
    put("b");
    ck_assert(!ll_spool_is_synced(spool));
}
END_TEST

START_TEST(memory_that_ends_anywhere_loses_nothing_that_was_there)
{
    for (unsigned i = 1; i <= 3; i++)
        put_number(i);
    for (unsigned call = 1;; call++) {
        ll_spool_free(spool);
        spool = NULL;
        ll_test_fail_alloc(call);
        bool ok = ll_spool_open(folder, LL_SPOOL_BYTES_MIN, &spool, &err);
        bool hit = ll_test_alloc_failed();
        ll_test_fail_alloc(0);
        if (!ok)
            ck_assert_int_eq(err.code, LL_E_MEMORY);
        else
            expect_rest("record 1,record 2,record 3");
        if (!hit)
            break;
    }
    for (unsigned call = 1;; call++) {
        struct ll_spool_mark m = ll_spool_begin(spool), start = m;
        struct ll_str one;
        ll_str_init(&one, 100);
        ll_test_fail_alloc(call);
        bool ok = ll_spool_next(spool, &m, &one);
        bool hit = ll_test_alloc_failed();
        ll_test_fail_alloc(0);
        if (!ok)
            ck_assert_mem_eq(&m, &start, sizeof(m));
        ck_assert(ok || one.failed);
        ll_str_fini(&one);
        if (!hit)
            break;
    }
    expect_rest("record 1,record 2,record 3");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        records_come_out_in_order_and_once_acknowledged_never_again,
        an_old_mark_takes_nothing_back,
        a_second_process_is_refused_and_told_who,
        folders_are_made_for_this_user_alone,
        a_file_cut_at_every_byte_keeps_its_whole_records,
        a_flipped_byte_costs_its_record_only,
        files_that_hold_nothing_are_stepped_over,
        a_cursor_beyond_the_end_hides_nothing_new,
        the_bound_holds_and_the_oldest_goes_first,
        a_mark_in_a_dropped_file_moves_on,
        what_was_sent_makes_room,
        syncing_is_due_after_appending,
        memory_that_ends_anywhere_loses_nothing_that_was_there,
    };
    Suite *suite = suite_create("os_spool");
    TCase *all = tcase_create("os_spool");
    tcase_set_timeout(all, 120);
    tcase_add_checked_fixture(all, setup, teardown);
    for (size_t i = 0; i < LL_LEN(tests); i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
