#include "collect_tree.h"

#include <fts.h>

/* In memory where there is such a place: thousands of small files. */
const char *tree_scratch(void)
{
    return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

void tree_write(const struct tree *t, const char *path, const char *text, size_t n)
{
    char full[TREE_PATH];
    int len = snprintf(full, sizeof(full), "%s/%s", t->dir, path);
    ck_assert(len > 0 && (size_t)len < sizeof(full));
    for (char *c = full + strlen(t->dir) + 1; (c = strchr(c, '/')); c++) {
        *c = '\0';
        (void)mkdir(full, 0755);
        *c = '/';
    }
    FILE *f = fopen(full, "w");
    ck_assert_msg(f != NULL, "cannot write %s", full);
    ck_assert_uint_eq(fwrite(text, 1, n, f), n);
    fclose(f);
}

void tree_put(const struct tree *t, const char *path, const char *text)
{
    tree_write(t, path, text, strlen(text));
}

void tree_remove(const struct tree *t, const char *path)
{
    char full[TREE_PATH];
    snprintf(full, sizeof(full), "%s/%s", t->dir, path);
    char *const roots[] = {full, NULL};
    FTS *f = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    for (FTSENT *e; (e = fts_read(f));)
        if (e->fts_info != FTS_D)
            (void)remove(e->fts_accpath);
    fts_close(f);
}

/* Everything of tests/data/host/<name> over what is there. */
void tree_overlay(const struct tree *t, const char *name)
{
    char from[TREE_PATH], text[16384], target[TREE_PATH];
    snprintf(from, sizeof(from), "%s/host/%s", LL_TEST_DATA, name);
    char *const roots[] = {from, NULL};
    FTS *f = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    size_t files = 0;
    for (FTSENT *e; (e = fts_read(f));) {
        const char *relative = e->fts_path + strlen(from);
        relative += *relative == '/';
        if (e->fts_info == FTS_SL) {
            ssize_t n = readlink(e->fts_accpath, text, sizeof(text) - 1);
            ck_assert(n > 0);
            text[n] = '\0';
            snprintf(target, sizeof(target), "%s/%s", t->dir, relative);
            ck_assert_int_eq(symlink(text, target), 0);
        } else if (e->fts_info == FTS_F) {
            FILE *in = fopen(e->fts_accpath, "r");
            ck_assert_ptr_nonnull(in);
            size_t n = fread(text, 1, sizeof(text), in);
            fclose(in);
            tree_write(t, relative, text, n);
            files++;
        }
    }
    fts_close(f);
    ck_assert_msg(files > 0, "no recorded tree at %s", from);
}

void tree_init(struct tree *t)
{
    memset(t, 0, sizeof(*t));
    snprintf(t->dir, sizeof(t->dir), "%s/ll-collect-XXXXXX", tree_scratch());
    ck_assert_ptr_nonnull(mkdtemp(t->dir));
    snprintf(t->proc, sizeof(t->proc), "%s/proc", t->dir);
    snprintf(t->sys, sizeof(t->sys), "%s/sys", t->dir);
    snprintf(t->root, sizeof(t->root), "%s/root", t->dir);
    ck_assert(mkdir(t->proc, 0755) == 0 && mkdir(t->sys, 0755) == 0 && mkdir(t->root, 0755) == 0);
    t->opts = (struct ll_host_opts){
        .instance = "vm1", .procfs = t->proc, .sysfs = t->sys, .rootfs = t->root};
}

void tree_fini(struct tree *t)
{
    if (t->c)
        t->c->ops->close(t->c);
    ll_batch_free(t->b);
    tree_remove(t, "");
}

/* Collects step * TREE_STEP ms after the start. */
bool tree_collect(struct tree *t, int step)
{
    if (!t->c)
        ck_assert_msg(ll_collector_host.open(&t->opts, &t->c, &t->err), "%s", t->err.text);
    ll_batch_free(t->b);
    t->b = ll_batch_new(TREE_SAMPLES, 0, LL_ORIGIN_COLLECTOR);
    ck_assert_ptr_nonnull(t->b);
    bool ok = t->c->ops->collect(t->c, 1795485865000 + step * TREE_STEP,
                                 TREE_T0 + (ll_time)step * TREE_STEP, t->b, &t->err);
    for (size_t i = 0; i < t->b->n; i++)
        ck_assert_int_eq(ll_sample_check(&t->b->v[i], t->b->v[i].t, 0), LL_REFUSAL_NONE);
    return ok;
}

const struct ll_sample *tree_find(const struct tree *t, const char *service,
                                  enum ll_resource_type type, const char *part)
{
    const struct ll_sample *found = NULL;
    for (size_t i = 0; i < t->b->n; i++) {
        const struct ll_sample *s = &t->b->v[i];
        if (s->key.type != type || !ll_slice_is(s->key.service, service) ||
            !ll_slice_is(s->key.part, part))
            continue;
        ck_assert_msg(!found, "%s %s '%s' is there twice", service, ll_resource_name(type), part);
        found = s;
    }
    return found;
}

void tree_expect(const struct tree *t, const struct expected *e)
{
    const struct ll_sample *s = tree_find(t, e->service, e->type, e->part);
    ck_assert_msg(s != NULL, "no %s %s '%s'", e->service, ll_resource_name(e->type), e->part);
    const char *what = e->part;
    ck_assert_msg(s->unit == e->unit, "%s '%s': unit %s", e->service, what, ll_unit_name(s->unit));
    ck_assert_msg(fabs(s->value - e->value) <= 1e-9 * fabs(e->value), "%s '%s': value %.17g",
                  e->service, what, s->value);
    ck_assert_msg(isnan(e->capacity) ? isnan(s->capacity) != 0 : s->capacity == e->capacity,
                  "%s '%s': capacity %.17g", e->service, what, s->capacity);
    ck_assert_msg(s->window == e->window, "%s '%s': window %lld", e->service, what,
                  (long long)s->window);
    ck_assert_msg(s->primary == e->primary, "%s '%s': primary %d", e->service, what, s->primary);
    ck_assert(ll_slice_is(s->key.instance, "vm1"));
    ck_assert(isnan(s->max_value));
}

int tree_run(Suite *suite)
{
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
