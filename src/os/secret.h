/* Secrets: tokens and passwords are read from files when they are used, and wiped behind it.
 *
 * So a secret can be changed under a running daemon.  No error tells anything of the content. */
#ifndef LL_OS_SECRET_H
#define LL_OS_SECRET_H

#include "base/err.h"
#include "base/str.h"

enum { LL_SECRET_BYTES_MAX = 16 << 10 };

/* Puts the file's text without spaces and line ends around it into *out (which need not be
 * initialised).  Fails as ll_file_read does, with LL_E_INVALID when it is empty or has a control
 * character in it; *out is empty then. */
LL_MUST_USE bool ll_secret_read(const char *path, struct ll_str *out, struct ll_err *err);

/* Overwrites and frees. */
void ll_secret_fini(struct ll_str *s);

#endif
