/* Shunting yard: E. W. Dijkstra, "Algol 60 translation", 1961. */
#include "scaling/formula.h"

#include <math.h>

#include "base/num.h"

enum {
    OPEN = LL_FORMULA_AVG + 1, /* a bracket on the stack, beside the kinds */
    /* At each depth a sum and a product may wait for their right side. */
    STACK_MAX = LL_FORMULA_DEPTH_MAX + 2 * (LL_FORMULA_DEPTH_MAX + 1)
};

static const struct {
    const char *name;
    enum ll_formula_kind kind;
} functions[] = {{"avg", LL_FORMULA_AVG}, {"max", LL_FORMULA_MAX}, {"min", LL_FORMULA_MIN}};

struct reader {
    struct ll_slice text;
    size_t at;
    const struct ll_slice *names;
    size_t n_names;
    struct ll_formula *f;
    struct { /* whose right side or closing bracket has not come yet */
        int kind;
        uint32_t n;
    } stack[STACK_MAX];
    size_t depth, open; /* open: of these, brackets and signs */
    struct ll_err *err;
};

#define REFUSE(r, pos, ...) ll_err_set_at((r)->err, LL_E_INVALID, 1, (int)(pos) + 1, __VA_ARGS__)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static char peek(const struct reader *r)
{
    return r->at < r->text.n ? r->text.s[r->at] : '\0';
}

static void spaces(struct reader *r)
{
    while (peek(r) == ' ' || peek(r) == '\t')
        r->at++;
}

static bool emit(struct reader *r, struct ll_formula_op op)
{
    if (r->f->n == LL_FORMULA_OPS_MAX)
        return REFUSE(r, r->at, "the formula is too long: at most %d numbers, names and operators",
                      LL_FORMULA_OPS_MAX);
    r->f->op[r->f->n++] = op;
    return true;
}

static bool opens(int kind)
{
    return kind >= LL_FORMULA_NEG;
}

static void wait_for(struct reader *r, int kind)
{
    r->stack[r->depth].kind = kind;
    r->stack[r->depth++].n = 1;
}

/* A bracket, a function's or a sign: these nest. */
static bool nest(struct reader *r, int kind)
{
    if (r->open == LL_FORMULA_DEPTH_MAX)
        return REFUSE(r, r->at, "nested too deep: at most %d brackets and signs",
                      LL_FORMULA_DEPTH_MAX);
    r->open++;
    wait_for(r, kind);
    return true;
}

/* The operator on top has all its values: it follows them. */
static bool pop(struct reader *r)
{
    const int kind = r->stack[--r->depth].kind;
    r->open -= opens(kind);
    if (kind == OPEN)
        return true;
    return emit(
        r, (struct ll_formula_op){.kind = (enum ll_formula_kind)kind, .n = r->stack[r->depth].n});
}

static bool is_bracket(int kind)
{
    return kind >= LL_FORMULA_MIN; /* one's own, or a function's */
}

static int rank(int kind)
{
    return kind <= LL_FORMULA_SUB ? 1 : kind <= LL_FORMULA_DIV ? 2 : 3;
}

/* What binds as strongly as `least` or stronger, down to a bracket. */
static bool reduce(struct reader *r, int least)
{
    while (r->depth > 0 && !is_bracket(r->stack[r->depth - 1].kind) &&
           rank(r->stack[r->depth - 1].kind) >= least)
        if (!pop(r))
            return false;
    return true;
}

static bool number(struct reader *r)
{
    const size_t from = r->at;
    double v;
    while (is_digit(peek(r)) || peek(r) == '.')
        r->at++;
    if (peek(r) == 'e' || peek(r) == 'E') {
        r->at++;
        r->at += peek(r) == '-' || peek(r) == '+';
        while (is_digit(peek(r)))
            r->at++;
    }
    const struct ll_slice text = {r->text.s + from, r->at - from};
    if (!ll_num_parse(text, &v))
        return REFUSE(r, from, "'%.*s' is no number", (int)LL_MIN(text.n, 40), text.s);
    return emit(r, (struct ll_formula_op){.kind = LL_FORMULA_NUMBER, .number = v});
}

static struct ll_slice word(struct reader *r)
{
    const size_t from = r->at;
    while (is_letter(peek(r)) || is_digit(peek(r)))
        r->at++;
    return (struct ll_slice){r->text.s + from, r->at - from};
}

static bool call(struct reader *r, struct ll_slice name, size_t from)
{
    for (size_t i = 0; i < LL_LEN(functions); i++) {
        if (!ll_slice_is(name, functions[i].name))
            continue;
        r->at++;
        return nest(r, (int)functions[i].kind);
    }
    return REFUSE(r, from, "there is no function '%.*s': there are min, max and avg",
                  (int)LL_MIN(name.n, 40), name.s);
}

/* *value: it was one, and not the beginning of a call. */
static bool name_or_call(struct reader *r, bool *value)
{
    const size_t from = r->at;
    const struct ll_slice name = word(r);
    spaces(r);
    *value = peek(r) != '(';
    if (!*value)
        return call(r, name, from);
    for (uint32_t i = 0; i < r->n_names; i++) {
        if (!ll_slice_eq(name, r->names[i]))
            continue;
        r->f->used |= UINT32_C(1) << i;
        return emit(r, (struct ll_formula_op){.kind = LL_FORMULA_NAME, .n = i});
    }
    return REFUSE(r, from, "there is no '%.*s': it is none of the names it uses",
                  (int)LL_MIN(name.n, 40), name.s);
}

static bool operand(struct reader *r, bool *value)
{
    const char c = peek(r);
    *value = false;
    if (is_letter(c))
        return name_or_call(r, value);
    if (c == '(' || c == '-') {
        if (!nest(r, c == '(' ? OPEN : LL_FORMULA_NEG))
            return false;
        r->at++;
        return true;
    }
    *value = true;
    if (is_digit(c) || c == '.')
        return number(r);
    return REFUSE(r, r->at, "a number, a name, a function or '(' is missing");
}

static bool binary(struct reader *r, int kind)
{
    r->at++;
    if (!reduce(r, rank(kind)))
        return false;
    wait_for(r, kind);
    return true;
}

static bool comma(struct reader *r)
{
    if (!reduce(r, 1))
        return false;
    if (r->depth == 0 || r->stack[r->depth - 1].kind == OPEN)
        return REFUSE(r, r->at, "',' is only between the values of min, max and avg");
    r->stack[r->depth - 1].n++;
    r->at++;
    return true;
}

static bool closing(struct reader *r)
{
    if (!reduce(r, 1))
        return false;
    if (r->depth == 0)
        return REFUSE(r, r->at, "')' closes nothing");
    r->at++;
    return pop(r);
}

/* *value stays true after a closing bracket. */
static bool operator_(struct reader *r, bool *value)
{
    *value = false;
    switch (peek(r)) {
    case '+':
        return binary(r, LL_FORMULA_ADD);
    case '-':
        return binary(r, LL_FORMULA_SUB);
    case '*':
        return binary(r, LL_FORMULA_MUL);
    case '/':
        return binary(r, LL_FORMULA_DIV);
    case ',':
        return comma(r);
    case ')':
        *value = true;
        return closing(r);
    default:
        return REFUSE(r, r->at, "an operator is missing: + - * /, ',' or ')'");
    }
}

bool ll_formula_parse(struct ll_slice text, const struct ll_slice *names, size_t n_names,
                      struct ll_formula *out, struct ll_err *err)
{
    struct ll_formula f = {.n = 0};
    struct reader r = {.text = text, .names = names, .n_names = n_names, .f = &f, .err = err};
    bool value = false;
    LL_ASSERT(n_names <= LL_FORMULA_NAMES_MAX);
    if (text.n > LL_FORMULA_BYTES_MAX)
        return REFUSE(&r, LL_FORMULA_BYTES_MAX, "the formula is too long: at most %d bytes",
                      LL_FORMULA_BYTES_MAX);
    for (spaces(&r); r.at < text.n || !value; spaces(&r))
        if (!(value ? operator_(&r, &value) : operand(&r, &value)))
            return false;
    if (!reduce(&r, 1))
        return false;
    if (r.depth > 0)
        return REFUSE(&r, text.n, "a bracket is not closed");
    *out = f;
    return true;
}

bool ll_formula_is_name(struct ll_slice text)
{
    for (size_t i = 0; i < LL_LEN(functions); i++)
        if (ll_slice_is(text, functions[i].name))
            return false;
    for (size_t i = 0; i < text.n; i++)
        if (!is_letter(text.s[i]) && (i == 0 || !is_digit(text.s[i])))
            return false;
    return text.n > 0;
}

/* fmin and fmax pass over a NaN; what is not known stays so here. */
static double least(double a, double b)
{
    return isnan(a) || a < b ? a : b;
}

static double most(double a, double b)
{
    return isnan(a) || a > b ? a : b;
}

static double folded(const struct ll_formula_op *op, const double *v)
{
    double out = v[0];
    for (size_t i = 1; i < op->n; i++)
        out = op->kind == LL_FORMULA_MIN   ? least(out, v[i])
              : op->kind == LL_FORMULA_MAX ? most(out, v[i])
                                           : out + v[i];
    return op->kind == LL_FORMULA_AVG ? out / op->n : out;
}

static double of_two(enum ll_formula_kind kind, double a, double b)
{
    switch (kind) {
    case LL_FORMULA_ADD:
        return a + b;
    case LL_FORMULA_SUB:
        return a - b;
    case LL_FORMULA_MUL:
        return a * b;
    default:
        return a / b;
    }
}

double ll_formula_eval(const struct ll_formula *f, const double *values)
{
    double v[LL_FORMULA_OPS_MAX] = {0};
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++) {
        const struct ll_formula_op *op = &f->op[i];
        if (op->kind == LL_FORMULA_NUMBER || op->kind == LL_FORMULA_NAME) {
            v[n++] = op->kind == LL_FORMULA_NUMBER ? op->number : values[op->n];
        } else if (op->kind == LL_FORMULA_NEG) {
            v[n - 1] = -v[n - 1];
        } else {
            n -= op->kind <= LL_FORMULA_DIV ? 2 : op->n;
            v[n] =
                op->kind <= LL_FORMULA_DIV ? of_two(op->kind, v[n], v[n + 1]) : folded(op, &v[n]);
            n++;
        }
    }
    return v[0];
}
