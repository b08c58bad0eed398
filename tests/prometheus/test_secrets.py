"""Who Loadline says it is, to whom, and that nobody else learns it."""
import base64
import os
import ssl
import subprocess
import tempfile
import unittest

from fake import Fake, poll, send, serve

SECRET = "s3cr3t-of-the-test"


def make_certificates(folder):
    """An authority, a server's and a client's certificate."""
    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem")
    with open(os.path.join(folder, "ext"), "w", encoding="ascii") as f:
        f.write("subjectAltName=IP:127.0.0.1\n")
    for who in ("server", "client"):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                f"/CN={who}", "-keyout", f"{who}.key", "-out", f"{who}.csr")
        openssl("x509", "-req", "-in", f"{who}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-days", "2", "-extfile", "ext", "-out", f"{who}.pem")


class Secrets(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.fake = Fake()
        self.fake.series = {"load": [({"instance": "a"}, "1")]}

    def file(self, name, content):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as f:
            f.write(content)
        return path

    def poll(self, *flags, tls=None):
        with serve(self.fake, tls) as url:
            return poll(f"--url={url}", "--ask=load", *flags)[0]

    def test_bearer_and_tenant(self):
        token = self.file("token", SECRET.encode() + b"\n")
        self.assertTrue(self.poll(f"--token-file={token}", "--tenant=team-a")["ok"])
        for h in self.fake.headers:
            self.assertEqual(h["Authorization"], f"Bearer {SECRET}")
            self.assertEqual(h["X-Scope-OrgID"], "team-a")

    def test_basic(self):
        password = self.file("password", SECRET.encode() + b"\r\n")
        self.assertTrue(self.poll("--username=ann", f"--password-file={password}")["ok"])
        want = "Basic " + base64.b64encode(f"ann:{SECRET}".encode()).decode()
        self.assertEqual({h["Authorization"] for h in self.fake.headers}, {want})

    def test_nothing_is_sent_unasked(self):
        self.poll()
        self.assertFalse([h for h in self.fake.headers if "Authorization" in h])

    def test_a_redirect_takes_no_token_elsewhere(self):
        other = Fake()
        token = self.file("token", SECRET.encode())
        with serve(other) as elsewhere:
            self.fake.faults["*"] = lambda h: send(
                h, b"", 307, headers=[("Location", f"{elsewhere}/api/v1/query")])
            p = self.poll(f"--token-file={token}")
        self.assertEqual((p["ok"], other.asked), (False, []))
        self.assertIn("final URL", p["error"])

    def test_files_that_are_no_secret(self):
        cases = {b"": "empty", b" \n": "empty", b"a\0b": "control character",
                 b"a\nX-Evil: 1": "control character", b"x" * 20000: "over 16384 bytes"}
        for content, reason in cases.items():
            p = self.poll(f"--token-file={self.file('token', content)}")
            self.assertFalse(p["ok"])
            self.assertIn(reason, p["error"])
        self.assertFalse(self.poll("--token-file=/nonexistent/token")["ok"])
        self.assertEqual(self.fake.asked, [])

    def test_no_error_tells_a_secret(self):
        token = self.file("token", SECRET.encode())
        for status in (400, 401, 403, 404, 429, 500):
            self.fake.faults["*"] = lambda h: send(h, b"", status)
            p = self.poll(f"--token-file={token}", "--username=ann", f"--password-file={token}")
            self.assertNotIn(SECRET, str(p))
        p = poll("--url=http://127.0.0.1:1", "--ask=load", f"--token-file={token}")[0]
        self.assertNotIn(SECRET, str(p))

    def tls(self, want_client):
        make_certificates(self.folder.name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path("server.pem"), self.path("server.key"))
        if want_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.path("ca.pem"))
        return context

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def test_tls_is_trusted_only_with_its_authority(self):
        context = self.tls(False)
        p = self.poll(tls=context)
        self.assertEqual((p["ok"], p["code"]), (False, "unreachable"))
        self.assertTrue(self.poll(f"--ca-file={self.path('ca.pem')}", tls=context)["ok"])
        self.assertTrue(self.poll("--insecure=yes", tls=context)["ok"])

    def test_mutual_tls(self):
        context = self.tls(True)
        trust = f"--ca-file={self.path('ca.pem')}"
        self.assertFalse(self.poll(trust, tls=context)["ok"])
        p = self.poll(trust, f"--cert-file={self.path('client.pem')}",
                      f"--key-file={self.path('client.key')}", tls=context)
        self.assertTrue(p["ok"], p)
        p = self.poll(trust, "--cert-file=/nonexistent.pem",
                      f"--key-file={self.path('client.key')}", tls=context)
        self.assertFalse(p["ok"])
