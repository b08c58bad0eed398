"""The guide of scaling, run as it stands; what the page of bad days quotes; the timeline."""
import csv
import io
import json
import os
import re
import threading
import unittest

import guide
from support import SOURCE
from world import rule, world

ID = re.compile(r"\b[0-9a-f]{11}-[0-9a-f]{12,16}\b")
TIMES = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|(?:\w{3} )?\d\d \w{3} \d\d:\d\d(?::\d\d)? UTC")
CHANGES = ("apply", "approve", "auto", "observe", "pause", "resume", "freeze")


def page(name):
    with open(os.path.join(SOURCE, "docs/guide", name), encoding="utf-8") as f:
        return f.read()


def alike(text):
    """Without what each run has of its own."""
    return " ".join(TIMES.sub("TIME", ID.sub("ID", text)).split())


class Guide(unittest.TestCase):
    def test_the_steps_print_what_the_guide_shows(self):
        text, over = page("scaling.md"), threading.Event()
        with world(scaling={"mode": "observe"}) as d:
            with open(os.path.join(d.folder, "rules.yaml"), "w", encoding="utf-8") as f:
                f.write(re.search(r"(?s)```yaml\n(.*?)```", text)[1])

            def load():
                while not over.wait(0.3):
                    d.push(360, capacity=400)
            sender = threading.Thread(target=load)
            sender.start()
            try:
                for line, shown in guide.commands(text):
                    self.step(d, line, alike(shown))
            finally:
                over.set()
                sender.join()

    def step(self, d, line, shown):
        if ID.search(line):
            waiting = d.until(lambda: d.actions(state="proposed"))
            line = ID.sub(waiting[0]["action_id"], line)
        args = line.split()[1:]

        def said():
            return alike(d.run(*args, cwd=d.folder).stdout)
        if any(a in CHANGES for a in args):
            self.assertEqual(said(), shown, line)
        else:
            last = []
            try:
                d.until(lambda: last.append(said()) or last[-1] == shown)
            except AssertionError:
                self.assertEqual(last[-1], shown, line)


class Words(unittest.TestCase):
    def test_what_holds_is_quoted_as_it_is_said(self):
        with open(os.path.join(SOURCE, "src/core/scaling.h"), encoding="utf-8") as f:
            said = re.findall(r'X\(LL_BOUND_\w+,\s*"(\w+)",\s*\\?\s*"([^"]+)"\)', f.read())
        texts, words = dict(said), page("when-things-go-wrong.md")
        for bound in ("no_data", "stale", "partial", "implausible", "target_unknown", "open_action",
                      "contested", "breaker", "zero_by_hand"):
            self.assertIn(texts[bound], words)


class Timeline(unittest.TestCase):
    def test_seen_decided_done(self):
        with world([rule()]) as d:
            d.settle()
            d.push(780)
            done = d.until_action("applied")
            d.until_decided(bound="stale")
            rows = list(csv.DictReader(io.StringIO(d.said("timeline", "gateway", "-o", "csv"))))
            self.assertEqual([r["timestamp"] for r in rows], sorted(r["timestamp"] for r in rows))
            self.assertEqual({r["target"] for r in rows}, {"gateway"})
            told = [(r["what"], r["state"]) for r in rows if r["id"] == done["action_id"]]
            self.assertEqual(told, [("done", "begun"), ("done", "applied")])
            by = next(i for i, r in enumerate(rows) if r["id"] == done["decision_id"])
            self.assertEqual((rows[by]["what"], rows[by]["state"]), ("decided", "act"))
            self.assertIn("orders API_CALLS 780 of 800", " ".join(r["text"] for r in rows[:by]))
            self.assertEqual(rows[by - 1]["what"], "seen")
            self.assertIn("the newest sample is too old", rows[-1]["text"])
            self.assertIn("Loadline started", rows[0]["text"])

            same = json.loads(d.said("timeline", "band", "-o", "json"))["items"]
            self.assertEqual([r["timestamp"] for r in same][:len(rows)], [r["timestamp"] for r in rows])
            self.assertIn("held at", d.said("timeline", "gateway", "-o", "wide"))
            later = d.run("timeline", "gateway", "--from", "now-1s", "--to", "now-2s")
            self.assertEqual(later.returncode, 2)
            self.assertIn("--from is not before --to", later.stderr)
            self.assertEqual(d.run("timeline", "nobody").returncode, 4)


if __name__ == "__main__":
    unittest.main()
