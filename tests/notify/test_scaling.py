"""What waits for a person, by a daemon with rules: told, and told how it ended."""
import json
import os
import signal
import unittest

from receivers import hook, telling
from support import wait_until

RULES = {
    "targets": [{"name": "gateway", "service": "orders", "team": "trading",
                 "dry_run": {"current": 3}, "min_instances": 1, "max_instances": 9}],
    "rules": [{"rule_id": "day", "target": "gateway", "policy": "SCHEDULED", "mode": "approve",
               "windows": [{"cron": "* * * * *", "duration_seconds": 3600, "floor": 5}]}],
}


def write(path, what):
    with open(path, "w", encoding="utf-8") as f:
        json.dump(what, f)


class Proposal(unittest.TestCase):
    def test_it_is_told_and_so_is_its_end(self):
        with hook() as h:
            receivers = [{"name": "other", "kind": "webhook", "url": h.url + "/other"},
                         {"name": "desk", "kind": "webhook", "url": h.url + "/desk"}]
            routes = [{"event": "proposal", "team": "trading", "service": "ord*",
                       "receiver": "desk"}]
            with telling(receivers, "http://127.0.0.1:1", routes=routes,
                         events=["proposal"]) as d:
                with open(d.config, encoding="utf-8") as f:
                    config = json.load(f)
                rules = os.path.join(d.folder, "rules.yml")
                write(rules, RULES)
                config["scaling"] = {"rules_files": ["rules.yml"], "mode": "approve"}
                write(d.config, config)
                d.send(signal.SIGHUP)
                body = json.loads(wait_until(h.requests, 60)[0]["body"])
                self.assertEqual(body["type"], "loadline.proposal")
                first = body["data"]["notices"][0]
                self.assertEqual(first["title"], "gateway: 3 to 5 instances?")
                self.assertEqual((first["service"], first["team"]), ("orders", "trading"))
                self.assertIn("If nobody answers nothing is changed.", first["text"])
                self.assertTrue(first["decide_by"])

                # the window asks for what there is: the proposal is not needed any more
                write(rules, {**RULES, "rules": [{**RULES["rules"][0], "windows": [
                    {"cron": "* * * * *", "duration_seconds": 3600, "floor": 3}]}]})
                d.send(signal.SIGHUP)
                end = wait_until(lambda: h.notices(first["key"], "resolved"), 60)[0]
                self.assertTrue((end["ending"] or "").startswith("superseded: "), end)
                self.assertEqual({s["path"] for s in h.requests()}, {"/desk"})


if __name__ == "__main__":
    unittest.main()
