/* Every way a configuration can be wrong, and what a right one means. */
#include <math.h>

#include "base/num.h"
#include "config/schema.h"
#include "config_support.h"

static const struct refusal refusals[] = {
    /* keys */
    {"log_level: info\n", 1, 1, "unknown key 'log_level'; allowed: environment, check_interval_s"},
    {"enviroment: x\n", 1, 1, "unknown key 'enviroment'; did you mean 'environment'?"},
    {"check_interval: 15s\n", 1, 1,
     "unknown key 'check_interval'; did you mean 'check_interval_seconds'?"},
    {"thresholds:\n  cpu:\n    warn_pct: 70\n", 3, 5,
     "unknown key 'warn_pct' in 'cpu'; did you mean 'warning_pct'?"},
    {"thresholds: {cpu: {scale_up: 70}}\n", 1, 20, "did you mean 'scale_up_pct'?"},
    {"thresholds: {cpu: {scale_it: 70}}\n", 1, 20, "allowed: warning_pct, critical_pct"},
    {"thresholds: {CPU: {}}\n", 1, 14, "unknown key 'CPU' in 'thresholds'; did you mean 'cpu'?"},
    {"web:\n  listen_adress: x\n", 2, 3, "did you mean 'listen_address'?"},
    {"services:\n  - name: a\n    teem: b\n", 3, 5, "unknown key 'teem'; did you mean 'team'?"},
    {"log: {level: info, level: warn}\n", 1, 20, "the key 'level' is already on line 1"},
    /* kinds */
    {"- a\n", 1, 1, "the document must be a map of keys, not a list"},
    {"hello\n", 1, 1, "the document must be a map of keys, not text"},
    {"web: 5\n", 1, 6, "web: must be a map, not text"},
    {"thresholds:\n  cpu: [1]\n", 2, 8, "cpu: must be a map, not a list"},
    {"services: {name: a}\n", 1, 11, "services: must be a list, not a map"},
    {"services: [a]\n", 1, 12, "services: must be a map, not text"},
    {"log: {level: [info]}\n", 1, 14, "level: must be a name, not a list"},
    {"environment: {a: b}\n", 1, 14, "environment: must be a text, not a map"},
    {"environment:\n", 1, 1, "environment: has no value (an empty text is \"\")"},
    {"environment: ~\n", 1, 1, "environment: has no value"},
    {"check_interval_seconds:\n", 1, 1, "check_interval_seconds: has no value"},
    {"web: {allowed_hosts: [a, [b]]}\n", 1, 26, "allowed_hosts: each item must be text"},
    {"web: {allowed_hosts: [a, ~]}\n", 1, 26, "allowed_hosts: each item must be text"},
    {"web: {allowed_hosts: {a: b}}\n", 1, 22, "allowed_hosts: must be a list, not a map"},
    {"web: {allowed_hosts: }\n", 1, 22, "allowed_hosts: must be a list, not text"},
    {"web: {listen_address: []}\n", 1, 23, "listen_address: needs at least 1"},
    /* scalars */
    {"enable_auto_scaling: yes\n", 1, 22, "enable_auto_scaling: 'yes' is not true or false"},
    {"enable_auto_scaling: True\n", 1, 22, "'True' is not true or false"},
    {"enable_auto_scaling: maybe\n", 1, 22, "is not true or false"},
    {"enable_auto_scaling: \"true\"\n", 1, 22, "\"true\" is text: write it without quotes"},
    {"web: {max_connections: 1x}\n", 1, 24, "max_connections: '1x' is not a whole number from 0"},
    {"web: {max_connections: 1.5}\n", 1, 24, "is not a whole number"},
    {"web: {max_connections: -1}\n", 1, 24, "is not a whole number from 0"},
    {"web: {max_connections: 0}\n", 1, 24, "'0' is out of range: 1 to 65536"},
    {"web: {max_connections: 99999999999999999999}\n", 1, 24, "is not a whole number"},
    {"web: {max_connections: 0x10}\n", 1, 24, "is not a whole number"},
    {"web: {max_body: 12MB2}\n", 1, 17, "'12MB2' is not a size such as 512MiB, 10GB or 4096"},
    {"web: {max_body: 1}\n", 1, 17, "'1' is out of range: 1KiB to 1GiB"},
    {"web: {max_body: 2GiB}\n", 1, 17, "out of range: 1KiB to 1GiB"},
    {"check_interval_seconds: 15s\n", 1, 25, "'15s' is not a number of seconds"},
    {"check_interval_seconds: 0\n", 1, 25, "'0' is out of range: 1 to 3600"},
    {"check_interval_seconds: \"15\"\n", 1, 25, "\"15\" is text: write it without quotes"},
    {"check_interval_seconds: nan\n", 1, 25, "is not a number of seconds"},
    {"check_interval_seconds: .inf\n", 1, 25, "is not a number of seconds"},
    {"check_interval_seconds: 1e300\n", 1, 25, "is not a number of seconds"},
    {"forecast_horizon_hours: x\n", 1, 25, "'x' is not a number of hours"},
    {"forecast_horizon_hours: 9999\n", 1, 25, "out of range: 1 to 8784"},
    {"storage: {retention: {raw: 90}}\n", 1, 28, "'90' is not a duration such as 15s, 10m, 24h"},
    {"storage: {retention: {raw: 90days}}\n", 1, 28, "is not a duration"},
    {"storage: {retention: {raw: 1s}}\n", 1, 28, "'1s' is out of range: 1h to 3650d"},
    {"collect: {host: {link_speed: 10G}}\n", 1, 30, "'10G' is not a bit rate such as 100Mbps"},
    {"collect: {host: {link_speed: 1.1.1Gbps}}\n", 1, 30, "is not a bit rate"},
    {"collect: {host: {link_speed: 1bps}}\n", 1, 30, "out of range: 1kbps to 100Tbps"},
    {"log: {level: inof}\n", 1, 14,
     "level: 'inof' is not debug, info, warn, error or off; did you mean 'info'?"},
    {"log: {format: xml}\n", 1, 15, "format: 'xml' is not logfmt or json"},
    {"services: [{name: a, instances: many}]\n", 1, 33, "instances: 'many' is not a number"},
    {"services: [{name: a, instances: -1}]\n", 1, 33, "out of range: 0 to 1000000"},
    /* percentages and their order */
    {"thresholds: {cpu: {warning_pct: 70%}}\n", 1, 33, "'70%' is not a percentage"},
    {"thresholds: {cpu: {warning_pct: 120}}\n", 1, 33, "'120' is out of range: 0.1 to 100"},
    {"thresholds: {cpu: {scale_down_pct: 0}}\n", 1, 36, "'0' is out of range: 0.1 to 100"},
    {"thresholds: {cpu: {cooldown_seconds: -5}}\n", 1, 38, "out of range: 0 to 604800"},
    {"thresholds:\n  cpu:\n    scale_up_pct: 40\n    scale_down_pct: 60\n", 4, 21,
     "cpu: scale_down_pct 60 must be below scale_up_pct 40"},
    {"thresholds:\n  cpu:\n    scale_down_pct: 80\n", 3, 21,
     "cpu: scale_down_pct 80 must be below scale_up_pct 80"},
    {"thresholds:\n  cpu:\n    scale_up_pct: 20\n", 3, 19,
     "cpu: scale_down_pct 30 must be below scale_up_pct 20"},
    {"thresholds: {queue_depth: {warning_pct: 90}}\n", 1, 41,
     "queue_depth: warning_pct 90 must be at most critical_pct 85"},
    {"thresholds: {memory: {critical_pct: 50}}\n", 1, 37,
     "memory: warning_pct 80 must be at most critical_pct 50"},
    {"tiers:\n  - name: gold\n    thresholds: {cpu: {critical_pct: 60}}\n", 3, 38,
     "cpu of 'gold': warning_pct 70 must be at most critical_pct 60"},
    {"thresholds: {disk: {scale_up_pct: 50}}\nservices:\n  - name: db\n    thresholds:\n"
     "      disk: {scale_down_pct: 55}\n",
     5, 30, "disk of 'db': scale_down_pct 55 must be below scale_up_pct 50"},
    {"tiers: [{name: g, thresholds: {cpu: {scale_up_pct: 40}}}]\n"
     "services: [{name: s, tier: g, thresholds: {cpu: {scale_down_pct: 45}}}]\n",
     2, 66, "cpu of 's': scale_down_pct 45 must be below scale_up_pct 40"},
    /* names and lists */
    {"services:\n  - team: a\n", 2, 5, "'name' is missing"},
    {"tiers: [{}]\n", 1, 9, "'name' is missing"},
    {"services: [{name: \"\"}]\n", 1, 19, "name: is empty"},
    {"services: [{name: \"a\\tb\"}]\n", 1, 19, "name: 'a?b' has a control character"},
    {"services: [{name: \"a\\0b\"}]\n", 1, 19, "name: holds a NUL byte"},
    {"services:\n  - name: a\n  - name: b\n  - name: a\n", 4, 11, "name: 'a' is already on line 2"},
    {"tiers: [{name: t}, {name: t}]\n", 1, 27, "name: 't' is already on line 1"},
    {"web: {listen_address: localhost}\n", 1, 23, "'localhost' is not an address such as 127.0.0"},
    {"web: {listen_address: [\"127.0.0.1:7380\", \"x:99999\"]}\n", 1, 42, "is not an address"},
    {"web: {listen_address: \"a b:1\"}\n", 1, 23, "is not an address"},
    {"web: {listen_address: \"x:\"}\n", 1, 23, "is not an address"},
    {"web: {listen_address: \"x:7a\"}\n", 1, 23, "is not an address"},
    {"web: {external_url: loadline.example}\n", 1, 21, "is not a URL such as https://"},
    {"web: {external_url: \"https://\"}\n", 1, 21, "is not a URL"},
    {"web: {external_url: \"https://x/?a\"}\n", 1, 21, "is not a URL"},
    {"web: {allowed_hosts: a/b}\n", 1, 22, "'a/b' is not a host name"},
    /* substitution */
    {"environment: ${env:NOPE}\n", 1, 14, "environment: the environment has no 'NOPE'"},
    {"environment: ${env:}\n", 1, 14, "the environment has no ''"},
    {"environment: ${HOME}\n", 1, 14, "'${HOME}' is neither ${env:NAME} nor ${file:/path}"},
    {"environment: \"${env:X\"\n", 1, 14, "'${' without '}'; a plain one is '$${'"},
    {"environment: ${file:x}\n", 1, 14, "${file:x} needs an absolute path"},
    {"environment: ${file:/}\n", 1, 14, "/ is not a regular file"},
    {"environment: ${file:/nonexistent/x}\n", 1, 14, "/nonexistent/x: No such file"},
};

START_TEST(refuses_with_place_and_hint)
{
    struct ll_err err = {0};
    struct ll_config *c = NULL;
    check_refusal(&refusals[_i], load_text(refusals[_i].text, &c, &err), &err);
    ck_assert_ptr_null(c);
}
END_TEST

/* A hundred thousand mistakes are counted, not each searched for what was meant. */
START_TEST(many_mistakes_are_quick)
{
    struct ll_str b;
    ll_str_init(&b, LL_YAML_BYTES_MAX);
    for (int i = 0; i < 90000; i++)
        ll_str_addf(&b, "k%d: 1\n", i);
    struct ll_err errs[LL_CONFIG_ERRORS_MAX];
    struct ll_config_source src = {.file = "t.yml", .text = {b.s, b.n}};
    ck_assert_uint_eq(ll_config_check(&src, errs, LL_LEN(errs)), 90000);
    ck_assert_int_eq(errs[LL_CONFIG_ERRORS_MAX - 1].line, LL_CONFIG_ERRORS_MAX);
    ll_str_fini(&b);
}
END_TEST

static struct ll_config *load(const char *text)
{
    struct ll_config *c = NULL;
    struct ll_err err = {0};
    bool ok = load_text(text, &c, &err);
    ck_assert_msg(ok, "%s", err.text);
    return c;
}

static bool same(struct ll_threshold a, struct ll_threshold b)
{
    return a.warning == b.warning && a.critical == b.critical && a.scale_up == b.scale_up &&
           a.scale_down == b.scale_down && a.cooldown == b.cooldown;
}

START_TEST(an_empty_file_is_the_defaults)
{
    LL_AUTO(ll_config) c = load("");
    for (size_t i = 0; i < LL_RESOURCE_COUNT; i++)
        ck_assert_msg(same(c->threshold[i], ll_threshold_default((enum ll_resource_type)i)),
                      "the table and core/records.c differ for %s",
                      ll_resource_name((enum ll_resource_type)i));
    ck_assert_int_eq(c->check_interval, 15 * LL_SECOND);
    ck_assert_int_eq(c->forecast_horizon, 24 * LL_HOUR);
    ck_assert(!c->enable_auto_scaling && !c->web.enable_lifecycle);
    ck_assert_str_eq(c->environment, "");
    ck_assert_str_eq(c->web.listen_address[0], "127.0.0.1:7380");
    ck_assert_ptr_null(c->web.listen_address[1]);
    ck_assert(!c->web.external_url && !c->web.config_file && !c->web.allowed_hosts[0]);
    ck_assert_uint_eq(c->web.max_connections, 1024);
    ck_assert_uint_eq(c->web.max_body, 16 << 20);
    ck_assert_uint_eq(c->web.max_streams, 64);
    ck_assert_int_eq(c->storage.retain_raw, 15 * LL_DAY);
    ck_assert_int_eq(c->storage.retain_5m, 90 * LL_DAY);
    ck_assert_int_eq(c->storage.retain_1h, 5 * 365 * LL_DAY);
    ck_assert_uint_eq(c->storage.max_series, 20000);
    ck_assert(c->log.level == LL_LOG_INFO && c->log.format == LL_LOG_LOGFMT);
    ck_assert(c->host.enabled && c->host.cgroups && c->host.interval == 0);
    ck_assert(isnan(c->host.link_speed_bytes_per_second) && !c->host.instance);
    ck_assert(!c->host.ignore_mounts[0] && !c->host.ignore_devices[0]);
    ck_assert_uint_eq(c->n_services + c->n_tiers, 0);
    ck_assert_uint_eq(strlen(c->hash), 16);
}
END_TEST

START_TEST(blocks_without_members_are_empty)
{
    LL_AUTO(ll_config) c = load("web:\nthresholds:\n  cpu:\nservices:\ntiers: []\n");
    ck_assert_double_eq(c->threshold[LL_RESOURCE_CPU].warning, 0.70);
    ck_assert_uint_eq(c->n_services + c->n_tiers, 0);
}
END_TEST

static const char everything[] =
    "environment: \"\303\251 $${x} $\"\ncheck_interval_seconds: 2.5\nforecast_horizon_hours: 48\n"
    "enable_auto_scaling: true\n"
    "web: {listen_address: [\"[::1]:0\", \":80\"], external_url: \"http://[::1]:8/l\",\n"
    "  config_file: /etc/w.yml, enable_lifecycle: true, allowed_hosts: a.b,\n"
    "  max_connections: 5, max_body: 1.5MiB, max_streams: 7}\n"
    "storage: {path: /d, retention: {raw: 36h, five_minute: 2w, hourly: 1y}, max_series: 9}\n"
    "log: {level: ERROR, format: Json}\n"
    "collect: {host: {enabled: false, interval: 1m30s, instance: 7, link_speed: 2.5Gbps,\n"
    "  ignore_mounts: [/a, \"/b*\"], ignore_devices: veth0, cgroups: false, max_cgroups: 3}}\n"
    "tiers: [{name: t, thresholds: {cpu: {warning_pct: 29}}}]\n"
    "services: [{name: s, environment: e, cluster: c, namespace: n, team: 'null', owner: o,\n"
    "  tier: t, venue: v, site: \"a\\u2028\\x85\\uFEFF\\\"\\\\b\", instances: 2.5,\n"
    "  thresholds: {network: {cooldown_seconds: 0}}}]\n";

START_TEST(every_key_reaches_its_field)
{
    LL_AUTO(ll_config) c = load(everything);
    ck_assert_str_eq(c->environment, "\303\251 ${x} $");
    ck_assert_int_eq(c->check_interval, 2500);
    ck_assert_int_eq(c->forecast_horizon, 48 * LL_HOUR);
    ck_assert(c->enable_auto_scaling && c->web.enable_lifecycle);
    ck_assert_str_eq(c->web.listen_address[0], "[::1]:0");
    ck_assert_str_eq(c->web.listen_address[1], ":80");
    ck_assert_ptr_null(c->web.listen_address[2]);
    ck_assert_str_eq(c->web.external_url, "http://[::1]:8/l");
    ck_assert_str_eq(c->web.config_file, "/etc/w.yml");
    ck_assert_str_eq(c->web.allowed_hosts[0], "a.b");
    ck_assert_uint_eq(c->web.max_connections, 5);
    ck_assert_uint_eq(c->web.max_body, 3 << 19);
    ck_assert_uint_eq(c->web.max_streams, 7);
    ck_assert_str_eq(c->storage.path, "/d");
    ck_assert_int_eq(c->storage.retain_raw, 36 * LL_HOUR);
    ck_assert_int_eq(c->storage.retain_5m, 14 * LL_DAY);
    ck_assert_int_eq(c->storage.retain_1h, 365 * LL_DAY);
    ck_assert_uint_eq(c->storage.max_series, 9);
    ck_assert(c->log.level == LL_LOG_ERROR && c->log.format == LL_LOG_JSON);
    ck_assert(!c->host.enabled && !c->host.cgroups);
    ck_assert_int_eq(c->host.interval, 90 * LL_SECOND);
    ck_assert_str_eq(c->host.instance, "7");
    ck_assert_str_eq(c->host.ignore_mounts[1], "/b*");
    ck_assert_str_eq(c->host.ignore_devices[0], "veth0");
    ck_assert_double_eq(c->host.link_speed_bytes_per_second, 2.5e9 / 8);
    ck_assert_uint_eq(c->host.max_cgroups, 3);
}
END_TEST

START_TEST(services_carry_their_metadata)
{
    LL_AUTO(ll_config) c = load(everything);
    const struct ll_config_service *s = ll_config_service(c, LL_SLICE("s"));
    ck_assert_ptr_nonnull(s);
    ck_assert_ptr_null(ll_config_service(c, LL_SLICE("S")));
    const struct ll_service_meta *m = &s->meta;
    ck_assert(ll_slice_is(m->environment, "e") && ll_slice_is(m->cluster, "c"));
    ck_assert(ll_slice_is(m->namespace_, "n") && ll_slice_is(m->team, "null"));
    ck_assert(ll_slice_is(m->owner, "o") && ll_slice_is(m->tier, "t"));
    ck_assert(ll_slice_is(m->venue, "v"));
    ck_assert(ll_slice_is(m->site, "a\342\200\250\302\205\357\273\277\"\\b"));
    ck_assert_double_eq(s->instances, 2.5);
    LL_AUTO(ll_config) bare = load("services: [{name: x}]\n");
    ck_assert(isnan(bare->services[0].instances)); /* not declared is not zero */
    ck_assert_uint_eq(bare->services[0].meta.team.n, 0);
}
END_TEST

/* What is shown reads back as the same configuration. */
START_TEST(show_reads_back_the_same)
{
    static const char *const texts[] = {everything, "", "web: {allowed_hosts: []}\n"};
    for (size_t i = 0; i < LL_LEN(texts); i++) {
        LL_AUTO(ll_config) c = load(texts[i]);
        for (int sources = 0; sources < 2; sources++) {
            struct ll_str shown;
            ll_str_init(&shown, 1 << 20);
            ll_config_show(c, sources, &shown);
            LL_AUTO(ll_config) again = load(ll_str_z(&shown));
            ck_assert_str_eq(again->hash, c->hash);
            ll_str_fini(&shown);
        }
    }
}
END_TEST

START_TEST(the_hash_follows_the_meaning)
{
    LL_AUTO(ll_config) a = load("log: {level: warn}\n");
    LL_AUTO(ll_config) b = load("# same\nlog:\n  level: WARN\ncheck_interval_seconds: 15.0\n");
    LL_AUTO(ll_config) c = load("log: {level: error}\n");
    ck_assert_str_eq(a->hash, b->hash);
    ck_assert_str_ne(a->hash, c->hash);
}
END_TEST

static struct ll_threshold threshold(const struct ll_config *c, const char *service,
                                     const char *tier, enum ll_resource_type type)
{
    return ll_config_threshold(c, ll_slice_of(service), ll_slice_of(tier), type);
}

START_TEST(thresholds_go_from_service_to_tier_to_type_to_default)
{
    LL_AUTO(ll_config)
    c = load("thresholds:\n"
             "  cpu: {warning_pct: 60, cooldown_seconds: 42}\n"
             "tiers:\n"
             "  - {name: gold, thresholds: {cpu: {warning_pct: 50}}}\n"
             "services:\n"
             "  - {name: a, tier: gold, thresholds: {cpu: {critical_pct: 90}}}\n"
             "  - {name: b, tier: gold}\n"
             "  - {name: c, thresholds: {memory: {warning_pct: 10}}}\n");
    const enum ll_resource_type cpu = LL_RESOURCE_CPU;
    struct ll_threshold a = threshold(c, "a", "", cpu);
    ck_assert_double_eq(a.critical, 0.90);        /* its own */
    ck_assert_double_eq(a.warning, 0.50);         /* of its tier */
    ck_assert_int_eq(a.cooldown, 42 * LL_SECOND); /* of the type, through the tier */
    ck_assert_double_eq(a.scale_up, 0.80);        /* of the default */
    ck_assert_double_eq(threshold(c, "b", "", cpu).warning, 0.50);
    ck_assert_double_eq(threshold(c, "b", "gold", cpu).warning, 0.50);
    ck_assert_double_eq(threshold(c, "c", "", cpu).warning, 0.60);
    ck_assert_double_eq(threshold(c, "c", "gold", cpu).warning, 0.50);
    ck_assert_double_eq(threshold(c, "unknown", "gold", cpu).warning, 0.50);
    ck_assert_double_eq(threshold(c, "unknown", "lead", cpu).warning, 0.60);
    ck_assert(
        same(threshold(c, "a", "gold", LL_RESOURCE_DISK), ll_threshold_default(LL_RESOURCE_DISK)));
    const struct ll_config_service *s = ll_config_service(c, LL_SLICE("c"));
    ck_assert(s->has_threshold[LL_RESOURCE_MEMORY] && !s->has_threshold[cpu]);
    ck_assert_double_eq(s->threshold[LL_RESOURCE_MEMORY].critical, 0.90);
}
END_TEST

START_TEST(warning_may_equal_critical)
{
    LL_AUTO(ll_config) c = load("thresholds: {cpu: {warning_pct: 85, critical_pct: 85}}\n");
    ck_assert_double_eq(c->threshold[LL_RESOURCE_CPU].warning, 0.85);
}
END_TEST

START_TEST(check_finds_them_all)
{
    struct ll_err errs[3];
    struct ll_config_source src = {
        .file = "t.yml",
        .text = LL_SLICE("log: {level: x}\nwebb: 1\nweb: {max_body: x, max_streams: 0}\n")};
    ck_assert_uint_eq(ll_config_check(&src, errs, LL_LEN(errs)), 4);
    ck_assert_ptr_nonnull(strstr(errs[0].text, "t.yml:1:14: level")); /* in the file's order */
    ck_assert_ptr_nonnull(strstr(errs[1].text, "t.yml:2:1: unknown key 'webb'"));
    ck_assert_ptr_nonnull(strstr(errs[2].text, "t.yml:3:17: max_body"));
    ck_assert_uint_eq(ll_config_check(&src, NULL, 0), 4);
    src.text = LL_SLICE("thresholds: {cpu: {scale_up_pct: 1}, disk: {scale_up_pct: 2}}\n");
    ck_assert_uint_eq(ll_config_check(&src, errs, LL_LEN(errs)), 2);
    src.text = LL_SLICE("");
    ck_assert_uint_eq(ll_config_check(&src, errs, LL_LEN(errs)), 0);
}
END_TEST

START_TEST(no_error_argument_is_fine)
{
    struct ll_config *c = NULL;
    ck_assert(!load_text("x: 1\n", &c, NULL));
    ck_assert_ptr_null(c);
}
END_TEST

START_TEST(lists_have_limits)
{
    struct ll_str b;
    struct ll_config *c = NULL;
    struct ll_err err = {0};
    ll_str_init(&b, 1 << 20);
    ll_str_addz(&b, "services:\n");
    for (int i = 0; i < 4097; i++)
        ll_str_addf(&b, "- name: s%d\n", i);
    ck_assert(!load_text(b.s, &c, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "t.yml:2:1: services: 4097 items, at most 4096"));
    ll_str_clear(&b);
    ll_str_addz(&b, "services: [{name: ");
    for (int i = 0; i < 256; i++)
        ll_str_addc(&b, 'x');
    ll_str_addz(&b, "}]");
    ck_assert(!load_text(b.s, &c, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "t.yml:1:19: name: 256 bytes, at most 255"));
    ll_str_fini(&b);
}
END_TEST

/* Cut anywhere, a file is a whole configuration or an error with a place; nothing leaks. */
START_TEST(cut_at_every_byte)
{
    size_t accepted = 0;
    for (size_t n = 0; n < sizeof(everything); n++) {
        struct ll_config *c = NULL;
        struct ll_err err = {0};
        char *exact = malloc(n ? n : 1); /* ASan sees a read past the end */
        memcpy(exact, everything, n);
        struct ll_config_source src = {.file = "t.yml", .text = {exact, n}};
        if (ll_config_load(&src, &c, &err)) {
            accepted++;
            ck_assert_uint_eq(strlen(c->hash), 16);
        } else {
            ck_assert_int_eq(err.code, LL_E_CONFIG);
            ck_assert_int_gt(err.line, 0);
            ck_assert_ptr_null(c);
        }
        ll_config_free(c);
        free(exact);
    }
    ck_assert_uint_gt(accepted, 20);
    ck_assert_uint_lt(accepted, sizeof(everything) / 2);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("config_load");
    TCase *c = tcase_create("load");
    tcase_add_loop_test(c, refuses_with_place_and_hint, 0, (int)LL_LEN(refusals));
    tcase_add_test(c, many_mistakes_are_quick);
    tcase_add_test(c, an_empty_file_is_the_defaults);
    tcase_add_test(c, blocks_without_members_are_empty);
    tcase_add_test(c, every_key_reaches_its_field);
    tcase_add_test(c, services_carry_their_metadata);
    tcase_add_test(c, show_reads_back_the_same);
    tcase_add_test(c, the_hash_follows_the_meaning);
    tcase_add_test(c, thresholds_go_from_service_to_tier_to_type_to_default);
    tcase_add_test(c, warning_may_equal_critical);
    tcase_add_test(c, check_finds_them_all);
    tcase_add_test(c, no_error_argument_is_fine);
    tcase_add_test(c, lists_have_limits);
    tcase_add_test(c, cut_at_every_byte);
    suite_add_tcase(s, c);
    return run_suite(s);
}
