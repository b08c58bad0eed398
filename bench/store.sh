#!/usr/bin/env bash
# The embedded store: open, memory, durable appends of 1,000 samples a batch.
# usage: bench/store.sh [--quick]     the disk measured is that of $TMPDIR or the build folder
set -euo pipefail
build=${BUILD:-build}
batches=1000
[ "${1:-}" = --quick ] && batches=100
ninja -C "$build" bench/bench_store >/dev/null
folder=$(mktemp -d "${TMPDIR:-$build}/bench-store-XXXXXX")
trap 'rm -rf "$folder"' EXIT
for run in "200 1" "200 10" "2000 2"; do
    read -r series per_commit <<<"$run"
    echo "== $series series, $per_commit batches of 1,000 in a commit, synchronous=FULL"
    "$build/bench/bench_store" "$folder/$series-$per_commit" "$batches" "$series" "$per_commit"
done
