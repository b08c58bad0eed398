/* Targets named by files: Prometheus' file_sd, lists of {targets, labels} in JSON or YAML.
 *
 * Files are found by patterns and read again when their time or size changed.  A file that cannot
 * be read or understood keeps the targets it had last; one that is gone has none. */
#ifndef LL_COLLECT_FILE_SD_H
#define LL_COLLECT_FILE_SD_H

#include "base/arena.h"
#include "core/labels.h"

enum {
    LL_FILE_SD_BYTES_MAX = 4 << 20, /* of one file */
    LL_FILE_SD_FILES_MAX = 256,
    LL_FILE_SD_TARGETS_MAX = 20000, /* of one file */
    LL_FILE_SD_LABELS_MAX = 64      /* of one group */
};

struct ll_file_sd_group {
    const struct ll_slice *targets; /* host:port */
    size_t n_targets;
    const struct ll_label *labels; /* in their order; names as Prometheus has them */
    size_t n_labels;
    struct ll_file_sd_group *next;
};

enum ll_file_sd_form { LL_FILE_SD_JSON, LL_FILE_SD_YAML };

/* Reads one file's text; JSON is changed in place.  *groups is the list, in *out.  Fails with
 * LL_E_INVALID (err->line, err->column), LL_E_RANGE over a limit, LL_E_MEMORY. */
LL_MUST_USE bool ll_file_sd_parse(char *text, size_t n, enum ll_file_sd_form form,
                                  struct ll_arena *out, struct ll_file_sd_group **groups,
                                  struct ll_err *err);

struct ll_file_sd;

/* Patterns end with NULL and are borrowed.  NULL without memory. */
struct ll_file_sd *ll_file_sd_new(const char *const *patterns);
void ll_file_sd_free(struct ll_file_sd *sd);
LL_AUTO_DEFINE(ll_file_sd, ll_file_sd_free)

/* Looks for files and reads those that changed; *changed: the groups are not those of before.
 * False when a file is broken or there are too many: the others are up to date all the same. */
LL_MUST_USE bool ll_file_sd_refresh(struct ll_file_sd *sd, bool *changed, struct ll_err *err);

/* Every group of every file; valid until the next refresh. */
void ll_file_sd_each(const struct ll_file_sd *sd,
                     void (*on_group)(void *ctx, const struct ll_file_sd_group *g), void *ctx);

#endif
