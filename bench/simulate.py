#!/usr/bin/env python3
"""Policies on recorded demand: PREDICTIVE, beside the reactive baseline, an oracle, static sizes.

usage: simulate.py LOADLINE FOLDER [--quick]     (FOLDER: Long CSV files, those that are there count)

One set of settings for all files: an instance carries a twentieth of the peak, boots in 3 minutes,
demand is badly served above 85 %; the first half of each file is learned from, the second scored.
"""
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile

SERIES = [
    ("nab_aws.csv.gz", "elb_request_count_8c0756"),
    ("cluster_azure2017_5min.csv.gz", "azure2017_total_avg_cpu"),
    ("cluster_google2011_job_5min.csv.gz", "google2011_job6176858948_mean_cpu"),
    ("web_worldcup98_1min.csv.gz", "worldcup98_requests"),
    ("net_isp_eu_5min.csv.gz", "isp_eu_bits_5min"),
    ("k8s_crane_1min.csv.gz", "crane_input"),
    ("trade_spy_5min_2018.csv.gz", "spy_trade_count_5min"),
    ("trade_crypto_5min.csv.gz", ""),
    ("bike_dc_hourly.csv.gz", "bikeshare_dc"),
    ("power_taylor_30min.csv.gz", "taylor_demand"),
]
# From lean to generous: target_pct, quantile.
SWEEP = [(90, 0.5), (85, 0.6), (80, 0.7), (80, 0.85), (78, 0.9), (70, 0.8), (70, 0.95)]
QUICK = SERIES[1:2]
RULE = "resource_type: API_CALLS, thresholds: {cooldown_seconds: 0}"
# What it looks ahead for is a maximum already: no window on top of it, and no count of reversals.
FAST = ", behavior: {profile: hpa, scaleDown: {stabilizationWindowSeconds: 0}}"
FREE = ", may_scale_in: true, max_reversals_per_hour: 60"
AHEAD = RULE + ", policy: PREDICTIVE, target_pct: %g, quantile: %g"


def policies(quick):
    """Name, what the target has beside, its rules."""
    alone = AHEAD % (75, 0.8) + ", may_scale_in: true"
    yield "predictive", "", [alone]
    yield "both", "", [RULE + ", policy: THRESHOLD", AHEAD % (75, 0.8)]
    yield "fast", FAST, [AHEAD % (80, 0.85) + FREE]
    for at in [] if quick else SWEEP:
        yield "at %g %g" % at, FAST, [AHEAD % at + FREE]


def tuned(quick):
    """What --tune begins with; its target and quantile do not matter."""
    yield "tuned", FAST, [AHEAD % (75, 0.8) + FREE]


def document(series, which):
    targets, rules = ["targets:"], ["rules:"]
    for s in series:
        for name, beside, texts in which:
            targets.append(
                f'  - {{name: "{s} {name}", service: "{s}", dry_run: {{}}, min_instances: 1, '
                f"max_instances: 2000, price_per_instance_hour: 1{beside}}}"
            )
            for i, text in enumerate(texts):
                rules.append(f'  - {{rule_id: "{s} {name} {i}", target: "{s} {name}", {text}}}')
    return "\n".join(targets + rules) + "\n"


def names_of(path, start):
    with gzip.open(path, "rt") as f:
        next(f)
        return sorted({line.split(",", 1)[0] for line in f if line.startswith(start)})


def replay(program, path, series, which, *flags):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
        f.write(document(series, list(which)))
        f.flush()
        done = subprocess.run(
            [program, "simulate", "--rules", f.name, path, "-o", "json", *flags],
            capture_output=True, text=True, check=False,
        )
    if done.returncode:
        sys.exit(f"{path}: {done.stderr}")
    found = {s: {} for s in series}
    for row in json.loads(done.stdout):
        name = row["target"].removeprefix(row["series"] + " ")
        ours = row["policy"] not in ("static-peak", "static-mean", "reactive", "oracle")
        found[row["series"]][name if ours else row["policy"]] = row
    return found


def at_level(rows, key, level, other):
    """`other` where `key` is at `level`, between those swept; None where none reaches it."""
    points = sorted((r[key], r[other]) for r in rows)
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        if x0 <= level <= x1:
            return y0 if x1 == x0 else y0 + (y1 - y0) * (level - x0) / (x1 - x0)
    return None


def ratio(a, b):
    """Where neither violates there is nothing left to halve: 0."""
    return a / b if b > 0 else (0.0 if a == 0 else float("inf"))


def show(v):
    return "–" if v is None else "∞" if v == float("inf") else f"{v:.2f}"


def main():
    quick = "--quick" in sys.argv
    program, folder = [a for a in sys.argv[1:] if a != "--quick"][:2]
    columns = ["predictive", "both", "fast", "tuned", "oracle", "static-peak"]
    print("SLO time and cost, each as a multiple of reactive's; cost at reactive's own SLO time, and")
    print("SLO time at reactive's own cost, of fast with another target and tau.\n")
    head = ["series", "reactive SLO time"] + columns
    head += [] if quick else ["cost, equal SLO", "SLO, equal cost"]
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    ratios = {c: [] for c in columns + ["cost, equal SLO", "SLO, equal cost"]}
    for file, start in QUICK if quick else SERIES:
        path = os.path.join(folder, file)
        if not os.path.exists(path):
            print(f"{file} is not in {folder}: left out", file=sys.stderr)
            continue
        names = names_of(path, start)
        found = replay(program, path, names, policies(quick))
        for series, rows in replay(program, path, names, tuned(quick), "--tune").items():
            found[series]["tuned"] = rows["tuned"]
        for series, rows in found.items():
            base = rows["reactive"]
            slo, cost = base["slo_time_pct"], base["cost"]
            cells = [series, f"{slo:.2f} %"]
            for c in columns:
                pair = ratio(rows[c]["slo_time_pct"], slo), ratio(rows[c]["cost"], cost)
                ratios[c].append(pair)
                cells.append(f"{show(pair[0])} at {pair[1]:.2f}")
            if not quick:
                swept = [rows["at %g %g" % at] for at in SWEEP]
                equal_slo = at_level(swept, "slo_time_pct", slo, "cost")
                equal_cost = at_level(swept, "cost", cost, "slo_time_pct")
                for name, v, by in (("cost, equal SLO", equal_slo, cost), ("SLO, equal cost", equal_cost, slo)):
                    v = None if v is None else ratio(v, by)
                    ratios[name].append(v)
                    cells.append(show(v))
            print("| " + " | ".join(cells) + " |", flush=True)
    cells = ["median", ""]
    for c in columns:
        a, b = zip(*ratios[c])
        cells.append(f"**{show(statistics.median(a))} at {statistics.median(b):.2f}**")
    for c in [] if quick else ["cost, equal SLO", "SLO, equal cost"]:
        known = [v for v in ratios[c] if v is not None]
        cells.append(f"{show(statistics.median(known))} ({len(known)} files)" if known else "–")
    print("| " + " | ".join(cells) + " |")


main()
