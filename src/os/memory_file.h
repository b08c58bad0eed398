/* Bytes as a file that only this process has: for libraries that take a path and nothing else. */
#ifndef LL_OS_MEMORY_FILE_H
#define LL_OS_MEMORY_FILE_H

#include "base/err.h"
#include "base/str.h"

struct ll_memory_file {
    int fd; /* -1 = none */
    char path[32];
};

/* Closed by ll_memory_file_fini; the bytes are never on a disk. */
LL_MUST_USE bool ll_memory_file_make(struct ll_slice bytes, struct ll_memory_file *out,
                                     struct ll_err *err);
void ll_memory_file_fini(struct ll_memory_file *f);

#endif
