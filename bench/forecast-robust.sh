#!/usr/bin/env bash
# What forecasts stand: M4 Hourly with spikes, outages, shifts and holes in its history, relative
# to the clean series.  FORECAST_DATA=FOLDER takes other series.
# usage: bench/forecast-robust.sh [--quick]
set -euo pipefail
build=${BUILD:-build}
data=${FORECAST_DATA:-$(dirname "$0")/data/series}
ninja -C "$build" bench/bench_forecast_robust >/dev/null
for how in --plain --cleaned; do
    echo "== $how"
    "$build/bench/bench_forecast_robust" "$how" "$data"/m4_hourly_{train,test}.csv.gz
done
