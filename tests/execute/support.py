"""What the tests of executors share: the stub, the driver, and targets of each kind."""
import base64
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
DRIVER = os.environ.get("ACT_DRIVER") or os.path.join(
    os.environ.get("BUILD", "build"), "tests", "execute", "act_driver")
SECRETS = [b"a secret of the test, 32 bytes...", b"another secret of it, 32 bytes.."]
KINDS = ("webhook", "kubernetes", "aws_asg", "exec")


def driver(*args, env=None, check=True):
    """One run of the driver; its answer as a dict."""
    r = subprocess.run([DRIVER, *args], capture_output=True, text=True, timeout=120,
                       env={**os.environ, **(env or {})})
    if check and (r.returncode != 0 or not r.stdout.startswith("{")):
        raise AssertionError(f"{args}: exit code {r.returncode}\n{r.stdout}{r.stderr[-3000:]}")
    return json.loads(r.stdout) if r.stdout.startswith("{") else {"killed": r.returncode}


class Stub:
    """tests/execute/stub.py, running."""

    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen([sys.executable, os.path.join(HERE, "stub.py")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.port, self.tls_port, self.cert = re.match(
            r"port (\d+) tls-port (\d+) cert (\S+)", line).groups()
        self.url = f"http://127.0.0.1:{self.port}"
        self.tls_url = f"https://127.0.0.1:{self.tls_port}"
        self.secret_file = self.file("hook.secret", "\n".join(
            "whsec_" + base64.b64encode(s).decode() for s in SECRETS))
        self.token_file = self.file("token", "token-of-the-test\n")
        self.credentials = self.file("credentials", "[default]\naws_access_key_id = AKIDTEST\n"
                                     "aws_secret_access_key = secret-of-the-test\n"
                                     "aws_session_token = session-of-the-test\n")

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(urllib.request.Request(self.url + path, data=data), timeout=60) as r:
            return json.loads(r.read())

    def fault(self, name, fault, **more):
        self.ask("/_ctl", {"name": name, "fault": fault, **more})

    def set(self, name, **what):
        self.ask("/_set", {"name": name, **what})

    def requests(self, name):
        return [r for r in self.ask("/_requests") if r["name"] == name]

    def log(self, name):
        return [r for r in self.ask("/_log") if r["name"] == name]

    def make(self, folder, kind, name):
        return make(folder, self, kind, name)

    def wait_until_idle(self):
        """What was on its way when its sender died has arrived."""
        while self.ask("/_busy") > 0:
            time.sleep(0.005)

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)


class Http:
    """A target of the stub."""

    def __init__(self, stub, kind, name):
        self.stub, self.kind, self.name = stub, kind, name

    def args(self):
        s = self.stub
        return {
            "webhook": [f"url={s.url}/hook/{self.name}", f"secret_file={s.secret_file}"],
            "kubernetes": [f"server={s.url}", f"token_file={s.token_file}", "group_version=apps/v1",
                           "resource=deployments", "namespace=prod", f"name={self.name}"],
            "aws_asg": ["region=eu-test-1", f"group={self.name}", f"endpoint={s.url}",
                        f"credentials_file={s.credentials}"],
        }[self.kind]

    def fault(self, fault, on="write", **more):
        self.stub.fault(self.name, fault, on=on, **more)

    def clear(self):
        self.stub.ask("/_ctl", {"name": self.name, "clear": True})

    def current(self):
        return self.stub.ask(f"/_state?name={self.name}")["current"]

    def changes(self):
        return [(r["from"], r["to"]) for r in self.stub.log(self.name)]


class Command:
    """A target behind a command."""
    kind = "exec"

    def __init__(self, folder, name):
        self.folder = os.path.join(folder, name)
        os.mkdir(self.folder)
        self.put("state", "3")

    def path(self, name):
        return os.path.join(self.folder, name)

    def put(self, name, text, mode="w"):
        with open(self.path(name), mode) as f:
            f.write(text)

    def get(self, name):
        if not os.path.exists(self.path(name)):
            return ""
        with open(self.path(name)) as f:
            return f.read()

    def args(self):
        return [f"argv={os.path.join(HERE, 'command.py')}", f"argv={self.folder}"]

    def fault(self, fault, on="write", count=1, skip=0):
        prefix = "observe:" if on == "read" else ""
        self.put("faults", (prefix + "none\n") * skip + (prefix + fault + "\n") * count, "a")

    def clear(self):
        self.put("faults", "")

    def current(self):
        return int(self.get("state"))

    def changes(self):
        lines = [line.split() for line in self.get("log").splitlines()]
        return [(int(f), int(t)) for _, f, t in lines]


@contextlib.contextmanager
def bench():
    """A folder and a running stub."""
    with tempfile.TemporaryDirectory(prefix="loadline-act-") as folder:
        stub = Stub(folder)
        try:
            yield folder, stub
        finally:
            stub.close()


def make(folder, stub, kind, name):
    return Command(folder, name) if kind == "exec" else Http(stub, kind, name)
