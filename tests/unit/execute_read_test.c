/* What executors read of others: XML and JSON answers, kubeconfigs, credentials, secrets. */
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "execute/aws_answer.h"
#include "execute/aws_credentials.h"
#include "execute/body.h"
#include "execute/exchange.h"
#include "execute/kube_config.h"
#include "execute/kube_read.h"
#include "execute/kube_settings.h"
#include "execute/webhook_sign.h"
#include "execute/xml_in.h"
#include "os/address.h"
#include "os/memory_file.h"
#include "support.h"

static struct ll_err err;
static char buffer[1 << 16];

/* A copy that may be changed. */
static char *own(const char *text)
{
    snprintf(buffer, sizeof(buffer), "%s", text);
    return buffer;
}

/* The tokens of a document as one line: "<a>text</a>" */
static const char *tokens(const char *text, char out[static 512])
{
    struct ll_xml_in in;
    size_t n = 0;
    ll_xml_in_init(&in, own(text), strlen(text));
    out[0] = '\0';
    for (;;) {
        enum ll_xml_token kind;
        struct ll_slice name;
        if (!ll_xml_in_next(&in, &kind, &name, &err))
            return "refused";
        if (kind == LL_XML_END)
            return out;
        if (kind == LL_XML_OPEN)
            n += (size_t)snprintf(out + n, 512 - n, "<%.*s>", (int)name.n, name.s);
        else
            n += (size_t)snprintf(out + n, 512 - n, "%.*s</%.*s>", (int)in.text.n,
                                  in.text.n ? in.text.s : "", (int)name.n, name.s);
    }
}

START_TEST(xml_is_read_strictly)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"<a/>", "<a></a>"},
        {"<?xml version=\"1.0\"?>\n<a x='1' y=\"&lt;\">\n <b> t </b><c/> </a>\n",
         "<a><b>t</b><c></c></a>"},
        {"<a>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;&#xe9;&#x20ac;&#x1f600;</a>",
         "<a><&>\"'AB\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80</a>"},
        {"<a><!-- no --><b>x</b><!-- - --></a>", "<a><b>x</b></a>"},
        {"<a>", "refused"},
        {"", "refused"},
        {"text", "refused"},
        {"<a></b>", "refused"},
        {"<a/><b/>", "refused"},
        {"<a>x<!-- -->y</a>", "refused"},
        {"<a>&nbsp;</a>", "refused"},
        {"<a>&#0;</a>", "refused"},
        {"<a>&#xd800;</a>", "refused"},
        {"<a>&#x110000;</a>", "refused"},
        {"<a>&</a>", "refused"},
        {"<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "refused"},
        {"<a><![CDATA[x]]></a>", "refused"},
        {"<a><?php x ?></a>", "refused"},
        {"<a x=1/>", "refused"},
        {"<a x/>", "refused"},
        {"<a x=\"<\"/>", "refused"},
        {"<a \xff=\"1\"/>", "refused"},
        {"<a>\x01</a>", "refused"},
        {"<a", "refused"},
        {"<a><!-- ", "refused"},
        {"<?xml ", "refused"},
    };
    char out[512];
    for (size_t i = 0; i < LL_LEN(cases); i++)
        ck_assert_msg(strcmp(tokens(cases[i].text, out), cases[i].want) == 0, "%s gave %s",
                      cases[i].text, tokens(cases[i].text, out));
}
END_TEST

START_TEST(xml_has_limits)
{
    char deep[8 * LL_XML_IN_DEPTH_MAX + 64] = "", out[512];
    for (int i = 0; i <= LL_XML_IN_DEPTH_MAX; i++)
        memcpy(deep + 3 * (size_t)i, "<a>", 4);
    ck_assert_str_eq(tokens(deep, out), "refused");
    ck_assert_int_eq(err.code, LL_E_RANGE);

    struct ll_xml_in in;
    enum ll_xml_token kind;
    struct ll_slice name;
    char *big = calloc(1, LL_XML_IN_BYTES_MAX + 1);
    ll_xml_in_init(&in, big, LL_XML_IN_BYTES_MAX + 1);
    ck_assert(!ll_xml_in_next(&in, &kind, &name, &err));
    ck_assert_int_eq(err.code, LL_E_TOO_LARGE);
    free(big);
}
END_TEST

#define GROUPS(inner)                                                                              \
    "<DescribeAutoScalingGroupsResponse xmlns=\"http://x/\"><DescribeAutoScalingGroupsResult>"     \
    "<AutoScalingGroups>" inner "</AutoScalingGroups></DescribeAutoScalingGroupsResult>"           \
    "<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>"                                \
    "</DescribeAutoScalingGroupsResponse>"
#define SIZES "<MinSize>1</MinSize><MaxSize>9</MaxSize><DesiredCapacity>4</DesiredCapacity>"

static bool read_group(const char *text, struct ll_aws_group *g)
{
    return ll_aws_group_read(own(text), strlen(text), LL_SLICE("web"), g, &err);
}

START_TEST(a_group_of_aws_is_the_one_that_was_asked_for)
{
    struct ll_aws_group g = {.desired = 77};
    ck_assert(read_group(
        GROUPS("<member><AutoScalingGroupName>other</AutoScalingGroupName><MinSize>5</MinSize>"
               "<MaxSize>5</MaxSize><DesiredCapacity>5</DesiredCapacity></member>"
               "<member>" SIZES "<AutoScalingGroupName>web</AutoScalingGroupName><Instances>"
               "<member><LifecycleState>InService</LifecycleState><HealthStatus>Healthy"
               "</HealthStatus></member><member><LifecycleState>Pending</LifecycleState>"
               "<HealthStatus>Healthy</HealthStatus></member><member><LifecycleState>InService"
               "</LifecycleState><HealthStatus>Unhealthy</HealthStatus></member></Instances>"
               "<SuspendedProcesses><member><ProcessName>AlarmNotification</ProcessName></member>"
               "<member><ProcessName>Terminate</ProcessName></member></SuspendedProcesses>"
               "</member>"),
        &g));
    ck_assert_int_eq(g.min, 1);
    ck_assert_int_eq(g.max, 9);
    ck_assert_int_eq(g.desired, 4);
    ck_assert_int_eq(g.in_service, 1);
    ck_assert_str_eq(g.suspended, "Terminate");
}
END_TEST

START_TEST(a_group_of_aws_that_is_not_whole_is_none)
{
    static const struct {
        const char *text;
        enum ll_err_code code;
    } cases[] = {
        {GROUPS(""), LL_E_NOT_FOUND},
        {GROUPS("<member><AutoScalingGroupName>web2</AutoScalingGroupName>" SIZES "</member>"),
         LL_E_NOT_FOUND},
        {GROUPS("<member><AutoScalingGroupName>web</AutoScalingGroupName><MinSize>1</MinSize>"
                "</member>"),
         LL_E_INVALID},
        {GROUPS("<member><AutoScalingGroupName>web</AutoScalingGroupName><MinSize>-1</MinSize>"
                "</member>"),
         LL_E_INVALID},
        {GROUPS("<member><AutoScalingGroupName>web</AutoScalingGroupName>" SIZES SIZES "</member>"),
         LL_E_INVALID},
        {"<html/>", LL_E_INVALID},
        {"<DescribeAutoScalingGroupsResponse>", LL_E_INVALID},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        struct ll_aws_group g = {.desired = 77};
        ck_assert(!read_group(cases[i].text, &g));
        ck_assert_msg(err.code == cases[i].code, "case %zu: %s", i, err.text);
        ck_assert_int_eq(g.desired, 77);
    }
}
END_TEST

START_TEST(errors_of_aws_have_a_code)
{
    struct ll_aws_error e;
    const char *text = "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code>"
                       "<Message>Rate &lt; 1</Message></Error></ErrorResponse>";
    ck_assert(ll_aws_error_read(own(text), strlen(text), &e));
    ck_assert_str_eq(e.code, "Throttling");
    ck_assert_str_eq(e.message, "Rate < 1");
    ck_assert(!ll_aws_error_read(own("<ErrorResponse/>"), 16, &e));
    ck_assert(!ll_aws_error_read(own("{}"), 2, &e));
}
END_TEST

static bool credentials(const char *text, const char *profile, struct ll_aws_credentials *c)
{
    return ll_aws_credentials_parse(ll_slice_of(text), ll_slice_of(profile), c, &err);
}

START_TEST(credentials_are_those_of_the_profile)
{
    struct ll_aws_credentials c;
    const char *text = "# mine\n[default]\naws_access_key_id=A1\naws_secret_access_key = s/e+c=\n"
                       "region = eu\n\n[ two ]\r\nAWS_ACCESS_KEY_ID = A2\r\n"
                       "aws_secret_access_key = x\r\naws_session_token = t\r\n[three]\n"
                       "aws_access_key_id = A3\n[four]\naws_access_key_id =\n"
                       "aws_secret_access_key = x\n";
    ck_assert(credentials(text, "default", &c));
    ck_assert_str_eq(c.key_id, "A1");
    ck_assert_str_eq(c.secret, "s/e+c=");
    ck_assert_str_eq(c.session_token, "");
    ck_assert(credentials(text, "two", &c));
    ck_assert_str_eq(c.key_id, "A2");
    ck_assert_str_eq(c.session_token, "t");
    ck_assert(!credentials(text, "three", &c));
    ck_assert(!credentials(text, "four", &c));
    ck_assert(!credentials(text, "five", &c));
    ck_assert_int_eq(err.code, LL_E_CONFIG);
    ck_assert_ptr_null(strstr(err.text, "s/e+c"));
    ck_assert(
        !credentials("[default]\naws_access_key_id=a b\naws_secret_access_key=x", "default", &c));
}
END_TEST

START_TEST(values_of_objects_are_found_by_their_path)
{
    struct ll_kube_value v[] = {{.path = "a.b"}, {.path = "a"}, {.path = "c"}, {.path = "b"}};
    const struct ll_kube_shape shape = {.values = v, .n_values = LL_LEN(v)};
    const char *text = "{\"x\":{\"a\":{\"b\":1}},\"l\":[{\"c\":1}],\"a\":{\"b\":\"t\",\"z\":{}},"
                       "\"c\":null}";
    ck_assert(ll_kube_document(own(text), strlen(text), &shape, &err));
    ck_assert(ll_kube_is(&v[0], "t"));
    ck_assert(v[1].there && v[1].kind == LL_JSON_OBJECT);
    ck_assert(v[2].there && v[2].kind == LL_JSON_NULL);
    ck_assert(!v[3].there);

    struct ll_kube_value twice[] = {{.path = "a"}};
    const struct ll_kube_shape one = {.values = twice, .n_values = 1};
    ck_assert(!ll_kube_document(own("{\"a\":1,\"a\":2}"), 13, &one, &err));
    ck_assert(!ll_kube_document(own("[]"), 2, &one, &err));
    ck_assert(!ll_kube_document(own("{} {}"), 5, &one, &err));
    char wide[2048] = "{\"";
    memset(wide + 2, 'k', 1500);
    memcpy(wide + 1502, "\":{\"a\":1},\"a\":3}", 17);
    twice[0] = (struct ll_kube_value){.path = "a"};
    ck_assert(ll_kube_document(own(wide), strlen(wide), &one, &err));
    ck_assert(ll_slice_is(twice[0].text, "3"));
}
END_TEST

START_TEST(counts_are_whole_numbers)
{
    static const struct {
        const char *text;
        int64_t want; /* -2 = refused */
    } cases[] = {{"{\"n\":3}", 3},   {"{}", 7},           {"{\"n\":null}", 7},
                 {"{\"n\":-1}", -2}, {"{\"n\":1.5}", -2}, {"{\"n\":\"3\"}", -2},
                 {"{\"n\":{}}", -2}, {"{\"n\":1e3}", -2}, {"{\"n\":99999999999999999999}", -2}};
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        struct ll_kube_value v[] = {{.path = "n"}};
        const struct ll_kube_shape shape = {.values = v, .n_values = 1};
        int64_t n = -2;
        ck_assert(ll_kube_document(own(cases[i].text), strlen(cases[i].text), &shape, &err));
        ck_assert(ll_kube_count(&v[0], 7, &n, &err) == (cases[i].want != -2));
        ck_assert_int_eq(n, cases[i].want);
    }
}
END_TEST

START_TEST(quantities_of_kubernetes)
{
    static const struct {
        const char *text;
        bool milli;
        int64_t want; /* -1 = refused */
    } cases[] = {
        {"500m", true, 500},
        {"2", true, 2000},
        {"0.1", true, 100},
        {"1500000n", true, 2},
        {"100u", true, 1},
        {"0", true, 0},
        {"128Mi", false, 134217728},
        {"1Gi", false, 1073741824},
        {"1e3", false, 1000},
        {"1k", false, 1000},
        {"1G", false, 1000000000},
        {"1Ki", true, 1024000},
        {"0.5Gi", false, 536870912},
        {"129e6", false, 129000000},
        {"2E", false, -1},
        {"-1", true, -1},
        {"", true, -1},
        {"m", true, -1},
        {"1 Gi", false, -1},
        {"1mi", false, -1},
        {"0x10", false, -1},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        int64_t n = -1;
        bool ok = ll_kube_quantity(ll_slice_of(cases[i].text), cases[i].milli, &n);
        ck_assert_msg(ok == (cases[i].want >= 0) && n == cases[i].want, "%s gave %lld",
                      cases[i].text, (long long)n);
    }
}
END_TEST

START_TEST(kubeconfigs_are_yaml_and_nothing_else)
{
    LL_AUTO(ll_arena) arena = ll_arena_new(1 << 20);
    struct ll_kube_config c = {0};
    const char *good = "{current-context: a, contexts: [{name: a, context: {cluster: c, user: u, "
                       "namespace: n}}], clusters: [{name: c, cluster: {server: 'https://x', "
                       "certificate-authority-data: aGk=, certificate-authority: ca}}], "
                       "users: [{name: u, user: {token: t, client-key: /k}}]}";
    ck_assert(
        ll_kube_config_parse(ll_slice_of(good), (struct ll_slice){0}, "/etc", arena, &c, &err));
    ck_assert_str_eq(c.server, "https://x");
    ck_assert_str_eq(c.namespace_, "n");
    ck_assert_str_eq(c.token, "t");
    ck_assert_str_eq(c.ca_file, "/etc/ca");
    ck_assert_str_eq(c.key_file, "/k");
    ck_assert(ll_slice_is(c.ca, "hi"));
    static const char *const bad[] = {
        "", "[]", "a: [", "{current-context: [a]}", "\x01", "{current-context: b, contexts: 3}"};
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        struct ll_kube_config untouched = {.token = "kept"};
        ck_assert(!ll_kube_config_parse(ll_slice_of(bad[i]), (struct ll_slice){0}, ".", arena,
                                        &untouched, &err));
        ck_assert_int_eq(err.code, LL_E_CONFIG);
        ck_assert_str_eq(untouched.token, "kept");
    }
}
END_TEST

static bool settings(const char *text, struct ll_kube_settings *s)
{
    return ll_kube_settings_read(own(text), strlen(text), s, &err);
}

static void check_metric(const struct ll_kube_metric *m, const char *source, const char *name,
                         enum ll_kube_goal goal, double target)
{
    ck_assert_str_eq(m->source, source);
    ck_assert_str_eq(m->name, name);
    ck_assert_int_eq(m->goal, goal);
    ck_assert_double_eq(m->target, target);
}

START_TEST(settings_of_an_autoscaler)
{
    struct ll_kube_settings s;
    ck_assert(settings(
        "{\"kind\":\"HorizontalPodAutoscaler\",\"metadata\":{\"name\":\"web\"},\"spec\":{"
        "\"maxReplicas\":10,\"minReplicas\":2,\"metrics\":["
        "{\"type\":\"Resource\",\"resource\":{\"name\":\"cpu\",\"target\":{\"type\":"
        "\"Utilization\",\"averageUtilization\":60}}},"
        "{\"type\":\"Pods\",\"pods\":{\"metric\":{\"name\":\"rps\",\"selector\":{}},\"target\":{"
        "\"type\":\"AverageValue\",\"averageValue\":\"1500m\"}}},"
        "{\"type\":\"External\",\"external\":{\"metric\":{\"name\":\"depth\"},\"target\":{\"type\":"
        "\"Value\",\"value\":\"2k\"}}}],"
        "\"behavior\":{\"scaleUp\":{\"policies\":[{\"type\":\"Percent\",\"value\":50,"
        "\"periodSeconds\":60},{\"type\":\"Pods\",\"value\":2,\"periodSeconds\":30}],"
        "\"selectPolicy\":\"Min\",\"stabilizationWindowSeconds\":5},"
        "\"scaleDown\":{\"selectPolicy\":\"Disabled\"}}}}",
        &s));
    ck_assert_str_eq(s.name, "web");
    ck_assert_int_eq(s.min, 2);
    ck_assert_int_eq(s.max, 10);
    ck_assert_uint_eq(s.n_metrics, 3);
    check_metric(&s.metric[0], "Resource", "cpu", LL_KUBE_GOAL_UTILIZATION, 60);
    check_metric(&s.metric[1], "Pods", "rps", LL_KUBE_GOAL_AVERAGE_VALUE, 1.5);
    check_metric(&s.metric[2], "External", "depth", LL_KUBE_GOAL_VALUE, 2000);
    ck_assert_uint_eq(s.out.n, 2);
    ck_assert_int_eq(s.out.select, LL_RATE_MIN);
    ck_assert_int_eq(s.out.window, 5 * LL_SECOND);
    ck_assert_int_eq(s.out.policy[0].kind, LL_RATE_PERCENT);
    ck_assert_int_eq(s.out.policy[1].value, 2);
    ck_assert_int_eq(s.out.policy[1].period, 30 * LL_SECOND);
    ck_assert_int_eq(s.in.select, LL_RATE_DISABLED);
    ck_assert_int_eq(s.in.window, 5 * LL_MINUTE); /* Kubernetes' own */
    ck_assert_uint_eq(s.in.n, 1);
}
END_TEST

START_TEST(settings_of_keda)
{
    struct ll_kube_settings s;
    ck_assert(
        settings("{\"kind\":\"ScaledObject\",\"metadata\":{\"name\":\"q\"},\"spec\":{"
                 "\"cooldownPeriod\":60,\"triggers\":[{\"type\":\"prometheus\",\"metadata\":{"
                 "\"threshold\":\"100\",\"query\":\"x\"}},{\"type\":\"cron\",\"metadata\":{}}]}}",
                 &s));
    ck_assert_int_eq(s.min, 0);
    ck_assert_int_eq(s.max, 100);
    ck_assert_int_eq(s.cooldown, LL_MINUTE);
    ck_assert_int_eq(s.interval, 30 * LL_SECOND);
    ck_assert_uint_eq(s.n_metrics, 2);
    check_metric(&s.metric[0], "prometheus", "", LL_KUBE_GOAL_AVERAGE_VALUE, 100);
    ck_assert(isnan(s.metric[1].target));
}
END_TEST

START_TEST(settings_that_make_no_sense_are_none)
{
    static const char endless[] =
        "{\"kind\":\"HorizontalPodAutoscaler\",\"spec\":{\"maxReplicas\":2,\"behavior\":{"
        "\"scaleUp\":{\"policies\":[{\"type\":\"Pods\",\"value\":0,\"periodSeconds\":1}]}}}}";
    static const char *const bad[] = {
        endless, "{}", "{\"kind\":\"Deployment\"}",
        "{\"kind\":\"HorizontalPodAutoscaler\",\"spec\":{\"minReplicas\":5,\"maxReplicas\":2}}",
        "{\"kind\":\"HorizontalPodAutoscaler\",\"spec\":{\"maxReplicas\":2,\"metrics\":[3]}}"};
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        struct ll_kube_settings s = {.max = 77};
        ck_assert_msg(!settings(bad[i], &s), "%s", bad[i]);
        ck_assert_int_eq(err.code, LL_E_INVALID);
        ck_assert_int_eq(s.max, 77);
    }
}
END_TEST

START_TEST(what_a_target_says_of_itself)
{
    struct ll_executor_seen s;
    const char *text = "{\"ready\":2,\"current\":3,\"more\":[{\"current\":9}],\"max\":null}";
    ck_assert(ll_body_read_seen(own(text), strlen(text), &s, &err));
    ck_assert_int_eq(s.current, 3);
    ck_assert_int_eq(s.ready, 2);
    ck_assert_int_eq(s.min, -1);
    ck_assert_int_eq(s.max, -1);
}
END_TEST

START_TEST(statuses_mean_what_they_mean)
{
    static const struct {
        int status;
        enum ll_outcome read, change;
    } cases[] = {
        {200, LL_OUTCOME_OK, LL_OUTCOME_OK},
        {204, LL_OUTCOME_OK, LL_OUTCOME_OK},
        {302, LL_OUTCOME_REFUSED, LL_OUTCOME_REFUSED},
        {400, LL_OUTCOME_REFUSED, LL_OUTCOME_REFUSED},
        {401, LL_OUTCOME_REFUSED, LL_OUTCOME_REFUSED},
        {403, LL_OUTCOME_REFUSED, LL_OUTCOME_REFUSED},
        {404, LL_OUTCOME_REFUSED, LL_OUTCOME_REFUSED},
        {408, LL_OUTCOME_UNKNOWN, LL_OUTCOME_UNKNOWN},
        {409, LL_OUTCOME_CONFLICT, LL_OUTCOME_CONFLICT},
        {410, LL_OUTCOME_REFUSED, LL_OUTCOME_REFUSED},
        {422, LL_OUTCOME_REFUSED, LL_OUTCOME_REFUSED},
        {429, LL_OUTCOME_LATER, LL_OUTCOME_LATER},
        {500, LL_OUTCOME_UNKNOWN, LL_OUTCOME_UNKNOWN},
        {502, LL_OUTCOME_UNKNOWN, LL_OUTCOME_UNKNOWN},
        {503, LL_OUTCOME_LATER, LL_OUTCOME_UNKNOWN},
        {504, LL_OUTCOME_UNKNOWN, LL_OUTCOME_UNKNOWN},
        {199, LL_OUTCOME_UNKNOWN, LL_OUTCOME_UNKNOWN},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        ck_assert_int_eq(ll_exchange_outcome(cases[i].status, false), cases[i].read);
        ck_assert_int_eq(ll_exchange_outcome(cases[i].status, true), cases[i].change);
    }
}
END_TEST

static bool guarded(const char *text)
{
    struct sockaddr_in in4 = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &in4.sin_addr) == 1)
        return ll_address_is_guarded((struct sockaddr *)&in4, sizeof(in4));
    ck_assert_int_eq(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return ll_address_is_guarded((struct sockaddr *)&in6, sizeof(in6));
}

START_TEST(addresses_that_are_not_to_be_spoken_to)
{
    static const char *const no[] = {"169.254.169.254",
                                     "169.254.0.1",
                                     "100.100.100.200",
                                     "192.0.0.192",
                                     "168.63.129.16",
                                     "0.0.0.0",
                                     "fe80::1",
                                     "febf::1",
                                     "fd00:ec2::254",
                                     "::",
                                     "::ffff:169.254.1.2",
                                     "64:ff9b::a9fe:a9fe",
                                     "::169.254.1.1"};
    static const char *const yes[] = {
        "127.0.0.1", "::1",     "10.0.0.1",        "8.8.8.8",          "169.253.1.1",
        "fec0::1",   "fd00::1", "::ffff:10.0.0.1", "64:ff9b::808:808", "100.100.100.201"};
    for (size_t i = 0; i < LL_LEN(no); i++)
        ck_assert_msg(guarded(no[i]), "%s", no[i]);
    for (size_t i = 0; i < LL_LEN(yes); i++)
        ck_assert_msg(!guarded(yes[i]), "%s", yes[i]);
}
END_TEST

START_TEST(secrets_are_base64_with_white_space_between)
{
    struct ll_webhook_keys k = {.n = 99};
    ck_assert(ll_webhook_keys_parse(LL_SLICE(" whsec_aGVsbG8=\n\taGk= \r\n"), &k, &err));
    ck_assert_uint_eq(k.n, 2);
    ck_assert_mem_eq(k.key[0].bytes, "hello", 5);
    ck_assert_uint_eq(k.key[1].n, 2);
    static const char *const bad[] = {
        "", "  ", "whsec_", "aGVsbG8", "a?==", "====", "aGk= aGk= aGk= aGk= aGk="};
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        struct ll_webhook_keys untouched = {.n = 99};
        ck_assert_msg(!ll_webhook_keys_parse(ll_slice_of(bad[i]), &untouched, &err), "%s", bad[i]);
        ck_assert_int_eq(err.code, LL_E_INVALID);
        ck_assert_uint_eq(untouched.n, 99);
    }
}
END_TEST

START_TEST(both_secrets_sign_and_either_fits)
{
    struct ll_webhook_keys both, old, other;
    struct ll_str signature;
    ll_str_init(&signature, 1024);
    ck_assert(ll_webhook_keys_parse(LL_SLICE("aGVsbG8= d29ybGQ="), &both, &err));
    ck_assert(ll_webhook_keys_parse(LL_SLICE("d29ybGQ="), &old, &err));
    ck_assert(ll_webhook_keys_parse(LL_SLICE("b3RoZXI="), &other, &err));
    ck_assert(ll_webhook_sign(&both, LL_SLICE("id"), 1000, LL_SLICE("body"), &signature, &err));
    struct ll_slice s = {signature.s, signature.n};
    ck_assert(
        ll_webhook_verify(&old, LL_SLICE("id"), LL_SLICE("1000"), s, LL_SLICE("body"), 1300, &err));
    ck_assert(!ll_webhook_verify(&old, LL_SLICE("id"), LL_SLICE("1000"), s, LL_SLICE("body"), 1301,
                                 &err));
    ck_assert_int_eq(err.code, LL_E_RANGE);
    ck_assert(!ll_webhook_verify(&other, LL_SLICE("id"), LL_SLICE("1000"), s, LL_SLICE("body"),
                                 1000, &err));
    ck_assert_int_eq(err.code, LL_E_DENIED);
    ck_assert(
        !ll_webhook_verify(&old, LL_SLICE("id"), LL_SLICE("1e3"), s, LL_SLICE("body"), 1000, &err));
    ck_assert_int_eq(err.code, LL_E_INVALID);
    ll_str_fini(&signature);
}
END_TEST

START_TEST(a_memory_file_has_its_bytes)
{
    struct ll_memory_file f = {.fd = -1};
    char text[8] = "";
    ck_assert(ll_memory_file_make(LL_SLICE("secret"), &f, &err));
    FILE *in = fopen(f.path, "re");
    ck_assert_ptr_nonnull(in);
    ck_assert_uint_eq(fread(text, 1, sizeof(text), in), 6);
    fclose(in);
    ck_assert_str_eq(text, "secret");
    ll_memory_file_fini(&f);
    ck_assert_int_eq(f.fd, -1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        xml_is_read_strictly,
        xml_has_limits,
        a_group_of_aws_is_the_one_that_was_asked_for,
        a_group_of_aws_that_is_not_whole_is_none,
        errors_of_aws_have_a_code,
        credentials_are_those_of_the_profile,
        values_of_objects_are_found_by_their_path,
        counts_are_whole_numbers,
        quantities_of_kubernetes,
        kubeconfigs_are_yaml_and_nothing_else,
        settings_of_an_autoscaler,
        settings_of_keda,
        settings_that_make_no_sense_are_none,
        what_a_target_says_of_itself,
        statuses_mean_what_they_mean,
        addresses_that_are_not_to_be_spoken_to,
        secrets_are_base64_with_white_space_between,
        both_secrets_sign_and_either_fits,
        a_memory_file_has_its_bytes,
    };
    return ll_test_run("execute_read", tests, LL_LEN(tests));
}
