/* The kinds of executors there are, for their table. */
#ifndef LL_EXECUTE_EXECUTORS_H
#define LL_EXECUTE_EXECUTORS_H

#include "execute/executor.h"

extern const struct ll_executor_ops ll_executor_aws_asg;
extern const struct ll_executor_ops ll_executor_dry_run;
extern const struct ll_executor_ops ll_executor_exec;
extern const struct ll_executor_ops ll_executor_kubernetes;
extern const struct ll_executor_ops ll_executor_webhook;

#endif
