#!/usr/bin/env python3
"""The executor kubernetes against a real kube-apiserver over etcd, with the rights that the guide
names and no others.

usage: kubernetes.py APISERVER [--record FOLDER]     needs etcd and openssl; script/integration-kubernetes

There are no controllers: what they would do (pods that run, counts that are ready) is written here.
"""
import argparse
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import support
from support import driver

GUIDE = os.path.join(support.HERE, "..", "..", "docs", "guide", "targets.md")
CLUSTER = None
RECORD = None


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Cluster:
    def __init__(self, folder, apiserver):
        self.folder, self.processes = folder, []
        self.cert, key = os.path.join(folder, "tls.crt"), os.path.join(folder, "tls.key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key,
                        "-out", self.cert, "-days", "2", "-subj", "/CN=apiserver", "-addext",
                        "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        tokens = self.file("tokens.csv", "admin-token,admin,1,system:masters\n"
                           "loadline-token,loadline,2\nstranger-token,stranger,3\n")
        etcd, peer, self.port = free_port(), free_port(), free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.start("etcd", "etcd", "--data-dir", os.path.join(folder, "etcd"),
                   "--listen-client-urls", f"http://127.0.0.1:{etcd}",
                   "--advertise-client-urls", f"http://127.0.0.1:{etcd}",
                   "--listen-peer-urls", f"http://127.0.0.1:{peer}",
                   "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}",
                   "--initial-cluster", f"default=http://127.0.0.1:{peer}")
        self.start("apiserver", apiserver, "--etcd-servers", f"http://127.0.0.1:{etcd}",
                   "--secure-port", str(self.port), "--bind-address", "127.0.0.1",
                   "--tls-cert-file", self.cert, "--tls-private-key-file", key,
                   "--token-auth-file", tokens, "--authorization-mode", "RBAC",
                   "--service-account-issuer", "https://test", "--service-account-key-file", key,
                   "--service-account-signing-key-file", key,
                   "--disable-admission-plugins", "ServiceAccount",
                   "--service-cluster-ip-range", "10.0.0.0/24")
        self.context = ssl.create_default_context(cafile=self.cert)

    def start(self, name, *argv):
        with open(os.path.join(self.folder, name + ".log"), "wb") as log:
            self.processes.append(subprocess.Popen(argv, stdout=log, stderr=log))

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def ask(self, path, body=None, method=None, token="admin-token",
            content_type="application/json"):
        """(status, answer)"""
        r = urllib.request.Request(self.url + path, method=method or ("POST" if body else "GET"),
                                   data=None if body is None else json.dumps(body).encode(),
                                   headers={"Authorization": "Bearer " + token,
                                            "Content-Type": content_type})
        try:
            with urllib.request.urlopen(r, timeout=60, context=self.context) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as e:
            return e.code, json.loads(e.read())

    def make(self, path, body):
        status, answer = self.ask(path, body)
        if status != 201:
            raise AssertionError(f"{path}: {status} {answer}")
        return answer

    def wait(self):
        for _ in range(600):
            try:
                if self.ask("/api/v1/namespaces/default")[0] == 200:
                    return
            except OSError:
                pass
            if any(p.poll() is not None for p in self.processes):
                break
            time.sleep(0.2)
        with open(os.path.join(self.folder, "apiserver.log"), encoding="utf-8") as f:
            raise AssertionError("the cluster does not start:\n" + f.read()[-3000:])

    def close(self):
        for p in reversed(self.processes):
            p.terminate()
            p.wait(60)


def rules_of_the_guide():
    """The rules of RBAC that docs/guide/targets.md names, in flow style one a line."""
    with open(GUIDE, encoding="utf-8") as f:
        lines = re.findall(r"(?m)^- (\{apiGroups: .*\})", f.read())
    as_json = [re.sub(r"([\w./]+)", r'"\1"', line) for line in lines]
    return [json.loads(line) for line in as_json] + [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]},
        {"apiGroups": [""], "resources": ["pods/resize"], "verbs": ["patch"]}]


def deployment(name, replicas):
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}},
                     "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [
                         {"name": "app", "image": "x"}]}}}}


def hpa(name, target):
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": name}, "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": target},
                "minReplicas": 3, "maxReplicas": 9,
                "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {
                    "type": "Utilization", "averageUtilization": 60}}}],
                "behavior": {"scaleDown": {"stabilizationWindowSeconds": 120}}}}


DEPLOYMENTS = "/apis/apps/v1/namespaces/prod/deployments"
HPAS = "/apis/autoscaling/v2/namespaces/prod/horizontalpodautoscalers"
PODS = "/api/v1/namespaces/prod/pods"


def set_up(c):
    c.make("/api/v1/namespaces", {"metadata": {"name": "prod"}})
    role = "/apis/rbac.authorization.k8s.io/v1/namespaces/prod/"
    c.make(role + "roles", {"metadata": {"name": "loadline"}, "rules": rules_of_the_guide()})
    c.make(role + "rolebindings", {
        "metadata": {"name": "loadline"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "loadline"},
        "subjects": [{"kind": "User", "name": "loadline"}]})


class Real(unittest.TestCase):
    n = 0

    def setUp(self):
        Real.n += 1
        self.name = f"web{Real.n}"
        CLUSTER.make(DEPLOYMENTS, deployment(self.name, 3))

    def args(self, token="loadline-token"):
        return [f"server={CLUSTER.url}", f"ca_file={CLUSTER.cert}", "group_version=apps/v1",
                f"token_file={CLUSTER.file(token, token)}", "resource=deployments",
                "namespace=prod", f"name={self.name}", "wait=10", "timeout=60000"]

    def run_it(self, *more, before=3, to=5, verb="run", token="loadline-token"):
        return driver(verb, "kubernetes", *self.args(token), f"from={before}", f"to={to}", *more)

    def replicas(self):
        return CLUSTER.ask(f"{DEPLOYMENTS}/{self.name}")[1]["spec"]["replicas"]

    def test_a_scale(self):
        seen = driver("observe", "kubernetes", *self.args())
        self.assertEqual((seen["outcome"], seen["current"], seen["ready"], seen["owner"]),
                         ("ok", 3, 0, ""))
        got = self.run_it()
        self.assertEqual((got["state"], got["sent"], self.replicas()), ("applied", 1, 5), got)
        self.assertEqual(self.run_it(before=5, to=0)["state"], "applied")
        self.assertEqual(self.run_it(before=0, to=2)["state"], "applied")
        self.assertEqual(self.replicas(), 2)

    def test_how_many_are_ready_and_who_owns_it(self):
        CLUSTER.make(HPAS, hpa(self.name + "-hpa", self.name))
        CLUSTER.ask(f"{DEPLOYMENTS}/{self.name}/status",
                    {"status": {"replicas": 3, "readyReplicas": 2}}, "PATCH",
                    content_type="application/merge-patch+json")
        seen = driver("observe", "kubernetes", *self.args())
        self.assertEqual(seen["ready"], 2)
        self.assertEqual(seen["owner"], f"HorizontalPodAutoscaler {self.name}-hpa")

    def test_an_old_version_is_a_conflict(self):
        status, scale = CLUSTER.ask(f"{DEPLOYMENTS}/{self.name}/scale")
        self.assertEqual(self.run_it()["state"], "applied")
        scale["spec"]["replicas"] = 7
        status, answer = CLUSTER.ask(f"{DEPLOYMENTS}/{self.name}/scale", scale, "PUT")
        self.assertEqual((status, answer["reason"], self.replicas()), (409, "Conflict", 5))

    def test_what_is_not_allowed_or_not_there(self):
        got = self.run_it(token="stranger-token")
        self.assertEqual((got["state"], got["sent"]), ("failed", 0))
        self.assertIn("forbidden", got["text"])
        got = self.run_it(token="nobodys-token")
        self.assertEqual(got["state"], "failed")
        self.name = "missing"
        got = self.run_it()
        self.assertEqual(got["state"], "failed")
        self.assertIn('"missing" not found', got["text"])

    def test_the_floor_of_an_hpa(self):
        CLUSTER.make(HPAS, hpa(self.name + "-hpa", self.name))
        before = CLUSTER.ask(f"{HPAS}/{self.name}-hpa")[1]["spec"]
        got = self.run_it("floor_of_hpa=true")
        self.assertEqual((got["state"], got["sent"]), ("applied", 1), got)
        self.assertEqual(CLUSTER.ask(f"{HPAS}/{self.name}-hpa")[1]["spec"],
                         {**before, "minReplicas": 5})
        self.assertEqual(self.replicas(), 3)

    def test_settings_of_an_hpa(self):
        CLUSTER.make(HPAS, hpa(self.name + "-hpa", self.name))
        got = self.run_it("floor_of_hpa=true", verb="import")
        self.assertEqual(got, {"outcome": "ok", "min": 3, "max": 9, "metrics": 1,
                               "kind": "HorizontalPodAutoscaler", "name": self.name + "-hpa"})

    def test_containers_are_resized(self):
        for i in range(2):
            CLUSTER.make(PODS, {
                "metadata": {"name": f"{self.name}-{i}", "labels": {"app": self.name}},
                "spec": {"containers": [{"name": "app", "image": "x", "resources": {
                    "requests": {"cpu": "500m"}}}]}})
            CLUSTER.ask(f"{PODS}/{self.name}-{i}/status", {"status": {"phase": "Running"}}, "PATCH",
                        content_type="application/merge-patch+json")
        got = self.run_it("container=app", "vertical=true", before=500, to=750)
        self.assertEqual((got["state"], got["sent"]), ("applied", 1), got)
        for i in range(2):
            pod = CLUSTER.ask(f"{PODS}/{self.name}-{i}")[1]
            self.assertEqual(pod["spec"]["containers"][0]["resources"]["requests"]["cpu"], "750m")


def record(c, folder):
    """Answers as this server gives them."""
    os.makedirs(folder, exist_ok=True)
    c.make(DEPLOYMENTS, deployment("recorded", 3))
    c.make(HPAS, hpa("recorded", "recorded"))
    path = f"{DEPLOYMENTS}/recorded/scale"
    old = c.ask(path)[1]
    answers = {"scale": old,
               "scale_put": c.ask(path, {**old, "spec": {"replicas": 5}}, "PUT")[1],
               "scale_conflict": c.ask(path, {**old, "spec": {"replicas": 6}}, "PUT")[1]}
    now = c.ask(path)[1]
    answers["scale_zero"] = c.ask(path, {**now, "spec": {"replicas": 0}}, "PUT")[1]
    answers["forbidden"] = c.ask(path, token="stranger-token")[1]
    answers["unauthorized"] = c.ask(path, token="x")[1]
    answers["not_found"] = c.ask(f"{DEPLOYMENTS}/missing/scale")[1]
    answers["deployment"] = c.ask(f"{DEPLOYMENTS}/recorded")[1]
    answers["hpa_v1_list"] = c.ask(HPAS.replace("v2", "v1"))[1]
    answers["hpa_v1"] = c.ask(HPAS.replace("v2", "v1") + "/recorded")[1]
    answers["hpa_v2"] = c.ask(HPAS + "/recorded")[1]
    answers["pods"] = c.ask(PODS)[1]
    for name, answer in answers.items():
        with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as f:
            json.dump(answer, f, separators=(",", ":"))
            f.write("\n")


def main():
    global CLUSTER
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("apiserver")
    p.add_argument("--record")
    args = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="loadline-kube-") as folder:
        CLUSTER = Cluster(folder, args.apiserver)
        try:
            CLUSTER.wait()
            set_up(CLUSTER)
            print("kube-apiserver", CLUSTER.ask("/version")[1]["gitVersion"], flush=True)
            done = unittest.main(argv=[sys.argv[0]], exit=False)
            if args.record:
                record(CLUSTER, args.record)
            return 0 if done.result.wasSuccessful() else 1
        finally:
            CLUSTER.close()


if __name__ == "__main__":
    sys.exit(main())
