/* Where a target is and how it is reached: what its executor needs, as declared.  Plain data;
 * secrets are named by the files they are in. */
#ifndef LL_SCALING_PLACE_H
#define LL_SCALING_PLACE_H

#include "base/str.h"
#include "base/time.h"

struct ll_place_kubernetes {
    struct ll_slice server;     /* https://…; empty = the kubeconfig's, or in-cluster */
    struct ll_slice kubeconfig; /* file; empty = in-cluster service account */
    struct ll_slice context;
    struct ll_slice group_version; /* "apps/v1" */
    struct ll_slice resource;      /* plural: "deployments", anything with a scale subresource */
    struct ll_slice namespace_, name;
    bool floor_of_hpa;  /* an HPA owns it: its minReplicas is raised as a floor, nothing else */
    bool floor_of_keda; /* the same of a ScaledObject's minReplicaCount */
    struct ll_slice owner_name; /* of that HPA or ScaledObject; empty = found by its reference */
    struct ll_slice container;  /* vertical: resize subresource of its pods; CPU in millicores */
    bool container_memory;      /* of that container: its memory in bytes */
    struct ll_slice ca_file, token_file;
};

struct ll_place_aws {
    struct ll_slice region, group, endpoint;   /* endpoint empty = https://autoscaling.REGION… */
    struct ll_slice credentials_file, profile; /* empty: environment, then the usual places */
};

struct ll_place_webhook {
    struct ll_slice url;      /* POST of the action */
    struct ll_slice read_url; /* GET of {"current":n,"ready":n}; empty = url */
    struct ll_slice secret_file, token_file, ca_file;
    bool allow_private; /* link-local and metadata addresses are refused otherwise */
};

struct ll_place_exec {
    const struct ll_slice *argv; /* [0] an absolute path; no shell */
    size_t n_argv;
    const struct ll_slice *observe; /* prints {"current":n,"ready":n}; none = argv with "observe" */
    size_t n_observe;
    const struct ll_slice *env; /* NAME=value, all it gets beside PATH and LOADLINE_* */
    size_t n_env;
    bool idempotent; /* may be run again after an end that is not known */
};

struct ll_place_dry_run {
    int64_t current; /* what it has at first */
};

enum ll_place_kind {
    LL_PLACE_DRY_RUN,
    LL_PLACE_AWS_ASG,
    LL_PLACE_EXEC,
    LL_PLACE_KUBERNETES,
    LL_PLACE_WEBHOOK,
    LL_PLACE_KINDS
};
const char *ll_place_kind_name(enum ll_place_kind k); /* "dry_run", "aws_asg", … */

struct ll_target_place {
    enum ll_place_kind kind;
    ll_dur timeout; /* of one exchange; 30 s, connecting 5 s */
    struct ll_place_kubernetes kubernetes;
    struct ll_place_aws aws;
    struct ll_place_webhook webhook;
    struct ll_place_exec exec;
    struct ll_place_dry_run dry_run;
};

#endif
