#!/usr/bin/env bash
# P16 in small: a sender that makes new series as fast as it can meets the limit.  Known series go on,
# usage: cardinality.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/bad/cardinality.py "$@"
