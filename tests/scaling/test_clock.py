"""The clock steps while a target rests: no wait is skipped, none is lengthened, nothing is done."""
import datetime
import glob
import os
import tempfile
import time
import unittest

from world import rule, world

HOUR, DAY, YEAR = 3600, 86400, 365 * 86400
REST = 600
LIBRARY = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
SANITIZED = os.environ.get("LOADLINE_SANITIZED", "") not in ("", "none")


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Clock(unittest.TestCase):
    @unittest.skipIf(not LIBRARY or SANITIZED, "a faked clock needs libfaketime, and no sanitizer")
    def test_steps_skip_no_rest(self):
        scope = tempfile.TemporaryDirectory()
        self.addCleanup(scope.cleanup)
        self.rc = os.path.join(scope.name, "clock")
        self.set(0)
        rests = rule(stale_seconds=3 * REST)
        rests["thresholds"]["cooldown_seconds"] = REST
        env = {"FAKETIME_TIMESTAMP_FILE": self.rc, "FAKETIME_NO_CACHE": "1",
               "DONT_FAKE_MONOTONIC": "1", "FAKETIME_FORCE_MONOTONIC_FIX": "0",
               "LD_PRELOAD": LIBRARY[0]}
        with world([rests], env=env) as d:
            d.settle()
            began = time.monotonic()
            d.push(780)
            d.until_action("applied")
            d.until(lambda: d.target()["cooldown_in_until"])
            d.push(480)
            d.until_decided(verdict="nothing")
            count = d.count()
            for offset in (HOUR, 0, -HOUR, DAY, -DAY, 10 * YEAR, -10 * YEAR, 0):
                with self.subTest(offset):
                    self.step(d, offset, began)
                    self.assertEqual(d.count(), count)

    def set(self, offset):
        with open(self.rc + ".new", "w", encoding="ascii") as f:
            f.write(f"{offset:+d}\n")
        os.rename(self.rc + ".new", self.rc)

    def step(self, d, offset, began):
        def steps():
            return sum(e["reason"] == "CLOCK_STEP" for e in d.get("/events?limit=200")["items"])
        before = steps()
        self.set(offset)
        d.until(lambda: steps() > before)
        d.push(80)  # little, and without the rest it would be scaled in at once
        seen = d.until_decided(verdict="held", bound="scale_in_cooldown")
        self.assertEqual(seen["to"], seen["current"])
        left = seconds(d.target()["cooldown_in_until"]) - (time.time() + offset)
        self.assertLessEqual(left, REST + 1)
        self.assertGreaterEqual(left, REST - (time.monotonic() - began) - 1)
        d.push(480)
        d.until_decided(verdict="nothing")


if __name__ == "__main__":
    unittest.main()
