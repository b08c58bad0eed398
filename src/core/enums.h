/* The product's enumerations, with their names both ways from one table each.
 * Names print in upper case and are read in any case. */
#ifndef LL_CORE_ENUMS_H
#define LL_CORE_ENUMS_H

#include "base/str.h"

#define LL_RESOURCE_TABLE(X)                                                                       \
    X(LL_RESOURCE_CPU, "CPU")                                                                      \
    X(LL_RESOURCE_MEMORY, "MEMORY")                                                                \
    X(LL_RESOURCE_DISK, "DISK")                                                                    \
    X(LL_RESOURCE_NETWORK, "NETWORK")                                                              \
    X(LL_RESOURCE_CONNECTIONS, "CONNECTIONS")                                                      \
    X(LL_RESOURCE_QUEUE_DEPTH, "QUEUE_DEPTH")                                                      \
    X(LL_RESOURCE_API_CALLS, "API_CALLS")

#define LL_DIRECTION_TABLE(X)                                                                      \
    X(LL_DIRECTION_NO_ACTION, "NO_ACTION")                                                         \
    X(LL_DIRECTION_SCALE_UP, "SCALE_UP")                                                           \
    X(LL_DIRECTION_SCALE_DOWN, "SCALE_DOWN")                                                       \
    X(LL_DIRECTION_SCALE_OUT, "SCALE_OUT")                                                         \
    X(LL_DIRECTION_SCALE_IN, "SCALE_IN")

#define LL_POLICY_TABLE(X)                                                                         \
    X(LL_POLICY_THRESHOLD, "THRESHOLD")                                                            \
    X(LL_POLICY_PREDICTIVE, "PREDICTIVE")                                                          \
    X(LL_POLICY_SCHEDULED, "SCHEDULED")                                                            \
    X(LL_POLICY_MANUAL, "MANUAL")

/* In order of printing; severity is core/status.h. */
#define LL_STATUS_TABLE(X)                                                                         \
    X(LL_STATUS_HEALTHY, "HEALTHY")                                                                \
    X(LL_STATUS_WARNING, "WARNING")                                                                \
    X(LL_STATUS_CRITICAL, "CRITICAL")                                                              \
    X(LL_STATUS_OVER_PROVISIONED, "OVER_PROVISIONED")                                              \
    X(LL_STATUS_UNDER_PROVISIONED, "UNDER_PROVISIONED")                                            \
    X(LL_STATUS_UNKNOWN, "UNKNOWN")

/* Base units of current_value and capacity; lower case, as in the API. */
#define LL_UNIT_TABLE(X)                                                                           \
    X(LL_UNIT_CORES, "cores")                                                                      \
    X(LL_UNIT_BYTES, "bytes")                                                                      \
    X(LL_UNIT_BYTES_PER_SECOND, "bytes_per_second")                                                \
    X(LL_UNIT_CONNECTIONS, "connections")                                                          \
    X(LL_UNIT_ITEMS, "items")                                                                      \
    X(LL_UNIT_CALLS_PER_SECOND, "calls_per_second")                                                \
    X(LL_UNIT_RATIO, "ratio")                                                                      \
    X(LL_UNIT_SECONDS, "seconds")                                                                  \
    X(LL_UNIT_OPERATIONS_PER_SECOND, "operations_per_second")                                      \
    X(LL_UNIT_FILES, "files")

#define X(member, name) member,
enum ll_resource_type { LL_RESOURCE_TABLE(X) LL_RESOURCE_COUNT };
enum ll_direction { LL_DIRECTION_TABLE(X) LL_DIRECTION_COUNT };
enum ll_policy { LL_POLICY_TABLE(X) LL_POLICY_COUNT };
enum ll_status { LL_STATUS_TABLE(X) LL_STATUS_COUNT };
enum ll_unit { LL_UNIT_TABLE(X) LL_UNIT_COUNT };
#undef X

/* Static names; a value out of range gives "?". */
const char *ll_resource_name(enum ll_resource_type v);
const char *ll_direction_name(enum ll_direction v);
const char *ll_policy_name(enum ll_policy v);
const char *ll_status_name(enum ll_status v);
const char *ll_unit_name(enum ll_unit v);

/* False when the text names none; *out untouched then. */
LL_MUST_USE bool ll_resource_parse(struct ll_slice text, enum ll_resource_type *out);
LL_MUST_USE bool ll_direction_parse(struct ll_slice text, enum ll_direction *out);
LL_MUST_USE bool ll_policy_parse(struct ll_slice text, enum ll_policy *out);
LL_MUST_USE bool ll_status_parse(struct ll_slice text, enum ll_status *out);
LL_MUST_USE bool ll_unit_parse(struct ll_slice text, enum ll_unit *out);

/* The unit of a resource's primary part. */
enum ll_unit ll_resource_unit(enum ll_resource_type type);

/* For people: "API calls". */
const char *ll_resource_label(enum ll_resource_type type);

#endif
