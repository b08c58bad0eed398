#include "execute/aws_answer.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "execute/xml_in.h"

#define GROUP                                                                                      \
    "DescribeAutoScalingGroupsResponse/DescribeAutoScalingGroupsResult/AutoScalingGroups/member"

/* One group as it is read; `there` has a bit for each number that was seen. */
struct reading {
    struct ll_aws_group g;
    struct ll_slice wanted;
    bool named, found;
    unsigned there;
    bool in_service, healthy;
    struct ll_aws_group result;
};

static bool take_number(struct reading *r, struct ll_slice text, int64_t *to, unsigned bit,
                        struct ll_err *err)
{
    if ((r->there & bit) || !ll_num_parse_int(text, to) || *to < 0)
        return ll_err_set(err, LL_E_INVALID, "a size of the group is not a whole number from 0");
    r->there |= bit;
    return true;
}

/* Launch and Terminate make and end instances; without them a new size changes nothing. */
static void take_suspended(struct reading *r, struct ll_slice name)
{
    size_t n = strlen(r->g.suspended);
    if (ll_slice_is(name, "Launch") || ll_slice_is(name, "Terminate"))
        snprintf(r->g.suspended + n, sizeof(r->g.suspended) - n, "%s%.*s", n ? "," : "",
                 (int)name.n, name.s);
}

static bool end_group(struct reading *r, struct ll_err *err)
{
    if (r->named && r->there != 7)
        return ll_err_set(err, LL_E_INVALID, "the group does not say all of its sizes");
    if (r->named) {
        r->result = r->g;
        r->found = true;
    }
    r->g = (struct ll_aws_group){0};
    r->named = false;
    r->there = 0;
    return true;
}

/* Called at the end of an element, with those above it still open. */
static bool take(struct reading *r, const struct ll_xml_in *in, struct ll_err *err)
{
    struct ll_slice text = in->text;
    if (ll_xml_in_at(in, GROUP "/AutoScalingGroupName"))
        r->named = ll_slice_eq(text, r->wanted);
    else if (ll_xml_in_at(in, GROUP "/MinSize"))
        return take_number(r, text, &r->g.min, 1, err);
    else if (ll_xml_in_at(in, GROUP "/MaxSize"))
        return take_number(r, text, &r->g.max, 2, err);
    else if (ll_xml_in_at(in, GROUP "/DesiredCapacity"))
        return take_number(r, text, &r->g.desired, 4, err);
    else if (ll_xml_in_at(in, GROUP "/Instances/member/LifecycleState"))
        r->in_service = ll_slice_is(text, "InService");
    else if (ll_xml_in_at(in, GROUP "/Instances/member/HealthStatus"))
        r->healthy = ll_slice_is(text, "Healthy");
    else if (ll_xml_in_at(in, GROUP "/SuspendedProcesses/member/ProcessName"))
        take_suspended(r, text);
    else if (ll_xml_in_at(in, GROUP "/Instances/member")) {
        r->g.in_service += r->in_service && r->healthy;
        r->in_service = r->healthy = false;
    } else if (ll_xml_in_at(in, GROUP))
        return end_group(r, err);
    return true;
}

/* Reads to the end; each element is handed to `closed` before it is left. */
static bool walk(char *text, size_t n, const char *root,
                 bool (*closed)(void *ctx, const struct ll_xml_in *in, struct ll_err *err),
                 void *ctx, struct ll_err *err)
{
    struct ll_xml_in in;
    ll_xml_in_init(&in, text, n);
    for (bool first = true;; first = false) {
        enum ll_xml_token kind;
        struct ll_slice name;
        if (!ll_xml_in_next(&in, &kind, &name, err))
            return false;
        if (kind == LL_XML_END)
            return true;
        if (first && !ll_slice_is(name, root))
            return ll_err_set(err, LL_E_INVALID, "it is not a %s", root);
        if (kind == LL_XML_CLOSE && closed) {
            in.depth++; /* open[] still has the name */
            bool ok = closed(ctx, &in, err);
            in.depth--;
            if (!ok)
                return false;
        }
    }
}

static bool group_closed(void *ctx, const struct ll_xml_in *in, struct ll_err *err)
{
    return take(ctx, in, err);
}

bool ll_aws_group_read(char *text, size_t n, struct ll_slice name, struct ll_aws_group *out,
                       struct ll_err *err)
{
    struct reading r = {.wanted = name};
    if (!walk(text, n, "DescribeAutoScalingGroupsResponse", group_closed, &r, err))
        return false;
    if (!r.found)
        return ll_err_set(err, LL_E_NOT_FOUND,
                          "there is no Auto Scaling group '%.*s' in this region",
                          (int)LL_MIN(name.n, (size_t)120), name.s);
    *out = r.result;
    return true;
}

bool ll_aws_answer_is(char *text, size_t n, const char *root, struct ll_err *err)
{
    return walk(text, n, root, NULL, NULL, err);
}

static void keep(char *out, size_t size, struct ll_slice text)
{
    size_t n = LL_MIN(text.n, size - 1);
    memcpy(out, text.s, n);
    out[n] = '\0';
}

static bool error_closed(void *ctx, const struct ll_xml_in *in, struct ll_err *err)
{
    struct ll_aws_error *e = ctx;
    (void)err;
    if (ll_xml_in_at(in, "ErrorResponse/Error/Code"))
        keep(e->code, sizeof(e->code), in->text);
    else if (ll_xml_in_at(in, "ErrorResponse/Error/Message"))
        keep(e->message, sizeof(e->message), in->text);
    return true;
}

bool ll_aws_error_read(char *text, size_t n, struct ll_aws_error *out)
{
    struct ll_aws_error e = {"", ""};
    if (!walk(text, n, "ErrorResponse", error_closed, &e, NULL) || !e.code[0])
        return false;
    *out = e;
    return true;
}
