/* What the files of the exposition reader share. */
#ifndef LL_COLLECT_EXPOSITION_PRIVATE_H
#define LL_COLLECT_EXPOSITION_PRIVATE_H

#include "base/map.h"
#include "collect/exposition.h"

/* What HELP, TYPE and UNIT lines say. */
enum ll_exposition_keyword { LL_EXPOSITION_HELP, LL_EXPOSITION_TYPE, LL_EXPOSITION_UNIT };

/* Labels being read. */
struct ll_exposition_labels {
    struct ll_label v[LL_LABELS_MAX + 1];
    size_t n;
    struct ll_slice metric; /* the quoted name among them; s NULL = none */
};

/* A sample as the rules see it. */
struct ll_exposition_line {
    struct ll_slice name;
    const struct ll_label *labels; /* sorted, with __name__ */
    size_t n;
    double value, seconds; /* seconds: of an OpenMetrics time */
    bool has_time, has_exemplar;
    int column; /* of the value */
};

struct ll_exposition_rules;

struct ll_exposition_parser {
    const struct ll_exposition_opts *opts;
    struct ll_err *err;
    const char *at, *end, *line_start;
    int line;
    size_t samples, max_samples;
    struct ll_slice family; /* that the metadata speaks of */
    enum ll_exposition_type type;
    struct ll_exposition_rules *rules; /* NULL = lenient */
    struct ll_exposition_labels labels, exemplar;
    size_t scratch_n, family_n;
    char scratch[LL_LABELS_BYTES_MAX]; /* what had escapes in it, of one line */
    char family_text[LL_LABELS_BYTES_MAX];
};

/* Fails at p->at, or at a place in the present line. */
bool ll_exposition_fail(struct ll_exposition_parser *p, const char *fmt, ...) LL_PRINTF(2, 3);
bool ll_exposition_fail_at(struct ll_exposition_parser *p, const char *where, const char *fmt, ...)
    LL_PRINTF(3, 4);

/* As in base/err.h: the analyser cannot know that they return false. */
#ifdef __clang_analyzer__
#define ll_exposition_fail(...) ((void)ll_exposition_fail(__VA_ARGS__), false)
#define ll_exposition_fail_at(...) ((void)ll_exposition_fail_at(__VA_ARGS__), false)
#endif

/* exposition_lex.c: pieces of a line.  All move p->at behind what they read. */
bool ll_exposition_peek(const struct ll_exposition_parser *p, char c);
void ll_exposition_blanks(struct ll_exposition_parser *p); /* spaces and tabs */
struct ll_slice ll_exposition_token(struct ll_exposition_parser *p);
struct ll_slice ll_exposition_rest(struct ll_exposition_parser *p); /* of the line */
struct ll_slice ll_exposition_name(struct ll_exposition_parser *p, bool colons);
/* From behind the brace to behind its end. */
LL_MUST_USE bool ll_exposition_label_set(struct ll_exposition_parser *p,
                                         struct ll_exposition_labels *out, bool exemplar);
/* The name of a metadata line, bare or quoted; empty when there is none. */
LL_MUST_USE bool ll_exposition_meta_name(struct ll_exposition_parser *p, struct ll_slice *out);

/* One line, p->at at its first byte; leaves p->at at its line feed or at the end. */
LL_MUST_USE bool ll_exposition_text_line(struct ll_exposition_parser *p);
LL_MUST_USE bool ll_exposition_om_line(struct ll_exposition_parser *p, bool *eof);

/* Sorts the labels, asks the rules, hands the sample out. */
LL_MUST_USE bool ll_exposition_emit(struct ll_exposition_parser *p, struct ll_exposition_line *l,
                                    ll_time t);
/* Remembers a family that metadata speaks of. */
void ll_exposition_begin_family(struct ll_exposition_parser *p, struct ll_slice name);
LL_MUST_USE bool ll_exposition_parse_type(struct ll_slice text, enum ll_exposition_format format,
                                          enum ll_exposition_type *out);

/* exposition_rules.c: what only the strict reader asks. */
struct ll_exposition_rules *ll_exposition_rules_new(const struct ll_exposition_parser *p,
                                                    size_t page_bytes);
void ll_exposition_rules_free(struct ll_exposition_rules *r);
LL_MUST_USE bool ll_exposition_rules_meta(struct ll_exposition_parser *p,
                                          enum ll_exposition_keyword k, struct ll_slice name,
                                          struct ll_slice text);
LL_MUST_USE bool ll_exposition_rules_sample(struct ll_exposition_parser *p,
                                            const struct ll_exposition_line *l);
LL_MUST_USE bool ll_exposition_rules_end(struct ll_exposition_parser *p);

#endif
