#!/usr/bin/env bash
# P3 over HTTP: EIO at each of the first 50 syncs of the daemon.
# usage: fsync_http.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/bad/fsync_http.py "$@"
