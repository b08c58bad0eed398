#!/usr/bin/env python3
"""Many slow connections at once, and the daemon must not mind (reliability P13).

Opens N connections that drip one header byte every two seconds, keeps pushing samples, and
asks /-/healthy all along.  Passes when its 99th percentile is at most 200 ms (--quick: 5 s, half of
what a slow one is given), every slow connection was shut down within 14 s of its start, and no push
failed.
In the full run ten more drip a body, and must be gone within 34 s.  Usage: slowloris.py --loadline build/loadline [--quick]
"""
import argparse
import http.client
import json
import os
import resource
import selectors
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from ports import free_port

HEADER_LIMIT, BODY_LIMIT, P99_LIMIT = 14.0, 34.0, 0.200


class Client:
    """One keep-alive connection that counts what goes wrong."""

    def __init__(self, port):
        self.c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method, path, body=None):
        start = time.monotonic()
        head = {"Content-Type": "application/json"} if body else {}
        self.c.request(method, path, body, head)
        r = self.c.getresponse()
        r.read()
        return r.status, time.monotonic() - start


def wait_ready(port):
    for _ in range(6000):
        try:
            if Client(port).ask("GET", "/-/ready")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    sys.exit("slowloris: the daemon does not get ready")


def rss_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(x.split()[1]) for x in f if x.startswith("VmRSS"))


class Slow:
    """A connection that sends `first`, then `drip` every two seconds."""

    def __init__(self, port, first, drip, limit):
        self.s = socket.create_connection(("127.0.0.1", port))
        self.s.setblocking(False)
        self.drip, self.limit = drip, limit
        self.start = self.last = time.monotonic()
        self.s.send(first)

    def beat(self, now):
        if now - self.last >= 2 and self.drip:
            self.last = now
            try:
                self.s.send(self.drip)
            except OSError:
                pass


def make(port, n, quick):
    head = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
    body = (b"POST /api/v1/metrics HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json"
            b"\r\nContent-Length: 1000\r\n\r\n{")
    slow = [Slow(port, head, b"a", HEADER_LIMIT) for _ in range(n)]
    if not quick:
        slow += [Slow(port, body, b" ", BODY_LIMIT) for _ in range(10)]
    return slow


def run(port, slow, seconds):
    """Times of /-/healthy, failed pushes, how long the slow ones lived."""
    sel = selectors.DefaultSelector()
    for x in slow:
        sel.register(x.s, selectors.EVENT_READ, x)
    healthy, push = Client(port), Client(port)
    times, failed, lived, n = [], 0, [], 0
    end = time.monotonic() + seconds
    while time.monotonic() < end and sel.get_map():
        now = time.monotonic()
        for key, _ in sel.select(timeout=0):
            try:
                over = key.fileobj.recv(4096) == b""
            except OSError:
                over = True
            if over:
                lived.append((key.data, now - key.data.start))
                sel.unregister(key.fileobj)
                key.fileobj.close()
        for key in list(sel.get_map().values()):
            key.data.beat(now)
        status, took = healthy.ask("GET", "/-/healthy")
        times.append(took if status == 200 else 99)
        n += 1
        sample = {"service": "slow", "resource_type": "CPU", "current_value": n, "capacity": 1e9}
        status, _ = push.ask("POST", "/api/v1/metrics", json.dumps({"metrics": [sample]}))
        failed += status != 200
        time.sleep(0.005)
    return times, failed, lived, len(sel.get_map())


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--loadline", default=os.environ.get("LOADLINE_BIN", "build/loadline"))
    p.add_argument("--quick", action="store_true")
    a = p.parse_args()
    # The small version runs beside other tests: it must answer before the slow ones are cut, and cut them.
    grace, p99_limit = (60, 5.0) if a.quick else (0, P99_LIMIT)
    n = 300 if a.quick else 1000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    port = free_port()
    with tempfile.TemporaryDirectory() as data:
        d = subprocess.Popen([a.loadline, "serve", f"--web.listen-address=127.0.0.1:{port}",
                              f"--storage.path={data}"], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        try:
            wait_ready(port)
            before = rss_kib(d.pid)
            slow = make(port, n, a.quick)
            times, failed, lived, left = run(port, slow, 16 + grace if a.quick else 36)
            after = rss_kib(d.pid)
        finally:
            d.terminate()
            code = d.wait(timeout=15 + grace)
    times.sort()
    p99 = times[int(len(times) * 0.99)]
    late = [t for x, t in lived if t > x.limit + grace]
    longest = max((t for _, t in lived), default=0)
    print(f"{len(slow)} slow connections: {len(lived)} ended, longest {longest:.1f} s, "
          f"{left} still open")
    print(f"/-/healthy: {len(times)} asked, p99 {p99 * 1e3:.1f} ms, worst {times[-1] * 1e3:.1f} ms")
    print(f"pushes: {len(times)} sent, {failed} failed; RSS {before} -> {after} KiB; exit {code}")
    bad = left or late or failed or p99 > p99_limit or code != 0
    print("FAIL" if bad else "ok")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
