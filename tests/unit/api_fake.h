/* A small engine for the API's tests: the real monitor, no threads, and faults on demand. */
#ifndef LL_TESTS_API_FAKE_H
#define LL_TESTS_API_FAKE_H

#include <pthread.h>

#include "api/api.h"
#include "config/rules_file.h"
#include "engine/engine.h"
#include "engine/scaling.h"
#include "engine/simulations.h"

struct ll_engine {
    struct ll_config config;
    struct ll_calendars *calendars;
    struct ll_monitor *monitor;
    pthread_mutex_t lock;
    struct fake_published *published;
    uint64_t sequence;
    ll_time now; /* 0 = the real clock */
    void (*on_publish)(void *ctx);
    void *on_publish_ctx;
    struct ll_event events[LL_EVENTS_KEPT];
    size_t n_events;
    struct ll_engine_status status;

    /* What happens to a pushed batch. */
    bool busy, storage_failed, slow_ack;
    size_t refuse_series_from; /* samples from here on meet the series limit; 0 = none */
    size_t ingested, business, imported;
    size_t duplicates;       /* points that the store is to find twice */
    size_t intake_points;    /* of the last labelled set */
    char intake_labels[256]; /* of its first series */
    char intake_form;
    size_t audited;
    char audit[256]; /* the last row: actor, role, address, action, object */
    size_t intake_body;
    struct ll_sample last;
    char last_service[256], agent[64];

    /* Scaling: what is shown, and what was asked for last. */
    struct fake_scaling {
        struct ll_rules_doc *doc;
        struct ll_held_target target;
        const struct ll_held_target *targets[1];
        struct ll_held_rule rule;
        struct ll_scaling_book book;
        bool busy, refuse; /* commands */
        enum ll_scaling_verb verb;
        char id[128], actor[64], role[16], address[64];
        bool authenticated;
        int asked;
    } scaling;
};

/* api_fake_scaling.c: a target with a rule, an action that waits, a decision, two audit rows. */
void fake_scaling_init(struct ll_engine *e);
bool fake_each_action(struct ll_store_reader *r, const struct ll_actions_query *q,
                      ll_store_action_fn *fn, void *ctx, struct ll_err *err);
bool fake_each_decision(struct ll_store_reader *r, const struct ll_decisions_query *q,
                        ll_store_decision_fn *fn, void *ctx, struct ll_err *err);
bool fake_each_audit(struct ll_store_reader *r, const struct ll_audit_query *q,
                     ll_store_audit_fn *fn, void *ctx, struct ll_err *err);

/* Three services with a known state at a fixed time. */
struct ll_engine *fake_engine_new(void);
void fake_engine_free(struct ll_engine *e);
void fake_publish(struct ll_engine *e);
void fake_record(struct ll_engine *e, const char *service, enum ll_resource_type type,
                 const char *instance, const char *part, double value, double capacity);
void fake_event(struct ll_engine *e, const char *title);

#endif
