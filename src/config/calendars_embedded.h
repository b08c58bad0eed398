/* The files of calendars/ as bytes in the program; the table is generated when it is built. */
#ifndef LL_CONFIG_CALENDARS_EMBEDDED_H
#define LL_CONFIG_CALENDARS_EMBEDDED_H

#include "base/defs.h"

struct ll_calendars_embedded {
    const char *path;       /* "XNYS.yaml", "events/us.yaml" */
    const unsigned char *z; /* zlib */
    size_t z_n, n;          /* bytes, and when inflated */
};

/* Sorted by path. */
extern const struct ll_calendars_embedded ll_calendars_embedded[];
extern const size_t ll_calendars_embedded_n;

#endif
