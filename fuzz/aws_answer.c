/* Any bytes as an answer of AWS, and as a credentials file.  What is accepted is within its
 * limits; a document that the strict reader refuses gives nothing. */
#include "execute/aws_answer.h"

#include <stdlib.h>
#include <string.h>

#include "execute/aws_credentials.h"
#include "execute/xml_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *copy(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    LL_ASSERT(text);
    memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

static bool walk(char *text, size_t size)
{
    struct ll_xml_in in;
    struct ll_err err = {0};
    size_t depth = 0;
    ll_xml_in_init(&in, text, size);
    for (;;) {
        enum ll_xml_token kind;
        struct ll_slice name;
        if (!ll_xml_in_next(&in, &kind, &name, &err)) {
            LL_ASSERT(err.code != LL_E_OK && err.text[0]);
            return false;
        }
        if (kind == LL_XML_END)
            break;
        depth = kind == LL_XML_OPEN ? depth + 1 : depth - 1;
        LL_ASSERT(name.n > 0 && depth == in.depth && depth <= LL_XML_IN_DEPTH_MAX);
        LL_ASSERT(kind != LL_XML_CLOSE || ll_utf8_valid(in.text.s, in.text.n));
    }
    LL_ASSERT(depth == 0);
    return true;
}

static void check_group(const uint8_t *data, size_t size, bool whole)
{
    char *text = copy(data, size);
    struct ll_aws_group g = {.desired = -7};
    struct ll_err err = {0};
    bool ok = ll_aws_group_read(text, size, LL_SLICE("web"), &g, &err);
    LL_ASSERT(!ok || (whole && g.min >= 0 && g.max >= 0 && g.desired >= 0));
    LL_ASSERT(ok || (g.desired == -7 && err.text[0]));
    LL_ASSERT(!ok || strlen(g.suspended) < sizeof(g.suspended));
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = copy(data, size);
    bool whole = walk(text, size);
    free(text);
    check_group(data, size, whole);

    struct ll_aws_error e;
    text = copy(data, size);
    LL_ASSERT(!ll_aws_error_read(text, size, &e) || (whole && e.code[0]));
    free(text);

    struct ll_aws_credentials c = {.key_id = "kept"};
    text = copy(data, size);
    if (ll_aws_credentials_parse((struct ll_slice){text, size}, LL_SLICE("default"), &c, NULL))
        LL_ASSERT(c.key_id[0] && c.secret[0] && !strpbrk(c.secret, " \r\n"));
    else
        LL_ASSERT(strcmp(c.key_id, "kept") == 0);
    free(text);
    return 0;
}
