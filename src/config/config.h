/* The configuration: one strict YAML file, flags and environment over it, defaults below.
 *
 * Precedence: flag > environment (LOADLINE_WEB_LISTEN_ADDRESS) > file > default.  A load
 * is all or nothing.  A loaded configuration is immutable and lives until freed. */
#ifndef LL_CONFIG_CONFIG_H
#define LL_CONFIG_CONFIG_H

#include "base/map.h"
#include "config/config_collect.h"
#include "config/config_scaling.h"
#include "notice/notice.h"
#include "os/log.h"

enum { LL_CONFIG_LIST_MAX = 256 };

struct ll_schema_places;

struct ll_config_service {
    struct ll_slice name;
    struct ll_service_meta meta;
    struct ll_slice calendar; /* code of the calendar it works by; empty = none */
    double instances;         /* declared inventory, NaN = not declared */
    bool has_threshold[LL_RESOURCE_COUNT];
    struct ll_threshold threshold[LL_RESOURCE_COUNT]; /* complete where has_threshold */
};

struct ll_config_tier { /* thresholds of a tier, by its name */
    struct ll_slice name;
    bool has_threshold[LL_RESOURCE_COUNT];
    struct ll_threshold threshold[LL_RESOURCE_COUNT];
};

struct ll_config {
    /* CapacityConfig */
    struct ll_threshold threshold[LL_RESOURCE_COUNT];
    ll_dur check_interval;   /* check_interval_seconds, default 15 s */
    ll_dur forecast_horizon; /* forecast_horizon_hours, default 24 h */
    bool enable_auto_scaling;

    const char *environment;
    struct {
        const char *const *listen_address; /* NULL-terminated, default 127.0.0.1:7380 */
        const char *external_url;
        const char *config_file;          /* TLS and users; NULL = none */
        bool has_login;                   /* that file, when it was loaded, had a way to sign in */
        bool enable_lifecycle;            /* POST /-/reload without a token */
        const char *const *allowed_hosts; /* more names for the Host header */
        size_t max_connections;           /* 1024 */
        size_t max_body;                  /* bytes, 16 MiB */
        size_t max_streams;               /* 64 */
    } web;

    struct {
        const char *path; /* default $STATE_DIRECTORY, else ~/.local/share/loadline */
        ll_dur retain_raw, retain_5m, retain_1h, retain_decisions;
        size_t max_decisions;      /* bytes of their records */
        size_t max_series;         /* 20000 */
        size_t max_labeled_series; /* 50000 */
        ll_dur out_of_order;       /* 0 = retain_raw */
    } storage;

    struct {
        enum ll_log_level level;
        enum ll_log_format format;
    } log;

    struct {
        bool enabled;    /* true */
        ll_dur interval; /* 0 = check_interval */
        const char *instance;
        const char *const *ignore_mounts;
        const char *const *ignore_devices;
        double link_speed_bytes_per_second; /* given as 1Gbps; NaN = not known */
        bool cgroups;                       /* true */
        size_t max_cgroups;
    } host;

    struct ll_config_collect collect;

    struct {
        size_t workers;     /* threads that fit; 1 */
        ll_dur lead;        /* horizon at which scaling has to know, where it does not tell; 1 h */
        ll_dur horizon_max; /* of a forecast on demand; 14 days */
    } forecast;

    struct {               /* config/calendars.h */
        const char *rules; /* folder; NULL = none */
        const char *const *overlays, *const *use;
    } calendars;
    struct ll_config_scaling scaling;
    struct ll_notice_policy notifications;

    const struct ll_config_service *services;
    size_t n_services;
    const struct ll_config_tier *tiers;
    size_t n_tiers;

    const char *file; /* NULL when there is none */
    char hash[17];    /* of everything effective, hex */
    struct ll_arena *arena;
    struct ll_schema_places *places; /* where each value came from; for ll_config_show */
    struct ll_map *by_name;          /* of services; for ll_config_service */
};

/* A `--key=value` of the command line; the key as in the schema ("web.listen-address"). */
struct ll_config_flag {
    const char *key, *value;
};
struct ll_config_source { /* everything a load depends on; borrowed */
    const char *file;     /* NULL = the flag config.file, else LOADLINE_CONFIG_FILE, else no file */
    struct ll_slice text; /* when .s is set: the content, and `file` (may be NULL) only names it */
    const struct ll_config_flag *flags;
    size_t n_flags;
    const char *const *env; /* environ; NULL = none */
};

/* Reads the file, what conf.d beside it adds (*.yml, the later name wins, the file wins over
 * all), the environment and the flags.  Fails with LL_E_CONFIG; err->line/column and a text that
 * names the file, the place, the allowed values and what may have been meant. */
LL_MUST_USE bool ll_config_load(const struct ll_config_source *src, struct ll_config **out,
                                struct ll_err *err);

/* For `check config`: the first `max` things that are wrong; when nothing is, calendars that are
 * missing, then what the web configuration file has wrong; returns how many there are. */
enum { LL_CONFIG_ERRORS_MAX = 20 };
size_t ll_config_check(const struct ll_config_source *src, struct ll_err *errs, size_t max);

/* Whether that key is a flag ("web.listen-address"); *is_bool = it needs no value. */
bool ll_config_has_flag(const char *key, bool *is_bool);
void ll_config_free(struct ll_config *c);
LL_AUTO_DEFINE(ll_config, ll_config_free)

/* The thresholds of a service's resource: service > tier > resource type > default.
 * tier: the service's, from labels or config; may be empty. */
struct ll_threshold ll_config_threshold(const struct ll_config *c, struct ll_slice service,
                                        struct ll_slice tier, enum ll_resource_type type);

const struct ll_config_service *ll_config_service(const struct ll_config *c, struct ll_slice name);
/* `config show [--sources]`: the effective configuration as YAML, each line with where it
 * came from in a comment (flag, env, file:line, default).  Secrets are redacted. */
void ll_config_show(const struct ll_config *c, bool sources, struct ll_str *out);
/* The mapping's rules alone: a configuration that has only them. */
void ll_config_show_mapping(const struct ll_config *c, struct ll_str *out);
/* `config schema`: every key with type, unit, default, limits and meaning; from the table, which
 * config/schema.h walks for help and completion. */
void ll_config_schema(struct ll_str *out, bool json);
struct ll_schema;
const struct ll_schema *ll_config_table(void);

#endif
