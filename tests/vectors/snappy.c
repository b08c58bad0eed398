/* Reads a snappy block from standard input with the product's own decoder and prints the bytes it
 * holds: exit 0 accepted, 1 refused. */
#include "collect/snappy.h"

#include <stdio.h>
#include <stdlib.h>

#include "stdin.h"

enum { LIMIT = 64 << 20 };

int main(void)
{
    size_t n, decoded_n;
    char *s = ll_stdin_read(LIMIT + LIMIT / 4, &n), *decoded = NULL;
    struct ll_err err;
    bool ok = ll_snappy_decode((struct ll_slice){s, n}, LIMIT, &decoded, &decoded_n, &err);
    if (!ok)
        fprintf(stderr, "%s\n", err.text);
    else if (fwrite(decoded, 1, decoded_n, stdout) != decoded_n || fflush(stdout) != 0)
        ok = false;
    free(decoded);
    free(s);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
