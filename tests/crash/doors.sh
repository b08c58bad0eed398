#!/usr/bin/env bash
# P25 in small: TLS, tokens, roles.
# usage: doors.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/bad/doors.py "$@"
