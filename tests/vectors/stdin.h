/* All of standard input, for the drivers here; exits with 1 beyond the limit. */
#ifndef LL_VECTORS_STDIN_H
#define LL_VECTORS_STDIN_H

#include <stddef.h>

char *ll_stdin_read(size_t limit, size_t *n);

#endif
