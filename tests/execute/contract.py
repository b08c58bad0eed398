#!/usr/bin/env python3
"""What every executor does alike, and what each does alone, against targets that behave."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import sys
import unittest

import support
from stub import RECORDED
from support import Command, Http, driver

STACK = support.bench()
FOLDER = STUB = None
ALL = ("webhook", "kubernetes", "aws_asg", "exec")
OVER_HTTP = ALL[:3]

#: What a fault of the one request that changes something leads to:
#: state, requests, whether it was applied.
ENDS = {
    "conflict": ("superseded", 1, False),
    "too_many": ("not_applied", 1, False),
    "unavailable": ("not_applied", 1, False),
    "unavailable_after": ("applied", 1, True),
    "unauthorized": ("failed", 1, False),
    "forbidden": ("failed", 1, False),
    "not_found": ("failed", 1, False),
    "server_error": ("applied", 2, True),
    "server_error_after": ("applied", 1, True),
    "reset": ("applied", 2, True),
    "reset_after": ("applied", 1, True),
    "cut_header": ("applied", 1, True),
    "cut_body": ("applied", 1, True),
    "html": ("applied", 1, True),
    "huge": ("applied", 1, True),
    "garbage": ("applied", 1, True),
    "wrong_kind": ("applied", 1, True),
    "redirect": ("failed", 1, False),
    "gone": ("failed", 1, False),
    "move_before": ("superseded", 1, False),
}


def setUpModule():
    global FOLDER, STUB
    FOLDER, STUB = STACK.__enter__()


def tearDownModule():
    STACK.__exit__(None, None, None)


def living(group):
    """Processes of a group that run; those that ended may wait to be looked after."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
                fields = f.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if fields[2] == group and fields[0] not in "ZX":
            found.append(pid)
    return found


def patient(*args):
    """A run that begins with TLS, which may take a busy machine more than the 5 s for connecting."""
    for _ in range(20):
        got = driver(*args, "timeout=60000")
        if "timeout" not in got.get("text", "") and "in time" not in got.get("text", ""):
            break
    return got


class Base(unittest.TestCase):
    n = 0

    def make(self, kind):
        Base.n += 1
        return support.make(FOLDER, STUB, kind, f"c{Base.n}")

    def run_it(self, t, *more, verb="run", before=3, to=5):
        return driver(verb, t.kind, *t.args(), f"id=act_{Base.n}", f"from={before}", f"to={to}",
                      "wait=20", "timeout=20000", *more)


class Alike(Base):
    def test_a_target_is_read_changed_once_and_read_back(self):
        for kind in ALL:
            with self.subTest(kind):
                t = self.make(kind)
                seen = driver("observe", kind, *t.args())
                self.assertEqual((seen["outcome"], seen["current"], seen["ready"]), ("ok", 3, 3))
                got = self.run_it(t)
                self.assertEqual((got["state"], got["sent"], got["seen"]), ("applied", 1, 5))
                self.assertEqual(t.changes(), [(3, 5)])
                again = self.run_it(t)
                self.assertEqual((again["state"], again["sent"]), ("applied", 0))
                self.assertEqual(t.changes(), [(3, 5)])

    def test_another_base_is_not_changed(self):
        for kind in ALL:
            with self.subTest(kind):
                t = self.make(kind)
                got = self.run_it(t, before=4)
                self.assertEqual((got["state"], got["sent"], got["seen"]), ("superseded", 0, 3))
                self.assertEqual(t.changes(), [])

    def test_what_has_expired_is_not_sent(self):
        for kind in ALL:
            with self.subTest(kind):
                t = self.make(kind)
                got = self.run_it(t, "expires=1700000000")
                self.assertEqual((got["state"], got["sent"]), ("not_applied", 0))
                self.assertIn("expired", got["text"])
                self.assertEqual(t.changes(), [])

    def test_settling_reads_and_sends_nothing(self):
        for kind in ALL:
            with self.subTest(kind):
                t = self.make(kind)
                for before, to, state in ((3, 5, "not_applied"), (1, 3, "applied"),
                                          (7, 9, "superseded")):
                    got = self.run_it(t, verb="settle", before=before, to=to)
                    self.assertEqual((got["state"], got["sent"]), (state, 0))
                self.assertEqual(t.changes(), [])

    def test_a_plan_says_both_numbers_and_sends_nothing(self):
        for kind in ALL:
            with self.subTest(kind):
                t = self.make(kind)
                line = self.run_it(t, verb="plan", before=31, to=57)["plan"]
                self.assertIn("31", line)
                self.assertIn("57", line)
                self.assertEqual(t.changes(), [])

    def test_what_cannot_be_read_is_not_sent(self):
        for kind in OVER_HTTP:
            for fault, state in (("server_error", "not_applied"), ("forbidden", "failed"),
                                 ("html", "not_applied"), ("garbage", "not_applied"),
                                 ("wrong_kind", "not_applied"), ("cut_body", "not_applied"),
                                 ("cut_header", "not_applied"), ("huge", "not_applied"),
                                 ("reset", "not_applied"), ("too_many", "not_applied"),
                                 ("unavailable", "not_applied")):
                with self.subTest(f"{kind} {fault}"):
                    t = self.make(kind)
                    t.fault(fault, on="read", count=9)
                    got = self.run_it(t)
                    self.assertEqual((got["state"], got["sent"]), (state, 0), got)
                    self.assertEqual(t.changes(), [])
                    if fault in ("too_many", "unavailable"):
                        self.assertEqual((got["outcome"], got["retry_after"]), ("later", 2000))

    def test_every_fault_of_a_change_ends_as_it_should(self):
        for kind in OVER_HTTP:
            for fault, (state, sent, applied) in ENDS.items():
                with self.subTest(f"{kind} {fault}"):
                    t = self.make(kind)
                    t.fault(fault)
                    if kind == "kubernetes" and fault == "conflict":
                        state, sent, applied = "applied", 2, True  # of the version alone
                    if kind != "kubernetes" and fault == "move_before":
                        continue  # without a version to compare, the last one wins
                    got = self.run_it(t)
                    self.assertEqual((got["state"], got["sent"]), (state, sent), got)
                    ours = [c for c in t.changes() if c[1] == 5]
                    self.assertEqual(ours, [(3, 5)] if applied else [])
                    if fault in ("too_many", "unavailable"):
                        self.assertEqual((got["outcome"], got["retry_after"]), ("later", 2000))

    def test_an_unknown_end_that_cannot_be_read_stays_unknown(self):
        for kind in OVER_HTTP:
            with self.subTest(kind):
                t = self.make(kind)
                t.fault("reset_after")
                t.fault("forbidden", on="read", skip=1, count=9)
                got = self.run_it(t)
                self.assertEqual((got["state"], got["sent"]), ("unknown", 1), got)
                t.clear()
                self.assertEqual(self.run_it(t, verb="settle")["state"], "applied")
                self.assertEqual(t.changes(), [(3, 5)])

    def test_nobody_there_is_not_unknown(self):
        for kind in OVER_HTTP:
            with self.subTest(kind):
                t = self.make(kind)
                args = [a.replace(STUB.port, "1") for a in t.args()]
                got = driver("run", kind, *args, "from=3", "to=5", "wait=10")
                self.assertEqual((got["state"], got["sent"], got["outcome"]),
                                 ("not_applied", 0, "later"))

    def over_tls(self, t, *more):
        args = [a.replace(STUB.url, STUB.tls_url) for a in t.args()]
        return patient("run", t.kind, *args, *more, "from=3", "to=5", "wait=10")

    def test_a_certificate_nobody_signed_is_refused(self):
        for kind in OVER_HTTP:
            with self.subTest(kind):
                t = self.make(kind)
                got = self.over_tls(t)
                self.assertEqual((got["state"], got["sent"]), ("not_applied", 0))
                self.assertIn("certificate", got["text"])
                if kind != "aws_asg":
                    got = self.over_tls(t, f"ca_file={STUB.cert}", f"hook_ca_file={STUB.cert}")
                    self.assertEqual(got["state"], "applied", got)


class DryRun(Base):
    def test_it_remembers(self):
        got = driver("run", "dry_run", "current=3", "from=3", "to=5")
        self.assertEqual((got["state"], got["sent"], got["seen"]), ("applied", 1, 5))
        self.assertIn("nothing is sent", driver("plan", "dry_run", "from=3", "to=5")["plan"])
        self.assertEqual(driver("run", "dry_run", "current=-1", check=False)["open"], "config-invalid")


class Webhook(Base):
    def sent(self, t):
        return [r for r in STUB.requests(t.name) if r["method"] == "POST"]

    def test_the_body_and_its_signatures(self):
        t = self.make("webhook")
        t.fault("server_error")
        got = self.run_it(t, "reason=a \"quoted\" \N{SNOWMAN}\nreason", "service=pay",
                          "expires=4102444800", "hook_token_file=" + STUB.token_file)
        self.assertEqual((got["state"], got["sent"]), ("applied", 2))
        first, second = self.sent(t)
        self.assertEqual(first["headers"]["webhook-id"], second["headers"]["webhook-id"])
        for r in (first, second):
            h, body = r["headers"], r["body"].encode("latin-1")
            self.assertEqual(h["authorization"], "Bearer token-of-the-test")
            signed = f"{h['webhook-id']}.{h['webhook-timestamp']}.".encode() + body
            macs = [hmac.new(s, signed, hashlib.sha256).digest() for s in support.SECRETS]
            self.assertEqual(h["webhook-signature"],
                             " ".join("v1," + base64.b64encode(m).decode() for m in macs))
            event = json.loads(body)
            self.assertEqual(event["type"], "scaling.action")
            self.assertRegex(event["timestamp"], r"^\d{4}-.*Z$")
            self.assertEqual(event["data"], {
                "action_id": h["webhook-id"], "target": "web", "service": "pay", "from": 3, "to": 5,
                "direction": "SCALE_OUT", "reason": "a \"quoted\" \N{SNOWMAN}\nreason",
                "expires_at": "2100-01-01T00:00:00.000Z"})

    def test_directions(self):
        for before, to, vertical, said in ((3, 2, "false", "SCALE_IN"), (3, 4, "true", "SCALE_UP"),
                                           (3, 2, "true", "SCALE_DOWN")):
            t = self.make("webhook")
            self.run_it(t, f"vertical={vertical}", before=before, to=to)
            self.assertEqual(json.loads(self.sent(t)[0]["body"])["data"]["direction"], said)

    def test_metadata_and_link_local_addresses_are_refused(self):
        for host in ("169.254.169.254", "[::ffff:169.254.169.254]", "[fe80::1]", "[fd00:ec2::254]",
                     "100.100.100.200", "0.0.0.0", "[::]", "2852039166", "0xa9fea9fe"):
            with self.subTest(host):
                got = driver("run", "webhook", f"url=http://{host}:9/x", "from=3", "to=5", "wait=1")
                self.assertEqual((got["state"], got["sent"]), ("failed", 0), got)
                self.assertIn("metadata address", got["text"])

    def test_a_proxy_is_no_way_around(self):
        t = self.make("webhook")
        got = driver("run", "webhook", "url=http://169.254.169.254/x", "from=3", "to=5", "wait=1",
                     env={"http_proxy": STUB.url})
        self.assertEqual(got["state"], "failed")
        self.assertEqual(STUB.requests(t.name), [])

    def test_they_are_allowed_when_asked_for(self):
        got = driver("run", "webhook", f"url=http://0.0.0.0:{STUB.port}/hook/allowed",
                     "allow_private=true", "from=3", "to=5")
        self.assertEqual(got["state"], "applied")

    def test_what_is_wrong_is_said_at_the_beginning(self):
        short = STUB.file("short", "whsec_" + base64.b64encode(b"x" * 23).decode())
        for args, said in ((["url=ftp://a/"], "not a URL"), (["url=http://a/ b"], "space"),
                           (["url=http://a/", "secret_file=/nonexistent"], "/nonexistent"),
                           (["url=http://a/", f"secret_file={short}"], "24"),
                           (["url=http://a/", f"secret_file={STUB.token_file}"], "base64")):
            with self.subTest(args):
                got = driver("run", "webhook", *args, check=False)
                self.assertEqual(got["open"], "config-invalid")
                self.assertIn(said, got["text"])


class Exec(Base):
    def test_exit_codes(self):
        for fault, idempotent, state, sent, applied in (
                ("exit_75", "false", "not_applied", 1, False), ("exit_64", "false", "failed", 1, False),
                ("exit_78", "false", "failed", 1, False), ("exit_1", "false", "not_applied", 1, False),
                ("exit_1", "true", "applied", 2, True), ("exit_1_after", "false", "applied", 1, True),
                ("killed", "false", "not_applied", 1, False), ("killed", "true", "applied", 2, True),
                ("killed_after", "true", "applied", 1, True), ("huge", "false", "applied", 1, True)):
            with self.subTest(f"{fault} idempotent={idempotent}"):
                t = self.make("exec")
                t.fault(fault)
                got = self.run_it(t, f"idempotent={idempotent}")
                self.assertEqual((got["state"], got["sent"]), (state, sent), got)
                self.assertEqual(t.changes(), [(3, 5)] if applied else [])

    def test_one_that_does_not_end_is_killed_with_what_it_started(self):
        t = self.make("exec")
        script = t.path("hang")
        t.put("hang", f"#!/bin/sh\n[ \"$1\" = observe ] && exec echo '{{\"current\":3}}'\n"
              f"trap '' TERM\n(trap '' TERM; echo $$ >{t.path('pid')}; exec sleep 300) &\nwait\n"
              f"sleep 300\n")
        os.chmod(script, 0o755)
        got = driver("run", "exec", f"argv={script}", "from=3", "to=5", "timeout=1000", "wait=10")
        self.assertEqual((got["state"], got["sent"]), ("not_applied", 1), got)
        self.assertIn("did not end in time", got["text"])
        group = t.get("pid").strip()  # of the subshell's parent, whose group it is in
        self.assertEqual(living(group), [])

    def test_it_gets_a_clean_environment_and_the_action(self):
        t = self.make("exec")
        script = t.path("show")
        t.put("show", f"#!/bin/sh\n[ \"$1\" = observe ] && exec echo '{{\"current\":3}}'\n"
              f"env >{t.path('env')}\ncat >{t.path('in')}\n"
              f"ls -l /proc/self/fd | wc -l >{t.path('fds')}\n")
        os.chmod(script, 0o755)
        driver("run", "exec", f"argv={script}", "env=REGION=eu", "id=act_9", "from=3", "to=5",
               "wait=1", env={"AWS_SECRET_ACCESS_KEY": "planted"})
        env = dict(line.split("=", 1) for line in t.get("env").splitlines())
        self.assertEqual({k for k in env if k not in ("PWD", "_", "SHLVL", "OLDPWD")},
                         {"PATH", "REGION", "LOADLINE_ACTION_ID", "LOADLINE_TARGET",
                          "LOADLINE_SERVICE", "LOADLINE_FROM", "LOADLINE_TO"})
        self.assertEqual((env["LOADLINE_ACTION_ID"], env["LOADLINE_TO"]), ("act_9", "5"))
        action = json.loads(t.get("in"))
        self.assertEqual((action["action_id"], action["from"], action["to"]), ("act_9", 3, 5))
        self.assertLessEqual(int(t.get("fds")), 5)  # the three, ls's own, and the line above

    def test_what_is_wrong_is_said_at_the_beginning(self):
        for args, said in (([], "no command"), (["argv=sh"], "whole path"),
                           (["argv=/nonexistent"], "cannot be run"),
                           (["argv=/bin/sh", "env=X"], "NAME=value"),
                           (["argv=/bin/sh", "env=LOADLINE_TO=3"], "LOADLINE_")):
            with self.subTest(args):
                got = driver("run", "exec", *args, check=False)
                self.assertEqual(got["open"], "config-invalid")
                self.assertIn(said, got["text"])

    def test_a_reading_that_makes_no_sense_is_none(self):
        for printed in ("three", "{}", '{"current":-1}', '{"current":1.5}', '{"current":"3"}',
                        '{"current":3,"current":4}', '[3]', '{"current":3', ''):
            with self.subTest(printed):
                t = self.make("exec")
                t.put("say", f"#!/bin/sh\nprintf '%s' '{printed}'\n")
                os.chmod(t.path("say"), 0o755)
                got = driver("observe", "exec", f"argv={t.path('say')}")
                self.assertEqual(got["outcome"], "unknown")


class Kubernetes(Base):
    def test_absent_replicas_are_none(self):
        t = self.make("kubernetes")
        STUB.set(t.name, current=0, ready=0)
        self.assertEqual(driver("observe", "kubernetes", *t.args())["current"], 0)
        got = self.run_it(t, before=0, to=2)
        self.assertEqual((got["state"], got["seen"]), ("applied", 2))

    def test_a_new_version_of_the_same_count_is_asked_again(self):
        t = self.make("kubernetes")
        t.fault("touch_before", count=2)
        got = self.run_it(t)
        self.assertEqual((got["state"], got["sent"]), ("applied", 3))
        self.assertEqual(t.changes(), [(3, 5)])

    def test_a_storm_of_conflicts_ends(self):
        t = self.make("kubernetes")
        t.fault("touch_before", count=99)
        got = self.run_it(t)
        self.assertEqual((got["state"], got["sent"]), ("superseded", 4))
        self.assertEqual(t.changes(), [])

    def test_tokens_are_read_again(self):
        t = self.make("kubernetes")
        path = STUB.file("turning", "first")
        args = [a for a in t.args() if not a.startswith("token_file")] + [f"token_file={path}"]
        driver("observe", "kubernetes", *args)
        STUB.file("turning", "second\n")
        driver("observe", "kubernetes", *args)
        said = [r["headers"]["authorization"] for r in STUB.requests(t.name)]
        self.assertEqual(said, ["Bearer first", "Bearer second"])

    def test_a_message_of_the_server_is_told(self):
        t = self.make("kubernetes")
        t.fault("forbidden")
        self.assertIn("as told", self.run_it(t)["text"])

    def test_the_floor_of_an_autoscaler(self):
        for kind, absent in (("horizontalpodautoscalers", 1), ("scaledobjects", 0)):
            with self.subTest(kind):
                t = self.make("kubernetes")
                owner = t.name + "-owner"
                STUB.set(owner, of=kind, max=9)
                flag = "floor_of_hpa=true" if absent else "floor_of_keda=true"
                seen = driver("observe", "kubernetes", *t.args(), flag)
                self.assertEqual((seen["current"], seen["max"]), (3, 9))
                got = self.run_it(t, flag)
                self.assertEqual((got["state"], got["sent"]), ("applied", 1), got)
                self.assertEqual(Http(STUB, "kubernetes", owner).changes(), [(3, 5)])
                self.assertEqual(t.changes(), [])
                got = self.run_it(t, flag, before=5, to=10)
                self.assertEqual((got["state"], got["sent"]), ("failed", 0))
                self.assertIn("outside", got["text"])
                STUB.set(owner, current=absent)
                seen = driver("observe", "kubernetes", *t.args(), flag, f"owner_name={owner}")
                self.assertEqual(seen["current"], absent)
                STUB.fault(owner, "move_before")
                got = self.run_it(t, flag, before=absent, to=4)
                self.assertEqual(got["state"], "superseded")

    def test_settings_of_an_autoscaler_are_read(self):
        t = self.make("kubernetes")
        owner = t.name + "-owner"
        STUB.set(owner, of="horizontalpodautoscalers", max=9, spec={"metrics": [
            {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 60}}}]})
        got = driver("import", "kubernetes", *t.args(), "floor_of_hpa=true")
        self.assertEqual(got, {"outcome": "ok", "min": 3, "max": 9, "metrics": 1, "name": owner,
                               "kind": "HorizontalPodAutoscaler"})
        self.assertEqual({r["method"] for r in STUB.requests(owner)}, {"GET"})

    def test_an_autoscaler_that_is_not_there(self):
        t = self.make("kubernetes")
        got = self.run_it(t, "floor_of_hpa=true")
        self.assertEqual((got["state"], got["sent"]), ("failed", 0))
        self.assertIn("no HorizontalPodAutoscaler", got["text"])

    def test_who_owns_the_count_is_noticed(self):
        t = self.make("kubernetes")
        STUB.set(t.name + "-owner", of="horizontalpodautoscalers")
        seen = driver("observe", "kubernetes", *t.args())
        self.assertEqual(seen["owner"], f"HorizontalPodAutoscaler {t.name}-owner"[:64])

    def test_containers_are_resized(self):
        for limited in (False, True):
            t = self.make("kubernetes")
            STUB.set(t.name, pods=["500m", "0.5", "1"], limited=limited)
            args = (f"name={t.name}", "container=app", "vertical=true")
            self.assertEqual(driver("observe", "kubernetes", *t.args(), *args)["current"], 500)
            got = self.run_it(t, *args, before=500, to=1000)
            self.assertEqual((got["state"], got["sent"], got["seen"]), ("applied", 1, 1000), got)
            patches = [json.loads(r["body"]) for r in STUB.requests(t.name) if r["method"] == "PATCH"]
            self.assertEqual(len(patches), 2)  # the third pod has it already
            want = {"requests": {"cpu": "1000m"}, **({"limits": {"cpu": "1000m"}} if limited else {})}
            for p in patches:
                self.assertEqual(p["spec"]["containers"], [{"name": "app", "resources": want}])

    def test_a_resize_that_breaks_half_way_is_finished(self):
        t = self.make("kubernetes")
        STUB.set(t.name, pods=["1", "1", "1"])
        STUB.fault(t.name, "reset", skip=1)
        got = self.run_it(t, "container=app", "vertical=true", before=1000, to=250)
        self.assertEqual((got["state"], got["sent"]), ("applied", 2), got)
        self.assertEqual(STUB.ask(f"/_state?name={t.name}")["pods"], ["250m"] * 3)

    def test_a_cluster_that_cannot_resize_says_so(self):
        t = self.make("kubernetes")
        STUB.set(t.name, pods=["1"], old=True)
        got = self.run_it(t, "container=app", before=1000, to=250)
        self.assertEqual(got["state"], "failed")
        self.assertIn("1.33", got["text"])

    def kubeconfig(self, user, cluster="server: https://127.0.0.1:%s" % 0):
        return STUB.file("kubeconfig", f"""apiVersion: v1
kind: Config
current-context: one
contexts:
- {{name: one, context: {{cluster: c, user: u, namespace: prod}}}}
- {{name: two, context: {{cluster: missing, user: u}}}}
clusters:
- name: c
  cluster: {cluster}
users:
- name: u
  user: {json.dumps(user)}
""")

    def place(self, t, path):
        return [f"kubeconfig={path}", "group_version=apps/v1", "resource=deployments",
                "namespace=prod", f"name={t.name}"]

    def test_a_kubeconfig_with_everything_inline(self):
        t = self.make("kubernetes")
        with open(STUB.cert, "rb") as f:
            pem = base64.b64encode(f.read()).decode()
        with open(STUB.cert.replace("cert.pem", "key.pem"), "rb") as f:
            key = base64.b64encode(f.read()).decode()
        path = self.kubeconfig({"token": "inline", "client-certificate-data": pem,
                                "client-key-data": key},
                               json.dumps({"server": STUB.tls_url,
                                           "certificate-authority-data": pem}))
        got = patient("run", "kubernetes", *self.place(t, path), "from=3", "to=5", "wait=10")
        self.assertEqual(got["state"], "applied", got)
        self.assertEqual(STUB.requests(t.name)[0]["headers"]["authorization"], "Bearer inline")

    def test_a_kubeconfig_that_names_files_beside_it(self):
        t = self.make("kubernetes")
        with open(STUB.cert, encoding="ascii") as f:
            STUB.file("ca.pem", f.read())
        STUB.file("beside", "from a file\n")
        path = self.kubeconfig({"tokenFile": "beside"}, json.dumps(
            {"server": STUB.tls_url, "certificate-authority": "ca.pem"}))
        got = patient("observe", "kubernetes", *self.place(t, path))
        self.assertEqual(got["outcome"], "ok", got)
        self.assertEqual(STUB.requests(t.name)[0]["headers"]["authorization"], "Bearer from a file")

    def test_what_is_wrong_is_said_at_the_beginning(self):
        t = self.make("kubernetes")
        good = json.dumps({"server": STUB.url})
        cases = [({"exec": {"command": "aws"}}, good, (), "exec: it would run a program"),
                 ({"auth-provider": {"name": "gcp"}}, good, (), "auth-provider"),
                 ({"username": "u", "password": "p"}, good, (), "basic authentication"),
                 ({"token": "x"}, good, ("context=two",), "no cluster 'missing'"),
                 ({"token": "x"}, good, ("context=three",), "no context 'three'"),
                 ({"token": "x"}, "{}", (), "no server"),
                 ({"client-certificate": "a"}, good, (), "needs its key"),
                 ({"token": "x"}, json.dumps({"server": "ftp://x"}), (), "not a URL"),
                 ({"token": "x"}, good, ("name=../../secrets",), "not a name"),
                 ({"token": "x"}, good, ("floor_of_hpa=true", "floor_of_keda=true"), "not of both")]
        for user, cluster, more, said in cases:
            with self.subTest(said):
                path = self.kubeconfig(user, cluster)
                got = driver("observe", "kubernetes", *self.place(t, path), *more, check=False)
                self.assertEqual(got["open"], "config-invalid")
                self.assertIn(said, got["text"])
        got = driver("observe", "kubernetes", *self.place(t, "")[1:], check=False)
        self.assertIn("service account", got["text"])


def paths(value, at=""):
    """What stands where in an answer; in a list, what stands in any of it.  Names that anybody may
    choose (labels, annotations) are not looked into."""
    if isinstance(value, dict):
        return set().union({at}, *(paths(v, f"{at}.{k}") for k, v in value.items()))
    if isinstance(value, list):
        return set().union({at}, *(paths(v, at + "[]") for v in value))
    return {f"{at}: {type(value).__name__}"}


class Recorded(Base):
    """The stub beside a real kube-apiserver, and the executor over that one's own answers."""
    APPS = "/apis/apps/v1/namespaces/prod/deployments/recorded"
    HPAS = "/apis/autoscaling/v1/namespaces/prod/horizontalpodautoscalers"
    KEDA = "/apis/keda.sh/v1alpha1/namespaces/prod/scaledobjects"
    PODS = "/api/v1/namespaces/prod/pods"
    MERGE = "application/merge-patch+json"

    @classmethod
    def setUpClass(cls):
        with open(RECORDED, encoding="utf-8") as f:
            cls.answers = json.load(f)["answers"]

    def ask(self, path, method="GET", body=None, content_type="application/json"):
        c = http.client.HTTPConnection("127.0.0.1", int(STUB.port), timeout=60)
        try:
            c.request(method, path, None if body is None else json.dumps(body), {"Content-Type": content_type})
            r = c.getresponse()
            return r.status, json.loads(r.read())
        finally:
            c.close()

    def compare(self, name, *args, only=None, **kw):
        """The same status, and nothing that the real one does not say.  only: this one of a list."""
        status, body = self.ask(*args, **kw)
        if only:
            body["items"] = [i for i in body["items"] if i["metadata"]["name"] == only]
            self.assertEqual(len(body["items"]), 1)
        kept = self.answers[name]
        self.assertEqual(status, kept["status"], name)
        self.assertEqual(body.get("kind"), kept["body"]["kind"], name)
        self.assertEqual(body.get("apiVersion"), kept["body"]["apiVersion"], name)
        if status >= 400:
            self.assertEqual(body["reason"], kept["body"]["reason"], name)
        self.assertLessEqual(paths(body), paths(kept["body"]), name)
        return body

    def test_the_stub_answers_as_the_real_one(self):
        STUB.set("recorded", current=3, pods=["500m"])
        scale = f"{self.APPS}/scale"
        old = self.compare("scale", scale)
        self.compare("scale_put", scale, "PUT", {**old, "spec": {"replicas": 5}})
        self.compare("conflict", scale, "PUT", {**old, "spec": {"replicas": 6}})
        self.compare("deployment", self.APPS)
        STUB.set("missing", deleted=True)
        self.compare("not_found", self.APPS.replace("recorded", "missing") + "/scale")
        self.compare("no_resource", f"{self.PODS}/recorded-0/nothing")
        self.compare("pods", self.PODS + "?labelSelector=app%3Drecorded")
        now = self.ask(scale)[1]["metadata"]["resourceVersion"]
        self.compare("resized", f"{self.PODS}/recorded-0/resize", "PATCH", {
            "metadata": {"resourceVersion": now}, "spec": {"containers": [
                {"name": "app", "resources": {"requests": {"cpu": "750m"}}}]}},
            content_type="application/strategic-merge-patch+json")
        self.compare("scale_zero", scale, "PUT", {**self.ask(scale)[1], "spec": {"replicas": 0}})

    def test_its_autoscalers_are_as_the_real_ones(self):
        for of, one, all_of, path in (("horizontalpodautoscalers", "hpa_v1", "hpa_list_v1", self.HPAS),
                                      ("scaledobjects", "scaled_object", "scaled_object_list", self.KEDA)):
            with self.subTest(of):
                STUB.set(f"{of}-owner", of=of, current=3, max=9)
                self.compare(one, f"{path}/{of}-owner")
                self.compare(all_of, path, only=f"{of}-owner")
        version = self.ask(f"{self.HPAS}/horizontalpodautoscalers-owner")[1]["metadata"]["resourceVersion"]
        self.compare("hpa_floor", f"{self.HPAS}/horizontalpodautoscalers-owner", "PATCH",
                     {"metadata": {"resourceVersion": version}, "spec": {"minReplicas": 1}},
                     content_type=self.MERGE)
        self.compare("unsupported", f"{self.HPAS}/horizontalpodautoscalers-owner", "PATCH", {},
                     content_type="text/plain")

    def test_what_the_real_one_refuses_is_understood(self):
        for name, state, said in (("unauthorized", "failed", "401"), ("forbidden", "failed", "403"),
                                  ("not_found", "failed", "404"), ("bad_scale", "failed", "422"),
                                  ("unsupported", "failed", "415"), ("conflict", "superseded", "")):
            with self.subTest(name):
                t = self.make("kubernetes")
                t.fault(f"recorded:{name}", count=9)
                got = self.run_it(t)
                self.assertEqual((got["state"], t.changes()), (state, []), got)
                self.assertIn(said, got["text"])

    def test_settings_of_the_real_one_are_read(self):
        for answer, flag, kind, metrics in (("hpa", "floor_of_hpa=true", "HorizontalPodAutoscaler", 5),
                                            ("hpa_v1", "floor_of_hpa=true", "HorizontalPodAutoscaler", 5),
                                            ("scaled_object", "floor_of_keda=true", "ScaledObject", 1)):
            with self.subTest(answer):
                t = Http(STUB, "kubernetes", "recorded")
                t.clear()
                t.fault(f"recorded:{answer}", on="read")
                got = driver("import", "kubernetes", *t.args(), flag, "owner_name=recorded")
                self.assertEqual(got, {"outcome": "ok", "min": 3, "max": 9, "metrics": metrics,
                                       "name": "recorded", "kind": kind})


class Aws(Base):
    def test_requests_are_signed_with_the_session(self):
        t = self.make("aws_asg")
        self.assertEqual(self.run_it(t)["state"], "applied")
        h = STUB.requests(t.name)[0]["headers"]
        self.assertEqual(h["x-amz-security-token"], "session-of-the-test")
        self.assertIn("x-amz-security-token", h["authorization"].split("SignedHeaders=")[1])
        self.assertIn("/eu-test-1/autoscaling/aws4_request", h["authorization"])
        bad = STUB.file("wrong", "[default]\naws_access_key_id = A\naws_secret_access_key = B\n")
        got = self.run_it(t, f"credentials_file={bad}", before=5, to=6)
        self.assertEqual((got["state"], got["sent"]), ("failed", 0))
        self.assertIn("SignatureDoesNotMatch", got["text"])

    def test_keys_of_the_environment(self):
        t = self.make("aws_asg")
        args = [a for a in t.args() if not a.startswith("credentials_file")]
        got = driver("observe", "aws_asg", *args, env={
            "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret-of-the-test"})
        self.assertEqual(got["outcome"], "ok", got)

    def test_its_own_range_and_what_is_suspended(self):
        t = self.make("aws_asg")
        STUB.set(t.name, max=8)
        got = self.run_it(t, to=9)
        self.assertEqual((got["state"], got["sent"], got["outcome"]), ("failed", 0, "refused"))
        STUB.set(t.name, suspended=["AZRebalance", "Launch"])
        got = self.run_it(t)
        self.assertEqual((got["state"], t.changes()), ("failed", []))
        self.assertIn("Launch", got["text"])
        self.assertEqual(self.run_it(t, to=2)["state"], "applied")

    def test_a_group_that_is_not_there(self):
        t = self.make("aws_asg")
        STUB.set(t.name, deleted=True)
        got = self.run_it(t)
        self.assertEqual((got["state"], got["sent"]), ("failed", 0))
        self.assertIn("no Auto Scaling group", got["text"])

    def test_a_name_with_everything_in_it(self):
        t = Http(STUB, "aws_asg", "grün/&=+ %x")
        self.assertEqual(self.run_it(t)["state"], "applied")

    def test_what_is_wrong_is_said_at_the_beginning(self):
        for args, said in ((["group=g"], "region"), (["group=g", "region=EU WEST"], "region"),
                           (["region=eu-test-1"], "group"),
                           (["group=g", "region=x", "credentials_file=/nonexistent"], "/nonexistent"),
                           (["group=g", "region=x", f"credentials_file={STUB.token_file}"],
                            "no credentials")):
            with self.subTest(said):
                got = driver("observe", "aws_asg", *args, check=False)
                self.assertEqual(got["open"], "config-invalid")
                self.assertIn(said, got["text"])


if __name__ == "__main__":
    sys.exit(unittest.main())
