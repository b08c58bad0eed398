"""What the tests of the command line share: running the program, and real daemons."""
import contextlib
import http.client
import http.server
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from ports import free_port

BIN = os.path.abspath(os.environ.get("LOADLINE_BIN", "build/loadline"))
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
UTF8 = {"LC_ALL": "C.UTF-8"}


def environment(extra=None):
    """Nothing of the developer's own settings may decide a test."""
    kept = ("PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")
    keep = {k: v for k, v in os.environ.items() if k in kept}
    keep.update({"LC_ALL": "C", "TZ": "UTC0", "TERM": "xterm"})
    keep.update(extra or {})
    return keep


def run(*args, env=None, stdin=None, timeout=300, cwd=None):
    return subprocess.run(
        [BIN, *args],
        env=environment(env),
        stdin=stdin or subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=timeout,
        cwd=cwd,
    )


def wait_until(what, seconds=20, every=0.05):
    """Of seconds on a machine that is not busy: ten times as long where it is."""
    end = time.monotonic() + 10 * seconds
    while time.monotonic() < end:
        result = what()
        if result:
            return result
        time.sleep(every)
    raise AssertionError(f"not within {10 * seconds} s: {what}")


class Daemon:
    """A real `loadline serve` with its own folder and port."""

    def __init__(self, folder, *flags, port=None, env=None):
        self.folder, self.port = folder, port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.flags = flags
        self.env = env
        self.process = None

    def start(self, wait=True):
        self.log = open(os.path.join(self.folder, "log"), "a+", encoding="utf-8")
        self.process = subprocess.Popen(
            [
                BIN,
                "serve",
                f"--web.listen-address=127.0.0.1:{self.port}",
                f"--storage.path={self.folder}/data",
                *self.flags,
            ],
            env=environment(self.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.log,
            encoding="utf-8",
        )
        if wait:
            wait_until(self.is_ready)
        return self

    def is_ready(self):
        if self.process.poll() is not None:
            code = self.process.returncode
            raise AssertionError(f"the daemon ended with {code}: {self.read_log()}")
        try:
            return self.request("GET", "/-/ready")[0] == 200
        except OSError:
            return False

    def request(self, method, path, body=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            c.request(method, path, json.dumps(body) if body is not None else None, headers)
            r = c.getresponse()
            return r.status, r.read()
        finally:
            c.close()

    def read_log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8") as f:
            return f.read()

    def run(self, *args, **kw):
        kw["env"] = {**(kw.get("env") or {}), "LOADLINE_SERVER": self.url}
        return run(*args, **kw)

    def send(self, number):
        self.process.send_signal(number)

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
            self.process.stdout.close()
            self.log.close()
        return self.process.returncode


@contextlib.contextmanager
def daemon(*flags, env=None):
    with tempfile.TemporaryDirectory() as folder:
        d = Daemon(folder, *flags, env=env).start()
        try:
            yield d
        finally:
            d.stop()


@contextlib.contextmanager
def broken_server(answer):
    """A server that misbehaves as `answer(handler)` says: what the real one must not do."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args):
            pass

        def do_GET(self):
            with contextlib.suppress(OSError):
                answer(self)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def reply(handler, status, body, content_type="application/json"):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", content_type)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)
