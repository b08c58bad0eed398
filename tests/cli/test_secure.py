"""TLS, tokens and roles, as a command meets them."""
import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest

from support import Daemon, run, wait_until

TOKEN = "correct-horse-battery-staple"


def make_certificate(folder, name):
    """A certificate for 127.0.0.1, signed by itself."""
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        + ["-nodes", "-days", "2", "-subj", "/CN=loadline"]
        + ["-addext", "subjectAltName=IP:127.0.0.1"]
        + ["-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem"],
        capture_output=True,
    )
    if made.returncode != 0:
        raise AssertionError(made.stderr)


class SecureDaemon(Daemon):
    def __init__(self, folder):
        flags = [f"--web.config.file={folder}/web.yml", f"--config.file={folder}/c.yml"]
        super().__init__(folder, *flags)
        self.url = f"https://127.0.0.1:{self.port}"

    def is_ready(self):
        if self.process.poll() is not None:
            code = self.process.returncode
            raise AssertionError(f"the daemon ended with {code}: {self.read_log()}")
        r = self.run("status", "--ready", "--ca-file", f"{self.folder}/one.pem")
        return r.returncode == 0

    def run(self, *args, **kw):
        return run(*args, "--server", self.url, **kw)


def write_web(folder, certificate, role="viewer"):
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    with open(f"{folder}/web.yml", "w", encoding="ascii") as f:
        files = f"cert_file: {certificate}.pem, key_file: {certificate}.key"
        f.write(f"tls_server_config: {{{files}}}\n")
        f.write(f"tokens:\n  - {{name: test, sha256: {digest}, role: {role}}}\n")
    os.chmod(f"{folder}/web.yml", 0o600)


@unittest.skipUnless(shutil.which("openssl"), "openssl is not here")
class Secure(unittest.TestCase):
    def setUp(self):
        scope = tempfile.TemporaryDirectory()
        self.addCleanup(scope.cleanup)
        self.folder = scope.name
        make_certificate(self.folder, "one")
        make_certificate(self.folder, "two")
        write_web(self.folder, "one")
        self.write_config("max_series: 1000")
        with open(f"{self.folder}/token", "w", encoding="ascii") as f:
            f.write(TOKEN + "\n")
        os.chmod(f"{self.folder}/token", 0o600)
        self.d = SecureDaemon(self.folder).start()
        self.addCleanup(self.d.stop)
        self.ca = ["--ca-file", f"{self.folder}/one.pem"]
        self.token = ["--token-file", f"{self.folder}/token"]

    def write_config(self, storage):
        with open(f"{self.folder}/c.yml", "w", encoding="ascii") as f:
            f.write(f"storage: {{{storage}}}\n")

    def test_the_certificate_is_verified(self):
        r = self.d.run("services", *self.token)
        self.assertEqual(r.returncode, 5)
        self.assertIn("certificate", r.stderr)
        r = self.d.run("services", *self.ca, *self.token)
        self.assertEqual((r.returncode, r.stderr), (0, ""))
        self.assertIn(f"https://127.0.0.1:{self.d.port}\n", self.d.process.stdout.readline())

    def test_a_wrong_token_is_not_allowed(self):
        with open(f"{self.folder}/wrong", "w", encoding="ascii") as f:
            f.write("guess\n")
        r = self.d.run("services", *self.ca, "--token-file", f"{self.folder}/wrong")
        self.assertEqual((r.returncode, r.stdout), (6, ""))
        self.assertIn("--token-file", r.stderr)
        self.assertNotIn("guess", r.stderr)

    def test_a_reload_takes_the_new_certificate_or_nothing(self):
        write_web(self.folder, "missing")
        self.d.send(signal.SIGHUP)
        wait_until(lambda: "reload refused" in self.d.read_log())
        self.assertEqual(self.d.run("services", *self.ca, *self.token).returncode, 0)
        write_web(self.folder, "two")
        self.d.send(signal.SIGHUP)
        two = ["--ca-file", f"{self.folder}/two.pem"]
        wait_until(lambda: self.d.run("services", *two, *self.token).returncode == 0)
        self.assertEqual(self.d.run("services", *self.ca, *self.token).returncode, 5)

    def test_a_refused_reload_keeps_users_and_certificate(self):
        shutil.copy(f"{self.folder}/one.pem", f"{self.folder}/ca.pem")
        for end in ("pem", "key"): # so that nobody can go back to them
            os.rename(f"{self.folder}/one.{end}", f"{self.folder}/gone.{end}")
        write_web(self.folder, "two", role="operator")
        self.write_config("max_series: 2000")
        self.d.send(signal.SIGHUP)
        wait_until(lambda: "storage.max_series cannot change" in self.d.read_log())
        r = self.d.run("services", "--ca-file", f"{self.folder}/ca.pem", *self.token)
        self.assertEqual((r.returncode, r.stderr), (0, ""))

    def test_doctor_sees_a_token_that_others_can_read(self):
        os.chmod(f"{self.folder}/token", 0o644)
        r = self.d.run("doctor", *self.ca, *self.token, "-o", "json")
        items = {i["check"]: i for i in json.loads(r.stdout)["items"]}
        self.assertEqual(items["token file"]["level"], "WARN")
        self.assertEqual(items["token file"]["fix"], f"chmod 600 {self.folder}/token")


if __name__ == "__main__":
    unittest.main()
