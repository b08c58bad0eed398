#!/usr/bin/env bash
# What costs will be, and which days cost what they should not, when capacity ends:
# errors, coverage, false alarms.
# usage: bench/cost-future.sh [FORECAST.json [ANOMALY.json]]
set -euo pipefail
build=${BUILD:-build}
vectors=$(dirname "$0")/../tests/vectors/cost
ninja -C "$build" bench/bench_cost_forecast bench/bench_cost_anomaly bench/bench_plan >/dev/null
"$build/bench/bench_cost_forecast" "${1:-$vectors/forecast_dev.json}"
echo
"$build/bench/bench_cost_anomaly" "${2:-$vectors/anomaly_dev.json}"
echo
"$build/bench/bench_plan"
