#!/usr/bin/env python3
"""P3: a failed fsync of the live daemon.

strace fails the N-th fsync or fdatasync; after it no write is answered 2xx until the database was
opened again.  The order is taken from the trace: faults, opens, and answers as they are sent."""
import os
import re
import subprocess

from live import RAW, Day, Sender, Writer, lost, until

FAULT = re.compile(r"\bINJECTED\b")
OPEN = re.compile(r'openat\([^"]*"[^"]*loadline\.db", ')
SENT = re.compile(r'(?:sendto|sendmsg|write|writev)\(.*HTTP/1\.1 (?:200 OK|204 ).*')
ACK = re.compile(r"accepted|Samples-Written: [1-9]")


def injected(trace):
    with open(trace, encoding="utf-8", errors="replace") as f:
        return FAULT.search(f.read())


def trace_of(day, n):
    """One daemon whose n-th sync fails; returns what came of it."""
    trace = os.path.join(day.folder, f"trace{n}")
    # The leak checker does not work under strace.
    d = day.daemon("--collect.host.enabled=false", "--check-interval-seconds=1", config=RAW, env={"ASAN_OPTIONS": "detect_leaks=0"}, under=(
        "strace", "-f", "-qq", "-s", "400", "-o", trace,
        "-e", "trace=fsync,fdatasync,openat,sendto,sendmsg,writev",
        "-e", f"inject=fsync,fdatasync:error=EIO:when={n}"))
    d.start(wait=0)
    if until(lambda: d.answers("/-/healthy") or not d.alive(), 30) is None:
        day.must(False, f"call {n}: neither up nor ended")
        return "stuck", 0
    if not d.alive():
        day.must(injected(trace), f"call {n}: it ended without a fault: {d.said()[-300:]}")
        day.must(d.process.returncode > 0, f"call {n}: it ended with {d.process.returncode} at its start")
        return "refused_at_start", 0
    writers = [Writer(d, "sync", per_post=5, pause=0.02), Sender(d, "sent", per_post=5, pause=0.02)]
    for w in writers:
        w.start()
    until(lambda: any(w.statuses.get(503) for w in writers) or injected(trace), 1 + n * 0.15)
    until(lambda: any(w.statuses.get(503) for w in writers), 0.5)  # not after each: some are not minded
    counted = [len(w.acked) for w in writers]
    day.must(until(lambda: all(len(w.acked) > m for w, m in zip(writers, counted)), 10),
             f"call {n}: nothing is acknowledged in the end: {d.said()[-500:]}")
    for w in writers:
        w.end()
        day.must(not w.refused_for_good(), f"call {n}: good data was refused: {w.statuses}")
    code, _ = d.end()
    day.must(code == 0, f"call {n}: it ended with {code}: {d.said()[-500:]}")
    outcome, broken, seen = "not_reached", False, 0
    with open(trace, encoding="utf-8", errors="replace") as f:
        for line in f:
            if FAULT.search(line):
                broken, outcome = True, "unnoticed"
            elif OPEN.search(line):
                broken = False
            elif SENT.search(line) and ACK.search(line):
                seen += 1
                day.must(not broken, f"call {n}: acknowledged after the fault: {line[:200]}")
    received = sum(len(w.acked) for w in writers)
    day.must(seen > 0 and seen * 2 >= received, f"call {n}: {seen} answers in the trace, {received} received")
    if outcome == "unnoticed" and any(w.statuses.get(503) for w in writers):
        outcome = "failed_and_recovered"
    total, bad, verdict = lost(d.data, writers)
    day.must(bad == 0 and verdict == "ok", f"call {n}: {bad} of {total} lost, {verdict}")
    os.remove(trace)
    return outcome, total


def main():
    with Day("fsync_http", calls=50) as day:
        day.need_tools("strace")
        if subprocess.run(["strace", "-o", "/dev/null", "true"], stderr=subprocess.DEVNULL, check=False).returncode:
            day.skip("strace may not trace here")
        outcomes, total = {}, 0
        for n in ((2, 12) if day.quick else range(1, day.args.calls + 1)):
            outcome, acked = trace_of(day, n)
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
            total += acked
        day.must(outcomes.get("failed_and_recovered"), f"no fault reached a commit: {outcomes}")
        day.figures = {**outcomes, "acked": total, "lost": 0}


main()
