#!/bin/bash
# P5 and P6: a thousand actions against targets that break, and kill -9 at each system call of one
# action with a restart after it, over each kind of executor.
# usage: actions.sh [--quick]
. "$(dirname "$0")/lib.bash"
cd "$(dirname "$0")/../.." || exit 1
export ACT_DRIVER=$BUILD/tests/execute/act_driver
[ -x "$ACT_DRIVER" ] || die "$ACT_DRIVER is not built"
python3 tests/execute/trials.py "$@" || exit 1
exec python3 tests/execute/crash.py "$@"
