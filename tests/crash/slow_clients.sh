#!/usr/bin/env bash
# P13: 1,000 slow connections beside ingest, 5 min.
# usage: slow_clients.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/bad/slow_clients.py "$@"
