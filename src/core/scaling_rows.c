#include "core/scaling_rows.h"

#include <stdio.h>
#include <string.h>

#define X(member, text) [member] = text,
static const char *const refusal_texts[] = {LL_ROW_REFUSAL_TABLE(X)};
#undef X
#define X(member, text) [member] = text,
static const char *const kinds[] = {LL_RULE_KIND_TABLE(X)};
#undef X

const char *ll_row_refusal_text(enum ll_row_refusal r)
{
    LL_ASSERT((size_t)r < LL_LEN(refusal_texts));
    return refusal_texts[r];
}

const char *ll_rule_kind_name(enum ll_rule_kind k)
{
    LL_ASSERT((size_t)k < LL_LEN(kinds));
    return kinds[k];
}

bool ll_rule_kind_parse(struct ll_slice text, enum ll_rule_kind *out)
{
    for (size_t i = 0; i < LL_LEN(kinds); i++) {
        if (!ll_slice_is(text, kinds[i]))
            continue;
        *out = (enum ll_rule_kind)i;
        return true;
    }
    return false;
}

static void add_number(struct ll_sha256 *s, int64_t v)
{
    unsigned char b[8];
    for (size_t i = 0; i < sizeof(b); i++)
        b[i] = (unsigned char)((uint64_t)v >> (56 - 8 * i));
    ll_sha256_add(s, b, sizeof(b));
}

/* The length in front keeps "ab","c" and "a","bc" apart. */
static void add_text(struct ll_sha256 *s, struct ll_slice t)
{
    add_number(s, (int64_t)t.n);
    ll_sha256_add(s, t.s, t.n);
}

void ll_audit_hash(const struct ll_audit_row *a, char out[static LL_SHA256_HEX_MAX])
{
    const struct ll_slice texts[] = {
        ll_slice_of(a->previous), a->actor, a->role, a->address, a->action, a->object, a->detail};
    unsigned char sum[LL_SHA256_BYTES];
    struct ll_sha256 s;
    ll_sha256_init(&s);
    add_number(&s, a->seq);
    add_number(&s, a->t);
    for (size_t i = 0; i < LL_LEN(texts); i++)
        add_text(&s, texts[i]);
    ll_sha256_end(&s, sum);
    ll_sha256_hex(sum, out);
}

bool ll_audit_follow(struct ll_audit_chain *c, const struct ll_audit_row *a,
                     char why[static LL_AUDIT_WHY_MAX])
{
    char hash[LL_SHA256_HEX_MAX];
    const int64_t next = c->seq + 1;
    ll_audit_hash(a, hash);
    if (a->seq != next)
        snprintf(why, LL_AUDIT_WHY_MAX, "row %lld is missing: %lld comes next", (long long)next,
                 (long long)a->seq);
    else if (strcmp(a->previous, c->hash) != 0)
        snprintf(why, LL_AUDIT_WHY_MAX, "row %lld does not go on from the row before it",
                 (long long)a->seq);
    else if (strcmp(a->hash, hash) != 0)
        snprintf(why, LL_AUDIT_WHY_MAX, "row %lld was changed: its hash does not fit",
                 (long long)a->seq);
    else {
        c->seq = a->seq;
        memcpy(c->hash, hash, sizeof(hash));
        return true;
    }
    return false;
}
