"""Forecasts of a daemon: an imported rhythm, what is expected of it, and how it came out."""
import csv
import io
import json
import math
import sqlite3
import tempfile
import time
import unittest

from support import Daemon, run, wait_until

HOUR, DAYS = 3600, 30
SERIES = {"service": "orders", "resource_type": "API_CALLS", "instance": "i1"}


# A period is an estimate: of these noisy days it comes out within a few minutes of a day.
DAY_WITHIN = 900


def rhythm(t):
    """100 on average, 140 at 06:00 UTC, with a little that no model knows."""
    noise = (t // HOUR * 2654435761 % 4294967296) / 4294967296 - 0.5
    return 100 + 40 * math.sin(2 * math.pi * (t % 86400) / 86400) + 4 * noise


def import_days(d):
    end = int(time.time()) // HOUR * HOUR
    rows = []
    for t in range(end - DAYS * 24 * HOUR, end, HOUR):
        v = rhythm(t)
        rows.append(
            {**SERIES, "step": HOUR, "t": t, "mean": v, "max": v, "count": 60, "capacity": 150}
        )
    status, body = d.request("POST", "/api/v1/import", {"rollups": rows})
    if status != 200 or json.loads(body)["rejected"]:
        raise AssertionError((status, body[:400]))


def push(d):
    sample = {**SERIES, "current_value": rhythm(int(time.time())), "capacity": 150}
    status, body = d.request("POST", "/api/v1/metrics", {"metrics": [sample]})
    if status != 200:
        raise AssertionError((status, body))


def forecast(d):
    path = "/api/v1/forecasts?service=orders&resource_type=API_CALLS"
    status, body = d.request("GET", path)
    return json.loads(body) if status == 200 else None


class Forecasts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.flags = ("--check-interval-seconds=1", "--collect.host.enabled=false",
                     "--forecast.workers=2", "--forecast.lead-time=2h")
        cls.d = Daemon(cls.folder.name, *cls.flags).start()
        import_days(cls.d)
        push(cls.d)
        cls.first = wait_until(lambda: forecast(cls.d), 60)

    @classmethod
    def tearDownClass(cls):
        cls.d.stop()
        cls.folder.cleanup()

    def test_1_the_rhythm_is_expected(self):
        points = self.first["points"]
        self.assertEqual((len(points), self.first["step"]), (24, HOUR))
        self.assertIn("24", self.first["reason"])
        for p in points:
            t = int(time.mktime(time.strptime(p["timestamp"][:19], "%Y-%m-%dT%H:%M:%S")))
            t -= time.timezone
            self.assertLess(abs(p["predicted_value"] - rhythm(t)), 10, p)
            self.assertLess(p["confidence_lower"], p["predicted_value"])
            self.assertGreater(p["confidence_upper"], p["predicted_value"])

    def test_2_the_command_shows_it_in_every_form(self):
        d = self.d
        table = d.run("forecast", "orders", "api_calls", "--horizon", "6h")
        self.assertEqual(table.returncode, 0, table.stderr)
        self.assertEqual(len(table.stdout.splitlines()), 7)
        self.assertIn("auto: ", table.stderr)
        rows = list(csv.DictReader(io.StringIO(d.run("forecast", "orders", "api_calls", "-o", "csv").stdout)))
        self.assertEqual(len(rows), 24)
        self.assertAlmostEqual(
            float(rows[3]["predicted_value"]), self.first["points"][3]["predicted_value"], 3
        )
        whole = json.loads(d.run("forecast", "orders", "api_calls", "--json").stdout)
        self.assertEqual(len(whole["points"]), 24)
        far = json.loads(d.run("forecast", "orders", "api_calls", "--horizon", "72h", "--json").stdout)
        self.assertEqual((len(far["points"]), far["on_demand"], far["forecast_id"]), (72, True, None))
        self.assertFalse(whole["on_demand"])
        beyond = d.run("forecast", "orders", "api_calls", "--horizon", "400h")
        self.assertEqual(beyond.returncode, 1)
        self.assertIn("forecast.max_horizon_hours", beyond.stderr)
        self.assertEqual(d.run("forecast", "nobody", "cpu").returncode, 4)
        self.assertEqual(d.run("forecast", "orders", "cpu", "--model", "theta").returncode, 2)
        self.assertEqual(d.run("forecast", "orders", "cpu", "--horizon", "7x").returncode, 2)

    def test_3_peaks_and_seasons(self):
        item = json.loads(self.d.run("peaks", "--json").stdout)["items"][0]
        self.assertEqual((item["service"], item["resource_type"]), ("orders", "API_CALLS"))
        self.assertAlmostEqual(item["value"], 140, delta=8)
        self.assertGreater(item["upper_95"], item["value"])
        self.assertLess(item["exceeds_capacity"], 0.3)
        table = self.d.run("peaks", "orders").stdout.splitlines()
        self.assertEqual(len(table), 2)
        self.assertEqual(json.loads(self.d.run("peaks", "nobody", "--json").stdout)["items"], [])
        _, body = self.d.request(
            "GET", "/api/v1/seasonality?service=orders&resource_type=API_CALLS"
        )
        season = json.loads(body)
        self.assertTrue(season["seasonal"])
        self.assertAlmostEqual(season["periods"][0]["seconds"], 86400, delta=DAY_WITHIN)

    def test_4_status_and_metrics_tell_of_it(self):
        status = json.loads(self.d.request("GET", "/api/v1/status")[1])["forecasts"]
        self.assertGreaterEqual(status["fitted"], 1)
        self.assertEqual((status["held"], status["backlog"], status["workers"]), (1, 0, 2))
        self.assertGreaterEqual(status["on_demand"], 1)
        text = self.d.request("GET", "/metrics")[1].decode()
        for name in ("loadline_forecasts 1", "loadline_forecast_backlog 0", "loadline_forecast_workers 2",
                     "loadline_forecast_fit_seconds_total "):
            self.assertIn("\n" + name, text)

    def test_5_it_is_kept_and_judged(self):
        """The kept forecast is moved back by a day, where the same rhythm has already come."""
        d = self.d
        nothing = d.run("accuracy")
        self.assertEqual(nothing.returncode, 0, nothing.stderr)
        self.assertIn("nothing to compare", nothing.stderr)
        fid = self.first["forecast_id"]
        wait_until(lambda: d.request("GET", f"/api/v1/forecasts/{fid}")[0] == 200)
        kept = json.loads(d.request("GET", f"/api/v1/forecasts/{fid}")[1])
        self.assertEqual(kept["points"], self.first["points"])
        self.assertEqual(d.request("GET", "/api/v1/forecasts/7")[0], 404)
        self.assertEqual(d.request("GET", "/api/v1/forecasts/x")[0], 404)

        self.assertEqual(d.stop(), 0)
        with sqlite3.connect(f"{self.folder.name}/data/loadline.db") as db:
            db.execute("DELETE FROM forecasts WHERE id<>?", (int(fid),))
            db.execute("UPDATE forecasts SET origin=origin-86400000, until=until-86400000,"
                       " made=made-86400000")
        db.close()
        d.start()
        push(d)
        wait_until(lambda: len(json.loads(d.run("accuracy", "--json").stdout)["items"]) == 4, 60)
        items = json.loads(d.run("accuracy", "orders", "--days", "2", "--json").stdout)["items"]
        self.assertEqual([i["hours_ahead"] for i in items], [1, 2, 6, 24])
        self.assertEqual([i["lead"] for i in items], [False, True, False, False])
        for i in items:
            self.assertEqual(i["trust"]["verdict"], "unmeasured")
            self.assertEqual((i["compared"], i["seasonal_naive"]["compared"]), (1, 1))
            self.assertLess(i["wape"], 0.12)
            self.assertGreater(i["accuracy"], 0.88)
        self.assertEqual(len(d.run("accuracy").stdout.splitlines()), 5)
        whole = json.loads(d.request("GET", f"/api/v1/forecasts/{fid}/accuracy")[1])
        self.assertEqual((whole["points"], whole["compared"]), (24, 24))
        self.assertGreater(whole["accuracy"], 0.9)
        self.assertGreater(whole["coverage"], 0.7)

    def test_6_a_restart_serves_it_at_once(self):
        d = self.d
        before = forecast(d)
        path = f"/api/v1/forecasts/{before['forecast_id']}"
        wait_until(lambda: d.request("GET", path)[0] == 200)
        self.assertEqual(d.stop(), 0)
        d.start()
        after = wait_until(lambda: forecast(d), 60)
        self.assertTrue(after["restored"])
        for key in ("forecast_id", "made", "origin", "points", "peak", "effects", "lead_hours"):
            self.assertEqual(after[key], before[key], key)
        self.assertEqual(after["trust"], before["trust"])
        season = json.loads(d.request(
            "GET", "/api/v1/seasonality?service=orders&resource_type=API_CALLS")[1])
        self.assertAlmostEqual(season["periods"][0]["seconds"], 86400, delta=DAY_WITHIN)
        self.assertEqual(json.loads(d.run("peaks", "--json").stdout)["items"][0]["stale"], False)
        status = json.loads(d.request("GET", "/api/v1/status")[1])["forecasts"]
        self.assertEqual((status["held"], status["restored"], status["fitted"]), (1, 1, 0))
        self.assertEqual(len(json.loads(d.run("accuracy", "--json").stdout)["items"]), 4)

    def test_7_a_decision_is_told_why_there_is_nothing(self):
        path = "/api/v1/demand?service=%s&resource_type=API_CALLS&seconds=7200"
        told = json.loads(self.d.request("GET", path % "orders")[1])
        self.assertEqual((told["state"], told["value"]), ("untrusted", None))
        self.assertGreater(told["said"], 50)
        self.assertIn("not to be trusted", told["reason"])
        told = json.loads(self.d.request("GET", path % "nobody")[1])
        self.assertEqual((told["state"], told["said"], told["origin"]), ("missing", None, None))


class Alone(unittest.TestCase):
    def test_without_a_daemon_it_says_so(self):
        for line in ("peaks", "accuracy", "forecast orders cpu"):
            r = run(*line.split(), "--server", "http://127.0.0.1:1")
            self.assertEqual(r.returncode, 5, line)


if __name__ == "__main__":
    unittest.main()
