/* Reads a snappy block of a remote-write request from standard input and prints its series, one a
 * line: {"labels":{…},"kind":…,"samples":[["<bits in hex>",<ms>],…]}, then a line of counts.
 * Exit 1 when it is refused.
 * usage: remote_write 1|2 NOW OLDEST      times in ms */
#include "collect/remote_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "collect/snappy.h"
#include "stdin.h"

enum { LIMIT = 64 << 20 };

static void print_series(const struct ll_labeled_series *s)
{
    struct ll_str text;
    ll_str_init(&text, LIMIT);
    ll_labels_json(s->labels, &text);
    printf("{\"labels\":%s,\"kind\":%d,\"samples\":[", ll_str_z(&text), (int)s->kind);
    for (size_t i = 0; i < s->n; i++)
        printf("%s[\"%016" PRIx64 "\",%" PRId64 "]", i ? "," : "", s->points[i].bits,
               s->points[i].t);
    puts("]}");
    ll_str_fini(&text);
}

static bool run(struct ll_slice block, const struct ll_remote_write_opts *opts, struct ll_err *err)
{
    char *message;
    size_t n;
    struct ll_labeled_set *set = NULL;
    struct ll_remote_write_result res = {0};
    if (!ll_snappy_decode(block, LIMIT, &message, &n, err))
        return false;
    bool ok = ll_remote_write_decode((struct ll_slice){message, n}, opts, &set, &res, err);
    free(message);
    if (!ok)
        return false;
    for (size_t i = 0; i < set->n; i++)
        print_series(&set->v[i]);
    printf("{\"samples\":%zu,\"histograms\":%zu,\"exemplars\":%zu,\"refused\":[", res.samples,
           res.histograms, res.exemplars);
    for (size_t i = 0; i < LL_REMOTE_WRITE_REASONS; i++)
        printf("%s%zu", i ? "," : "", res.refused[i].n);
    puts("]}");
    ll_labeled_set_free(set);
    return true;
}

int main(int argc, char **argv)
{
    size_t n;
    struct ll_err err;
    if (argc != 4)
        return 2;
    char *s = ll_stdin_read(LIMIT, &n);
    const struct ll_remote_write_opts opts = {.protocol = argv[1][0] == '2' ? LL_REMOTE_WRITE_2
                                                                            : LL_REMOTE_WRITE_1,
                                              .now = strtoll(argv[2], NULL, 10),
                                              .oldest = strtoll(argv[3], NULL, 10)};
    bool ok = run((struct ll_slice){s, n}, &opts, &err);
    if (!ok)
        fprintf(stderr, "%s\n", err.text);
    free(s);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
