#!/usr/bin/env bash
# P10: 40 steps of the wall clock, and restarts under a wrong one.
# usage: clock.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/bad/clock.py "$@"
