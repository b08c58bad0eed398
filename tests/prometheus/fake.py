"""A Prometheus that can be made to misbehave, and the real ones to compare with."""
import contextlib
import http.server
import json
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request

from support import free_port, wait_until

POLL = os.path.abspath(os.environ.get("PROMQL_POLL", "build/tests/prometheus/promql_poll"))


def poll(*flags, timeout=300, check=True):
    """What each poll brought, as a list."""
    r = subprocess.run([POLL, *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       encoding="utf-8", timeout=timeout)
    if check:
        assert r.returncode == 0, (r.returncode, r.stderr)
    return [json.loads(line) for line in r.stdout.splitlines()]


class Fake:
    """series: {metric: [(labels, value)]}.  `faults` maps a metric (or "*", or "names") to a
    function of the handler that answers in its place."""

    def __init__(self):
        self.series, self.faults, self.asked = {}, {}, []
        self.warnings, self.extra, self.headers = [], {}, []

    def answer(self, h, path, form):
        query = form.get("query", [""])[0]
        self.asked.append((path, query, form))
        self.headers.append(dict(h.headers))
        name = "names" if path.endswith("/values") else metric_of(query)
        fault = self.faults.get(name) or self.faults.get("*")
        if fault:
            return fault(h)
        if name == "names":
            return send(h, {"status": "success", "data": sorted(self.series)})
        at = float(form["time"][0])
        keep = not query.startswith(("rate(", "timestamp("))
        rows = [{"metric": {**({"__name__": name} if keep else {}), **labels},
                 "value": [at, value]} for labels, value in self.series.get(name, [])]
        body = {"status": "success", "data": {"resultType": "vector", "result": rows}, **self.extra}
        if self.warnings:
            body["warnings"] = self.warnings
        return send(h, body)


def metric_of(query):
    for prefix in ("rate(", "timestamp("):
        query = query[len(prefix):] if query.startswith(prefix) else query
    return query.split("{")[0].split("[")[0].split(")")[0]


def send(h, body, status=200, content_type="application/json", headers=(), length=None):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    h.send_response(status)
    h.send_header("Content-Type", content_type)
    h.send_header("Content-Length", str(len(data) if length is None else length))
    for key, value in headers:
        h.send_header(key, value)
    h.end_headers()
    h.wfile.write(data)


@contextlib.contextmanager
def serve(fake, tls=None):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version, wbufsize = "HTTP/1.1", 1 << 16

        def log_message(self, *args):
            pass

        def do_GET(self):
            at = urllib.parse.urlsplit(self.path)
            with contextlib.suppress(OSError):
                fake.answer(self, at.path, urllib.parse.parse_qs(at.query))

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with contextlib.suppress(OSError):
                fake.answer(self, self.path, urllib.parse.parse_qs(body.decode()))

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args):
            pass  # clients that are refused in the handshake

    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class Real:
    """Debian's Prometheus in a folder of its own."""

    def __init__(self, folder, config="{}", flags=()):
        self.folder, self.port, self.flags = folder, free_port(), flags
        self.url = f"http://127.0.0.1:{self.port}"
        self.config = os.path.join(folder, "prometheus.yml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(config)
        self.process = None

    def start(self):
        log = open(os.path.join(self.folder, "prometheus.log"), "a", encoding="utf-8")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={self.config}",
             f"--storage.tsdb.path={self.folder}/tsdb", "--storage.tsdb.retention.time=10y",
             f"--web.listen-address=127.0.0.1:{self.port}", "--web.enable-lifecycle",
             "--log.level=warn", *self.flags],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        wait_until(self.is_ready, 60)
        return self

    def is_ready(self):
        assert self.process.poll() is None, open(f"{self.folder}/prometheus.log").read()
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(f"{self.url}/-/ready", timeout=60).status == 200
        return False

    def query(self, expr, path="query", **form):
        data = urllib.parse.urlencode({"query": expr, **form}).encode()
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}", data, timeout=300) as r:
            return json.load(r)["data"]["result"]

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory() as name:
        yield name


def backfill(where, lines, block="24h"):
    """Blocks of a Prometheus from lines of OpenMetrics."""
    source = os.path.join(where, "history.om")
    with open(source, "w", encoding="utf-8") as f:
        f.writelines(lines)
    subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics",
                    f"--max-block-duration={block}", source, os.path.join(where, "tsdb")],
                   check=True, stdout=subprocess.DEVNULL, timeout=1800)
    os.unlink(source)


def raw_server(answer):
    """A server that sends these bytes and hangs up."""
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(16)

    def loop():
        while True:
            try:
                c, _ = s.accept()
            except OSError:
                return
            with contextlib.suppress(OSError):
                c.settimeout(5)
                c.recv(65536)
                c.sendall(answer)
            c.close()

    threading.Thread(target=loop, daemon=True).start()
    return s, f"http://127.0.0.1:{s.getsockname()[1]}"


def have(program):
    return shutil.which(program) is not None


__all__ = ["Fake", "Real", "backfill", "folder", "free_port", "have", "poll", "raw_server", "send", "serve",
           "ssl", "time", "wait_until"]
