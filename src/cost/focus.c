#include "cost/focus.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/num.h"

/* ListCost may be rounded: to a millionth of itself, or to this. */
#define LIST_REL 1e-6
#define LIST_ABS 1e-9

#define X(member, name) name,
static const char *const charges[] = {LL_FOCUS_CHARGE_TABLE(X)};
static const char *const breaches[] = {LL_FOCUS_BREACH_TABLE(X)};
#undef X

enum level { MANDATORY, CONDITIONAL };
enum nulls { NEVER_NULL, MAY_BE_NULL };

/* The columns that are read, with what FOCUS 1.0 asks of them. */
#define COLUMNS(X)                                                                                 \
    X(BILLED_COST, "BilledCost", MANDATORY, NEVER_NULL)                                            \
    X(EFFECTIVE_COST, "EffectiveCost", MANDATORY, NEVER_NULL)                                      \
    X(LIST_COST, "ListCost", MANDATORY, NEVER_NULL)                                                \
    X(CONTRACTED_COST, "ContractedCost", MANDATORY, NEVER_NULL)                                    \
    X(BILLING_CURRENCY, "BillingCurrency", MANDATORY, NEVER_NULL)                                  \
    X(PERIOD_START, "ChargePeriodStart", MANDATORY, NEVER_NULL)                                    \
    X(PERIOD_END, "ChargePeriodEnd", MANDATORY, NEVER_NULL)                                        \
    X(CHARGE_CATEGORY, "ChargeCategory", MANDATORY, NEVER_NULL)                                    \
    X(CHARGE_CLASS, "ChargeClass", MANDATORY, MAY_BE_NULL)                                         \
    X(PROVIDER, "ProviderName", MANDATORY, NEVER_NULL)                                             \
    X(SERVICE, "ServiceName", MANDATORY, NEVER_NULL)                                               \
    X(SERVICE_CATEGORY, "ServiceCategory", MANDATORY, NEVER_NULL)                                  \
    X(LIST_UNIT, "ListUnitPrice", CONDITIONAL, MAY_BE_NULL)                                        \
    X(CONTRACTED_UNIT, "ContractedUnitPrice", CONDITIONAL, MAY_BE_NULL)                            \
    X(PRICING_QUANTITY, "PricingQuantity", MANDATORY, MAY_BE_NULL)                                 \
    X(PRICING_UNIT, "PricingUnit", MANDATORY, MAY_BE_NULL)                                         \
    X(CONSUMED_QUANTITY, "ConsumedQuantity", CONDITIONAL, MAY_BE_NULL)                             \
    X(RESOURCE_ID, "ResourceId", CONDITIONAL, MAY_BE_NULL)                                         \
    X(RESOURCE_NAME, "ResourceName", CONDITIONAL, MAY_BE_NULL)                                     \
    X(RESOURCE_TYPE, "ResourceType", CONDITIONAL, MAY_BE_NULL)                                     \
    X(SKU_PRICE, "SkuPriceId", CONDITIONAL, MAY_BE_NULL)                                           \
    X(COMMITMENT, "CommitmentDiscountId", CONDITIONAL, MAY_BE_NULL)                                \
    X(COMMITMENT_STATUS, "CommitmentDiscountStatus", CONDITIONAL, MAY_BE_NULL)                     \
    X(REGION, "RegionId", CONDITIONAL, MAY_BE_NULL)                                                \
    X(SUB_ACCOUNT, "SubAccountId", CONDITIONAL, MAY_BE_NULL)                                       \
    X(TAGS, "Tags", CONDITIONAL, MAY_BE_NULL)                                                      \
    X(CHARGE_FREQUENCY, "ChargeFrequency", CONDITIONAL, NEVER_NULL)                                \
    X(PRICING_CATEGORY, "PricingCategory", CONDITIONAL, MAY_BE_NULL)

#define X(member, name, level, nulls) member,
enum column { COLUMNS(X) COLUMN_COUNT };
#undef X

struct column_row {
    const char *name;
    enum level level;
    enum nulls nulls;
};
#define X(member, name, level, nulls) {name, level, nulls},
static const struct column_row columns[] = {COLUMNS(X)};
#undef X

/* Columns of the specification that are passed over. */
static const char *const others[] = {"AvailabilityZone",
                                     "BillingAccountId",
                                     "BillingAccountName",
                                     "BillingAccountType",
                                     "BillingPeriodEnd",
                                     "BillingPeriodStart",
                                     "CapacityReservationId",
                                     "CapacityReservationStatus",
                                     "ChargeDescription",
                                     "CommitmentDiscountCategory",
                                     "CommitmentDiscountName",
                                     "CommitmentDiscountQuantity",
                                     "CommitmentDiscountType",
                                     "CommitmentDiscountUnit",
                                     "ConsumedUnit",
                                     "InvoiceId",
                                     "InvoiceIssuerName",
                                     "PricingCurrency",
                                     "PricingCurrencyContractedUnitPrice",
                                     "PricingCurrencyEffectiveCost",
                                     "PricingCurrencyListUnitPrice",
                                     "PublisherName",
                                     "RegionName",
                                     "ServiceSubcategory",
                                     "SkuId",
                                     "SkuMeter",
                                     "SkuPriceDetails",
                                     "SubAccountName",
                                     "SubAccountType"};

static const char *const frequencies[] = {"One-Time", "Recurring", "Usage-Based", NULL};
static const char *const pricings[] = {"Standard", "Dynamic", "Committed", "Other", NULL};
static const char *const classes[] = {"Correction", NULL};
static const char *const statuses[] = {"Used", "Unused", NULL};

struct ll_focus {
    struct ll_csv csv;
    ll_focus_row_fn *fn;
    void *ctx;
    int at[COLUMN_COUNT]; /* index of a field, -1 = not there */
    size_t n_fields;      /* of the header; 0 = not read yet */
    int64_t rows, line;
    char currency[4];
    bool stopped;
    struct ll_focus_breach_row breach[LL_FOCUS_BREACHES_MAX];
    size_t n_breaches;
};

const char *ll_focus_charge_name(enum ll_focus_charge v)
{
    return (size_t)v < LL_LEN(charges) ? charges[v] : "?";
}

const char *ll_focus_breach_text(enum ll_focus_breach v)
{
    return (size_t)v < LL_LEN(breaches) ? breaches[v] : "?";
}

struct ll_focus *ll_focus_new(ll_focus_row_fn *fn, void *ctx)
{
    struct ll_focus *f = calloc(1, sizeof(*f));
    if (!f)
        return NULL;
    ll_csv_init(&f->csv);
    f->fn = fn;
    f->ctx = ctx;
    return f;
}

void ll_focus_free(struct ll_focus *f)
{
    if (!f)
        return;
    ll_csv_fini(&f->csv);
    free(f);
}

int64_t ll_focus_rows(const struct ll_focus *f)
{
    return f->rows;
}

size_t ll_focus_breaches(const struct ll_focus *f, const struct ll_focus_breach_row **rows)
{
    *rows = f->breach;
    return f->n_breaches;
}

static void breach(struct ll_focus *f, enum ll_focus_breach what, struct ll_slice column)
{
    size_t i = 0;
    const size_t n = LL_MIN(column.n, (size_t)LL_FOCUS_COLUMN_MAX - 1);
    while (i < f->n_breaches && (f->breach[i].what != what || strlen(f->breach[i].column) != n ||
                                 memcmp(f->breach[i].column, column.s, n) != 0))
        i++;
    if (i == LL_FOCUS_BREACHES_MAX)
        return;
    struct ll_focus_breach_row *b = &f->breach[i];
    if (i == f->n_breaches) {
        *b = (struct ll_focus_breach_row){.what = what, .first_line = f->line};
        memcpy(b->column, column.s, n);
        f->n_breaches++;
    }
    b->count++;
}

static void breach_of(struct ll_focus *f, enum ll_focus_breach what, enum column c)
{
    breach(f, what, ll_slice_of(columns[c].name));
}

/* --- the header --- */

static bool of_the_specification(struct ll_slice name)
{
    if (name.n > 2 && memcmp(name.s, "x_", 2) == 0)
        return true;
    for (size_t i = 0; i < LL_LEN(others); i++)
        if (ll_slice_is(name, others[i]))
            return true;
    return false;
}

static bool take_header(struct ll_focus *f, struct ll_err *err)
{
    static const enum column needed[] = {BILLED_COST, EFFECTIVE_COST, BILLING_CURRENCY,
                                         PERIOD_START, PERIOD_END};
    for (size_t c = 0; c < COLUMN_COUNT; c++)
        f->at[c] = -1;
    for (size_t i = 0; i < f->csv.n; i++) {
        size_t c = 0;
        while (c < COLUMN_COUNT && !ll_slice_is(f->csv.fields[i], columns[c].name))
            c++;
        if (c == COLUMN_COUNT) {
            if (!of_the_specification(f->csv.fields[i]))
                breach(f, LL_FOCUS_UNKNOWN_COLUMN, f->csv.fields[i]);
        } else if (f->at[c] >= 0) {
            return ll_err_set(err, LL_E_INVALID, "column %s is there twice", columns[c].name);
        } else {
            f->at[c] = (int)i;
        }
    }
    for (size_t i = 0; i < LL_LEN(needed); i++)
        if (f->at[needed[i]] < 0)
            return ll_err_set(err, LL_E_INVALID,
                              "column %s is missing: is this a FOCUS export, with its header?",
                              columns[needed[i]].name);
    for (size_t c = 0; c < COLUMN_COUNT; c++)
        if (f->at[c] < 0 && columns[c].level == MANDATORY)
            breach_of(f, LL_FOCUS_NO_COLUMN, (enum column)c);
    f->n_fields = f->csv.n;
    return true;
}

/* --- a row --- */

/* Empty when it is null. */
static struct ll_slice text(struct ll_focus *f, enum column c)
{
    if (f->at[c] < 0)
        return LL_SLICE("");
    const struct ll_slice v = f->csv.fields[f->at[c]];
    if (v.n == 0)
        breach_of(f, LL_FOCUS_EMPTY, c);
    if (v.n > 0 && !ll_slice_is(v, "NULL") && !ll_slice_is(v, "null"))
        return v;
    if (columns[c].nulls == NEVER_NULL)
        breach_of(f, LL_FOCUS_NULL, c);
    return LL_SLICE("");
}

static double number(struct ll_focus *f, enum column c)
{
    double v;
    const struct ll_slice s = text(f, c);
    if (s.n == 0)
        return (double)NAN;
    if (ll_num_parse(s, &v) && isfinite(v))
        return v;
    breach_of(f, LL_FOCUS_NUMBER, c);
    return (double)NAN;
}

static ll_time moment(struct ll_focus *f, enum column c)
{
    char form[32];
    ll_time t;
    struct ll_err why;
    struct ll_slice s = text(f, c);
    if (s.n == 0)
        return LL_TIME_NONE;
    if (ll_time_parse(s, &t, &why))
        return t;
    /* "2024-09-18 22:00:00", or with a T: without a zone it is UTC */
    if (s.n == 19 && (s.s[10] == ' ' || s.s[10] == 'T')) {
        snprintf(form, sizeof(form), "%.10sT%.8sZ", s.s, s.s + 11);
        if (ll_time_parse(ll_slice_of(form), &t, &why)) {
            breach_of(f, LL_FOCUS_TIME_FORM, c);
            return t;
        }
    }
    breach_of(f, LL_FOCUS_TIME, c);
    return LL_TIME_NONE;
}

static bool same_but_case(struct ll_slice s, const char *word)
{
    if (s.n != strlen(word))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if ((s.s[i] | 32) != (word[i] | 32))
            return false;
    return true;
}

/* Which of the words it is, n = none or null. */
static size_t word(struct ll_focus *f, enum column c, const char *const *words, size_t n)
{
    const struct ll_slice s = text(f, c);
    for (size_t i = 0; i < n && s.n > 0; i++) {
        if (!same_but_case(s, words[i]))
            continue;
        if (!ll_slice_is(s, words[i]))
            breach_of(f, LL_FOCUS_CASE, c);
        return i;
    }
    if (s.n > 0)
        breach_of(f, LL_FOCUS_WORD, c);
    return n;
}

static bool take_currency(struct ll_focus *f, struct ll_slice currency, struct ll_err *err)
{
    if (currency.n == 0)
        return true;
    if (currency.n != 3) {
        breach_of(f, LL_FOCUS_WORD, BILLING_CURRENCY);
        return true;
    }
    if (!f->currency[0])
        memcpy(f->currency, currency.s, 3);
    if (memcmp(f->currency, currency.s, 3) == 0)
        return true;
    return ll_err_set(err, LL_E_CONFLICT,
                      "line %lld is in %.3s and those before in %s: a bill has one currency; split "
                      "the file",
                      (long long)f->line, currency.s, f->currency);
}

static void compare_sums(struct ll_focus *f, const struct ll_focus_row *r)
{
    const double product = r->list_unit_price * r->pricing_quantity, list = r->cost[LL_COST_LIST];
    if (!isnan(product) && !isnan(list) && fabs(product - list) > LIST_REL * fabs(list) + LIST_ABS)
        breach_of(f, LL_FOCUS_LIST_SUM, LIST_COST);
    if (r->charge == LL_FOCUS_USAGE && r->cost[LL_COST_EFFECTIVE] == 0 &&
        fabs(r->cost[LL_COST_BILLED]) > 0)
        breach_of(f, LL_FOCUS_EFFECTIVE, EFFECTIVE_COST);
    if (r->from != LL_TIME_NONE && r->to != LL_TIME_NONE && r->to < r->from)
        breach_of(f, LL_FOCUS_PERIOD, PERIOD_END);
}

static void read_row(struct ll_focus *f, struct ll_focus_row *r)
{
    *r = (struct ll_focus_row){
        .line = f->line,
        .cost = {[LL_COST_LIST] = number(f, LIST_COST),
                 [LL_COST_CONTRACTED] = number(f, CONTRACTED_COST),
                 [LL_COST_EFFECTIVE] = number(f, EFFECTIVE_COST),
                 [LL_COST_BILLED] = number(f, BILLED_COST)},
        .list_unit_price = number(f, LIST_UNIT),
        .contracted_unit_price = number(f, CONTRACTED_UNIT),
        .pricing_quantity = number(f, PRICING_QUANTITY),
        .consumed_quantity = number(f, CONSUMED_QUANTITY),
        .from = moment(f, PERIOD_START),
        .to = moment(f, PERIOD_END),
        .charge = (enum ll_focus_charge)word(f, CHARGE_CATEGORY, charges, LL_FOCUS_UNSAID),
        .correction = word(f, CHARGE_CLASS, classes, 1) == 0,
        .currency = text(f, BILLING_CURRENCY),
        .provider = text(f, PROVIDER),
        .service = text(f, SERVICE),
        .category = text(f, SERVICE_CATEGORY),
        .resource_id = text(f, RESOURCE_ID),
        .resource_name = text(f, RESOURCE_NAME),
        .resource_type = text(f, RESOURCE_TYPE),
        .sku_price_id = text(f, SKU_PRICE),
        .pricing_unit = text(f, PRICING_UNIT),
        .commitment_id = text(f, COMMITMENT),
        .region = text(f, REGION),
        .sub_account = text(f, SUB_ACCOUNT),
        .tags = text(f, TAGS),
    };
    const size_t status = word(f, COMMITMENT_STATUS, statuses, 2);
    r->commitment_status = status < 2 ? ll_slice_of(statuses[status]) : LL_SLICE("");
    word(f, CHARGE_FREQUENCY, frequencies, 3);
    word(f, PRICING_CATEGORY, pricings, 4);
}

static bool take_record(struct ll_focus *f, struct ll_err *err)
{
    struct ll_focus_row r;
    f->line = f->csv.first_line;
    if (f->n_fields == 0)
        return take_header(f, err);
    if (f->csv.n != f->n_fields) {
        breach(f, LL_FOCUS_NOT_CSV, LL_SLICE(""));
        return true;
    }
    if (f->rows == LL_FOCUS_ROWS_MAX)
        return ll_err_set(err, LL_E_TOO_LARGE, "more than %lld rows", (long long)LL_FOCUS_ROWS_MAX);
    read_row(f, &r);
    compare_sums(f, &r);
    if (!take_currency(f, r.currency, err))
        return false;
    f->rows++;
    f->stopped = !f->fn(f->ctx, &r);
    return true;
}

static bool take(struct ll_focus *f, enum ll_csv_got got, struct ll_err *err)
{
    if (got == LL_CSV_RECORD)
        return take_record(f, err);
    f->line = f->csv.first_line;
    if (f->n_fields == 0)
        return ll_err_set(err, LL_E_INVALID, "line %lld: the header is no CSV", (long long)f->line);
    breach(f, LL_FOCUS_NOT_CSV, LL_SLICE(""));
    return true;
}

bool ll_focus_feed(struct ll_focus *f, struct ll_slice piece, struct ll_err *err)
{
    while (!f->stopped) {
        struct ll_err why;
        const enum ll_csv_got got = ll_csv_feed(&f->csv, &piece, &why);
        if (got == LL_CSV_MORE)
            return true;
        if (!take(f, got, err))
            return false;
    }
    return true;
}

bool ll_focus_end(struct ll_focus *f, struct ll_err *err)
{
    struct ll_err why;
    const enum ll_csv_got got = f->stopped ? LL_CSV_MORE : ll_csv_end(&f->csv, &why);
    if (got != LL_CSV_MORE && !take(f, got, err))
        return false;
    return f->n_fields > 0 || ll_err_set(err, LL_E_INVALID, "the file is empty");
}
