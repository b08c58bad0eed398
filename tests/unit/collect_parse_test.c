/* Lines of kernel files, the reader that hands them out, and netlink answers. */
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>

#include "collect/host_parse.h"
#include "collect/procfs.h"
#include "collect/sockdiag.h"
#include "collect_tree.h"

static struct ll_slice of(const char *z)
{
    return ll_slice_of(z);
}

START_TEST(counts_are_digits_within_64_bits)
{
    uint64_t v = 7;
    ck_assert(ll_procfs_count(of("0"), &v) && v == 0);
    ck_assert(ll_procfs_count(of("18446744073709551615"), &v) && v == UINT64_MAX);
    static const char *const bad[] = {
        "",    "18446744073709551616",   "-1", "+1", "0x1", "1.5", "1 ",
        "max", "99999999999999999999999"};
    v = 7;
    for (size_t i = 0; i < LL_LEN(bad); i++)
        ck_assert_msg(!ll_procfs_count(of(bad[i]), &v), "'%s' is a count", bad[i]);
    ck_assert_uint_eq(v, 7);
}
END_TEST

/* Writes n bytes to a scratch file and opens it. */
static void open_bytes(struct ll_procfs_reader *r, const char *text, size_t n)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/ll-lines-XXXXXX", tree_scratch());
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    for (size_t at = 0; at < n;) {
        ssize_t w = write(fd, text + at, n - at);
        ck_assert_int_gt(w, 0);
        at += (size_t)w;
    }
    close(fd);
    ck_assert(ll_procfs_open(r, AT_FDCWD, path));
    unlink(path);
}

START_TEST(the_reader_hands_out_whole_lines)
{
    struct ll_procfs_reader *r = malloc(sizeof(*r));
    struct ll_slice line;
    const char *text = "one\n\nthree\nno newline";
    open_bytes(r, text, strlen(text));
    ck_assert(ll_procfs_next(r, &line) && ll_slice_is(line, "one"));
    ck_assert(ll_procfs_next(r, &line) && ll_slice_is(line, ""));
    ck_assert(ll_procfs_next(r, &line) && ll_slice_is(line, "three"));
    ck_assert(ll_procfs_next(r, &line) && ll_slice_is(line, "no newline"));
    ck_assert(!ll_procfs_next(r, &line));
    ck_assert(!ll_procfs_next(r, &line));
    ll_procfs_close(r);
    free(r);
}
END_TEST

/* Lines just below, at and far over the buffer; the ones after them are still whole. */
START_TEST(a_line_too_long_is_left_out_and_no_other)
{
    static const size_t lengths[] = {LL_PROCFS_LINE_MAX - 1, LL_PROCFS_LINE_MAX,
                                     LL_PROCFS_LINE_MAX + 1, 3 * LL_PROCFS_LINE_MAX,
                                     5 * LL_PROCFS_LINE_MAX + 17};
    struct ll_procfs_reader *r = malloc(sizeof(*r));
    char *text = malloc(6 * LL_PROCFS_LINE_MAX);
    for (size_t i = 0; i < LL_LEN(lengths); i++) {
        struct ll_slice line;
        size_t n = lengths[i];
        memcpy(text, "first\n", 6);
        memset(text + 6, 'x', n);
        memcpy(text + 6 + n, "\nlast\n", 6);
        open_bytes(r, text, n + 12);
        ck_assert(ll_procfs_next(r, &line) && ll_slice_is(line, "first"));
        ck_assert(ll_procfs_next(r, &line));
        if (n < LL_PROCFS_LINE_MAX) {
            ck_assert_uint_eq(line.n, n);
            ck_assert(ll_procfs_next(r, &line));
        }
        ck_assert_msg(ll_slice_is(line, "last"), "after %zu: '%.*s'", n, (int)LL_MIN(line.n, 40u),
                      line.s);
        ck_assert(!ll_procfs_next(r, &line));
        ll_procfs_close(r);
    }
    free(text);
    free(r);
}
END_TEST

START_TEST(a_file_is_read_to_a_limit)
{
    enum { N = LL_PROCFS_FILE_MAX + 100000 };
    struct ll_procfs_reader *r = malloc(sizeof(*r));
    char *text = malloc(N);
    size_t lines = 0;
    struct ll_slice line;
    for (size_t i = 0; i < N; i++)
        text[i] = i % 10 == 9 ? '\n' : 'x';
    open_bytes(r, text, N);
    for (; ll_procfs_next(r, &line); lines++)
        ck_assert_uint_eq(line.n, 9); /* the last is not half a line */
    ll_procfs_close(r);
    ck_assert_uint_le(lines, LL_PROCFS_FILE_MAX / 10);
    ck_assert_uint_gt(lines, LL_PROCFS_FILE_MAX / 10 - LL_PROCFS_LINE_MAX);
    free(text);
    free(r);
}
END_TEST

START_TEST(mount_points_are_unescaped)
{
    char buf[64];
    struct ll_host_mount m;
    ck_assert(ll_host_parse_mount(
        of("36 35 98:0 /mnt1 /a\\040b\\134c\\012 rw,noatime master:1 x:2 - ext3 /dev/root rw"), buf,
        sizeof(buf), &m));
    ck_assert(ll_slice_is(m.point, "/a b\\c\n"));
    ck_assert(ll_slice_is(m.device, "98:0"));
    ck_assert(ll_slice_is(m.type, "ext3"));
    ck_assert(
        ll_host_parse_mount(of("1 1 8:1 / /\\04x\\999\\ rw - ext4 d rw"), buf, sizeof(buf), &m));
    ck_assert(ll_slice_is(m.point, "/\\04x\\999\\")); /* no escapes */
    static const char *const bad[] = {
        "",
        "36",
        "36 35 98:0 /mnt1 /mnt2 rw master:1",
        "36 35 98:0 /mnt1 /mnt2 rw -",
        "36 35 98:0 /mnt1 mnt2 rw - ext3 d rw",
        "1 1 8:1 / /01234567890123456789012345678901234567890123456789012345678901234 rw - e d"};
    for (size_t i = 0; i < LL_LEN(bad); i++)
        ck_assert_msg(!ll_host_parse_mount(of(bad[i]), buf, sizeof(buf), &m), "'%s'", bad[i]);
}
END_TEST

START_TEST(routes_are_the_default_ones_that_are_up)
{
    struct ll_slice name;
    uint64_t metric;
    ck_assert(ll_host_parse_route(
        of("eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0"), &name, &metric));
    ck_assert(ll_slice_is(name, "eth0") && metric == 100);
    ck_assert(ll_host_parse_route6(
        of("00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
           "fd000000000000000000000000000001 00000400 00000001 00000000 00000003     eth1"),
        &name, &metric));
    ck_assert(ll_slice_is(name, "eth1") && metric == 1024);
    static const char *const four[] = {"eth0\t000200C0\t0\t0001\t0\t0\t0\t00FFFFFF", /* a network */
                                       "eth0\t00000000\t0\t0002\t0\t0\t0\t00000000", /* down */
                                       "eth0\t00000000\t0\t0201\t0\t0\t0\t00000000", /* reject */
                                       "eth0\t00000000\t0\t0001\t0\t0\t0\t00000080"}; /* 0/1 */
    for (size_t i = 0; i < LL_LEN(four); i++)
        ck_assert(!ll_host_parse_route(of(four[i]), &name, &metric));
    /* the one the kernel keeps to refuse, at lo */
    ck_assert(!ll_host_parse_route6(
        of("00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
           "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo"),
        &name, &metric));
}
END_TEST

START_TEST(the_smaller_lines)
{
    struct ll_host_interface f;
    struct ll_host_disk d;
    uint64_t v, w;
    double ratio;
    ck_assert(ll_host_parse_interface(of("eth0:1000 1 0 0 0 0 0 0 2000 2 0 0 0 0 0 0"), &f));
    ck_assert(ll_slice_is(f.name, "eth0") && f.rx_bytes == 1000 && f.tx_bytes == 2000);
    ck_assert(!ll_host_parse_interface(of(" face |bytes    packets"), &f));
    ck_assert(!ll_host_parse_interface(of("eth0: 1 2 3"), &f));
    ck_assert(ll_host_parse_disk(of("8 0 sda 1 2 3 4 5 6 7 8 9 10 11"), &d)); /* as before 4.18 */
    ck_assert(d.read_bytes == 3 * 512 && d.written_bytes == 7 * 512 && d.busy_ms == 10);
    ck_assert(!ll_host_parse_disk(of("8 0 sda 1 2 18446744073709551615 4 5 6 7 8 9 10 11"), &d));
    ck_assert(
        ll_host_parse_pressure(of("some avg10=12.34 avg60=0.00 avg300=0.00 total=1"), &ratio));
    ck_assert_double_eq_tol(ratio, 0.1234, 1e-15);
    ck_assert(!ll_host_parse_pressure(of("full avg10=12.34 avg60=0.00"), &ratio));
    ck_assert(!ll_host_parse_pressure(of("some avg10=nan"), &ratio));
    ck_assert(
        ll_host_parse_io(of("8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0"), &v, &w));
    ck_assert(v == 10 && w == 20);
    ck_assert(!ll_host_parse_io(of("8:0 rbytes=10"), &v, &w));
    ck_assert(!ll_host_parse_io(of("8:0 rbytes= wbytes="), &v, &w));
    ck_assert(ll_host_parse_sockstat(of("TCP: inuse 4 orphan 0 tw 3"), "TCP", "tw", &v) && v == 3);
    ck_assert(!ll_host_parse_sockstat(of("TCP6: inuse 4"), "TCP", "inuse", &v));
    ck_assert(ll_host_parse_is_one_cpu(of("cpu17 1 2 3")));
    ck_assert(!ll_host_parse_is_one_cpu(of("cpu  1 2 3")));
    ck_assert(!ll_host_parse_is_one_cpu(of("cpu")));
}
END_TEST

/* A netlink message of a listening socket at buf; returns its length. */
static size_t listening(char *buf, uint32_t waiting, uint32_t backlog, uint8_t state)
{
    struct nlmsghdr head = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct inet_diag_msg)),
                            .nlmsg_type = SOCK_DIAG_BY_FAMILY};
    struct inet_diag_msg m = {
        .idiag_state = state, .idiag_rqueue = waiting, .idiag_wqueue = backlog};
    memset(buf, 0, NLMSG_ALIGN(head.nlmsg_len));
    memcpy(buf, &head, sizeof(head));
    memcpy(buf + NLMSG_HDRLEN, &m, sizeof(m));
    return NLMSG_ALIGN(head.nlmsg_len);
}

START_TEST(of_listen_queues_the_fullest_counts)
{
    char buf[2048];
    size_t n = 0;
    bool done;
    struct ll_sockdiag_queue q = {0};
    n += listening(buf + n, 0, 4096, TCP_LISTEN);
    n += listening(buf + n, 3, 4, TCP_LISTEN);
    n += listening(buf + n, 100, 511, TCP_LISTEN);
    n += listening(buf + n, 9, 1, TCP_ESTABLISHED); /* bytes, not connections */
    ck_assert(ll_sockdiag_parse(buf, n, &q, &done) && !done);
    ck_assert(q.waiting == 3 && q.backlog == 4);
    struct nlmsghdr end = {.nlmsg_len = NLMSG_HDRLEN, .nlmsg_type = NLMSG_DONE};
    ck_assert(ll_sockdiag_parse(&end, sizeof(end), &q, &done) && done);
    /* Cut anywhere but between messages it is no answer; and nothing is read past the end. */
    size_t one = listening(buf, 0, 128, TCP_LISTEN);
    for (size_t cut = 1; cut < one; cut++) {
        char *exact = malloc(cut);
        memcpy(exact, buf, cut);
        ck_assert(!ll_sockdiag_parse(exact, cut, &q, &done));
        free(exact);
    }
    struct nlmsghdr error = {.nlmsg_len = NLMSG_HDRLEN, .nlmsg_type = NLMSG_ERROR};
    ck_assert(!ll_sockdiag_parse(&error, sizeof(error), &q, &done));
    struct nlmsghdr zero = {.nlmsg_len = 0, .nlmsg_type = SOCK_DIAG_BY_FAMILY};
    ck_assert(!ll_sockdiag_parse(&zero, sizeof(zero), &q, &done));
}
END_TEST

START_TEST(of_empty_queues_the_smallest_backlog_counts)
{
    char buf[1024];
    bool done;
    struct ll_sockdiag_queue q = {0};
    size_t n = listening(buf, 0, 4096, TCP_LISTEN);
    n += listening(buf + n, 0, 128, TCP_LISTEN);
    n += listening(buf + n, 0, 511, TCP_LISTEN);
    ck_assert(ll_sockdiag_parse(buf, n, &q, &done));
    ck_assert(q.waiting == 0 && q.backlog == 128);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("collect_parse");
    TCase *c = tcase_create("lines");
    tcase_set_timeout(c, 60);
    tcase_add_test(c, counts_are_digits_within_64_bits);
    tcase_add_test(c, the_reader_hands_out_whole_lines);
    tcase_add_test(c, a_line_too_long_is_left_out_and_no_other);
    tcase_add_test(c, a_file_is_read_to_a_limit);
    tcase_add_test(c, mount_points_are_unescaped);
    tcase_add_test(c, routes_are_the_default_ones_that_are_up);
    tcase_add_test(c, the_smaller_lines);
    tcase_add_test(c, of_listen_queues_the_fullest_counts);
    tcase_add_test(c, of_empty_queues_the_smallest_backlog_counts);
    suite_add_tcase(s, c);
    return tree_run(s);
}
