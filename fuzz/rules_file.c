/* Fuzzes the reader of rules and targets, in each of its forms.
 *
 * The first byte chooses the form.  What is accepted is written as JSON that is accepted again and
 * is written the same. */
#include "config/rules_file.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char known_text[] =
    "{\"targets\":[{\"name\":\"a\",\"service\":\"s\",\"dry_run\":{\"current\":3},"
    "\"max_instances\":90},{\"name\":\"b\",\"webhook\":{\"url\":\"http://x/\"},"
    "\"max_instances\":9}]}";

static struct ll_rules_doc *read_one(enum ll_rules_form form, struct ll_slice text,
                                     const struct ll_rules_doc *known)
{
    struct ll_err errs[8] = {0};
    struct ll_rules_reading r = {.form = form, .known = known, .errs = errs, .max = LL_LEN(errs)};
    const struct ll_rules_text t = {text, "fuzz.yml"};
    struct ll_rules_doc *d = NULL;
    bool ok = ll_rules_read(&r, &t, 1, &d);
    LL_ASSERT(ok == (r.n_errs == 0) && ok == (d != NULL));
    for (size_t i = 0; i < LL_MIN(r.n_errs, r.max); i++) {
        LL_ASSERT(errs[i].code == LL_E_CONFIG && errs[i].line > 0 && errs[i].text[0]);
        LL_ASSERT(i == 0 || errs[i].line >= errs[i - 1].line);
    }
    return d;
}

static void check_again(enum ll_rules_form form, const struct ll_rules_doc *d, size_t i,
                        const struct ll_rules_doc *known)
{
    struct ll_str first, second;
    ll_str_init(&first, 8 << 20);
    ll_str_init(&second, 8 << 20);
    if (form == LL_RULES_TARGET)
        ll_rules_write_target(&d->targets[i], &first);
    else
        ll_rules_write_rule(&d->rules[i], &first);
    LL_ASSERT(!first.failed);
    const struct ll_slice text = {ll_str_z(&first), first.n};
    struct ll_rules_doc *again = text.n < 1 << 20 ? read_one(form, text, known) : NULL;
    LL_ASSERT(again || text.n >= 1 << 20);
    if (again && form == LL_RULES_TARGET)
        ll_rules_write_target(&again->targets[0], &second);
    else if (again)
        ll_rules_write_rule(&again->rules[0], &second);
    LL_ASSERT(!again || strcmp(ll_str_z(&first), ll_str_z(&second)) == 0);
    ll_rules_free(again);
    ll_str_fini(&first);
    ll_str_fini(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ll_rules_doc *known;
    if (!known)
        known =
            read_one(LL_RULES_WHOLE, (struct ll_slice){known_text, sizeof(known_text) - 1}, NULL);
    if (size == 0)
        return 0;
    const enum ll_rules_form form = data[0] % 3;
    struct ll_rules_doc *d =
        read_one(form, (struct ll_slice){(const char *)data + 1, size - 1}, known);
    for (size_t i = 0; d && i < LL_MIN(d->n_targets, (size_t)4); i++)
        check_again(LL_RULES_TARGET, d, i, NULL);
    for (size_t i = 0; d && i < LL_MIN(d->n_rules, (size_t)4); i++)
        check_again(LL_RULES_RULE, d, i, d->n_targets ? d : known);
    ll_rules_free(d);
    return 0;
}
