#!/usr/bin/env python3
"""P1: what was acknowledged over HTTP survives kill -9.

Writers post numbered samples and note each number after its 200.  The daemon is killed at
random moments; after each restart every noted number must be in the database, whole.
The seed is printed, so that a failure can be run again.

usage: http_kill9.py [--rounds N] [--seed S] [--bin PATH]
"""
import argparse
import http.client
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from ports import free_port

PER_POST = 50


def answers(port, path):
    try:
        c = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        c.request("GET", path)
        return c.getresponse().status == 200
    except OSError:
        return False


def start(binary, port, folder):
    began = time.monotonic()
    daemon = subprocess.Popen(
        [
            binary,
            "serve",
            f"--web.listen-address=127.0.0.1:{port}",
            f"--storage.path={folder}/data",
            "--log.level=error",
        ],
        stdout=subprocess.DEVNULL,
    )
    while not answers(port, "/-/ready"):
        if daemon.poll() is not None:
            raise SystemExit(f"the daemon ended with {daemon.returncode}")
        if time.monotonic() - began > 30:
            raise SystemExit("the daemon was not ready within 30 s")
        time.sleep(0.01)
    return daemon, time.monotonic() - began


class Writer(threading.Thread):
    """Posts samples of its own series, a second apart, until told to stop."""

    def __init__(self, port, name, first):
        super().__init__(daemon=True)
        self.port, self.name_, self.next = port, name, first
        self.acked, self.stop, self.refused = [], False, 0

    def body(self, n):
        base = 1_700_000_000 + n * PER_POST
        return json.dumps(
            {
                "metrics": [
                    {
                        "service": self.name_,
                        "resource_type": "API_CALLS",
                        "current_value": n * PER_POST + i,
                        "capacity": 1e9,
                        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(base + i)),
                    }
                    for i in range(PER_POST)
                ]
            }
        )

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        while not self.stop:
            n = self.next
            self.next += 1
            try:
                connection.request(
                    "POST", "/api/v1/metrics", self.body(n), {"Content-Type": "application/json"}
                )
                answer = connection.getresponse()
                accepted = json.loads(answer.read()).get("accepted")
            except (OSError, http.client.HTTPException, ValueError):
                return
            if answer.status == 200 and accepted == PER_POST:
                self.acked.append(n)
            else:
                self.refused += 1


def lost(database, acked):
    """Numbers that were acknowledged and are not there, and rows that are not whole."""
    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    missing, partial = [], 0
    for name, numbers in acked.items():
        rows = dict(
            db.execute(
                "SELECT s.t / 1000, s.value FROM samples s JOIN series r ON r.id = s.series_id"
                " WHERE r.service = ?",
                (name,),
            )
        )
        for n in numbers:
            for i in range(PER_POST):
                value = rows.get(1_700_000_000 + n * PER_POST + i)
                if value is None:
                    missing.append((name, n, i))
                elif value != n * PER_POST + i:
                    partial += 1
    integrity = db.execute("PRAGMA integrity_check").fetchone()[0]
    db.close()
    return missing, partial, integrity


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--rounds", type=int, default=200)
    p.add_argument("--quick", action="store_true", help="10 rounds")
    p.add_argument("--seed", type=int, default=int(time.time()))
    p.add_argument("--bin", default=os.environ.get("LOADLINE_BIN", "build/loadline"))
    args = p.parse_args()
    rounds = 10 if args.quick else args.rounds
    rng = random.Random(args.seed)
    print(f"http_kill9: {rounds} rounds, seed {args.seed}")
    acked, nexts, slowest = {}, {}, 0.0
    with tempfile.TemporaryDirectory() as folder:
        # Old samples: the default retention would refuse them.
        os.environ["LOADLINE_STORAGE_RETENTION_RAW"] = "3650d"
        for _ in range(rounds):
            port = free_port()
            daemon, ready = start(os.path.abspath(args.bin), port, folder)
            slowest = max(slowest, ready)
            writers = [Writer(port, f"w{i}", nexts.get(f"w{i}", 0)) for i in range(4)]
            for w in writers:
                w.start()
            time.sleep(rng.uniform(0.05, 0.6))
            daemon.send_signal(signal.SIGKILL)
            daemon.wait()
            for w in writers:
                w.stop = True
                w.join(15)
                acked.setdefault(w.name_, []).extend(w.acked)
                nexts[w.name_] = w.next
        daemon, ready = start(os.path.abspath(args.bin), free_port(), folder)
        slowest = max(slowest, ready)
        daemon.terminate()
        daemon.wait(15)
        missing, partial, integrity = lost(f"{folder}/data/loadline.db", acked)
    total = sum(len(v) for v in acked.values()) * PER_POST
    print(
        f"acknowledged {total}, lost {len(missing)}, wrong {partial}, integrity {integrity},"
        f" slowest ready {slowest:.2f} s"
    )
    ok = total > 0 and not missing and not partial and integrity == "ok" and slowest <= 5
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
