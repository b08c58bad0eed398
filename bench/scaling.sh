#!/usr/bin/env bash
# Decisions at scale: 100,000 rules when nothing changes, and from a sample to its decision.
# usage: bench/scaling.sh [--quick]
set -euo pipefail
build=${BUILD:-build}
sizes=("10000 10" "1000 10")
[ "${1:-}" = --quick ] && sizes=("200 5")
ninja -C "$build" bench/bench_scaling >/dev/null
for size in "${sizes[@]}"; do
    read -r targets rules <<<"$size"
    "$build/bench/bench_scaling" "$targets" "$rules"
done
