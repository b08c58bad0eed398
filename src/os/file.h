/* Files as a whole, and the file systems they are in. */
#ifndef LL_OS_FILE_H
#define LL_OS_FILE_H

#include "base/err.h"
#include "base/str.h"

/* Appends the file to *out; fails with LL_E_NOT_FOUND, LL_E_DENIED, LL_E_TOO_LARGE (over
 * max_bytes) or LL_E_IO. */
LL_MUST_USE bool ll_file_read(const char *path, size_t max_bytes, struct ll_str *out,
                              struct ll_err *err);

/* Replaces the file with the bytes. */
LL_MUST_USE bool ll_file_write(const char *path, const char *bytes, size_t n, struct ll_err *err);

/* The same, but whoever looks, also after a power cut, finds the whole old file or the whole new
 * one, for this user alone (0600).  path.new is used on the way; one writer at a time. */
LL_MUST_USE bool ll_file_replace(const char *path, const char *bytes, size_t n, struct ll_err *err);

/* Makes the folder and those above it that are not there, for this user alone (0700). */
LL_MUST_USE bool ll_file_make_folder(const char *path, struct ll_err *err);

/* Free bytes for this user where path is (or its nearest parent that exists). */
LL_MUST_USE bool ll_file_free_bytes(const char *path, double *out, struct ll_err *err);

/* True when path is a folder this user may write, or could be made in one. */
bool ll_file_can_write_folder(const char *path);

/* True when group or others have any right to it. */
bool ll_file_is_open_to_others(const char *path);

bool ll_file_exists(const char *path);

#endif
