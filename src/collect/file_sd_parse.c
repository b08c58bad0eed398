/* Both forms become one stream of tokens, and one machine makes groups of them. */
#include <string.h>
#include <yaml.h>

#include "base/json_in.h"
#include "collect/file_sd.h"

enum { GROUP_TARGETS_FIRST = 16 };

enum token { OPEN_MAP, CLOSE_MAP, OPEN_LIST, CLOSE_LIST, KEY, TEXT, NOTHING, OTHER };

/* Where a token may stand. */
enum place { BEFORE, IN_FILE, IN_GROUP, AT_TARGETS, IN_TARGETS, AT_LABELS, IN_LABELS, AT_SOURCE };

struct builder {
    struct ll_arena *out;
    struct ll_err *err;
    int line, column; /* of the token; 0 = not known */
    enum place place;
    struct ll_file_sd_group *first, **end, *group;
    struct ll_slice *targets; /* of the group, with room for `size` */
    size_t size, all_targets;
    struct ll_label labels[LL_FILE_SD_LABELS_MAX];
    struct ll_slice label; /* the name whose value comes next */
    bool has_targets, has_labels;
};

static bool fail(struct builder *b, enum ll_err_code code, const char *what)
{
    return ll_err_set_at(b->err, code, b->line, b->column, "%s", what);
}

static bool no_memory(struct builder *b)
{
    return fail(b, LL_E_MEMORY, "no memory for targets");
}

static bool copy(struct builder *b, struct ll_slice text, struct ll_slice *out)
{
    const char *s = ll_arena_copy(b->out, text.s, text.n);
    if (!s)
        return no_memory(b);
    *out = (struct ll_slice){s, text.n};
    return true;
}

static bool open_group(struct builder *b)
{
    b->group = LL_ARENA_NEW(b->out, struct ll_file_sd_group, 1);
    b->targets = NULL;
    b->size = 0;
    b->has_targets = b->has_labels = false;
    if (!b->group)
        return no_memory(b);
    *b->end = b->group;
    b->end = &b->group->next;
    b->place = IN_GROUP;
    return true;
}

static bool close_group(struct builder *b)
{
    struct ll_file_sd_group *g = b->group;
    struct ll_label *labels = LL_ARENA_NEW(b->out, struct ll_label, g->n_labels);
    if (!labels)
        return no_memory(b);
    memcpy(labels, b->labels, g->n_labels * sizeof(*labels));
    g->labels = labels;
    b->place = IN_FILE;
    return true;
}

static bool add_target(struct builder *b, struct ll_slice text)
{
    struct ll_file_sd_group *g = b->group;
    if (text.n == 0 || text.n > 1024)
        return fail(b, LL_E_INVALID, "a target is host:port, at most 1024 bytes");
    if (++b->all_targets > LL_FILE_SD_TARGETS_MAX)
        return fail(b, LL_E_RANGE, "more than 20000 targets in one file");
    if (g->n_targets == b->size) {
        size_t size = b->size ? b->size * 2 : GROUP_TARGETS_FIRST;
        struct ll_slice *v = LL_ARENA_NEW(b->out, struct ll_slice, size);
        if (!v)
            return no_memory(b);
        if (b->targets)
            memcpy(v, b->targets, g->n_targets * sizeof(*v));
        b->targets = v;
        b->size = size;
        g->targets = v;
    }
    return copy(b, text, &b->targets[g->n_targets]) && ++g->n_targets;
}

static bool is_label_name(struct ll_slice t)
{
    for (size_t i = 0; i < t.n; i++) {
        char c = t.s[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9'))
            return false;
    }
    return t.n > 0;
}

static bool add_label(struct builder *b, struct ll_slice value)
{
    struct ll_file_sd_group *g = b->group;
    if (g->n_labels == LL_FILE_SD_LABELS_MAX)
        return fail(b, LL_E_RANGE, "more than 64 labels of one group");
    if (!ll_utf8_valid(value.s, value.n))
        return fail(b, LL_E_INVALID, "a label's value is not UTF-8");
    for (size_t i = 0; i < g->n_labels; i++)
        if (ll_slice_eq(b->labels[i].name, b->label))
            return fail(b, LL_E_INVALID, "a label is there twice");
    b->labels[g->n_labels].name = b->label;
    return copy(b, value, &b->labels[g->n_labels].value) && ++g->n_labels;
}

static bool take_key(struct builder *b, struct ll_slice text)
{
    if (b->place == IN_LABELS) {
        if (!is_label_name(text) || text.n > 256)
            return fail(b, LL_E_INVALID, "a label's name has letters, digits and _ only");
        return copy(b, text, &b->label);
    }
    bool targets = ll_slice_is(text, "targets"), labels = ll_slice_is(text, "labels");
    if ((targets && b->has_targets) || (labels && b->has_labels))
        return fail(b, LL_E_INVALID, "a key is there twice");
    if (!targets && !labels && !ll_slice_is(text, "source"))
        return fail(b, LL_E_INVALID, "a group has the keys targets and labels");
    b->has_targets = b->has_targets || targets;
    b->has_labels = b->has_labels || labels;
    b->place = targets ? AT_TARGETS : labels ? AT_LABELS : AT_SOURCE;
    return true;
}

static bool take_text(struct builder *b, struct ll_slice text)
{
    if (b->place == IN_TARGETS)
        return add_target(b, text);
    if (b->place == IN_LABELS)
        return add_label(b, text);
    if (b->place != AT_SOURCE)
        return fail(b, LL_E_INVALID, "a text stands where a list or a map is expected");
    b->place = IN_GROUP;
    return true;
}

/* One step; what no row says is refused. */
static bool take(struct builder *b, enum token t, struct ll_slice text)
{
    static const struct {
        enum place from;
        enum token token;
        enum place to;
    } steps[] = {
        {BEFORE, OPEN_LIST, IN_FILE},     {BEFORE, NOTHING, BEFORE},
        {IN_FILE, CLOSE_LIST, BEFORE},    {AT_TARGETS, OPEN_LIST, IN_TARGETS},
        {AT_TARGETS, NOTHING, IN_GROUP},  {IN_TARGETS, CLOSE_LIST, IN_GROUP},
        {AT_LABELS, OPEN_MAP, IN_LABELS}, {AT_LABELS, NOTHING, IN_GROUP},
        {IN_LABELS, CLOSE_MAP, IN_GROUP}, {AT_SOURCE, NOTHING, IN_GROUP},
    };
    if (t == OPEN_MAP && b->place == IN_FILE)
        return open_group(b);
    if (t == CLOSE_MAP && b->place == IN_GROUP)
        return close_group(b);
    if (t == KEY)
        return take_key(b, text);
    if (t == TEXT)
        return take_text(b, text);
    for (size_t i = 0; i < LL_LEN(steps); i++) {
        if (steps[i].from == b->place && steps[i].token == t) {
            b->place = steps[i].to;
            return true;
        }
    }
    return fail(b, LL_E_INVALID,
                "not a list of groups: [{\"targets\": [\"host:port\"], \"labels\": {}}]");
}

static bool read_json(struct builder *b, char *text, size_t n)
{
    static const enum token tokens[] = {
        [LL_JSON_OBJECT] = OPEN_MAP, [LL_JSON_OBJECT_END] = CLOSE_MAP,
        [LL_JSON_ARRAY] = OPEN_LIST, [LL_JSON_ARRAY_END] = CLOSE_LIST,
        [LL_JSON_KEY] = KEY,         [LL_JSON_STRING] = TEXT,
        [LL_JSON_NUMBER] = OTHER,    [LL_JSON_NONFINITE] = OTHER,
        [LL_JSON_TRUE] = OTHER,      [LL_JSON_FALSE] = OTHER,
        [LL_JSON_NULL] = NOTHING};
    struct ll_json_in in;
    struct ll_json_tok tok;
    ll_json_in_init(&in, text, n);
    for (;;) {
        if (!ll_json_in_next(&in, &tok, b->err))
            return false;
        if (tok.kind == LL_JSON_END)
            return true;
        b->line = 1; /* strings are decoded in place: the line cannot be counted any more */
        if (!take(b, tokens[tok.kind], tok.text))
            return false;
    }
}

/* YAML has no token for keys: in a map every other scalar is one. */
struct yaml_place {
    bool map, value;
};

enum { YAML_DEPTH = 4 };

static bool yaml_token(struct builder *b, const yaml_event_t *e, struct yaml_place *stack,
                       size_t *depth)
{
    struct yaml_place *top = *depth ? &stack[*depth - 1] : NULL;
    bool key = top && top->map && !top->value;
    bool open = e->type == YAML_MAPPING_START_EVENT || e->type == YAML_SEQUENCE_START_EVENT;
    bool close = e->type == YAML_MAPPING_END_EVENT || e->type == YAML_SEQUENCE_END_EVENT;
    if (top && top->map && !close)
        top->value = !top->value;
    if (open) {
        bool map = e->type == YAML_MAPPING_START_EVENT;
        if (key || *depth == YAML_DEPTH)
            return fail(b, LL_E_INVALID, "nested where a text is expected");
        stack[(*depth)++] = (struct yaml_place){.map = map};
        return take(b, map ? OPEN_MAP : OPEN_LIST, (struct ll_slice){0});
    }
    if (close) {
        --*depth;
        return take(b, e->type == YAML_MAPPING_END_EVENT ? CLOSE_MAP : CLOSE_LIST,
                    (struct ll_slice){0});
    }
    struct ll_slice text = {(const char *)e->data.scalar.value, e->data.scalar.length};
    bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    bool null = plain && (text.n == 0 || ll_slice_is(text, "~") || ll_slice_is(text, "null"));
    return take(b, key ? KEY : null ? NOTHING : TEXT, text);
}

static bool yaml_event(struct builder *b, const yaml_event_t *e, struct yaml_place *stack,
                       size_t *depth, int *documents)
{
    b->line = (int)e->start_mark.line + 1;
    b->column = (int)e->start_mark.column + 1;
    switch (e->type) {
    case YAML_ALIAS_EVENT:
        return fail(b, LL_E_INVALID, "aliases (*name) are not supported");
    case YAML_DOCUMENT_START_EVENT:
        return (*documents)++ == 0 || fail(b, LL_E_INVALID, "a second document");
    case YAML_SCALAR_EVENT:
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        return yaml_token(b, e, stack, depth);
    default:
        return true;
    }
}

static bool read_yaml(struct builder *b, const char *text, size_t n)
{
    yaml_parser_t parser;
    struct yaml_place stack[YAML_DEPTH];
    size_t depth = 0;
    int documents = 0;
    if (!yaml_parser_initialize(&parser))
        return no_memory(b);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
    bool ok = true;
    for (bool end = false; ok && !end;) {
        yaml_event_t e;
        if (!yaml_parser_parse(&parser, &e)) {
            b->line = (int)parser.problem_mark.line + 1;
            b->column = (int)parser.problem_mark.column + 1;
            ok = parser.error == YAML_MEMORY_ERROR
                     ? no_memory(b)
                     : fail(b, LL_E_INVALID, parser.problem ? parser.problem : "not YAML");
            break;
        }
        end = e.type == YAML_STREAM_END_EVENT;
        ok = yaml_event(b, &e, stack, &depth, &documents);
        yaml_event_delete(&e);
    }
    yaml_parser_delete(&parser);
    return ok;
}

bool ll_file_sd_parse(char *text, size_t n, enum ll_file_sd_form form, struct ll_arena *out,
                      struct ll_file_sd_group **groups, struct ll_err *err)
{
    struct builder b = {.out = out, .err = err};
    b.end = &b.first;
    if (n > LL_FILE_SD_BYTES_MAX)
        return ll_err_set(err, LL_E_RANGE, "%zu bytes are more than %d", n, LL_FILE_SD_BYTES_MAX);
    if (!(form == LL_FILE_SD_JSON ? read_json(&b, text, n) : read_yaml(&b, text, n)))
        return false;
    *groups = b.first;
    return true;
}
