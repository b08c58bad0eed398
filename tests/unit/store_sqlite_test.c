/* What only the SQLite store promises: files, plain SQL for people, damage. */
#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store.h"

#define T0 ((ll_time)1763942400123) /* 2025-11-24T00:00:00.123Z */

static char folder[64], file[128];
static struct ll_store_opts opts;
static struct ll_store *store;
static const struct ll_store_ops *ops;
static struct ll_err err;

static int drop_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static void open_store(void)
{
    ck_assert_msg(ops->open(&opts, &store, &err), "%s", err.text);
}

static void close_store(void)
{
    ops->close(store);
    store = NULL;
}

static void setup(void)
{
    ops = ll_stores[0];
    ck_assert_str_eq(ops->name, "sqlite");
    snprintf(folder, sizeof(folder), "/tmp/loadline-sqlite-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    strncat(folder, "/a/b", sizeof(folder) - strlen(folder) - 1);
    snprintf(file, sizeof(file), "%s/loadline.db", folder);
    opts = (struct ll_store_opts){.path = folder};
    open_store();
}

static void teardown(void)
{
    close_store();
    folder[strlen(folder) - 4] = '\0';
    nftw(folder, drop_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void put_one(void)
{
    struct ll_batch *b = ll_batch_new(2, 1, LL_ORIGIN_PUSH);
    struct ll_sample s = {
        .key = {LL_SLICE("gateway"), LL_SLICE("gw1"), LL_SLICE("rx"), LL_RESOURCE_NETWORK},
        .unit = LL_UNIT_BYTES_PER_SECOND,
        .t = T0,
        .value = 25,
        .capacity = 200,
        .max_value = 50,
        .window = 15 * LL_SECOND};
    ck_assert(ll_batch_add(b, &s));
    s.key.part = LL_SLICE("tx");
    s.capacity = s.max_value = NAN;
    ck_assert(ll_batch_add(b, &s));
    b->business[b->n_business++] =
        (struct ll_business){LL_SLICE("trades"), {0}, LL_SLICE("XNYS"), T0, 7};
    ck_assert_msg(ops->append(store, &b, 1, &err), "%s", err.text);
    b->business[0].value = 9;
    ck_assert(ops->append(store, &b, 1, &err));
    ll_batch_free(b);
}

/* All columns of the first row, joined by '|', as the shell would print them. */
static const char *sql(const char *query)
{
    static char out[512];
    sqlite3 *db;
    sqlite3_stmt *st;
    ck_assert_int_eq(sqlite3_open(file, &db), SQLITE_OK);
    ck_assert_msg(sqlite3_prepare_v2(db, query, -1, &st, NULL) == SQLITE_OK, "%s",
                  sqlite3_errmsg(db));
    out[0] = '\0';
    if (sqlite3_step(st) == SQLITE_ROW) {
        size_t n = 0;
        for (int i = 0; i < sqlite3_column_count(st); i++) {
            const char *text = (const char *)sqlite3_column_text(st, i);
            n +=
                (size_t)snprintf(out + n, sizeof(out) - n, "%s%s", i ? "|" : "", text ? text : "-");
        }
    }
    sqlite3_finalize(st);
    sqlite3_close(db);
    return out;
}

START_TEST(files_are_for_the_owner_only)
{
    static const char *const names[] = {"", "-wal", "-shm"};
    put_one();
    struct stat st;
    ck_assert_int_eq(stat(folder, &st), 0);
    ck_assert_int_eq(st.st_mode & 0777, 0700);
    for (size_t i = 0; i < LL_LEN(names); i++) {
        char path[160];
        snprintf(path, sizeof(path), "%s%s", file, names[i]);
        ck_assert_int_eq(stat(path, &st), 0);
        ck_assert_int_eq(st.st_mode & 0777, 0600);
    }
}
END_TEST

START_TEST(people_read_capacity_metrics_with_plain_sql)
{
    put_one();
    ck_assert_str_eq(sql("SELECT resource_type,current_value,capacity,utilization_pct,timestamp,"
                         "service,unit,instance,part,max_value,window_seconds "
                         "FROM capacity_metrics WHERE part='rx'"),
                     "NETWORK|25.0|200.0|12.5|2025-11-24T00:00:00.123Z|gateway|bytes_per_second|"
                     "gw1|rx|50.0|15.0");
    ck_assert_str_eq(sql("SELECT capacity,utilization_pct,max_value FROM capacity_metrics "
                         "WHERE part='tx'"),
                     "-|-|-"); /* not known is not zero */
}
END_TEST

START_TEST(people_read_scaling_events_with_plain_sql)
{
    const struct ll_scaling_event e = {.action_id = LL_SLICE("a1"),
                                       .rule_id = LL_SLICE("r1"),
                                       .service = LL_SLICE("gateway"),
                                       .reason = LL_SLICE("it's 91 %"),
                                       .state = LL_ACTION_APPLIED,
                                       .direction = LL_DIRECTION_SCALE_OUT,
                                       .type = LL_RESOURCE_CPU,
                                       .from_value = 2,
                                       .to_value = NAN,
                                       .t = T0,
                                       .epoch = 5};
    ck_assert_msg(ops->append_event(store, &e, &err), "%s", err.text);
    ck_assert_str_eq(sql("SELECT action_id,rule_id,direction,from_value,to_value,reason,timestamp,"
                         "service,resource_type,state,epoch,decision FROM scaling_events"),
                     "a1|r1|SCALE_OUT|2.0|-|it's 91 %|2025-11-24T00:00:00.123Z|gateway|CPU|"
                     "applied|5|");
}
END_TEST

START_TEST(people_read_label_metrics_with_plain_sql)
{
    struct ll_batch *b = ll_batch_new(8, 0, LL_ORIGIN_PUSH);
    struct ll_labeled_row rows[] = {
        {{"\x08__name__\x02up\x03job\x01\"", 18}, {T0, ll_labeled_bits(3)}, LL_REFUSAL_NONE},
        {{"\x08__name__\x02up\x03job\x01\"", 18}, {T0 + 1, LL_LABELED_STALE}, LL_REFUSAL_NONE},
    };
    b->labeled = rows;
    b->n_labeled = 2;
    ck_assert_msg(ops->append(store, &b, 1, &err), "%s", err.text);
    ll_batch_free(b);
    ck_assert_str_eq(sql("SELECT labels,timestamp,value,t FROM label_metrics ORDER BY t"),
                     "{\"__name__\":\"up\",\"job\":\"\\\"\"}|2025-11-24T00:00:00.123Z|3.0|"
                     "1763942400123");
    ck_assert_str_eq(sql("SELECT value FROM label_metrics ORDER BY t DESC"), "stale");
    ck_assert_str_eq(sql("SELECT labels->>'job' FROM label_metrics"), "\"");
    ck_assert_str_eq(sql("SELECT typeof(value),length(value) FROM label_samples"), "integer|1");
}
END_TEST

static void drop_version_4_forecasts(void)
{
    static const char *const columns[] = {"lead",    "part",    "history_from", "history_steps",
                                          "newest",  "half_50", "half_80",      "half_90",
                                          "half_95", "half_99"};
    char text[96];
    sql("DROP TABLE venue_effects");
    sql("DROP TABLE forecast_effects");
    sql("DROP TABLE forecast_seasons");
    for (size_t i = 0; i < LL_LEN(columns); i++) {
        snprintf(text, sizeof(text), "ALTER TABLE forecasts DROP COLUMN %s", columns[i]);
        sql(text);
    }
}

static void drop_version_4(void)
{
    static const char *const columns[] = {"target", "actor", "created", "changed", "expires"};
    sql("DROP TABLE scaling_rules");
    sql("DROP TABLE scaling_state");
    sql("DROP TABLE scaling_decisions");
    sql("DROP TABLE audit");
    sql("DROP INDEX scaling_events_open");
    sql("DROP INDEX scaling_events_state");
    for (size_t i = 0; i < LL_LEN(columns); i++) {
        char drop[96];
        snprintf(drop, sizeof(drop), "ALTER TABLE scaling_events DROP COLUMN %s", columns[i]);
        sql(drop);
    }
    sql("ALTER TABLE state DROP COLUMN decision_bytes");
    drop_version_4_forecasts();
}

START_TEST(a_database_of_version_3_is_brought_up)
{
    put_one();
    close_store();
    drop_version_4();
    sql("INSERT INTO scaling_events(action_id,rule_id,direction,from_value,to_value,reason,t,"
        "service,resource_type,state,epoch,decision) VALUES('a','r','SCALE_OUT',1,2,'',7,'s',"
        "'CPU','pending',0,''),('b','r','SCALE_OUT',1,2,'',8,'s','CPU','pending',0,'')");
    sql("PRAGMA user_version=3");
    open_store();
    ck_assert_str_eq(sql("PRAGMA user_version"), "4");
    ck_assert_str_eq(sql("SELECT samples,decision_bytes FROM state"), "2|0");
    ck_assert_str_eq(sql("SELECT target,actor,created,changed,expires FROM scaling_events "
                         "WHERE action_id='b'"),
                     "||8|8|-");
    ck_assert_str_eq(sql("SELECT (SELECT count(*) FROM scaling_rules)+(SELECT count(*) FROM "
                         "scaling_state)+(SELECT count(*) FROM scaling_decisions)+"
                         "(SELECT count(*) FROM audit)"),
                     "0");
}
END_TEST

static void drop_version_3(void)
{
    drop_version_4();
    sql("DROP TABLE forecasts");
    sql("DROP TABLE forecast_points");
    sql("DROP TABLE forecast_accuracy");
}

START_TEST(a_database_of_version_3_is_brought_up)
{
    put_one();
    close_store();
    drop_version_4();
    sql("INSERT INTO forecasts VALUES(7,'a','CPU','cores',0,1,1,0.95,'auto','','',1,0,1,NULL,NULL,"
        "1,1,5,0)");
    sql("PRAGMA user_version=3");
    open_store();
    ck_assert_str_eq(sql("PRAGMA user_version"), "4");
    /* It was made without a lead time: nothing is left to judge at it. */
    ck_assert_str_eq(sql("SELECT id,judged,lead,newest,half_95 FROM forecasts"), "7|13|0|-|-");
    ck_assert_str_eq(sql("SELECT count(*) FROM forecast_effects"), "0");
    ck_assert_str_eq(sql("SELECT count(*) FROM venue_effects"), "0");
}
END_TEST

START_TEST(a_database_of_version_2_is_brought_up)
{
    put_one();
    close_store();
    drop_version_3();
    sql("PRAGMA user_version=2");
    open_store();
    ck_assert_str_eq(sql("PRAGMA user_version"), "4");
    ck_assert_str_eq(sql("SELECT samples,labeled FROM state"), "2|0");
    ck_assert_str_eq(sql("SELECT count(*) FROM forecasts"), "0");
    ck_assert_str_eq(sql("SELECT count(*) FROM forecast_points"), "0");
    ck_assert_str_eq(sql("SELECT count(*) FROM forecast_accuracy"), "0");
}
END_TEST

START_TEST(a_database_of_version_1_is_brought_up)
{
    put_one();
    close_store();
    sql("DROP VIEW label_metrics");
    sql("DROP TABLE label_samples");
    sql("DROP TABLE label_series");
    sql("DROP TABLE inbox");
    sql("DROP TABLE cursors");
    drop_version_3();
    sql("ALTER TABLE state DROP COLUMN labeled");
    sql("PRAGMA user_version=1");
    open_store();
    ck_assert_str_eq(sql("PRAGMA user_version"), "4");
    ck_assert_str_eq(sql("SELECT samples,labeled FROM state"), "2|0");
    put_one();
    ck_assert_str_eq(sql("SELECT count(*) FROM capacity_metrics"), "2");
    ck_assert_str_eq(sql("SELECT count(*) FROM label_metrics"), "0");
}
END_TEST

START_TEST(business_counts_keep_the_last_write)
{
    put_one();
    ck_assert_str_eq(sql("SELECT metric,service,venue,t,value,(SELECT count(*) FROM "
                         "business_metrics) FROM business_metrics"),
                     "trades||XNYS|1763942400123|9.0|1");
}
END_TEST

START_TEST(the_database_says_what_it_is)
{
    ck_assert_str_eq(sql("PRAGMA application_id"), "1280070484"); /* "LLST" */
    ck_assert_str_eq(sql("PRAGMA user_version"), "4");
    ck_assert_str_eq(sql("PRAGMA journal_mode"), "wal");
    ck_assert_str_eq(sql("PRAGMA auto_vacuum"), "2");
}
END_TEST

static void expect_refusal(enum ll_err_code code, const char *text)
{
    struct ll_store *none = NULL;
    ck_assert(!ops->open(&opts, &none, &err));
    ck_assert_msg(err.code == code, "%s", err.text);
    ck_assert_msg(strstr(err.text, text) != NULL, "%s", err.text);
    ck_assert_msg(strstr(err.text, "loadline.db") != NULL, "%s", err.text);
    ck_assert_ptr_null(none);
}

START_TEST(a_database_of_somebody_else_is_refused)
{
    close_store();
    unlink(file);
    sql("CREATE TABLE theirs(x)");
    expect_refusal(LL_E_CONFLICT, "not a Loadline database");
    ck_assert_str_eq(sql("SELECT name FROM sqlite_schema"), "theirs"); /* and left alone */
}
END_TEST

START_TEST(a_file_that_is_no_database_is_refused)
{
    close_store();
    FILE *f = fopen(file, "we");
    for (int i = 0; i < 500; i++)
        fputs("this is not a database\n", f);
    fclose(f);
    expect_refusal(LL_E_DAMAGED, "not a database");
}
END_TEST

static void overwrite(long at, size_t n)
{
    FILE *f = fopen(file, "r+e");
    fseek(f, at, SEEK_SET);
    for (size_t i = 0; i < n; i++)
        fputc(0xa5, f);
    fclose(f);
}

START_TEST(a_damaged_page_is_found_at_the_start)
{
    put_one();
    close_store();
    overwrite(4096 * 4, 4096);
    expect_refusal(LL_E_DAMAGED, "");
}
END_TEST

static void ignore_sample(void *ctx, const struct ll_series_row *row, const struct ll_sample *s)
{
    (void)ctx;
    (void)row;
    (void)s;
}

START_TEST(damage_met_while_running_is_called_damage)
{
    put_one();
    close_store();
    open_store();
    long root = strtol(sql("SELECT rootpage FROM sqlite_schema WHERE name='samples'"), NULL, 10);
    overwrite((root - 1) * 4096, 4096);
    struct ll_store_reader *r;
    ck_assert(ops->reader_open(store, &r, &err));
    ck_assert(!ops->each_latest(r, 0, ignore_sample, NULL, &err));
    ck_assert_msg(err.code == LL_E_DAMAGED, "%s", err.text);
    ops->reader_close(r);
}
END_TEST

START_TEST(a_name_nobody_can_have_written_is_damage)
{
    put_one();
    close_store();
    sql("UPDATE series SET unit='parsecs'");
    expect_refusal(LL_E_DAMAGED, "parsecs");
}
END_TEST

START_TEST(a_missing_table_is_damage)
{
    close_store();
    sql("DROP TABLE state");
    expect_refusal(LL_E_DAMAGED, "no such table");
}
END_TEST

START_TEST(a_file_format_of_the_future_is_damage) /* found by tests/crash/damaged.sh, seed 119 */
{
    close_store();
    FILE *f = fopen(file, "r+e");
    fseek(f, 47, SEEK_SET); /* schema format number, https://sqlite.org/fileformat2.html 1.3 */
    fputc(9, f);
    fclose(f);
    expect_refusal(LL_E_DAMAGED, "unsupported file format");
}
END_TEST

START_TEST(an_unfinished_first_start_is_finished)
{
    close_store();
    unlink(file);
    sql("PRAGMA application_id=1280070484"); /* as far as a kill had let it come */
    open_store();
    put_one();
    ck_assert_str_eq(sql("PRAGMA user_version"), "4");
}
END_TEST

START_TEST(an_empty_file_is_a_new_database)
{
    close_store();
    unlink(file);
    FILE *f = fopen(file, "we");
    fclose(f);
    open_store();
    put_one();
}
END_TEST

START_TEST(a_folder_that_cannot_be_made_is_a_storage_error)
{
    struct ll_store *none = NULL;
    char below[160];
    snprintf(below, sizeof(below), "%s/below", file); /* a file is in the way */
    const struct ll_store_opts bad = {.path = below};
    ck_assert(!ops->open(&bad, &none, &err));
    ck_assert_int_eq(err.code, LL_E_STORAGE);
}
END_TEST

START_TEST(the_lock_outlives_nobody)
{
    close_store();
    char lock[160];
    snprintf(lock, sizeof(lock), "%s/loadline.lock", folder);
    ck_assert_int_eq(access(lock, F_OK), 0); /* the file stays, the lock does not */
    open_store();
}
END_TEST

START_TEST(the_log_stays_small_under_load)
{
    struct ll_batch *b = ll_batch_new(1000, 0, LL_ORIGIN_PUSH);
    for (int i = 0; i < 1000; i++)
        ck_assert(ll_batch_add(b, &(struct ll_sample){.key = {.service = LL_SLICE("x")}, .t = i}));
    bool more;
    for (int k = 0; k < 300; k++) {
        for (int i = 0; i < 1000; i++)
            b->v[i].t += 1000;
        ck_assert(ops->append(store, &b, 1, &err));
        ck_assert_msg(ops->maintain(store, 300000000, &more, &err), "%s", err.text);
    }
    ll_batch_free(b);
    char wal[160];
    struct stat st;
    snprintf(wal, sizeof(wal), "%s-wal", file);
    ck_assert_int_eq(stat(wal, &st), 0);
    ck_assert_int_lt(st.st_size, 8 << 20);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("store_sqlite");
    TCase *c = tcase_create("sqlite");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, files_are_for_the_owner_only);
    tcase_add_test(c, people_read_capacity_metrics_with_plain_sql);
    tcase_add_test(c, people_read_scaling_events_with_plain_sql);
    tcase_add_test(c, people_read_label_metrics_with_plain_sql);
    tcase_add_test(c, a_database_of_version_1_is_brought_up);
    tcase_add_test(c, a_database_of_version_2_is_brought_up);
    tcase_add_test(c, a_database_of_version_3_is_brought_up);
    tcase_add_test(c, business_counts_keep_the_last_write);
    tcase_add_test(c, the_database_says_what_it_is);
    tcase_add_test(c, a_database_of_somebody_else_is_refused);
    tcase_add_test(c, a_file_that_is_no_database_is_refused);
    tcase_add_test(c, a_damaged_page_is_found_at_the_start);
    tcase_add_test(c, damage_met_while_running_is_called_damage);
    tcase_add_test(c, a_name_nobody_can_have_written_is_damage);
    tcase_add_test(c, a_missing_table_is_damage);
    tcase_add_test(c, a_file_format_of_the_future_is_damage);
    tcase_add_test(c, an_unfinished_first_start_is_finished);
    tcase_add_test(c, an_empty_file_is_a_new_database);
    tcase_add_test(c, a_folder_that_cannot_be_made_is_a_storage_error);
    tcase_add_test(c, the_lock_outlives_nobody);
    tcase_add_test(c, the_log_stays_small_under_load);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_set_fork_status(r, CK_NOFORK);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
