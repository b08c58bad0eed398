/* Long CSV: one row a value, the form in which series come from files.
 *
 * The header names the columns: series, timestamp, value, and whatever else is known of
 * capacity, service, resource_type, instance, part, max_value, window_seconds, unit.  Times are
 * RFC 3339 or Unix seconds.  A value that is blank or NaN is no data: never zero. */
#ifndef LL_CORE_LONGCSV_H
#define LL_CORE_LONGCSV_H

#include "base/csv.h"
#include "core/sample.h"

enum ll_longcsv_column {
    LL_LONGCSV_SERIES,
    LL_LONGCSV_TIMESTAMP,
    LL_LONGCSV_VALUE,
    LL_LONGCSV_CAPACITY,
    LL_LONGCSV_SERVICE,
    LL_LONGCSV_RESOURCE_TYPE,
    LL_LONGCSV_INSTANCE,
    LL_LONGCSV_PART,
    LL_LONGCSV_MAX_VALUE,
    LL_LONGCSV_WINDOW,
    LL_LONGCSV_UNIT,
    LL_LONGCSV_COLUMNS
};

/* As an export has it; unit is read only. */
#define LL_LONGCSV_HEADER                                                                          \
    "series,timestamp,value,capacity,service,resource_type,instance,part,max_value,window_seconds"

struct ll_longcsv {
    int at[LL_LONGCSV_COLUMNS]; /* of the record's fields, -1 = not there */
    size_t fields;              /* of a row, as the header has */
};

struct ll_longcsv_row {
    struct ll_slice series, service, instance, part; /* empty = not said */
    int type;                                        /* enum ll_resource_type, -1 = not said */
    int unit;                                        /* enum ll_unit, -1 = not said */
    ll_time t;
    double value, capacity, max_value; /* NaN = no data */
    ll_dur window;
};

/* Fails with LL_E_INVALID when a column is missing, twice or not known (with the one that was
 * probably meant). */
LL_MUST_USE bool ll_longcsv_header(const struct ll_slice *fields, size_t n, struct ll_longcsv *out,
                                   struct ll_err *err);

/* Slices of *out are the fields'.  Fails with LL_E_INVALID. */
LL_MUST_USE bool ll_longcsv_row(const struct ll_longcsv *l, const struct ll_slice *fields, size_t n,
                                struct ll_longcsv_row *out, struct ll_err *err);

/* One line of an export; the series is named service/RESOURCE/instance/part. */
void ll_longcsv_add(struct ll_str *out, const struct ll_sample *s);

#endif
