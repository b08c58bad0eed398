/* Reads YAML from standard input with the product's own reader: exit 0 accepted, 1 refused. */
#include "config/yaml.h"

#include <stdio.h>
#include <stdlib.h>

#include "stdin.h"

int main(void)
{
    size_t n;
    char *s = ll_stdin_read(LL_YAML_BYTES_MAX, &n);
    LL_AUTO(ll_arena) arena = ll_arena_new(LL_YAML_ARENA_MAX);
    struct ll_yaml_node *root;
    struct ll_err err;
    bool ok = arena && ll_yaml_parse((struct ll_slice){s, n}, "stdin", arena, &root, &err);
    if (!ok)
        fprintf(stderr, "%s\n", arena ? err.text : "no memory");
    free(s);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
