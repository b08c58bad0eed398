#!/bin/bash
# A full disk, then a locked database: writes are refused, reads go on, nothing crashes, and
# when the cause is gone writes work again within 10 s by themselves.
# usage: fullsmall.sh [--quick]     needs root for the 4 MiB file system
. "$(dirname "$0")/lib.bash"
full=10 locked=60 most_ms=10000
# Beside other tests only that it recovers is looked at, not how fast.
[ "${1:-}" = --quick ] && full=2 locked=3 most_ms=300000
[ "$(id -u)" = 0 ] || skip "needs root"
need sqlite3 mount
mkdir "$WORK/small"
CLEANUP='umount -l '"$WORK/small"
mount -t tmpfs -o size=4m,nr_inodes=100 tmpfs "$WORK/small" || skip "cannot mount"

said() { grep -c " $1" "$WORK/out"; }
more_said() { [ "$(said "$1")" -gt "$2" ]; }
ms() { date +%s%3N; }

# outage NAME SECONDS: after it has begun; ended by the function end_NAME
outage() {
    wait_for 300 more_said failed "$failures" || die "$1: nothing failed: $(cat "$WORK/out")"
    before=$(wc -l <"$WORK/acked")
    sleep "$2"
    kill -0 "$CHILD" || die "$1: it crashed: $(cat "$WORK/out")"
    local start
    "end_$1"
    start=$(ms)
    wait_for 300 more_said recovered "$recoveries" || die "$1: no recovery: $(cat "$WORK/out")"
    took=$(($(ms) - start))
    [ "$took" -le $most_ms ] || die "$1: recovery took $took ms"
    failures=$(said failed) recoveries=$(said recovered)
}

end_full() { rm "$WORK/small/ballast"; }
end_locked() {
    exec 9>&-
    wait "$LOCKER"
}

"$LOAD" --path "$WORK/small/db" --acked "$WORK/acked" --batch 20 --rate 20 --reads \
    >"$WORK/out" 2>&1 &
CHILD=$!
wait_for 300 test -s "$WORK/acked" || die "no acknowledgement: $(cat "$WORK/out")"
failures=0 recoveries=0
dd if=/dev/zero of="$WORK/small/ballast" bs=4k 2>/dev/null
outage full $full
full_ms=$took
sleep 1

mkfifo "$WORK/sql"
sqlite3 -cmd '.timeout 60000' "$WORK/small/db/loadline.db" <"$WORK/sql" &
LOCKER=$!
exec 9>"$WORK/sql"
echo 'BEGIN EXCLUSIVE;' >&9
outage locked $locked
locked_ms=$took
sleep 1

kill "$CHILD"
wait "$CHILD" || die "it did not end well: $(cat "$WORK/out")"
CHILD=
end=$(grep ' end ' "$WORK/out")
[ "$(field read_failures "$end")" = 0 ] || die "reads failed: $end"
[ "$(field reads "$end")" -gt 50 ] || die "too few reads: $end"
line=$("$VERIFY" --path "$WORK/small/db" --acked "$WORK/acked" --batch 20) || die "$line"
echo "fullsmall: recovered_from_full_ms=$full_ms recovered_from_lock_ms=$locked_ms" \
    "reads=$(field reads "$end") read_failures=0 read_max_ms=$(field read_max_ms "$end") $line"
