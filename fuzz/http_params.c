/* What stands in the address and in Host and Origin: split, decoded, checked, matched. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/hosts.h"
#include "api/params.h"
#include "core/enums.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ll_param table[] = {{"service", LL_PARAM_TEXT, true, 0, 0, ""},
                                        {"resource_type", LL_PARAM_RESOURCE, false, 0, 0, ""},
                                        {"from", LL_PARAM_TIME, false, 0, 0, ""},
                                        {"limit", LL_PARAM_INT, false, 1, 1000, ""},
                                        {"hours", LL_PARAM_NUMBER, false, 0.001, 1e6, ""},
                                        {"format", LL_PARAM_FORMAT, false, 0, 0, ""},
                                        {0}};

static void check_query(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1);
    struct ll_query q;
    struct ll_err err = {0};
    struct ll_param_value v[LL_PARAMS_MAX];
    struct ll_issues issues;
    LL_ASSERT(copy);
    memcpy(copy, data, size);
    if (!ll_params_split(copy, size, &q, &err)) {
        LL_ASSERT(err.code == LL_E_INVALID);
    } else {
        for (size_t i = 0; i < q.n; i++) {
            LL_ASSERT(ll_utf8_valid(q.v[i].value.s, q.v[i].value.n));
            LL_ASSERT(q.v[i].value.s + q.v[i].value.n <= copy + size);
        }
        if (ll_params_check(table, &q, 1000, v, &issues)) {
            LL_ASSERT(v[0].given && v[0].text.n > 0 && v[0].text.n <= 255);
            LL_ASSERT(!v[1].given || (v[1].resource >= 0 && v[1].resource < LL_RESOURCE_COUNT));
            LL_ASSERT(!v[2].given || (v[2].time >= LL_TIME_MIN && v[2].time <= LL_TIME_MAX));
            LL_ASSERT(!v[3].given || (v[3].integer >= 1 && v[3].integer <= 1000));
            LL_ASSERT(!v[4].given || (v[4].number >= 0.001 && v[4].number <= 1e6));
        } else {
            LL_ASSERT(issues.n > 0 && issues.v[0].message[0]);
        }
    }
    free(copy);
}

static void check_host(const uint8_t *data, size_t size)
{
    static const char *const listen[] = {"127.0.0.1:7380", NULL};
    static struct ll_hosts hosts;
    struct ll_config c = {.web = {.listen_address = listen}};
    struct ll_slice text = {(const char *)data, size}, host, port;
    if (!hosts.name && !ll_hosts_init(&hosts, &c, NULL))
        return;
    if (ll_hosts_allow(&hosts, text)) {
        LL_ASSERT(ll_hosts_split(text, &host, &port) && port.n <= 5 && host.n > 0);
        char first = host.s[0]; /* localhost, 127.x or ::1: nothing else begins so */
        LL_ASSERT(first == 'l' || first == 'L' || first == '1' || first == ':');
    }
    LL_ASSERT(!ll_hosts_same_origin(&hosts, text, LL_SLICE("localhost"), false) ||
              ll_slice_ieq(text, "http://localhost"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_query(data, size);
    check_host(data, size);
    return 0;
}
