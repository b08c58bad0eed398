/* The ledger over the real store: versions, who changed what, and what is there after a restart. */
#include <check.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/engine.h"
#include "engine/internal.h"
#include "engine/ledger.h"

enum { WAIT_MS = 60000 };

static char dir[64];
static struct ll_engine *e;

static void open_engine(void)
{
    const struct ll_config_flag flags[] = {{"storage.path", dir},
                                           {"collect.host.enabled", "false"}};
    const struct ll_config_source src = {.flags = flags, .n_flags = LL_LEN(flags)};
    struct ll_config *c = NULL;
    struct ll_err err;
    ck_assert_msg(ll_config_load(&src, &c, &err), "%s", err.text);
    const struct ll_engine_opts opts = {
        .config = c, .clock = ll_clock_real(), .store = ll_stores[0], .seed = 7};
    ck_assert_msg(ll_engine_new(&opts, &e, &err), "%s", err.text);
    ck_assert_msg(ll_engine_start(e, &err), "%s", err.text);
}

static void setup(void)
{
    snprintf(dir, sizeof(dir), "/tmp/ll-ledger-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    open_engine();
}

static void teardown(void)
{
    char command[128];
    ll_engine_free(e);
    e = NULL;
    snprintf(command, sizeof(command), "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

static void reopen(void)
{
    ll_engine_free(e);
    open_engine();
}

struct told {
    atomic_int called;
    struct ll_ledger_kept kept;
};

static void on_told(void *ctx, const struct ll_ledger_kept *k)
{
    struct told *t = ctx;
    t->kept = *k;
    atomic_store(&t->called, 1);
}

/* The code of what went wrong, or LL_E_OK. */
static enum ll_err_code try_put(struct ll_ledger_put p, int64_t *version)
{
    struct told t = {0};
    struct ll_err err;
    p.actor = (struct ll_asker){.name = LL_SLICE("alice"), .role = LL_SLICE("editor")};
    if (!ll_engine_ledger_put(e, &p, on_told, &t, &err))
        return err.code;
    for (int i = 0; i < WAIT_MS && !atomic_load(&t.called); i++)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    ck_assert(atomic_load(&t.called));
    *version = t.kept.version;
    return t.kept.ok ? LL_E_OK : t.kept.err.code;
}

static int64_t put(const char *id, const char *text)
{
    int64_t version = 0;
    const struct ll_ledger_put p = {
        .kind = LL_KIND_BUDGET, .id = ll_slice_of(id), .text = ll_slice_of(text), .version = -1};
    ck_assert_int_eq(try_put(p, &version), LL_E_OK);
    return version;
}

static int64_t take_away(const char *id)
{
    int64_t version = 0;
    const struct ll_ledger_put p = {
        .kind = LL_KIND_BUDGET, .id = ll_slice_of(id), .deleted = true, .version = -1};
    ck_assert_int_eq(try_put(p, &version), LL_E_OK);
    return version;
}

/* "1:text", or "" of what is not there. */
static const char *now(const char *id)
{
    static char text[128];
    text[0] = '\0';
    const struct ll_ledger_book *b = ll_engine_ledger(e);
    const struct ll_ledger_document *d = ll_ledger_find(b, LL_KIND_BUDGET, ll_slice_of(id));
    if (d)
        snprintf(text, sizeof(text), "%lld:%.*s", (long long)d->version, (int)d->text.n, d->text.s);
    ll_engine_ledger_release(b);
    return text;
}

START_TEST(a_document_is_in_force_when_it_is_kept)
{
    ck_assert_str_eq(now("a"), "");
    ck_assert_int_eq(put("b", "two"), 1);
    ck_assert_int_eq(put("a", "one"), 1);
    ck_assert_int_eq(put("c", "three"), 1);
    ck_assert_str_eq(now("a"), "1:one");
    ck_assert_int_eq(put("a", "uno"), 2);
    ck_assert_str_eq(now("a"), "2:uno");
    ck_assert_str_eq(now("b"), "1:two");
    ck_assert_str_eq(now("c"), "1:three");
}
END_TEST

START_TEST(a_restart_finds_the_last_version)
{
    put("a", "one");
    put("a", "uno");
    put("b", "two");
    take_away("b");
    reopen();
    ck_assert_str_eq(now("a"), "2:uno");
    ck_assert_str_eq(now("b"), "");
    ck_assert_int_eq(put("b", "due"), 3);
    reopen();
    ck_assert_str_eq(now("b"), "3:due");
}
END_TEST

START_TEST(kinds_are_apart)
{
    int64_t version;
    put("x", "budget");
    const struct ll_ledger_put p = {
        .kind = LL_KIND_PRICES, .id = LL_SLICE("x"), .text = LL_SLICE("prices"), .version = -1};
    ck_assert_int_eq(try_put(p, &version), LL_E_OK);
    reopen();
    const struct ll_ledger_book *b = ll_engine_ledger(e);
    ck_assert_uint_eq(b->n, 2);
    const struct ll_ledger_document *d = ll_ledger_find(b, LL_KIND_PRICES, LL_SLICE("x"));
    ck_assert(d && ll_slice_is(d->text, "prices") && ll_slice_is(d->actor, "alice"));
    ck_assert_ptr_null(ll_ledger_find(b, LL_KIND_COMMITMENT, LL_SLICE("x")));
    ll_engine_ledger_release(b);
    ck_assert_str_eq(now("x"), "1:budget");
}
END_TEST

START_TEST(another_version_is_refused)
{
    int64_t version;
    struct ll_ledger_put p = {
        .kind = LL_KIND_BUDGET, .id = LL_SLICE("a"), .text = LL_SLICE("x"), .version = 1};
    ck_assert_int_eq(try_put(p, &version), LL_E_CONFLICT);
    p.version = 0;
    ck_assert_int_eq(try_put(p, &version), LL_E_OK);
    ck_assert_int_eq(try_put(p, &version), LL_E_CONFLICT);
    p.version = 1;
    p.text = LL_SLICE("y");
    ck_assert_int_eq(try_put(p, &version), LL_E_OK);
    ck_assert_str_eq(now("a"), "2:y");
}
END_TEST

START_TEST(what_is_not_there_cannot_be_deleted)
{
    int64_t version;
    const struct ll_ledger_put p = {
        .kind = LL_KIND_BUDGET, .id = LL_SLICE("a"), .deleted = true, .version = -1};
    ck_assert_int_eq(try_put(p, &version), LL_E_NOT_FOUND);
    put("a", "x");
    ck_assert_int_eq(take_away("a"), 2);
    ck_assert_int_eq(try_put(p, &version), LL_E_NOT_FOUND);
}
END_TEST

START_TEST(a_document_has_its_limit)
{
    int64_t version;
    char *text = malloc(LL_RULE_DOCUMENT_MAX + 1);
    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i <= LL_RULE_DOCUMENT_MAX; i++)
        text[i] = 'x';
    struct ll_ledger_put p = {.kind = LL_KIND_PRICES,
                              .id = LL_SLICE("a"),
                              .text = {text, LL_RULE_DOCUMENT_MAX + 1},
                              .version = -1};
    ck_assert_int_eq(try_put(p, &version), LL_E_TOO_LARGE);
    p.text.n--;
    ck_assert_int_eq(try_put(p, &version), LL_E_OK);
    free(text);
}
END_TEST

static bool note_row(void *ctx, const struct ll_audit_row *a)
{
    char *text = ctx;
    const size_t n = strlen(text);
    if (!ll_slice_is(a->object, "a"))
        return true;
    snprintf(text + n, 256 - n, "%.*s by %.*s %.*s; ", (int)a->action.n, a->action.s,
             (int)a->actor.n, a->actor.s, (int)a->detail.n, a->detail.s);
    return true;
}

START_TEST(the_audit_log_has_each_change_and_no_other)
{
    int64_t version;
    struct ll_err err;
    char rows[256] = "";
    put("a", "x");
    take_away("a");
    const struct ll_ledger_put p = {
        .kind = LL_KIND_BUDGET, .id = LL_SLICE("a"), .deleted = true, .version = -1};
    ck_assert_int_eq(try_put(p, &version), LL_E_NOT_FOUND);
    struct ll_store_reader *r = ll_engine_reader_take(e);
    const struct ll_audit_query q = {.limit = 100};
    ck_assert(r->ops->each_audit(r, &q, note_row, rows, &err));
    ll_engine_reader_give(e, r);
    ck_assert_str_eq(rows, "budget.put by alice {\"version\":1}; "
                           "budget.delete by alice {\"version\":2}; ");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("engine_ledger");
    TCase *t = tcase_create("ledger");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 0);
    tcase_add_test(t, a_document_is_in_force_when_it_is_kept);
    tcase_add_test(t, a_restart_finds_the_last_version);
    tcase_add_test(t, kinds_are_apart);
    tcase_add_test(t, another_version_is_refused);
    tcase_add_test(t, what_is_not_there_cannot_be_deleted);
    tcase_add_test(t, a_document_has_its_limit);
    tcase_add_test(t, the_audit_log_has_each_change_and_no_other);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
