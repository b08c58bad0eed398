/* What the suites of config/ share. */
#ifndef LL_TESTS_CONFIG_SUPPORT_H
#define LL_TESTS_CONFIG_SUPPORT_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

/* A text that must be refused, with the place and a part of the message. */
struct refusal {
    const char *text;
    int line, column;
    const char *says;
};

static inline bool load_text(const char *text, struct ll_config **out, struct ll_err *err)
{
    struct ll_config_source src = {.file = "t.yml", .text = ll_slice_of(text)};
    return ll_config_load(&src, out, err);
}

static inline void check_refusal(const struct refusal *r, bool loaded, const struct ll_err *err)
{
    ck_assert_msg(!loaded, "accepted:\n%s", r->text);
    ck_assert_int_eq(err->code, LL_E_CONFIG);
    ck_assert_msg(err->line == r->line && err->column == r->column && strstr(err->text, r->says),
                  "%d:%d '%s' was expected of:\n%s\nbut it was %d:%d '%s'", r->line, r->column,
                  r->says, r->text, err->line, err->column, err->text);
    char place[64];
    snprintf(place, sizeof(place), "t.yml:%d:%d: ", r->line, r->column);
    ck_assert_msg(strncmp(err->text, place, strlen(place)) == 0, "no place in '%s'", err->text);
}

static inline int run_suite(Suite *s)
{
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
