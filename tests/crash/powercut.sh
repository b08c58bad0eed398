#!/bin/bash
# Power loss: snapshots of what a disk with a volatile cache would hold.  What was
# acknowledged before a snapshot must be in it.
# usage: powercut.sh [--quick | CUTS]     default 30 cuts; needs root, loop devices and FUSE
. "$(dirname "$0")/lib.bash"
case ${1:-30} in --quick) cuts=3 ;; *) cuts=${1:-30} ;; esac
disk=$(dirname "$0")/powercut_disk.bash
[ "$(id -u)" = 0 ] || skip "needs root"
need nbdkit nbdfuse losetup mkfs.ext4
[ -e /dev/fuse ] || skip "needs FUSE"
mkdir -p "$WORK/disk"
CLEANUP=down
down() {
    umount -l "$WORK/snap" 2>/dev/null
    bash "$disk" down "$WORK/disk" >/dev/null 2>&1
}
bash "$disk" up "$WORK/disk" 192 >/dev/null || skip "the disk did not come up"
"$LOAD" --path "$WORK/disk/mnt/db" --acked "$WORK/acked" --batch 100 --rate 200 >"$WORK/out" 2>&1 &
CHILD=$!
wait_for 20 test -s "$WORK/acked" || die "no acknowledgement: $(cat "$WORK/out")"
line= partial=0 acked=0
for ((cut = 1; cut <= cuts; cut++)); do
    sleep "0.$((RANDOM % 900 + 100))"
    cp "$WORK/acked" "$WORK/acked.cut" # first what was acknowledged, then the cut
    bash "$disk" snap "$WORK/disk" "$WORK/cut.img"
    loop=$(losetup -f --show "$WORK/cut.img")
    mkdir -p "$WORK/snap"
    mount "$loop" "$WORK/snap" || die "cut $cut does not mount" # this replays its journal
    line=$("$VERIFY" --path "$WORK/snap/db" --acked "$WORK/acked.cut" --batch 100)
    status=$?
    umount "$WORK/snap"
    losetup -d "$loop"
    rm -f "$WORK/cut.img"
    [ $status = 0 ] || die "cut $cut: $line"
    acked=$(field acked "$line")
done
kill "$CHILD"
wait "$CHILD"
CHILD=
[ "$acked" -gt 0 ] || die "nothing was acknowledged"
echo "powercut: cuts=$cuts lost=0 last: $line"
