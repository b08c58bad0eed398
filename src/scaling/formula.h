/* Formulas of expressions: `a / b`, `max(a, b) * 1.2`.
 *
 *     sum     := product { ("+" | "-") product }        product := value { ("*" | "/") value }
 *     value   := number | name | "(" sum ")" | "-" value |
 *                ("min" | "max" | "avg") "(" sum { "," sum } ")"
 *
 * Read once into postfix order by explicit stacks, so that neither reading nor computing nests
 * calls.  What is not known is NaN and stays it; so does what divides nothing by nothing. */
#ifndef LL_SCALING_FORMULA_H
#define LL_SCALING_FORMULA_H

#include "base/err.h"
#include "base/str.h"

enum {
    LL_FORMULA_BYTES_MAX = 512,
    LL_FORMULA_OPS_MAX = 64,   /* numbers, names and operators together */
    LL_FORMULA_DEPTH_MAX = 16, /* brackets and signs that are open at once */
    LL_FORMULA_NAMES_MAX = 8
};

enum ll_formula_kind {
    LL_FORMULA_NUMBER,
    LL_FORMULA_NAME,
    LL_FORMULA_ADD,
    LL_FORMULA_SUB,
    LL_FORMULA_MUL,
    LL_FORMULA_DIV,
    LL_FORMULA_NEG,
    LL_FORMULA_MIN,
    LL_FORMULA_MAX,
    LL_FORMULA_AVG
};

struct ll_formula_op {
    enum ll_formula_kind kind;
    uint32_t n; /* of a name: which one; of min, max, avg: how many values */
    double number;
};

struct ll_formula { /* postfix */
    struct ll_formula_op op[LL_FORMULA_OPS_MAX];
    size_t n;
    uint32_t used; /* a bit per name that stands in it */
};

/* Fails with LL_E_INVALID and err->column set: what is wrong there, and what can stand there. */
LL_MUST_USE bool ll_formula_parse(struct ll_slice text, const struct ll_slice *names,
                                  size_t n_names, struct ll_formula *out, struct ll_err *err);

/* values: one for each name.  NaN where one that is used is, or where there is no such number. */
double ll_formula_eval(const struct ll_formula *f, const double *values);

/* A letter or _, then letters, digits and _; no name of a function. */
bool ll_formula_is_name(struct ll_slice text);

#endif
