/* What a YAML document means: one const table of rows per struct, from which it is read,
 * checked, shown again and documented.
 *
 * A row binds a key to a field: its type, limits, default and meaning.  Structs nest
 * through `sub`.  Reading fills a zeroed (or init'ed) struct: given values, else the
 * row's default, else the field stays as it was.  "Not given" in a field is NaN, NULL, an
 * empty slice, a negative duration (unless the row's min is), INT64_MIN or LL_TIME_NONE, and is
 * left out when shown. */
#ifndef LL_CONFIG_SCHEMA_H
#define LL_CONFIG_SCHEMA_H

#include "base/map.h"
#include "base/time.h"
#include "config/yaml.h"

enum ll_schema_type {                     /* in the file              in the struct */
                      LL_SCHEMA_BOOL,     /* true, false              bool */
                      LL_SCHEMA_INT,      /* 15                       int64_t */
                      LL_SCHEMA_COUNT,    /* 15                       size_t */
                      LL_SCHEMA_SMALL,    /* 15                       unsigned, int32_t */
                      LL_SCHEMA_NUMBER,   /* 1.5                      double */
                      LL_SCHEMA_PERCENT,  /* 85                       double, 0.85 */
                      LL_SCHEMA_DURATION, /* 15s                      ll_dur */
                      LL_SCHEMA_SECONDS,  /* 300 (key says _seconds)  ll_dur */
                      LL_SCHEMA_HOURS,    /* 24 (key says _hours)     ll_dur */
                      LL_SCHEMA_SIZE,     /* 16MiB                    size_t */
                      LL_SCHEMA_RATE,     /* 10Gbps                   double, bytes/s */
                      LL_SCHEMA_TIME,     /* 2027-01-01T00:00:00Z     ll_time */
                      LL_SCHEMA_ENUM,     /* one of `names`, any case int-sized enum */
                      LL_SCHEMA_PARSED,   /* a grammar of its own     what `parse` writes */
                      LL_SCHEMA_TEXT,     /* text                     const char * */
                      LL_SCHEMA_SLICE,    /* text                     struct ll_slice */
                      LL_SCHEMA_TEXTS,    /* list of text             const char *const *,
                                             NULL-terminated */
                      LL_SCHEMA_STRUCT,   /* map of sub's rows        struct, in place */
                      LL_SCHEMA_LIST, /* list of sub              pointer, and a size_t at offset_n
                                       */
                      LL_SCHEMA_MAP   /* map of name to sub       the same; sub has a KEY row */
};

enum ll_schema_flag {
    LL_SCHEMA_REQUIRED = 1,
    LL_SCHEMA_SECRET = 2,    /* never shown */
    LL_SCHEMA_SUBST = 4,     /* ${env:X} and ${file:/path} are replaced */
    LL_SCHEMA_ONE = 8,       /* TEXTS: a lone text is a list of one */
    LL_SCHEMA_KEY = 16,      /* of a MAP's item: the field is the member's key */
    LL_SCHEMA_VALUE = 32,    /* of a LIST's or MAP's item: the item is this scalar, not a struct */
    LL_SCHEMA_RESTART = 64,  /* a reload cannot change it */
    LL_SCHEMA_UNIQUE = 128,  /* text that no two items of a list share */
    LL_SCHEMA_REFUSED = 256, /* a key others know and we do not: `doc` is the answer */
    LL_SCHEMA_SHORT = 512,   /* of a LIST's item or a STRUCT: a lone scalar is this row alone */
    LL_SCHEMA_QUIET = 1024   /* not written to JSON while it is false or 0 */
};

/* Checks a value that has the right type; the text says what is wrong ("is not a URL"). */
typedef const char *ll_schema_check(struct ll_slice text);

/* Reads a text of a small grammar into the field; *why says what is wrong, with the value. */
typedef bool ll_schema_parse(struct ll_slice text, void *field, struct ll_err *why);

/* The text that `parse` reads back; false when the field holds nothing. */
typedef bool ll_schema_print(const void *field, struct ll_str *out);

/* Sees an item of a LIST after it was read, for what rows cannot say: errors go to r by
 * ll_schema_fail.  Fields that were not given, or were wrong, are as init left them. */
struct ll_schema_reader;
typedef void ll_schema_finish(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                              void *item);

struct ll_schema_row {
    const char *key;
    enum ll_schema_type type;
    unsigned flags;
    size_t offset, offset_n;
    double min, max;          /* in the unit of the file (durations: ms); both 0 = none.
                               * LIST, MAP, TEXTS: of the number of items; text: of its bytes */
    const char *standard;     /* the default, as in the file; NULL = none */
    const char *standard_doc; /* how to print a default that is computed */
    const char *unit;
    const char *const *names; /* of an enum, by value, NULL at the end; "" cannot be written */
    const struct ll_schema *sub;
    ll_schema_check *check;
    ll_schema_parse *parse;   /* of PARSED */
    ll_schema_print *print;   /* of PARSED that is shown; NULL = it is not */
    ll_schema_finish *finish; /* of a LIST; NULL = none */
    const char *flag;         /* a second flag name beside the path, without dashes */
    const char *doc;          /* one sentence, no full stop needed inside tables */
};

struct ll_schema {
    const struct ll_schema_row *rows;
    size_t n;
    size_t size;              /* of the struct, for items of lists and maps */
    void (*init)(void *item); /* NULL = zeroes */
};

/* Where each field came from, by its address. */
struct ll_schema_places;
struct ll_schema_places *ll_schema_places_new(void);
void ll_schema_places_free(struct ll_schema_places *p);
LL_AUTO_DEFINE(ll_schema_places, ll_schema_places_free)
/* NULL when the field was not recorded. */
const struct ll_yaml_place *ll_schema_place(const struct ll_schema_places *p, const void *field);
LL_MUST_USE bool ll_schema_place_put(struct ll_schema_places *p, const void *field,
                                     const struct ll_yaml_place *place);

/* One reading: where it goes and what it needs. */
struct ll_schema_reader {
    struct ll_arena *out;            /* texts, items */
    struct ll_schema_places *places; /* NULL = not wanted */
    const char *const *env;          /* for ${env:X}; NULL = none */
    struct ll_err *errs;             /* the first `max` errors */
    size_t max, n_errs;              /* n_errs counts on beyond max */
    void *context;                   /* for `finish` */
};

/* False when anything was wrong (n_errs > 0).  `obj` is half filled then: throw it away. */
LL_MUST_USE bool ll_schema_read(struct ll_schema_reader *r, const struct ll_schema *s,
                                const struct ll_yaml_node *root, void *obj);

/* Adds an error of one's own check to the reader's list; returns false. */
bool ll_schema_fail(struct ll_schema_reader *r, const struct ll_yaml_place *p, const char *fmt, ...)
    LL_PRINTF(3, 4);

/* The object as YAML that reads back the same; `places` adds where each came from, or NULL. */
void ll_schema_show(const struct ll_schema *s, const void *obj,
                    const struct ll_schema_places *places, struct ll_str *out);

/* The object as JSON in one line that reads back the same; a schema without MAP and TEXTS. */
void ll_schema_write(const struct ll_schema *s, const void *obj, struct ll_str *out);

/* Every row, depth first; path is "web.max_body", "services[].name", "roles.<name>". */
struct ll_schema_visit {
    const char *path;
    const struct ll_schema_row *row;
    size_t depth;
    bool in_items; /* inside a list or map: no flag, no variable */
};
typedef bool ll_schema_visitor(void *ctx, const struct ll_schema_visit *v); /* false stops */
void ll_schema_walk(const struct ll_schema *s, ll_schema_visitor *fn, void *ctx);

/* True when the row can be given as a flag and in the environment. */
bool ll_schema_has_flag(const struct ll_schema_visit *v);
/* "web.max_body" -> "web.max-body", and -> "LOADLINE_WEB_MAX_BODY". */
enum { LL_SCHEMA_NAME_MAX = 96 };
void ll_schema_flag_name(const char *path, char out[static LL_SCHEMA_NAME_MAX]);
void ll_schema_env_name(const char *path, char out[static LL_SCHEMA_NAME_MAX]);

/* "percent", "duration" ...; "0 to 100", "one of: logfmt, json" or "". */
const char *ll_schema_type_name(const struct ll_schema_row *row);
void ll_schema_limits(const struct ll_schema_row *row, struct ll_str *out);

/* The reference of all keys, for people and as JSON Schema (draft 2020-12). */
void ll_schema_table(const struct ll_schema *s, struct ll_str *out);
void ll_schema_json(const struct ll_schema *s, const char *title, struct ll_str *out);

#endif
