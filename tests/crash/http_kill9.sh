#!/usr/bin/env bash
# P1 over HTTP: 200 kills of the real daemon under load (--quick: 10).
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/crash/http_kill9.py --bin "${LOADLINE_BIN:-build/loadline}" "$@"
