#!/usr/bin/env python3
"""kill -9 at each system call of one action, then a restart that only reads: the action was applied
at most once, and the restart says truly whether.

usage: crash.py [--quick]       needs strace; exits 77 when it cannot trace
"""
import argparse
import collections
import os
import subprocess
import sys

import support

CALLS = ("socket,connect,setsockopt,getsockopt,sendto,sendmsg,write,recvfrom,recvmsg,read,poll,"
         "close,pipe2,clone,clone3,fork,vfork,waitid,wait4,openat,fcntl")
FIRST = ("socket", "pipe2")  # of the action itself; what comes before is the program's start


def can_trace():
    try:
        return subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True,
                              check=False).returncode == 0
    except FileNotFoundError:
        return False


def arguments(t, name):
    return [*t.args(), f"id=act_{name}", "from=3", "to=5", "wait=1", "timeout=60000"]


def strace(out, more, kind, args):
    # LeakSanitizer cannot look at a program that is traced, and says so by its exit code.
    options = os.environ.get("ASAN_OPTIONS", "")
    env = {**os.environ, "ASAN_OPTIONS": f"{options}:detect_leaks=0".lstrip(":")}
    return subprocess.run(["strace", "-o", out, "-e", f"trace={CALLS}", *more, support.DRIVER, "run",
                           kind, *args], capture_output=True, text=True, timeout=300, check=False, env=env)


def points_of(folder, stub, kind):
    """(call, how often it was made before and at it) of one action, in order."""
    t, out = stub.make(folder, kind, f"{kind}-whole".replace("_", "-")), f"{folder}/trace"
    if strace(out, [], kind, arguments(t, "whole")).returncode != 0:
        raise AssertionError(f"{kind}: the action does not end")
    made, points, begun = collections.Counter(), [], False
    with open(out, encoding="utf-8", errors="replace") as f:
        for line in f:
            name = line.partition("(")[0]
            if "(" not in line or not name.replace("_", "").isalnum():
                continue
            made[name] += 1
            begun = begun or name in FIRST
            if begun:
                points.append((name, made[name]))
    return points


def one_point(folder, stub, kind, call, n):
    """Kills at the n-th of a call: whether it was killed, was applied, and ended as it should."""
    name = f"{kind}-{call}-{n}".replace("_", "-")
    t = stub.make(folder, kind, name)
    args = arguments(t, name)
    r = strace("/dev/null", ["-e", f"inject={call}:signal=KILL:when={n}"], kind, args)
    stub.wait_until_idle()
    before = t.changes()
    got = support.driver("settle", kind, *args)
    now = t.current()
    said = []
    if len(before) > 1 or t.changes() != before:
        said.append(f"applied {before}, then {t.changes()}")
    if got["state"] != ("applied" if now == 5 else "not_applied"):
        said.append(f"it is at {now}, settled as {got['state']}")
    if r.returncode == 0 and '"applied"' not in r.stdout:
        said.append(f"it ended with {r.stdout}")
    for line in said:
        print(f"{kind}, {call} {n}: {line}")
    return r.returncode != 0, now == 5, not said


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("--quick", action="store_true")
    args = p.parse_args()
    if not can_trace():
        print("skipped: strace is not installed or may not trace here")
        return 77
    bad, figures = 0, []
    with support.bench() as (folder, stub):
        for kind in support.KINDS:
            killed = applied = 0
            for call, n in points_of(folder, stub, kind)[::4 if args.quick else 1]:
                was_killed, was_applied, ok = one_point(folder, stub, kind, call, n)
                killed += was_killed
                applied += was_killed and was_applied
                bad += not ok
            figures.append(f"{kind} {killed} ({applied} after it was applied)")
            if not 0 < applied < killed:
                print(f"{kind}: the kills miss the change")
                bad += 1
    print(f"actions: killed at each call: {', '.join(figures)}; wrong {bad}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
