#!/usr/bin/env bash
# Whether bands of 50 to 99 % hold as many values, asked for 1, 2, 6 and 24 steps: M4 Hourly,
# series of operation, and servers in steps of five minutes.  FORECAST_DATA=FOLDER takes others.
# usage: bench/forecast-calibration.sh [--quick]     (--quick: series of operation alone)
set -euo pipefail
build=${BUILD:-build}
data=${FORECAST_DATA:-$(dirname "$0")/data/series} program=$build/bench/bench_forecast_calibration
ninja -C "$build" bench/bench_forecast_calibration >/dev/null
[ ! -f "$data/operations_hourly.csv.gz" ] || "$program" "$data/operations_hourly.csv.gz"
[ "${1:-}" != --quick ] || exit 0
[ ! -f "$data/m4_hourly_train.csv.gz" ] || "$program" "$data"/m4_hourly_{train,test}.csv.gz
[ ! -f "$data/nab_aws.csv.gz" ] || "$program" --steps 300 "$data/nab_aws.csv.gz"
