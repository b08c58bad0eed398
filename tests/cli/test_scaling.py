"""Scaling by hand: the real program on both sides, a target that only remembers."""
import json
import os
import signal
import tempfile
import unittest

from support import Daemon, run, wait_until

RULES = """\
targets:
  - name: gateway
    service: orders
    dry_run: {current: 4}
    min_instances: 2
    max_instances: 20
    capacity: {driver: api_calls, units_per_instance: 100}
rules:
  - rule_id: band
    target: gateway
    resource_type: API_CALLS
    policy: THRESHOLD
    mode: MODE
    thresholds: {warning_pct: 70, critical_pct: 95, scale_up_pct: 80, scale_down_pct: 40, cooldown_seconds: 0}
"""


def push(d, value):
    sample = {"service": "orders", "resource_type": "API_CALLS", "current_value": value, "capacity": 400}
    status, body = d.request("POST", "/api/v1/metrics", {"metrics": [sample]})
    if status != 200:
        raise AssertionError((status, body))


def rules_file(folder, mode="approve", text=RULES):
    path = os.path.join(folder, "rules.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.replace("MODE", mode))
    return path


def items(d, *args):
    done = d.run(*args, "-o", "json")
    if done.returncode:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)["items"]


def count(d):
    status, body = d.request("GET", "/api/v1/targets/gateway")
    return json.loads(body)["current"] if status == 200 else None


class ByHand(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.d = Daemon(self.folder.name, "--check-interval-seconds=1").start()

    def tearDown(self):
        self.d.stop()
        self.folder.cleanup()

    def ok(self, *args):
        done = self.d.run(*args)
        self.assertEqual(done.returncode, 0, (args, done.stderr))
        return done.stdout

    def waiting(self, value=380):
        def proposal():
            push(self.d, value)
            found = items(self.d, "proposals", "list")
            return found and found[0]

        return wait_until(proposal, 60, 0.3)

    def test_observe_approve_applied_explained_and_kept_through_kill_9(self):
        observe = rules_file(self.folder.name, "observe")
        self.assertIn("added", self.ok("rules", "apply", "-f", observe))
        self.assertEqual(json.loads(self.ok("mode", "--json"))["mode"], "observe")
        push(self.d, 380)
        wait_until(lambda: (push(self.d, 380), items(self.d, "history"))[1], 60, 0.3)
        self.assertEqual(items(self.d, "history")[0]["state"], "observed")
        self.assertEqual(count(self.d), 4)

        self.assertIn("mode approve", self.ok("mode", "approve"))
        self.ok("rules", "apply", "-f", rules_file(self.folder.name, "approve"))
        proposal = self.waiting()
        self.assertEqual((proposal["from_value"], proposal["to_value"]), (4, 5))

        text = self.ok("explain", "gateway")
        for word in ("gateway: 4 -> 5", "1 signals", "2 combine", "7 flap", "8 mode", "loadline proposals approve"):
            self.assertIn(word, text)
        self.assertIn("replayed: the same", self.ok("explain", "band", "--replay"))
        self.assertIn("4 to 5", self.ok("proposals", "show", proposal["action_id"]))

        self.d.stop(signal.SIGKILL)
        self.d.start()
        # Without data nothing is asked for; what waited is kept, and asked for again with the data.
        kept = [h for h in items(self.d, "history") if h["action_id"] == proposal["action_id"]]
        self.assertIn(kept[0]["state"], ("proposed", "superseded"))
        proposal = self.waiting()
        self.assertIn("approved", self.ok("proposals", "approve", proposal["action_id"]))
        wait_until(lambda: count(self.d) == 5, 30)
        late = self.d.run("proposals", "approve", proposal["action_id"])
        self.assertEqual(late.returncode, 7, late.stderr)
        done = [h for h in items(self.d, "history") if h["action_id"] == proposal["action_id"]]
        self.assertEqual(done[0]["state"], "applied")

        self.d.stop(signal.SIGKILL)
        self.d.start()
        done = [h for h in items(self.d, "history") if h["action_id"] == proposal["action_id"]]
        self.assertEqual(done[0]["state"], "applied")
        replayed = json.loads(self.ok("explain", proposal["decision_id"], "--replay", "--json"))
        self.assertIs(replayed["replay"]["same"], True)

    def test_reject(self):
        self.ok("mode", "approve")
        self.ok("rules", "apply", "-f", rules_file(self.folder.name))
        proposal = self.waiting()
        self.assertIn("rejected", self.ok("proposals", "reject", proposal["action_id"]))
        self.assertEqual(self.d.run("proposals", "reject", proposal["action_id"]).returncode, 7)
        self.assertEqual(count(self.d), 4)

    def test_a_document_is_compared_and_taken_whole_or_not(self):
        path = rules_file(self.folder.name)
        differs = self.d.run("rules", "diff", "-f", path)
        self.assertEqual(differs.returncode, 1, differs.stderr)
        self.assertEqual(items(self.d, "rules", "list"), [])
        self.ok("rules", "apply", "-f", path, "--dry-run")
        self.assertEqual(items(self.d, "rules", "list"), [])
        self.ok("rules", "apply", "-f", path)
        self.ok("rules", "diff", "-f", path)
        self.assertEqual(items(self.d, "rules", "list")[0]["rule_id"], "band")
        document = json.loads(self.ok("rules", "get", "band"))
        self.assertEqual(document["policy"], "THRESHOLD")
        self.assertNotIn("last", document)

        broken = rules_file(self.folder.name, text=RULES.replace("THRESHOLD", "SOMETIMES"))
        refused = self.d.run("rules", "apply", "-f", broken)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("policy", refused.stderr)
        self.assertEqual(items(self.d, "rules", "list")[0]["policy"], "THRESHOLD")
        self.assertIn("deleted", self.ok("rules", "delete", "band"))
        self.assertEqual(items(self.d, "rules", "list"), [])

    def test_pauses_and_freezes_end(self):
        self.ok("rules", "apply", "-f", rules_file(self.folder.name))
        self.assertEqual(self.d.run("rules", "pause", "gateway").returncode, 2)
        self.assertIn("paused: gateway", self.ok("rules", "pause", "gateway", "--for", "1h", "--reason", "release"))
        shown = self.ok("mode")
        self.assertIn("release", shown)
        self.assertIn("paused: both until", shown)
        self.ok("rules", "resume", "band")
        self.assertNotIn("paused", self.ok("mode"))
        self.ok("freeze", "gateway", "--for", "2h", "--reason", "quarter end")
        self.assertIn("frozen: in until", self.ok("mode"))
        self.ok("freeze", "gateway", "--off")
        self.assertNotIn("frozen", self.ok("mode"))

    def test_exit_codes(self):
        for args in ("rules get nothing", "explain nothing", "proposals show nothing", "proposals approve nothing",
                     "rules delete nothing", "rules pause nothing --for 1h --reason x", "mode approve --rule nothing"):
            with self.subTest(args=args):
                done = self.d.run(*args.split())
                self.assertEqual(done.returncode, 4, done.stderr)
                self.assertIn("nothing", done.stderr)
        denied = self.d.run("mode", "auto")
        self.assertEqual(denied.returncode, 6, denied.stderr)
        self.assertNotEqual(self.d.run("mode", "sometimes").returncode, 0)

    def test_every_form_parses(self):
        self.ok("mode", "approve")
        self.ok("rules", "apply", "-f", rules_file(self.folder.name))
        self.waiting()
        for line in ("rules list", "proposals list", "history"):
            with self.subTest(line=line):
                args = line.split()
                self.assertTrue(items(self.d, *args))
                for row in self.ok(*args, "-o", "ndjson").splitlines():
                    self.assertIsInstance(json.loads(row), dict)
                self.assertGreater(len(self.ok(*args, "-o", "csv").splitlines()), 1)

    def test_what_an_instance_carries_is_set_and_shown(self):
        self.ok("rules", "apply", "-f", rules_file(self.folder.name))
        before = json.loads(self.d.request("GET", "/api/v1/targets/gateway")[1])
        done = self.d.run(
            "capacity", "set", "gateway", "--units", "250", "--driver", "API_CALLS", "--source", "load_test",
            "--date", "2026-11-03",
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        (row,) = items(self.d, "capacity", "show")
        self.assertEqual((row["target"], row["units_per_instance"], row["source"]), ("gateway", 250, "load_test"))
        self.assertTrue(row["date"].startswith("2026-11-03"))
        after = json.loads(self.d.request("GET", "/api/v1/targets/gateway")[1])
        self.assertEqual((after["max_instances"], after["version"]), (before["max_instances"], before["version"] + 1))
        self.assertEqual(self.d.run("capacity", "set", "nowhere", "--units", "1", "--driver", "CPU").returncode, 4)


class Capacity(unittest.TestCase):
    def learn(self, rows, *args):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "seen.csv")
            with open(path, "w", encoding="utf-8") as f:
                f.write("series,timestamp,value\n" + "".join(r + "\n" for r in rows))
            return run("capacity", "learn", "--load", "orders", "--utilization", "cpu", path, "-o", "json", *args)

    def rows(self, load, cpu, n=3):
        for i in range(200):
            t = 1795484400 + 60 * i
            yield f"orders,{t},{load(i) * n}"
            yield f"cpu,{t},{cpu(load(i))}"
            yield f"n,{t},{n}"

    def test_it_is_learned_from_what_was_seen(self):
        done = self.learn(self.rows(lambda i: 100 + i, lambda x: 10 + 0.225 * x), "--instances", "n")
        self.assertEqual(done.returncode, 0, done.stderr)
        found = json.loads(done.stdout)
        self.assertAlmostEqual(found["units_per_instance"], 400, 3)
        self.assertAlmostEqual(found["idle_pct"], 10, 3)
        self.assertAlmostEqual(found["load_at_70_pct"], 60 / 0.225, 3)
        self.assertEqual(found["source"], "learned")

    def test_data_that_cannot_tell_is_refused(self):
        done = self.learn(self.rows(lambda i: 100, lambda x: 10 + 0.225 * x), "--instances", "n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("hardly varies", done.stderr)
        done = self.learn(self.rows(lambda i: 100 + i, lambda x: 50), "--instances", "other")
        self.assertIn("no series 'other'", done.stderr)


class Simulate(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.rules = rules_file(self.folder.name, "observe")

    def tearDown(self):
        self.folder.cleanup()

    def demand(self, rows, header="series,timestamp,value"):
        path = os.path.join(self.folder.name, "demand.csv")
        with open(path, "w", encoding="utf-8") as f:
            f.write(header + "\n" + "".join(r + "\n" for r in rows))
        return path

    def replay(self, path, *args):
        done = run("simulate", "--rules", self.rules, path, "-o", "json", *args)
        self.assertEqual(done.returncode, 0, done.stderr)
        return {r["policy"]: r for r in json.loads(done.stdout)}

    def test_a_step_in_demand(self):
        rows = [f"orders,{1795484400 + 60 * i},{200 if i < 60 else 560}" for i in range(120)]
        got = self.replay(self.demand(rows), "--learn", "0")
        self.assertEqual(set(got), {"THRESHOLD", "static-peak", "static-mean", "reactive", "oracle"})
        self.assertEqual(got["static-peak"]["slo_violation_pct"], 0)
        self.assertAlmostEqual(got["static-peak"]["instance_hours"], 8 * 2)
        self.assertEqual(got["oracle"]["slo_time_pct"], 0)
        # 560 of 3 x 100 from the 60th minute; what is asked for then is there three minutes later.
        self.assertAlmostEqual(got["THRESHOLD"]["slo_time_pct"], 3 / 120 * 100)
        self.assertIsNone(got["THRESHOLD"]["cost"])
        self.assertEqual(got["THRESHOLD"]["steps"], 120)

    def test_steps_are_printed_and_gaps_are_no_data(self):
        rows = [f"orders,{1795484400 + 60 * i},200" for i in range(60) if not 20 <= i < 40]
        done = run("simulate", "--rules", self.rules, self.demand(rows), "--each", "--learn", "0")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [line.split(",") for line in done.stdout.splitlines()]
        self.assertEqual(lines[0][:5], ["target", "policy", "timestamp", "demand", "need"])
        ours = [line for line in lines if line[1] == "THRESHOLD"]
        self.assertEqual(len(ours), 60)
        self.assertEqual(ours[30][3], "")
        self.assertEqual(ours[30][5], ours[19][5])

    def test_series_find_their_targets(self):
        header = "series,timestamp,value,service,resource_type"
        rows = [f"a,{1795484400 + 60 * i},200,orders,API_CALLS" for i in range(30)]
        rows += [f"b,{1795484400 + 60 * i},9000,orders,CPU" for i in range(30)]
        got = self.replay(self.demand(rows, header))
        self.assertEqual(got["oracle"]["series"], "a")
        nothing = run("simulate", "--rules", self.rules, self.demand([r.replace("orders", "other") for r in rows], header))
        self.assertEqual(nothing.returncode, 1, nothing.stderr)
        self.assertIn("gateway", nothing.stderr)

    def autoscaler(self, kind="HorizontalPodAutoscaler", name="gateway", **spec):
        path = os.path.join(self.folder.name, "hpa.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"kind": kind, "metadata": {"name": "theirs"}, "spec": {
                "scaleTargetRef": {"kind": "Deployment", "name": name}, **spec}}, f)
        return path

    def test_an_autoscaler_that_is_there_is_replayed_beside_ours(self):
        rows = [f"orders,{1795484400 + 60 * i},{200 if i < 60 else 560}" for i in range(120)]
        rate = {"type": "Pods", "pods": {"metric": {"name": "rps"}, "target": {
            "type": "AverageValue", "averageValue": "80"}}}
        slow = {"scaleUp": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 600}]}}
        demand = self.demand(rows)
        hpa = self.autoscaler(minReplicas=2, maxReplicas=10, metrics=[rate])
        got = self.replay(demand, "--learn", "0", "--hpa", hpa)
        self.assertEqual(len(got), 6)
        theirs = got["hpa theirs"]
        self.assertEqual(theirs["steps"], 120)
        # 560 of 3 x 100 is more than it holds, until what it asks for then is there.
        self.assertGreater(theirs["slo_time_pct"], 0)
        held = self.replay(demand, "--learn", "0", "--hpa", self.autoscaler(
            minReplicas=2, maxReplicas=10, metrics=[rate], behavior=slow))["hpa theirs"]
        self.assertGreater(held["slo_time_pct"], theirs["slo_time_pct"])
        self.assertLess(held["instance_hours"], theirs["instance_hours"])
        keda = self.replay(demand, "--learn", "0", "--hpa", self.autoscaler(
            "ScaledObject", minReplicaCount=2, maxReplicaCount=10,
            triggers=[{"type": "prometheus", "metadata": {"threshold": "80"}}]))["keda theirs"]
        for key in ("slo_time_pct", "instance_hours"):
            self.assertAlmostEqual(keda[key], theirs[key])

    def test_what_cannot_be_replayed_of_an_autoscaler_is_said(self):
        path = self.demand(["orders,1795484400,1", "orders,1795484460,2"])
        whole = {"type": "External", "external": {"metric": {"name": "depth"}, "target": {
            "type": "Value", "value": "2k"}}}
        for spec, said in (({"maxReplicas": 4, "metrics": [whole]}, "of the whole"),
                           ({"minReplicas": 5, "maxReplicas": 4}, "make no sense")):
            with self.subTest(said):
                done = run("simulate", "--rules", self.rules, path, "--hpa", self.autoscaler(**spec))
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(said, done.stderr)
        done = run("simulate", "--rules", self.rules, path, "--hpa", path)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("kubectl get hpa", done.stderr)

    def test_tuning_knows_the_learned_part_alone(self):
        nothing = run("simulate", "--rules", self.rules, "--tune", self.demand(["orders,1795484400,1", "orders,1795484460,2"]))
        self.assertEqual(nothing.returncode, 1, nothing.stderr)
        self.assertIn("no PREDICTIVE rule", nothing.stderr)
        with open(self.rules, "w", encoding="utf-8") as f:
            f.write(
                "targets: [{name: gateway, service: orders, dry_run: {}, min_instances: 1, max_instances: 50,"
                " capacity: {driver: api_calls, units_per_instance: 100}}]\n"
                "rules: [{rule_id: ahead, target: gateway, resource_type: API_CALLS, policy: PREDICTIVE,"
                " may_scale_in: true}]\n"
            )
        rows = [f"orders,{1795484400 + 60 * i},{300 + (i * 7919 % 90) + (400 if i % 97 < 20 else 0)}" for i in range(2000)]
        found = self.replay(self.demand(rows), "--tune")["PREDICTIVE"]
        other = rows[:1000] + [r + "0" for r in rows[1000:]]
        again = self.replay(self.demand(other), "--tune")["PREDICTIVE"]
        self.assertNotEqual(found["slo_time_pct"], again["slo_time_pct"])
        for key in ("target_pct", "quantile"):
            self.assertEqual(found[key], again[key])
        self.assertNotIn("target_pct", self.replay(self.demand(rows))["PREDICTIVE"])

    def test_what_is_wrong_is_said(self):
        path = self.demand(["orders,1795484400,1", "orders,1795484460,2"])
        for args in (["--slo", "0"], ["--goal", "x"], ["--learn", "100"], ["--units", "-1"]):
            with self.subTest(args=args):
                done = run("simulate", "--rules", self.rules, path, *args)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(args[0], done.stderr)
        self.assertEqual(run("simulate", path).returncode, 2)
        with open(self.rules, "a", encoding="utf-8") as f:
            f.write("nonsense: 1\n")
        done = run("simulate", "--rules", self.rules, path)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("nonsense", done.stderr)


if __name__ == "__main__":
    unittest.main()
