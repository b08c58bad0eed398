"""Agent mode: two of them and one daemon, and everything that can stand between."""
import contextlib
import glob
import http.server
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import unittest

import support
import test_secure
from support import BIN, Daemon, environment, run, wait_until

QUICK = ["--check-interval-seconds=1", "--collect.host.cgroups=false"]


class Agent:
    def __init__(self, folder, url, name="a", *flags, queue=None, timeout="2s"):
        self.folder, self.name, self.process = folder, name, None
        self.queue = queue or f"{folder}/queue-{name}"
        self.args = ["agent", "--to", url, f"--instance={name}", f"--queue.path={self.queue}",
                     f"--timeout={timeout}", *QUICK, *flags]

    def start(self):
        before = self.said("agent ready")
        self.log = open(f"{self.folder}/log-{self.name}", "a+", encoding="utf-8")
        self.process = subprocess.Popen([BIN, *self.args], env=environment(), stderr=self.log,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_until(lambda: self.said("agent ready") > before or self.process.poll() is not None)
        assert self.process.poll() is None, self.read_log()
        return self

    def read_log(self):
        if not os.path.exists(f"{self.folder}/log-{self.name}"):
            return ""
        with open(f"{self.folder}/log-{self.name}", encoding="utf-8") as f:
            return f.read()

    def said(self, message):
        return self.read_log().count(message)

    def counts(self):
        before = self.said("state of the agent")
        self.process.send_signal(signal.SIGUSR1)
        wait_until(lambda: self.said("state of the agent") > before)
        line = [x for x in self.read_log().splitlines() if "state of the agent" in x][-1]
        return {k: int(v) for k, v in re.findall(r"(\w+)=(\d+)(?= |$)", line)}

    def stop(self, number=signal.SIGTERM, timeout=120):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        if self.process:
            self.log.close()
        return self.process.returncode


class Receiver:
    """Takes what it is told to take, and remembers it."""

    def __init__(self):
        self.answers, self.taken, self.seen = [], [], []
        self.refuse = None  # part of a body that is refused as a whole
        self.port = support.free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.server = None

    def start(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.seen.append((self.path, dict(self.headers), body))
                with contextlib.suppress(OSError):
                    outer.answer(self, body)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

        self.server = Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()

    @staticmethod
    def reply(handler, status, body, kind="application/json", headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        for key, value in (("Content-Type", kind), ("Content-Length", str(len(data))), *headers):
            handler.send_header(key, value)
        handler.end_headers()
        handler.wfile.write(data)

    def answer(self, handler, body):
        if self.answers:
            self.reply(handler, *self.answers.pop(0))
            return
        items = json.loads(body)["metrics"]
        if self.refuse and self.refuse(items):
            self.reply(handler, 400, {"detail": "no reason"}, "application/problem+json")
            return
        self.taken.extend(items)
        self.reply(handler, 200, {"accepted": len(items), "rejected": []})


def key(item):
    return tuple(item.get(k, "") for k in ("instance", "service", "resource_type", "part",
                                           "timestamp"))


def stored(daemon, instance):
    """(part-wise series, time) of every sample of the instance in the store."""
    db = sqlite3.connect(f"file:{daemon.folder}/data/loadline.db?mode=ro", uri=True)
    try:
        return db.execute("select resource_type, part, t from capacity_metrics where "
                          "service = 'host' and instance = ? order by t", (instance,)).fetchall()
    finally:
        db.close()


class Together(unittest.TestCase):
    def setUp(self):
        scope = tempfile.TemporaryDirectory()
        self.addCleanup(scope.cleanup)
        self.folder = scope.name
        self.d = Daemon(self.folder, "--collect.host.enabled=false")
        self.d.start()
        self.addCleanup(self.d.stop)

    def agent(self, name, *flags):
        a = Agent(self.folder, self.d.url, name, *flags)
        self.addCleanup(a.stop)
        return a.start()

    def drained(self, agent):
        def empty():
            c = agent.counts()
            return c["queued_records"] == 0 and c["delivered"] > 0 and c
        return wait_until(empty, every=0.3)

    def no_gap(self, rows, longest=9000):
        """Nothing is missing where no daemon was: that took longer than any gap may."""
        times = [t for kind, part, t in rows if (kind, part) == ("MEMORY", "")]
        gaps = [b - a for a, b in zip(times, times[1:])]
        self.assertGreater(len(times), 3)
        self.assertLess(max(gaps), longest, gaps)

    def test_two_hosts_are_one_service_without_gaps_or_doubles(self):
        agents = [self.agent("one"), self.agent("two")]
        for a in agents:
            self.drained(a)
        self.d.stop()
        for a in agents:
            wait_until(lambda a=a: a.counts()["queued_records"] >= 12, 30)
        self.d.start()
        for a in agents:
            self.drained(a)
        status, body = self.d.request("GET", "/api/v1/services")
        hosts = [s for s in json.loads(body)["items"] if s["service"] == "host"]
        self.assertEqual((status, [h["instances"] for h in hosts]), (200, [2]))
        status, body = self.d.request("GET", "/api/v1/snapshot")
        primary = {(m["resource_type"], m["part"]) for m in json.loads(body)["metrics"]
                   if m["primary"] and m["instance"] == "one"}
        self.assertIn(("CONNECTIONS", "tcp"), primary)
        for a in agents:
            self.assertEqual(a.stop(), 0)
            rows = stored(self.d, a.name)
            self.assertEqual(len(rows), len(set(rows)))
            line = [x for x in a.read_log().splitlines() if "msg=stopped" in x][-1]
            self.assertIn(f" collected={len(rows)} delivered={len(rows)} refused=0 ", line)
            self.no_gap(rows)
            self.assertEqual(a.said("not delivered"), 1)  # once an outage, not once an attempt
            self.assertEqual(a.said("delivering again"), 1)

    def test_killed_agents_lose_nothing_of_their_queue(self):
        a = self.agent("k")
        self.drained(a)
        before = len(stored(self.d, "k"))
        self.d.stop()
        wait_until(lambda: a.counts()["queued_records"] >= 12, 30)
        queued = a.counts()
        a.stop(signal.SIGKILL)
        a.start()
        self.assertEqual(a.said("holds what was not delivered before"), 1)
        wait_until(lambda: a.counts()["queued_records"] > queued["queued_records"] + 1)
        a.stop(signal.SIGKILL)
        a.start()
        self.d.start()
        self.drained(a)
        a.stop()
        rows = stored(self.d, "k")
        self.assertEqual(len(rows), len(set(rows)))
        self.assertGreater(len(rows), before + queued["collected"] - queued["delivered"])
        self.no_gap(rows)

    def test_once_says_whether_it_was_delivered(self):
        flags = ["agent", "--to", self.d.url, "--instance=o", f"--queue.path={self.folder}/q",
                 "--once", *QUICK]
        self.d.stop()
        r = run(*flags)
        self.assertEqual((r.returncode, r.stdout), (5, ""))
        self.d.start()
        r = run(*flags)
        self.assertEqual(r.returncode, 0, r.stderr)
        rows = stored(self.d, "o")
        self.assertEqual(r.stdout, f"{len(rows)} samples of o delivered to {self.d.url}\n")
        self.assertEqual(len({t for _, _, t in rows}), 4)
        self.assertIn("CPU", {kind for kind, _, _ in rows})

    def test_one_queue_is_one_agent(self):
        a = self.agent("x")
        r = run("agent", "--to", self.d.url, f"--queue.path={a.queue}", "--once")
        self.assertEqual(r.returncode, 7)
        self.assertIn(f"process {a.process.pid};", r.stderr)


class Answers(unittest.TestCase):
    def setUp(self):
        scope = tempfile.TemporaryDirectory()
        self.addCleanup(scope.cleanup)
        self.folder = scope.name
        self.r = Receiver().start()
        self.addCleanup(self.r.stop)

    def agent(self, *flags):
        a = Agent(self.folder, self.r.url, "a", *flags)
        self.addCleanup(a.stop)
        return a.start()

    def once(self, *flags):
        return run("agent", "--to", self.r.url, "--instance=a", f"--queue.path={self.folder}/q",
                   "--once", *QUICK, *flags)

    def test_nothing_is_believed_that_a_loadline_would_not_say(self):
        self.r.answers = [
            (503, {"detail": "later"}, "application/problem+json", [("Retry-After", "1")]),
            (429, b"", "text/plain", [("Retry-After", "1")]),
            (200, b"<html>it works</html>", "text/html"),
            (200, {}),
            (200, {"accepted": 0, "rejected": []}),
            (302, b"", "text/plain", [("Location", "/login")]),
        ]
        a = self.agent()
        wait_until(lambda: self.r.taken and not self.r.answers, 60)
        self.assertEqual(a.stop(), 0)
        keys = [key(x) for x in self.r.taken]
        self.assertEqual(len(keys), len(set(keys)))
        line = [x for x in a.read_log().splitlines() if "msg=stopped" in x][-1]
        self.assertIn(f" collected={len(keys)} delivered={len(keys)} ", line)
        self.assertEqual((a.said("not delivered"), a.said("delivering again")), (1, 1))
        path, headers, _ = self.r.seen[0]
        self.assertEqual((path, headers["X-Loadline-Agent"]), ("/api/v1/metrics", "a"))

    def test_retry_after_is_obeyed(self):
        self.r.answers = [(429, b"", "text/plain", [("Retry-After", "4")])]
        began = time.monotonic()
        a = self.agent()
        wait_until(lambda: self.r.taken)
        self.assertGreaterEqual(time.monotonic() - began, 3.9)
        self.assertEqual(a.counts()["failed_pushes"], 1)

    def test_a_record_that_is_refused_does_not_hold_up_the_others(self):
        self.r.stop()
        for _ in range(3):
            self.assertEqual(self.once().returncode, 5)
        self.r.refuse = lambda items: any(x["timestamp"] == self.bad for x in items)
        self.bad = None
        self.r.answers = [(503, b"", "text/plain")]
        self.r.start()
        self.once()  # to see what is queued
        times = sorted({x["timestamp"] for x in json.loads(self.r.seen[-1][2])["metrics"]})
        self.assertEqual(len(times), 8)
        self.bad = times[2]
        r = self.once()
        self.assertEqual(r.returncode, 1, r.stderr)
        self.assertIn("samples were refused: status 400: no reason", r.stderr)
        taken = sorted({x["timestamp"] for x in self.r.taken})
        self.assertEqual(taken[:7], times[:2] + times[3:])
        keys = [key(x) for x in self.r.taken]
        self.assertEqual(len(keys), len(set(keys)))
        self.bad = None
        self.assertEqual(self.once().returncode, 0)  # it is gone

    def test_refused_items_are_counted_and_said_once(self):
        def answer(handler, body):
            n = len(json.loads(body)["metrics"])
            rejected = [{"index": 0, "list": "metrics", "reason": "it is Tuesday"}]
            self.r.taken.append(n)
            Receiver.reply(handler, 200, {"accepted": n - 1, "rejected": rejected})
        self.r.answer = answer
        a = self.agent()
        wait_until(lambda: len(self.r.taken) >= 3)
        self.assertGreaterEqual(a.counts()["refused"], 2)
        self.assertEqual(a.said("samples were refused"), 1)
        self.assertIn('reason="it is Tuesday"', a.read_log())

    def test_a_token_that_is_not_taken_is_said_and_read_again(self):
        token = f"{self.folder}/token"
        with open(token, "w", encoding="ascii") as f:
            f.write("wrong\n")

        def answer(handler, body):
            if handler.headers["Authorization"] == "Bearer right":
                Receiver.answer(self.r, handler, body)
            else:
                Receiver.reply(handler, 401, {"detail": "who is it?"}, "application/problem+json")
        self.r.answer = answer
        a = self.agent(f"--token-file={token}")
        wait_until(lambda: a.said("does not let this agent in"))
        self.assertIn("who is it?", a.read_log())
        self.assertIn("--token-file", a.read_log())
        self.assertNotIn("wrong", a.read_log())
        with open(token, "w", encoding="ascii") as f:
            f.write("right\n")
        wait_until(lambda: len({x["timestamp"] for x in self.r.taken}) > 1)  # what waited, too
        self.assertEqual(a.said("does not let this agent in"), 1)
        self.assertEqual(self.once("--token-file=/nonexistent").returncode, 4)

    def test_one_that_never_answers_holds_up_nothing(self):
        self.r.stop()
        with socket.socket() as hole:
            hole.bind(("127.0.0.1", 0))
            hole.listen()
            url = f"http://127.0.0.1:{hole.getsockname()[1]}"
            a = Agent(self.folder, url, "h", timeout="30s").start()
            self.addCleanup(a.stop)
            wait_until(lambda: a.counts()["queued_records"] >= 2)
            began = time.monotonic()
            self.assertEqual(a.stop(), 0)
            self.assertLess(time.monotonic() - began, 29)
        line = [x for x in a.read_log().splitlines() if "msg=stopped" in x][-1]
        self.assertNotIn("queued_records=0", line)
        a.args[2] = self.r.url
        self.r.start()
        a.start()
        wait_until(lambda: self.r.taken)

    def test_what_the_command_line_may_not_say(self):
        for flags, code in ((["--to", "ftp://x"], 2), (["--to", "http://u:p@x"], 2), ([], 2),
                            (["--to", self.r.url, "--queue.max-size", "1KiB"], 1),
                            (["--to", self.r.url, "--queue.max-size", "lots"], 2),
                            (["--to", self.r.url, "--collect.host.enabled=false"], 3)):
            with self.subTest(flags=flags):
                r = run("agent", f"--queue.path={self.folder}/q", "--once", *flags)
                self.assertEqual(r.returncode, code, r.stderr)


@unittest.skipUnless(shutil.which("openssl"), "openssl is not here")
class Encrypted(unittest.TestCase):
    def test_tls_and_a_token_of_the_role_operator(self):
        with tempfile.TemporaryDirectory() as folder:
            test_secure.make_certificate(folder, "one")
            test_secure.make_certificate(folder, "two")
            with open(f"{folder}/c.yml", "w", encoding="ascii") as f:
                f.write("collect: {host: {enabled: false}}\n")
            with open(f"{folder}/token", "w", encoding="ascii") as f:
                f.write(test_secure.TOKEN)
            for role, ca, code in (("viewer", "one", 6), ("operator", "two", 5),
                                   ("operator", "one", 0)):
                test_secure.write_web(folder, "one", role)
                d = test_secure.SecureDaemon(folder).start()
                try:
                    with self.subTest(role=role, ca=ca):
                        r = run("agent", "--to", d.url, "--instance=tls", "--once",
                                f"--queue.path={folder}/q", f"--token-file={folder}/token",
                                f"--ca-file={folder}/{ca}.pem", *QUICK)
                        self.assertEqual(r.returncode, code, r.stderr)
                finally:
                    d.stop()
            self.assertEqual(len({t for _, _, t in stored(d, "tls")}), 6)  # of the refused, too


class Full(unittest.TestCase):
    @unittest.skipUnless(os.geteuid() == 0, "needs root to mount a small disk")
    def test_a_full_disk_costs_samples_and_not_the_agent(self):
        with tempfile.TemporaryDirectory() as folder:
            disk = f"{folder}/disk"
            os.mkdir(disk)
            if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", disk],
                              stderr=subprocess.DEVNULL, check=False).returncode:
                self.skipTest("mounting is not allowed here")
            a = Agent(folder, f"http://127.0.0.1:{support.free_port()}", "f",
                      queue=f"{disk}/q")
            try:
                a.start()
                wait_until(lambda: a.counts()["queued_records"] >= 1)
                with open(f"{disk}/fill", "wb", buffering=0) as f, contextlib.suppress(OSError):
                    while f.write(b"x" * 512):
                        pass
                # Said once as long as it lasts: a small record may still fit in between.
                lost, again = "cannot be written, samples are lost", "the queue is written again"
                wait_until(lambda: a.said(lost), 30)
                wait_until(lambda: a.counts()["dropped_records"] >= a.said(lost) + 2, 30)
                self.assertLessEqual(a.said(lost), a.said(again) + 1)
                os.unlink(f"{disk}/fill")
                wait_until(lambda: a.said(again) == a.said(lost))
                kept = a.counts()["queued_records"]
                self.assertEqual(a.stop(), 0)
                a.start()
                self.assertGreaterEqual(a.counts()["queued_records"], kept)
                self.assertEqual(a.said("was torn"), 0)
            finally:
                a.stop()
                subprocess.run(["umount", disk], check=False)

    def test_files_that_were_damaged_are_said_and_stepped_over(self):
        with tempfile.TemporaryDirectory() as folder:
            r = Receiver()
            a = Agent(folder, r.url, "d").start()
            wait_until(lambda: a.counts()["queued_records"] >= 4)
            a.stop(signal.SIGKILL)
            segment = glob.glob(f"{a.queue}/*.seg")[0]
            with open(segment, "r+b") as f:
                f.seek(20)
                f.write(b"damage")
                f.seek(-3, os.SEEK_END)
                f.truncate()
            r.start()
            a.start()
            try:
                wait_until(lambda: r.taken)
                self.assertEqual(a.said("was torn and is cut off"), 1)
                self.assertEqual(a.said("a damaged place in the queue was stepped over"), 1)
                self.assertGreaterEqual(len({x["timestamp"] for x in r.taken}), 2)
            finally:
                a.stop()
                r.stop()


if __name__ == "__main__":
    unittest.main()
