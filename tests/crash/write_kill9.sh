#!/usr/bin/env bash
# P1 on the remote-write path: 200 kills under load.
# usage: write_kill9.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/bad/write_kill9.py "$@"
