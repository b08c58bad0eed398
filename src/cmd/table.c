#include "cmd/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/num.h"
#include "base/vec.h"

enum { CELLS_MAX = 4 << 20, BYTES_MAX = 256 << 20, FLEX_MIN = 8, COLUMNS_MAX = 32, GAP = 2 };

struct cell {
    char *text, *raw; /* in the arena */
    enum ll_tint tint;
};

LL_VEC_DEFINE(cells, struct cell)

struct ll_table {
    const struct ll_column *columns;
    size_t n;
    struct cells cells;
    struct ll_arena *arena;
    bool failed;
};

struct ll_table *ll_table_new(const struct ll_column *columns, size_t n)
{
    LL_ASSERT(n > 0 && n <= COLUMNS_MAX);
    LL_AUTO(ll_table) t = calloc(1, sizeof(*t));
    if (!t)
        return NULL;
    t->columns = columns;
    t->n = n;
    t->cells.cap = CELLS_MAX;
    t->arena = ll_arena_new(BYTES_MAX);
    if (!t->arena)
        return NULL;
    struct ll_table *made = t;
    t = NULL;
    return made;
}

void ll_table_free(struct ll_table *t)
{
    if (!t)
        return;
    cells_fini(&t->cells);
    ll_arena_free(t->arena);
    free(t);
}

void ll_table_cell(struct ll_table *t, const char *text, const char *raw, enum ll_tint tint)
{
    struct cell c = {.tint = tint};
    c.text = ll_arena_copy(t->arena, text, strlen(text));
    c.raw = raw ? ll_arena_copy(t->arena, raw, strlen(raw)) : c.text;
    if (!c.text || !c.raw || !cells_push(&t->cells, c))
        t->failed = true;
}

void ll_table_number(struct ll_table *t, const char *text, double raw, enum ll_tint tint)
{
    char buf[LL_NUM_TEXT_MAX] = "";
    if (isfinite(raw))
        ll_num_format(raw, buf);
    ll_table_cell(t, text, buf, tint);
}

size_t ll_table_rows(const struct ll_table *t)
{
    return t->cells.n / t->n;
}

static void add_csv_field(struct ll_str *out, const char *s)
{
    if (!s[strcspn(s, ",\"\r\n")]) {
        ll_str_addz(out, s);
        return;
    }
    ll_str_addc(out, '"');
    for (; *s; s++)
        ll_str_add(out, *s == '"' ? "\"\"" : s, *s == '"' ? 2 : 1);
    ll_str_addc(out, '"');
}

/* RFC 4180 with LF, as everything on a Unix expects. */
static void print_csv(const struct ll_table *t, struct ll_str *out)
{
    size_t rows = ll_table_rows(t);
    for (size_t r = 0; r <= rows; r++) {
        bool first = true;
        for (size_t k = 0; k < t->n; k++) {
            if (!t->columns[k].key)
                continue;
            if (!first)
                ll_str_addc(out, ',');
            first = false;
            add_csv_field(out, r == 0 ? t->columns[k].key : t->cells.v[(r - 1) * t->n + k].raw);
        }
        ll_str_addc(out, '\n');
    }
}

static bool is_shown(const struct ll_table *t, const struct ll_ctx *c, size_t k)
{
    return t->columns[k].title && (!t->columns[k].wide || c->form == LL_FORM_WIDE);
}

static size_t measure(const struct ll_table *t, const struct ll_ctx *c, size_t *width)
{
    size_t total = 0, rows = ll_table_rows(t);
    for (size_t k = 0; k < t->n; k++) {
        width[k] = 0;
        if (!is_shown(t, c, k))
            continue;
        width[k] = ll_text_width(t->columns[k].title);
        for (size_t r = 0; r < rows; r++)
            width[k] = LL_MAX(width[k], ll_text_width(t->cells.v[r * t->n + k].text));
        total += width[k] + (total ? GAP : 0);
    }
    return total;
}

/* Leaves out spare columns, the last first, while the table is too wide. */
static size_t leave_out(const struct ll_table *t, size_t *width, size_t total, size_t limit)
{
    for (size_t k = t->n; k-- > 0 && total > limit;) {
        if (!t->columns[k].spare || width[k] == 0)
            continue;
        total -= LL_MIN(total, width[k] + GAP);
        width[k] = 0;
    }
    return total;
}

/* Takes from the widest column that may give, a column at a time. */
static void shrink(const struct ll_table *t, size_t *width, size_t total, size_t limit)
{
    while (total > limit) {
        size_t widest = t->n;
        for (size_t k = 0; k < t->n; k++)
            if (t->columns[k].flex && width[k] > FLEX_MIN &&
                (widest == t->n || width[k] > width[widest]))
                widest = k;
        if (widest == t->n)
            return;
        width[widest]--;
        total--;
    }
}

static void trim(struct ll_str *out)
{
    while (out->n > 0 && out->s[out->n - 1] == ' ')
        out->s[--out->n] = '\0';
}

/* One line; columns that no longer fit are left out whole. */
static void print_row(const struct ll_table *t, struct ll_ctx *c, const size_t *width, size_t row)
{
    size_t used = 0;
    for (size_t k = 0; k < t->n; k++) {
        if (!is_shown(t, c, k) || (t->columns[k].spare && width[k] == 0))
            continue;
        size_t gap = used ? GAP : 0;
        if (c->width > 0 && used + gap + width[k] > (size_t)c->width)
            break;
        const struct cell *cell = row == 0 ? NULL : &t->cells.v[(row - 1) * t->n + k];
        enum ll_tint tint = cell ? cell->tint : LL_TINT_DIM;
        ll_str_add(&c->out, "  ", gap);
        ll_str_addz(&c->out, ll_text_color(c, tint));
        ll_text_pad(&c->out, cell ? cell->text : t->columns[k].title, width[k], t->columns[k].right,
                    c->utf8);
        ll_str_addz(&c->out, ll_text_color_end(c, tint));
        used += gap + width[k];
    }
    trim(&c->out);
    ll_str_addc(&c->out, '\n');
}

bool ll_table_print(const struct ll_table *t, struct ll_ctx *c, struct ll_err *err)
{
    size_t width[COLUMNS_MAX];
    if (t->failed)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    if (c->form == LL_FORM_CSV) {
        print_csv(t, &c->out);
        return true;
    }
    size_t total = measure(t, c, width);
    if (c->width > 0)
        shrink(t, width, leave_out(t, width, total, (size_t)c->width), (size_t)c->width);
    for (size_t r = 0; r <= ll_table_rows(t); r++)
        print_row(t, c, width, r);
    return true;
}
