#include "os/memory_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

bool ll_memory_file_make(struct ll_slice bytes, struct ll_memory_file *out, struct ll_err *err)
{
    struct ll_memory_file f = {.fd = memfd_create("loadline", MFD_CLOEXEC)};
    ssize_t n = f.fd < 0 ? -1 : write(f.fd, bytes.s, bytes.n);
    if (n != (ssize_t)bytes.n) {
        ll_err_set(err, LL_E_IO, "cannot keep %zu bytes in memory: %s", bytes.n, strerror(errno));
        ll_memory_file_fini(&f);
        return false;
    }
    snprintf(f.path, sizeof(f.path), "/proc/self/fd/%d", f.fd);
    *out = f;
    return true;
}

void ll_memory_file_fini(struct ll_memory_file *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}
