/* mapping_dump [SECONDS:FILE]...: what the built-in mapping makes of expositions in Prometheus'
 * text form, one after the other at their times.  Each line gets what Prometheus would add:
 * instance="localhost:9100" and job="node" unless it has them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/mapping_feed.h"

static char *read_file(const char *path)
{
    FILE *in = fopen(path, "r");
    if (!in)
        return NULL;
    struct ll_str text;
    ll_str_init(&text, 1 << 28);
    char line[8192];
    while (fgets(line, sizeof(line), in)) {
        size_t name = strcspn(line, "{ ");
        if (*line == '#' || !strchr(line, ' '))
            continue;
        const char *rest = line + name;
        bool labels = *rest == '{';
        ll_str_addf(&text, "%.*s{%s%s", (int)name, line,
                    strstr(line, "instance=\"") ? "" : "instance=\"localhost:9100\",",
                    strstr(line, "job=\"") ? "" : "job=\"node\",");
        ll_str_addf(&text, "%s", labels ? rest + 1 : "}");
        if (!labels)
            ll_str_addz(&text, rest);
    }
    fclose(in);
    size_t n;
    return ll_str_take(&text, &n);
}

int main(int argc, char **argv)
{
    struct ll_feed f;
    ll_feed_init(&f, NULL, 0);
    for (int i = 1; i < argc; i++) {
        char *path = NULL;
        ll_time t = 1000 * strtoll(argv[i], &path, 10);
        char *text = *path == ':' ? read_file(path + 1) : NULL;
        if (!text) {
            fprintf(stderr, "usage: mapping_dump SECONDS:FILE...\n");
            return 2;
        }
        ll_feed_put(&f, t, text);
        ll_feed_close(&f, t, LL_MAPPER_COMPLETE_FACTS);
        free(text);
    }
    fputs(ll_str_z(&f.said), stdout);
    ll_feed_fini(&f);
    return 0;
}
