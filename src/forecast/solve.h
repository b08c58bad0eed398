/* Least squares by normal equations: a small symmetric positive system, by Cholesky. */
#ifndef LL_FORECAST_SOLVE_H
#define LL_FORECAST_SOLVE_H

#include "base/defs.h"

/* Solves a x = b; a is n x n by rows (its lower triangle is read, and overwritten), b becomes x.
 * False when a is not positive definite; then b is spoilt. */
LL_MUST_USE bool ll_solve_spd(double *a, double *b, size_t n);

#endif
