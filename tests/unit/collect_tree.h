/* A scratch copy of a recorded tree, a collector that reads it, and its last batch. */
#ifndef LL_TESTS_COLLECT_TREE_H
#define LL_TESTS_COLLECT_TREE_H

#include <check.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect/collect.h"

enum { TREE_PATH = 4096, TREE_T0 = 100000, TREE_STEP = 10000, TREE_SAMPLES = 2048 };

struct tree {
    char dir[64], proc[96], sys[96], root[96];
    struct ll_host_opts opts;
    struct ll_collector *c;
    struct ll_batch *b;
    struct ll_err err;
};

/* A new empty tree with proc, sys and root, in memory where there is such a place (thousands of
 * small files); the collector is opened by the first tree_collect, with t->opts. */
void tree_init(struct tree *t);
void tree_fini(struct tree *t);
const char *tree_scratch(void);

/* A file and the directories above it. */
void tree_write(const struct tree *t, const char *path, const char *text, size_t n);
void tree_put(const struct tree *t, const char *path, const char *text);

/* A file, or a directory with all that is in it; "" is the whole tree. */
void tree_remove(const struct tree *t, const char *path);

/* Everything of tests/data/host/<name> over what is there. */
void tree_overlay(const struct tree *t, const char *name);

/* Collects step * TREE_STEP ms after the start; every sample passes ll_sample_check. */
bool tree_collect(struct tree *t, int step);

/* The one sample of that key, NULL when there is none. */
const struct ll_sample *tree_find(const struct tree *t, const char *service,
                                  enum ll_resource_type type, const char *part);

/* One expected sample; capacity NaN = not known. */
struct expected {
    const char *service;
    enum ll_resource_type type;
    const char *part;
    enum ll_unit unit;
    double value, capacity;
    ll_dur window;
    bool primary;
};

void tree_expect(const struct tree *t, const struct expected *e);

/* Runs the suite; for main to return. */
int tree_run(Suite *suite);

#endif
