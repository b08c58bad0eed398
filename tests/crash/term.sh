#!/usr/bin/env bash
# P17: SIGTERM under load, and a second daemon.
# usage: term.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/bad/term.py "$@"
