"""What the bad days share: the real daemon, clients of it, and one line of figures at the end.

A script says `with Day("name") as day:`, states what must hold with day.must(...), and ends with
one line; the exit code is 1 when anything did not hold, 77 when it cannot run here.  --quick, or
LOADLINE_QUICK=1, is the small version that script/test runs.
"""
import argparse
import http.client
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import rw
from ports import free_port

BIN = os.path.abspath(os.environ.get("LOADLINE_BIN", "build/loadline"))
# Memory is asserted of the release program only, and times (day.timed) where it runs in full too: the
# small versions run beside other tests, and what they wait for may take its time (span).
SANITIZED = os.environ.get("LOADLINE_SANITIZED", "") not in ("", "none")
PATIENCE = [1]
JSON = {"Content-Type": "application/json"}


def span(seconds):
    """The longest to wait for what takes so long on a machine that is not busy."""
    return seconds * PATIENCE[0]


def stamp(t):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))


def sample(**fields):
    return {"service": "desk", "resource_type": "API_CALLS", "current_value": 1, "capacity": 10, **fields}


class Day:
    """One script: arguments, a folder of its own, what failed, and the figures."""

    def __init__(self, name, **extra):
        p = argparse.ArgumentParser()
        p.add_argument("--quick", action="store_true", help="the small version")
        p.add_argument("--seed", type=int, default=int(time.time()))
        for flag, value in extra.items():
            p.add_argument(f"--{flag}", type=type(value), default=value)
        self.args = p.parse_args()
        self.quick = self.args.quick or os.environ.get("LOADLINE_QUICK", "") not in ("", "0")
        self.timed = not self.quick and not SANITIZED
        PATIENCE[0] = 1 if self.timed else 20
        self.rng = random.Random(self.args.seed)
        self.name, self.failures, self.figures, self.daemons = name, [], {}, []

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix=f"loadline-{self.name}-")
        self.cleanup = []
        return self

    def __exit__(self, kind, value, trace):
        for d in self.daemons:
            d.kill()
        for action in reversed(self.cleanup):
            action()
        shutil.rmtree(self.folder, ignore_errors=True)
        if kind is not None and kind is not Failed:
            return False
        figures = " ".join(f"{k}={v}" for k, v in self.figures.items())
        print(f"{self.name}: {'FAILED' if self.failures else 'ok'} {figures} seed={self.args.seed}")
        sys.exit(1 if self.failures else 0)

    def skip(self, why):
        print(f"{self.name}: skipped: {why}")
        for action in reversed(self.cleanup):
            action()
        shutil.rmtree(self.folder, ignore_errors=True)
        os._exit(77)

    def must(self, holds, what):
        """Notes a failure and goes on; returns whether it held."""
        if not holds:
            self.failures.append(what)
            if len(self.failures) <= 20:
                print(f"FAILED: {what}", flush=True)
        return bool(holds)

    def need(self, holds, what):
        """As must, but nothing after it would make sense."""
        if not self.must(holds, what):
            raise Failed(what)

    def need_tools(self, *tools):
        for tool in tools:
            if not shutil.which(tool):
                self.skip(f"{tool} is not installed")

    def daemon(self, *flags, **options):
        d = Daemon(self, *flags, **options)
        self.daemons.append(d)
        return d


class Failed(Exception):
    pass


class Daemon:
    """A `loadline serve` with its own folder and port; `under` is a command it runs under."""

    count = 0

    def __init__(self, day, *flags, data=None, port=None, env=None, under=(), config=None):
        Daemon.count += 1
        self.day, self.flags, self.under, self.env = day, flags, list(under), env or {}
        self.port = port or free_port()
        self.data = data or os.path.join(day.folder, f"data{Daemon.count}")
        self.log = os.path.join(day.folder, f"log{Daemon.count}")
        self.config = None
        if config is not None:
            self.config = os.path.join(day.folder, f"config{Daemon.count}.yml")
            self.write_config(config)
        self.process = None

    def write_config(self, text):
        with open(self.config + ".new", "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        os.rename(self.config + ".new", self.config)

    def command(self):
        config = [f"--config.file={self.config}"] if self.config else []
        return [
            *self.under,
            BIN,
            "serve",
            f"--web.listen-address=127.0.0.1:{self.port}",
            f"--storage.path={self.data}",
            *config,
            *self.flags,
        ]

    def start(self, wait=30):
        """Returns the seconds until it was ready."""
        wait = span(wait)
        env = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "TMPDIR") or k.endswith("SAN_OPTIONS")}
        env.update({"LC_ALL": "C", "TZ": "UTC0"}, **self.env)
        began = time.monotonic()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command(), env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        while wait and not self.answers("/-/ready"):
            if self.process.poll() is not None:
                raise SystemExit(f"the daemon ended with {self.process.returncode}: {self.said()}")
            if time.monotonic() - began > wait:
                raise SystemExit(f"not ready within {wait} s: {self.said()}")
            time.sleep(0.01)
        return time.monotonic() - began

    @property
    def pid(self):
        """Of the daemon itself, also under strace."""
        if not self.under:
            return self.process.pid
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as f:
            return int(f.read().split()[0])

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def answers(self, path):
        try:
            return self.request("GET", path, timeout=span(2))[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def request(self, method, path, body=None, headers=None, timeout=20):
        """Returns (status, headers, bytes) over a connection of its own."""
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=span(timeout))
        try:
            if body is not None and not isinstance(body, (bytes, str)):
                body = json.dumps(body)
            c.request(method, path, body, {**(JSON if body is not None else {}), **(headers or {})})
            r = c.getresponse()
            return r.status, r.headers, r.read()
        finally:
            c.close()

    def json(self, path):
        status, _, body = self.request("GET", path)
        self.day.must(status == 200, f"{path} answered {status}: {body[:200]}")
        return json.loads(body)

    def push(self, *samples, **fields):
        return self.request("POST", "/api/v1/metrics", {"metrics": [*samples] or [sample(**fields)]})

    def connect(self, timeout=20):
        return socket.create_connection(("127.0.0.1", self.port), timeout=span(timeout))

    def raw(self, data, timeout=None, answers=1):
        """Sends bytes as they are; returns (status or 0, all that came), see read_answer."""
        with self.connect() as s:
            s.settimeout(timeout or span(1))
            try:
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            return read_answer(s, answers)

    def rss_kib(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as f:
            return int(next(x for x in f if x.startswith("VmRSS")).split()[1])

    def end(self, number=signal.SIGTERM, wait=20):
        """Returns (exit code, seconds)."""
        wait = span(wait)
        began = time.monotonic()
        os.kill(self.pid, number)
        try:
            self.process.wait(wait)
        except subprocess.TimeoutExpired:
            self.day.must(False, f"it did not end within {wait} s of signal {number}")
            self.kill()
        return self.process.returncode, time.monotonic() - began

    def kill(self):
        if self.alive():
            try:
                os.kill(self.pid, signal.SIGKILL)
            except (OSError, IndexError):
                pass
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def read_answer(s, answers=1):
    """All that comes until the peer closes, or falls silent after so many answers; the status of the
    first, 0 without one."""
    got = b""
    try:
        while True:
            part = s.recv(65536)
            if not part:
                break
            got += part
            if got.count(b"HTTP/1.") >= answers and got.count(b"\r\n\r\n") >= answers:
                s.settimeout(0.1)
    except OSError:
        pass
    words = got.split(b" ", 2)
    ok = len(words) > 1 and words[0].startswith(b"HTTP/1.") and words[1].isdigit()
    return (int(words[1]) if ok else 0), got


class Writer(threading.Thread):
    """Posts numbered samples of its own series; notes each number that was acknowledged.

    A number that was not acknowledged is sent again, as a client does, until `stop`."""

    def __init__(self, daemon, name, per_post=20, pause=0.0):
        super().__init__(daemon=True)
        self.daemon_, self.name_, self.per_post, self.pause = daemon, name, per_post, pause
        self.base = int(time.time()) - 10 * 86400
        self.acked, self.stop, self.statuses, self.broken, self.next = [], False, {}, 0, 0
        self.no_retry_after = 0

    # How it is sent, and what says that it was taken.
    path, headers = "/api/v1/metrics", JSON

    def taken(self, status, text):
        return status == 200 and json.loads(text)["accepted"] == self.per_post

    def body(self, n):
        first = n * self.per_post
        return json.dumps(
            {
                "metrics": [
                    sample(service=self.name_, current_value=i, capacity=1e9, timestamp=self.base + i)
                    for i in range(first, first + self.per_post)
                ]
            }
        )

    def run(self):
        c = None
        while not self.stop:
            try:
                c = c or http.client.HTTPConnection("127.0.0.1", self.daemon_.port, timeout=span(30))
                c.request("POST", self.path, self.body(self.next), self.headers)
                answer = c.getresponse()
                text = answer.read()
                self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
                if self.taken(answer.status, text):
                    self.acked.append(self.next)
                    self.next += 1
                elif answer.status == 503 and not answer.headers.get("Retry-After", "").isdigit():
                    self.no_retry_after += 1
                if answer.will_close:
                    c.close()
                    c = None
                if answer.status not in (200, 204):
                    time.sleep(0.05)
            except (OSError, http.client.HTTPException, ValueError):
                self.broken += 1
                c = None
                time.sleep(0.02)
            time.sleep(self.pause)

    def end(self):
        self.stop = True
        self.join(span(35))
        return self

    def refused_for_good(self):
        """Answers that make a sender drop good data."""
        return sum(n for status, n in self.statuses.items() if 400 <= status < 500 and status != 429)


class Sender(Writer):
    """The same by remote-write; its series is kept under its own labels (a daemon with RAW)."""

    path, headers = "/api/v1/write", rw.HEADERS

    def taken(self, status, text):
        return status == 204

    def body(self, n):
        first = n * self.per_post
        samples = [(float(i), (self.base + i) * 1000) for i in range(first, first + self.per_post)]
        return rw.body([({"__name__": "numbered", "job": self.name_}, samples)])


# Keeps what a Sender sends.
RAW = """
mapping:
  - match: numbered
    raw: true
"""


def rows_of(db, w):
    if isinstance(w, Sender):
        return dict(
            db.execute(
                "SELECT s.t, s.value FROM label_samples s JOIN label_series r ON r.id = s.series_id"
                " WHERE json_extract(r.labels, '$.job') = ?",
                (w.name_,),
            )
        )
    return dict(
        db.execute(
            "SELECT s.t, s.value FROM samples s JOIN series r ON r.id = s.series_id WHERE r.service = ?",
            (w.name_,),
        )
    )


def lost(data, writers):
    """(acknowledged, missing or wrong, verdict of the integrity check), read with SQLite itself."""
    db = sqlite3.connect(f"file:{data}/loadline.db?mode=ro", uri=True)
    total = bad = 0
    for w in writers:
        rows = rows_of(db, w)
        for n in w.acked:
            for i in range(n * w.per_post, (n + 1) * w.per_post):
                total += 1
                bad += rows.get((w.base + i) * 1000) != i
    verdict = db.execute("PRAGMA integrity_check").fetchone()[0]
    db.close()
    return total, bad, verdict


def until(what, seconds, every=0.02):
    """Seconds it took until what() was true; None when it did not come, in the span of so many."""
    began = time.monotonic()
    while time.monotonic() - began < span(seconds):
        if what():
            return time.monotonic() - began
        time.sleep(every)
    return None


def quantile(values, q):
    v = sorted(values)
    return v[min(len(v) - 1, int(q * len(v)))] if v else float("nan")
