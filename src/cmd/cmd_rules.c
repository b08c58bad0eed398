/* Rules of the daemon: looked at, changed as a document, paused. */
#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/scaling_ask.h"
#include "os/file.h"

enum { BODY_BYTES = 1 << 20 };

/* --- list, get --- */

static const struct ll_column list_columns[] = {
    {.key = "rule_id", .title = "RULE", .flex = true},
    {.key = "target", .title = "TARGET", .flex = true},
    {.key = "policy", .title = "POLICY"},
    {.key = "resource_type", .title = "RESOURCE", .spare = true},
    {.key = "mode", .title = "MODE"},
    {.key = "current", .title = "NOW", .right = true},
    {.key = "wants", .title = "WANTS", .right = true},
    {.key = "verdict", .title = "VERDICT"},
    {.key = "bound", .title = "BOUND BY", .spare = true},
    {.key = "source", .title = "FROM", .wide = true},
    {.key = "version", .title = "VERSION", .right = true, .wide = true},
};

static void list_row(struct ll_table *t, const struct ll_ctx *c, const json_t *item)
{
    const json_t *last = json_object_get(item, "last");
    ll_scaling_cell_text(t, c, item, "rule_id");
    ll_scaling_cell_text(t, c, item, "target");
    ll_scaling_cell_text(t, c, item, "policy");
    ll_scaling_cell_text(t, c, item, "resource_type");
    const char *mode = ll_json_text(item, "mode");
    ll_table_cell(t, mode[0] ? mode : "observe", NULL, LL_TINT_NONE);
    ll_scaling_cell_count(t, c, last, "current");
    ll_scaling_cell_count(t, c, json_object_get(item, "proposal"), "want");
    ll_scaling_cell_text(t, c, last, "verdict");
    ll_scaling_cell_text(t, c, last, "bound");
    ll_scaling_cell_text(t, c, item, "source");
    ll_scaling_cell_count(t, c, item, "version");
}

static bool run_list(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO_JSON items = NULL;
    struct ll_str path;
    ll_str_init(&path, LL_SCALING_PATH_MAX);
    ll_str_addz(&path, "/api/v1/rules");
    if (ll_args_given(c->args, "target"))
        ll_client_query(&path, "target", ll_args_text(c->args, "target"));
    if (ll_args_given(c->args, "service"))
        ll_client_query(&path, "service", ll_args_text(c->args, "service"));
    bool ok = ll_client_list(c, ll_str_z(&path), 0, &items, err);
    ll_str_fini(&path);
    return ok &&
           ll_scaling_print_list(c, items, list_columns, LL_LEN(list_columns), list_row,
                                 "there is no rule; `loadline rules apply -f F` adds some", err);
}

/* What it is, not what became of it: members of the document alone, so that it can be applied. */
static bool is_state(const char *key)
{
    static const char *const keys[] = {"version", "source", "trusted", "trust", "proposal", "last"};
    for (size_t i = 0; i < LL_LEN(keys); i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

static bool run_get(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO_JSON rule = NULL;
    if (!ll_scaling_ask_get(c, "rules", c->args->positionals[0], &rule, err))
        return false;
    LL_AUTO_JSON document = json_object();
    const char *key;
    json_t *value;
    json_object_foreach(rule, key, value)
    {
        if (!is_state(key))
            json_object_set(document, key, value);
    }
    ll_json_print(c, c->form == LL_FORM_TABLE ? document : rule);
    return true;
}

/* --- apply, diff, delete --- */

static const struct ll_column change_columns[] = {
    {.key = "kind", .title = "KIND"},
    {.key = "id", .title = "NAME", .flex = true},
    {.key = "change", .title = "CHANGE"},
    {.key = "version", .title = "VERSION", .right = true},
};

static void change_row(struct ll_table *t, const struct ll_ctx *c, const json_t *item)
{
    const char *change = ll_json_text(item, "change");
    ll_scaling_cell_text(t, c, item, "kind");
    ll_scaling_cell_text(t, c, item, "id");
    ll_table_cell(t, change, NULL,
                  strcmp(change, "unchanged") == 0 ? LL_TINT_DIM
                  : strcmp(change, "deleted") == 0 ? LL_TINT_WARN
                                                   : LL_TINT_OK);
    ll_scaling_cell_count(t, c, item, "version");
}

static bool print_changes(struct ll_ctx *c, const json_t *answer, struct ll_err *err)
{
    return ll_scaling_print_list(c, json_object_get(answer, "changes"), change_columns,
                                 LL_LEN(change_columns), change_row, "nothing is in it", err);
}

static bool send_document(struct ll_ctx *c, bool dry, json_t **answer, struct ll_err *err)
{
    struct ll_str body;
    const char *file = ll_args_text(c->args, "file");
    if (!file)
        return ll_err_set(err, LL_E_USAGE, "-f is missing: the file of targets and rules");
    ll_str_init(&body, BODY_BYTES + 1);
    const bool ok =
        ll_file_read(strcmp(file, "-") == 0 ? "/dev/stdin" : file, BODY_BYTES, &body, err) &&
        ll_client_send(c, LL_HTTP_POST, dry ? "/api/v1/rules?dry_run=true" : "/api/v1/rules", &body,
                       "application/yaml", answer, err);
    ll_str_fini(&body);
    return ok;
}

static bool run_apply(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO_JSON answer = NULL;
    return send_document(c, ll_args_bool(c->args, "dry-run"), &answer, err) &&
           print_changes(c, answer, err);
}

/* As diff(1): 0 the same, 1 different. */
static bool run_diff(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO_JSON answer = NULL;
    size_t i;
    json_t *item;
    if (!send_document(c, true, &answer, err))
        return false;
    json_array_foreach(json_object_get(answer, "changes"), i, item)
    {
        if (strcmp(ll_json_text(item, "change"), "unchanged") != 0)
            c->exit_code = 1;
    }
    return print_changes(c, answer, err);
}

static bool run_delete(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO_JSON answer = NULL;
    struct ll_str path;
    ll_str_init(&path, LL_SCALING_PATH_MAX);
    ll_str_addz(&path, "/api/v1/rules");
    ll_client_segment(&path, c->args->positionals[0]);
    if (ll_args_bool(c->args, "dry-run"))
        ll_client_query(&path, "dry_run", "true");
    const bool ok = ll_client_send(c, LL_HTTP_DELETE, ll_str_z(&path), NULL, NULL, &answer, err);
    ll_str_fini(&path);
    return ok && print_changes(c, answer, err);
}

static const struct ll_flag list_flags[] = {
    {.name = "target", .type = LL_FLAG_TEXT, .arg = "NAME", .doc = "only those of this target"},
    {.name = "service", .type = LL_FLAG_TEXT, .arg = "NAME", .doc = "only those of this service"},
    {0}};

static const struct ll_flag file_flags[] = {
    {.name = "file",
     .letter = 'f',
     .type = LL_FLAG_FILE,
     .arg = "F",
     .doc = "targets and rules, YAML or JSON; - reads standard input"},
    {.name = "dry-run", .type = LL_FLAG_BOOL, .doc = "say what would change, change nothing"},
    {0}};

static const struct ll_flag diff_flags[] = {
    {.name = "file",
     .letter = 'f',
     .type = LL_FLAG_FILE,
     .arg = "F",
     .doc = "targets and rules, YAML or JSON; - reads standard input"},
    {0}};

static const struct ll_flag delete_flags[] = {
    {.name = "dry-run", .type = LL_FLAG_BOOL, .doc = "say what would change, change nothing"}, {0}};

static const struct ll_positional rule_positional[] = {
    {.name = "RULE", .kind = LL_POSITIONAL_TEXT, .doc = "id of the rule"}, {0}};

const struct ll_command ll_cmd_rules_list = {
    .name = "rules list",
    .group = "Scaling",
    .doc = "list the rules and what each asks for now",
    .examples = {{"loadline rules list", "all of them"},
                 {"loadline rules list --target order-gateway -o wide", "those of one target"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS,
    .flags = list_flags,
    .run = run_list,
};

const struct ll_command ll_cmd_rules_get = {
    .name = "rules get",
    .group = "Scaling",
    .doc = "print a rule as a document; with -o json its state too",
    .examples = {{"loadline rules get order-gateway-open", "as it could be applied"},
                 {"loadline rules get order-gateway-open -o json", "with its last decision"}},
    .traits = LL_CMD_CLIENT | LL_CMD_JSON,
    .positionals = rule_positional,
    .run = run_get,
};

const struct ll_command ll_cmd_rules_apply = {
    .name = "rules apply",
    .group = "Scaling",
    .doc = "add and change targets and rules, all of a document or none",
    .about = "What the document does not name stays as it is. New rules observe unless they say "
             "otherwise.",
    .examples = {{"loadline rules apply -f rules.yaml", "add and change"},
                 {"loadline rules apply -f rules.yaml --dry-run", "only say what would change"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS,
    .flags = file_flags,
    .run = run_apply,
};

const struct ll_command ll_cmd_rules_diff = {
    .name = "rules diff",
    .group = "Scaling",
    .doc = "say what applying a document would change; exits 1 if anything",
    .examples = {{"loadline rules diff -f rules.yaml", "before applying it"},
                 {"loadline rules diff -f - <rules.yaml", "from standard input"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS,
    .flags = diff_flags,
    .run = run_diff,
};

const struct ll_command ll_cmd_rules_delete = {
    .name = "rules delete",
    .group = "Scaling",
    .doc = "delete a rule that came by the API",
    .examples = {{"loadline rules delete order-gateway-open", "for good"},
                 {"loadline rules delete order-gateway-open --dry-run", "only say whether it can"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS,
    .flags = delete_flags,
    .positionals = rule_positional,
    .run = run_delete,
};
