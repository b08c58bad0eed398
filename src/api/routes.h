/* The route table: the one place that says which routes exist, who may use them and
 * what they take.  /api/v1/openapi.json, docs/reference/routes.md, the checks of query
 * parameters, 404, 405 and the role of a caller all come from it. */
#ifndef LL_API_ROUTES_H
#define LL_API_ROUTES_H

#include "api/context.h"

enum ll_method {
    LL_GET = 1, /* and HEAD */
    LL_POST = 2,
    LL_PUT = 4,
    LL_DELETE = 8
};

enum ll_route_flags {
    LL_ROUTE_ANY_HOST = 1,     /* probes: asked by address, tell nothing */
    LL_ROUTE_BODY = 2,         /* takes application/json, or what another flag says */
    LL_ROUTE_STREAM = 4,       /* the answer does not end */
    LL_ROUTE_LIFECYCLE = 8,    /* an operator may too with web.enable_lifecycle */
    LL_ROUTE_HIDDEN = 16,      /* not in the OpenAPI document */
    LL_ROUTE_SCOPE_FREE = 128, /* tells and changes nothing of any service */
    LL_ROUTE_SCOPE_OWN = 256,  /* its handler sees to what a limited caller may see and change */
    LL_ROUTE_PROTOBUF = 32     /* takes application/x-protobuf in snappy, with LL_ROUTE_BODY */
};

struct ll_route {
    const char *path; /* a segment in braces matches any one segment; "/x/" + "*" any rest */
    unsigned methods; /* enum ll_method */
    enum ll_role role;
    unsigned flags;
    enum MHD_Result (*handle)(struct ll_request *r); /* called with the whole body */
    enum MHD_Result (*resume)(struct ll_request *r); /* after a suspension; may be NULL */
    const struct ll_param *params;
    const char *id, *doc;           /* operationId and one line */
    const char *request, *response; /* names of schemas; NULL = none */
    const char *mime;               /* of the response; NULL = application/json */
};

extern const struct ll_route ll_routes[];
size_t ll_routes_count(void);

/* The route of a path and method; NULL with *allow = the methods the path has, 0 = no such
 * path.  The table is an argument for the tests' sake. */
const struct ll_route *ll_route_find(const struct ll_route *table, size_t n, struct ll_slice path,
                                     unsigned method, unsigned *allow);

/* "GET, HEAD, POST, OPTIONS" of a set of methods. */
enum { LL_ALLOW_TEXT_MAX = 64 };
const char *ll_route_allow(unsigned methods, char buf[static LL_ALLOW_TEXT_MAX]);
unsigned ll_route_method(const char *method); /* 0 = none of ours */
const char *ll_route_method_name(unsigned method);

#endif
