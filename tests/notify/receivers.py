"""Receivers of notifications that do what a test tells them, and daemons with something to tell."""
import contextlib
import http.server
import json
import os
import signal
import tempfile
import threading
import time

from support import Daemon, wait_until

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Hook:
    """An HTTP receiver.  `answers` are used up one a request: a status, (status, headers), or
    "hang"; without one it is 204."""

    def __init__(self, port=0):
        self.seen, self.answers, self.lock = [], [], threading.Lock()
        self.ended = threading.Event()
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with hook.lock:
                    answer = hook.answers.pop(0) if hook.answers else 204
                    hook.seen.append(
                        {"path": self.path, "headers": dict(self.headers.items()), "body": body,
                         "at": time.time(), "answer": answer})
                if answer == "hang":
                    hook.ended.wait(60)
                    self.close_connection = True
                    return
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
                self.send_response(status)
                for k, v in headers.items():
                    self.send_header(k, v)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()

    def requests(self, answer=None):
        with self.lock:
            return [s for s in self.seen if answer is None or s["answer"] == answer]

    def notices(self, key, status=None):
        """Notices of that key in the messages that were taken."""
        found = []
        for s in self.requests():
            if s["answer"] == 204:
                found += [n for n in json.loads(s["body"])["data"]["notices"]
                          if n["key"] == key and (status is None or n["status"] == status)]
        return found


@contextlib.contextmanager
def hook(port=0):
    h = Hook(port)
    try:
        yield h
    finally:
        h.stop()


@contextlib.contextmanager
def telling(receivers, source, port=None, **more):
    """A daemon that asks a Prometheus at `source`, of which it has to tell when it is down."""
    with tempfile.TemporaryDirectory() as folder:
        config = {
            "check_interval_seconds": 1,
            "collect": {"host": {"enabled": False},
                        "prometheus": [{"name": "prom", "url": source, "interval": "1s",
                                        "timeout": "1s"}]},
            "notifications": {"group_wait": "0s", "group_interval": "1s",
                              "events": ["source_down"], "receivers": receivers, **more},
        }
        secret = os.path.join(folder, "secret")
        with open(secret, "w", encoding="ascii") as f:
            f.write(SECRET)
        path = os.path.join(folder, "loadline.yml")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(config, f)
        d = Daemon(folder, f"--config.file={path}", port=port)
        d.config = path
        try:
            yield d.start()
        finally:
            d.stop()


def status_of(d):
    """What /status says of notifications, once it knows the receivers."""
    def known():
        shown = json.loads(d.request("GET", "/api/v1/status")[1])["notifications"]
        return shown if shown["receivers"] else None
    return wait_until(known)


def change(d, more):
    """Other settings, which the daemon is told to follow."""
    with open(d.config, encoding="utf-8") as f:
        config = json.load(f)
    config.update(more)
    with open(d.config, "w", encoding="utf-8") as f:
        json.dump(config, f)
    d.send(signal.SIGHUP)


def restart(d, number=signal.SIGTERM):
    d.send(number)
    d.process.wait(120)
    d.process.stdout.close()
    d.log.close()
    return d.start()
