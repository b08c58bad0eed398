#!/usr/bin/env bash
# P16: a sender of ever new series meets the limit; known ones go on, an alarm names it.
# usage: cardinality.sh [--quick] [--seconds N]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/bad/cardinality.py "$@"
