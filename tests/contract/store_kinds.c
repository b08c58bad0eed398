/* The kinds the contract is held against. */
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store_contract.h"

static void make_folder(char path[static 256])
{
    const char *tmp = getenv("TMPDIR");
    snprintf(path, 256, "%s/loadline-contract-XXXXXX", tmp ? tmp : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(path));
}

static int drop_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static void drop_folder(const char *path)
{
    nftw(path, drop_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static sqlite3 *behind(const char *path)
{
    char file[300];
    sqlite3 *db;
    snprintf(file, sizeof(file), "%s/loadline.db", path);
    ck_assert_int_eq(sqlite3_open(file, &db), SQLITE_OK);
    return db;
}

static void sqlite_newer(const char *path)
{
    sqlite3 *db = behind(path);
    ck_assert_int_eq(sqlite3_exec(db, "PRAGMA user_version=99", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* Another program holds the database's write lock. */
static void sqlite_break(const char *path, bool broken)
{
    static sqlite3 *db;
    if (broken) {
        db = behind(path);
        ck_assert_int_eq(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    } else {
        sqlite3_close(db);
        db = NULL;
    }
}

static const struct store_kind sqlite_kind = {
    .ops_name = "sqlite",
    .make_place = make_folder,
    .drop_place = drop_folder,
    .make_newer = sqlite_newer,
    .break_writes = sqlite_break,
};

const struct store_kind *const store_kinds[] = {&sqlite_kind, NULL};
