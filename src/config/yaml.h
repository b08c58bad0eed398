/* Strict YAML: the bytes of one document become a tree of nodes with their places.
 *
 * The YAML 1.2 core subset without its traps: no anchors, aliases, tags, merge keys or
 * directives, no duplicate keys, keys are scalars, one document.  JSON is read as flow
 * style.  Nothing is typed here: a scalar is text, plain or quoted, and the schema
 * (config/schema.h) says what it means.  Every limit is checked before memory is taken. */
#ifndef LL_CONFIG_YAML_H
#define LL_CONFIG_YAML_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum {
    LL_YAML_BYTES_MAX = 1 << 20,
    LL_YAML_DEPTH_MAX = 64,
    LL_YAML_NODES_MAX = 100000,
    LL_YAML_ARENA_MAX = 64 << 20 /* enough for the largest document within the limits */
};

enum ll_yaml_kind { LL_YAML_SCALAR, LL_YAML_MAP, LL_YAML_LIST };

/* GIVEN: from a flag or the environment, where nothing tells `15` from `"15"`. */
enum ll_yaml_style { LL_YAML_PLAIN, LL_YAML_QUOTED, LL_YAML_GIVEN };

enum ll_yaml_from {
    LL_YAML_FROM_DEFAULT,
    LL_YAML_FROM_FILE,
    LL_YAML_FROM_ENV,
    LL_YAML_FROM_FLAG,
    LL_YAML_FROM_WIDER /* inherited: a service's thresholds from its tier, a tier's from the type */
};

/* Where a value came from; name is the file, the variable or the flag, borrowed. */
struct ll_yaml_place {
    enum ll_yaml_from from;
    int line, column; /* 1-based, of files only */
    const char *name;
};

struct ll_yaml_node {
    enum ll_yaml_kind kind;
    enum ll_yaml_style style;
    struct ll_slice text; /* of a scalar; NUL-terminated, but may hold NULs of "\0" */
    struct ll_slice key;  /* as a member of a map */
    struct ll_yaml_place place, key_place;
    struct ll_yaml_node *parent, *first, *last, *next;
    size_t n;                   /* children */
    struct ll_yaml_node *other; /* scratch of ll_yaml_underlay */
    struct ll_yaml_node *todo;  /* the same */
};

/* Reads one document; an empty one is an empty map.  `name` is for messages and places and
 * must live as long as they do.  Fails with LL_E_CONFIG: "name:line:column: what". */
LL_MUST_USE bool ll_yaml_parse(struct ll_slice text, const char *name, struct ll_arena *out,
                               struct ll_yaml_node **root, struct ll_err *err);

/* Reads a file of at most max bytes into *out (NUL-terminated).  Fails with LL_E_CONFIG. */
LL_MUST_USE bool ll_yaml_read_file(const char *path, size_t max, struct ll_arena *out,
                                   struct ll_slice *text, struct ll_err *err);

/* The member of a map, or NULL. */
struct ll_yaml_node *ll_yaml_get(const struct ll_yaml_node *map, struct ll_slice key);

/* Plain and empty, `~` or `null`: a key without a value. */
bool ll_yaml_is_null(const struct ll_yaml_node *n);

/* "a map", "a list", "text". */
const char *ll_yaml_kind_name(enum ll_yaml_kind kind);

/* A new node at the end of parent, which may be NULL; NULL without memory. */
struct ll_yaml_node *ll_yaml_add(struct ll_arena *a, struct ll_yaml_node *parent,
                                 enum ll_yaml_kind kind, struct ll_slice key);

/* Adds to `base` what `under` has and base has not, map by map; base wins.  `under` is used up. */
void ll_yaml_underlay(struct ll_yaml_node *base, struct ll_yaml_node *under);

/* "file.yml:3:5", "--log.level" or "LOADLINE_LOG_LEVEL" into out (cut in front when too long). */
enum { LL_YAML_PLACE_TEXT_MAX = 192 };
void ll_yaml_place_text(const struct ll_yaml_place *p, char out[static LL_YAML_PLACE_TEXT_MAX]);

/* Sets LL_E_CONFIG with the place in front; returns false. */
bool ll_yaml_fail(struct ll_err *err, const struct ll_yaml_place *p, const char *fmt, ...)
    LL_PRINTF(3, 4);

/* A value for a message: at most 48 bytes of whole characters, control bytes as '?'. */
enum { LL_YAML_QUOTE_MAX = 56 };
const char *ll_yaml_quote(struct ll_slice text, char out[static LL_YAML_QUOTE_MAX]);

#endif
