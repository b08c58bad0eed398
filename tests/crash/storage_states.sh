#!/usr/bin/env bash
# P4: full disk, locked database, EROFS, EIO, ENOSPC; needs root and strace.
# usage: storage_states.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/bad/storage_states.py "$@"
