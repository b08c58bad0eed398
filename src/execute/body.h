/* The JSON that executors write and read: the action as it is told to webhooks and commands, and
 * what those say of their target. */
#ifndef LL_EXECUTE_BODY_H
#define LL_EXECUTE_BODY_H

#include "execute/executor.h"

enum { LL_BODY_BYTES_MAX = 64 << 10 };

/* The text with quotes around it; bytes that are not UTF-8 become U+FFFD. */
void ll_body_text(struct ll_str *out, struct ll_slice text);

/* {"action_id":…,"target":…,"service":…,"from":…,"to":…,"direction":…,"reason":…,"expires_at":…} */
void ll_body_action(struct ll_str *out, const struct ll_executor_action *a);

/* {"type":"scaling.action","timestamp":…,"data":<the action>} */
void ll_body_event(struct ll_str *out, const struct ll_executor_action *a, ll_time now);

/* {"current":n,"ready":n,"min":n,"max":n}: whole numbers from 0, current is required, other names
 * are passed over.  text[0..n) is changed.  Fails with LL_E_INVALID. */
LL_MUST_USE bool ll_body_read_seen(char *text, size_t n, struct ll_executor_seen *out,
                                   struct ll_err *err);

#endif
