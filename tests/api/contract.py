#!/usr/bin/env python3
"""The real daemon against its own OpenAPI document: every answer has the shape it promises.

Standard library only: the few words of JSON Schema that the document uses are checked here.
Usage: contract.py [BINARY]
"""
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from ports import free_port

KINDS = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list,
         "object": dict, "null": type(None)}


def is_kind(value, kind):
    if kind in ("integer", "number") and isinstance(value, bool):
        return False
    return isinstance(value, KINDS[kind])


class Checker:
    def __init__(self, document):
        self.schemas = document["components"]["schemas"]
        self.faults = []

    def fits(self, value, schema):
        before, self.faults = self.faults, []
        self.check(value, schema, "")
        ok, self.faults = not self.faults, before
        return ok

    def check(self, value, schema, where):
        if "$ref" in schema:
            return self.check(value, self.schemas[schema["$ref"].rsplit("/", 1)[1]], where)
        if "anyOf" in schema:
            if not any(self.fits(value, s) for s in schema["anyOf"]):
                self.faults.append(f"{where}: fits none of the alternatives: {value!r:.80}")
            return None
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if kinds and not any(is_kind(value, k) for k in kinds):
            self.faults.append(f"{where}: {value!r:.60} is not {kinds}")
            return None
        if "enum" in schema and value not in schema["enum"]:
            self.faults.append(f"{where}: {value!r} is not one of {schema['enum']}")
        if isinstance(value, dict):
            self.check_object(value, schema, where)
        if isinstance(value, list) and "items" in schema:
            for i, x in enumerate(value):
                self.check(x, schema["items"], f"{where}[{i}]")
        return None

    def check_object(self, value, schema, where):
        known, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
        for k in schema.get("required", []):
            if k not in value:
                self.faults.append(f"{where}.{k} is missing")
        for k, x in value.items():
            if k in known:
                self.check(x, known[k], f"{where}.{k}")
            elif rest is False:
                self.faults.append(f"{where}.{k} is not in the schema")
            elif isinstance(rest, dict):
                self.check(x, rest, f"{where}.{k}")


def ask(base, method, path, body=None):
    r = urllib.request.Request(base + path, method=method,
                               data=json.dumps(body).encode() if body is not None else None)
    if body is not None:
        r.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(r, timeout=10) as a:
            return a.status, a.headers.get_content_type(), a.read()
    except urllib.error.HTTPError as e:
        return e.code, e.headers.get_content_type(), e.read()


def sample_path(path, operation):
    query = {"service": "host", "resource_type": "CPU", "cursor": "contract"}
    path = path.replace("{code}", "XNYS").replace("{id}", "r7").replace("{name}", "gateway")
    need = [p["name"] for p in operation.get("parameters", []) if p["required"] and p["in"] == "query"]
    return path + ("?" + "&".join(f"{n}={query[n]}" for n in need) if need else "")


BODIES = {"/api/v1/metrics": {"metrics": [
    {"service": "a", "resource_type": "CPU", "current_value": 1, "capacity": 2},
    {"service": "b", "resource_type": "DISK", "part": "/", "current_value": 1},
    {"service": "bad"}]},
    "/api/v1/rules": {
        "targets": [{"name": "gateway", "dry_run": {"current": 4}, "max_instances": 20}],
        "rules": [{"rule_id": "r7", "target": "gateway", "resource_type": "CPU",
                   "policy": "THRESHOLD"}]}}


def expected(operation, status, kind):
    responses = operation["responses"]
    row = responses.get(str(status), responses["default"])
    return row.get("content", {}).get(kind, {}).get("schema") if row.get("content") else {}


def run(base):
    document = json.loads(ask(base, "GET", "/api/v1/openapi.json")[2])
    c, seen = Checker(document), 0
    for _ in range(2):  # before and after something was pushed
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if path in ("/api/v1/stream", "/-/reload"):
                    continue
                body = BODIES.get(path, {}) if method == "post" else None
                status, kind, text = ask(base, method.upper(), sample_path(path, operation), body)
                schema, where = expected(operation, status, kind), f"{method.upper()} {path} {status}"
                if str(status) not in operation["responses"] and status < 400:
                    c.faults.append(f"{where}: this status is not in the document")
                if kind.endswith("json") and schema is not None:
                    c.check(json.loads(text), schema, where)
                    seen += 1
        for path in ("/api/v1/top?limt=1", "/nowhere", "/api/v1/metrics"):
            status, kind, text = ask(base, "GET", path)
            if status < 400 or kind != "application/problem+json":
                c.faults.append(f"GET {path}: {status} {kind} is no problem document")
            c.check(json.loads(text), {"$ref": "#/components/schemas/Problem"}, path)
            seen += 1
    return c.faults, seen


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("LOADLINE_BIN", "build/loadline")
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as data:
        daemon = subprocess.Popen([binary, "serve", f"--web.listen-address=127.0.0.1:{port}",
                                   f"--storage.path={data}"], stdout=subprocess.DEVNULL)
        try:
            for _ in range(200):
                try:
                    if ask(base, "GET", "/-/ready")[0] == 200:
                        break
                except OSError:
                    pass
                time.sleep(0.05)
            faults, seen = run(base)
        finally:
            daemon.terminate()
            daemon.wait()
    for f in faults:
        print(f)
    print(f"{seen} answers checked, {len(faults)} faults")
    return 1 if faults or seen < 30 else 0


if __name__ == "__main__":
    sys.exit(main())
