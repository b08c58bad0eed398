/* What reading a page of metrics costs: ns a sample and MB/s, lenient into a set, lenient alone,
 * and strict.
 *
 *     exposition PAGE [SECONDS]
 * One line `name value unit` per figure. */
#include "collect/exposition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double cpu_seconds(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static bool count(void *ctx, const struct ll_exposition_sample *s, struct ll_err *err)
{
    (void)s, (void)err;
    ++*(size_t *)ctx;
    return true;
}

struct into {
    struct ll_labeled_set *set;
    size_t n;
};

static bool add(void *ctx, const struct ll_exposition_sample *s, struct ll_err *err)
{
    struct into *into = ctx;
    const struct ll_labeled_point point = {s->t, s->bits};
    into->n++;
    return ll_labeled_set_add(into->set, s->labels, s->n, s->kind, &point, 1) ||
           ll_err_set(err, LL_E_MEMORY, "no memory");
}

static size_t read_once(struct ll_slice page, bool strict, bool keep)
{
    size_t n = 0;
    struct into into = {keep ? ll_labeled_set_new(64, (size_t)1 << 30) : NULL, 0};
    struct ll_exposition_opts opts = {.strict = strict, .on_sample = count, .ctx = &n};
    struct ll_err err;
    if (keep) {
        opts.on_sample = add;
        opts.ctx = &into;
    }
    if (!ll_exposition_parse(page, &opts, &err)) {
        fprintf(stderr, "exposition: %d:%d: %s\n", err.line, err.column, err.text);
        exit(1);
    }
    ll_labeled_set_free(into.set);
    return keep ? into.n : n;
}

static void measure(const char *name, struct ll_slice page, bool strict, bool keep, double seconds)
{
    double begin = cpu_seconds(), spent;
    size_t samples = 0, pages = 0;
    do {
        samples += read_once(page, strict, keep);
        pages++;
        spent = cpu_seconds() - begin;
    } while (spent < seconds);
    printf("%s %.0f ns/sample\n%s_rate %.0f MB/s\n", name, spent * 1e9 / (double)samples, name,
           (double)pages * (double)page.n / spent / 1e6);
}

int main(int argc, char **argv)
{
    static char page[16 << 20];
    FILE *f = argc > 1 ? fopen(argv[1], "re") : NULL;
    if (!f)
        return 2;
    const struct ll_slice text = {page, fread(page, 1, sizeof(page), f)};
    fclose(f);
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 1;
    printf("samples %zu\nbytes %zu\n", read_once(text, false, false), text.n);
    measure("lenient", text, false, false, seconds);
    measure("lenient_set", text, false, true, seconds);
    measure("strict", text, true, false, seconds);
    return 0;
}
