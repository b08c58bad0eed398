#!/usr/bin/env bash
# P1, P17 on the remote-write path: a real Prometheus scrapes node_exporter and sends to Loadline, which
# usage: remote_write.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/bad/remote_write.py "$@"
