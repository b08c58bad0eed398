#!/usr/bin/env bash
# P1: ready within 5 s with 10 M stored points, after kill -9.
# usage: big_start.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/bad/big_start.py "$@"
