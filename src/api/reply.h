/* Answers: JSON, text, problems (RFC 9457), and the headers each of them carries. */
#ifndef LL_API_REPLY_H
#define LL_API_REPLY_H

#include "api/context.h"
#include "api/json_out.h"

/* Headers that a request's answers carry, whatever they say. */
enum { LL_REPLY_LINES_MAX = 4, LL_REPLY_LINE_VALUE_MAX = 24 };
struct ll_reply_lines {
    const char *name[LL_REPLY_LINES_MAX];
    char value[LL_REPLY_LINES_MAX][LL_REPLY_LINE_VALUE_MAX];
    size_t n;
};

struct ll_reply {
    unsigned status;
    const char *mime;
    const char *etag;       /* with its quotes; NULL = none */
    const char *cache;      /* Cache-Control; NULL = no-store */
    const char *extra_name; /* one more header */
    const char *extra_value;
    const char *extra2_name;
    const char *extra2_value;
    bool gzipped;
};

/* Takes the text over and sends it.  503 when the text did not fit. */
enum MHD_Result ll_reply_send(struct ll_request *r, const struct ll_reply *how,
                              struct ll_str *text);
enum MHD_Result ll_reply_json(struct ll_request *r, struct ll_str *text);
enum MHD_Result ll_reply_empty(struct ll_request *r, const struct ll_reply *how);

/* A problem document from an error; status 0 = the one of its code. */
enum MHD_Result ll_reply_error(struct ll_request *r, const struct ll_err *err, int status);

/* The same with members of the caller's. */
typedef void ll_reply_more(struct ll_json_out *j, const void *ctx);
enum MHD_Result ll_reply_error_with(struct ll_request *r, const struct ll_err *err,
                                    ll_reply_more *more, const void *ctx);
enum MHD_Result ll_reply_problem(struct ll_request *r, enum ll_err_code code, const char *fmt, ...)
    LL_PRINTF(3, 4);
/* An error with what is wrong in detail. */
enum MHD_Result ll_reply_error_issues(struct ll_request *r, const struct ll_err *err,
                                      const struct ll_issues *issues);
enum MHD_Result ll_reply_issues(struct ll_request *r, const struct ll_issues *issues);

/* Queues a response made elsewhere (the cache, the stream) and counts it. */
enum MHD_Result ll_reply_queue(struct ll_request *r, unsigned status, struct MHD_Response *m);

/* A response that owns the text; NULL without memory, and the text is gone then too. */
struct MHD_Response *ll_reply_response(const struct ll_reply *how, struct ll_str *text);

/* Whether the Accept or Accept-Encoding header names the word (with q not 0). */
bool ll_reply_accepts(struct ll_slice header, const char *word);

/* `"etag"` is in the list of If-None-Match. */
bool ll_reply_matches(struct ll_slice if_none_match, const char *etag);

#endif
