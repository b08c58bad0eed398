#!/usr/bin/env bash
# The peak of the next day or session: what `loadline forecast -o json` says of it, scored beside
# the peak of repeating the last season.  FORECAST_DATA=FOLDER takes other series.
# usage: bench/forecast-peaks.sh [--quick]
set -euo pipefail
build=${BUILD:-build}
ninja -C "$build" loadline >/dev/null
python3 "$(dirname "$0")/forecast_peaks.py" "$build/loadline" "$@"
