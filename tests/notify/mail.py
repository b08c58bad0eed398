"""An SMTP server for tests: one mail a connection, STARTTLS and AUTH PLAIN when told so."""
import base64
import contextlib
import os
import socketserver
import ssl
import subprocess
import threading


def certificate(folder):
    """A certificate of its own for localhost: (certificate, key)."""
    cert, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, stderr=subprocess.DEVNULL)
    return cert, key


class Session(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")
        self.wfile.flush()

    def greet(self, encrypted):
        s = self.server
        lines = ["localhost"]
        if s.context and not encrypted:
            lines.append("STARTTLS")
        if s.password:
            lines.append("AUTH PLAIN")
        for i, line in enumerate(lines):
            self.say(f"250{' ' if i + 1 == len(lines) else '-'}{line}")

    def encrypt(self):
        self.say("220 go on")
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.setup_files()

    def setup_files(self):
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb")

    def authorize(self):
        self.say("334 ")
        _, user, password = base64.b64decode(self.rfile.readline()).split(b"\0")
        ok = (user.decode(), password.decode()) == ("loadline", self.server.password)
        self.say("235 ok" if ok else "535 no")
        return ok

    def read_data(self):
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def handle(self):
        with contextlib.suppress(OSError, ssl.SSLError):
            self.talk()

    def talk(self):
        mail = {"to": [], "encrypted": False, "user": False}
        self.say("220 localhost")
        while line := self.rfile.readline().decode("ascii", "replace").strip():
            verb = line.split(":")[0].upper()
            if verb.startswith("EHLO"):
                self.greet(mail["encrypted"])
            elif verb == "STARTTLS":
                self.encrypt()
                mail["encrypted"] = True
            elif verb.startswith("AUTH"):
                mail["user"] = self.authorize()
            elif verb == "MAIL FROM":
                answer = self.server.answers.pop(0) if self.server.answers else "250 ok"
                mail["from"] = line.split(":", 1)[1]
                self.say(answer)
            elif verb == "RCPT TO":
                mail["to"].append(line.split(":", 1)[1])
                self.say("250 ok")
            elif verb == "DATA":
                mail["data"] = self.read_data()
                self.server.mails.append(mail)
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self, context=None, password=None):
        super().__init__(("127.0.0.1", 0), Session)
        self.context, self.password = context, password
        self.mails, self.answers = [], []
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


@contextlib.contextmanager
def server(cert=None, key=None, password=None):
    context = None
    if cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
    s = Server(context, password)
    try:
        yield s
    finally:
        s.shutdown()
        s.server_close()
