#!/usr/bin/env python3
"""P4: a full disk, a locked database, and a file system that answers EROFS, EIO or ENOSPC.

Meanwhile the page, the summary, /metrics and /-/healthy answer 200, live values move on, and
writes get 503 with Retry-After, never a 4xx.  It recovers by itself, and nothing acknowledged is
lost.  Needs root for the 4 MiB file system."""
import json
import os
import sqlite3
import subprocess
import threading
import time

from live import RAW, Day, Sender, Writer, lost, until

READS = ("/", "/api/v1/summary", "/metrics", "/-/healthy", "/api/v1/status", "/api/v1/events")


class Reads(threading.Thread):
    """Asks for everything all the time, and notes what did not answer 200, and the slowest."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self.daemon_, self.n, self.bad, self.slowest, self.stop = daemon, 0, [], 0.0, False

    def run(self):
        while not self.stop:
            for path in READS:
                began = time.monotonic()
                try:
                    status = self.daemon_.request("GET", path)[0]
                except OSError as e:
                    status = repr(e)
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.n += 1
                if status != 200:
                    self.bad.append((path, status))
            time.sleep(0.02)


def storage_state(d):
    return json.loads(d.request("GET", "/api/v1/status")[2])["storage"]["state"]


def host_cpu_time(d):
    for m in json.loads(d.request("GET", "/api/v1/snapshot")[2])["metrics"]:
        if m["service"] == "host" and m["resource_type"] == "CPU":
            return m["timestamp"]
    return None


def live_moves(day, d, name):
    before = host_cpu_time(d)
    day.must(until(lambda: host_cpu_time(d) != before, 6), f"{name}: live values stand still at {before}")


def outage(day, d, name, begin, end, span, may_be_partial=False):
    """begin and end make and mend the trouble."""
    writers = [Writer(d, f"{name}0", pause=0.01), Sender(d, f"{name}1", pause=0.01)]
    reads = Reads(d)
    for t in (*writers, reads):
        t.start()
    day.need(until(lambda: all(w.acked for w in writers), 20), f"{name}: nothing was acknowledged before it")
    begin()
    noticed = until(lambda: storage_state(d) == "failed", 20)
    first_failure = until(lambda: any(w.statuses.get(503) for w in writers), 1)
    day.must(noticed is not None, f"{name}: status never said failed")
    day.must(first_failure is not None or noticed is None, f"{name}: no write was refused")
    if day.timed and noticed is not None:
        day.must(noticed <= 1 or may_be_partial, f"{name}: noticed after {noticed:.1f} s")
    status, headers, _ = d.request("GET", "/-/ready")
    day.must(status == 503, f"{name}: /-/ready answered {status}")
    live_moves(day, d, name)
    status, headers, body = d.push()
    day.must(status == 503, f"{name}: a write got {status} {body[:200]}")
    day.must(headers.get("Retry-After", "").isdigit(), f"{name}: Retry-After is {headers.get('Retry-After')}")
    time.sleep(span)
    day.must(storage_state(d) == "failed", f"{name}: it does not say failed at the end of it")
    end()
    counts = [len(w.acked) for w in writers]
    recovered = until(lambda: all(len(w.acked) > n for w, n in zip(writers, counts)), 20)
    day.need(recovered is not None and d.alive(), f"{name}: it did not recover: {d.said()[-800:]}")
    day.must(recovered <= 10 or not day.timed, f"{name}: recovered after {recovered:.1f} s")
    day.must(until(lambda: d.answers("/-/ready"), 3), f"{name}: not ready after it")
    reads.stop = True
    reads.join(600)
    for w in writers:
        w.end()
        day.must(not w.refused_for_good(), f"{name}: good data was refused: {w.statuses}")
        day.must(not w.no_retry_after, f"{name}: {w.no_retry_after} answers without Retry-After")
    day.must(not reads.bad, f"{name}: reads failed: {reads.bad[:5]}")
    day.must(reads.slowest < 2 or not day.timed, f"{name}: the slowest read took {reads.slowest:.1f} s")
    reasons = [e["reason"] for e in json.loads(d.request("GET", "/api/v1/events?limit=50")[2])["items"]]
    day.must("STORAGE_FAILED" in reasons and "STORAGE_OK" in reasons, f"{name}: events say {reasons}")
    day.figures[name] = f"noticed:{(noticed or -1):.2f}s,recovered:{recovered:.2f}s,slowest_read:{reads.slowest:.2f}s,reads:{reads.n}"
    return writers


def finish(day, d, writers, name):
    code, took = d.end()
    day.must(code == 0 and (took <= 10 or not day.timed), f"{name}: it ended with {code} after {took:.1f} s: {d.said()[-800:]}")
    total, bad, verdict = lost(d.data, writers)
    day.must(total > 0 and bad == 0 and verdict == "ok", f"{name}: {bad} of {total} lost, {verdict}")
    day.figures["acked"] = day.figures.get("acked", 0) + total
    day.figures["lost"] = day.figures.get("lost", 0) + bad


def full_disk(day):
    small = os.path.join(day.folder, "small")
    os.mkdir(small)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,nr_inodes=100", "tmpfs", small], check=False).returncode:
        day.figures["full"] = "skipped:no-mount"
        return
    day.cleanup.append(lambda: subprocess.run(["umount", "-l", small], check=False))
    d = day.daemon("--check-interval-seconds=1", data=f"{small}/data", config=RAW)
    d.start()
    ballast = f"{small}/ballast"

    def fill():
        with open(ballast, "wb", buffering=0) as f:
            try:
                while f.write(b"\0" * 4096):
                    pass
            except OSError:
                pass

    # With some room left in the log's file, a write may succeed for a while after the disk is full.
    writers = outage(day, d, "full", fill, lambda: os.remove(ballast), 2 if day.quick else 20, True)
    finish(day, d, writers, "full")


def locked(day):
    d = day.daemon("--check-interval-seconds=1", config=RAW)
    d.start()
    other = []

    def lock():
        # In WAL mode readers go on beside an exclusive transaction.
        other.append(sqlite3.connect(f"{d.data}/loadline.db", timeout=10, isolation_level=None, check_same_thread=False))
        other[0].execute("BEGIN EXCLUSIVE")

    def unlock():
        other[0].execute("ROLLBACK")
        other[0].close()

    writers = outage(day, d, "locked", lock, unlock, 3 if day.quick else 60)
    finish(day, d, writers, "locked")


def injected(day, error, calls):
    """strace answers for the kernel from one moment to another."""
    d = day.daemon("--check-interval-seconds=1", config=RAW)
    d.start()
    tracer = []

    def begin():
        # After a successful attach the daemon is stopped for a moment only.
        tracer.append(
            subprocess.Popen(
                ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-P", f"{d.data}/loadline.db",
                 "-P", f"{d.data}/loadline.db-wal", "-e", f"inject={calls}:error={error}", "-p", str(d.pid)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE))

    def end():
        tracer[0].terminate()
        tracer[0].wait()

    day.cleanup.append(lambda: tracer and tracer[0].poll() is None and tracer[0].kill())
    writers = outage(day, d, error.lower() + ("_sync" if "sync" in calls else ""), begin, end, 1 if day.quick else 10, True)
    finish(day, d, writers, error)


def main():
    with Day("storage_states") as day:
        if os.geteuid() != 0:
            day.skip("needs root")
        full_disk(day)
        locked(day)
        if subprocess.run(["strace", "-o", "/dev/null", "true"], stderr=subprocess.DEVNULL, check=False).returncode:
            day.figures["injected"] = "skipped:no-strace"
            return
        writes = "write,pwrite64,ftruncate"
        for error, calls in (("EROFS", writes), ("EIO", writes), ("ENOSPC", writes), ("EIO", "fsync,fdatasync")):
            if not day.quick or error == "EROFS":
                injected(day, error, calls)


main()
