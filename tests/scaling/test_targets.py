"""Bad days of the target: gone, forbidden, slow, hanging, answering something else; conflicts.

Where a fault is tried at each kind of target, all of them belong to one daemon, so that it also shows
that none of them is in the way of another."""
import os
import stat
import tempfile
import unittest

from world import rule, stub_of, target, world


def place(stub, kind, name, **more):
    return {
        "webhook": {"webhook": {"url": f"{stub.url}/hook/{name}", "secret_file": stub.secret_file}},
        "kubernetes": {"kubernetes": {"namespace": "prod", "deployment": name, "server": stub.url,
                                      "token_file": stub.token_file}},
        "aws_asg": {"aws_asg": {"region": "eu-test-1", "group": name, "endpoint": stub.url,
                                "credentials_file": stub.credentials}},
    }[kind]


KINDS = ("aws_asg", "kubernetes", "webhook")

#: A fault of reading, and what the explanation has of it.
READS = {"forbidden": "403", "unauthorized": "401", "not_found": "", "html": "", "garbage": "",
         "hang": "", "reset": "", "drip": "", "server_error": "500", "redirect": "302"}

#: A fault of the change: how the action ends, how often it is made, and what is said of it.
WRITES = {
    "forbidden": ("failed", 0, "403"),
    "unauthorized": ("failed", 0, "401"),
    "not_found": ("failed", 0, "404"),
    "too_many": ("not_applied", 0, ""),
    "unavailable": ("not_applied", 0, ""),
    "html": ("applied", 1, ""),
    "garbage": ("applied", 1, ""),
    "reset": ("applied", 1, ""),
    "reset_after": ("applied", 1, ""),
    "server_error_after": ("applied", 1, ""),
    "cut_body": ("applied", 1, ""),
    "hang": ("applied", 1, ""),
    "hang_after": ("applied", 1, ""),
}


#: A command that ends when it is told to.
SLOW = """#!/bin/sh
[ "$1" = observe ] && exec printf '{"current":%s}' $(cat FOLDER/n)
echo $LOADLINE_ACTION_ID >>FOLDER/ids
while [ ! -e FOLDER/go ]; do sleep 0.1; done
echo $LOADLINE_TO >FOLDER/n
"""


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

    def many(self, faults, current):
        """A daemon with a target for each kind and fault, each with a service of its own name."""
        names = {f"{kind}-{fault}".replace("_", "-"): (kind, fault)
                 for kind in KINDS for fault in faults}
        targets, rules = [], []
        for name, (kind, _) in names.items():
            self.stub.set(name, current=current, ready=current)
            targets.append(target(place(self.stub, kind, name), name=name, service=name,
                                  timeout_seconds=2))
            rules.append(rule(rule_id=name, target=name, stale_seconds=600))
        scope = world(rules, targets)
        d = scope.__enter__()
        self.addCleanup(scope.__exit__, None, None, None)
        d.until(lambda: all(t["current"] is not None for t in self.all(d)))
        return d, names

    def all(self, d):
        return d.get("/targets?limit=200")["items"]

    def changes(self, name="web"):
        return [(c["from"], c["to"]) for c in self.stub.log(name)]


class Reads(Day):
    def test_targets_that_cannot_be_read_are_left_alone(self):
        """Neither in nor out; the explanation says why, and it is told."""
        d, names = self.many(READS, 8)
        for name, (_, fault) in names.items():
            d.push(480, service=name)
            self.stub.fault(name, fault, on="read", count=100000)
        d.until(lambda: all(t["current"] is None for t in self.all(d)))
        for name in names:
            d.push(780, service=name)
        for name, (_, fault) in names.items():
            with self.subTest(name):
                seen = d.until(lambda name=name: d.last(name) if d.last(name)["bound"] ==
                               "target_unknown" else None)
                self.assertEqual(seen["verdict"], "held")
                text = d.said("explain", name)
                self.assertIn("the target's own count is not known", text)
                self.assertIn("  target: ", text)
                self.assertIn(READS[fault], text.split("  target: ")[1])
                told = d.until(lambda name=name: [n for n in d.told("target_condition", "firing")
                                                  if n["service"] == name])[0]
                self.assertIn(name, told["title"])
                self.assertEqual(self.changes(name), [])
        for name in names:
            self.stub.ask("/_ctl", {"name": name, "clear": True})
        d.until(lambda: all(t["current"] is not None and t["condition"] is None
                            for t in self.all(d)))
        d.until(lambda: {n["service"] for n in d.told("target_condition", "resolved")} == set(names))
        d.until(lambda: all(self.changes(name) for name in names))  # and is scaled again

    def test_one_that_is_gone(self):
        d = self.start("kubernetes")
        d.settle()
        self.stub.set("web", deleted=True)
        d.until(lambda: d.target()["current"] is None)
        d.push(780)
        d.until_decided(bound="target_unknown")
        self.assertIn("not found", d.said("explain", "gateway"))
        d.until(lambda: d.told("target_condition"))


class Writes(Day):
    def test_every_answer_is_understood(self):
        d, names = self.many(WRITES, 4)
        for name, (_, fault) in names.items():
            for _ in range(3):
                d.push(240, service=name, capacity=400)
            self.stub.fault(name, fault)
        for name in names:
            d.push(390, service=name, capacity=400)
        for name, (kind, fault) in names.items():
            state, n, word = WRITES[fault]
            with self.subTest(name):
                ended = d.until_action(state, name)
                self.assertIn(word, ended["reason"])
                first = [c for c in self.stub.log(name) if c["from"] == 4]
                self.assertLessEqual(len(first), 1)
                self.assertGreaterEqual(len(first), n)
                self.assertTrue(all(2 <= c["to"] <= 20 for c in self.stub.log(name)))
                events = d.get("/events?limit=200")["items"]
                self.assertIn((name, state), [(e["service"], e["reason"]) for e in events])
                kind_told = "action_applied" if state == "applied" else "action_failed"
                d.until(lambda kind_told=kind_told, name=name: [
                    x for x in d.told(kind_told) if x["service"] == name])

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
            seen = d.until_decided(verdict="held")
            self.assertIn(seen["bound"], ("open_action", "target_unknown"))
            self.assertIn("held at ", d.said("explain", "gateway"))
            d.push(390, capacity=400, service="quotes")
            d.until_action("applied", "second")
            self.stub.ask("/_ctl", {"name": "web", "clear": True})
            d.until_action("applied")
            self.assertEqual(len([c for c in self.changes("web") if c[0] == 4]), 1)
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
        self.assertTrue(ended[0]["reason"])
        self.assertEqual(self.changes(), [])
        self.stub.ask("/_ctl", {"name": "web", "clear": True})
        d.push(390, capacity=400)
        d.until_action("applied")
        self.assertEqual(len([c for c in self.changes() if c[0] == 4]), 1)

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
                f.write(SLOW.replace("FOLDER", folder))
            os.chmod(script, os.stat(script).st_mode | stat.S_IXUSR)
            both = [target({"exec": {"command": [script]}}, timeout_seconds=300),
                    target(name="clock", service="clock")]

            def ids():
                with open(f"{folder}/ids", encoding="ascii") as f:
                    return f.read().split()
            with world([rule(stale_seconds=600)], both) as d:
                d.settle(240, capacity=400)
                d.push(390, capacity=400)
                d.until(lambda: os.path.exists(f"{folder}/ids") and ids())
                d.apply([rule(stale_seconds=601)], both)
                d.rounds(3, "clock")
                self.assertEqual(len(ids()), 1)
                with open(f"{folder}/go", "w", encoding="ascii"):
                    pass
                d.until_action("applied")
                self.assertEqual(ids().count(ids()[0]), 1)
                self.assertLessEqual({a["state"] for a in d.actions()}, {"applied", "pending"})


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
            d.until(lambda: self.stub.ask("/_busy") >= 20)
            for i in range(100):
                d.push(390, capacity=400, service=f"t{i}")
            d.until(lambda: len({c["name"] for c in self.stub.ask("/_log")}) == 80, 60)
            hung = {f"t{i}" for i in range(0, 100, 5)}
            self.assertEqual({c["name"] for c in self.stub.ask("/_log")} & hung, set())


if __name__ == "__main__":
    unittest.main()
