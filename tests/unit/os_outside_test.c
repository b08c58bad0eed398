/* Files, zones, systemd's socket, the terminal's properties: what a process finds outside. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "os/file.h"
#include "os/notify.h"
#include "os/process.h"
#include "os/term.h"
#include "os/zone.h"

static char folder[64];
static char path[128];
static struct ll_err err;

static void setup(void)
{
    snprintf(folder, sizeof(folder), "/tmp/loadline-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/f", folder);
}

static void teardown(void)
{
    unlink(path);
    rmdir(folder);
}

START_TEST(a_file_is_read_and_written_whole_or_not_at_all)
{
    struct ll_str text;
    char big[10000];
    memset(big, 'x', sizeof(big));
    ll_str_init(&text, 1 << 20);
    ck_assert(!ll_file_read(path, 100, &text, &err));
    ck_assert_int_eq(err.code, LL_E_NOT_FOUND);
    ck_assert(ll_file_write(path, big, sizeof(big), &err));
    ck_assert(!ll_file_read(path, 9999, &text, &err));
    ck_assert_int_eq(err.code, LL_E_TOO_LARGE);
    ll_str_clear(&text);
    ck_assert(ll_file_read(path, 10000, &text, &err));
    ck_assert_uint_eq(text.n, sizeof(big));
    ck_assert_mem_eq(text.s, big, sizeof(big));
    ck_assert(!ll_file_write("/dev/full", big, 1, &err));
    ck_assert_int_eq(err.code, LL_E_IO);
    ck_assert(!ll_file_write("/nonexistent/x", big, 1, &err));
    ll_str_fini(&text);
}
END_TEST

/* Whoever holds the old file open still reads it whole: the new one is another file. */
START_TEST(a_file_is_replaced_and_never_seen_in_half)
{
    struct stat st;
    struct ll_str text;
    char found[16] = "", beside[160], in_the_way[160];
    ll_str_init(&text, 1 << 20);
    snprintf(beside, sizeof(beside), "%s.new", path);
    ck_assert(ll_file_replace(path, "first", 5, &err));
    FILE *old = fopen(path, "r");
    ck_assert_ptr_nonnull(old);
    ck_assert(ll_file_replace(path, "second", 6, &err));
    ck_assert_uint_eq(fread(found, 1, sizeof(found), old), 5);
    ck_assert_str_eq(found, "first");
    fclose(old);
    ck_assert(ll_file_read(path, 100, &text, &err));
    ck_assert_str_eq(ll_str_z(&text), "second");
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_mode & 0777, 0600);
    ck_assert(!ll_file_exists(beside));
    /* what cannot be written leaves the former one */
    ck_assert_int_eq(mkdir(beside, 0700), 0);
    ck_assert(!ll_file_replace(path, "third", 5, &err));
    ck_assert_int_eq(rmdir(beside), 0);
    ll_str_clear(&text);
    ck_assert(ll_file_read(path, 100, &text, &err));
    ck_assert_str_eq(ll_str_z(&text), "second");
    snprintf(in_the_way, sizeof(in_the_way), "%s/none/f", folder);
    ck_assert(!ll_file_replace(in_the_way, "x", 1, &err));
    ck_assert_int_eq(err.code, LL_E_NOT_FOUND);
    ll_str_fini(&text);
}
END_TEST

START_TEST(folders_that_do_not_exist_yet_are_judged_by_their_parent)
{
    char deep[160];
    double bytes = -1;
    snprintf(deep, sizeof(deep), "%s/a/b/c", folder);
    ck_assert(ll_file_can_write_folder(deep));
    ck_assert(ll_file_free_bytes(deep, &bytes, &err));
    ck_assert(bytes >= 0);
    ck_assert(!ll_file_can_write_folder("/dev/null/here"));
    ck_assert(!ll_file_can_write_folder("/dev/null"));
    ck_assert(!ll_file_exists(deep));
}
END_TEST

START_TEST(rights_of_others_are_seen)
{
    ck_assert(ll_file_write(path, "t", 1, &err));
    ck_assert_int_eq(chmod(path, 0600), 0);
    ck_assert(!ll_file_is_open_to_others(path));
    ck_assert_int_eq(chmod(path, 0640), 0);
    ck_assert(ll_file_is_open_to_others(path));
}
END_TEST

START_TEST(systemd_hears_a_datagram_or_nobody_does)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char heard[64] = "";
    unsetenv("NOTIFY_SOCKET");
    ck_assert(!ll_notify_send("READY=1"));
    setenv("NOTIFY_SOCKET", "relative", 1);
    ck_assert(!ll_notify_send("READY=1"));
    setenv("NOTIFY_SOCKET", path, 1);
    ck_assert(!ll_notify_send("READY=1")); /* nobody is there */

    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    memcpy(at.sun_path, path, strlen(path) + 1);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    ck_assert(ll_notify_send("READY=1"));
    ck_assert_int_eq(recv(fd, heard, sizeof(heard), 0), 7);
    ck_assert_str_eq(heard, "READY=1");
    close(fd);
    unsetenv("NOTIFY_SOCKET");
}
END_TEST

START_TEST(the_watchdog_is_fed_twice_as_often_as_asked)
{
    char self[24];
    unsetenv("WATCHDOG_USEC");
    ck_assert_int_eq(ll_notify_watchdog_interval(), 0);
    setenv("WATCHDOG_USEC", "30000000", 1);
    ck_assert_int_eq(ll_notify_watchdog_interval(), 15 * LL_SECOND);
    setenv("WATCHDOG_PID", "1", 1);
    ck_assert_int_eq(ll_notify_watchdog_interval(), 0); /* meant for another process */
    snprintf(self, sizeof(self), "%d", (int)getpid());
    setenv("WATCHDOG_PID", self, 1);
    ck_assert_int_eq(ll_notify_watchdog_interval(), 15 * LL_SECOND);
    setenv("WATCHDOG_USEC", "soon", 1);
    ck_assert_int_eq(ll_notify_watchdog_interval(), 0);
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}
END_TEST

START_TEST(times_are_printed_in_the_chosen_zone)
{
    char buf[LL_ZONE_TEXT_MAX];
    const ll_time t = 1795484700 * LL_SECOND; /* 2026-11-24T01:45:00Z */
    ck_assert(ll_zone_select("utc", &err));
    ck_assert_str_eq(ll_zone_format(t, LL_ZONE_FULL, buf), "Tue 24 Nov 01:45:00 UTC");
    ck_assert_str_eq(ll_zone_format(-1, LL_ZONE_SECOND, buf), "31 Dec 23:59:59");
    if (ll_zone_data()) {
        ck_assert(ll_zone_select("America/New_York", &err));
        ck_assert_str_eq(ll_zone_format(t, LL_ZONE_MINUTE_TZ, buf), "23 Nov 20:45 EST");
        ck_assert(ll_zone_select("Asia/Kolkata", &err));
        ck_assert_str_eq(ll_zone_format(t, LL_ZONE_CLOCK, buf), "07:15:00 IST");
    }
    static const char *const wrong[] = {"market", "Mars/Olympus", "../../../etc/passwd", "/etc/x",
                                        "",       "posix",        "EST5EDT4,M3"};
    for (size_t i = 0; i < LL_LEN(wrong); i++) {
        ck_assert_msg(!ll_zone_select(wrong[i], &err), "%s", wrong[i]);
        ck_assert_int_eq(err.code, LL_E_USAGE);
    }
}
END_TEST

START_TEST(the_locale_says_whether_utf8_is_shown)
{
    setenv("LC_ALL", "C.UTF-8", 1);
    ck_assert(ll_term_utf8());
    setenv("LC_ALL", "C", 1);
    setenv("LANG", "en_US.UTF-8", 1);
    ck_assert(!ll_term_utf8()); /* LC_ALL wins */
    setenv("LC_ALL", "", 1);
    unsetenv("LC_CTYPE");
    ck_assert(ll_term_utf8());
    unsetenv("LANG");
    ck_assert(!ll_term_utf8());
}
END_TEST

START_TEST(a_width_that_cannot_be_asked_is_80_or_what_columns_says)
{
    int columns, rows, fd[2];
    ck_assert_int_eq(pipe(fd), 0);
    unsetenv("COLUMNS");
    unsetenv("LINES");
    ll_term_size(fd[1], &columns, &rows);
    ck_assert_int_eq(columns, 80);
    ck_assert_int_eq(rows, 24);
    setenv("COLUMNS", "132", 1);
    ll_term_size(fd[1], &columns, &rows);
    ck_assert_int_eq(columns, 132);
    setenv("COLUMNS", "-1", 1);
    ll_term_size(fd[1], &columns, &rows);
    ck_assert_int_eq(columns, 80);
    ck_assert(!ll_term_is_tty(fd[1]));
    close(fd[0]);
    close(fd[1]);
}
END_TEST

START_TEST(a_signal_is_waited_for)
{
    static const int wanted[] = {SIGUSR2, SIGHUP, 0};
    int fd = ll_process_signals(wanted, &err);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ll_process_signal_wait(fd, 1), 0);
    ck_assert_int_eq(raise(SIGUSR2), 0);
    ck_assert_int_eq(ll_process_signal_wait(fd, LL_SECOND), SIGUSR2);
    ck_assert_int_eq(ll_process_signal_wait(fd, 0), 0);
    close(fd);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("os_outside");
    TCase *c = tcase_create("os_outside");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, a_file_is_read_and_written_whole_or_not_at_all);
    tcase_add_test(c, a_file_is_replaced_and_never_seen_in_half);
    tcase_add_test(c, folders_that_do_not_exist_yet_are_judged_by_their_parent);
    tcase_add_test(c, rights_of_others_are_seen);
    tcase_add_test(c, systemd_hears_a_datagram_or_nobody_does);
    tcase_add_test(c, the_watchdog_is_fed_twice_as_often_as_asked);
    tcase_add_test(c, times_are_printed_in_the_chosen_zone);
    tcase_add_test(c, the_locale_says_whether_utf8_is_shown);
    tcase_add_test(c, a_width_that_cannot_be_asked_is_80_or_what_columns_says);
    tcase_add_test(c, a_signal_is_waited_for);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
