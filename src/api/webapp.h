/* The dashboard's files, made part of the binary by tools/embed.mjs.
 *
 * Sorted by path; "/" and "/index.html" are the same bytes.  Every asset has its raw bytes;
 * gz is NULL where gzip would not help.  A representation needs an ETag of its own, so a
 * server that sends gz puts "-gz" before the closing quote of etag. */
#ifndef LL_API_WEBAPP_H
#define LL_API_WEBAPP_H

#include <stdbool.h>
#include <stddef.h>

struct ll_webapp_asset {
    const char *path;         /* as requested, with the leading slash */
    const char *mime;         /* value of Content-Type */
    const char *etag;         /* strong, of the raw bytes, quotes included */
    const unsigned char *raw; /* the file */
    size_t raw_n;
    const unsigned char *gz; /* the same, gzipped, or NULL */
    size_t gz_n;
    bool immutable; /* the name carries a hash: may be cached for ever */
};

extern const struct ll_webapp_asset ll_webapp_assets[];
extern const size_t ll_webapp_assets_n;

#endif
