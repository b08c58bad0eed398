/* Recipes: what labelled series mean, as rows of constants.
 *
 * One recipe makes one part of one resource from up to six terms; a term is the sum (count,
 * maximum, mean) of the series that it selects:
 *
 *     value = plus + sum of weight * term        capacity likewise
 *
 * A fact row notes what joins need: who owns a pod, what it asked for, how a host is called. */
#ifndef LL_MAPPING_RECIPE_H
#define LL_MAPPING_RECIPE_H

#include "core/enums.h"

enum { LL_RECIPE_TERMS_MAX = 6 };

enum ll_recipe_how { LL_RECIPE_SUM, LL_RECIPE_COUNT, LL_RECIPE_MAX, LL_RECIPE_MEAN };

enum ll_recipe_term_flag {
    LL_TERM_OPTIONAL = 1,   /* missing, it counts nothing and gives no capacity */
    LL_TERM_VETO = 2,       /* above zero: the recipe makes nothing */
    LL_TERM_LIMIT = 4,      /* a limit: the smallest of them that is below 1e12 is the capacity */
    LL_TERM_FALLBACK = 8,   /* only where the term before has no series */
    LL_TERM_LATCH = 16,     /* once above zero, "latched" is true */
    LL_TERM_IF_LATCHED = 32 /* a limit that holds only then */
};

struct ll_recipe_term {
    const char *metric;
    const char *where;      /* matchers as inside the braces of a selector; NULL = all */
    double value, capacity; /* weights */
    bool counter;
    enum ll_recipe_how how;
    unsigned flags;
};

/* How service and instance are found. */
enum ll_recipe_naming {
    LL_NAMING_PLAIN, /* by the templates */
    LL_NAMING_NODE,  /* instance: the node's name where node_uname_info tells it */
    LL_NAMING_POD,   /* service: the owner of the pod; instance: the pod */
    LL_NAMING_CLAIM  /* through the volume claim to the pod; part: the volume */
};

enum ll_recipe_flag {
    LL_RECIPE_PRIMARY = 1,
    LL_RECIPE_PRIMARY_FIRST = 2,   /* the first by name of its kind on the instance */
    LL_RECIPE_PRIMARY_LARGEST = 4, /* "/", else the one with the largest capacity */
    LL_RECIPE_ONE_PER_DEVICE = 8,  /* of several mount points the shortest */
    LL_RECIPE_NEEDS_CAPACITY = 16,
    LL_RECIPE_NEEDS_LATCH = 32,
    LL_RECIPE_CLAMP = 64,     /* at most the capacity: what is rounded may come out above */
    LL_RECIPE_WEAK = 128,     /* about the exporter itself where the target has other recipes */
    LL_RECIPE_ASYNC = 256,    /* its series carry times of their own that differ within a scrape */
    LL_RECIPE_LOOSE = 512,    /* a series that is new counts nothing at first and spoils nothing */
    LL_RECIPE_POD_CPU = 1024, /* capacity: the pod's limits, else its requests */
    LL_RECIPE_POD_MEMORY = 2048,
    LL_RECIPE_NOT_HOST_NETWORK = 4096
};

struct ll_recipe {
    const char *rule;                      /* for people */
    const char *service, *instance, *part; /* templates; "" = named otherwise */
    enum ll_resource_type type;
    enum ll_unit unit;
    enum ll_recipe_naming naming;
    unsigned flags;
    double plus, capacity; /* constants; capacity 0 = none */
    struct ll_recipe_term terms[LL_RECIPE_TERMS_MAX];
};

/* What facts are about; the key's text tells which one. */
enum ll_object_kind {
    LL_OBJECT_TARGET, /* job/instance */
    LL_OBJECT_POD,    /* cluster/namespace/pod, and so on */
    LL_OBJECT_REPLICASET,
    LL_OBJECT_JOB,
    LL_OBJECT_WORKLOAD, /* cluster/namespace/name */
    LL_OBJECT_CLAIM,
    LL_OBJECT_JOIN /* of a rule's capacity_from */
};

enum ll_fact {
    LL_FACT_NODENAME,
    LL_FACT_OWNER, /* owner_kind, owner_name */
    LL_FACT_INFO,  /* created_by_kind, created_by_name, host_network */
    LL_FACT_OVER,  /* above zero: succeeded or failed */
    LL_FACT_READY,
    LL_FACT_START, /* seconds since 1970 */
    LL_FACT_CONTAINER,
    LL_FACT_REQUEST_CPU,
    LL_FACT_REQUEST_MEMORY,
    LL_FACT_LIMIT_CPU,
    LL_FACT_LIMIT_MEMORY,
    LL_FACT_CLAIM,  /* of the claim: its pod and volume */
    LL_FACT_VOLUME, /* the same of the pod */
    LL_FACT_DESIRED,
    LL_FACT_WORKLOAD_READY,
    LL_FACT_WORKLOAD_AVAILABLE, /* where ready is not there */
    LL_FACT_LABELS,
    LL_FACT_CAPACITY /* of a join */
};

struct ll_recipe_fact {
    const char *metric, *where;
    const char *key;  /* template */
    const char *kind; /* of a workload */
    enum ll_object_kind object;
    enum ll_fact fact;
};

struct ll_recipe_table {
    const struct ll_recipe *recipes;
    size_t n_recipes;
    const struct ll_recipe_fact *facts;
    size_t n_facts;
};

extern const struct ll_recipe_table ll_mapping_builtin_exporters, ll_mapping_builtin_kube,
    ll_mapping_builtin_node;

#endif
