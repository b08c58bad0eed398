/* What people are told of: a notice, and the policy that says whom and when.
 *
 * A standing notice lasts until it is cleared (a source is down); one that is `once` says what
 * happened (an action was applied).  Both are told apart by their key.  Nothing here reads a clock
 * or speaks to anybody: see book.h for when, write.h for the words. */
#ifndef LL_NOTICE_NOTICE_H
#define LL_NOTICE_NOTICE_H

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

/* member, name, name of the alert, severity, once, at once (no group_wait), what it is */
#define LL_NOTICE_TABLE(X)                                                                         \
    X(LL_NOTICE_PROPOSAL, "proposal", "LoadlineProposal", LL_SEVERITY_WARNING, false, true,        \
      "a change of scale waits for a person")                                                      \
    X(LL_NOTICE_APPLIED, "action_applied", "LoadlineActionApplied", LL_SEVERITY_INFO, true, false, \
      "a change of scale was made")                                                                \
    X(LL_NOTICE_FAILED, "action_failed", "LoadlineActionFailed", LL_SEVERITY_CRITICAL, true, true, \
      "a change of scale failed")                                                                  \
    X(LL_NOTICE_UNKNOWN, "action_unknown", "LoadlineActionUnknown", LL_SEVERITY_CRITICAL, false,   \
      true, "a change of scale was sent and is not confirmed")                                     \
    X(LL_NOTICE_TARGET, "target_condition", "LoadlineTargetCondition", LL_SEVERITY_WARNING, false, \
      false, "something is wrong with a target of scaling")                                        \
    X(LL_NOTICE_HELD, "target_held", "LoadlineTargetHeld", LL_SEVERITY_WARNING, false, false,      \
      "a target is not scaled: its data is missing or not believed, or somebody else changes it")  \
    X(LL_NOTICE_SOURCE, "source_down", "LoadlineSourceDown", LL_SEVERITY_WARNING, false, false,    \
      "a source of samples does not answer")                                                       \
    X(LL_NOTICE_STORAGE, "storage_failed", "LoadlineStorageFailed", LL_SEVERITY_CRITICAL, false,   \
      true, "the database cannot be written")                                                      \
    X(LL_NOTICE_FORECAST, "forecast_demoted", "LoadlineForecastDemoted", LL_SEVERITY_WARNING,      \
      false, false, "a forecast that a rule goes by lost its trust")                               \
    X(LL_NOTICE_CALENDAR, "calendar_stale", "LoadlineCalendarStale", LL_SEVERITY_WARNING, true,    \
      false, "a calendar in use is not announced far enough")                                      \
    X(LL_NOTICE_STATUS, "status_critical", "LoadlineStatusCritical", LL_SEVERITY_CRITICAL, false,  \
      false, "a resource of a service is critical")                                                \
    X(LL_NOTICE_TEST, "test", "LoadlineTest", LL_SEVERITY_INFO, true, true,                        \
      "somebody tries whether notifications arrive")

enum ll_severity { LL_SEVERITY_INFO, LL_SEVERITY_WARNING, LL_SEVERITY_CRITICAL, LL_SEVERITIES };

#define X(member, name, alert, severity, once, urgent, doc) member,
enum ll_notice_kind { LL_NOTICE_TABLE(X) LL_NOTICE_KINDS };
#undef X

struct ll_notice_info {
    const char *name, *alert;
    enum ll_severity severity;
    bool once, urgent;
    const char *doc;
};
const struct ll_notice_info *ll_notice_info(enum ll_notice_kind k);
const char *ll_notice_severity_name(enum ll_severity s);
/* False when the text names none; *out untouched then. */
LL_MUST_USE bool ll_notice_kind_parse(struct ll_slice text, enum ll_notice_kind *out);

/* Copied whole, so no lifetime.  Empty text = not known. */
struct ll_notice {
    enum ll_notice_kind kind;
    enum ll_severity severity;
    char key[192]; /* "proposal/0192…": the same thing has the same key */
    char service[128], team[64], owner[64], venue[64];
    char title[128], text[384];
    char path[128];     /* of the page that shows it, below external_url: "scaling" */
    char on_expiry[16]; /* what becomes of it when nobody answers: "hold", "execute" */
    ll_time at;         /* since when, or when it happened */
    ll_time deadline;   /* until when somebody may answer; LL_TIME_NONE = nobody has to */
};
/* Copies text into a field: valid UTF-8, no control characters, cut where a character ends. */
void ll_notice_put(char *field, size_t size, struct ll_slice text);
#define LL_NOTICE_PUT(field, text) ll_notice_put((field), sizeof(field), (text))

enum ll_receiver_kind {
    LL_RECEIVER_WEBHOOK,
    LL_RECEIVER_SLACK,
    LL_RECEIVER_EMAIL,
    LL_RECEIVER_ALERTMANAGER
};
enum ll_starttls { LL_STARTTLS_REQUIRED, LL_STARTTLS_OFF };

enum { LL_NOTICE_RECEIVERS_MAX = 32 };

struct ll_notice_receiver {
    struct ll_slice name;
    enum ll_receiver_kind kind;
    const char *url, *url_file; /* one of them; of an Alertmanager up to before /api */
    const char *secret_file;    /* of the signature; NULL = none */
    const char *bearer_token_file, *ca_file;
    ll_dur timeout; /* 10 s */
    struct {
        const char *host; /* NULL = not given */
        size_t port;      /* 587 */
        const char *from;
        const char *const *to; /* NULL-terminated */
        const char *username, *password_file;
        enum ll_starttls starttls;
    } smtp;
};

/* Empty = any. */
struct ll_notice_route {
    struct ll_slice severity, event, team, owner, venue;
    struct ll_slice service; /* pattern with * and ? */
    struct ll_slice receiver;
};

struct ll_notice_silence {
    struct ll_slice service; /* pattern with * and ? */
    ll_time until;
    struct ll_slice reason;
};

struct ll_notice_policy {
    const struct ll_notice_receiver *receivers;
    const struct ll_notice_route *routes; /* the first that fits; else the first receiver */
    const struct ll_notice_silence *silences;
    size_t n_receivers, n_routes, n_silences;
    const char *const *events; /* names of what is told; NULL-terminated; empty = all */
    ll_dur group_wait, group_interval, repeat_interval;
};

/* The index of the receiver; n_receivers when nobody is to be told. */
size_t ll_notice_route(const struct ll_notice_policy *p, const struct ll_notice *n);
/* Until when it is silenced; LL_TIME_NONE = it is not. */
ll_time ll_notice_silenced(const struct ll_notice_policy *p, const struct ll_notice *n,
                           ll_time now);

#endif
