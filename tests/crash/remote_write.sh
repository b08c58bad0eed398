#!/usr/bin/env bash
# P14, P15, P16 on remote-write: claims, swelling requests, poisoned times, damaged bodies.
# usage: remote_write.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/bad/remote_write.py "$@"
