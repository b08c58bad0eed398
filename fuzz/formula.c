/* Formulas: what is accepted has one result; what is not known stays so where it stands alone. */
#include "scaling/formula.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct ll_slice names[] = {LL_SLICE("a"), LL_SLICE("b")};
    const double known[] = {0.5, 3}, lost[] = {NAN, NAN};
    struct ll_formula f;
    struct ll_err err;
    if (!ll_formula_parse((struct ll_slice){(const char *)data, size}, names, LL_LEN(names), &f,
                          &err)) {
        LL_ASSERT(err.code == LL_E_INVALID && err.column > 0);
        return 0;
    }
    LL_ASSERT(f.n > 0 && f.n <= LL_FORMULA_OPS_MAX && f.used < 4);
    (void)ll_formula_eval(&f, known);
    if (f.used)
        LL_ASSERT(isnan(ll_formula_eval(&f, lost)));
    return 0;
}
