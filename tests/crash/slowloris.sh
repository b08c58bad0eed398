#!/usr/bin/env bash
# P13: 1,000 slow connections at once (--quick: 300) while /-/healthy and pushes go on.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/crash/slowloris.py --loadline "${LOADLINE_BIN:-build/loadline}" "$@"
