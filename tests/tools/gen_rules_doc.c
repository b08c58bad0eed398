/* Writes docs/reference/rules.md from the tables, or with --check FILE compares it. */
#include "config/rules_file.h"
#include "schema_page.h"

static const char intro[] =
    "# Rules reference\n\n"
    "Generated from the table that reads rules and targets; do not edit.\n\n"
    "A document has `targets` (what can be scaled) and `rules` (when and how far). It is a YAML "
    "file named by `scaling.rules_files`, or the body of a request: JSON with the same keys is "
    "read by the same table. It has at most 1 MiB, 100,000 values, 10,000 targets, 32 rules a "
    "target. It is taken whole or not at all; every mistake is named with its line and column.\n\n";

static const char example[] =
    "targets:\n"
    "  - name: order-gateway\n"
    "    kubernetes: {namespace: prod, deployment: order-gateway}\n"
    "    min_instances: 8\n"
    "    max_instances: 24\n"
    "    capacity: {driver: API_CALLS, units_per_instance: 2900, source: load_test, date: "
    "2026-11-03}\n"
    "rules:\n"
    "  - rule_id: order-gateway-load\n"
    "    target: order-gateway\n"
    "    resource_type: API_CALLS\n"
    "    policy: THRESHOLD\n"
    "    thresholds: {scale_up_pct: 80, scale_down_pct: 50}\n"
    "  - rule_id: order-gateway-open\n"
    "    target: order-gateway\n"
    "    policy: SCHEDULED\n"
    "    calendar: XNYS\n"
    "    windows:\n"
    "      - {anchor: open, offset_seconds: -1800, duration_seconds: 5400, floor: 16}\n"
    "      - {anchor: open, duration_seconds: 23400, no_scale_in: true}\n";

static const char places[] =
    "A target has one place: `kubernetes`, `aws_asg`, `webhook`, `exec` or `dry_run`; two targets "
    "with the same place are refused. A rule names its target, or the service that one target "
    "has. A window has one effect: `floor`, `exact`, `max`, `no_scale_in` or `freeze`. "
    "`behavior` has the form of a HorizontalPodAutoscaler's (autoscaling/v2), so that one can be "
    "pasted; `behavior: hpa` means Kubernetes' own rates.\n\n";

static const char together[] =
    "## Several rules on one target\n\n"
    "Each rule has an answer of its own, and the highest counts: one is enough for more, all are "
    "needed for less. While a rule with `need: required` (the default) has no data, nothing scales "
    "in; an `advisory` one is left out. `groups` gives rules one answer together, `combine` says "
    "how groups and rules in none become the target's: `any` is the highest; with `all` it scales "
    "out only as far as every one of them wants, and no further than each one's mode allows. Who "
    "has no answer neither agrees nor refuses, and an answer of too few instances binds nobody. "
    "Schedules, people and the fallback raise by themselves. The decision names who withheld its "
    "consent (`consent`).\n\n"
    "An `expression` looks at what other rules of its target see: their `utilization` (0.8 is "
    "80 %), `value` or `capacity`; as bands and target tracking do, its value is a utilisation. "
    "With `form: units` it is the number of units, and may build on the `units` that others ask "
    "for. A value that is missing, a division by nothing or a negative result is no data, never 0. "
    "A rule with `input_only` is looked at and asks for nothing. A rule that others name cannot "
    "be taken away, nor become one that sees no samples.\n\n"
    "`saturation` is for a load that can go no higher: from `pinned_pct` on, while each of the "
    "last "
    "`samples` of the waiting rule (a queue, a latency) is higher than the one before, the step "
    "outwards is doubled (`saturated`).\n\n"
    "A rule's `behavior` stands for its target's: a rule without one has the target's, and the "
    "strictest of all that count holds, whoever asks. The decision names the rule whose limit it "
    "was.\n\n"
    "Thresholds that a rule leaves out are its service's in the configuration, else its tier's, "
    "else those of the resource type there, else ours. What is stored has them filled in.\n\n";

static const char combined[] = "targets:\n"
                               "  - name: matching\n"
                               "    dry_run: {}\n"
                               "    max_instances: 40\n"
                               "    groups:\n"
                               "      - {name: load, when: all}\n"
                               "rules:\n"
                               "  - rule_id: matching-cpu\n"
                               "    target: matching\n"
                               "    resource_type: CPU\n"
                               "    policy: THRESHOLD\n"
                               "    group: load\n"
                               "    saturation: {waiting: matching-queue, samples: 3}\n"
                               "  - rule_id: matching-orders\n"
                               "    target: matching\n"
                               "    resource_type: API_CALLS\n"
                               "    policy: THRESHOLD\n"
                               "    group: load\n"
                               "  - rule_id: matching-queue\n"
                               "    target: matching\n"
                               "    resource_type: QUEUE_DEPTH\n"
                               "    policy: THRESHOLD\n"
                               "    input_only: true\n"
                               "  - rule_id: matching-drain\n"
                               "    target: matching\n"
                               "    policy: THRESHOLD\n"
                               "    form: units\n"
                               "    need: advisory\n"
                               "    expression:\n"
                               "      formula: max(waiting / 5000, 2)\n"
                               "      uses:\n"
                               "        - {name: waiting, rule: matching-queue, what: value}\n"
                               "    behavior:\n"
                               "      scaleUp:\n"
                               "        policies: [{type: Pods, value: 4, periodSeconds: 60}]\n";

static const char stored[] =
    "What is stored is one canonical line of JSON a target and a rule, which is read by this "
    "table too.\n\n## Keys\n\n";

/* What the page shows is read as it stands. */
static void add_example(const char *text, struct ll_str *out)
{
    struct ll_err err = {0};
    struct ll_rules_reading r = {.errs = &err, .max = 1};
    const struct ll_rules_text t = {ll_slice_of(text), "example"};
    LL_AUTO(ll_rules_doc) d = NULL;
    if (!ll_rules_read(&r, &t, 1, &d)) {
        fprintf(stderr, "%s\n", err.text);
        exit(EXIT_FAILURE);
    }
    ll_str_addf(out, "```yaml\n%s```\n\n", text);
}

static void write_page(struct ll_str *out)
{
    ll_str_addz(out, intro);
    add_example(example, out);
    ll_str_addz(out, places);
    ll_str_addz(out, together);
    add_example(combined, out);
    ll_str_addz(out, stored);
    ll_str_addz(out, page_head);
    ll_schema_walk(ll_rules_table(), add_row, out);
}

int main(int argc, char **argv)
{
    return page_main(argc, argv, write_page, "gen_rules_doc");
}
