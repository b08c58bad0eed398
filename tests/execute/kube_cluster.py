"""A real kube-apiserver over etcd: started, stopped, killed, asked, and its answers kept.

There are no controllers: what they would do (pods that run, counts that are ready) is written here.
"""
import copy
import json
import os
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request

MERGE = "application/merge-patch+json"
PROD = "/apis/apps/v1/namespaces/prod"
DEPLOYMENTS, STATEFULSETS = PROD + "/deployments", PROD + "/statefulsets"
HPAS = "/apis/autoscaling/v2/namespaces/prod/horizontalpodautoscalers"
SCALED_OBJECTS = "/apis/keda.sh/v1alpha1/namespaces/prod/scaledobjects"
POOLS = "/apis/test.loadline.dev/v1/namespaces/prod/pools"
PODS = "/api/v1/namespaces/prod/pods"
ROLES = "/apis/rbac.authorization.k8s.io/v1/namespaces/prod/roles"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True)


class Cluster:
    def __init__(self, folder, program):
        self.folder, self.program, self.version = folder, program, None
        self.processes = {}
        self.cert, self.key = self.path("tls.crt"), self.path("tls.key")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key, "-out", self.cert,
                "-days", "2", "-subj", "/CN=apiserver", "-addext", "subjectAltName=IP:127.0.0.1")
        self.make_client_authority()
        self.tokens = self.file("tokens.csv", "admin-token,admin,1,system:masters\n"
                                "stranger-token,stranger,2\n")
        self.etcd, self.peer, self.port = free_port(), free_port(), free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.context = ssl.create_default_context(cafile=self.cert)
        self.start_etcd()
        self.start()

    def make_client_authority(self):
        """A certificate for the user loadline-cert, as a kubeconfig has it."""
        self.ca, key = self.path("ca.crt"), self.path("ca.key")
        self.client_cert, self.client_key = self.path("client.crt"), self.path("client.key")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", self.ca,
                "-days", "2", "-subj", "/CN=clients")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", self.client_key, "-out",
                self.path("client.csr"), "-subj", "/CN=loadline-cert")
        openssl("x509", "-req", "-in", self.path("client.csr"), "-CA", self.ca, "-CAkey", key,
                "-CAcreateserial", "-days", "2", "-out", self.client_cert)

    def path(self, name):
        return os.path.join(self.folder, name)

    def file(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return self.path(name)

    def run(self, name, *argv):
        with open(self.path(name + ".log"), "ab") as log:
            self.processes[name] = subprocess.Popen(argv, stdout=log, stderr=log)

    def start_etcd(self):
        client, peer = f"http://127.0.0.1:{self.etcd}", f"http://127.0.0.1:{self.peer}"
        self.run("etcd", "etcd", "--data-dir", self.path("etcd"), "--listen-client-urls", client,
                 "--advertise-client-urls", client, "--listen-peer-urls", peer,
                 "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}")

    def start(self):
        self.run("apiserver", self.program, "--etcd-servers", f"http://127.0.0.1:{self.etcd}",
                 "--secure-port", str(self.port), "--bind-address", "127.0.0.1",
                 "--tls-cert-file", self.cert, "--tls-private-key-file", self.key,
                 "--client-ca-file", self.ca, "--token-auth-file", self.tokens,
                 "--authorization-mode", "RBAC", "--service-account-issuer", "https://test",
                 "--service-account-key-file", self.key, "--service-account-signing-key-file", self.key,
                 "--disable-admission-plugins", "ServiceAccount", "--endpoint-reconciler-type", "none",
                 "--service-cluster-ip-range", "10.0.0.0/24", "--shutdown-delay-duration", "0s")
        self.wait()

    def stop(self, number=signal.SIGTERM):
        p = self.processes.pop("apiserver")
        p.send_signal(number)
        p.wait(120)

    def wait(self, seconds=300):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                status, version = self.ask("/version")
                if status == 200 and self.ask("/readyz", text=True)[0] == 200:
                    self.version = version["gitVersion"]
                    return
            except OSError:
                pass
            if any(p.poll() is not None for p in self.processes.values()):
                break
            time.sleep(0.2)
        with open(self.path("apiserver.log"), encoding="utf-8") as f:
            raise AssertionError("the cluster does not start:\n" + f.read()[-3000:])

    def close(self):
        for p in reversed(list(self.processes.values())):
            p.kill()
            p.wait(60)

    def ask(self, path, body=None, method=None, token="admin-token",
            content_type="application/json", text=False):
        """(status, answer)"""
        r = urllib.request.Request(self.url + path, method=method or ("POST" if body else "GET"),
                                   data=None if body is None else json.dumps(body).encode(),
                                   headers={"Authorization": "Bearer " + token,
                                            "Content-Type": content_type})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                             urllib.request.HTTPSHandler(context=self.context))
        try:
            with opener.open(r, timeout=60) as answer:
                status, got = answer.status, answer.read()
        except urllib.error.HTTPError as e:
            status, got = e.code, e.read()
        return status, got if text else json.loads(got)

    def make(self, path, body):
        status, answer = self.ask(path, body)
        if status != 201:
            raise AssertionError(f"{path}: {status} {answer}")
        return answer

    def patch(self, path, body):
        status, answer = self.ask(path, body, "PATCH", content_type=MERGE)
        if status != 200:
            raise AssertionError(f"{path}: {status} {answer}")
        return answer

    def get(self, path):
        status, answer = self.ask(path)
        if status != 200:
            raise AssertionError(f"{path}: {status} {answer}")
        return answer

    def wait_until_idle(self):
        """What was on its way when its sender died has arrived."""
        for _ in range(600):
            lines = self.ask("/metrics", text=True)[1].decode().splitlines()
            if 'apiserver_current_inflight_requests{request_kind="mutating"} 0' in lines:
                return
            time.sleep(0.05)
        raise AssertionError("the server stays busy")

    def account(self, name):
        """A service account of prod; its token, as a pod has it."""
        base = "/api/v1/namespaces/prod/serviceaccounts"
        self.make(base, {"metadata": {"name": name}})
        answer = self.make(f"{base}/{name}/token", {
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})
        return answer["status"]["token"]

    def kubeconfig(self, name, user):
        return self.file(name, json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {
                "server": self.url, "certificate-authority": os.path.basename(self.cert)}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "loadline"}}],
            "users": [{"name": "loadline", "user": user}]}))


# Objects

def workload(kind, name, replicas):
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [
                {"name": "app", "image": "x"}]}}}
    if kind == "StatefulSet":
        spec["serviceName"] = name
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def hpa(name, target, **spec):
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": name}, "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": target},
                "minReplicas": 3, "maxReplicas": 9,
                "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {
                    "type": "Utilization", "averageUtilization": 60}}}],
                "behavior": {"scaleDown": {"stabilizationWindowSeconds": 120}}, **spec}}


#: Everything that settings are read of, once.
FULL = {
    "metrics": [
        {"type": "Resource", "resource": {"name": "cpu", "target": {
            "type": "Utilization", "averageUtilization": 60}}},
        {"type": "ContainerResource", "containerResource": {"name": "memory", "container": "app", "target": {
            "type": "AverageValue", "averageValue": "512Mi"}}},
        {"type": "Pods", "pods": {"metric": {"name": "requests_per_second"}, "target": {
            "type": "AverageValue", "averageValue": "1500m"}}},
        {"type": "Object", "object": {"metric": {"name": "hits"}, "describedObject": {
            "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "main"},
            "target": {"type": "Value", "value": "2k"}}},
        {"type": "External", "external": {"metric": {"name": "depth"}, "target": {
            "type": "AverageValue", "averageValue": "30"}}}],
    "behavior": {
        "scaleUp": {"selectPolicy": "Min", "stabilizationWindowSeconds": 5, "policies": [
            {"type": "Percent", "value": 50, "periodSeconds": 60},
            {"type": "Pods", "value": 2, "periodSeconds": 30}]},
        "scaleDown": {"selectPolicy": "Disabled"}}}


def scaled_object(name, target):
    return {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": name},
            "spec": {"scaleTargetRef": {"name": target}, "minReplicaCount": 3, "maxReplicaCount": 9,
                     "pollingInterval": 15, "cooldownPeriod": 60,
                     "triggers": [{"type": "prometheus", "metadata": {
                         "serverAddress": "http://prometheus:9090", "query": "sum(rate(orders[1m]))",
                         "threshold": "100"}}],
                     "advanced": {"horizontalPodAutoscalerConfig": {"behavior": {
                         "scaleDown": {"stabilizationWindowSeconds": 45}}}}}}


def pod(name, app, cpu, limit=None):
    resources = {"requests": {"cpu": cpu, "memory": "64Mi"}}
    if limit:
        resources["limits"] = {"cpu": limit}
    return {"metadata": {"name": name, "labels": {"app": app}},
            "spec": {"containers": [{"name": "app", "image": "x", "resources": resources}]}}


def crd(group, plural, kind, subresources=None, version="v1"):
    served = {"name": version, "served": True, "storage": True,
              "schema": {"openAPIV3Schema": {
                  "type": "object", "x-kubernetes-preserve-unknown-fields": True}}}
    if subresources:
        served["subresources"] = subresources
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{group}"},
            "spec": {"group": group, "scope": "Namespaced", "versions": [served],
                     "names": {"plural": plural, "singular": kind.lower(), "kind": kind}}}


def make_definitions(c):
    """Something of nobody's with a scale, and what KEDA's autoscaler looks like."""
    c.make(CRDS, crd("test.loadline.dev", "pools", "Pool", {"scale": {
        "specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size",
        "labelSelectorPath": ".status.selector"}, "status": {}}))
    c.make(CRDS, crd("keda.sh", "scaledobjects", "ScaledObject", version="v1alpha1"))
    end = time.monotonic() + 120
    for path in (POOLS, SCALED_OBJECTS):
        while c.ask(path, text=True)[0] != 200:
            if time.monotonic() > end:
                raise AssertionError(f"{path} is not served")
            time.sleep(0.1)


# Answers, kept

NOT_KEPT = ("uid", "creationTimestamp", "time")


def without(value):
    """An answer without what is another in each run."""
    if isinstance(value, dict):
        return {k: "0" if k == "uid" else "2026-01-01T00:00:00Z" if k in NOT_KEPT else without(v)
                for k, v in value.items()}
    return [without(v) for v in value] if isinstance(value, list) else value


def record(c, path):
    """What this server answers, for tests/execute/stub.py and the unit tests."""
    answers = {}

    def keep(name, *args, **kw):
        status, body = c.ask(*args, **kw)
        answers[name] = {"status": status, "body": without(copy.deepcopy(body))}
        return body

    c.make(DEPLOYMENTS, workload("Deployment", "recorded", 3))
    c.make(HPAS, hpa("recorded", "recorded", **FULL))
    c.make(SCALED_OBJECTS, scaled_object("recorded", "recorded"))
    c.make(PODS, pod("recorded-0", "recorded", "500m"))
    c.patch(PODS + "/recorded-0/status", {"status": {"phase": "Running"}})
    scale = f"{DEPLOYMENTS}/recorded/scale"
    old = keep("scale", scale)
    keep("scale_put", scale, {**old, "spec": {"replicas": 5}}, "PUT")
    keep("conflict", scale, {**old, "spec": {"replicas": 6}}, "PUT")
    c.patch(f"{DEPLOYMENTS}/recorded/status", {"status": {"replicas": 5, "readyReplicas": 4}})
    keep("deployment", f"{DEPLOYMENTS}/recorded")
    now = c.get(scale)
    keep("scale_zero", scale, {**now, "spec": {"replicas": 0}}, "PUT")
    keep("bad_scale", scale, {**c.get(scale), "spec": {"replicas": -1}}, "PUT")
    keep("forbidden", scale, c.get(scale), "PUT", token="stranger-token")  # it may read
    keep("unauthorized", scale, token="nobodys-token")
    keep("not_found", f"{DEPLOYMENTS}/missing/scale")
    keep("no_resource", f"{PODS}/recorded-0/nothing")
    keep("unsupported", f"{HPAS}/recorded", {}, "PATCH", content_type="text/plain")
    keep("hpa", f"{HPAS}/recorded")
    v1 = HPAS.replace("v2", "v1")
    keep("hpa_v1", f"{v1}/recorded")
    keep("hpa_list_v1", v1)
    keep("hpa_floor", f"{v1}/recorded", {"spec": {"minReplicas": 1}}, "PATCH", content_type=MERGE)
    keep("hpa_invalid", f"{v1}/recorded", {"spec": {"minReplicas": 99}}, "PATCH", content_type=MERGE)
    keep("scaled_object", f"{SCALED_OBJECTS}/recorded")
    keep("scaled_object_list", SCALED_OBJECTS)
    keep("pods", PODS + "?labelSelector=app%3Drecorded")
    keep("resized", f"{PODS}/recorded-0/resize", {"spec": {"containers": [
        {"name": "app", "resources": {"requests": {"cpu": "750m"}}}]}}, "PATCH",
        content_type="application/strategic-merge-patch+json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"server": c.version, "answers": answers}, f, indent=1, sort_keys=True)
        f.write("\n")
