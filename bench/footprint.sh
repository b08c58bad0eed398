#!/usr/bin/env bash
# Footprint beside peers from Debian, in the same run: idle memory, time to the first answer,
# idle CPU, size on disk.  Usage: bench/footprint.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 bench/footprint.py --loadline "${LOADLINE_BIN:-build/loadline}" "$@"
