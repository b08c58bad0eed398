/* Reads JSON from standard input with the product's own reader: exit 0 accepted, 1 refused. */
#include <stdio.h>
#include <stdlib.h>

#include "base/json_in.h"
#include "stdin.h"

int main(void)
{
    size_t n;
    char *s = ll_stdin_read(16 << 20, &n);
    struct ll_json_in in;
    struct ll_json_tok tok = {0};
    struct ll_err err;
    ll_json_in_init(&in, s, n);
    bool ok = true;
    while (ok && tok.kind != LL_JSON_END)
        ok = ll_json_in_next(&in, &tok, &err);
    if (!ok)
        fprintf(stderr, "%d:%d: %s\n", err.line, err.column, err.text);
    free(s);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
