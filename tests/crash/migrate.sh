#!/bin/bash
# kill -9 at each system call of a start that makes the schema, or brings an older one up: the next
# start finds the old or the new, never something between, and nothing that was acknowledged is lost.
# usage: migrate.sh [--quick | POINTS]     default the first 50 calls that change something
. "$(dirname "$0")/lib.bash"
case ${1:-50} in --quick) points="1 4 9 15 22 30" ;; *) points=$(seq "${1:-50}") ;; esac
need strace python3
strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
calls=openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,mkdir
older=$(dirname "$0")/older.py
killed=0 ran=0

# base VERSION: a database of that version with acknowledged samples; 0 = there is none yet
base() {
    rm -rf "$WORK/base" "$WORK/base.acked"
    : >"$WORK/base.acked"
    first=0
    [ "$1" != 0 ] || return 0
    "$LOAD" --path "$WORK/base" --acked "$WORK/base.acked" --rate 50 --seconds 0.3 >"$WORK/out" ||
        die "the load before version $1: $(cat "$WORK/out")"
    line=$("$VERIFY" --path "$WORK/base" --acked "$WORK/base.acked" --batch 100) || die "base: $line"
    first=$(field next "$line")
    [ "$first" -gt 0 ] || die "the base of version $1 is empty"
    python3 "$older" "$WORK/base/loadline.db" "$1" || die "no base of version $1"
}

# start VERSION N: killed at the Nth call
start() {
    local labeled=yes status left
    [ "$1" != 1 ] || labeled=no # its labelled samples went with the version
    rm -rf "$WORK/db"
    [ ! -d "$WORK/base" ] || cp -r "$WORK/base" "$WORK/db"
    cp "$WORK/base.acked" "$WORK/acked"
    strace -f -o /dev/null -e trace=$calls -e inject=$calls:signal=KILL:when="$2" \
        "$LOAD" --path "$WORK/db" --acked "$WORK/acked" --first "$first" --rate 20 --seconds 0.1 \
        >"$WORK/out" 2>&1
    status=$?
    ran=$((ran + 1))
    [ $status = 0 ] || killed=$((killed + 1))
    line=$("$VERIFY" --path "$WORK/db" --acked "$WORK/acked" --batch 100 --labeled $labeled) ||
        die "version $1, point $2: $line"
    [ "$1" = 0 ] && return
    left=$(python3 - "$WORK/db/loadline.db" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
print(*db.execute("SELECT (SELECT user_version FROM pragma_user_version), created, changed, target"
                  " FROM scaling_events WHERE action_id='old'").fetchone())
PY
    )
    [ "$left" = "4 7 7 " ] || die "version $1, point $2: '$left' is left of the old action"
}

for version in 0 1 2 3; do
    base $version
    for n in $points; do start $version "$n"; done
done
[ $killed -gt $((ran / 2)) ] || die "only $killed of $ran were killed"
echo "migrate: versions=4 points=$ran killed=$killed all opened after it, lost=0"
