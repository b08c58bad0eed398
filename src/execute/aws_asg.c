/* An Auto Scaling group of AWS: SetDesiredCapacity, an absolute number, by the query API.  libcurl
 * signs (Signature Version 4).  There is no compare-and-set: the number is the whole request. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "execute/aws_answer.h"
#include "execute/aws_credentials.h"
#include "execute/exchange.h"
#include "execute/executors.h"

enum { BODY_BYTES = 4096, REGION_MAX = 64, GROUP_MAX = 256 };

struct asg {
    struct ll_executor base;
    const struct ll_place_aws *place;
    struct ll_exchange exchange;
    char url[512], sign[128];
    char suspended[128]; /* when it was read last */
};

static bool make_url(struct asg *g, struct ll_err *err)
{
    const struct ll_place_aws *p = g->place;
    struct ll_slice region = p->region;
    if (region.n == 0)
        region =
            ll_slice_of(getenv("AWS_REGION") ? getenv("AWS_REGION") : getenv("AWS_DEFAULT_REGION"));
    if (region.n == 0 || region.n > REGION_MAX)
        return ll_err_set(err, LL_E_CONFIG, "no region of AWS: give region, like eu-central-1");
    for (size_t i = 0; i < region.n; i++)
        if (!((region.s[i] >= 'a' && region.s[i] <= 'z') ||
              (region.s[i] >= '0' && region.s[i] <= '9') || region.s[i] == '-'))
            return ll_err_set(err, LL_E_CONFIG, "region '%.*s' is not like eu-central-1",
                              (int)region.n, region.s);
    bool china = region.n > 3 && memcmp(region.s, "cn-", 3) == 0;
    snprintf(g->sign, sizeof(g->sign), "aws:amz:%.*s:autoscaling", (int)region.n, region.s);
    if (p->endpoint.n == 0)
        snprintf(g->url, sizeof(g->url), "https://autoscaling.%.*s.amazonaws.com%s/", (int)region.n,
                 region.s, china ? ".cn" : "");
    else if (p->endpoint.n + 2 < sizeof(g->url) && memcmp(p->endpoint.s, "http", 4) == 0)
        snprintf(g->url, sizeof(g->url), "%.*s%s", (int)p->endpoint.n, p->endpoint.s,
                 p->endpoint.s[p->endpoint.n - 1] == '/' ? "" : "/");
    else
        return ll_err_set(err, LL_E_CONFIG, "endpoint '%.*s' is not a URL",
                          (int)LL_MIN(p->endpoint.n, (size_t)200), p->endpoint.s);
    return true;
}

static bool check(struct asg *g, struct ll_err *err)
{
    struct ll_aws_credentials c;
    const struct ll_place_aws *p = g->place;
    if (p->group.n == 0 || p->group.n >= GROUP_MAX || memchr(p->group.s, '\0', p->group.n))
        return ll_err_set(err, LL_E_CONFIG, "group is not the name of an Auto Scaling group");
    if (!make_url(g, err))
        return false;
    if (!ll_aws_credentials_find(p->credentials_file, p->profile, &c, err)) {
        err->code = LL_E_CONFIG;
        return false;
    }
    ll_aws_credentials_fini(&c);
    return true;
}

static void close_it(struct ll_executor *base)
{
    struct asg *g = (struct asg *)base;
    if (!g)
        return;
    ll_exchange_fini(&g->exchange);
    free(g);
}

static bool open_it(const struct ll_target_place *place, struct ll_executor **out,
                    struct ll_err *err)
{
    struct asg *g = calloc(1, sizeof(*g));
    if (!g)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a target");
    g->base.ops = &ll_executor_aws_asg;
    g->place = &place->aws;
    g->exchange = (struct ll_exchange){.timeout = place->timeout, .x = &g->base};
    if (!check(g, err)) {
        free(g);
        return false;
    }
    *out = &g->base;
    return true;
}

static void add_form(struct ll_str *out, const char *name, struct ll_slice value)
{
    ll_str_addf(out, "%s%s=", out->n ? "&" : "", name);
    for (size_t i = 0; i < value.n; i++) {
        char c = value.s[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.' || c == '~';
        if (plain)
            ll_str_addc(out, c);
        else
            ll_str_addf(out, "%%%02X", (unsigned char)c);
    }
}

/* What an error's code means; those that are not here are judged by the status. */
static bool outcome_of(const char *code, enum ll_outcome *out)
{
    static const struct {
        const char *code;
        enum ll_outcome outcome;
    } known[] = {
        {"ScalingActivityInProgress", LL_OUTCOME_LATER},
        {"ResourceContention", LL_OUTCOME_LATER},
        {"Throttling", LL_OUTCOME_LATER},
        {"ThrottlingException", LL_OUTCOME_LATER},
        {"RequestLimitExceeded", LL_OUTCOME_LATER},
        {"RequestExpired", LL_OUTCOME_REFUSED},
        {"ValidationError", LL_OUTCOME_REFUSED},
    };
    for (size_t i = 0; i < LL_LEN(known); i++)
        if (strcmp(code, known[i].code) == 0) {
            *out = known[i].outcome;
            return true;
        }
    return false;
}

static enum ll_outcome judge_error(const struct asg *g, struct ll_http_response *http,
                                   enum ll_outcome got, ll_dur *retry_after, struct ll_err *err)
{
    struct ll_aws_error e;
    char code[64], message[200];
    if (!http->body || !ll_aws_error_read(http->body, http->n, &e))
        return got;
    ll_exchange_text(ll_slice_of(e.code), code, sizeof(code));
    ll_exchange_text(ll_slice_of(e.message), message, sizeof(message));
    ll_err_set(err, err->code, "%s was answered with %d %s: %s", g->url, http->status, code,
               message);
    outcome_of(e.code, &got);
    if (got == LL_OUTCOME_LATER && *retry_after == 0)
        *retry_after = LL_EXCHANGE_RETRY_DEFAULT;
    return got;
}

static enum ll_outcome ask(struct asg *g, const struct ll_str *body, bool changes,
                           struct ll_http_response *http, ll_dur *retry_after, struct ll_err *err)
{
    struct ll_aws_credentials c;
    if (body->failed) {
        ll_err_set(err, LL_E_TOO_LARGE, "the request is over %d bytes", BODY_BYTES);
        return LL_OUTCOME_REFUSED;
    }
    if (!ll_aws_credentials_find(g->place->credentials_file, g->place->profile, &c, err))
        return LL_OUTCOME_REFUSED;
    const struct ll_http_header token = {"X-Amz-Security-Token", c.session_token};
    const struct ll_http_request req = {.method = LL_HTTP_POST,
                                        .url = g->url,
                                        .username = c.key_id,
                                        .password = c.secret,
                                        .aws_sigv4 = g->sign,
                                        .headers = &token,
                                        .n_headers = c.session_token[0] ? 1 : 0,
                                        .accept = "text/xml",
                                        .content_type = "application/x-www-form-urlencoded",
                                        .body = body->s,
                                        .body_bytes = body->n};
    enum ll_outcome got = ll_exchange_do(&g->exchange, &req, changes, http, retry_after, err);
    ll_aws_credentials_fini(&c);
    return got == LL_OUTCOME_OK ? got : judge_error(g, http, got, retry_after, err);
}

static void begin(struct ll_str *body, const char *action)
{
    ll_str_init(body, BODY_BYTES);
    add_form(body, "Action", ll_slice_of(action));
    add_form(body, "Version", LL_SLICE("2011-01-01"));
}

static enum ll_outcome observe(struct ll_executor *base, struct ll_executor_seen *out,
                               ll_dur *retry_after, struct ll_err *err)
{
    struct asg *g = (struct asg *)base;
    struct ll_http_response http = {0};
    struct ll_aws_group group;
    struct ll_str body;
    begin(&body, "DescribeAutoScalingGroups");
    add_form(&body, "AutoScalingGroupNames.member.1", g->place->group);
    enum ll_outcome got = ask(g, &body, false, &http, retry_after, err);
    if (got == LL_OUTCOME_OK &&
        !ll_aws_group_read(http.body, http.n, g->place->group, &group, err)) {
        got = err->code == LL_E_NOT_FOUND ? LL_OUTCOME_REFUSED : LL_OUTCOME_UNKNOWN;
        ll_err_wrap(err, "the answer of %s", g->url);
    }
    ll_http_response_fini(&http);
    ll_str_fini(&body);
    if (got != LL_OUTCOME_OK)
        return got;
    *out = (struct ll_executor_seen){
        .current = group.desired, .ready = group.in_service, .min = group.min, .max = group.max};
    memcpy(g->suspended, group.suspended, sizeof(g->suspended));
    return got;
}

/* Instances are made by Launch and ended by Terminate; a group in which it is suspended takes the
 * number and does nothing. */
static bool may_scale(const struct asg *g, const struct ll_executor_action *a, struct ll_err *err)
{
    const char *process = a->to > a->from ? "Launch" : "Terminate";
    return !strstr(g->suspended, process) ||
           ll_err_set(err, LL_E_CONFLICT, "process %s of group %.*s is suspended; resume it first",
                      process, (int)g->place->group.n, g->place->group.s);
}

static enum ll_outcome apply(struct ll_executor *base, const struct ll_executor_action *a,
                             ll_dur *retry_after, struct ll_err *err)
{
    struct asg *g = (struct asg *)base;
    struct ll_http_response http = {0};
    char number[24];
    struct ll_str body;
    if (!may_scale(g, a, err))
        return LL_OUTCOME_REFUSED;
    snprintf(number, sizeof(number), "%lld", (long long)a->to);
    begin(&body, "SetDesiredCapacity");
    add_form(&body, "AutoScalingGroupName", g->place->group);
    add_form(&body, "DesiredCapacity", ll_slice_of(number));
    add_form(&body, "HonorCooldown", LL_SLICE("false"));
    enum ll_outcome got = ask(g, &body, true, &http, retry_after, err);
    if (got == LL_OUTCOME_OK &&
        !ll_aws_answer_is(http.body, http.n, "SetDesiredCapacityResponse", err)) {
        ll_err_wrap(err, "the answer of %s", g->url);
        got = LL_OUTCOME_UNKNOWN;
    }
    ll_http_response_fini(&http);
    ll_str_fini(&body);
    return got;
}

static void plan(struct ll_executor *base, const struct ll_executor_action *a, char *buf, size_t n)
{
    const struct asg *g = (const struct asg *)base;
    snprintf(buf, n, "POST %s SetDesiredCapacity of %.*s: %lld instead of %lld", g->url,
             (int)g->place->group.n, g->place->group.s, (long long)a->to, (long long)a->from);
}

const struct ll_executor_ops ll_executor_aws_asg = {
    .name = "aws_asg",
    .doc = "the desired capacity of an Auto Scaling group of AWS",
    .open = open_it,
    .close = close_it,
    .observe = observe,
    .apply = apply,
    .plan = plan,
};
