/* What the routes of scaling share: commands that a request waits for, and how things look. */
#ifndef LL_API_SCALING_H
#define LL_API_SCALING_H

#include "api/json_out.h"
#include "api/routes.h"
#include "engine/scaling.h"
#include "engine/scaling_record.h"

enum { LL_SCALING_PAGE = 200, LL_SCALING_CURSOR_MAX = 48 };

/* What the engine said to a command; the request's. */
struct ll_scaling_said {
    bool ok;
    struct ll_err err;
    struct ll_issues issues; /* of a document */
    const struct ll_scaling_change *changes;
    size_t n_changes;
    struct ll_scaling_event action;
    struct ll_arena *arena; /* of the above */
};

/* Answers when the command is done. */
typedef enum MHD_Result ll_scaling_then(struct ll_request *r, const struct ll_scaling_said *said);

/* Hands the command over, with who asks, and lets the connection sleep.  `otherwise` answers when
 * it went wrong; NULL = ll_scaling_refused.  The route's resume is ll_handler_scaling_resume. */
enum MHD_Result ll_scaling_ask(struct ll_request *r, struct ll_scaling_command *c,
                               ll_scaling_then *then, ll_scaling_then *otherwise);
enum MHD_Result ll_scaling_refused(struct ll_request *r, const struct ll_scaling_said *said);

/* If-Match or ?version= (at param[at]): < 0 = neither.  False when it was refused; *done then. */
LL_MUST_USE bool ll_scaling_version(struct ll_request *r, size_t at, int64_t *version,
                                    enum MHD_Result *done);

/* One object each.  The book is that which has the rule or target. */
void ll_scaling_show_rule(struct ll_json_out *j, const struct ll_scaling_book *b,
                          const struct ll_held_rule *rule);
void ll_scaling_show_target(struct ll_json_out *j, const struct ll_scaling_book *b,
                            const struct ll_held_target *t);
void ll_scaling_show_decided(struct ll_json_out *j, const struct ll_held_target *t);
void ll_scaling_show_action(struct ll_json_out *j, const struct ll_scaling_event *e);
void ll_scaling_show_pause(struct ll_json_out *j, const char *key, const struct ll_pause_state *p);

/* When the oldest action was sent that has not ended; LL_TIME_NONE = there is none. */
ll_time ll_scaling_oldest_intent(const struct ll_scaling_book *b);

/* Pages of what comes newest first: the place is a time and how many of it were shown. */
struct ll_scaling_place {
    ll_time t; /* LL_TIME_NONE = the beginning */
    size_t skip;
};
LL_MUST_USE bool ll_scaling_place_read(struct ll_slice cursor, struct ll_scaling_place *out);

/* Whether the next row, of time t, is on the page; the place moves with it. */
bool ll_scaling_place_pass(struct ll_scaling_place *p, ll_time t, size_t *skipped);

#endif
