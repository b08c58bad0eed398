#!/usr/bin/env python3
"""Pages of metrics with their verdicts: metrics.py LOADLINE SCRAPE_PAGE.

LOADLINE check metrics is the strict reader, SCRAPE_PAGE (tests/vectors/scrape_page.c) the one that
scrapes.  metrics-text/README.md says what the columns mean.
"""
import csv
import json
import math
import os
import subprocess
import sys

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "metrics-text")

# should-accept that the strict reader refuses, and why.
REFUSED = {
    "om_172_TestOpenMetricsParse_UTF8": "exemplars on a _count, and a family in two pieces: "
    "OpenMetrics 1.0 has neither",
}
# reject that a scrape takes all the same: a Prometheus of today takes exemplars on any sample.
SCRAPED = {"om_216_bad_exemplars_on_unallowed_metric_types_2", "om_218_bad_exemplars_on_unallowed_samples_1"}


def number(text):
    try:
        value = float(text)
    except ValueError:
        return text
    return "NaN" if math.isnan(value) else value


def canon(labels, value):
    bounds = {k: number(v) if k in ("le", "quantile") else v for k, v in labels.items()}
    return json.dumps([sorted(bounds.items(), key=str), number(value)])


def run(command, case):
    with open(os.path.join(HERE, "cases", case), "rb") as page:
        return subprocess.run(command, stdin=page, capture_output=True, timeout=20, check=False)


def series_of(p):
    rows = map(json.loads, p.stdout.decode().splitlines())
    return sorted(canon(o["labels"], o["value"]) for o in rows)


def strict_fault(row, p, want):
    must = row["must"]
    if p.returncode not in (0, 1):
        return f"exit {p.returncode}"
    accepted = p.returncode == 0
    if not accepted and not p.stderr:
        return "refused without a word"
    if row["id"] in REFUSED:
        return "now accepted: strike it off the list" if accepted else None
    if must != "either" and accepted != must.endswith("accept"):
        return f"{must}, but exit {p.returncode}: {p.stderr.decode()[:200]}"
    if must == "accept" and series_of(p) != want:
        return "other series"
    return None


def lenient_fault(row, p, want):
    if p.returncode not in (0, 1):
        return f"exit {p.returncode}"
    if row["must"] == "reject" and row["id"] not in SCRAPED:
        return None if p.returncode == 1 else "read, though everybody refuses it"
    if row["prometheus_2_42"] == "accept" and p.returncode != 0:
        return f"refused, though Prometheus reads it: {p.stderr.decode()[:200]}"
    if row["must"] == "accept" and series_of(p) != want:
        return "other series"
    return None


def main():
    program, scrape_page = sys.argv[1:3]
    with open(os.path.join(HERE, "expected_series.json"), encoding="utf-8") as f:
        expected = json.load(f)
    with open(os.path.join(HERE, "manifest.tsv"), newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    passed = failed = 0
    for row in rows:
        want = sorted(canon(labels, v) for labels, v in expected.get(row["id"], []))
        strict = run([program, "check", "metrics", "--format", row["format"], "-o", "ndjson"], row["id"])
        lenient = run([scrape_page, row["format"]], row["id"])
        faults = {"strict": strict_fault(row, strict, want), "lenient": lenient_fault(row, lenient, want)}
        for reader, fault in faults.items():
            passed += not fault
            failed += bool(fault)
            if fault:
                print(f"{row['id']}, {reader}: {fault}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or passed < 300 else 0


if __name__ == "__main__":
    sys.exit(main())
