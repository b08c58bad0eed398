"""A real daemon in mode auto over one target, whose demand asks for more than there is."""
import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import time

BIN = os.path.abspath(os.environ.get("LOADLINE_BIN", "build/loadline"))
TOKEN = "token-of-the-test-which-is-long"
RULES = """\
targets:
  - name: web
    service: web
{place}
    min_instances: 2
    max_instances: 40
    boot_delay_seconds: 0
    behavior: hpa
    capacity: {{driver: API_CALLS, units_per_instance: 100}}
rules:
  - rule_id: band
    target: web
    resource_type: API_CALLS
    policy: THRESHOLD
    mode: auto
    thresholds: {{warning_pct: 70, critical_pct: 95, scale_up_pct: 80, scale_down_pct: 40, cooldown_seconds: 0}}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Daemon:
    """place: the target's, as YAML behind four spaces."""

    def __init__(self, folder, place, env=None):
        os.makedirs(folder)
        self.folder, self.port, self.process = folder, free_port(), None
        self.env = {**os.environ, "LC_ALL": "C", "TZ": "UTC0", **(env or {})}
        self.put("web.yml", "tokens:\n  - {name: test, sha256: %s, role: admin}\n"
                 % hashlib.sha256(TOKEN.encode()).hexdigest(), 0o600)
        self.put("rules.yml", RULES.format(place=place))
        self.put("main.yml", "web: {config_file: web.yml}\nenable_auto_scaling: true\n"
                 "check_interval_seconds: 1\nscaling: {rules_files: [rules.yml], mode: auto}\n")

    def path(self, name):
        return os.path.join(self.folder, name)

    def put(self, name, text, mode=0o644):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(self.path(name), mode)

    def start(self):
        with open(self.path("log"), "ab") as log:
            self.process = subprocess.Popen(
                [BIN, "serve", f"--config.file={self.path('main.yml')}", f"--storage.path={self.path('data')}",
                 f"--web.listen-address=127.0.0.1:{self.port}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env)
        self.wait(self.is_ready)
        return self

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the daemon ended with {self.process.returncode}: {self.said()}")
        try:
            return self.ask("GET", "/-/ready")[0] == 200
        except OSError:
            return False

    def said(self):
        with open(self.path("log"), encoding="utf-8", errors="replace") as f:
            return f.read()[-2000:]

    def wait(self, what, seconds=300):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            got = what()
            if got:
                return got
            time.sleep(0.1)
        raise AssertionError(f"not within {seconds} s: {what}\n{self.said()}")

    def ask(self, method, path, body=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            c.request(method, path, None if body is None else json.dumps(body),
                      {"Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"})
            r = c.getresponse()
            text = r.read()
            return r.status, json.loads(text) if text[:1] in (b"{", b"[") else text
        finally:
            c.close()

    def push(self, demand):
        status, body = self.ask("POST", "/api/v1/metrics", {"metrics": [
            {"service": "web", "resource_type": "API_CALLS", "current_value": demand, "capacity": 300}]})
        if status != 200:
            raise AssertionError((status, body))

    def actions(self):
        status, body = self.ask("GET", "/api/v1/actions")
        if status != 200:
            raise AssertionError((status, body))
        return body["items"] if "items" in body else body

    def kill(self, number=signal.SIGKILL):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(120)
