"""What waits for a person, and what was done, by a daemon with rules."""
import contextlib
import json
import os
import signal
import unittest

from receivers import change, hook, restart, status_of, telling
from support import free_port, wait_until

NOWHERE = "http://127.0.0.1:1"


def rules(floor=5, **more):
    return {
        "targets": [{"name": "gateway", "service": "orders", "team": "trading",
                     "dry_run": {"current": 3}, "min_instances": 1, "max_instances": 9}],
        "rules": [{"rule_id": "day", "target": "gateway", "policy": "SCHEDULED", "mode": "approve",
                   "windows": [{"cron": "* * * * *", "duration_seconds": 3600, "floor": floor}],
                   **more}],
    }


def put_rules(d, document):
    with open(os.path.join(d.folder, "rules.yml"), "w", encoding="utf-8") as f:
        json.dump(document, f)
    change(d, {"scaling": {"rules_files": ["rules.yml"], "mode": "approve"}})


@contextlib.contextmanager
def proposing(receivers, document, **more):
    with telling(receivers, NOWHERE, **more) as d:
        put_rules(d, document)
        yield d


def actions(d, state):
    return json.loads(d.request("GET", f"/api/v1/actions?state={state}")[1])["items"]


def approved(d):
    """Approves what is proposed; its id, once it was applied.  A proposal may just be making way
    for another."""
    def approve():
        for a in actions(d, "proposed"):
            if d.request("POST", f"/api/v1/actions/{a['action_id']}/approve", {})[0] == 200:
                return a["action_id"]
        return None

    done = wait_until(approve, 10)
    wait_until(lambda: done in [a["action_id"] for a in actions(d, "applied")], 10)
    return done


class Proposal(unittest.TestCase):
    def test_it_is_told_and_so_is_its_end(self):
        with hook() as h:
            receivers = [{"name": "other", "kind": "webhook", "url": h.url + "/other"},
                         {"name": "desk", "kind": "webhook", "url": h.url + "/desk"}]
            routes = [{"event": "proposal", "team": "trading", "service": "ord*",
                       "receiver": "desk"}]
            with proposing(receivers, rules(), routes=routes, events=["proposal"]) as d:
                # that nothing was done by itself is seen before anything is waited for
                wait_until(lambda: actions(d, "proposed") or actions(d, "applied"), 10)
                self.assertEqual(actions(d, "applied"), [])
                body = json.loads(wait_until(h.requests, 10)[0]["body"])
                self.assertEqual(body["type"], "loadline.proposal")
                first = body["data"]["notices"][0]
                self.assertEqual(first["title"], "gateway: 3 to 5 instances?")
                self.assertEqual((first["service"], first["team"]), ("orders", "trading"))
                self.assertIn("If nobody answers nothing is changed.", first["text"])
                self.assertEqual(first["on_expiry"], "hold")
                self.assertTrue(first["decide_by"])

                # the window asks for what there is: the proposal is not needed any more
                put_rules(d, rules(floor=3))
                end = wait_until(lambda: h.notices(first["key"], "resolved"), 10)[0]
                self.assertTrue((end["ending"] or "").startswith("superseded: "), end)
                self.assertEqual({s["path"] for s in h.requests()}, {"/desk"})

    def test_what_is_made_without_an_answer_says_so(self):
        with hook() as h, proposing([{"name": "desk", "kind": "webhook", "url": h.url}],
                                    rules(on_expiry="execute"), events=["proposal"]):
            body = json.loads(wait_until(h.requests, 10)[0]["body"])
            first = body["data"]["notices"][0]
            self.assertEqual(first["on_expiry"], "execute")
            self.assertIn("If nobody answers it is made then.", first["text"])

    def test_it_is_not_told_twice_by_the_next_daemon(self):
        with hook() as h, proposing([{"name": "desk", "kind": "webhook", "url": h.url}],
                                    rules(), events=["proposal"]) as d:
            wait_until(lambda: status_of(d)["receivers"][0]["sent"], 10)
            key = json.loads(h.requests()[0]["body"])["data"]["notices"][0]["key"]
            restart(d, signal.SIGKILL)
            wait_until(lambda: status_of(d)["open"], 10)
            put_rules(d, rules(floor=3))
            end = wait_until(lambda: h.notices(key, "resolved"), 10)[0]
            self.assertTrue((end["ending"] or "").startswith("superseded: "), end)
            self.assertEqual(len(h.notices(key, "firing")), 1)


class Applied(unittest.TestCase):
    def told_once_by_the_next(self, before_the_end):
        port = free_port()
        receivers = [{"name": "ops", "kind": "webhook", "url": f"http://127.0.0.1:{port}"}]
        with proposing(receivers, rules(), events=["action_applied"]) as d:
            action = "action/" + approved(d)
            before_the_end(d)
            restart(d, signal.SIGKILL)
            with hook(port) as h:
                wait_until(lambda: h.notices(action), 20)
                wait_until(lambda: status_of(d)["receivers"][0]["sent"], 10)
                restart(d, signal.SIGKILL)
                # the rehearsal begins anew; its next action is told after the first: what would be told again has been by then
                other = "action/" + approved(d)
                wait_until(lambda: h.notices(other), 20)
                self.assertEqual(len(h.notices(action)), 1)

    def test_what_a_receiver_did_not_take_is_told_by_the_next_daemon(self):
        self.told_once_by_the_next(
            lambda d: wait_until(lambda: status_of(d)["receivers"][0]["failed"], 10))

    def test_what_was_done_just_before_the_end_is_told(self):
        self.told_once_by_the_next(lambda d: None)


class Parallel(unittest.TestCase):
    def test_one_that_hangs_delays_no_other(self):
        with hook() as slow, hook() as fast:
            slow.answers += ["hang"] * 20
            receivers = [{"name": "slow", "kind": "webhook", "url": slow.url, "timeout": "60s"},
                         {"name": "fast", "kind": "webhook", "url": fast.url}]
            routes = [{"event": "source_down", "receiver": "slow"},
                      {"event": "proposal", "receiver": "fast"}]
            with telling(receivers, NOWHERE, routes=routes,
                         events=["source_down", "proposal"]) as d:
                wait_until(lambda: slow.requests("hang"), 10)
                put_rules(d, rules())
                wait_until(lambda: fast.requests(204), 10)
                shown = {r["name"]: r for r in wait_until(
                    lambda: [r for r in status_of(d)["receivers"] if r["sent"]] and
                    status_of(d)["receivers"], 10)}
                self.assertEqual(shown["slow"]["sent"], 0)


if __name__ == "__main__":
    unittest.main()
