#!/usr/bin/env python3
"""P25 in small: beyond loopback only with TLS and users; over TLS, a role for each thing."""
import hashlib
import http.client
import json
import os
import socket
import ssl
import subprocess
import warnings

from live import BIN, Day, free_port, sample, span, until

warnings.simplefilter("ignore", DeprecationWarning)  # old TLS is asked for on purpose
ROLES = ("viewer", "operator", "editor", "admin")


def serve(*flags):
    return subprocess.run([BIN, "serve", *flags], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=span(20), check=False)


def certificate(folder, name):
    cert, key = os.path.join(folder, f"{name}.pem"), os.path.join(folder, f"{name}.key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
                   check=True, capture_output=True)
    return cert, key


def ask(port, cert, method, path, token=None, body=None, low=False, headers=None):
    context = ssl.create_default_context(cafile=cert)
    if low:
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
    c = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=span(10))
    try:
        extra = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            extra["Content-Type"] = "application/json"
        c.request(method, path, json.dumps(body) if body is not None else None, {**extra, **(headers or {})})
        r = c.getresponse()
        return r.status, r.read()
    finally:
        c.close()


def refusals(day, web_tokens, web_tls):
    base = (f"--storage.path={day.folder}/refused", f"--web.listen-address=0.0.0.0:{free_port()}")
    for name, flags in (("nothing", ()), ("tokens only", (f"--web.config.file={web_tokens}",)),
                        ("TLS only", (f"--web.config.file={web_tls}",))):
        try:
            r = serve(*base, *flags)
        except subprocess.TimeoutExpired:
            day.must(False, f"beyond loopback with {name}: it serves")
            continue
        day.must(r.returncode > 0 and "loopback" in r.stderr, f"beyond loopback with {name}: {r.returncode} {r.stderr[-300:]}")


def roles(day, port, cert, tokens):
    write = {"metrics": [sample()]}
    least = {("GET", "/api/v1/summary"): 0, ("GET", "/metrics"): 0, ("POST", "/api/v1/metrics"): 1, ("POST", "/-/reload"): 3}
    n = 0
    for (method, path), need in least.items():
        body = write if path == "/api/v1/metrics" else {} if method == "POST" else None
        for i, role in enumerate(ROLES):
            status, text = ask(port, cert, method, path, tokens[role], body)
            wanted = (200, 204) if i >= need else (403,)
            day.must(status in wanted, f"{role} {method} {path}: {status}, not {wanted}: {text[:150]}")
            n += 1
        for what, token in (("no token", None), ("a wrong token", "f" * 64)):
            status, text = ask(port, cert, method, path, token, body)
            day.must(status == 401, f"{what} {method} {path}: {status}: {text[:150]}")
            n += 1
    status, _ = ask(port, cert, "GET", "/-/healthy")
    day.must(status == 200, f"a probe without a token: {status}")
    status, _ = ask(port, cert, "GET", "/api/v1/summary", tokens["expired"])
    day.must(status == 401, f"an expired token: {status}")
    status, _ = ask(port, cert, "POST", "/api/v1/metrics", tokens["admin"], write, headers={"Origin": "https://evil.example"})
    day.must(status == 403, f"a foreign Origin: {status}")
    status, _ = ask(port, cert, "GET", "/api/v1/summary", tokens["admin"], headers={"Host": "evil.example"})
    day.must(status == 421, f"a foreign Host: {status}")
    return n


def main():
    with Day("doors") as day:
        day.need_tools("openssl")
        cert, key = certificate(day.folder, "one")
        tokens = {r: os.urandom(16).hex() for r in (*ROLES, "expired")}

        def listed(which):
            return "tokens:\n" + "".join(
                f"  - name: {r}\n    sha256: {hashlib.sha256(tokens[r].encode()).hexdigest()}\n    role: "
                f"{r if r in ROLES else 'admin'}\n" + ("    expires: 2020-01-01T00:00:00Z\n" if r == "expired" else "")
                for r in which)

        def web(name, text):
            path = os.path.join(day.folder, name)
            with open(path, "w", encoding="ascii") as f:
                f.write(text)
            os.chmod(path, 0o600)
            return path

        tls = f"tls_server_config:\n  cert_file: {cert}\n  key_file: {key}\n"
        refusals(day, web("tokens.yml", listed(ROLES)), web("tls.yml", tls))
        both = web("both.yml", tls + listed(tokens))
        d = day.daemon(f"--web.config.file={both}")
        d.start(wait=0)
        ready = until(lambda: b"ready" in d.said().encode(), 15)
        day.need(ready is not None and d.alive(), f"TLS and tokens: {d.said()[-500:]}")
        n = roles(day, d.port, cert, tokens)
        for name in ("plain HTTP", "garbage", "half a handshake"):
            with d.connect(2) as s:
                s.sendall({"plain HTTP": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "garbage": os.urandom(500),
                           "half a handshake": b"\x16\x03\x01\x02\x00\x01\x00"}[name])
        try:
            day.must(False, f"TLS 1.1 is spoken: {ask(d.port, cert, 'GET', '/-/healthy', low=True)[0]}")
        except (ssl.SSLError, OSError):
            pass
        # A revoked token and a new certificate, without a restart.
        new_cert, new_key = certificate(day.folder, "two")
        os.replace(new_cert, cert)
        os.replace(new_key, key)
        web("both.yml", tls + listed(("admin", "viewer")))
        d.process.send_signal(1)
        day.must(until(lambda: ssl.get_server_certificate(("127.0.0.1", d.port)) == open(cert, encoding="ascii").read(), 5, 0.1)
                 is not None, "the new certificate is not shown")
        day.must(ask(d.port, cert, "GET", "/api/v1/summary", tokens["operator"])[0] == 401, "a revoked token still works")
        day.must(ask(d.port, cert, "GET", "/api/v1/summary", tokens["admin"])[0] == 200, "a token that stays does not work")
        log = d.said()
        day.must(not any(t in log for t in tokens.values()), "a token is in the log")
        with open(f"/proc/{d.pid}/cmdline", encoding="ascii") as f:
            day.must(not any(t in f.read() for t in tokens.values()), "a token is in the arguments")
        # Guessing is slowed down.
        statuses = [ask(d.port, cert, "GET", "/api/v1/summary", "e" * 64)[0] for _ in range(15)]
        day.must(429 in statuses, f"15 wrong tokens got {statuses}")
        day.must(d.end()[0] == 0, f"it did not end well: {d.said()[-500:]}")
        day.figures = {"role_cells": n, "refused_binds": 3}


main()
