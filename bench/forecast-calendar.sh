#!/usr/bin/env bash
# What a calendar is worth: volume of US stocks on days of a class (goal for half days: an APE of
# 30 %), and weeks after a change of daylight saving (goal: 0 h is best in all).
# FORECAST_DATA=FOLDER takes other series.  usage: bench/forecast-calendar.sh [--quick]
set -euo pipefail
build=${BUILD:-build} here=$(dirname "$0")
data=${FORECAST_DATA:-$here/data/series} rules=$here/data/calendars
program=$build/bench/bench_forecast_calendar
ninja -C "$build" bench/bench_forecast_calendar >/dev/null
[ ! -f "$data/bike_dc_hourly.csv.gz" ] ||
    "$program" "$rules" clock WASHINGTON "$data/bike_dc_hourly.csv.gz"
[ ! -f "$data/pedestrian_melbourne_hourly.csv.gz" ] ||
    "$program" "$rules" clock MELBOURNE "$data/pedestrian_melbourne_hourly.csv.gz"
trade=("$data"/trade_us_hourly_*.csv.gz)
[ "${1:-}" != --quick ] || trade=("${trade[0]}")
[ ! -f "${trade[0]}" ] || "$program" "$rules" trade "${trade[@]}"
