#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/args.h"

/* The table is the program's own: what is tested here is what people type. */
static bool parse(struct ll_args *a, struct ll_err *err, const char *line)
{
    static char text[512];
    static char *argv[64];
    int argc = 0;
    argv[argc++] = (char *)"loadline";
    snprintf(text, sizeof(text), "%s", line);
    for (char *p = text; *p && argc < 63;) {
        argv[argc++] = p;
        p += strcspn(p, " ");
        if (*p)
            *p++ = '\0';
    }
    argv[argc] = NULL;
    return ll_args_parse(argc, argv, a, err);
}

static struct ll_args args;
static struct ll_err err;

static void accept(const char *line)
{
    ck_assert_msg(parse(&args, &err, line), "%s: %s", line, err.text);
}

static void refuse(const char *line, const char *said)
{
    ck_assert_msg(!parse(&args, &err, line), "%s", line);
    ck_assert_int_eq(err.code, LL_E_USAGE);
    ck_assert_msg(strstr(err.text, said) != NULL, "%s: %s", line, err.text);
}

START_TEST(flags_stand_anywhere_and_in_every_form)
{
    static const char *const lines[] = {
        "metrics host cpu --since 6h -o csv",       "metrics --since=6h host -ocsv cpu",
        "-o csv metrics host --since 6h cpu",       "--output=csv metrics --since 6h -- host cpu",
        "metrics host cpu --output csv --since=6h",
    };
    for (size_t i = 0; i < LL_LEN(lines); i++) {
        accept(lines[i]);
        ck_assert_str_eq(args.command->name, "metrics");
        ck_assert_str_eq(ll_args_text(&args, "output"), "csv");
        ck_assert_int_eq(ll_args_duration(&args, "since"), 6 * LL_HOUR);
        ck_assert_uint_eq(args.n_positionals, 2);
        ck_assert_str_eq(args.positionals[0], "host");
        ck_assert_str_eq(args.positionals[1], "cpu");
    }
}
END_TEST

START_TEST(defaults_count_where_nothing_is_given)
{
    accept("metrics host");
    ck_assert_int_eq(ll_args_duration(&args, "since"), LL_DAY);
    ck_assert(!ll_args_given(&args, "since"));
    ck_assert_ptr_null(ll_args_text(&args, "step"));
    ck_assert_int_eq(ll_args_duration(&args, "step"), 0);
    ck_assert_int_eq(ll_args_time(&args, "from", 1000), LL_TIME_NONE);
    ck_assert(!ll_args_bool(&args, "json"));
    accept("metrics host --from now-1h --json");
    ck_assert_int_eq(ll_args_time(&args, "from", 5 * LL_HOUR), 4 * LL_HOUR);
    ck_assert(ll_args_bool(&args, "json"));
    accept("status --check=false");
    ck_assert(!ll_args_bool(&args, "check"));
}
END_TEST

START_TEST(names_after_the_dashes_are_not_flags)
{
    accept("metrics -- --strange -o");
    ck_assert_str_eq(args.positionals[0], "--strange");
    ck_assert_str_eq(args.positionals[1], "-o");
    accept("services -q -");
    ck_assert_str_eq(ll_args_text(&args, "filter"), "-");
}
END_TEST

START_TEST(keys_of_the_configuration_are_flags_of_the_daemon_only)
{
    accept("serve --web.listen-address=127.0.0.1:1 --web.listen-address 127.0.0.1:2 "
           "--collect.host.interval=10s --collect.host.cgroups --storage.max-series 7");
    ck_assert_uint_eq(args.n_flags, 5);
    ck_assert_str_eq(args.flags[1].value, "127.0.0.1:2");
    ck_assert_str_eq(args.flags[2].key, "collect.host.interval");
    ck_assert_ptr_null(args.flags[2].flag);
    ck_assert_str_eq(args.flags[3].value, "true");
    ck_assert_str_eq(args.flags[4].value, "7");
    refuse("serve --collect.host.intreval=10s", "unknown flag --collect.host.intreval");
    refuse("serve --storage.max-series", "needs a value");
    refuse("status --collect.host.interval=10s", "unknown flag");
}
END_TEST

START_TEST(two_words_are_one_command)
{
    accept("config show --sources");
    ck_assert_str_eq(args.command->name, "config show");
    accept("--color never config schema");
    ck_assert_str_eq(args.command->name, "config schema");
    accept("config --help");
    ck_assert(args.help);
    ck_assert_ptr_null(args.command);
    refuse("config", "show, schema");
    refuse("config --json", "needs one more word");
    refuse("config sohw", "did you mean `config show`?");
}
END_TEST

START_TEST(what_is_wrong_is_said)
{
    refuse("stauts", "did you mean `status`?");
    refuse("status --chekc", "did you mean `--check`?");
    refuse("status -x", "unknown flag -x");
    refuse("status --o json", "unknown flag");
    refuse("metrics", "SERVICE is missing");
    refuse("status now", "one word too many");
    refuse("services -n 0", "from 1");
    refuse("services -n 1.5", "from 1");
    refuse("metrics host --since -5m", "not accepted");
    refuse("metrics host --from yesterday", "not accepted");
    refuse("status -o tabl", "table|wide|json|ndjson|csv");
    refuse("status -o", "needs a value: FORM");
}
END_TEST

START_TEST(help_wins_over_what_is_missing)
{
    accept("metrics --help");
    ck_assert(args.help);
    accept("metrics -h host --since 1h");
    ck_assert(args.help);
    accept("--version");
    ck_assert(args.version);
    accept("");
    ck_assert_ptr_null(args.command);
}
END_TEST

START_TEST(more_flags_than_there_is_room_for_are_refused)
{
    static char *argv[2 * LL_ARGS_FLAGS_MAX];
    int argc = 0;
    argv[argc++] = (char *)"loadline";
    argv[argc++] = (char *)"serve";
    for (int i = 0; i <= LL_ARGS_FLAGS_MAX; i++)
        argv[argc++] = (char *)"--web.listen-address=127.0.0.1:1";
    ck_assert(!ll_args_parse(argc, argv, &args, &err));
    ck_assert_int_eq(err.code, LL_E_USAGE);
}
END_TEST

/* Rows of the table that help, pages and completion rely on. */
START_TEST(every_row_of_the_table_is_complete)
{
    for (size_t i = 0; i < ll_commands_n; i++) {
        const struct ll_command *c = ll_commands[i];
        ck_assert_msg(c->name && c->group && c->doc && c->run, "row %zu", i);
        ck_assert_ptr_eq(ll_command_find(c->name), c);
        for (size_t k = 0; k < LL_LEN(c->examples); k++)
            ck_assert_msg(c->examples[k].line && c->examples[k].doc, "%s", c->name);
        const struct ll_flag *tables[LL_FLAG_TABLES];
        size_t n = ll_command_flags(c, tables);
        for (size_t t = 0; t < n; t++)
            for (const struct ll_flag *f = tables[t]; f->name; f++) {
                ck_assert_msg(f->doc, "%s --%s", c->name, f->name);
                ck_assert_msg((f->type == LL_FLAG_BOOL) == (f->arg == NULL), "%s --%s", c->name,
                              f->name);
                ck_assert_msg((f->type == LL_FLAG_CHOICE) == (f->choices != NULL), "%s --%s",
                              c->name, f->name);
            }
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cmd_args");
    TCase *c = tcase_create("cmd_args");
    tcase_add_test(c, flags_stand_anywhere_and_in_every_form);
    tcase_add_test(c, defaults_count_where_nothing_is_given);
    tcase_add_test(c, names_after_the_dashes_are_not_flags);
    tcase_add_test(c, keys_of_the_configuration_are_flags_of_the_daemon_only);
    tcase_add_test(c, two_words_are_one_command);
    tcase_add_test(c, what_is_wrong_is_said);
    tcase_add_test(c, help_wins_over_what_is_missing);
    tcase_add_test(c, more_flags_than_there_is_room_for_are_refused);
    tcase_add_test(c, every_row_of_the_table_is_complete);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
