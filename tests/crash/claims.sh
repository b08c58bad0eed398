#!/usr/bin/env bash
# P14, P15: claims of size, bodies, request lines and garbage.
# usage: claims.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/bad/claims.py "$@"
