#include "base/defs.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void ll_assert_fail(const char *cond, const char *file, int line)
{
    fprintf(stderr, "loadline: bug: %s does not hold at %s:%d\n", cond, file, line);
    abort();
}
