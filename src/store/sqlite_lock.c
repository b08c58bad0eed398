/* One daemon per folder: an flock on a file beside the database, which also holds the
 * owner's pid.  flock and not fcntl: it excludes a second open in the same process too, and
 * the kernel drops it with the process, however that ends. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite.h"

bool ll_sqlite_sync_folder(const char *folder, struct ll_err *err)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (!ok)
        ll_err_set(err, LL_E_IO, "making the folder '%s' durable: %s", folder, strerror(errno));
    if (fd >= 0)
        close(fd);
    return ok;
}

/* The folder that holds the one just made at path. */
static bool sync_parent(const char *path, struct ll_err *err)
{
    char parent[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int n = !slash ? 1 : LL_MAX((int)(slash - path), 1);
    snprintf(parent, sizeof(parent), "%.*s", n, slash ? path : ".");
    return ll_sqlite_sync_folder(parent, err);
}

static bool make_folder(const char *folder, struct ll_err *err)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof(path), "%s", folder);
    if (n <= 0 || (size_t)n >= sizeof(path))
        return ll_err_set(err, LL_E_INVALID, "the storage path has %d bytes", n);
    for (char *p = path + 1;; p++) {
        char c = *p;
        if (c != '/' && c != '\0')
            continue;
        *p = '\0';
        bool made = mkdir(path, 0700) == 0;
        if (!made && errno != EEXIST)
            return ll_err_set(err, LL_E_STORAGE, "making the folder '%s': %s", path,
                              strerror(errno));
        if (made && !sync_parent(path, err))
            return false;
        if (c == '\0')
            return true;
        *p = c;
    }
}

static bool refuse(int fd, const char *folder, struct ll_err *err)
{
    char text[16] = "";
    if (errno != EWOULDBLOCK)
        return ll_err_set(err, LL_E_STORAGE, "locking '%s': %s", folder, strerror(errno));
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    long pid = n > 0 ? strtol(text, NULL, 10) : 0;
    return ll_err_set(err, LL_E_CONFLICT, "the folder '%s' is in use by pid %ld", folder, pid);
}

bool ll_sqlite_lock(const char *folder, int *out, struct ll_err *err)
{
    char path[PATH_MAX];
    if (!make_folder(folder, err))
        return false;
    int n = snprintf(path, sizeof(path), "%s/loadline.lock", folder);
    if (n < 0 || (size_t)n >= sizeof(path))
        return ll_err_set(err, LL_E_INVALID, "the storage path is too long");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return ll_err_set(err, LL_E_STORAGE, "opening '%s': %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        refuse(fd, folder, err);
        close(fd);
        return false;
    }
    char text[16];
    int len = snprintf(text, sizeof(text), "%-11ld\n", (long)getpid());
    /* Only information: on a full disk the lock holds all the same. */
    ssize_t put = pwrite(fd, text, (size_t)len, 0);
    (void)put;
    *out = fd;
    return true;
}
