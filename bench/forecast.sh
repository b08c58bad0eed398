#!/usr/bin/env bash
# How well the forecaster does, and what it costs: M4 Hourly, operations 24 h ahead, microseconds.
# usage: bench/forecast.sh [--quick] [TRAIN TEST]     long CSV, hourly, of a competition
# Without files: those of bench/data/series (its README.md says where they come from).
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
quick=no
[ "${1:-}" != --quick ] || { quick=yes; shift; }
data=bench/data/series
train=${1:-$data/m4_hourly_sample_train.csv.gz} test=${2:-$data/m4_hourly_sample_test.csv.gz}
ninja -C "$build" bench/bench_forecast_accuracy bench/bench_forecast_speed >/dev/null
models=--models
[ $quick = no ] || models=
if [ -f "$train" ]; then
    echo "== M4 Hourly: $train"
    "$build/bench/bench_forecast_accuracy" ${models:+"$models"} --test "$test" "$train"
fi
echo "== operations, 24 h ahead on each of the last 7 days"
"$build/bench/bench_forecast_accuracy" ${models:+"$models"} --rolled "$data/operations_hourly.csv.gz"
[ $quick = yes ] || { echo "== speed"; "$build/bench/bench_forecast_speed"; }
