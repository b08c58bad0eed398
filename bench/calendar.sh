#!/usr/bin/env bash
# Market calendars: reading and compiling all, and questions, beside the C library's localtime_r.
# usage: bench/calendar.sh [--quick]
set -euo pipefail
build=${BUILD:-build}
questions=1000000
[ "${1:-}" = --quick ] && questions=20000
ninja -C "$build" bench/bench_calendar >/dev/null
"$build/bench/bench_calendar" "$(dirname "$0")/../calendars" "$questions"
