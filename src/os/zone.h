/* Times in a zone, for people.  One zone per process: a command shows one. */
#ifndef LL_OS_ZONE_H
#define LL_OS_ZONE_H

#include "base/err.h"
#include "base/time.h"

enum { LL_ZONE_TEXT_MAX = 48 };

/* "local", "utc" or an IANA name.  Fails with LL_E_USAGE for a name without data. */
LL_MUST_USE bool ll_zone_select(const char *name, struct ll_err *err);

enum ll_zone_style {
    LL_ZONE_FULL,      /* Tue 24 Nov 15:38:02 UTC */
    LL_ZONE_CLOCK,     /* 15:38:02 UTC */
    LL_ZONE_SECOND,    /* 24 Nov 15:38:02 */
    LL_ZONE_MINUTE,    /* 24 Nov 15:38 */
    LL_ZONE_MINUTE_TZ, /* 24 Nov 15:38 UTC */
};

/* In the chosen zone.  Returns buf. */
char *ll_zone_format(ll_time t, enum ll_zone_style style, char buf[static LL_ZONE_TEXT_MAX]);

/* True when the files of IANA names are installed. */
bool ll_zone_data(void);

#endif
