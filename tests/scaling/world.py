"""A daemon that may act, with targets of its own, somebody who is told, and samples by hand.

Rules here act at once and inwards too: no windows, no cooldowns, Kubernetes' rates.  So where
nothing is scaled in, it is not for want of time."""
import contextlib
import hashlib
import http.server
import importlib.util
import json
import os
import tempfile
import threading

from receivers import Hook
from support import Daemon, wait_until

TOKEN = "token-of-an-admin-who-may-all-of-it"
TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def load(name, path):
    """A module that has the name of another one here."""
    spec = importlib.util.spec_from_file_location(name, os.path.join(TESTS, path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


execute = load("execute_support", "execute/support.py")


def rule(**more):
    return {
        "rule_id": "band", "target": "gateway", "resource_type": "API_CALLS", "policy": "THRESHOLD",
        "mode": "auto", "stale_seconds": 5,
        "thresholds": {"warning_pct": 70, "critical_pct": 95, "scale_up_pct": 80,
                       "scale_down_pct": 40, "cooldown_seconds": 0}, **more}


def target(place=None, **more):
    return {
        "name": "gateway", "service": "orders", "min_instances": 2, "max_instances": 20,
        "capacity": {"driver": "api_calls", "units_per_instance": 100},
        "behavior": {"profile": "hpa", "scaleDown": {
            "stabilizationWindowSeconds": 0,
            "policies": [{"type": "Pods", "value": 1, "periodSeconds": 1}]}},
        **(place or {"dry_run": {"current": 8}}), **more}


class World(Daemon):
    """The daemon; `hook` heard what was told."""

    def __init__(self, folder, hook, **config):
        self.hook = hook
        path, web = os.path.join(folder, "loadline.yml"), os.path.join(folder, "web.yml")
        collect = {"host": {"enabled": False}, **config.pop("collect", {})}
        scaling = {"mode": "auto", "removal_budget_pct": 100, **config.pop("scaling", {})}
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"check_interval_seconds": 1, "enable_auto_scaling": True, "collect": collect,
                       "scaling": scaling, "web": {"config_file": web},
                       "notifications": {"group_wait": "0s", "group_interval": "1s", "receivers": [
                           {"name": "ops", "kind": "webhook", "url": hook.url}]}, **config}, f)
        with open(web, "w", encoding="utf-8") as f:
            digest = hashlib.sha256(TOKEN.encode()).hexdigest()
            json.dump({"tokens": [{"name": "ops", "sha256": digest, "role": "admin"}]}, f)
        self.token_file = os.path.join(folder, "token")
        with open(self.token_file, "w", encoding="utf-8") as f:
            f.write(TOKEN)
        os.chmod(web, 0o600)
        super().__init__(folder, f"--config.file={path}")

    def request(self, method, path, body=None):
        import http.client
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            headers = {"Authorization": "Bearer " + TOKEN}
            if body is not None:
                headers["Content-Type"] = "application/json"
            c.request(method, path, json.dumps(body) if body is not None else None, headers)
            r = c.getresponse()
            return r.status, r.read()
        finally:
            c.close()

    def ask(self, method, path, body=None):
        status, text = self.request(method, path, body)
        if status >= 300:
            raise AssertionError((method, path, status, text))
        return json.loads(text) if text else None

    def get(self, path):
        return self.ask("GET", "/api/v1" + path)

    def run(self, *args, **kw):
        return super().run(*args, env={"LOADLINE_TOKEN_FILE": self.token_file}, **kw)

    def said(self, *args, code=0):
        """What a command prints, both ways."""
        done = self.run(*args)
        if done.returncode != code:
            raise AssertionError((args, done.returncode, done.stdout, done.stderr))
        return done.stdout + done.stderr

    def rounds(self, n=3, name="gateway"):
        """The target is read n times, an interval between them, and decided about after each."""
        for _ in range(n):
            self.last(name)
            seen = self.target(name)["seen_at"]
            self.until(lambda seen=seen: (self.last(name), self.target(name)["seen_at"] != seen)[1])

    def push(self, value, **more):
        self.ask("POST", "/api/v1/metrics", {"metrics": [
            {"service": "orders", "resource_type": "API_CALLS", "current_value": value,
             "capacity": 800, **more}]})

    def apply(self, rules, targets):
        path = os.path.join(self.folder, "rules.yaml")
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"targets": targets, "rules": rules}, f)
        return self.said("rules", "apply", "-f", path)

    def target(self, name="gateway"):
        return self.get(f"/targets/{name}")

    def last(self, name="gateway"):
        """What is decided now."""
        answer = self.ask("POST", f"/api/v1/evaluate?target={name}")
        found = answer["items"] if "items" in answer else [answer]
        return found[0]["last"]

    def actions(self, name="gateway", **more):
        found = self.get(f"/actions?target={name}")["items"]
        return [a for a in found if all(a[k] == v for k, v in more.items())]

    def told(self, kind, status=None):
        """Notices of a kind that were delivered."""
        found = []
        for s in self.hook.requests(204):
            body = json.loads(s["body"])
            if body["type"] == "loadline." + kind:
                found += [n for n in body["data"]["notices"] if status in (None, n["status"])]
        return found

    def until(self, what, seconds=30):
        return wait_until(what, seconds, 0.2)

    def until_decided(self, **want):
        """Waits for a decision with these members; returns it."""
        def there():
            d = self.last()
            return d if d and all(d[k] == v for k, v in want.items()) else None
        return self.until(there)

    def until_action(self, state, name="gateway"):
        return self.until(lambda: next(iter(self.actions(name, state=state)), None))

    def settle(self, value=480, **more):
        """A target that is read, with the load it is made for: 60 %."""
        self.until(lambda: self.target()["current"] is not None)

        def at_rest():
            self.push(value, **more)
            return self.last()["verdict"] == "nothing" and self.last()
        return self.until(at_rest)

    def count(self, name="gateway"):
        return self.target(name)["current"]

    def scaled_in(self, name="gateway"):
        return [a for a in self.actions(name, direction="SCALE_IN") if a["state"] != "observed"]


@contextlib.contextmanager
def world(rules=None, targets=None, env=None, **config):
    hook = Hook()
    with tempfile.TemporaryDirectory(prefix="loadline-day-") as folder:
        d = World(folder, hook, **config)
        d.env = env
        try:
            d.start()
            if rules is not None:
                d.apply(rules, targets or [target()])
            yield d
        finally:
            if d.process:
                d.stop()
            hook.stop()


class Page:
    """A page of metrics: `text` is answered; None = the door is shut."""

    def __init__(self, text=""):
        self.text, self.server = text, None
        page = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_GET(self):
                data = page.text.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


@contextlib.contextmanager
def stub_of(folder):
    s = execute.Stub(folder)
    try:
        yield s
    finally:
        s.close()
