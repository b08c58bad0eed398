#!/usr/bin/env python3
"""Trials of one action against targets that break: whatever happens, an action is applied at most
once, never to another number than it says, and what is said of its end is true.

usage: trials.py [--quick] [--trials N] [--seed S]      default 1000 trials, 120 with --quick
"""
import argparse
import collections
import concurrent.futures
import random
import sys

import stub as stub_module
import support

HTTP_FAULTS = [*stub_module.FAULTS, "move_before", "touch_before"]
EXEC_FAULTS = ["exit_1", "exit_1_after", "exit_64", "exit_75", "exit_3_after", "hang", "hang_after",
               "killed", "killed_after", "huge"]
READ_FAULTS = ["too_many", "unavailable", "unauthorized", "forbidden", "not_found", "server_error",
               "hang", "reset", "cut_header", "cut_body", "html", "garbage", "huge", "wrong_kind",
               "redirect"]
EXEC_READ_FAULTS = ["exit_1", "exit_75", "hang", "killed", "garbage", "huge"]
SLOW = {"hang", "hang_after", "drip"}


def weave(rng, kind):
    """The faults of one trial: (on, fault, skip, count)."""
    http = kind != "exec"
    writes, reads = (HTTP_FAULTS, READ_FAULTS) if http else (EXEC_FAULTS, EXEC_READ_FAULTS)
    plan = []
    if rng.random() < 0.92:
        plan.append(("write", rng.choice(writes), 0, 1))
    if rng.random() < 0.3:
        plan.append(("write", rng.choice(writes), 0, 1))
    if rng.random() < 0.35:
        plan.append(("read", rng.choice(reads), rng.choice([0, 1, 1, 1]), rng.choice([1, 1, 2, 3])))
    return plan


def complaints(t, to, plan, got, later):
    """What is wrong with how it ended."""
    changes, now, state = t.changes(), t.current(), got["state"]
    ours = [c for c in changes if c[1] == to]
    moved = any(f == "move_before" for _, f, _, _ in plan)
    said = []
    if len(ours) > 1 or (len(changes) > len(ours)):
        said.append(f"applied {changes}")
    if state == "applied" and now != to:
        said.append(f"applied, but it is at {now}")
    if state in ("not_applied", "failed") and ours:
        said.append(f"{state}, but it was applied")
    if state == "superseded" and not moved and ours:
        said.append("superseded, but nobody else was there")
    if got["sent"] == 0 and changes:
        said.append("nothing was sent, but it was applied")
    if state == "unknown" and later:
        if later["state"] not in ("applied", "not_applied", "superseded"):
            said.append(f"settled as {later['state']}")
        if (later["state"] == "applied") != (now == to):
            said.append(f"settled as {later['state']}, but it is at {now}")
    return said


def trial(folder, stub, kind, i, seed):
    rng = random.Random(f"{seed}/{i}")
    to = rng.choice([1, 2, 4, 5, 8, 1000])
    plan = weave(rng, kind)
    t = support.make(folder, stub, kind, f"t{i}")
    for on, fault, skip, count in plan:
        t.fault(fault, on=on, skip=skip, count=count)
    idempotent = rng.random() < 0.5
    args = [*t.args(), f"id=act_{i}", "from=3", f"to={to}", "wait=20", "timeout=700",
            f"idempotent={'true' if idempotent else 'false'}"]
    got = support.driver("run", kind, *args)
    later = None
    if got["state"] == "unknown":
        t.clear()
        later = support.driver("settle", kind, *args[:-2], "timeout=20000")
    said = complaints(t, to, plan, got, later)
    if kind == "exec" and not idempotent and got["sent"] > 1:
        said.append("a command that is not idempotent was run twice")
    return kind, plan, got, later, said


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("--quick", action="store_true")
    p.add_argument("--trials", type=int, default=0)
    p.add_argument("--seed", default="1")
    args = p.parse_args()
    n = args.trials or (120 if args.quick else 1000)
    ends, bad, resent = collections.Counter(), 0, 0
    with support.bench() as (folder, stub), concurrent.futures.ThreadPoolExecutor(6) as pool:
        jobs = [pool.submit(trial, folder, stub, support.KINDS[i % len(support.KINDS)], i, args.seed)
                for i in range(n)]
        for i, job in enumerate(jobs):
            kind, plan, got, later, said = job.result()
            ends[got["state"]] += 1
            resent += got["sent"] > 1
            if said:
                bad += 1
                print(f"trial {i} ({kind}, seed {args.seed}): {'; '.join(said)}\n  {plan}\n  {got}"
                      f"\n  {later}")
    print(f"trials: {n} over {len(support.KINDS)} executors, resent {resent}, "
          + ", ".join(f"{k} {v}" for k, v in sorted(ends.items())) + f"; wrong {bad}")
    return 1 if bad or not ends["applied"] or not ends["unknown"] else 0


if __name__ == "__main__":
    sys.exit(main())
