/* The keys of notifications: receivers, routes, silences. */
#include <string.h>

#include "config/config_private.h"

#define C(field) offsetof(struct ll_config, notifications.field)
#define R(field) offsetof(struct ll_notice_receiver, field)
#define ROUTE(field) offsetof(struct ll_notice_route, field)
#define SILENCE(field) offsetof(struct ll_notice_silence, field)
#define TABLE(rows, type)                                                                          \
    {                                                                                              \
        (rows), LL_LEN(rows), sizeof(type), NULL                                                   \
    }
#define TEXT(k, at, text)                                                                          \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_TEXT, .flags = LL_SCHEMA_SUBST, .offset = at, .min = 1,      \
        .max = 4096, .doc = (text)                                                                 \
    }
#define SLICE(k, at, most, flag, checker, text)                                                    \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_SLICE, .flags = LL_SCHEMA_SUBST | (flag), .offset = at,      \
        .min = 1, .max = most, .check = checker, .doc = (text)                                     \
    }
#define SPAN(k, at, lo, hi, std, text)                                                             \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_DURATION, .offset = at, .min = (double)(lo),                 \
        .max = (double)(hi), .standard = (std), .doc = (text)                                      \
    }

static const char *check_url(struct ll_slice t)
{
    bool http = t.n > 7 && memcmp(t.s, "http://", 7) == 0;
    bool https = t.n > 8 && memcmp(t.s, "https://", 8) == 0;
    for (size_t i = 0; i < t.n; i++)
        if ((unsigned char)t.s[i] <= ' ' || t.s[i] == 0x7f)
            return "has a space or control character in it";
    return http || https ? NULL : "is not a URL such as https://hooks.example/loadline";
}

/* It goes into the header of a mail and the envelope before it. */
static const char *check_address(struct ll_slice t)
{
    const char *at = memchr(t.s, '@', t.n);
    for (size_t i = 0; i < t.n; i++)
        if ((unsigned char)t.s[i] <= ' ' || t.s[i] == 0x7f || strchr("<>,;\"", t.s[i]))
            return "is more than a mail address: write it as oncall@desk.example";
    return at && at > t.s && at + 1 < t.s + t.n ? NULL : "is not a mail address";
}

static const char *check_host(struct ll_slice t)
{
    for (size_t i = 0; i < t.n; i++)
        if ((unsigned char)t.s[i] <= ' ' || t.s[i] == 0x7f || strchr("/@?#", t.s[i]))
            return "is not the name of a host";
    return NULL;
}

static const char *check_event(struct ll_slice t)
{
    enum ll_notice_kind k;
    return ll_notice_kind_parse(t, &k) && k != LL_NOTICE_TEST
               ? NULL
               : "is no event: proposal, action_applied, action_failed, action_unknown, "
                 "target_condition, target_held, source_down, storage_failed, forecast_demoted, "
                 "calendar_stale, status_critical";
}

static const char *check_severity(struct ll_slice t)
{
    for (int i = 0; i < LL_SEVERITIES; i++)
        if (ll_slice_is(t, ll_notice_severity_name((enum ll_severity)i)))
            return NULL;
    return "is not info, warning or critical";
}

static const char *const kind_names[] = {[LL_RECEIVER_WEBHOOK] = "webhook",
                                         [LL_RECEIVER_SLACK] = "slack",
                                         [LL_RECEIVER_EMAIL] = "email",
                                         [LL_RECEIVER_ALERTMANAGER] = "alertmanager",
                                         NULL};
static const char *const starttls_names[] = {
    [LL_STARTTLS_REQUIRED] = "required", [LL_STARTTLS_OFF] = "off", NULL};

static const struct ll_schema_row smtp_rows[] = {
    {.key = "host",
     .type = LL_SCHEMA_TEXT,
     .flags = LL_SCHEMA_SUBST,
     .offset = R(smtp.host),
     .min = 1,
     .max = 253,
     .check = check_host,
     .doc = "server that takes the mail"},
    {.key = "port",
     .type = LL_SCHEMA_COUNT,
     .offset = R(smtp.port),
     .min = 1,
     .max = 65535,
     .standard = "587",
     .doc = "its port"},
    {.key = "from",
     .type = LL_SCHEMA_TEXT,
     .flags = LL_SCHEMA_SUBST,
     .offset = R(smtp.from),
     .max = 254,
     .check = check_address,
     .doc = "address of the sender"},
    {.key = "to",
     .type = LL_SCHEMA_TEXTS,
     .flags = LL_SCHEMA_ONE | LL_SCHEMA_SUBST,
     .offset = R(smtp.to),
     .max = 32,
     .standard = "",
     .check = check_address,
     .doc = "addresses that get it"},
    TEXT("username", R(smtp.username), "user of the server"),
    TEXT("password_file", R(smtp.password_file), "file with that user's password"),
    {.key = "starttls",
     .type = LL_SCHEMA_ENUM,
     .offset = R(smtp.starttls),
     .standard = "required",
     .names = starttls_names,
     .doc = "off sends mail, and the password, that others on the way can read"},
};
static const struct ll_schema smtp = TABLE(smtp_rows, struct ll_notice_receiver);

static const struct ll_schema_row receiver_rows[] = {
    SLICE("name", R(name), LL_NAME_MAX, LL_SCHEMA_REQUIRED | LL_SCHEMA_UNIQUE, NULL,
          "name of the receiver, as routes call it"),
    {.key = "kind",
     .type = LL_SCHEMA_ENUM,
     .flags = LL_SCHEMA_REQUIRED,
     .offset = R(kind),
     .names = kind_names,
     .doc = "what it understands"},
    {.key = "url",
     .type = LL_SCHEMA_TEXT,
     .flags = LL_SCHEMA_SUBST | LL_SCHEMA_SECRET,
     .offset = R(url),
     .min = 8,
     .max = 2048,
     .check = check_url,
     .doc = "where it listens; of an Alertmanager up to before /api"},
    TEXT("url_file", R(url_file), "file with the URL, for one that is a secret itself"),
    TEXT("secret_file", R(secret_file),
         "file with the secret of the signature (Standard Webhooks); webhook only"),
    TEXT("bearer_token_file", R(bearer_token_file), "file with a token to send"),
    TEXT("ca_file", R(ca_file), "authority that signed the server's certificate"),
    SPAN("timeout", R(timeout), 100, LL_MINUTE, "10s", "how long one delivery may take"),
    {.key = "smtp", .type = LL_SCHEMA_STRUCT, .sub = &smtp, .doc = "the way of mails; email only"},
};
static const struct ll_schema receiver = TABLE(receiver_rows, struct ll_notice_receiver);

static const struct ll_schema_row route_rows[] = {
    SLICE("severity", ROUTE(severity), 16, 0, check_severity, "info, warning or critical"),
    SLICE("event", ROUTE(event), 64, 0, check_event, "one of the events"),
    SLICE("team", ROUTE(team), LL_NAME_MAX, 0, NULL, "team of the service"),
    SLICE("owner", ROUTE(owner), LL_NAME_MAX, 0, NULL, "owner of the service"),
    SLICE("venue", ROUTE(venue), LL_NAME_MAX, 0, NULL, "venue of the service"),
    SLICE("service", ROUTE(service), LL_NAME_MAX, 0, NULL,
          "the service, as a pattern with * and ?"),
    SLICE("receiver", ROUTE(receiver), LL_NAME_MAX, LL_SCHEMA_REQUIRED, NULL,
          "name of the receiver"),
};
static const struct ll_schema route = TABLE(route_rows, struct ll_notice_route);

static const struct ll_schema_row silence_rows[] = {
    SLICE("service", SILENCE(service), LL_NAME_MAX, LL_SCHEMA_REQUIRED, NULL,
          "the service, as a pattern with * and ?; * is everything"),
    {.key = "until",
     .type = LL_SCHEMA_TIME,
     .flags = LL_SCHEMA_REQUIRED,
     .offset = SILENCE(until),
     .doc = "what is still open then is told then"},
    SLICE("reason", SILENCE(reason), 256, LL_SCHEMA_REQUIRED, NULL, "why, for whoever wonders"),
};
static const struct ll_schema silence = TABLE(silence_rows, struct ll_notice_silence);

static const struct ll_schema_row rows[] = {
    {.key = "receivers",
     .type = LL_SCHEMA_LIST,
     .offset = C(receivers),
     .offset_n = C(n_receivers),
     .max = LL_NOTICE_RECEIVERS_MAX,
     .sub = &receiver,
     .doc = "who can be told; the first gets what no route takes; without one nothing is sent"},
    {.key = "routes",
     .type = LL_SCHEMA_LIST,
     .offset = C(routes),
     .offset_n = C(n_routes),
     .max = LL_CONFIG_LIST_MAX,
     .sub = &route,
     .doc = "whom to tell; the first that fits counts, and a key that is left out fits all"},
    {.key = "silences",
     .type = LL_SCHEMA_LIST,
     .offset = C(silences),
     .offset_n = C(n_silences),
     .max = LL_CONFIG_LIST_MAX,
     .sub = &silence,
     .doc = "what is not told for a while"},
    {.key = "events",
     .type = LL_SCHEMA_TEXTS,
     .flags = LL_SCHEMA_ONE,
     .offset = C(events),
     .max = LL_NOTICE_KINDS,
     .standard = "",
     .standard_doc = "all of them",
     .check = check_event,
     .doc = "what is told at all"},
    SPAN("group_wait", C(group_wait), 0, LL_HOUR, "30s",
         "how long the first of a kind waits for others, unless it is urgent"),
    SPAN("group_interval", C(group_interval), 0, LL_DAY, "5m",
         "least time between messages of a kind to a receiver, unless it is urgent"),
    SPAN("repeat_interval", C(repeat_interval), LL_MINUTE, 30 * LL_DAY, "4h",
         "what is still open is told again after it"),
};
const struct ll_schema ll_config_notifications_schema = {rows, LL_LEN(rows), 0, NULL};

static const char *missing(const struct ll_notice_receiver *x)
{
    const bool mail = x->kind == LL_RECEIVER_EMAIL, has_url = x->url || x->url_file;
    if (mail && (!x->smtp.host || !x->smtp.from || !x->smtp.to || !x->smtp.to[0]))
        return "an email receiver needs smtp with host, from and to";
    if (mail && (has_url || x->secret_file || x->bearer_token_file))
        return "an email receiver has no url, secret_file or bearer_token_file";
    if (mail && !x->smtp.username != !x->smtp.password_file)
        return "smtp.username and smtp.password_file belong together";
    if (!mail && x->smtp.host)
        return "smtp is for the kind email";
    if (!mail && !has_url)
        return "it needs url or url_file";
    if (x->url && x->url_file)
        return "give url or url_file, not both";
    if (x->secret_file && x->kind != LL_RECEIVER_WEBHOOK)
        return "secret_file is for the kind webhook: nobody else knows the signature";
    return NULL;
}

static void finish_receiver(struct ll_schema_reader *r, struct ll_notice_receiver *x)
{
    const struct ll_yaml_place none = {.name = "notifications"};
    const struct ll_yaml_place *p = ll_schema_place(r->places, &x->name);
    const char *const *paths[] = {&x->url_file, &x->secret_file, &x->bearer_token_file, &x->ca_file,
                                  &x->smtp.password_file};
    const char *why = missing(x);
    if (why)
        ll_schema_fail(r, p ? p : &none, "receiver '%.*s': %s", (int)x->name.n, x->name.s, why);
    for (size_t i = 0; i < LL_LEN(paths); i++) {
        const bool given = *paths[i] != NULL;
        ll_config_resolve(r, (const char **)(uintptr_t)paths[i]);
        if (given && !*paths[i])
            ll_schema_fail(r, p ? p : &none, "no memory for paths");
    }
}

static bool has_receiver(const struct ll_notice_policy *n, struct ll_slice name)
{
    for (size_t i = 0; i < n->n_receivers; i++)
        if (ll_slice_eq(n->receivers[i].name, name))
            return true;
    return false;
}

void ll_config_notifications_finish(struct ll_schema_reader *r, struct ll_config *c)
{
    const struct ll_notice_policy *n = &c->notifications;
    const struct ll_yaml_place none = {.name = "notifications"};
    struct ll_notice_receiver *receivers = (struct ll_notice_receiver *)(uintptr_t)n->receivers;
    for (size_t i = 0; i < n->n_receivers; i++)
        finish_receiver(r, &receivers[i]);
    for (size_t i = 0; i < n->n_routes; i++) {
        const struct ll_slice name = n->routes[i].receiver;
        const struct ll_yaml_place *p = ll_schema_place(r->places, &n->routes[i].receiver);
        if (!has_receiver(n, name))
            ll_schema_fail(r, p ? p : &none,
                           "there is no receiver '%.*s' in "
                           "notifications.receivers",
                           (int)name.n, name.s);
    }
}
