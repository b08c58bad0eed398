#!/usr/bin/env python3
"""Signatures of webhooks with their verdicts: webhooks.py LOADLINE [FILE]."""
import base64
import json
import os
import subprocess
import sys
import tempfile

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "standard-webhooks", "vectors.json")


def main():
    program, path = sys.argv[1], (sys.argv[2:] + [FILE])[0]
    with open(path) as f:
        cases = json.load(f)
    passed = failed = 0

    def run(verb, case, headers, now, secret):
        r = subprocess.run(
            [program, "webhook", verb, *secret, "--id", headers.get("webhook-id", ""),
             "--timestamp", headers.get("webhook-timestamp", ""),
             "--signature", headers.get("webhook-signature", ""), "--now", str(now)],
            input=base64.b64decode(case["payload_b64"]), capture_output=True, timeout=60)
        return r.returncode, r.stdout.decode(), r.stderr.decode()

    def check(name, ok, why):
        nonlocal passed, failed
        passed, failed = passed + ok, failed + (not ok)
        if not ok:
            print(f"FAIL {name}: {why}")

    with tempfile.NamedTemporaryFile("w") as f:
        for c in cases["sign"]:
            f.seek(0)
            f.truncate()
            f.write(c["secret"] + "\n")
            f.flush()
            headers = {"webhook-id": c["id"], "webhook-timestamp": str(c["timestamp"])}
            for secret in (("--secret", c["secret"]), ("--secret-file", f.name)):
                got = run("sign", c, headers, c["timestamp"], secret)
                check(c["name"], got[:2] == (0, c["signature"] + "\n"), got)
    for c in cases["verify"]:
        got = run("verify", c, c["headers"], c["now"], ("--secret", c["secret"]))
        check(c["name"], got[0] == (0 if c["valid"] else 1) and got[1] == "", got)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
