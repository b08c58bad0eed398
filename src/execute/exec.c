/* Runs a command: the action is JSON on its standard input, its exit code the answer.
 *
 * 0 applied; 75 (EX_TEMPFAIL) not now, nothing was changed; the other codes of sysexits.h, 64 to
 * 78, refused, nothing was changed.  Everything else, 1 too, a signal and the time limit, may have
 * changed something and is read back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "execute/body.h"
#include "execute/executors.h"
#include "os/child.h"

enum { ARENA_BYTES = 1 << 20, WORDS_MAX = 256, OWN_ENV = 7, SAID_MAX = 160 };

static const char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

struct exec {
    struct ll_executor base;
    const struct ll_target_place *place;
    struct ll_arena *arena;
    char **apply, **observe; /* argv, NULL ends each */
    char **env;              /* declared, with room for OWN_ENV behind */
    size_t n_env;
};

/* The words as C strings, with `spare` empty places behind them. */
static char **copy_words(struct ll_arena *a, const struct ll_slice *v, size_t n, size_t spare)
{
    char **out = LL_ARENA_NEW(a, char *, n + spare + 1);
    for (size_t i = 0; out && i < n; i++)
        if (!(out[i] = ll_arena_copy(a, v[i].s, v[i].n)))
            return NULL;
    return out;
}

static bool check_words(const char *what, const struct ll_slice *v, size_t n, struct ll_err *err)
{
    if (n > WORDS_MAX)
        return ll_err_set(err, LL_E_CONFIG, "%s has more than %d words", what, WORDS_MAX);
    for (size_t i = 0; i < n; i++)
        if (memchr(v[i].s, '\0', v[i].n))
            return ll_err_set(err, LL_E_CONFIG, "a word of %s has a NUL byte in it", what);
    return true;
}

static bool check_program(const char *what, const char *file, struct ll_err *err)
{
    if (file[0] != '/')
        return ll_err_set(err, LL_E_CONFIG, "%s begins with '%s'; give the whole path, from /",
                          what, file);
    return access(file, X_OK) == 0 ||
           ll_err_set(err, LL_E_CONFIG,
                      "%s cannot be run by this user; is it there and executable?", file);
}

static bool check_env(const struct ll_place_exec *p, struct ll_err *err)
{
    for (size_t i = 0; i < p->n_env; i++) {
        struct ll_slice e = p->env[i];
        const char *equals = e.n ? memchr(e.s, '=', e.n) : NULL;
        if (!equals || equals == e.s)
            return ll_err_set(err, LL_E_CONFIG, "env '%.*s' is not NAME=value",
                              (int)LL_MIN(e.n, (size_t)80), e.s);
        if (e.n >= 9 && memcmp(e.s, "LOADLINE_", 9) == 0)
            return ll_err_set(err, LL_E_CONFIG, "env '%.*s': LOADLINE_ names are set for it",
                              (int)(equals - e.s), e.s);
    }
    return true;
}

static bool check(const struct ll_place_exec *p, struct ll_err *err)
{
    if (p->n_argv == 0)
        return ll_err_set(err, LL_E_CONFIG, "exec has no command; give argv, the program first");
    return check_words("argv", p->argv, p->n_argv, err) &&
           check_words("observe", p->observe, p->n_observe, err) &&
           check_words("env", p->env, p->n_env, err) && check_env(p, err);
}

static bool copy_place(struct exec *x, struct ll_err *err)
{
    const struct ll_place_exec *p = &x->place->exec;
    bool own = p->n_observe > 0;
    x->apply = copy_words(x->arena, p->argv, p->n_argv, 0);
    x->observe = own ? copy_words(x->arena, p->observe, p->n_observe, 0)
                     : copy_words(x->arena, p->argv, p->n_argv, 1);
    x->env = copy_words(x->arena, p->env, p->n_env, OWN_ENV);
    x->n_env = p->n_env;
    if (x->observe && !own)
        x->observe[p->n_argv] = ll_arena_copy(x->arena, "observe", 7);
    if (!x->apply || !x->observe || !x->env || (!own && !x->observe[p->n_argv]))
        return ll_err_set(err, LL_E_MEMORY, "no memory for a command");
    return check_program("argv", x->apply[0], err) && check_program("observe", x->observe[0], err);
}

static void close_it(struct ll_executor *base)
{
    struct exec *x = (struct exec *)base;
    if (!x)
        return;
    ll_arena_free(x->arena);
    free(x);
}

static bool open_it(const struct ll_target_place *place, struct ll_executor **out,
                    struct ll_err *err)
{
    if (!check(&place->exec, err))
        return false;
    struct exec *x = calloc(1, sizeof(*x));
    if (!x || !(x->arena = ll_arena_new(ARENA_BYTES))) {
        free(x);
        return ll_err_set(err, LL_E_MEMORY, "no memory for a command");
    }
    x->base.ops = &ll_executor_exec;
    x->base.once = !place->exec.idempotent;
    x->place = place;
    if (!copy_place(x, err)) {
        close_it(&x->base);
        return false;
    }
    *out = &x->base;
    return true;
}

/* Declared variables, PATH unless it is one of them, and ours. */
static char **environment(struct exec *x, char (*own)[1024], size_t n_own)
{
    size_t n = x->n_env;
    bool has_path = false;
    for (size_t i = 0; i < n; i++)
        has_path = has_path || strncmp(x->env[i], "PATH=", 5) == 0;
    if (!has_path)
        x->env[n++] = (char *)(uintptr_t)path;
    for (size_t i = 0; i < n_own; i++)
        x->env[n++] = own[i];
    x->env[n] = NULL;
    return x->env;
}

/* The last line it said, for people. */
static void said(const struct ll_child_end *e, char out[static SAID_MAX])
{
    const struct ll_str *s = e->err.n ? &e->err : &e->out;
    size_t n = s->n, from;
    while (n > 0 && (unsigned char)s->s[n - 1] <= ' ')
        n--;
    for (from = n; from > 0 && s->s[from - 1] != '\n';)
        from--;
    snprintf(out, SAID_MAX, "%s%.*s", n ? ": " : "", (int)LL_MIN(n - from, (size_t)SAID_MAX),
             n ? s->s + from : "");
}

static enum ll_outcome judge_exit(const char *name, const struct ll_child_end *e,
                                  struct ll_err *err)
{
    char text[SAID_MAX];
    said(e, text);
    if (e->code == 0)
        return LL_OUTCOME_OK;
    ll_err_set(err, LL_E_IO, "%s ended with exit code %d%s", name, e->code, text);
    if (e->code == EX_TEMPFAIL)
        return LL_OUTCOME_LATER;
    return e->code >= EX__BASE && e->code <= EX__MAX ? LL_OUTCOME_REFUSED : LL_OUTCOME_UNKNOWN;
}

static enum ll_outcome judge(const char *name, const struct ll_child_end *e, struct ll_err *err)
{
    char text[SAID_MAX];
    said(e, text);
    switch (e->how) {
    case LL_CHILD_EXITED:
        return judge_exit(name, e, err);
    case LL_CHILD_SIGNALED:
        ll_err_set(err, LL_E_IO, "%s was ended by signal %d%s", name, e->code, text);
        break;
    case LL_CHILD_TIMED_OUT:
        ll_err_set(err, LL_E_TIMEOUT, "%s did not end in time and was stopped%s", name, text);
        break;
    case LL_CHILD_STOPPED:
        ll_err_set(err, LL_E_BUSY, "%s was stopped because the daemon ends", name);
        break;
    }
    return LL_OUTCOME_UNKNOWN;
}

static enum ll_outcome run(struct exec *x, char **argv, char **env, struct ll_slice input,
                           struct ll_child_end *e, struct ll_err *err)
{
    const struct ll_child_opts o = {.argv = argv,
                                    .env = env,
                                    .input = input,
                                    .timeout = x->place->timeout,
                                    .stop = x->base.stop,
                                    .ctx = x->base.stop_ctx};
    if (!ll_child_run(&o, e, err)) /* nothing ran */
        return err->code == LL_E_IO ? LL_OUTCOME_LATER : LL_OUTCOME_REFUSED;
    return judge(argv[0], e, err);
}

static enum ll_outcome observe(struct ll_executor *base, struct ll_executor_seen *out,
                               ll_dur *retry_after, struct ll_err *err)
{
    struct exec *x = (struct exec *)base;
    struct ll_child_end e = {0};
    (void)retry_after;
    enum ll_outcome got =
        run(x, x->observe, environment(x, NULL, 0), (struct ll_slice){0}, &e, err);
    if (got == LL_OUTCOME_OK && e.cut) {
        ll_err_set(err, LL_E_TOO_LARGE, "%s printed more than %d bytes", x->observe[0],
                   LL_CHILD_OUTPUT_MAX);
        got = LL_OUTCOME_UNKNOWN;
    } else if (got == LL_OUTCOME_OK && !ll_body_read_seen(e.out.s, e.out.n, out, err)) {
        ll_err_wrap(err, "what %s printed is not like {\"current\":3,\"ready\":3}", x->observe[0]);
        got = LL_OUTCOME_UNKNOWN;
    }
    ll_child_end_fini(&e);
    return got;
}

static enum ll_outcome apply(struct ll_executor *base, const struct ll_executor_action *a,
                             ll_dur *retry_after, struct ll_err *err)
{
    struct exec *x = (struct exec *)base;
    struct ll_child_end e = {0};
    struct ll_str body;
    char own[OWN_ENV - 1][1024];
    (void)retry_after;
    snprintf(own[0], sizeof(own[0]), "LOADLINE_ACTION_ID=%.*s",
             (int)LL_MIN(a->action_id.n, (size_t)256), a->action_id.s);
    snprintf(own[1], sizeof(own[1]), "LOADLINE_TARGET=%.*s", (int)LL_MIN(a->target.n, (size_t)512),
             a->target.s);
    snprintf(own[2], sizeof(own[2]), "LOADLINE_SERVICE=%.*s",
             (int)LL_MIN(a->service.n, (size_t)512), a->service.s);
    snprintf(own[3], sizeof(own[3]), "LOADLINE_FROM=%lld", (long long)a->from);
    snprintf(own[4], sizeof(own[4]), "LOADLINE_TO=%lld", (long long)a->to);
    ll_str_init(&body, LL_BODY_BYTES_MAX);
    ll_body_action(&body, a);
    ll_str_addc(&body, '\n');
    enum ll_outcome got = LL_OUTCOME_REFUSED;
    if (body.failed)
        ll_err_set(err, LL_E_TOO_LARGE, "the action is over %d bytes", LL_BODY_BYTES_MAX);
    else
        got = run(x, x->apply, environment(x, own, 5), (struct ll_slice){body.s, body.n}, &e, err);
    ll_child_end_fini(&e);
    ll_str_fini(&body);
    return got;
}

static void plan(struct ll_executor *base, const struct ll_executor_action *a, char *buf, size_t n)
{
    const struct exec *x = (const struct exec *)base;
    struct ll_str line;
    ll_str_init(&line, 4096);
    ll_str_addz(&line, "run");
    for (size_t i = 0; x->apply[i]; i++)
        ll_str_addf(&line, " %s", x->apply[i]);
    ll_str_addf(&line, " with LOADLINE_FROM=%lld LOADLINE_TO=%lld", (long long)a->from,
                (long long)a->to);
    snprintf(buf, n, "%s", ll_str_z(&line));
    ll_str_fini(&line);
}

const struct ll_executor_ops ll_executor_exec = {
    .name = "exec",
    .doc = "runs a command with the action on its standard input",
    .vertical = true,
    .open = open_it,
    .close = close_it,
    .observe = observe,
    .apply = apply,
    .plan = plan,
};
