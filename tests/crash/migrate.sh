#!/bin/bash
# kill -9 at each system call of the first start, in which the schema is made: the next start
# finds the old or the new, never something between.
# usage: migrate.sh [--quick | POINTS]     default the first 50 calls that change something
. "$(dirname "$0")/lib.bash"
case ${1:-50} in --quick) points="1 4 9 15 22 30" ;; *) points=$(seq "${1:-50}") ;; esac
need strace
strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
calls=openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,mkdir
killed=0 ran=0
for n in $points; do
    rm -rf "$WORK/db" "$WORK/acked"
    : >"$WORK/acked"
    strace -f -o /dev/null -e trace=$calls -e inject=$calls:signal=KILL:when="$n" \
        "$LOAD" --path "$WORK/db" --acked "$WORK/acked" --rate 20 --seconds 0.1 >"$WORK/out" 2>&1
    status=$?
    ran=$((ran + 1))
    [ $status = 0 ] || killed=$((killed + 1))
    line=$("$VERIFY" --path "$WORK/db" --acked "$WORK/acked" --batch 100) || die "point $n: $line"
done
[ $killed -gt $((ran / 2)) ] || die "only $killed of $ran were killed"
echo "migrate: points=$ran killed=$killed all opened after it, lost=0"
