#!/usr/bin/env bash
# GET /api/v1/summary against a bare libmicrohttpd answer of the same size, in turns, in one run:
# requests per CPU second of the server.  Fails below 0.8.  Usage: bench/http_summary.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 bench/http_summary.py --loadline "${LOADLINE_BIN:-build/loadline}" "$@"
