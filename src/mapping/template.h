/* Templates: `{namespace}/{pod}`, `{instance|host}`: text with labels' values in it.
 *
 * `{label}` needs the label; `{label?}` gives nothing where it is not there; `{a|host}` is the
 * value of a without a port, `{a|unit}` without `.service`; `{{` is a brace.  `__source__` is the
 * name of the source. */
#ifndef LL_MAPPING_TEMPLATE_H
#define LL_MAPPING_TEMPLATE_H

#include "base/arena.h"
#include "core/labels.h"
#include "core/sample.h"

enum { LL_TEMPLATE_PIECES_MAX = 16 };

struct ll_template_piece {
    struct ll_slice text; /* literal, or a label's name */
    bool label, optional, host, unit;
};

struct ll_template {
    struct ll_template_piece v[LL_TEMPLATE_PIECES_MAX];
    size_t n;
};

/* Slices of *out are copies in the arena.  Fails with LL_E_INVALID. */
LL_MUST_USE bool ll_template_parse(struct ll_slice text, struct ll_arena *arena,
                                   struct ll_template *out, struct ll_err *err);

/* Writes at most LL_NAME_MAX bytes; false when a label is not there or it is longer. */
bool ll_template_expand(const struct ll_template *t, struct ll_slice labels, struct ll_slice source,
                        char buf[static LL_NAME_MAX + 1], size_t *n);

/* An address without its port: "10.0.0.1:9100", "[::1]:9100", "http://h:80/x" give the host. */
struct ll_slice ll_template_host(struct ll_slice address);

#endif
