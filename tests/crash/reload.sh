#!/usr/bin/env bash
# P17, P18: 1,000 reloads under load, and the file cut at every byte.
# usage: reload.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/bad/reload.py "$@"
