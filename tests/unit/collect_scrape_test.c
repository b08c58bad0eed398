/* The scraper where no server is needed: targets of options, and memory that ends.  Everything
 * about pages is in tests/collect/scrape.py. */
#include <string.h>

#include "collect/scrape_private.h"
#include "support.h"

static const char *const targets[] = {
    "h:1", "h", "[::1]:9100", "https://h", "https://h:8443/m?x=1", "http://h/", NULL};
static const struct ll_label_text labels[] = {{"env", "prod"}, {"none", ""}};

static struct ll_scrape_job make_job(void)
{
    return (struct ll_scrape_job){.opts = {.job = "j",
                                           .targets = targets,
                                           .scheme = "http",
                                           .path = "/metrics",
                                           .labels = labels,
                                           .n_labels = LL_LEN(labels),
                                           .max_samples = 100,
                                           .max_bytes = 4096,
                                           .max_targets = 10,
                                           .max_series = 100}};
}

START_TEST(targets_become_urls)
{
    static const char *const want[][2] = {
        {"http://h:1/metrics", "h:1"},
        {"http://h:80/metrics", "h:80"},
        {"http://[::1]:9100/metrics", "[::1]:9100"},
        {"https://h:443/metrics", "h:443"},
        {"https://h:8443/m?x=1", "h:8443"}}; /* http://h/ is the second again */
    struct ll_scrape_job job = make_job();
    struct ll_scrape_peers peers = {0}, gone = {0};
    struct ll_str note;
    struct ll_err err;
    ll_str_init(&note, 1024);
    ck_assert(ll_scrape_targets_sync(&job, NULL, &peers, &gone, &note, &err));
    ck_assert_str_eq(ll_str_z(&note), "");
    ck_assert_uint_eq(peers.n, LL_LEN(want));
    for (size_t i = 0; i < peers.n; i++) {
        const struct ll_scrape_peer *p = peers.v[i];
        ck_assert_str_eq(p->url, want[i][0]);
        ck_assert_uint_eq(p->n_labels, 3); /* an empty one is none */
        ck_assert(ll_slice_is(p->labels[0].name, "env") && ll_slice_is(p->labels[0].value, "prod"));
        ck_assert(ll_slice_is(p->labels[1].value, want[i][1]));
        ck_assert(ll_slice_is(p->labels[2].value, "j"));
    }
    ck_assert(ll_scrape_targets_sync(&job, NULL, &peers, &gone, &note, &err));
    ck_assert(peers.n == LL_LEN(want) && gone.n == 0);
    ll_scrape_peers_fini(&peers);
    ll_scrape_peers_fini(&gone);
    ll_str_fini(&note);
}
END_TEST

START_TEST(what_is_no_target_is_refused)
{
    static const char *const bad[] = {"",
                                      ":1",
                                      "h:",
                                      "h:0",
                                      "h:65536",
                                      "h:1x",
                                      "a b:1",
                                      "u@h:1",
                                      "h:1/path",
                                      "[::1",
                                      "[]:1",
                                      "ftp://h:1",
                                      "h\n:1",
                                      "169.254.169.254:80",
                                      "[fe80::1]:1",
                                      "http://h:1/a b",
                                      "http://u@h/"};
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        const char *const one[] = {bad[i], NULL};
        struct ll_scrape_job job = make_job();
        struct ll_scrape_peers peers = {0}, gone = {0};
        struct ll_str note;
        struct ll_err err;
        job.opts.targets = one;
        ll_str_init(&note, 1024);
        ck_assert(ll_scrape_targets_sync(&job, NULL, &peers, &gone, &note, &err));
        ck_assert_msg(peers.n == 0 && note.n > 0, "'%s' is a target", bad[i]);
        ll_scrape_peers_fini(&peers);
        ll_str_fini(&note);
    }
}
END_TEST

START_TEST(memory_for_targets_may_end_anywhere)
{
    for (unsigned call = 1;; call++) {
        struct ll_scrape_job job = make_job();
        struct ll_scrape_peers peers = {0}, gone = {0};
        struct ll_str note;
        struct ll_err err = {0};
        ll_str_init(&note, 1024);
        ll_test_fail_alloc(call);
        bool ok = ll_scrape_targets_sync(&job, NULL, &peers, &gone, &note, &err);
        bool failed = ll_test_alloc_failed();
        ll_test_fail_alloc(0);
        ck_assert(!failed || !ok || note.n > 0); /* said, one way or the other */
        bool again = ll_scrape_targets_sync(&job, NULL, &peers, &gone, &note, &err);
        ck_assert(again && peers.n == 5);
        ll_scrape_peers_fini(&peers);
        ll_scrape_peers_fini(&gone);
        ll_str_fini(&note);
        if (!failed)
            return;
    }
}
END_TEST

START_TEST(memory_for_a_page_may_end_anywhere)
{
    static const char page[] = "a 1\nb{job=\"x\",instance=\"y\"} 2\na 3\n";
    struct ll_scrape_job job = make_job();
    struct ll_scrape_peers peers = {0}, gone = {0};
    struct ll_str note;
    struct ll_err err;
    ll_str_init(&note, 1024);
    ck_assert(ll_scrape_targets_sync(&job, NULL, &peers, &gone, &note, &err));
    struct ll_scrape_peer *p = peers.v[0];
    for (unsigned call = 1;; call++) {
        p->page = (struct ll_scrape_page){0};
        ll_test_fail_alloc(call);
        ll_scrape_page_read(&job, p, (struct ll_slice){page, sizeof(page) - 1}, false, 5);
        bool failed = ll_test_alloc_failed();
        ll_test_fail_alloc(0);
        if (failed) {
            ck_assert(p->page.fault == LL_SCRAPE_INTERNAL && !p->page.set && p->page.message[0]);
            ck_assert_int_eq(atomic_load(&job.remembered), 0);
            continue;
        }
        ck_assert(call > 3 && p->page.fault == LL_SCRAPE_OK && p->page.set->n == 2);
        ck_assert(p->page.samples == 3 && p->page.repeated == 1);
        ck_assert_int_eq(atomic_load(&job.remembered), 2);
        ll_scrape_page_undo(&job, p);
        ck_assert_int_eq(atomic_load(&job.remembered), 0);
        break;
    }
    ll_scrape_peers_fini(&peers);
    ll_str_fini(&note);
}
END_TEST

START_TEST(options_are_checked)
{
    static const struct ll_label_text wrong[] = {{"a-b", "c"}, {"__name__", "x"}, {"", "y"}};
    struct ll_source *s = NULL;
    struct ll_err err;
    const struct ll_scrape_opts no_job = {.targets = targets};
    ck_assert(!ll_source_scrape.open(&no_job, &s, &err) && err.code == LL_E_CONFIG && !s);
    for (size_t i = 0; i < LL_LEN(wrong); i++) {
        const struct ll_scrape_opts o = {.job = "j", .labels = &wrong[i], .n_labels = 1};
        ck_assert(!ll_source_scrape.open(&o, &s, &err) && err.code == LL_E_CONFIG && !s);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        targets_become_urls,
        what_is_no_target_is_refused,
        memory_for_targets_may_end_anywhere,
        memory_for_a_page_may_end_anywhere,
        options_are_checked,
    };
    return ll_test_run("collect_scrape", tests, LL_LEN(tests));
}
