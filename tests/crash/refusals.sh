#!/usr/bin/env bash
# Bad samples are refused one by one, their neighbours kept.
# usage: refusals.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/bad/refusals.py "$@"
