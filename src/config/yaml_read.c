/* libyaml's events, checked against the subset and folded into nodes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#include "base/json_in.h"
#include "base/map.h"
#include "config/yaml.h"

struct reader {
    yaml_parser_t parser;
    struct ll_slice text;
    const char *name;
    struct ll_arena *out;
    struct ll_err *err;
    struct ll_map *keys; /* of all maps: number of the map, then the key */
    struct ll_yaml_node *root, *at;
    struct ll_yaml_node *open[LL_YAML_DEPTH_MAX];
    uint32_t numbers[LL_YAML_DEPTH_MAX]; /* of the open maps, for `keys` */
    size_t depth, nodes, documents;
    uint32_t maps;
    struct ll_slice key; /* read, waiting for its value */
    struct ll_yaml_place key_place;
    bool has_key;
};

static struct ll_yaml_place place_of(const struct reader *r, yaml_mark_t mark)
{
    return (struct ll_yaml_place){
        .from = LL_YAML_FROM_FILE,
        .line = (int)mark.line + 1,
        .column = (int)mark.column + 1,
        .name = r->name,
    };
}

static bool fail_at(struct reader *r, yaml_mark_t mark, const char *message)
{
    struct ll_yaml_place p = place_of(r, mark);
    return ll_yaml_fail(r->err, &p, "%s", message);
}

static bool no_memory(struct reader *r)
{
    return ll_err_set(r->err, LL_E_MEMORY, "%s: no memory for its content", r->name);
}

/* The byte at a mark, which counts characters; 0 beyond the end. */
static char byte_at(const struct reader *r, yaml_mark_t mark)
{
    size_t i = 0, n = 0;
    if (r->text.n >= 3 && memcmp(r->text.s, "\xef\xbb\xbf", 3) == 0)
        i = 3, n = 1;
    for (; i < r->text.n && n < mark.index; n++)
        for (i++; i < r->text.n && ((unsigned char)r->text.s[i] & 0xc0) == 0x80;)
            i++;
    return i < r->text.n ? r->text.s[i] : '\0';
}

/* The reader's errors carry a byte offset instead of a mark. */
static yaml_mark_t mark_of_offset(const struct reader *r, size_t offset)
{
    yaml_mark_t m = {0};
    for (size_t i = 0; i < LL_MIN(offset, r->text.n); i++) {
        unsigned char c = (unsigned char)r->text.s[i];
        if (c == '\n') {
            m.line++;
            m.column = 0;
        } else if ((c & 0xc0) != 0x80) {
            m.column++;
        }
    }
    return m;
}

static bool syntax_error(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    if (p->error == YAML_MEMORY_ERROR)
        return no_memory(r);
    if (p->error == YAML_READER_ERROR) {
        yaml_mark_t m = mark_of_offset(r, p->problem_offset);
        return fail_at(r, m, "not UTF-8 text without control characters");
    }
    struct ll_yaml_place place = place_of(r, p->problem_mark);
    char c = byte_at(r, p->problem_mark);
    if (p->problem && strstr(p->problem, "cannot start any token")) {
        if (c == '\t')
            return ll_yaml_fail(r->err, &place, "a tab cannot indent: use spaces");
        return ll_yaml_fail(r->err, &place, "a value cannot start with '%c': quote it", c);
    }
    return ll_yaml_fail(r->err, &place, "%s%s%s", p->problem ? p->problem : "not YAML",
                        p->context ? ", " : "", p->context ? p->context : "");
}

/* Refuses what the subset leaves out, on any node. */
static bool plain_node(struct reader *r, yaml_mark_t mark, const yaml_char_t *anchor,
                       const yaml_char_t *tag)
{
    if (anchor)
        return fail_at(r, mark, "anchors (&name) are not supported: write the value out");
    if (tag)
        return fail_at(r, mark, "tags (!type) are not supported: the schema knows the type");
    return true;
}

/* A child of what is open; NULL after an error. */
static struct ll_yaml_node *add_node(struct reader *r, enum ll_yaml_kind kind, yaml_mark_t mark)
{
    if (++r->nodes > LL_YAML_NODES_MAX) {
        fail_at(r, mark, "more than 100000 values");
        return NULL;
    }
    struct ll_yaml_node *n = ll_yaml_add(r->out, r->at, kind, r->key);
    if (!n) {
        no_memory(r);
        return NULL;
    }
    n->place = place_of(r, mark);
    n->key_place = r->has_key ? r->key_place : n->place;
    r->has_key = false;
    r->key = (struct ll_slice){"", 0};
    if (!r->root)
        r->root = n;
    return n;
}

static bool open_node(struct reader *r, enum ll_yaml_kind kind, const yaml_event_t *e)
{
    if (r->at && r->at->kind == LL_YAML_MAP && !r->has_key)
        return fail_at(r, e->start_mark, "a key must be text, not a list or a map");
    if (r->depth == LL_YAML_DEPTH_MAX)
        return fail_at(r, e->start_mark, "nested deeper than 64 levels");
    struct ll_yaml_node *n = add_node(r, kind, e->start_mark);
    if (!n)
        return false;
    r->numbers[r->depth] = r->maps++;
    r->open[r->depth++] = n;
    r->at = n;
    return true;
}

static void close_node(struct reader *r)
{
    r->depth--;
    r->at = r->depth ? r->open[r->depth - 1] : NULL;
}

/* One map of (number of the map, key) finds duplicates in any map of the document. */
static bool remember_key(struct reader *r, const yaml_event_t *e)
{
    const uint32_t number = r->numbers[r->depth - 1];
    size_t n = e->data.scalar.length, line = 0;
    char *bytes = ll_arena_alloc(r->out, n + sizeof(number) + 1, 1);
    if (!bytes)
        return no_memory(r);
    memcpy(bytes, &number, sizeof(number));
    memcpy(bytes + sizeof(number), e->data.scalar.value, n);
    struct ll_slice full = {bytes, n + sizeof(number)};
    r->key = (struct ll_slice){bytes + sizeof(number), n};
    r->key_place = place_of(r, e->start_mark);
    r->has_key = true;
    if (ll_map_get(r->keys, full, &line)) {
        char shown[LL_YAML_QUOTE_MAX];
        return ll_yaml_fail(r->err, &r->key_place, "the key '%s' is already on line %zu",
                            ll_yaml_quote(r->key, shown), line);
    }
    return ll_map_put(r->keys, full, (size_t)r->key_place.line) || no_memory(r);
}

static bool take_key(struct reader *r, const yaml_event_t *e)
{
    bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    struct ll_slice key = {(const char *)e->data.scalar.value, e->data.scalar.length};
    if (plain && ll_slice_is(key, "<<"))
        return fail_at(r, e->start_mark, "merge keys (<<) are not supported: write the keys out");
    if (key.n == 0)
        return fail_at(r, e->start_mark, "a key is missing before ':'");
    return remember_key(r, e);
}

static bool take_scalar(struct reader *r, const yaml_event_t *e)
{
    if (!plain_node(r, e->start_mark, e->data.scalar.anchor, e->data.scalar.tag))
        return false;
    if (r->at && r->at->kind == LL_YAML_MAP && !r->has_key)
        return take_key(r, e);
    struct ll_yaml_node *n = add_node(r, LL_YAML_SCALAR, e->start_mark);
    if (!n)
        return false;
    bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    n->style = plain ? LL_YAML_PLAIN : LL_YAML_QUOTED;
    n->text.n = e->data.scalar.length;
    n->text.s = ll_arena_copy(r->out, (const char *)e->data.scalar.value, n->text.n);
    return n->text.s || no_memory(r);
}

static bool start_document(struct reader *r, const yaml_event_t *e)
{
    if (e->data.document_start.version_directive ||
        e->data.document_start.tag_directives.start != e->data.document_start.tag_directives.end)
        return fail_at(r, e->start_mark, "directives (%YAML, %TAG) are not supported");
    if (r->documents++)
        return fail_at(r, e->start_mark, "a second document: one file is one document");
    return true;
}

static bool take_event(struct reader *r, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        return start_document(r, e);
    case YAML_ALIAS_EVENT:
        return fail_at(r, e->start_mark, "aliases (*name) are not supported: write the value out");
    case YAML_SCALAR_EVENT:
        return take_scalar(r, e);
    case YAML_MAPPING_START_EVENT:
        return plain_node(r, e->start_mark, e->data.mapping_start.anchor,
                          e->data.mapping_start.tag) &&
               open_node(r, LL_YAML_MAP, e);
    case YAML_SEQUENCE_START_EVENT:
        return plain_node(r, e->start_mark, e->data.sequence_start.anchor,
                          e->data.sequence_start.tag) &&
               open_node(r, LL_YAML_LIST, e);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        close_node(r);
        return true;
    default: /* start and end of stream and document */
        return true;
    }
}

static bool read_events(struct reader *r)
{
    for (bool end = false; !end;) {
        yaml_event_t e;
        if (!yaml_parser_parse(&r->parser, &e))
            return syntax_error(r);
        end = e.type == YAML_STREAM_END_EVENT;
        bool ok = take_event(r, &e);
        yaml_event_delete(&e);
        if (!ok)
            return false;
    }
    return true;
}

/* An empty document, or only comments, is an empty map. */
static bool finish_root(struct reader *r)
{
    if (r->root && !ll_yaml_is_null(r->root))
        return true;
    r->root = ll_yaml_add(r->out, NULL, LL_YAML_MAP, (struct ll_slice){"", 0});
    if (!r->root)
        return no_memory(r);
    r->root->place = r->root->key_place = place_of(r, (yaml_mark_t){0});
    return true;
}

static bool is_json(struct ll_slice text, struct ll_arena *scratch)
{
    char *copy = ll_arena_copy(scratch, text.s, text.n);
    struct ll_json_in in;
    struct ll_json_tok tok = {.kind = LL_JSON_NULL};
    struct ll_err err;
    if (!copy)
        return false;
    ll_json_in_init(&in, copy, text.n);
    while (tok.kind != LL_JSON_END)
        if (!ll_json_in_next(&in, &tok, &err))
            return false;
    return true;
}

/* The value of an escape \uXXXX at i, 0 when there is none. */
static unsigned escape_at(struct ll_slice t, size_t i)
{
    unsigned v = 0;
    if (i + 6 > t.n || t.s[i] != '\\' || t.s[i + 1] != 'u')
        return 0;
    for (size_t k = i + 2; k < i + 6; k++) {
        const char c = t.s[k];
        const bool digit = c >= '0' && c <= '9';
        const char low = (char)(c | 0x20);
        if (!digit && (low < 'a' || low > 'f'))
            return 0;
        v = v << 4 | (unsigned)(digit ? c - '0' : low - 'a' + 10);
    }
    return v;
}

/* The character that two escapes at i make (RFC 8259, section 7), else 0. */
static unsigned pair_at(struct ll_slice t, size_t i)
{
    const unsigned high = escape_at(t, i), low = high >> 10 == 0x36 ? escape_at(t, i + 6) : 0;
    return low >> 10 == 0x37 ? 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff)) : 0;
}

/* JSON writes a character beyond U+FFFF as two escapes, YAML as one: in a text that is JSON to the
 * letter they are joined, any other text stays as it is. */
static bool join_pairs(struct reader *r)
{
    size_t first = 0;
    while (first < r->text.n && !pair_at(r->text, first))
        first++;
    if (first == r->text.n || !is_json(r->text, r->out))
        return true;
    struct ll_str s;
    ll_str_init(&s, r->text.n);
    for (size_t i = 0; i < r->text.n;) {
        const unsigned c = pair_at(r->text, i);
        const size_t n = c ? 12 : r->text.s[i] == '\\' ? 2 : 1; /* an escaped backslash is passed */
        if (c)
            ll_str_addf(&s, "\\U%08x", c);
        else
            ll_str_add(&s, r->text.s + i, LL_MIN(n, r->text.n - i));
        i += n;
    }
    const char *joined = s.failed ? NULL : ll_arena_copy(r->out, ll_str_z(&s), s.n);
    if (joined)
        r->text = (struct ll_slice){joined, s.n};
    ll_str_fini(&s);
    return joined || no_memory(r);
}

bool ll_yaml_parse(struct ll_slice text, const char *name, struct ll_arena *out,
                   struct ll_yaml_node **root, struct ll_err *err)
{
    struct reader r = {.text = text, .name = name, .out = out, .err = err, .key = {"", 0}};
    if (text.n > LL_YAML_BYTES_MAX)
        return fail_at(&r, (yaml_mark_t){0}, "larger than 1 MiB");
    uint64_t seed = 0; /* names cannot be prepared to collide; a failure leaves it fixed */
    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) < 0)
        seed = 0;
    LL_AUTO(ll_map) keys = ll_map_new(seed, LL_YAML_NODES_MAX);
    r.keys = keys;
    if (!join_pairs(&r))
        return false;
    if (!keys || !yaml_parser_initialize(&r.parser))
        return no_memory(&r);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)r.text.s, r.text.n);
    bool ok = read_events(&r) && finish_root(&r);
    yaml_parser_delete(&r.parser);
    if (ok)
        *root = r.root;
    return ok;
}

static bool read_all(int fd, const char *path, size_t max, struct ll_str *b, struct ll_err *err)
{
    char chunk[16384];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ll_err_set(err, LL_E_CONFIG, "%s: %s", path, strerror(errno));
        if (n == 0)
            return true;
        ll_str_add(b, chunk, (size_t)n);
        if (b->failed)
            return ll_err_set(err, LL_E_CONFIG, "%s: larger than %zu bytes", path, max);
    }
}

bool ll_yaml_read_file(const char *path, size_t max, struct ll_arena *out, struct ll_slice *text,
                       struct ll_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return ll_err_set(err, LL_E_CONFIG, "%s: %s", path, strerror(errno));
    struct ll_str b;
    ll_str_init(&b, max);
    bool ok = read_all(fd, path, max, &b, err);
    close(fd);
    const char *copy = ok ? ll_arena_copy(out, ll_str_z(&b), b.n) : NULL;
    size_t n = b.n;
    ll_str_fini(&b);
    if (ok && !copy)
        return ll_err_set(err, LL_E_MEMORY, "%s: no memory for its content", path);
    if (ok)
        *text = (struct ll_slice){copy, n};
    return ok;
}
