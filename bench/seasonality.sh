#!/usr/bin/env bash
# The detector of seasons: false positives of ten processes without a season (goal: 0.5 %), hits of
# seasons of known length (goal at SNR 1: 99 %), M4 Hourly (goal: 98 % have 24 or 168
# of those whose values are most alike 24 steps apart; hours were lost of others), time.
# FORECAST_DATA=FOLDER takes other series.  usage: bench/seasonality.sh [--quick] [--m4 FILE]
set -euo pipefail
build=${BUILD:-build}
runs=(--runs 2000 --hits 500)
if [ "${1:-}" = --quick ]; then
    runs=(--runs 200 --hits 50)
    shift
fi
train=${FORECAST_DATA:-$(dirname "$0")/data/series}/m4_hourly_train.csv.gz
[ ! -f "$train" ] || runs+=(--m4 "$train")
ninja -C "$build" bench/bench_seasonality >/dev/null
"$build/bench/bench_seasonality" "${runs[@]}" "$@"
