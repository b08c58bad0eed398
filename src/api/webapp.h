/* The dashboard as bytes in the program; the table is generated when it is built. */
#ifndef LL_API_WEBAPP_H
#define LL_API_WEBAPP_H

#include "base/defs.h"

struct ll_webapp_asset {
    const char *path, *mime, *etag; /* "/index.html"; the etag with its quotes */
    const unsigned char *raw;
    size_t raw_n;
    const unsigned char *gz; /* NULL when gzip does not help */
    size_t gz_n;
    bool immutable; /* its name has a hash of its content */
};

extern const struct ll_webapp_asset ll_webapp_assets[];
extern const size_t ll_webapp_assets_n;

#endif
