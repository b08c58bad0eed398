#!/usr/bin/env bash
# The detector of seasons: false positives of ten processes without a season, hits of seasons of
# known length, M4 Hourly, time.  usage: bench/seasonality.sh [--quick] [FILE]
# FILE: M4 Hourly as long CSV; without it the sample in bench/data/series.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
runs=(--runs 2000 --hits 500)
[ "${1:-}" != --quick ] || { runs=(--runs 200 --hits 50); shift; }
ninja -C "$build" bench/bench_seasonality >/dev/null
"$build/bench/bench_seasonality" "${runs[@]}" --m4 "${1:-bench/data/series/m4_hourly_sample_train.csv.gz}" --show
