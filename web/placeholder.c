/* Stands in for the dashboard where it was left out of the build. */
#include "api/webapp.h"

static const char page[] =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Loadline</title>"
    "<h1>Loadline is running</h1><p>This build was made without the dashboard (webapp=disabled). "
    "The figures are at <a href=\"api/v1/summary\">api/v1/summary</a>, and in the terminal with "
    "<code>loadline status</code>.</p></html>\n";

const struct ll_webapp_asset ll_webapp_assets[] = {
    {.path = "/index.html",
     .mime = "text/html; charset=utf-8",
     .etag = "\"left-out\"",
     .raw = (const unsigned char *)page,
     .raw_n = sizeof(page) - 1},
};
const size_t ll_webapp_assets_n = sizeof(ll_webapp_assets) / sizeof(ll_webapp_assets[0]);
