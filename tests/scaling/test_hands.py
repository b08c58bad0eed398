"""Bad days of people: two rules on one target, hands of others on the count, limits that move, zero
and back, restarts in between."""
import json
import os
import signal
import tempfile
import time
import unittest

from world import execute, rule, stub_of, target, world


#: At most two in ten minutes; as many as there are, each second.
BY_TWO = {"profile": "hpa", "scaleDown": {
    "stabilizationWindowSeconds": 0,
    "policies": [{"type": "Pods", "value": 2, "periodSeconds": 600}]}}
ALWAYS_OUT = {"profile": "hpa", "scaleUp": {
    "policies": [{"type": "Pods", "value": 100, "periodSeconds": 1}]}}


class Command:
    """A target behind a command of this test's: its count is a file anybody may write."""

    def __init__(self, folder, current):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.set(current)

    def place(self):
        command = os.path.join(execute.HERE, "command.py")
        return {"exec": {"command": [command, self.folder],
                         "observe": [command, self.folder, "observe"]}}

    def set(self, n):
        with open(os.path.join(self.folder, "state.new"), "w", encoding="ascii") as f:
            f.write(str(n))
        os.rename(os.path.join(self.folder, "state.new"), os.path.join(self.folder, "state"))

    def get(self):
        with open(os.path.join(self.folder, "state"), encoding="ascii") as f:
            return int(f.read())


class Hands(unittest.TestCase):
    def setUp(self):
        scope = tempfile.TemporaryDirectory()
        self.addCleanup(scope.cleanup)
        self.folder = scope.name

    def start(self, rules=None, current=8, **more):
        self.count = Command(os.path.join(self.folder, f"t{time.monotonic_ns()}"), current)
        scope = world(rules or [rule(stale_seconds=600)], [target(self.count.place(), **more)])
        d = scope.__enter__()
        self.addCleanup(scope.__exit__, None, None, None)
        return d

    def test_two_rules_on_one_target_give_one_number(self):
        """The highest answer counts: one that would be content with less shrinks nothing."""
        d = self.start([rule(stale_seconds=600),
                        rule(rule_id="cpu", resource_type="CPU", stale_seconds=600)])
        d.until(lambda: d.target()["current"] is not None)
        for _ in range(3):
            d.push(80)
            d.push(480, resource_type="CPU")
            time.sleep(0.05)
        d.until_decided(to=8)
        text = d.said("explain", "gateway")
        self.assertIn("band:", text)
        self.assertIn("cpu:", text)
        d.rounds()
        self.assertEqual(self.count.get(), 8)
        d.push(780, resource_type="CPU")
        d.until_action("applied")
        self.assertEqual(d.actions(state="applied")[-1]["from_value"], 8)
        self.assertGreater(self.count.get(), 8)

    def test_a_second_target_for_the_same_thing_is_refused(self):
        d = self.start()
        path = os.path.join(self.folder, "twice.yaml")
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"targets": [target(self.count.place(), name="again", service="other")],
                       "rules": []}, f)
        text = d.said("rules", "apply", "-f", path, code=1)
        self.assertIn("gateway", text)

    def test_a_human_changes_the_count(self):
        """Scale-in waits for a while: who made it larger had a reason."""
        d = self.start()
        d.settle()
        self.count.set(12)
        d.until(lambda: d.last()["current"] == 12)
        d.push(80)
        seen = d.until_decided(bound="contested")
        self.assertEqual((seen["verdict"], seen["to"]), ("held", 12))
        self.assertIn("somebody else changed the target", d.said("explain", "gateway"))
        d.until(lambda: d.told("target_held"))
        d.rounds()
        self.assertEqual((self.count.get(), d.scaled_in()), (12, []))

    def test_a_tool_that_sets_the_count_back_again_and_again_is_not_fought(self):
        d = self.start(behavior=ALWAYS_OUT)
        d.settle()
        d.push(780)

        def fight():
            seen = d.last()
            if seen["bound"] == "contested":
                return True
            if seen["current"] > 8:
                self.count.set(8)  # GitOps does its rounds
            return False
        d.until(fight)
        ours = len(d.actions(state="applied"))
        self.assertLessEqual(ours, 3)
        self.assertIn("somebody else changed the target", d.said("explain", "gateway"))
        d.until(lambda: [n for n in d.told("target_held") if "somebody else" in n["text"]])
        d.rounds()
        self.assertEqual((len(d.actions(state="applied")), self.count.get()), (ours, 8))

    def test_an_inventory_that_halves_is_not_shrunk_further(self):
        d = self.start()
        d.settle()
        self.count.set(4)
        d.until(lambda: d.last()["current"] == 4)
        d.push(80)
        d.until(lambda: d.last()["bound"] in ("implausible", "contested"))
        d.rounds()
        self.assertEqual((d.last()["verdict"], d.last()["to"], self.count.get()), ("held", 4, 4))
        self.assertEqual(d.scaled_in(), [])

    def test_a_maximum_below_the_count_is_approached_step_by_step(self):
        """Not in one jump: at the rate of every scale-in."""
        d = self.start()
        d.settle()
        lower = target(self.count.place(), max_instances=4, behavior=BY_TWO)
        d.apply([rule(stale_seconds=600)], [lower])
        d.until(lambda: self.count.get() == 6)
        d.until(lambda: d.last()["current"] == 6)
        d.push(780)
        d.until_decided(bound="scale_in_rate")
        d.rounds()
        self.assertEqual([(a["from_value"], a["to_value"]) for a in d.scaled_in()], [(8, 6)])
        self.assertIn("not below 6 now", d.said("explain", "gateway"))

    def test_a_maximum_below_the_count_without_data(self):
        d = self.start([rule(stale_seconds=3)])
        d.settle()
        d.until_decided(bound="stale")
        d.apply([rule(stale_seconds=3)], [target(self.count.place(), max_instances=4)])
        d.rounds()
        self.assertEqual((d.last()["to"], self.count.get()), (8, 8))

    def test_to_zero_and_back(self):
        d = self.start(current=1, min_instances=0, scale_to_zero=True, idle_seconds=3)
        d.until(lambda: d.target()["current"] == 1)
        for _ in range(3):
            d.push(60, capacity=100)
            time.sleep(0.1)

        def idle():
            d.push(0, capacity=100)
            return self.count.get() == 0
        d.until(idle)
        d.until(lambda: [a["to_value"] for a in d.actions(state="applied")] == [0])
        d.stop(signal.SIGKILL)  # that it was our own zero is remembered
        d.start()
        d.until(lambda: d.target()["current"] == 0)
        d.until(lambda: (d.push(60), self.count.get())[1] > 0)

    def test_silence_is_not_idleness(self):
        d = self.start([rule(stale_seconds=2)], current=1, min_instances=0, scale_to_zero=True,
                       idle_seconds=1)
        d.until(lambda: d.target()["current"] == 1)
        d.push(60, capacity=100)
        d.until_decided(bound="stale")
        d.rounds()
        self.assertEqual(self.count.get(), 1)

    def test_a_zero_by_hand_is_left_alone(self):
        d = self.start()
        d.settle()
        self.count.set(0)
        d.until(lambda: d.target()["current"] == 0)
        d.push(780)
        self.assertEqual(d.until_decided(bound="zero_by_hand")["to"], 0)
        self.assertIn("somebody set the target to zero", d.said("explain", "gateway"))
        d.rounds()
        self.assertEqual(self.count.get(), 0)
        d.ask("PUT", "/api/v1/targets/gateway/override",
              {"count": 2, "expires_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 600)),
               "reason": "open again"})
        d.until(lambda: self.count.get() == 2)

    def test_a_cooldown_survives_a_crash_before_it_began(self):
        """Killed between the change and its being ready: the rest after it is not forgotten."""
        rests = rule(stale_seconds=600)
        rests["thresholds"]["cooldown_seconds"] = 600
        with tempfile.TemporaryDirectory() as folder, stub_of(folder) as stub:
            stub.set("web", current=4, ready=4)
            place = {"webhook": {"url": f"{stub.url}/hook/web", "secret_file": stub.secret_file}}
            with world([rests], [target(place)]) as d:
                d.settle(240, capacity=400)
                stub.fault("web", "hang", on="read", skip=2, count=1)
                d.push(390, capacity=400)
                d.until_action("applied")
                stub.set("web", ready=4)
                d.until(lambda: d.target()["ready"] == 4)
                d.stop(signal.SIGKILL)
                d.start()
                stub.set("web", ready=stub.ask("/_state?name=web")["current"])
                d.until(lambda: d.target()["cooldown_in_until"])

    def test_the_budget_of_removals_survives_a_crash(self):
        names = [f"t{i}" for i in range(4)]
        with tempfile.TemporaryDirectory() as folder, stub_of(folder) as stub:
            targets, rules = [], []
            for name in names:
                stub.set(name, current=2, ready=2)
                place = {"webhook": {"url": f"{stub.url}/hook/{name}"}}
                targets.append(target(place, name=name, service=name, min_instances=1))
                rules.append(rule(rule_id=name, target=name, stale_seconds=600))
            with world(rules, targets, scaling={"removal_budget_pct": 25}) as d:
                d.until(lambda: all(t["current"] for t in d.get("/targets")["items"]))

                def calm(value):
                    for name in names:
                        d.push(value, service=name, capacity=200)
                for _ in range(3):
                    calm(120)
                    time.sleep(0.05)
                calm(20)
                d.until(lambda: len(stub.ask("/_log")) == 2)
                d.until(lambda: sum(len(d.actions(n, state="applied")) for n in names) == 2)
                d.stop(signal.SIGKILL)
                d.start()
                d.until(lambda: all(t["current"] for t in d.get("/targets")["items"]))
                for _ in range(3):
                    calm(20)
                    d.rounds(1, names[0])
                self.assertEqual(len(stub.ask("/_log")), 2)
                bound = {d.last(name)["bound"] for name in names}
                self.assertIn("removal_budget", bound)

    def test_two_people_are_two_people_without_data_too(self):
        large = rule(mode="approve", second_person_over_pct=10, stale_seconds=4)
        d = self.start([large])
        d.settle()
        d.push(780)
        asked = d.until_action("proposed")
        d.until_decided(bound="stale")
        d.said("proposals", "approve", asked["action_id"])
        self.assertEqual(self.count.get(), 8)
        d.said("proposals", "approve", asked["action_id"], code=6)
        d.rounds(2)
        self.assertEqual(self.count.get(), 8)

    def test_what_was_proposed_from_another_base_is_refused(self):
        d = self.start([rule(mode="approve", stale_seconds=600)])
        d.settle()
        d.push(780)
        asked = d.until_action("proposed")
        self.count.set(9)
        done = d.until(lambda: d.target()["current"] == 9 and d.run("proposals", "approve", asked["action_id"]))
        self.assertIn(done.returncode, (4, 7), done.stderr)
        self.assertIn(self.count.get(), (9,))


if __name__ == "__main__":
    unittest.main()
