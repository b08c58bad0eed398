#!/usr/bin/env python3
"""The executor kubernetes, and the daemon over it, against a real kube-apiserver and etcd, with the
rights that the guide names and no others.

usage: kubernetes.py APISERVER [--record FILE] [--rounds N]
Needs etcd, openssl, and the programs that ACT_DRIVER and LOADLINE_BIN name; see
script/integration-kubernetes.
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import unittest

import kube_cluster as kube
import kube_faults
import support
from support import driver

GUIDE = os.path.join(support.HERE, "..", "..", "docs", "guide", "targets.md")
CLUSTER = TOKEN = None


def rules_of_the_guide():
    """The rules of RBAC that docs/guide/targets.md names, in flow style one a line."""
    with open(GUIDE, encoding="utf-8") as f:
        lines = re.findall(r"(?m)^- (\{apiGroups: .*\})", f.read())
    return [json.loads(re.sub(r"(?<!\")([\w./]+)", r'"\1"', line)) for line in lines]


def set_up(c):
    """prod, its definitions, and who may what in it; the token of the service account."""
    role = kube.ROLES.removesuffix("roles")
    c.make("/api/v1/namespaces", {"metadata": {"name": "prod"}})
    kube.make_definitions(c)
    token = c.account("loadline")
    more = [{"apiGroups": ["apps"], "resources": ["statefulsets/scale"], "verbs": ["get", "update"]},
            {"apiGroups": ["test.loadline.dev"], "resources": ["pools/scale"], "verbs": ["get", "update"]}]
    reads = [{"apiGroups": ["apps"], "resources": ["deployments/scale"], "verbs": ["get"]}]
    for name, rules, subject in (
            ("loadline", rules_of_the_guide() + more,
             {"kind": "ServiceAccount", "name": "loadline", "namespace": "prod"}),
            ("loadline-cert", rules_of_the_guide(), {"kind": "User", "name": "loadline-cert"}),
            ("reader", reads, {"kind": "User", "name": "stranger"})):
        c.make(role + "roles", {"metadata": {"name": name}, "rules": rules})
        c.make(role + "rolebindings", {
            "metadata": {"name": name}, "subjects": [subject],
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}})
    return token


class Base(unittest.TestCase):
    n = 0
    kind, path = "Deployment", kube.DEPLOYMENTS

    def setUp(self):
        Base.n += 1
        self.name = f"web{Base.n}"
        self.make()

    def make(self):
        CLUSTER.make(self.path, kube.workload(self.kind, self.name, 3))

    def where(self):
        return ["group_version=apps/v1", "resource=deployments"]

    def args(self, token=None):
        return [f"server={CLUSTER.url}", f"ca_file={CLUSTER.cert}",
                f"token_file={CLUSTER.file('token-' + str(hash(token)), token or TOKEN)}", *self.what()]

    def what(self):
        return [*self.where(), "namespace=prod", f"name={self.name}", "wait=10", "timeout=60000"]

    def run_it(self, *more, before=3, to=5, verb="run", token=None):
        return driver(verb, "kubernetes", *self.args(token), f"from={before}", f"to={to}", *more)

    def replicas(self):
        return CLUSTER.get(f"{self.path}/{self.name}")["spec"]["replicas"]

    def changes(self):
        """How often what is asked for was changed since it was made."""
        return CLUSTER.get(f"{self.path}/{self.name}")["metadata"]["generation"] - 1


class Scale(Base):
    def test_it_is_read_planned_changed_once_and_read_back(self):
        seen = driver("observe", "kubernetes", *self.args())
        self.assertEqual((seen["outcome"], seen["current"], seen["ready"], seen["owner"]),
                         ("ok", 3, 0, ""))
        plan = self.run_it(verb="plan")["plan"]
        self.assertIn(f"{self.path}/{self.name}/scale", plan)
        self.assertEqual(self.changes(), 0)
        got = self.run_it()
        self.assertEqual((got["state"], got["sent"], got["seen"]), ("applied", 1, 5), got)
        self.assertEqual((self.replicas(), self.changes()), (5, 1))
        again = self.run_it()
        self.assertEqual((again["state"], again["sent"], self.changes()), ("applied", 0, 1))

    def test_to_zero_and_back(self):
        self.assertEqual(self.run_it(to=0)["state"], "applied")
        self.assertEqual(self.replicas(), 0)
        self.assertEqual(driver("observe", "kubernetes", *self.args())["current"], 0)
        self.assertEqual(self.run_it(before=0, to=2)["state"], "applied")
        self.assertEqual(self.replicas(), 2)

    def test_how_many_are_ready(self):
        CLUSTER.patch(f"{self.path}/{self.name}/status",
                      {"status": {"replicas": 3, "readyReplicas": 2}})
        self.assertEqual(driver("observe", "kubernetes", *self.args())["ready"], 2)

    def test_another_count_is_not_written_over(self):
        CLUSTER.patch(f"{self.path}/{self.name}", {"spec": {"replicas": 7}})
        got = self.run_it()
        self.assertEqual((got["state"], got["sent"], got["seen"]), ("superseded", 0, 7))
        self.assertEqual(self.replicas(), 7)

    def test_an_old_version_is_a_conflict(self):
        scale = CLUSTER.get(f"{self.path}/{self.name}/scale")
        self.assertEqual(self.run_it()["state"], "applied")
        scale["spec"]["replicas"] = 7
        status, answer = CLUSTER.ask(f"{self.path}/{self.name}/scale", scale, "PUT")
        self.assertEqual((status, answer["reason"], self.replicas()), (409, "Conflict", 5))

    def test_a_conflict_is_read_again_and_decided_again(self):
        """Somebody writes the object all the time: its labels, or its count."""
        for field, states in (("labels", {"applied"}), ("count", {"applied", "superseded"})):
            with self.subTest(field):
                self.setUp()
                stop = threading.Event()
                writer = threading.Thread(target=self.write_on, args=(field, stop))
                writer.start()
                ends, resent = set(), 0
                try:
                    for i in range(15):
                        before = self.replicas()
                        got = self.run_it(f"id=act_{i}", before=before, to=before + 1)
                        ends.add(got["state"])
                        resent += got["sent"] > 1
                finally:
                    stop.set()
                    writer.join()
                print(f"conflicts ({field}): {resent} of 15 asked again, ended {sorted(ends)}")
                self.assertLessEqual(ends, states | {"superseded"})

    def write_on(self, field, stop):
        for i in range(100000):
            if stop.is_set():
                return
            body = {"metadata": {"labels": {"turn": str(i)}}} if field == "labels" else \
                {"spec": {"replicas": 20 + i % 5}}
            CLUSTER.ask(f"{self.path}/{self.name}", body, "PATCH", content_type=kube.MERGE)
            stop.wait(random.random() / 2)

    def test_what_is_not_allowed(self):
        got = self.run_it(token="stranger-token")
        self.assertEqual((got["state"], got["sent"]), ("failed", 1), got)  # may read, not write
        self.assertIn("forbidden", got["text"])
        self.assertEqual(self.changes(), 0)
        got = self.run_it(token="nobodys-token")
        self.assertEqual((got["state"], got["sent"]), ("failed", 0), got)

    def test_what_is_gone(self):
        CLUSTER.ask(f"{self.path}/{self.name}", method="DELETE")
        got = self.run_it()
        self.assertEqual((got["state"], got["sent"]), ("failed", 0))
        self.assertIn("answered with 404", got["text"])
        self.assertEqual(self.run_it(verb="settle")["state"], "unknown")

    def test_a_certificate_nobody_signed_is_refused(self):
        args = [a for a in self.args() if not a.startswith("ca_file")]
        got = driver("run", "kubernetes", *args, "from=3", "to=5")
        self.assertEqual((got["state"], got["sent"]), ("not_applied", 0))
        self.assertIn("certificate", got["text"])

    def test_kubeconfigs_with_a_token_and_with_a_certificate(self):
        for name, user in (("by-token", {"token": TOKEN}),
                           ("by-certificate", {"client-certificate": "client.crt",
                                               "client-key": "client.key"})):
            with self.subTest(name):
                self.setUp()
                path = CLUSTER.kubeconfig(name, user)
                got = driver("run", "kubernetes", f"kubeconfig={path}", *self.what(), "from=3", "to=5")
                self.assertEqual((got["state"], got["sent"], self.changes()), ("applied", 1, 1), got)

    def test_the_service_account_of_a_pod(self):
        """In a mount namespace of its own, where the account's files are as in a pod."""
        account = "/run/secrets/kubernetes.io/serviceaccount"
        token = CLUSTER.file("pod-token", TOKEN)
        # What stands below /run itself, like a checkout, is not seen there any more.
        script = (f"mount -t tmpfs tmpfs /run && mkdir -p {account} && cp {CLUSTER.cert} {account}/ca.crt "
                  f"&& cp {token} {account}/token && exec \"$@\"")
        inside = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"]), "sh", "-c",
                  script, "sh"]
        if subprocess.run([*inside, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("no mount namespaces here")
        env = {**os.environ, "KUBERNETES_SERVICE_HOST": "127.0.0.1",
               "KUBERNETES_SERVICE_PORT": str(CLUSTER.port)}
        r = subprocess.run([*inside, support.DRIVER, "run", "kubernetes", *self.what(), "from=3", "to=5"],
                           env=env, capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertEqual((json.loads(r.stdout)["state"], self.changes()), ("applied", 1), r.stdout)


class OfAStatefulSet(Base):
    kind, path = "StatefulSet", kube.STATEFULSETS

    def where(self):
        return ["group_version=apps/v1", "resource=statefulsets"]

    def test_it_scales(self):
        self.assertEqual(self.run_it()["state"], "applied")
        self.assertEqual((self.replicas(), self.changes()), (5, 1))


class OfSomethingElse(Base):
    """A custom resource whose count stands elsewhere than in replicas."""
    path = kube.POOLS

    def make(self):
        CLUSTER.make(self.path, {"apiVersion": "test.loadline.dev/v1", "kind": "Pool",
                                 "metadata": {"name": self.name}, "spec": {"size": 3, "more": [1]}})

    def where(self):
        return ["group_version=test.loadline.dev/v1", "resource=pools"]

    def test_it_scales(self):
        self.assertEqual(driver("observe", "kubernetes", *self.args())["current"], 3)
        got = self.run_it()
        self.assertEqual((got["state"], got["sent"], self.changes()), ("applied", 1, 1), got)
        self.assertEqual(CLUSTER.get(f"{self.path}/{self.name}")["spec"], {"size": 5, "more": [1]})


class Owned(Base):
    """Somebody else scales it: its minimum is a floor that may be raised, and nothing else."""

    def check_floor(self, path, flag, low):
        owner = f"{path}/{self.name}-owner"
        before = CLUSTER.get(owner)["spec"]
        seen = driver("observe", "kubernetes", *self.args(), flag)
        self.assertEqual((seen["current"], seen["max"]), (3, 9), seen)
        got = self.run_it(flag)
        self.assertEqual((got["state"], got["sent"]), ("applied", 1), got)
        self.assertEqual(CLUSTER.get(owner)["spec"], {**before, low: 5})
        self.assertEqual((self.replicas(), self.changes()), (3, 0))
        over = self.run_it(flag, before=5, to=10)
        self.assertEqual((over["state"], over["sent"]), ("failed", 0))
        CLUSTER.patch(owner, {"spec": {low: 6}})
        moved = self.run_it(flag, before=5, to=7)
        self.assertEqual((moved["state"], moved["seen"]), ("superseded", 6))
        self.assertEqual(CLUSTER.get(owner)["spec"], {**before, low: 6})

    def test_the_floor_of_an_hpa(self):
        CLUSTER.make(kube.HPAS, kube.hpa(self.name + "-owner", self.name))
        self.check_floor(kube.HPAS, "floor_of_hpa=true", "minReplicas")

    def test_the_floor_of_a_scaled_object(self):
        CLUSTER.make(kube.SCALED_OBJECTS, kube.scaled_object(self.name + "-owner", self.name))
        self.check_floor(kube.SCALED_OBJECTS, "floor_of_keda=true", "minReplicaCount")

    def test_its_count_is_left_alone(self):
        CLUSTER.make(kube.HPAS, kube.hpa(self.name + "-owner", self.name))
        seen = driver("observe", "kubernetes", *self.args())
        self.assertEqual(seen["owner"], f"HorizontalPodAutoscaler {self.name}-owner")
        got = self.run_it()
        self.assertEqual((got["state"], self.changes()), ("failed", 0), got)
        self.assertIn("floor_of", got["text"])

    def test_settings_of_an_hpa(self):
        CLUSTER.make(kube.HPAS, kube.hpa(self.name + "-owner", self.name))
        got = self.run_it("floor_of_hpa=true", verb="import")
        self.assertEqual(got, {"outcome": "ok", "min": 3, "max": 9, "metrics": 1,
                               "kind": "HorizontalPodAutoscaler", "name": self.name + "-owner"})
        self.assertEqual(CLUSTER.get(f"{kube.HPAS}/{self.name}-owner")["spec"]["minReplicas"], 3)

    def test_settings_of_a_scaled_object(self):
        CLUSTER.make(kube.SCALED_OBJECTS, kube.scaled_object(self.name + "-owner", self.name))
        got = self.run_it("floor_of_keda=true", verb="import")
        self.assertEqual((got["outcome"], got["min"], got["max"], got["kind"]), ("ok", 3, 9, "ScaledObject"))


class Resize(Base):
    def pods(self, limit=None):
        for i in range(2):
            CLUSTER.make(kube.PODS, kube.pod(f"{self.name}-{i}", self.name, "500m", limit))
            CLUSTER.patch(f"{kube.PODS}/{self.name}-{i}/status", {"status": {"phase": "Running"}})

    def resources(self):
        return [CLUSTER.get(f"{kube.PODS}/{self.name}-{i}")["spec"]["containers"][0]["resources"]
                for i in range(2)]

    def test_containers_are_resized_in_place(self):
        self.pods(limit="500m")
        got = self.run_it("container=app", "vertical=true", before=500, to=750)
        if "could not find the requested resource" in got["text"]:
            self.skipTest("this server has no resize")
        self.assertEqual((got["state"], got["sent"], got["seen"]), ("applied", 1, 750), got)
        for r in self.resources():
            self.assertEqual(r, {"requests": {"cpu": "750m", "memory": "64Mi"}, "limits": {"cpu": "750m"}})

    def test_what_the_server_refuses_is_said(self):
        """A limit that another request may not pass."""
        self.pods(limit="600m")
        got = self.run_it("container=app", "vertical=true", before=500, to=750)
        self.assertEqual(got["state"], "failed", got)
        self.assertEqual([r["requests"]["cpu"] for r in self.resources()], ["500m"] * 2)


def main():
    global CLUSTER, TOKEN
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("apiserver")
    p.add_argument("--record", metavar="FILE", help="keep this server's answers")
    p.add_argument("--rounds", type=int, default=20, help="of the daemon killed and the server away")
    p.add_argument("--only", nargs="*", help="tests, as unittest names them")
    args = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="loadline-kube-") as folder:
        CLUSTER = kube.Cluster(folder, args.apiserver)
        try:
            TOKEN = set_up(CLUSTER)
            print("kube-apiserver", CLUSTER.version, flush=True)
            done = unittest.main(argv=[sys.argv[0], *(args.only or [])], exit=False).result
            ok = done.wasSuccessful()
            bad, skipped = len(done.failures) + len(done.errors), len(done.skipped)
            print(f"{done.testsRun - bad - skipped} passed, {bad} failed, {skipped} skipped", flush=True)
            if args.record:
                kube.record(CLUSTER, args.record)
            if not args.only:
                ok = kube_faults.run(CLUSTER, TOKEN, args.rounds) and ok
            return 0 if ok else 1
        finally:
            CLUSTER.close()


if __name__ == "__main__":
    sys.exit(main())
