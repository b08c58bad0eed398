#!/usr/bin/env bash
# Remote-write, the same requests to Loadline, Prometheus and VictoriaMetrics in one run: samples per
# CPU second of the server, the answer's p50 and p99, bytes on disk.  Usage: bench/ingest.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 bench/ingest.py --loadline "${LOADLINE_BIN:-build/loadline}" "$@"
