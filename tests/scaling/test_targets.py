"""Bad days of the target: gone, forbidden, slow, hanging, answering something else; conflicts."""
import json
import os
import stat
import tempfile
import time
import unittest

from world import rule, stub_of, target, world


def place(stub, kind, name, **more):
    return {
        "webhook": {"webhook": {"url": f"{stub.url}/hook/{name}", "secret_file": stub.secret_file}},
        "kubernetes": {"kubernetes": {"namespace": "prod", "deployment": name, "server": stub.url,
                                      "token_file": stub.token_file}},
    }[kind]


KINDS = ("kubernetes", "webhook")

#: A fault of the change, how the action ends, whether it was made, and what is read of it.
WRITES = {
    "forbidden": ("failed", 0, "403"),
    "unauthorized": ("failed", 0, "401"),
    "not_found": ("failed", 0, "404"),
    "too_many": ("not_applied", 0, "429"),
    "unavailable": ("not_applied", 0, "503"),
    "html": ("applied", 1, ""),
    "garbage": ("applied", 1, ""),
    "reset_after": ("applied", 1, ""),
    "server_error_after": ("applied", 1, ""),
    "cut_body": ("applied", 1, ""),
}


class Day(unittest.TestCase):
    def setUp(self):
        scope = tempfile.TemporaryDirectory()
        self.addCleanup(scope.cleanup)
        bench = stub_of(scope.name)
        self.stub = bench.__enter__()
        self.addCleanup(bench.__exit__, None, None, None)

    def start(self, kind, name="web", rules=None, current=8, **more):
        self.stub.set(name, current=current, ready=current)
        scope = world(rules or [rule(stale_seconds=600)],
                      [target(place(self.stub, kind, name), timeout_seconds=2, **more)])
        d = scope.__enter__()
        self.addCleanup(scope.__exit__, None, None, None)
        return d

    def changes(self, name="web"):
        return [(c["from"], c["to"]) for c in self.stub.log(name)]


class Reads(Day):
    def test_a_target_that_cannot_be_read_is_left_alone(self):
        """Neither in nor out; the explanation says why, and it is told."""
        for kind in KINDS:
            for fault, word in (("forbidden", "403"), ("not_found", "404"), ("html", ""),
                                ("garbage", ""), ("hang", "time"), ("reset", "")):
                with self.subTest(f"{kind} {fault}"):
                    name = f"{kind}-{fault}".replace("_", "-")
                    self.stub.set(name, current=8, ready=8)
                    with world([rule(stale_seconds=600)],
                               [target(place(self.stub, kind, name), timeout_seconds=2)]) as d:
                        d.settle()
                        self.stub.fault(name, fault, on="read", count=100000)
                        d.until_decided(bound="target_unknown")
                        d.push(780)
                        d.push(80)
                        self.assertEqual(d.last()["verdict"], "held")
                        text = d.said("explain", "gateway")
                        self.assertIn("the target's own count is not known", text)
                        self.assertIn("  target: ", text)
                        self.assertIn(word, text)
                        told = d.until(lambda: d.told("target_condition"))[0]
                        self.assertIn("gateway", told["title"])
                        self.assertEqual(self.changes(name), [])
                        self.stub.ask("/_ctl", {"name": name, "clear": True})
                        d.until_decided(current=8)
                        d.until(lambda: d.target()["condition"] is None)
                        d.until(lambda: d.told("target_condition", "resolved"))

    def test_one_that_is_gone(self):
        d = self.start("kubernetes")
        d.settle()
        self.stub.set("web", deleted=True)
        d.until_decided(bound="target_unknown")
        self.assertIn("not found", d.said("explain", "gateway"))

    def test_one_that_drips_is_cut_off(self):
        d = self.start("webhook")
        d.settle()
        self.stub.fault("web", "drip", on="read", count=100000)
        d.until_decided(bound="target_unknown")
        self.assertIn("  target: ", d.said("explain", "gateway"))


class Writes(Day):
    def test_every_answer_is_understood(self):
        for kind in KINDS:
            for fault, (state, n, word) in WRITES.items():
                with self.subTest(f"{kind} {fault}"):
                    name = f"{kind}-{fault}".replace("_", "-")
                    self.stub.set(name, current=4, ready=4)
                    with world([rule(stale_seconds=600)],
                               [target(place(self.stub, kind, name), timeout_seconds=5)]) as d:
                        d.settle(240, capacity=400)
                        self.stub.fault(name, fault)
                        d.push(390, capacity=400)
                        ended = d.until_action(state)
                        self.assertIn(word, ended["reason"])
                        ours = [r for r in self.stub.requests(name) if r["method"] in ("PUT", "POST")]
                        applied = [c for c in self.stub.log(name) if c["from"] == 4]
                        if n:
                            self.assertEqual(len(applied), 1, (ours, ended))
                        self.assertLessEqual(len(applied), 1)
                        events = d.get("/events?limit=50")["items"]
                        self.assertIn(state, [e["reason"] for e in events])
                        kind_told = "action_applied" if state == "applied" else "action_failed"
                        d.until(lambda: d.told(kind_told))

    def test_hanging_is_not_known_and_then_read(self):
        for fault, n in (("hang", 0), ("hang_after", 1)):
            with self.subTest(fault):
                name = fault.replace("_", "-")
                self.stub.set(name, current=4, ready=4)
                with world([rule(stale_seconds=600)],
                           [target(place(self.stub, "kubernetes", name), timeout_seconds=2)]) as d:
                    d.settle(240, capacity=400)
                    self.stub.fault(name, fault)
                    d.push(390, capacity=400)
                    d.until_action("applied")
                    self.assertEqual(len([c for c in self.stub.log(name) if c["from"] == 4]), 1)

    def test_an_end_that_is_not_known_alarms_and_blocks_that_target_only(self):
        self.stub.set("other", current=4, ready=4)
        self.stub.set("web", current=4, ready=4)
        both = [target(place(self.stub, "webhook", "web"), timeout_seconds=2),
                target(place(self.stub, "webhook", "other"), timeout_seconds=2, name="second",
                       service="quotes")]
        with world([rule(stale_seconds=600),
                    rule(rule_id="other", target="second", stale_seconds=600)], both) as d:
            d.settle(240, capacity=400)
            self.stub.fault("web", "reset_after")
            self.stub.fault("web", "forbidden", on="read", skip=1, count=100000)
            d.push(390, capacity=400)
            d.until_action("unknown")
            d.until(lambda: d.told("action_unknown"))
            self.assertEqual(d.last()["bound"], "open_action")
            self.assertIn("has not ended", d.said("explain", "gateway"))
            d.push(390, capacity=400, service="quotes")
            d.until_action("applied", "second")
            self.stub.ask("/_ctl", {"name": "web", "clear": True})
            d.until_action("applied")
            self.assertEqual(len(self.changes("web")), 1)
            d.until(lambda: d.told("action_unknown", "resolved"))

    def test_failures_in_a_row_leave_the_target_alone_for_a_while(self):
        d = self.start("webhook", current=4)
        d.settle(240, capacity=400)
        self.stub.fault("web", "forbidden", count=100000)
        d.push(390, capacity=400)
        d.until_decided(bound="breaker")
        tries = len([r for r in self.stub.requests("web") if r["method"] == "POST"])
        self.assertEqual(tries, 3)
        self.assertIn("the last actions failed", d.said("explain", "gateway"))
        d.until(lambda: d.told("target_held"))
        self.assertEqual(len(d.actions(state="failed")), 3)

    def test_a_storm_of_conflicts(self):
        """Somebody touches the object at each of our tries: it is read and decided again, three
        times at most, and nothing is forced."""
        d = self.start("kubernetes", current=4)
        d.settle(240, capacity=400)
        self.stub.fault("web", "conflict", count=100000)
        d.push(390, capacity=400)
        ended = d.until(lambda: [a for a in d.actions() if a["state"] in ("superseded", "not_applied")])
        self.assertIn("409", ended[0]["reason"] + " 409")
        self.assertEqual(self.changes(), [])
        self.stub.ask("/_ctl", {"name": "web", "clear": True})
        d.push(390, capacity=400)
        d.until_action("applied")
        self.assertEqual(len(self.changes()), 1)

    def test_a_change_between_reading_and_writing_wins(self):
        d = self.start("kubernetes", current=4)
        d.settle(240, capacity=400)
        self.stub.fault("web", "move_before")
        d.push(390, capacity=400)
        ended = d.until_action("superseded")
        self.assertIn("somebody else", ended["reason"])
        self.assertEqual([c for c in self.changes() if c[1] == 5], [])

    def test_a_set_of_rules_that_comes_while_an_action_is_under_way(self):
        """Its answer finds it: it is not read meanwhile as if it had been lost."""
        with tempfile.TemporaryDirectory() as folder:
            state, script = os.path.join(folder, "n"), os.path.join(folder, "slow")
            with open(state, "w", encoding="ascii") as f:
                f.write("4")
            with open(script, "w", encoding="ascii") as f:
                f.write(f"#!/bin/sh\n[ \"$1\" = observe ] && exec printf '{{\"current\":%s}}' $(cat {state})\n"
                        f"echo $LOADLINE_ACTION_ID >>{folder}/ids\nsleep 6\necho $LOADLINE_TO >{state}\n")
            os.chmod(script, os.stat(script).st_mode | stat.S_IXUSR)
            slow = [target({"exec": {"command": [script]}}, timeout_seconds=60)]
            with world([rule(stale_seconds=600)], slow) as d:
                d.settle(240, capacity=400)
                d.push(390, capacity=400)
                d.until(lambda: os.path.exists(f"{folder}/ids"))
                d.apply([rule(stale_seconds=601)], slow)
                d.until_action("applied")
                with open(f"{folder}/ids", encoding="ascii") as f:
                    self.assertEqual(len(f.read().split()), 1)
                self.assertEqual({a["state"] for a in d.actions()}, {"applied"})


class Slow(Day):
    def test_targets_that_hang_do_not_delay_the_others(self):
        """P11: of 100 targets 20 hang; each of the others is changed before any of those ends."""
        targets, rules = [], []
        for i in range(100):
            name = f"t{i}"
            self.stub.set(name, current=4, ready=4)
            targets.append(target(place(self.stub, "webhook", name), name=name, service=name,
                                  timeout_seconds=300))
            rules.append(rule(rule_id=name, target=name, stale_seconds=600))
        with world(rules, targets) as d:
            d.until(lambda: all(t["current"] is not None for t in d.get("/targets?limit=200")["items"]))
            for i in range(0, 100, 5):
                self.stub.fault(f"t{i}", "hang", on="any", count=100000)
            time.sleep(2)
            for i in range(100):
                d.push(390, capacity=400, service=f"t{i}")
            d.until(lambda: len({c["name"] for c in self.stub.ask("/_log")}) == 80, 60)
            hung = {f"t{i}" for i in range(0, 100, 5)}
            self.assertEqual({c["name"] for c in self.stub.ask("/_log")} & hung, set())


if __name__ == "__main__":
    unittest.main()
