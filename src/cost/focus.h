/* FOCUS, the FinOps Open Cost and Usage Specification 1.0 to 1.2 (focus.finops.org), read from CSV
 * in pieces of any size.
 *
 * What real exports break is taken all the same and counted: a literal NULL and an empty text are
 * null; a time may lack its T and Z and is UTC then; the case of a fixed word does not matter; a
 * number that is none is null.  A record that is no CSV is skipped and counted.  Only what would
 * make sums wrong is an error: a file without the columns that costs need, and a second currency.
 */
#ifndef LL_COST_FOCUS_H
#define LL_COST_FOCUS_H

#include "base/err.h"
#include "base/time.h"
#include "core/cost.h"

#define LL_FOCUS_CHARGE_TABLE(X)                                                                   \
    X(LL_FOCUS_USAGE, "Usage")                                                                     \
    X(LL_FOCUS_PURCHASE, "Purchase")                                                               \
    X(LL_FOCUS_TAX, "Tax")                                                                         \
    X(LL_FOCUS_CREDIT, "Credit")                                                                   \
    X(LL_FOCUS_ADJUSTMENT, "Adjustment")                                                           \
    X(LL_FOCUS_UNSAID, "?") /* null, or none of them */

/* What a row or a file breaks. */
#define LL_FOCUS_BREACH_TABLE(X)                                                                   \
    X(LL_FOCUS_NO_COLUMN, "mandatory column is missing")                                           \
    X(LL_FOCUS_UNKNOWN_COLUMN, "column is none of the specification, and has no x_ before it")     \
    X(LL_FOCUS_NOT_CSV, "record is no CSV, or has another number of fields")                       \
    X(LL_FOCUS_NULL, "null in a column that must not be null")                                     \
    X(LL_FOCUS_EMPTY, "empty text where null is meant")                                            \
    X(LL_FOCUS_NUMBER, "not a number")                                                             \
    X(LL_FOCUS_TIME, "not a time")                                                                 \
    X(LL_FOCUS_TIME_FORM, "time without its T or Z")                                               \
    X(LL_FOCUS_PERIOD, "charge period ends before it begins")                                      \
    X(LL_FOCUS_CASE, "fixed word in another case")                                                 \
    X(LL_FOCUS_WORD, "none of the fixed words")                                                    \
    X(LL_FOCUS_LIST_SUM, "ListCost is not ListUnitPrice x PricingQuantity")                        \
    X(LL_FOCUS_EFFECTIVE, "EffectiveCost is 0 and BilledCost is not, of usage")

#define X(member, name) member,
enum ll_focus_charge { LL_FOCUS_CHARGE_TABLE(X) LL_FOCUS_CHARGES };
enum ll_focus_breach { LL_FOCUS_BREACH_TABLE(X) LL_FOCUS_BREACHES };
#undef X
const char *ll_focus_charge_name(enum ll_focus_charge v);
const char *ll_focus_breach_text(enum ll_focus_breach v);

/* Slices are valid during the call; null is empty, NaN or LL_TIME_NONE. */
struct ll_focus_row {
    int64_t line;
    double cost[LL_COST_KIND_COUNT]; /* list, contracted, effective, billed */
    double list_unit_price, contracted_unit_price, pricing_quantity, consumed_quantity;
    ll_time from, to; /* the charge period */
    enum ll_focus_charge charge;
    bool correction; /* ChargeClass */
    struct ll_slice currency, provider, service, category, resource_id, resource_name,
        resource_type, sku_price_id, pricing_unit, commitment_id, commitment_status, region,
        sub_account, tags;
};
/* False ends the reading early, without an error. */
typedef bool ll_focus_row_fn(void *ctx, const struct ll_focus_row *row);

enum { LL_FOCUS_BREACHES_MAX = 256, LL_FOCUS_COLUMN_MAX = 48 };
#define LL_FOCUS_ROWS_MAX ((int64_t)100000000)

/* One kind of breach in one column. */
struct ll_focus_breach_row {
    enum ll_focus_breach what;
    char column[LL_FOCUS_COLUMN_MAX]; /* "" of a whole record */
    int64_t count, first_line;
};

struct ll_focus;

/* NULL without memory. */
struct ll_focus *ll_focus_new(ll_focus_row_fn *fn, void *ctx);
void ll_focus_free(struct ll_focus *f);
LL_AUTO_DEFINE(ll_focus, ll_focus_free)

/* Fails with LL_E_INVALID (no header, or columns are missing without which nothing can be summed),
 * LL_E_CONFLICT (a second currency), LL_E_TOO_LARGE; then f is of no more use. */
LL_MUST_USE bool ll_focus_feed(struct ll_focus *f, struct ll_slice piece, struct ll_err *err);
LL_MUST_USE bool ll_focus_end(struct ll_focus *f, struct ll_err *err); /* behind the last piece */

int64_t ll_focus_rows(const struct ll_focus *f);
/* In the order of the first of each; at most LL_FOCUS_BREACHES_MAX kinds are told apart. */
size_t ll_focus_breaches(const struct ll_focus *f, const struct ll_focus_breach_row **rows);

#endif
