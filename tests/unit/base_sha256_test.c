/* Vectors of NIST: FIPS 180-4's examples, and a message of a million bytes. */
#include <string.h>

#include "base/sha256.h"
#include "support.h"

static const char *sum_of(const void *data, size_t n, size_t piece)
{
    static char hex[LL_SHA256_HEX_MAX];
    unsigned char sum[LL_SHA256_BYTES];
    struct ll_sha256 s;
    ll_sha256_init(&s);
    for (size_t at = 0; at < n; at += piece)
        ll_sha256_add(&s, (const char *)data + at, LL_MIN(piece, n - at));
    ll_sha256_end(&s, sum);
    return ll_sha256_hex(sum, hex);
}

START_TEST(published_messages)
{
    static const struct {
        const char *text, *sum;
    } v[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < LL_LEN(v); i++)
        ck_assert_str_eq(sum_of(v[i].text, strlen(v[i].text), 64), v[i].sum);
}
END_TEST

START_TEST(the_pieces_do_not_matter)
{
    static char million[1000000];
    static const size_t pieces[] = {1, 55, 56, 63, 64, 65, 119, 4096, sizeof(million)};
    memset(million, 'a', sizeof(million));
    for (size_t i = 0; i < LL_LEN(pieces); i++)
        ck_assert_str_eq(sum_of(million, sizeof(million), pieces[i]),
                         "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {published_messages, the_pieces_do_not_matter};
    return ll_test_run("base_sha256", tests, LL_LEN(tests));
}
