/* Which targets there are: addresses, URLs and labels, from options and from files. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "collect/scrape_private.h"

enum { PEER_BYTES = 256 << 10, LABELS_MAX = 2 + 2 * LL_FILE_SD_LABELS_MAX };

/* A target before it is a peer. */
struct wish {
    struct ll_slice scheme, host, path; /* host: with its port, when it has one */
    struct ll_label labels[LABELS_MAX];
    size_t n;
};

struct sync {
    const struct ll_scrape_job *job;
    struct ll_scrape_peers *peers;
    struct ll_map *known; /* identity -> index of peers */
    struct ll_str *note;
    struct ll_err *err;
    size_t bad, wanted, over;
    bool failed;
};

bool ll_scrape_is_label_name(const char *name)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    size_t n = strlen(name);
    if (n == 0 || n > 256 || !strchr(first, name[0]))
        return false;
    for (size_t i = 1; i < n; i++)
        if (!strchr(first, name[i]) && !(name[i] >= '0' && name[i] <= '9'))
            return false;
    return true;
}

void ll_scrape_peer_free(struct ll_scrape_peer *p)
{
    if (!p)
        return;
    ll_scrape_page_drop(&p->page);
    ll_labeled_set_free(p->last);
    ll_arena_free(p->arena);
    free(p);
}

void ll_scrape_peers_fini(struct ll_scrape_peers *peers)
{
    for (size_t i = 0; i < peers->n; i++)
        ll_scrape_peer_free(peers->v[i]);
    free(peers->v);
    *peers = (struct ll_scrape_peers){0};
}

static bool push(struct ll_scrape_peers *peers, struct ll_scrape_peer *p)
{
    if (peers->n == peers->size) {
        size_t size = peers->size ? peers->size * 2 : 16;
        struct ll_scrape_peer **v = realloc(peers->v, size * sizeof(struct ll_scrape_peer *));
        if (!v)
            return false;
        peers->v = v;
        peers->size = size;
    }
    peers->v[peers->n++] = p;
    return true;
}

/* Later ones win. */
static void set_label(struct wish *w, struct ll_slice name, struct ll_slice value)
{
    for (size_t i = 0; i < w->n; i++) {
        if (ll_slice_eq(w->labels[i].name, name)) {
            w->labels[i].value = value;
            return;
        }
    }
    if (w->n < LABELS_MAX)
        w->labels[w->n++] = (struct ll_label){name, value};
}

static bool starts_with(struct ll_slice t, const char *z)
{
    size_t n = strlen(z);
    return t.n >= n && memcmp(t.s, z, n) == 0;
}

static bool is_port(struct ll_slice t)
{
    int64_t port;
    return t.n > 0 && t.s[0] != '-' && ll_num_parse_int(t, &port) && port > 0 && port < 65536;
}

/* host, host:port, [v6], [v6]:port; *port n 0 = it has none. */
static bool split_host(struct ll_slice t, struct ll_slice *port)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    const char *allowed = letters;
    size_t at = 0;
    *port = (struct ll_slice){"", 0};
    if (t.n > 0 && t.s[0] == '[') {
        allowed = "0123456789abcdefABCDEF:.";
        at = 1;
    }
    size_t start = at;
    while (at < t.n && t.s[at] && strchr(allowed, t.s[at]))
        at++;
    if (at == start)
        return false;
    if (start == 1 && (at == t.n || t.s[at++] != ']'))
        return false;
    if (at == t.n)
        return true;
    *port = (struct ll_slice){t.s + at + 1, t.n - at - 1};
    return t.s[at] == ':' && is_port(*port);
}

/* 169.254.0.0/16 and fe80::/10 hold the metadata of clouds, never a page of metrics. */
static bool is_link_local(struct ll_slice host)
{
    const struct ll_slice v6 = {host.s, LL_MIN(host.n, (size_t)5)};
    return starts_with(host, "169.254.") || ll_slice_ieq(v6, "[fe80") ||
           ll_slice_ieq(v6, "[fe90") || ll_slice_ieq(v6, "[fea0") || ll_slice_ieq(v6, "[feb0");
}

/* A URL gives its own scheme, and its path when it has one. */
static void take_url(struct wish *w, struct ll_slice text)
{
    static const char *const schemes[] = {"http", "https"};
    w->host = text;
    for (size_t i = 0; i < LL_LEN(schemes); i++) {
        size_t n = strlen(schemes[i]);
        if (!starts_with(text, schemes[i]) || text.n < n + 3 || memcmp(text.s + n, "://", 3) != 0)
            continue;
        w->scheme = ll_slice_of(schemes[i]);
        w->host = (struct ll_slice){text.s + n + 3, text.n - n - 3};
        const char *slash = memchr(w->host.s, '/', w->host.n);
        if (slash && slash + 1 < w->host.s + w->host.n)
            w->path = (struct ll_slice){slash, (size_t)(w->host.s + w->host.n - slash)};
        if (slash)
            w->host.n = (size_t)(slash - w->host.s);
        return;
    }
}

static bool is_path(struct ll_slice t)
{
    for (size_t i = 0; i < t.n; i++)
        if ((unsigned char)t.s[i] <= ' ' || t.s[i] == '#' || t.s[i] == 0x7f)
            return false;
    return t.n > 0 && t.n <= 4096 && t.s[0] == '/';
}

/* exported_exported_exported_exported_NAME */
static bool add_exported(struct ll_scrape_peer *p, size_t i)
{
    static const char prefix[] = "exported_";
    const size_t one = sizeof(prefix) - 1, all = LL_SCRAPE_EXPORTED * one;
    struct ll_slice name = p->labels[i].name;
    char *s = ll_arena_alloc(p->arena, all + name.n, 1);
    if (!s)
        return false;
    for (size_t k = 0; k < LL_SCRAPE_EXPORTED; k++)
        memcpy(s + k * one, prefix, one);
    memcpy(s + all, name.s, name.n);
    p->exported[i] = (struct ll_slice){s, all + name.n};
    return true;
}

static bool copy_labels(struct ll_scrape_peer *p, const struct wish *w)
{
    p->labels = LL_ARENA_NEW(p->arena, struct ll_label, w->n);
    p->exported = LL_ARENA_NEW(p->arena, struct ll_slice, w->n);
    for (size_t i = 0; p->labels && p->exported && i < w->n; i++) {
        const struct ll_label *l = &w->labels[i];
        p->labels[i].name =
            (struct ll_slice){ll_arena_copy(p->arena, l->name.s, l->name.n), l->name.n};
        p->labels[i].value =
            (struct ll_slice){ll_arena_copy(p->arena, l->value.s, l->value.n), l->value.n};
        if (!p->labels[i].name.s || !p->labels[i].value.s || !add_exported(p, i))
            return false;
        p->n_labels++;
    }
    return p->n_labels == w->n;
}

static struct ll_scrape_peer *make_peer(const struct wish *w, const struct ll_str *identity)
{
    struct ll_scrape_peer *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->arena = ll_arena_new(PEER_BYTES);
    const char *copy = p->arena ? ll_arena_copy(p->arena, identity->s, identity->n) : NULL;
    if (!copy || !copy_labels(p, w)) {
        ll_scrape_peer_free(p);
        return NULL;
    }
    p->identity = (struct ll_slice){copy, identity->n};
    p->url = copy;
    return p;
}

static void keep(struct sync *s, struct wish *w, const struct ll_str *identity)
{
    size_t at;
    if (ll_map_get(s->known, (struct ll_slice){identity->s, identity->n}, &at)) {
        s->wanted += !s->peers->v[at]->wanted;
        s->peers->v[at]->wanted = true;
        return;
    }
    if (s->wanted >= s->job->opts.max_targets) {
        s->over++;
        return;
    }
    struct ll_scrape_peer *p = make_peer(w, identity);
    if (!p || !ll_map_put(s->known, p->identity, s->peers->n) || !push(s->peers, p)) {
        if (p)
            ll_map_remove(s->known, p->identity);
        ll_scrape_peer_free(p);
        s->failed = true;
        return;
    }
    p->wanted = true;
    s->wanted++;
}

static void refuse(struct sync *s, struct ll_slice target, const char *why)
{
    if (s->bad++ == 0)
        ll_str_addf(s->note, "target '%.*s': %s; ", (int)LL_MIN(target.n, (size_t)100), target.s,
                    why);
}

/* Why a target is none; NULL = it is one. */
static const char *find_fault(const struct wish *w, struct ll_slice *port)
{
    if (!split_host(w->host, port))
        return "not host:port";
    if (is_link_local(w->host))
        return "link-local addresses are not scraped";
    if (!is_path(w->path))
        return "its path does not begin with /, or has a space or # in it";
    bool known = ll_slice_is(w->scheme, "https") || ll_slice_is(w->scheme, "http");
    return known ? NULL : "its scheme is neither http nor https";
}

static void make_identity(struct wish *w, struct ll_slice port, struct ll_str *instance,
                          struct ll_str *identity)
{
    ll_str_addf(instance, "%.*s%s", (int)w->host.n, w->host.s,
                port.n                            ? ""
                : ll_slice_is(w->scheme, "https") ? ":443"
                                                  : ":80");
    /* The second label is the instance; what is configured may have set it. */
    if (!w->labels[1].value.s)
        w->labels[1].value = (struct ll_slice){ll_str_z(instance), instance->n};
    ll_str_addf(identity, "%.*s://%s%.*s", (int)w->scheme.n, w->scheme.s, ll_str_z(instance),
                (int)w->path.n, w->path.s);
    ll_str_addc(identity, '\0');
}

static void add_wish(struct sync *s, struct ll_slice target, struct wish *w)
{
    struct ll_slice port;
    struct ll_str identity, instance;
    struct ll_err err = {0};
    const char *fault = find_fault(w, &port);
    ll_str_init(&identity, PEER_BYTES / 4);
    ll_str_init(&instance, 2048);
    if (!fault) {
        make_identity(w, port, &instance, &identity);
        if (!ll_labels_sort(w->labels, &w->n, &err))
            fault = err.text;
        else
            ll_labels_encode(w->labels, w->n, &identity);
        if (identity.failed || instance.failed)
            fault = "it is too long";
    }
    if (fault)
        refuse(s, target, fault);
    else
        keep(s, w, &identity);
    ll_str_fini(&identity);
    ll_str_fini(&instance);
}

static void start_wish(const struct sync *s, struct wish *w)
{
    const struct ll_scrape_opts *o = &s->job->opts;
    *w = (struct wish){.scheme = ll_slice_of(o->scheme), .path = ll_slice_of(o->path), .n = 2};
    w->labels[0] = (struct ll_label){LL_SLICE("job"), ll_slice_of(o->job)};
    w->labels[1] = (struct ll_label){LL_SLICE("instance"), {NULL, 0}};
    for (size_t i = 0; i < o->n_labels; i++)
        set_label(w, ll_slice_of(o->labels[i].name), ll_slice_of(o->labels[i].value));
}

/* Labels that begin with __ steer the scrape and do not stay. */
static void add_group(void *ctx, const struct ll_file_sd_group *g)
{
    struct sync *s = ctx;
    for (size_t t = 0; t < g->n_targets; t++) {
        struct wish w;
        start_wish(s, &w);
        w.host = g->targets[t];
        for (size_t i = 0; i < g->n_labels; i++) {
            const struct ll_label *l = &g->labels[i];
            if (ll_slice_is(l->name, "__scheme__"))
                w.scheme = l->value;
            else if (ll_slice_is(l->name, "__metrics_path__"))
                w.path = l->value;
            else if (!starts_with(l->name, "__"))
                set_label(&w, l->name, l->value);
        }
        add_wish(s, g->targets[t], &w);
    }
}

static void add_configured(struct sync *s)
{
    const char *const *targets = s->job->opts.targets;
    for (size_t i = 0; targets && targets[i]; i++) {
        struct wish w;
        struct ll_slice text = ll_slice_of(targets[i]);
        start_wish(s, &w);
        take_url(&w, text);
        add_wish(s, text, &w);
    }
}

static bool know_peers(struct sync *s)
{
    for (size_t i = 0; i < s->peers->n; i++) {
        s->peers->v[i]->wanted = false;
        if (!ll_map_put(s->known, s->peers->v[i]->identity, i))
            return false;
    }
    return true;
}

/* Those that nobody wants any more go. */
static bool part(struct sync *s, struct ll_scrape_peers *gone)
{
    size_t kept = 0;
    bool ok = true;
    for (size_t i = 0; i < s->peers->n; i++) {
        struct ll_scrape_peer *p = s->peers->v[i];
        if (!p->wanted && push(gone, p))
            continue;
        ok = ok && p->wanted;
        s->peers->v[kept++] = p;
    }
    s->peers->n = kept;
    return ok;
}

bool ll_scrape_targets_sync(const struct ll_scrape_job *job, struct ll_file_sd *sd,
                            struct ll_scrape_peers *peers, struct ll_scrape_peers *gone,
                            struct ll_str *note, struct ll_err *err)
{
    LL_AUTO(ll_map) known = ll_map_new(job->opts.seed, peers->n + job->opts.max_targets + 16);
    struct sync s = {.job = job, .peers = peers, .known = known, .note = note, .err = err};
    if (!known || !know_peers(&s))
        return ll_err_set(err, LL_E_MEMORY, "no memory for targets");
    add_configured(&s);
    if (sd)
        ll_file_sd_each(sd, add_group, &s);
    if (s.over > 0)
        ll_str_addf(note, "%zu targets over the limit of %zu; ", s.over, job->opts.max_targets);
    if (s.bad > 1)
        ll_str_addf(note, "%zu more targets are wrong; ", s.bad - 1);
    if (!part(&s, gone) || s.failed)
        return ll_err_set(err, LL_E_MEMORY, "no memory for targets");
    return true;
}
