#!/usr/bin/env bash
# How good forecasts are: what the program prints, scored beside its goals, then the portfolio
# alone and the fast profile on M4 Hourly.  FORECAST_DATA=FOLDER takes other series.
# usage: bench/forecast-accuracy.sh [--quick]
set -euo pipefail
build=${BUILD:-build} here=$(dirname "$0")
data=${FORECAST_DATA:-$here/data/series}
ninja -C "$build" loadline bench/bench_forecast_accuracy bench/bench_forecast_batch_accuracy >/dev/null
missed=0
python3 "$here/forecast_program.py" "$build/loadline" "$@" || missed=$?
train=$data/m4_hourly_train.csv.gz test=$data/m4_hourly_test.csv.gz
if [ -f "$train" ] && [ -f "$test" ]; then
    echo "the portfolio alone, seasons given"
    "$build/bench/bench_forecast_accuracy" --test "$test" "$train"
    echo "the fast profile"
    "$build/bench/bench_forecast_batch_accuracy" "$train" "$test"
fi
exit "$missed"
