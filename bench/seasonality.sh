#!/usr/bin/env bash
# The detector of seasons: false positives of ten processes without a season, hits of seasons of
# known length, time.  usage: bench/seasonality.sh [--quick] [--m4 FILE]
#   --m4 FILE   M4 Hourly as long CSV (series,timestamp,value), gzip or not
set -euo pipefail
build=${BUILD:-build}
runs=(--runs 2000 --hits 500)
if [ "${1:-}" = --quick ]; then
    runs=(--runs 200 --hits 50)
    shift
fi
ninja -C "$build" bench/bench_seasonality >/dev/null
"$build/bench/bench_seasonality" "${runs[@]}" "$@"
