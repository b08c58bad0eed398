/* Answers of AWS Auto Scaling's query API (version 2011-01-01). */
#ifndef LL_EXECUTE_AWS_ANSWER_H
#define LL_EXECUTE_AWS_ANSWER_H

#include "base/err.h"
#include "base/str.h"

struct ll_aws_group {
    int64_t min, max, desired;
    int64_t in_service;  /* instances that are InService and Healthy */
    char suspended[128]; /* processes that keep it from scaling, with commas; "" = none */
};

struct ll_aws_error {
    char code[64], message[200];
};

/* DescribeAutoScalingGroups for one name; text[0..n) is changed.  Fails with LL_E_NOT_FOUND when
 * the answer has no such group, LL_E_INVALID when it is not like that. */
LL_MUST_USE bool ll_aws_group_read(char *text, size_t n, struct ll_slice name,
                                   struct ll_aws_group *out, struct ll_err *err);

/* A complete answer of this action, as "SetDesiredCapacityResponse". */
LL_MUST_USE bool ll_aws_answer_is(char *text, size_t n, const char *root, struct ll_err *err);

/* False when it is no error's answer. */
LL_MUST_USE bool ll_aws_error_read(char *text, size_t n, struct ll_aws_error *out);

#endif
