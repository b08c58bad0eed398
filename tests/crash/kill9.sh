#!/bin/bash
# kill -9 under load: no acknowledged sample is lost, no commit is there in part.
# usage: kill9.sh [--quick | ROUNDS] [SEED]     default 200 rounds
. "$(dirname "$0")/lib.bash"
case ${1:-200} in --quick) rounds=10 ;; *) rounds=${1:-200} ;; esac
seed=${2:-$(date +%s)}
RANDOM=$seed
echo "seed $seed, $rounds rounds"
next=0 open_max=0 line= killed_in_open=0
for ((round = 1; round <= rounds; round++)); do
    "$LOAD" --path "$WORK/db" --acked "$WORK/acked" --first "$next" --batch 100 --rate 400 \
        >"$WORK/out" 2>&1 &
    CHILD=$!
    # Every fifth is killed while it opens, migrates or recovers.
    delay=0.$((RANDOM % 600 + 100))
    ((round % 5)) || delay=0.00$((RANDOM % 10))
    sleep "$delay"
    kill -9 "$CHILD"
    wait "$CHILD" 2>/dev/null
    CHILD=
    grep -q ' open' "$WORK/out" || killed_in_open=$((killed_in_open + 1))
    grep -E ' (failed|refused)' "$WORK/out" && die "round $round: the writer failed by itself"
    line=$("$VERIFY" --path "$WORK/db" --acked "$WORK/acked" --batch 100) ||
        die "round $round, seed $seed: $line"
    next=$(field next "$line")
    open_max=$(printf '%s\n' "$open_max" "$(field open_ms "$line")" | sort -g | tail -n 1)
done
[ "$(field acked "$line")" -gt 0 ] || die "nothing was ever acknowledged: $line"
echo "kill9: rounds=$rounds seed=$seed $line open_max_ms=$open_max killed_in_open=$killed_in_open"
