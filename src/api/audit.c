#include "api/audit.h"

#include <arpa/inet.h>
#include <string.h>

#include "engine/audit.h"

const char *ll_api_address_text(const struct ll_address *a,
                                char buf[static LL_API_ADDRESS_TEXT_MAX])
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff}, none[LL_ADDRESS_BYTES];
    bool four = memcmp(a->whole, mapped, sizeof(mapped)) == 0;
    if (memcmp(a->whole, none, sizeof(none)) == 0)
        return "";
    return inet_ntop(four ? AF_INET : AF_INET6, a->whole + (four ? sizeof(mapped) : 0), buf,
                     LL_API_ADDRESS_TEXT_MAX)
               ? buf
               : "";
}

bool ll_api_audit(struct ll_request *r, const struct ll_identity *who, const char *action,
                  const char *object, struct ll_err *err)
{
    char address[LL_API_ADDRESS_TEXT_MAX];
    const struct ll_asker asker = {.name = ll_slice_of(who->name),
                                   .role = ll_slice_of(ll_role_name(who->role)),
                                   .address =
                                       ll_slice_of(ll_api_address_text(&r->conn->address, address)),
                                   .authenticated = who->authenticated};
    return ll_engine_audit(r->api->engine, &asker, action, ll_slice_of(object), LL_SLICE("{}"),
                           err);
}
