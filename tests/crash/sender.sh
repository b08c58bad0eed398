#!/usr/bin/env bash
# A real Prometheus sends to a Loadline that is stopped and killed: every sample, once, bit for bit.
# usage: sender.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/bad/sender.py "$@"
