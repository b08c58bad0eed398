/* Writes docs/reference/rules.md from the tables, or with --check FILE compares it. */
#include "config/rules_file.h"
#include "schema_page.h"

static const char intro[] =
    "# Rules reference\n\n"
    "Generated from the table that reads rules and targets; do not edit.\n\n"
    "A document has `targets` (what can be scaled) and `rules` (when and how far). It is a YAML "
    "file named by `scaling.rules_files`, or the body of a request: JSON with the same keys is "
    "read by the same table. It has at most 1 MiB, 100,000 values, 10,000 targets, 32 rules a "
    "target. It is taken whole or not at all; every mistake is named with its line and column.\n\n"
    "```yaml\n"
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
    "      - {anchor: open, duration_seconds: 23400, no_scale_in: true}\n"
    "```\n\n"
    "A target has one place: `kubernetes`, `aws_asg`, `webhook`, `exec` or `dry_run`; two targets "
    "with the same place are refused. A rule names its target, or the service that one target "
    "has. A window has one effect: `floor`, `exact`, `max`, `no_scale_in` or `freeze`. "
    "`behavior` has the form of a HorizontalPodAutoscaler's (autoscaling/v2), so that one can be "
    "pasted; `behavior: hpa` means Kubernetes' own rates.\n\n"
    "What is stored is one canonical line of JSON a target and a rule, which is read by this "
    "table too.\n\n## Keys\n\n";

static void write_page(struct ll_str *out)
{
    ll_str_addz(out, intro);
    ll_str_addz(out, page_head);
    ll_schema_walk(ll_rules_table(), add_row, out);
}

int main(int argc, char **argv)
{
    return page_main(argc, argv, write_page, "gen_rules_doc");
}
