#!/bin/bash
# Damaged databases: flipped bits, cut files, a torn log.  Opening says so or works on what
# is whole; nothing crashes.
# usage: damaged.sh [--quick | MUTANTS]     default 500
. "$(dirname "$0")/lib.bash"
case ${1:-500} in --quick) mutants=30 ;; *) mutants=${1:-500} ;; esac
need zzuf
"$LOAD" --path "$WORK/good" --acked "$WORK/acked" --batch 500 --seconds 2 --rate 40 >/dev/null
"$VERIFY" --path "$WORK/good" --acked "$WORK/acked" --batch 500 >/dev/null ||
    die "the good one is bad"
# A log too: the load killed.
"$LOAD" --path "$WORK/logged" --acked "$WORK/acked2" --batch 500 --rate 40 >/dev/null &
CHILD=$!
wait_for 300 test -s "$WORK/logged/loadline.db-wal" -a -s "$WORK/acked2" || die "no log was written"
sleep 0.5
kill -9 $CHILD
wait $CHILD 2>/dev/null
CHILD=
detected=0 whole=0 torn=0

# try WHAT: verify must refuse (3) or find all acknowledged (0); never a signal
try() {
    "$VERIFY" --path "$WORK/db" --acked /dev/null --batch 1 >"$WORK/out" 2>&1
    status=$?
    case $status in
    3) grep -qE 'damaged|conflict' "$WORK/out" || die "$1: unclear: $(cat "$WORK/out")" ;;
    0) ;;
    1 | 2) ;; # opened, and the damage shows in the check: the caller judges
    *) die "$1: exit status $status: $(cat "$WORK/out")" ;;
    esac
}

fresh() {
    rm -rf "$WORK/db"
    mkdir "$WORK/db"
}

for ((i = 1; i <= mutants; i++)); do
    fresh
    zzuf -s "$i" -r 0.001 <"$WORK/good/loadline.db" >"$WORK/db/loadline.db"
    try "bits, seed $i"
    [ $status = 3 ] || die "bits, seed $i: not detected: $(cat "$WORK/out")"
    detected=$((detected + 1))
done
size=$(stat -c %s "$WORK/good/loadline.db")
cuts=$((mutants / 10 + 3))
for ((i = 1; i <= cuts; i++)); do
    fresh
    head -c $((size * i / (cuts + 1))) "$WORK/good/loadline.db" >"$WORK/db/loadline.db"
    try "cut at $i/$((cuts + 1))"
    [ $status = 3 ] || die "cut $i: not detected: $(cat "$WORK/out")"
    detected=$((detected + 1))
done
# A torn log is no damage: its checksums end it where it tore, commits before it stay.
log=$(stat -c %s "$WORK/logged/loadline.db-wal")
for ((i = 1; i <= cuts; i++)); do
    fresh
    cp "$WORK/logged/loadline.db" "$WORK/db/"
    head -c $((log * i / (cuts + 1))) "$WORK/logged/loadline.db-wal" >"$WORK/db/loadline.db-wal"
    try "log cut at $i/$((cuts + 1))"
    [ $status = 0 ] || grep -q "refused" "$WORK/out" || die "log cut $i: $(cat "$WORK/out")"
    torn=$((torn + 1))
    [ $status = 0 ] && whole=$((whole + 1))
done
echo "damaged: mutants=$mutants cuts=$cuts detected=$detected torn_logs=$torn" \
    "opened_whole=$whole crashes=0"
