#!/usr/bin/env bash
# The history of Debian's Prometheus into the daemon: 90 days of 1,008 series, with kill -9 of the
# command and of the daemon on the way; compared with query_range, and the rate.
# usage: bench/import_prometheus.sh [--quick]     (--quick: 10 days of 108 series)
set -euo pipefail
build=${BUILD:-build}
days=90 hosts=56
if [ "${1:-}" = --quick ]; then days=10 hosts=6; fi
for program in prometheus promtool; do
    command -v $program >/dev/null || { echo "no $program here: script/setup bench" >&2; exit 1; }
done
folder=$(mktemp -d "${TMPDIR:-$build}/bench-import-XXXXXX")
trap 'rm -rf "$folder"' EXIT
python3 "$(dirname "$0")/import_prometheus.py" "$build/loadline" "$folder" "$days" "$hosts"
