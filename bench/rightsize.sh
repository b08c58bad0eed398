#!/usr/bin/env bash
# Right-sizing of 10,000 services x 7 resources x 90 days of hourly rollups in memory.
# usage: bench/rightsize.sh [--quick]
set -euo pipefail
build=${BUILD:-build}
services=10000
[ "${1:-}" = --quick ] && services=200
ninja -C "$build" bench/bench_rightsize >/dev/null
"$build/bench/bench_rightsize" "$services" 90
