/* The keys of notifications: what reaches its field, what is refused, and what is shown. */
#include "config_support.h"

#define RECEIVERS "notifications:\n  receivers:\n"

static const struct refusal refusals[] = {
    {RECEIVERS "    - {name: a, kind: pigeon, url: 'http://x'}\n", 3, 23, "webhook"},
    {RECEIVERS "    - {name: a, kind: webhook}\n", 3, 14, "'a': it needs url or url_file"},
    {RECEIVERS "    - {name: a, kind: webhook, url: 'ftp://x/'}\n", 3, 37, "is not a URL"},
    {RECEIVERS "    - {name: a, kind: webhook, url: 'http://x', url_file: b}\n", 3, 14, "not both"},
    {RECEIVERS "    - {name: a, kind: slack, url: 'http://x', secret_file: b}\n", 3, 14,
     "secret_file is for the kind webhook"},
    {RECEIVERS "    - {name: a, kind: slack, url: 'http://x', smtp: {host: b}}\n", 3, 14,
     "smtp is for the kind email"},
    {RECEIVERS "    - {name: a, kind: email, smtp: {host: b, from: c@d}}\n", 3, 14,
     "smtp with host, from and to"},
    {RECEIVERS "    - {name: a, kind: email, smtp: {host: b, from: c@d, to: e@f, username: u}}\n",
     3, 14, "belong together"},
    {RECEIVERS "    - {name: a, kind: email, smtp: {host: b, from: 'C <c@d>', to: e@f}}\n", 3, 52,
     "write it as"},
    {RECEIVERS "    - {name: a, kind: email, smtp: {host: b, from: c@d, to: 'e@f, g@h'}}\n", 3, 61,
     "write it as"},
    {"notifications:\n  routes:\n    - {receiver: b}\n", 3, 18, "there is no receiver 'b'"},
    {"notifications:\n  events: [sunrise]\n", 2, 12, "is no event"},
    {"notifications:\n  events: [test]\n", 2, 12, "is no event"},
    {"notifications:\n  silences:\n    - {service: a, until: tomorrow, reason: b}\n", 3, 27,
     "tomorrow"},
};

START_TEST(refuses_with_place)
{
    struct ll_config *c = NULL;
    struct ll_err err = {0};
    const bool loaded = load_text(refusals[_i].text, &c, &err);
    check_refusal(&refusals[_i], loaded, &err);
}
END_TEST

static const char everything[] =
    "notifications:\n"
    "  events: [proposal, source_down]\n"
    "  group_wait: 1s\n"
    "  receivers:\n"
    "    - {name: ops, kind: webhook, url: 'https://x/t0ken', secret_file: s, timeout: 3s}\n"
    "    - name: post\n"
    "      kind: email\n"
    "      ca_file: /etc/ca.pem\n"
    "      smtp: {host: m, from: a@b, to: [c@d, e@f], username: u, password_file: p,\n"
    "             starttls: 'off'}\n"
    "  routes:\n"
    "    - {severity: critical, event: proposal, team: t, owner: o, venue: v, service: 's*',\n"
    "       receiver: post}\n"
    "  silences:\n"
    "    - {service: 'x*', until: 2026-12-01T06:00:00Z, reason: r}\n";

START_TEST(every_key_reaches_its_field)
{
    LL_AUTO(ll_config) c = NULL;
    struct ll_err err = {0};
    struct ll_config_source src = {.file = "etc/t.yml", .text = ll_slice_of(everything)};
    ck_assert_msg(ll_config_load(&src, &c, &err), "%s", err.text);
    const struct ll_notice_policy *p = &c->notifications;
    ck_assert_uint_eq(p->n_receivers, 2);
    ck_assert_int_eq(p->receivers[0].kind, LL_RECEIVER_WEBHOOK);
    ck_assert_int_eq(p->receivers[0].timeout, 3 * LL_SECOND);
    ck_assert_int_eq(p->receivers[1].timeout, 10 * LL_SECOND);
    ck_assert_str_eq(p->receivers[1].ca_file, "/etc/ca.pem");
    ck_assert_uint_eq(p->receivers[1].smtp.port, 587);
    ck_assert_str_eq(p->receivers[1].smtp.to[1], "e@f");
    ck_assert_int_eq(p->receivers[1].smtp.starttls, LL_STARTTLS_OFF);
    ck_assert(ll_slice_is(p->routes[0].service, "s*") &&
              ll_slice_is(p->routes[0].receiver, "post"));
    ck_assert_int_eq(p->silences[0].until, 1796104800000);
    ck_assert_str_eq(p->events[1], "source_down");
    ck_assert_int_eq(p->group_wait, LL_SECOND);
    ck_assert_int_eq(p->group_interval, 5 * LL_MINUTE);
    ck_assert_int_eq(p->repeat_interval, 4 * LL_HOUR);
}
END_TEST

/* Paths of a file are beside it. */
START_TEST(paths_are_beside_the_file)
{
    char dir[] = "/tmp/ll-notify-XXXXXX", path[64], wanted[64];
    LL_AUTO(ll_config) c = NULL;
    struct ll_err err = {0};
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/t.yml", dir);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(everything, f);
    fclose(f);
    const struct ll_config_source src = {.file = path};
    ck_assert_msg(ll_config_load(&src, &c, &err), "%s", err.text);
    snprintf(wanted, sizeof(wanted), "%s/s", dir);
    ck_assert_str_eq(c->notifications.receivers[0].secret_file, wanted);
    snprintf(wanted, sizeof(wanted), "%s/p", dir);
    ck_assert_str_eq(c->notifications.receivers[1].smtp.password_file, wanted);
    remove(path);
    remove(dir);
}
END_TEST

/* A URL may be a secret; the rest reads back. */
START_TEST(a_url_is_not_shown)
{
    LL_AUTO(ll_config) c = NULL;
    struct ll_err err = {0};
    struct ll_str text;
    ll_str_init(&text, 1 << 20);
    ck_assert_msg(load_text(everything, &c, &err), "%s", err.text);
    ll_config_show(c, false, &text);
    ck_assert_ptr_null(strstr(text.s, "t0ken"));
    ck_assert_ptr_nonnull(strstr(text.s, "starttls: off"));
    ck_assert_ptr_nonnull(strstr(text.s, "receiver: post"));
    ll_str_fini(&text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("config_notifications");
    TCase *t = tcase_create("config_notifications");
    tcase_add_loop_test(t, refuses_with_place, 0, (int)LL_LEN(refusals));
    tcase_add_test(t, every_key_reaches_its_field);
    tcase_add_test(t, paths_are_beside_the_file);
    tcase_add_test(t, a_url_is_not_shown);
    suite_add_tcase(s, t);
    return run_suite(s);
}
