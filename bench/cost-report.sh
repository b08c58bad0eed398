#!/usr/bin/env bash
# The bill of 10,000 services: 7 resources each, 90 days of hourly means, from memory (2.3 GiB).
# usage: bench/cost-report.sh [--quick]
set -euo pipefail
build=${BUILD:-build}
size=(10000 90)
[ "${1:-}" = --quick ] && size=(500 30)
ninja -C "$build" bench/bench_cost_report >/dev/null
"$build/bench/bench_cost_report" "${size[@]}"
