#!/usr/bin/env python3
"""A target that lies, breaks and is slow when it is told to: speaks the scale subresource of
Kubernetes, the query API of AWS Auto Scaling and webhooks, and keeps a log of what it applied.

usage: stub.py [--port P]      prints "port N tls-port M" and serves until its input ends

POST /_ctl {"name": target, "fault": F, "count": n, "skip": n, "on": "write"|"read"|"any"}
GET  /_log          every applied change: name, kind, key, from, to
GET  /_state?name=  what the target has
GET  /_busy         connections that are open beside this one
POST /_set {"name":…, "current":…, …}

Each target begins with 3 units.  A key that was seen is answered as before and not applied again.
"""
import argparse
import hashlib
import hmac
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from xml.sax.saxutils import escape

HANG_S = 60

#: What a real kube-apiserver answered: recorded/README.md.  The fault recorded:NAME is such an answer.
RECORDED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recorded", "kube-apiserver.json")

#: Faults by name.  apply: whether a change is made before the answer goes wrong.
FAULTS = [
    "conflict", "too_many", "unavailable", "unavailable_after", "unauthorized", "forbidden",
    "not_found", "server_error", "server_error_after", "hang", "hang_after", "reset",
    "reset_after", "cut_header", "cut_body", "html", "garbage", "huge", "drip", "wrong_kind",
    "redirect", "gone",
]
APPLIES = {"unavailable_after", "server_error_after", "hang_after", "reset_after", "cut_header",
           "cut_body", "html", "garbage", "huge", "drip", "wrong_kind"}
STATUS = {"conflict": 409, "too_many": 429, "unavailable": 503, "unavailable_after": 503,
          "unauthorized": 401, "forbidden": 403, "not_found": 404, "server_error": 500,
          "server_error_after": 500, "redirect": 302, "gone": 410}

lock = threading.Lock()
targets, log, faults, requests = {}, [], {}, []
stopping = threading.Event()
open_conns = set()


def target(name):
    return targets.setdefault(name, {
        "current": 3, "ready": 3, "min": 1, "max": 1000, "version": 100, "seen": {},
        "suspended": [], "deleted": False})


def pop_fault(name, write):
    for f in faults.get(name, []):
        if f["on"] != "any" and (f["on"] == "write") != write:
            continue
        if f["skip"] > 0:
            f["skip"] -= 1
            continue
        if f["count"] > 0:
            f["count"] -= 1
            return f["fault"]
    return None


def change(name, kind, key, to):
    """Makes the change and logs it, unless the key was seen or nothing changes."""
    t = target(name)
    if key and key in t["seen"]:
        return
    if key:
        t["seen"][key] = to
    if to != t["current"]:
        log.append({"name": name, "kind": kind, "key": key, "from": t["current"], "to": to})
        t["current"] = t["ready"] = to
        t["version"] += 1


class Answer:
    def __init__(self, status=200, body=b"", content_type="application/json", headers=()):
        self.status, self.body = status, body if isinstance(body, bytes) else body.encode()
        self.content_type, self.headers = content_type, list(headers)


def as_json(value, status=200):
    return Answer(status, json.dumps(value))


# Kubernetes

def kube_status(code, reason, message):
    return as_json({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                    "message": message, "reason": reason, "code": code}, code)


def scale_of(name, namespace):
    t = target(name)
    spec = {"replicas": t["current"]} if t["current"] else {}
    return {"kind": "Scale", "apiVersion": "autoscaling/v1",
            "metadata": {"name": name, "namespace": namespace, "uid": "6b1f",
                         "resourceVersion": str(t["version"])},
            "spec": spec, "status": {"replicas": t["ready"], "selector": f"app={name}"}}


def kube_scale(request, namespace, name):
    t = target(name)
    if t["deleted"]:
        return kube_status(404, "NotFound", f'deployments.apps "{name}" not found')
    if request.method == "PUT":
        body = json.loads(request.body)
        if body.get("kind") != "Scale" or body["metadata"]["name"] != name:
            return kube_status(400, "BadRequest", "not that Scale")
        version = body["metadata"].get("resourceVersion")
        if version and version != str(t["version"]):
            return kube_status(409, "Conflict", "the object has been modified; please apply your "
                               "changes to the latest version and try again")
        change(name, "kubernetes", None, body["spec"].get("replicas", 0))
    return as_json(scale_of(name, namespace))


def kube_list(kind, group_version, items):
    return as_json({"kind": kind + "List", "apiVersion": group_version, "metadata": {},
                    "items": items})


def workload(request, namespace, name):
    t = target(name)
    if t["deleted"]:
        return kube_status(404, "NotFound", f'deployments.apps "{name}" not found')
    return as_json({"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": name},
                    "spec": {"replicas": t["current"], "template": {"spec": {"containers": [
                        {"name": "app"}]}}},
                    "status": {"replicas": t["current"], "readyReplicas": t["ready"]}})


OWNERS = {"horizontalpodautoscalers": ("HorizontalPodAutoscaler", "minReplicas", "maxReplicas"),
          "scaledobjects": ("ScaledObject", "minReplicaCount", "maxReplicaCount")}


def owner_of(resource, group_version, name):
    """The autoscaler `name` scales the deployment of that name without its ending -owner."""
    kind, low, high = OWNERS[resource]
    t = target(name)
    ref = {"name": name.removesuffix("-owner")}
    if kind == "HorizontalPodAutoscaler":
        ref = {**ref, "kind": "Deployment", "apiVersion": "apps/v1"}
    spec = {"scaleTargetRef": ref, high: t["max"], **t.get("spec", {})}
    if t["current"] != (1 if low == "minReplicas" else 0):
        spec[low] = t["current"]
    return {"kind": kind, "apiVersion": group_version,
            "metadata": {"name": name, "resourceVersion": str(t["version"])}, "spec": spec}


def item_of(resource, group_version, name):
    """In a list, objects of the server's own types do not say what they are; those of a definition do."""
    o = owner_of(resource, group_version, name)
    return {"metadata": o["metadata"], "spec": o["spec"]} if resource == "horizontalpodautoscalers" else o


def kube_owner(request, group_version, resource, name):
    t = target(name)
    low = OWNERS[resource][1]
    if request.method == "PATCH":
        body = json.loads(request.body)
        if request.headers["content-type"] != "application/merge-patch+json":
            return kube_status(415, "UnsupportedMediaType", "not a merge patch")
        if set(body) != {"metadata", "spec"} or set(body["spec"]) != {low}:
            return kube_status(422, "Invalid", "more than the floor")
        if body["metadata"]["resourceVersion"] != str(t["version"]):
            return kube_status(409, "Conflict", "the object has been modified")
        change(name, "kubernetes", None, body["spec"][low])
    return as_json(owner_of(resource, group_version, name))


def pod(name, i):
    t = target(name)
    size = t["pods"][i]
    resources = {"requests": {"cpu": size, "memory": "128Mi"}}
    if t.get("limited"):
        resources["limits"] = {"cpu": size}
    return {"metadata": {"name": f"{name}-{i}", "resourceVersion": str(t["version"])},
            "spec": {"containers": [{"name": "side", "resources": {}},
                                    {"name": "app", "resources": resources}]},
            "status": {"phase": "Running"}}


def resize(request, name, i):
    t = target(name)
    if t.get("old"):
        return kube_status(404, "NotFound", "the server could not find the requested resource")
    if request.headers["content-type"] != "application/strategic-merge-patch+json":
        return kube_status(415, "UnsupportedMediaType", "not a strategic merge patch")
    body = json.loads(request.body)
    if body["metadata"]["resourceVersion"] != str(t["version"]):
        return kube_status(409, "Conflict", "the object has been modified")
    t["pods"][i] = body["spec"]["containers"][0]["resources"]["requests"]["cpu"]
    return as_json({"kind": "Pod", "apiVersion": "v1", **pod(name, i)})


# AWS

def xml(action, result, status=200):
    return Answer(status, f'<{action}Response xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/">'
                  f"{result}<ResponseMetadata><RequestId>7c6e177f-f082-11e1-ac58-3714bEXAMPLE"
                  f"</RequestId></ResponseMetadata></{action}Response>", "text/xml")


def aws_error(status, code, message):
    return Answer(status, '<ErrorResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/">'
                  f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
                  "<RequestId>ddb</RequestId></ErrorResponse>", "text/xml")


def signed_by(request, secret):
    """The signature of Signature Version 4, made from the request as it came."""
    auth = request.headers.get("authorization", "")
    m = re.match(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?"
                 r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$", auth)
    if not m:
        return None
    key_id, day, region, service, names, signature = m.groups()
    head = "".join(f"{n}:{' '.join(request.headers[n].split())}\n" for n in names.split(";"))
    canonical = "\n".join([request.method, request.path.split("?")[0], "", head, names,
                           hashlib.sha256(request.body).hexdigest()])
    text = "\n".join(["AWS4-HMAC-SHA256", request.headers["x-amz-date"],
                      f"{day}/{region}/{service}/aws4_request",
                      hashlib.sha256(canonical.encode()).hexdigest()])
    k = ("AWS4" + secret).encode()
    for part in (day, region, service, "aws4_request"):
        k = hmac.new(k, part.encode(), hashlib.sha256).digest()
    right = hmac.new(k, text.encode(), hashlib.sha256).hexdigest() == signature
    return {"key": key_id, "region": region, "service": service, "signed": names.split(";"), "right": right}


def aws_name(request):
    form = urllib.parse.parse_qs(request.body.decode())
    return (form.get("AutoScalingGroupName") or form.get("AutoScalingGroupNames.member.1"))[0], form


def aws(request):
    name, form = aws_name(request)
    t, action = target(name), form["Action"][0]
    signature = signed_by(request, "secret-of-the-test")
    if not signature or not signature["right"] or signature["service"] != "autoscaling":
        return aws_error(403, "SignatureDoesNotMatch", "The request signature does not match")
    if form["Version"] != ["2011-01-01"]:
        return aws_error(400, "InvalidAction", "no such version")
    if action == "DescribeAutoScalingGroups":
        if t["deleted"]:
            return xml(action, f"<{action}Result><AutoScalingGroups/></{action}Result>")
        instances = "".join(
            f"<member><InstanceId>i-{i}</InstanceId><LifecycleState>InService</LifecycleState>"
            "<HealthStatus>Healthy</HealthStatus></member>" for i in range(min(t["ready"], 200)))
        suspended = "".join(f"<member><ProcessName>{p}</ProcessName><SuspensionReason>User &amp; "
                            "co</SuspensionReason></member>" for p in t["suspended"])
        return xml(action, f"<{action}Result><AutoScalingGroups><member>"
                   f"<AutoScalingGroupName>{escape(name)}</AutoScalingGroupName><MinSize>{t['min']}</MinSize>"
                   f"<MaxSize>{t['max']}</MaxSize><DesiredCapacity>{t['current']}</DesiredCapacity>"
                   f"<Instances>{instances}</Instances><SuspendedProcesses>{suspended}"
                   f"</SuspendedProcesses></member></AutoScalingGroups></{action}Result>")
    if action != "SetDesiredCapacity":
        return aws_error(400, "InvalidAction", "no such action")
    n = int(form["DesiredCapacity"][0])
    if not t["min"] <= n <= t["max"]:
        return aws_error(400, "ValidationError",
                         f"New SetDesiredCapacity value {n} is outside the group's limits")
    change(name, "aws_asg", None, n)
    return xml(action, "")


# Webhooks

def hook(request, name):
    t = target(name)
    if request.method == "GET":
        if t["deleted"]:
            return as_json({"title": "not found"}, 404)
        return as_json({"current": t["current"], "ready": t["ready"]})
    event = json.loads(request.body)
    if event["type"] != "scaling.action" or "webhook-id" not in request.headers:
        return as_json({"title": "not an action"}, 400)
    change(name, "webhook", request.headers["webhook-id"], event["data"]["to"])
    return as_json({"ok": True})


def control(request):
    body = json.loads(request.body or b"{}")
    url = urllib.parse.urlsplit(request.path)
    if url.path == "/_ctl":
        if body.get("clear"):
            faults.pop(body["name"], None)
            return as_json({})
        faults.setdefault(body["name"], []).append(
            {"fault": body["fault"], "count": body.get("count", 1), "skip": body.get("skip", 0),
             "on": body.get("on", "write")})
        return as_json({})
    if url.path == "/_set":
        target(body.pop("name")).update(body)
        return as_json({})
    if url.path == "/_state":
        t = target(urllib.parse.parse_qs(url.query)["name"][0])
        return as_json({k: v for k, v in t.items() if k != "seen"})
    if url.path == "/_busy":  # connections beside the one that asks
        return as_json(len(open_conns) - 1)
    if url.path == "/_requests":
        return as_json(requests)
    return as_json(log)


class Request:
    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body


def route(request):
    """The target's name, whether it may change something, and what answers it."""
    path = urllib.parse.urlsplit(request.path).path
    m = re.match(r"/(?:apis/[^/]+/[^/]+|api/v1)/namespaces/([^/]+)/[^/]+/([^/]+)/scale$", path)
    if m:
        return m[2], request.method != "GET", lambda: kube_scale(request, m[1], m[2])
    m = re.match(r"/apis/([^/]+/[^/]+)/namespaces/prod/(horizontalpodautoscalers|scaledobjects)"
                 r"(?:/([^/]+))?$", path)
    if m and m[3]:
        return (m[3], request.method != "GET",
                lambda: kube_owner(request, m[1], m[2], m[3]))
    if m:
        return None, False, lambda: kube_list(OWNERS[m[2]][0], m[1], [
            item_of(m[2], m[1], n) for n in targets if targets[n].get("of") == m[2]])
    m = re.match(r"/apis/apps/v1/namespaces/prod/deployments/([^/]+)$", path)
    if m:
        return None, False, lambda: workload(request, "prod", m[1])
    m = re.match(r"/api/v1/namespaces/prod/pods/(.+)-(\d+)/resize$", path)
    if m:
        return m[1], True, lambda: resize(request, m[1], int(m[2]))
    if path == "/api/v1/namespaces/prod/pods":
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(request.path).query)
        name = query["labelSelector"][0].removeprefix("app=")
        return None, False, lambda: kube_list("Pod", "v1", [
            pod(name, i) for i in range(len(target(name).get("pods", [])))])
    m = re.match(r"/hook/([^/]+)$", path)
    if m:
        return m[1], request.method == "POST", lambda: hook(request, m[1])
    if path == "/" and request.method == "POST":
        name, form = aws_name(request)
        return name, form["Action"][0].startswith("Set"), lambda: aws(request)
    return None, False, lambda: kube_status(404, "NotFound", "the server could not find the "
                                            "requested resource")


def read_request(stream):
    line = stream.readline(65536).decode("latin-1").split()
    if len(line) != 3:
        return None
    headers = {}
    while (h := stream.readline(65536).decode("latin-1").strip()):
        k, _, v = h.partition(":")
        headers[k.strip().lower()] = v.strip()
    if headers.get("expect"):
        return None
    return Request(line[0], line[1], headers, stream.read(int(headers.get("content-length", 0))))


def render(a):
    head = [f"HTTP/1.1 {a.status} X", f"Content-Type: {a.content_type}",
            f"Content-Length: {len(a.body)}"] + a.headers
    return ("\r\n".join(head) + "\r\n\r\n").encode(), a.body


def reset(conn):
    try:
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    except OSError:
        pass


def failing(fault, answer, request):
    """What is said instead of the answer; None = nothing at all."""
    if fault == "html":
        return Answer(200, "<!doctype html><title>Sign in</title>", "text/html")
    if fault == "garbage":
        return Answer(200, '{"kind": "Scale", "spec": {"repl')
    if fault == "huge":
        return Answer(200, b'{"kind":"Scale","pad":"' + b"x" * (3 << 20) + b'"}')
    if fault == "wrong_kind":
        return as_json({"kind": "PodList", "apiVersion": "v1", "items": []})
    if fault.startswith("recorded:"):
        with open(RECORDED, encoding="utf-8") as f:
            kept = json.load(f)["answers"][fault.removeprefix("recorded:")]
        return as_json(kept["body"], kept["status"])
    status = STATUS[fault]
    extra = [("Retry-After: 2")] if fault in ("too_many", "unavailable") else []
    if fault == "redirect":
        extra = ["Location: http://127.0.0.1:1/elsewhere"]
    if answer.content_type == "text/xml" and fault == "too_many":
        a = aws_error(status, "Throttling", "Rate exceeded")
    elif answer.content_type == "text/xml":
        a = aws_error(status, fault, "as told")
    else:
        a = kube_status(status, fault, "as told")
    a.headers = extra
    return a


def spoil(conn, fault, answer, request):
    """Answers as the fault has it."""
    if fault in ("hang", "hang_after"):
        stopping.wait(HANG_S)
        return
    if fault in ("reset", "reset_after"):
        reset(conn)
        return
    if fault in ("cut_header", "cut_body", "drip"):
        head, body = render(answer)
        if fault == "cut_header":
            conn.sendall(head[:len(head) - 3])
        elif fault == "cut_body":
            conn.sendall(head + body[:len(body) // 2])
        else:
            for byte in head + body:
                conn.sendall(bytes([byte]))
                if stopping.wait(1):
                    return
        return
    conn.sendall(b"".join(render(failing(fault, answer, request))))


def serve_one(conn):
    with conn, conn.makefile("rb") as stream:
        while not stopping.is_set():
            request = read_request(stream)
            if not request:
                return
            if request.path.startswith("/_"):
                with lock:
                    answer = control(request)
                conn.sendall(b"".join(render(answer)))
                continue
            name, write, handle = route(request)
            with lock:
                requests.append({"name": name, "method": request.method, "path": request.path,
                                 "headers": request.headers, "body": request.body.decode("latin-1")})
                fault = pop_fault(name, write)
                if fault == "move_before":  # somebody else is faster
                    t = target(name)
                    t["current"] += 7
                    t["version"] += 1
                    fault = None
                if fault == "touch_before":  # a new version of the same count
                    target(name)["version"] += 1
                    fault = None
                answer = handle() if not fault or not write or fault in APPLIES else render_only(request)
            if fault:
                spoil(conn, fault, answer, request)
                return
            conn.sendall(b"".join(render(answer)))


def render_only(request):
    """An answer of the right type for what is not done."""
    return Answer(200, b"", "text/xml" if request.path == "/" else "application/json")


def handle(conn, context, number):
    try:
        conn.settimeout(HANG_S)
        if context:
            conn = context.wrap_socket(conn, server_side=True)
        serve_one(conn)
    except (OSError, ValueError):
        pass
    finally:
        conn.close()
        with lock:
            open_conns.discard(number)


def listen(port, context=None):
    s = socket.create_server(("127.0.0.1", port), backlog=256)

    def loop():
        number = 0
        while True:
            conn, _ = s.accept()
            number += 1
            with lock:
                open_conns.add((id(s), number))
            threading.Thread(target=handle, args=(conn, context, (id(s), number)),
                             daemon=True).start()
    threading.Thread(target=loop, daemon=True).start()
    return s.getsockname()[1]


def self_signed(folder):
    cert, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=stub",
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("--port", type=int, default=0)
    args = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        context, cert = self_signed(folder)
        print(f"port {listen(args.port)} tls-port {listen(0, context)} cert {cert}", flush=True)
        sys.stdin.read()
        stopping.set()


if __name__ == "__main__":
    main()
