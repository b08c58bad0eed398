#!/usr/bin/env bash
# What forecasts cost: the portfolio (goal: 500 us a series of 1,000 hours, 48 steps, intervals) and
# each model.  The fast profile has forecast_speed_batch.sh.  FORECAST_DATA=FOLDER takes other series.
# usage: bench/forecast-speed.sh [--quick]     (--quick: made-up series alone)
set -euo pipefail
build=${BUILD:-build} here=$(dirname "$0")
train=${FORECAST_DATA:-$here/data/series}/m4_hourly_train.csv.gz
ninja -C "$build" bench/bench_forecast_speed >/dev/null
if [ "${1:-}" != --quick ] && [ -f "$train" ]; then
    echo "M4 Hourly, goal for auto: 500 us"
    "$build/bench/bench_forecast_speed" "$train"
fi
echo "made-up series"
"$build/bench/bench_forecast_speed"
