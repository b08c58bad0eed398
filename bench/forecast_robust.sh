#!/usr/bin/env bash
# The forecaster when something is wrong with the history: spikes, outages, shifts of level, holes.
# usage: bench/forecast_robust.sh [--quick] [TRAIN TEST]     long CSV, hourly; --quick changes nothing
# Without files: 23 series of M4 Hourly (bench/data/series/README.md).
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
[ "${1:-}" != --quick ] || shift
data=bench/data/series/m4_hourly_sample
ninja -C "$build" bench/bench_forecast_robust >/dev/null
for how in --plain --cleaned; do
    echo "== $how"
    "$build/bench/bench_forecast_robust" "$how" "${1:-${data}_train.csv.gz}" "${2:-${data}_test.csv.gz}"
done
