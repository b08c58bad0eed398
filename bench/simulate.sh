#!/usr/bin/env bash
# Policies on recorded demand: the table of docs/reference/simulation.md.  SERIES=FOLDER takes other
# files than those of bench/data/series.
# usage: bench/simulate.sh [--quick]     (--quick: one file, no sweep)
set -euo pipefail
build=${BUILD:-build} here=$(dirname "$0")
ninja -C "$build" loadline >/dev/null
folder=${SERIES:-$here/data/series}
[ "${1:-}" = --quick ] && set -- --quick || set --
python3 "$here/simulate.py" "$build/loadline" "$folder" "$@"
