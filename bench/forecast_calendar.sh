#!/usr/bin/env bash
# What a calendar is worth to a forecast: US stock volume on half days, at the end of the year and on
# expiries beside the same forecaster without it; weeks after a change of daylight saving.
# usage: bench/forecast_calendar.sh [--quick] [FOLDER]     FOLDER: the long CSV of bench/data/series
# The README.md of bench/data/series says where more of these series come from; those in FOLDER count.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
quick=no
[ "${1:-}" != --quick ] || { quick=yes; shift; }
data=${1:-bench/data/series} rules=bench/data/calendars
ninja -C "$build" bench/bench_forecast_calendar >/dev/null
shopt -s nullglob
trade=("$data"/trade_us_hourly_*.csv.gz)
clock() { # CODE FILE...
    [ $# -eq 1 ] || "$build/bench/bench_forecast_calendar" "$rules" clock "$@"
}
echo "== days of a class, forecast at their open with what was known"
[ $quick = no ] || trade=("${trade[@]:0:1}")
[ ${#trade[@]} -eq 0 ] || "$build/bench/bench_forecast_calendar" "$rules" trade "${trade[@]}"
echo "== the week after a change of daylight saving, forecast on the Saturday before"
clock WASHINGTON "$data"/bike_dc_*.csv.gz
clock MELBOURNE "$data"/pedestrian_melbourne_*.csv.gz
[ $quick = yes ] || clock XNYS "${trade[@]}"
