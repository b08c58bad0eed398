#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static bool fail(const char *verb, const char *path, struct ll_err *err)
{
    enum ll_err_code code = errno == ENOENT || errno == ENOTDIR ? LL_E_NOT_FOUND
                            : errno == EACCES || errno == EPERM ? LL_E_DENIED
                                                                : LL_E_IO;
    return ll_err_set(err, code, "cannot %s %s: %s", verb, path, strerror(errno));
}

bool ll_file_read(const char *path, size_t max_bytes, struct ll_str *out, struct ll_err *err)
{
    char piece[4096];
    size_t total = 0;
    ssize_t n;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail("read", path, err);
    while ((n = read(fd, piece, sizeof(piece))) > 0 && (total += (size_t)n) <= max_bytes)
        ll_str_add(out, piece, (size_t)n);
    int why = errno;
    close(fd);
    errno = why;
    if (n < 0)
        return fail("read", path, err);
    if (total > max_bytes)
        return ll_err_set(err, LL_E_TOO_LARGE, "%s is over %zu bytes", path, max_bytes);
    return out->failed ? ll_err_set(err, LL_E_MEMORY, "no memory for %s", path) : true;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
    size_t done = 0;
    while (done < n) {
        ssize_t w = write(fd, bytes + done, n - done);
        if (w < 0 && errno != EINTR)
            break;
        done += w > 0 ? (size_t)w : 0;
    }
    return done == n;
}

bool ll_file_write(const char *path, const char *bytes, size_t n, struct ll_err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return fail("write", path, err);
    bool done = write_all(fd, bytes, n);
    int why = errno;
    bool ok = close(fd) == 0 && done;
    if (!done)
        errno = why;
    return ok ? true : fail("write", path, err);
}

/* So that what is in a new folder is still found after a power cut. */
static void sync_parent(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash)
        *slash = '\0';
    int fd = open(!slash ? "." : slash == path ? "/" : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    if (slash)
        *slash = '/';
}

bool ll_file_replace(const char *path, const char *bytes, size_t n, struct ll_err *err)
{
    char made[PATH_MAX];
    const int length = snprintf(made, sizeof(made), "%s.new", path);
    if (length <= 0 || (size_t)length >= sizeof(made))
        return ll_err_set(err, LL_E_INVALID, "the name of a file has %d bytes", length);
    int fd = open(made, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail("write", made, err);
    bool ok = write_all(fd, bytes, n) && fsync(fd) == 0;
    int why = errno;
    ok = close(fd) == 0 && ok;
    if (!ok) {
        unlink(made);
        errno = why;
        return fail("write", made, err);
    }
    if (rename(made, path) != 0)
        return fail("replace", path, err);
    made[length - (int)strlen(".new")] = '\0';
    sync_parent(made);
    return true;
}

bool ll_file_make_folder(const char *path, struct ll_err *err)
{
    char at[PATH_MAX];
    int n = snprintf(at, sizeof(at), "%s", path);
    if (n <= 0 || (size_t)n >= sizeof(at))
        return ll_err_set(err, LL_E_INVALID, "the name of a folder has %d bytes", n);
    for (char *p = at + 1;; p++) {
        char c = *p;
        if (c != '/' && c != '\0')
            continue;
        *p = '\0';
        if (mkdir(at, 0700) == 0)
            sync_parent(at);
        else if (errno != EEXIST)
            return fail("make the folder", at, err);
        if (c == '\0')
            return true;
        *p = c;
    }
}

/* Cuts path to its nearest parent that exists. */
static bool nearest_parent(const char *path, char out[static PATH_MAX])
{
    if (snprintf(out, PATH_MAX, "%s", path) >= PATH_MAX)
        return false;
    while (access(out, F_OK) != 0) {
        char *slash = strrchr(out, '/');
        if (!slash)
            return snprintf(out, PATH_MAX, ".") > 0;
        if (slash == out)
            return snprintf(out, PATH_MAX, "/") > 0;
        *slash = '\0';
    }
    return true;
}

bool ll_file_free_bytes(const char *path, double *out, struct ll_err *err)
{
    char parent[PATH_MAX];
    struct statvfs v;
    if (!nearest_parent(path, parent) || statvfs(parent, &v) != 0)
        return fail("look at the file system of", path, err);
    *out = (double)v.f_bavail * (double)v.f_frsize;
    return true;
}

bool ll_file_can_write_folder(const char *path)
{
    char parent[PATH_MAX];
    struct stat st;
    return nearest_parent(path, parent) && stat(parent, &st) == 0 && S_ISDIR(st.st_mode) &&
           access(parent, W_OK | X_OK) == 0;
}

bool ll_file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool ll_file_is_open_to_others(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}
