#!/usr/bin/env bash
# 400 services of a cluster through a real Prometheus: all found, with counts, requests, readiness.
# usage: kube.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/bad/kube.py "$@"
