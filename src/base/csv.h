/* CSV as it is read: RFC 4180, fed in pieces of any size, one record at a time.
 *
 * Quoted fields may hold commas, line ends and doubled quotes; lines end with LF or CRLF; blank
 * lines and a byte order mark at the start are passed over.  A record that cannot be read is
 * said with its line, and reading goes on behind it.  Memory is bounded by LL_CSV_RECORD_MAX. */
#ifndef LL_BASE_CSV_H
#define LL_BASE_CSV_H

#include "base/err.h"
#include "base/str.h"

enum { LL_CSV_FIELDS_MAX = 256, LL_CSV_RECORD_MAX = 64 << 10 };

enum ll_csv_got {
    LL_CSV_MORE,   /* the piece is used up */
    LL_CSV_RECORD, /* fields[0..n) until the next call */
    LL_CSV_BAD     /* this record is not CSV; err says why */
};

struct ll_csv {
    struct ll_str text; /* of all fields of the record */
    size_t end[LL_CSV_FIELDS_MAX];
    struct ll_slice fields[LL_CSV_FIELDS_MAX];
    size_t n;
    int64_t line, first_line; /* being read; where the record began */
    size_t started;           /* bytes of the order mark seen, 3 = past it */
    int state;
    struct ll_err why;
};

void ll_csv_init(struct ll_csv *c);
void ll_csv_fini(struct ll_csv *c);

/* Takes bytes off `in` up to the end of a record.  err->line is where a bad one began. */
enum ll_csv_got ll_csv_feed(struct ll_csv *c, struct ll_slice *in, struct ll_err *err);

/* Behind the last piece: a record without a line end, or LL_CSV_MORE when there is none. */
enum ll_csv_got ll_csv_end(struct ll_csv *c, struct ll_err *err);

/* Appends a field, quoted where it must be. */
void ll_csv_add(struct ll_str *out, struct ll_slice field);

#endif
