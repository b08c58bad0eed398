/* Flag over environment over file over conf.d over default, and who said what. */
#include <sys/stat.h>
#include <unistd.h>

#include "config/schema.h"
#include "config_support.h"

static char dir[64];

static const char *path_of(const char *name)
{
    static char path[4][160];
    static size_t turn;
    char *p = path[turn++ % 4];
    snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
    return p;
}

static void put(const char *name, const char *text)
{
    FILE *f = fopen(path_of(name), "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

static void setup(void)
{
    snprintf(dir, sizeof(dir), "/tmp/ll-config-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(mkdir(path_of("conf.d"), 0755), 0);
}

static void teardown(void)
{
    static const char *const names[] = {"main.yml",
                                        "conf.d/10-a.yml",
                                        "conf.d/20-b.yml",
                                        "conf.d/note.txt",
                                        "conf.d/.x.yml",
                                        "secret",
                                        "conf.d",
                                        "fifo",
                                        "rules.yml",
                                        "more.yml",
                                        ""};
    for (size_t i = 0; i < LL_LEN(names); i++)
        remove(path_of(names[i]));
}

static struct ll_config *load(const struct ll_config_source *src)
{
    struct ll_config *c = NULL;
    struct ll_err err = {0};
    bool ok = ll_config_load(src, &c, &err);
    ck_assert_msg(ok, "%s", err.text);
    return c;
}

static void refused(const struct ll_config_source *src, const char *says)
{
    struct ll_config *c = NULL;
    struct ll_err err = {0};
    ck_assert(!ll_config_load(src, &c, &err));
    ck_assert_int_eq(err.code, LL_E_CONFIG);
    ck_assert_msg(strstr(err.text, says), "'%s' not in '%s'", says, err.text);
    ck_assert_ptr_null(c);
}

START_TEST(flag_over_environment_over_file_over_default)
{
    const char *env[] = {"LOADLINE_LOG_LEVEL=warn", "LOADLINE_LOG_FORMAT=json", NULL};
    const struct ll_config_flag flags[] = {{"log.level", "error"}};
    struct ll_config_source src = {.file = "t.yml",
                                   .text = LL_SLICE("log: {level: debug, format: logfmt}\n"
                                                    "web: {max_streams: 3}\n"),
                                   .flags = flags,
                                   .n_flags = 1,
                                   .env = env};
    LL_AUTO(ll_config) all = load(&src);
    ck_assert(all->log.level == LL_LOG_ERROR && all->log.format == LL_LOG_JSON);
    ck_assert_uint_eq(all->web.max_streams, 3);
    ck_assert_uint_eq(all->web.max_connections, 1024);
    src.n_flags = 0;
    LL_AUTO(ll_config) no_flags = load(&src);
    ck_assert_int_eq(no_flags->log.level, LL_LOG_WARN);
    src.env = NULL;
    LL_AUTO(ll_config) only_file = load(&src);
    ck_assert_int_eq(only_file->log.level, LL_LOG_DEBUG);
}
END_TEST

START_TEST(the_flags_of_the_manual)
{
    const struct ll_config_flag flags[] = {
        {"web.listen-address", "127.0.0.1:1"},
        {"web.listen-address", "[::1]:2"},
        {"web.external-url", "http://x/"},
        {"web.config.file", "w.yml"},
        {"web.enable-lifecycle", NULL},
        {"storage.path", "data"},
        {"storage.retention.time", "7d"},
        {"log.level", "off"},
        {"log.format", "json"},
        {"thresholds.cpu.warning-pct", "55"},
        {"collect.host.ignore-mounts", ""},
        {"check-interval-seconds", "30"},
    };
    struct ll_config_source src = {.flags = flags, .n_flags = LL_LEN(flags)};
    LL_AUTO(ll_config) c = load(&src);
    ck_assert_str_eq(c->web.listen_address[0], "127.0.0.1:1");
    ck_assert_str_eq(c->web.listen_address[1], "[::1]:2");
    ck_assert_ptr_null(c->web.listen_address[2]);
    ck_assert_str_eq(c->web.external_url, "http://x/");
    ck_assert_str_eq(c->web.config_file, "w.yml"); /* from where one is, not from a file */
    ck_assert(c->web.enable_lifecycle);
    ck_assert_str_eq(c->storage.path, "data");
    ck_assert_int_eq(c->storage.retain_raw, 7 * LL_DAY);
    ck_assert(c->log.level == LL_LOG_OFF && c->log.format == LL_LOG_JSON);
    ck_assert_double_eq(c->threshold[LL_RESOURCE_CPU].warning, 0.55);
    ck_assert_ptr_null(c->host.ignore_mounts[0]);
    ck_assert_int_eq(c->check_interval, 30 * LL_SECOND);
    ck_assert_ptr_null(c->file);
}
END_TEST

START_TEST(lists_of_the_environment_have_commas_and_flags_replace_them)
{
    const char *env[] = {"LOADLINE_WEB_ALLOWED_HOSTS= a.b , c.d,",
                         "LOADLINE_WEB_MAX_STREAMS=", "LOADLINE_SOMETHING=else",
                         "LOADLINE_WEB_LISTEN_ADDRESS=:1,:2", NULL};
    const struct ll_config_flag flags[] = {{"web.listen-address", ":3"}};
    struct ll_config_source src = {.env = env, .flags = flags, .n_flags = 1};
    LL_AUTO(ll_config) c = load(&src);
    ck_assert_str_eq(c->web.allowed_hosts[0], "a.b");
    ck_assert_str_eq(c->web.allowed_hosts[1], "c.d");
    ck_assert_ptr_null(c->web.allowed_hosts[2]);
    ck_assert_uint_eq(c->web.max_streams, 64); /* empty is not set */
    ck_assert_str_eq(c->web.listen_address[0], ":3");
    ck_assert_ptr_null(c->web.listen_address[1]);
}
END_TEST

START_TEST(what_flags_and_environment_say_is_checked_too)
{
    const char *env[] = {"LOADLINE_LOG_LEVEL=loud", NULL};
    struct ll_config_source src = {.env = env};
    refused(&src, "LOADLINE_LOG_LEVEL: level: 'loud' is not debug");
    const struct ll_config_flag bad[] = {{"web.max-body", "lots"}};
    src = (struct ll_config_source){.flags = bad, .n_flags = 1};
    refused(&src, "--web.max-body: max_body: 'lots' is not a size");
    const struct ll_config_flag unknown[] = {{"web.listen-adress", ":1"}};
    src.flags = unknown;
    refused(&src, "unknown flag '--web.listen-adress'; did you mean '--web.listen-address'?");
    const struct ll_config_flag list[] = {{"services", "a"}};
    src.flags = list;
    refused(&src, "unknown flag '--services'");
    const struct ll_config_flag far[] = {{"quite-something-else", "a"}};
    src.flags = far;
    refused(&src, "unknown flag '--quite-something-else'");
    const struct ll_config_flag order[] = {{"thresholds.cpu.scale-down-pct", "95"}};
    src.flags = order;
    refused(&src, "--thresholds.cpu.scale-down-pct: cpu: scale_down_pct 95 must be below");
    const struct ll_config_flag latin[] = {{"environment", "\xe9"}};
    src.flags = latin;
    refused(&src, "environment: is not UTF-8");
    const struct ll_config_flag bare[] = {{"log.level", NULL}};
    src.flags = bare;
    refused(&src, "level: '' is not debug");
}
END_TEST

START_TEST(an_overridden_mistake_is_still_one)
{
    const struct ll_config_flag flags[] = {{"log.level", "info"}};
    struct ll_config_source src = {
        .file = "t.yml", .text = LL_SLICE("log: {level: x}\n"), .flags = flags, .n_flags = 1};
    refused(&src, "t.yml:1:14: level: 'x'");
}
END_TEST

START_TEST(flags_reach_into_blocks_without_members)
{
    const struct ll_config_flag flags[] = {{"web.max-streams", "5"}};
    struct ll_config_source src = {
        .file = "t.yml", .text = LL_SLICE("web:\n"), .flags = flags, .n_flags = 1};
    LL_AUTO(ll_config) c = load(&src);
    ck_assert_uint_eq(c->web.max_streams, 5);
}
END_TEST

START_TEST(has_flag_knows_them)
{
    bool is_bool = true;
    ck_assert(ll_config_has_flag("web.listen-address", &is_bool) && !is_bool);
    ck_assert(ll_config_has_flag("web.enable-lifecycle", &is_bool) && is_bool);
    ck_assert(ll_config_has_flag("config.file", &is_bool) && !is_bool);
    ck_assert(ll_config_has_flag("storage.retention.time", &is_bool));
    ck_assert(ll_config_has_flag("storage.retention.raw", &is_bool));
    ck_assert(!ll_config_has_flag("services.name", &is_bool));
    ck_assert(!ll_config_has_flag("web", &is_bool));
}
END_TEST

START_TEST(the_file_is_found_by_argument_flag_or_environment)
{
    char variable[128];
    put("main.yml", "environment: main\n");
    snprintf(variable, sizeof(variable), "LOADLINE_CONFIG_FILE=%s", path_of("main.yml"));
    const char *env[] = {variable, NULL};
    const struct ll_config_flag flags[] = {{"config.file", "/nonexistent.yml"}};
    struct ll_config_source src = {.env = env};
    LL_AUTO(ll_config) c = load(&src);
    ck_assert_str_eq(c->environment, "main");
    ck_assert_str_eq(c->file, path_of("main.yml"));
    src.flags = flags;
    src.n_flags = 1;
    refused(&src, "/nonexistent.yml: No such file or directory");
    src.file = path_of("main.yml");
    LL_AUTO(ll_config) by_argument = load(&src);
    ck_assert_str_eq(by_argument->environment, "main");
}
END_TEST

START_TEST(conf_d_adds_below_the_file_and_the_later_name_wins)
{
    put("main.yml", "environment: main\nweb: {max_streams: 1}\n");
    put("conf.d/10-a.yml", "environment: a\nweb: {max_streams: 2, max_connections: 2}\n"
                           "log: {level: debug}\nservices: [{name: a}, {name: b}]\n");
    put("conf.d/20-b.yml", "log: {level: error}\nservices: [{name: c}]\n");
    put("conf.d/note.txt", "not: [yaml\n");
    put("conf.d/.x.yml", "not: [yaml\n");
    struct ll_config_source src = {.file = path_of("main.yml")};
    LL_AUTO(ll_config) c = load(&src);
    ck_assert_str_eq(c->environment, "main");
    ck_assert_uint_eq(c->web.max_streams, 1);
    ck_assert_uint_eq(c->web.max_connections, 2);
    ck_assert_int_eq(c->log.level, LL_LOG_ERROR);
    ck_assert_uint_eq(c->n_services, 1); /* lists are replaced, not joined */
    ck_assert(ll_slice_is(c->services[0].name, "c"));
    put("conf.d/10-a.yml", "log: {level: x}\n"); /* overridden, and wrong all the same */
    refused(&src, "conf.d/10-a.yml:1:14: level: 'x'");
    put("conf.d/10-a.yml", "log: [\n");
    refused(&src, "conf.d/10-a.yml:2:1:");
}
END_TEST

START_TEST(check_looks_into_the_web_file_too)
{
    struct ll_err errs[2];
    put("main.yml", "web: {config_file: secret}\n");
    put("secret", "users: {}\n");
    struct ll_config_source src = {.file = path_of("main.yml")};
    ck_assert_uint_eq(ll_config_check(&src, errs, LL_LEN(errs)), 1);
    ck_assert_ptr_nonnull(strstr(errs[0].text, "/secret:1:1: unknown key 'users'"));
    put("secret", "roles: {}\n");
    ck_assert_uint_eq(ll_config_check(&src, errs, LL_LEN(errs)), 0);
    remove(path_of("secret"));
    ck_assert_uint_eq(ll_config_check(&src, errs, LL_LEN(errs)), 1);
    ck_assert_ptr_nonnull(strstr(errs[0].text, "/secret: No such file"));
}
END_TEST

START_TEST(relative_paths_are_beside_the_file)
{
    put("main.yml", "web: {config_file: web.yml}\nstorage: {path: data}\n");
    struct ll_config_source src = {.file = path_of("main.yml")};
    LL_AUTO(ll_config) c = load(&src);
    ck_assert_str_eq(c->web.config_file, path_of("web.yml"));
    ck_assert_str_eq(c->storage.path, path_of("data"));
    put("main.yml", "web: {config_file: /x/web.yml}\n");
    LL_AUTO(ll_config) absolute = load(&src);
    ck_assert_str_eq(absolute->web.config_file, "/x/web.yml");
}
END_TEST

START_TEST(storage_goes_where_the_system_says)
{
    const char *env[] = {"HOME=/h", "XDG_DATA_HOME=/xdg", "STATE_DIRECTORY=/s/a:/s/b", NULL};
    struct ll_config_source src = {.env = env};
    LL_AUTO(ll_config) systemd = load(&src);
    ck_assert_str_eq(systemd->storage.path, "/s/a");
    env[2] = NULL;
    LL_AUTO(ll_config) xdg = load(&src);
    ck_assert_str_eq(xdg->storage.path, "/xdg/loadline");
    env[1] = NULL;
    LL_AUTO(ll_config) home = load(&src);
    ck_assert_str_eq(home->storage.path, "/h/.local/share/loadline");
    env[0] = NULL;
    LL_AUTO(ll_config) none = load(&src);
    ck_assert_str_eq(none->storage.path, "/var/lib/loadline");
}
END_TEST

START_TEST(texts_take_values_from_environment_and_files)
{
    put("secret", "s3cret\r\n");
    char text[512];
    const char *env[] = {"CITY=ny", "CITY4=ny4", NULL};
    snprintf(text, sizeof(text),
             "environment: prod-${env:CITY4}-${file:%s}!\nservices: [{name: \"${env:CITY}\"}]\n",
             path_of("secret"));
    struct ll_config_source src = {.file = "t.yml", .text = ll_slice_of(text), .env = env};
    LL_AUTO(ll_config) c = load(&src);
    ck_assert_str_eq(c->environment, "prod-ny4-s3cret!");
    ck_assert(ll_slice_is(c->services[0].name, "ny"));
    ck_assert_int_eq(mkfifo(path_of("fifo"), 0600), 0);
    snprintf(text, sizeof(text), "environment: ${file:%s}\n", path_of("fifo"));
    src.text = ll_slice_of(text);
    refused(&src, "is not a regular file"); /* it would wait for ever */
    FILE *f = fopen(path_of("secret"), "w");
    for (int i = 0; i < 70000; i++)
        fputc('x', f);
    fclose(f);
    snprintf(text, sizeof(text), "environment: ${file:%s}\n", path_of("secret"));
    src.text = ll_slice_of(text);
    refused(&src, "larger than 65536 bytes");
    ck_assert_int_eq(truncate(path_of("secret"), 65536), 0);
    snprintf(text, sizeof(text), "environment: a${file:%s}${file:%s}\n", path_of("secret"),
             path_of("secret"));
    src.text = ll_slice_of(text);
    refused(&src, "larger than 64 KiB");
}
END_TEST

START_TEST(show_says_where_from)
{
    const char *env[] = {"LOADLINE_LOG_LEVEL=warn", "HOME=/h", NULL};
    const struct ll_config_flag flags[] = {{"web.max-body", "1MiB"}};
    struct ll_config_source src = {.file = "a\nb/t.yml",
                                   .text = LL_SLICE("environment: e\ntiers:\n- name: g\n"
                                                    "  thresholds: {cpu: {warning_pct: 50}}\n"),
                                   .env = env,
                                   .flags = flags,
                                   .n_flags = 1};
    LL_AUTO(ll_config) c = load(&src);
    struct ll_str b;
    ll_str_init(&b, 1 << 20);
    ll_config_show(c, true, &b);
    static const char *const lines[] = {
        "\nlog:\n  level: warn  # env LOADLINE_LOG_LEVEL\n",
        "  max_body: 1MiB  # flag --web.max-body\n",
        "environment: e  # a?b/t.yml:1\n", /* a name cannot break out of its comment */
        "  - name: g  # a?b/t.yml:3\n    thresholds:\n      cpu:\n",
        "        warning_pct: 50  # a?b/t.yml:4\n        critical_pct: 85  # inherited\n",
        "  max_streams: 64  # default\n",
        "  path: /h/.local/share/loadline  # default\n",
    };
    for (size_t i = 0; i < LL_LEN(lines); i++)
        ck_assert_msg(strstr(b.s, lines[i]), "'%s' is not in:\n%s", lines[i], b.s);
    ll_str_clear(&b);
    ll_config_show(c, false, &b);
    ck_assert_ptr_null(strchr(b.s, '#'));
    ll_str_fini(&b);
}
END_TEST

START_TEST(the_example_loads)
{
    const char *env[] = {"HOME=/h", NULL};
    struct ll_config_source src = {.file = LL_SOURCE_ROOT "/examples/loadline.yml", .env = env};
    LL_AUTO(ll_config) c = load(&src);
    ck_assert_str_eq(c->environment, "prod-us-east");
    ck_assert_uint_eq(c->n_services, 2);
    ck_assert_double_eq(
        ll_config_threshold(c, LL_SLICE("order-gateway"), LL_SLICE(""), LL_RESOURCE_CPU).warning,
        0.55);
}
END_TEST

START_TEST(directories_and_missing_files_are_named)
{
    struct ll_config_source src = {.file = dir};
    refused(&src, ": Is a directory");
    src.file = path_of("main.yml");
    refused(&src, "main.yml: No such file or directory");
}
END_TEST

#define TARGETS "targets: [{name: a, dry_run: {}, max_instances: 9}]\n"

START_TEST(rules_stand_beside_the_configuration)
{
    put("main.yml", "scaling: {rules_files: [rules.yml, more.yml], mode: approve}\n");
    put("rules.yml", TARGETS);
    put("more.yml", "rules: [{rule_id: r, target: a, policy: MANUAL}]\n");
    struct ll_config_source src = {.file = path_of("main.yml")};
    LL_AUTO(ll_config) c = load(&src);
    ck_assert_int_eq(c->scaling.mode, LL_MODE_APPROVE);
    ck_assert_double_eq(c->scaling.removal_budget, 0.25);
    ck_assert_uint_eq(c->scaling.rules->n_targets, 1);
    ck_assert_uint_eq(c->scaling.rules->n_rules, 1);
    put("more.yml", "rules: [{rule_id: r, target: a, policy: MANUAL, mode: off}]\n");
    LL_AUTO(ll_config) changed = load(&src);
    ck_assert_str_ne(changed->hash, c->hash); /* what decides has changed */
    put("main.yml", "scaling: {}\n");
    LL_AUTO(ll_config) none = load(&src);
    ck_assert_ptr_null(none->scaling.rules);
    ck_assert_int_eq(none->scaling.mode, LL_MODE_OBSERVE);
}
END_TEST

/* What a rule leaves out is its service's, its tier's or the configuration's, in this order; what
 * it says is its own. */
START_TEST(a_rule_has_the_thresholds_of_its_service)
{
    put("main.yml", "scaling: {rules_files: [rules.yml]}\n"
                    "thresholds: {cpu: {scale_up_pct: 81}, memory: {scale_up_pct: 82}}\n"
                    "tiers: [{name: gold, thresholds: {cpu: {scale_up_pct: 83}, memory: "
                    "{scale_up_pct: 84}}}]\n"
                    "services: [{name: a, tier: gold, thresholds: {cpu: {scale_up_pct: 85}}}]\n");
    put("rules.yml",
        "targets: [{name: a, dry_run: {}, max_instances: 9}, {name: b, dry_run: {}, "
        "max_instances: 9}]\n"
        "rules:\n"
        "- {rule_id: r1, target: a, policy: THRESHOLD, resource_type: CPU}\n"
        "- {rule_id: r2, target: a, policy: THRESHOLD, resource_type: MEMORY}\n"
        "- {rule_id: r3, target: b, policy: THRESHOLD, resource_type: CPU}\n"
        "- {rule_id: r4, target: a, policy: THRESHOLD, resource_type: CPU, thresholds: "
        "{scale_down_pct: 20}}\n"
        "- {rule_id: r5, target: a, policy: THRESHOLD, resource_type: DISK}\n");
    static const double up[] = {0.85, 0.84, 0.81, 0.85};
    struct ll_config_source src = {.file = path_of("main.yml")};
    LL_AUTO(ll_config) c = load(&src);
    for (size_t i = 0; i < LL_LEN(up); i++)
        ck_assert_double_eq_tol(c->scaling.rules->rules[i].thresholds.scale_up, up[i], 1e-12);
    ck_assert_double_eq_tol(c->scaling.rules->rules[3].thresholds.scale_down, 0.2, 1e-12);
    ck_assert_double_eq(c->scaling.rules->rules[4].thresholds.scale_up,
                        ll_threshold_default(LL_RESOURCE_DISK).scale_up);
}
END_TEST

#define NO_LOGIN "mode auto needs authentication, so that it is known who changed what: name a file"

/* P25: in the configuration, in a file of rules, and with a file that has TLS alone. */
START_TEST(auto_is_refused_while_nobody_can_sign_in)
{
    static const char *const logins[] = {
        "basic_auth_users: "
        "{a: $2y$10$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234}\n",
        "tokens: [{name: a, sha256: "
        "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae}]\n",
        "proxy: {trusted: 10.0.0.1, user_header: X-User, role: viewer}\n",
        "jwt: {issuer: a, audience: b, jwks_file: k, role: viewer}\n",
    };
    static const char in_rules[] = "rules: [{rule_id: r, target: a, policy: MANUAL, mode: auto}]\n";
    struct ll_config_source src = {.file = path_of("main.yml")};
    put("rules.yml", TARGETS);
    put("auto.yml", in_rules);
    put("main.yml", "scaling: {mode: auto}\n");
    refused(&src, "main.yml:1:17: scaling.mode: " NO_LOGIN);
    put("main.yml", "scaling: {rules_files: [rules.yml, auto.yml]}\n");
    refused(&src, "main.yml:1:24: rule 'r': " NO_LOGIN);
    put("main.yml", "web: {config_file: web.yml}\nscaling: {rules_files: [rules.yml, auto.yml]}\n");
    put("web.yml", "tls_server_config: {cert_file: a, key_file: b}\n");
    src.file = path_of("main.yml");
    refused(&src, "main.yml:2:24: rule 'r': " NO_LOGIN);
    put("main.yml", "web: {config_file: web.yml}\nenable_auto_scaling: true\n"
                    "scaling: {rules_files: [rules.yml, auto.yml], mode: auto}\n");
    for (size_t i = 0; i < LL_LEN(logins); i++) {
        put("web.yml", logins[i]);
        src.file = path_of("main.yml");
        LL_AUTO(ll_config) c = load(&src);
        ck_assert(c->web.has_login);
        ck_assert_int_eq(c->scaling.mode, LL_MODE_AUTO);
    }
}
END_TEST

START_TEST(a_wrong_rule_refuses_the_configuration)
{
    put("main.yml", "scaling:\n  rules_files: [rules.yml, more.yml]\n");
    put("rules.yml", TARGETS);
    put("more.yml", "rules:\n- {rule_id: r, target: b, policy: MANUAL}\n");
    struct ll_config_source src = {.file = path_of("main.yml")};
    refused(&src, "more.yml:2:24: target: there is no 'b'");
    remove(path_of("more.yml"));
    refused(&src, "main.yml:2:16: rules_files: ");
    ck_assert_int_eq(mkfifo(path_of("fifo"), 0600), 0);
    put("main.yml", "scaling: {rules_files: fifo}\n");
    refused(&src, "is not a regular file");
}
END_TEST

START_TEST(all_mistakes_of_rules_are_found)
{
    struct ll_err errs[8] = {0};
    put("main.yml", "scaling: {rules_files: rules.yml}\n");
    put("rules.yml", "targets: [{name: a}]\nrules: [{rule_id: r, policy: X}]\n");
    struct ll_config_source src = {.file = path_of("main.yml")};
    ck_assert_uint_eq(ll_config_check(&src, errs, LL_LEN(errs)), 3);
    put("rules.yml", TARGETS "rules: [{rule_id: r, target: a, policy: MANUAL, calendar: XNONE}]\n");
    ck_assert_uint_eq(ll_config_check(&src, errs, LL_LEN(errs)), 1);
    ck_assert_msg(strstr(errs[0].text, "rule 'r': ") && strstr(errs[0].text, "XNONE"), "%s",
                  errs[0].text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("config_sources");
    TCase *c = tcase_create("sources");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, flag_over_environment_over_file_over_default);
    tcase_add_test(c, the_flags_of_the_manual);
    tcase_add_test(c, lists_of_the_environment_have_commas_and_flags_replace_them);
    tcase_add_test(c, what_flags_and_environment_say_is_checked_too);
    tcase_add_test(c, an_overridden_mistake_is_still_one);
    tcase_add_test(c, flags_reach_into_blocks_without_members);
    tcase_add_test(c, has_flag_knows_them);
    tcase_add_test(c, the_file_is_found_by_argument_flag_or_environment);
    tcase_add_test(c, conf_d_adds_below_the_file_and_the_later_name_wins);
    tcase_add_test(c, check_looks_into_the_web_file_too);
    tcase_add_test(c, relative_paths_are_beside_the_file);
    tcase_add_test(c, storage_goes_where_the_system_says);
    tcase_add_test(c, texts_take_values_from_environment_and_files);
    tcase_add_test(c, show_says_where_from);
    tcase_add_test(c, the_example_loads);
    tcase_add_test(c, directories_and_missing_files_are_named);
    tcase_add_test(c, rules_stand_beside_the_configuration);
    tcase_add_test(c, a_rule_has_the_thresholds_of_its_service);
    tcase_add_test(c, auto_is_refused_while_nobody_can_sign_in);
    tcase_add_test(c, a_wrong_rule_refuses_the_configuration);
    tcase_add_test(c, all_mistakes_of_rules_are_found);
    suite_add_tcase(s, c);
    return run_suite(s);
}
