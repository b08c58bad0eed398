#!/bin/bash
# A failed fsync: after the N-th one fails, nothing is acknowledged until the database was
# opened again; what was acknowledged is there, and the load goes on.
# usage: fsync_eio.sh [--quick | CALLS]     default each of the first 50 calls
. "$(dirname "$0")/lib.bash"
case ${1:-50} in --quick) calls="2 9 20 30" ;; *) calls=$(seq "${1:-50}") ;; esac
need strace
strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
ran=0 refused=0 recovered=0 hit=0
for n in $calls; do
    rm -rf "$WORK/db" "$WORK/acked" "$WORK/trace"
    # Every thread counts its own calls, fsync and fdatasync apart: the opening after a fault may
    # meet a second one, and openings are a second apart. The load lasts for two of them.
    strace -f -y -o "$WORK/trace" -e trace=fsync,fdatasync,openat,write \
        -e inject=fsync,fdatasync:error=EIO:when="$n" \
        "$LOAD" --path "$WORK/db" --acked "$WORK/acked" --rate 50 --batch 100 --seconds 4 \
        >"$WORK/out" 2>&1
    ran=$((ran + 1))
    touch "$WORK/acked"
    grep -q INJECTED "$WORK/trace" && hit=$((hit + 1))
    # Order of events: fault, then an open of the database, and only then acknowledgements.
    awk -v n="$n" '
        # SQLite does not look at the result for the folder; ours, later, must have succeeded.
        /INJECTED/ && /\/db>\)/ { folder = 1; next }
        /fsync\(.*\/db>\) += 0/ { folder = 0 }
        /INJECTED/ { bad = 1; next }
        /openat\(.*loadline\.db"/ { bad = 0 }
        /write\([0-9]+<[^>]*>, "[0-9]+ 100\\n"/ && (bad || folder) {
            print "call " n ": acknowledged after the fault: " $0
            exit 1
        }
    ' "$WORK/trace" || die "see above"
    # The events only: the last line has "failed=" whether or not the load came as far as the fault.
    if grep -q '^t=[0-9.]* refused' "$WORK/out"; then
        [ -s "$WORK/acked" ] && die "call $n: refused and acknowledged"
        refused=$((refused + 1))
    elif grep -q '^t=[0-9.]* failed ' "$WORK/out"; then
        grep -q '^t=[0-9.]* recovered' "$WORK/out" || die "call $n: no recovery: $(cat "$WORK/out")"
        recovered=$((recovered + 1))
    fi
    line=$("$VERIFY" --path "$WORK/db" --acked "$WORK/acked" --batch 100) || die "call $n: $line"
done
[ "$recovered" -gt 0 ] || die "no fault reached a commit"
echo "fsync_eio: calls=$ran injected=$hit refused_at_open=$refused" \
    "failed_and_recovered=$recovered acks_after_fault=0 lost=0"
