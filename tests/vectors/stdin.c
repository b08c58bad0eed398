#include "stdin.h"

#include <stdio.h>
#include <stdlib.h>

char *ll_stdin_read(size_t limit, size_t *n)
{
    char *s = malloc(limit + 1);
    *n = s ? fread(s, 1, limit + 1, stdin) : 0;
    if (s && *n <= limit)
        return s;
    fprintf(stderr, "more than %zu bytes\n", limit);
    exit(EXIT_FAILURE);
}
