#!/usr/bin/env bash
# One host seen three ways agrees: own collector, a Prometheus that is asked, and one that sends.
# usage: three_ways.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/bad/three_ways.py "$@"
