"""The commands on files of series: forecast, backtest, seasonality."""
import csv
import datetime
import gzip
import io
import json
import math
import os
import tempfile
import unittest

import guide
from support import SOURCE, UTF8, run

HEADER = "series,timestamp,value\n"
START = datetime.datetime(2026, 6, 1, tzinfo=datetime.timezone.utc)  # a Monday


def stamp(t):
    return t.strftime("%Y-%m-%dT%H:%M:%SZ")


def usual(hour):
    """A day's shape, half of it at weekends."""
    return (100 + 80 * (8 <= hour % 24 < 20)) / (1 + (hour // 24 % 7 >= 5))


def hours(name, n=28 * 24, value=lambda hour: usual(hour) + hour * 7 % 5):
    rows = (f"{name},{stamp(START + datetime.timedelta(hours=h))},{value(h):g}\n" for h in range(n))
    return "".join(rows)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def file(self, text, name="file.csv"):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def ok(self, *args, **kw):
        r = run(*args, **kw)
        self.assertEqual(r.returncode, 0, r.stderr)
        return r

    def rows(self, *args):
        return list(csv.DictReader(io.StringIO(self.ok(*args, "-o", "csv").stdout)))

    def json(self, *args):
        return json.loads(self.ok(*args, "--json").stdout)

    def refused(self, code, said, *args):
        r = run(*args)
        self.assertEqual((r.returncode, r.stdout), (code, ""), r.stderr)
        self.assertIn(said, r.stderr)


class Forecast(Case):
    def test_csv(self):
        path = self.file(HEADER + hours("web") + hours('"a,b"', value=lambda h: 5))
        rows = self.rows("forecast", path, "--horizon", "1d")
        self.assertEqual(
            list(rows[0]),
            ["series", "timestamp", "predicted_value", "confidence_lower", "confidence_upper", "model_used"],
        )
        self.assertEqual([r["series"] for r in rows], ["web"] * 24 + ["a,b"] * 24)
        for h, r in enumerate(rows[:24]):
            self.assertEqual(r["timestamp"], stamp(START + datetime.timedelta(hours=28 * 24 + h)))
            mid, low, high = (float(r[k]) for k in list(r)[2:5])
            self.assertAlmostEqual(mid, usual(h) + 2, delta=6)
            self.assertLessEqual(low, mid)
            self.assertLessEqual(mid, high)
        self.assertEqual({float(r["predicted_value"]) for r in rows[24:]}, {5.0})

    def test_table(self):
        r = self.ok("forecast", self.file(HEADER + hours("web")), "--horizon", "24", env=UTF8)
        self.assertEqual(r.stderr, "")
        self.assertRegex(r.stdout, r"^SERIES +NEXT +PEAK +AT +P95 +FORECAST\nweb +10\d[.\d]* +18\d")
        self.assertRegex(r.stdout, r"29 Jun (0[89]|1\d):00 UTC")
        self.assertIn("█", r.stdout)

    def test_the_table_keeps_the_zone_that_is_asked_for(self):
        path = self.file(HEADER + hours("web"))
        r = self.ok("forecast", path, "--horizon", "1", "--tz", "Asia/Tokyo")
        self.assertIn("29 Jun 09:00 JST", r.stdout)

    def test_wide_says_why(self):
        r = self.ok("forecast", self.file(HEADER + hours("web")), "--horizon", "24", "-o", "wide")
        self.assertRegex(r.stdout, r"REASON\n.*seasons of 24 and 168 steps; .*origins")

    def test_json_and_ndjson(self):
        path = self.file(HEADER + hours("web") + hours("api"))
        items = self.json("forecast", path, "--horizon", "2")
        self.assertEqual([i["series"] for i in items], ["web", "api"])
        first = items[0]
        self.assertEqual((first["step_seconds"], first["level"], first["model_used"]), (3600, 0.95, "auto"))
        self.assertEqual(len(first["points"]), 2)
        self.assertGreaterEqual(first["peak"]["upper_99"], first["peak"]["upper_95"])
        self.assertIsNone(first["peak"]["exceeds_capacity"])
        self.assertAlmostEqual(sum(m["weight"] for m in first["models"]), 1, places=6)
        lines = self.ok("forecast", path, "--horizon", "2", "-o", "ndjson").stdout.splitlines()
        self.assertEqual([json.loads(line) for line in lines], items)

    def test_capacity_gives_the_probability_of_the_peak(self):
        text = "series,timestamp,value,capacity\n"
        for name, capacity in (("roomy", 1000), ("full", 120)):
            text += hours(name).replace("\n", f",{capacity}\n")
        roomy, full = self.json("forecast", self.file(text), "--horizon", "24")
        self.assertLess(roomy["peak"]["exceeds_capacity"], 0.05)
        self.assertGreater(full["peak"]["exceeds_capacity"], 0.95)

    def test_one_model(self):
        path = self.file(HEADER + hours("web"))
        rows = self.rows("forecast", path, "--horizon", "24", "--model", "seasonal-naive", "--seasons", "24")
        day = [usual(h) + h * 7 % 5 for h in range(27 * 24, 28 * 24)]
        self.assertEqual([float(r["predicted_value"]) for r in rows], day)
        self.assertEqual({r["model_used"] for r in rows}, {"seasonal-naive"})

    def test_levels(self):
        path = self.file(HEADER + hours("web"))
        width = {}
        for level in ("50", "80", "99"):
            r = self.rows("forecast", path, "--horizon", "24", "--level", level)[0]
            width[level] = float(r["confidence_upper"]) - float(r["confidence_lower"])
        self.assertLess(width["50"], width["80"])
        self.assertLess(width["80"], width["99"])

    def test_seasons_override_what_is_found(self):
        path = self.file(HEADER + hours("web"))
        why = {}
        for seasons in ("12", "24,168", "none"):
            why[seasons] = self.json("forecast", path, "--horizon", "2", "--seasons", seasons)[0]["reason"]
        self.assertIn("a season of 12 steps", why["12"])
        self.assertIn("seasons of 24 and 168 steps", why["24,168"])
        self.assertIn("no season", why["none"])

    def test_threads_do_not_change_a_byte(self):
        text = HEADER
        for i in range(12):
            text += hours(f"s{i}", 400 + 31 * i, lambda h, i=i: usual(h + i) * (1 + h * (i + 3) % 11 / 50))
        path = self.file(text)
        for form in ("csv", "json", "wide"):
            one, two = (self.ok("forecast", path, "--horizon", "48", "--threads", n, "-o", form) for n in "12")
            self.assertEqual(one.stdout, two.stdout)

    def test_standard_input_and_gzip(self):
        text = HEADER + hours("web")
        plain = self.rows("forecast", self.file(text), "--horizon", "3")
        path = os.path.join(self.folder, "file.csv.gz")
        with gzip.open(path, "wt", encoding="utf-8") as f:
            f.write(text)
        self.assertEqual(self.rows("forecast", path, "--horizon", "3"), plain)
        with open(path, "rb") as f:
            r = self.ok("forecast", "-", "--horizon", "3", "-o", "csv", stdin=f)
        self.assertEqual(list(csv.DictReader(io.StringIO(r.stdout))), plain)

    def test_odd_series_have_finite_answers(self):
        text = HEADER + hours("constant", 100, lambda h: 7) + hours("zeros", 100, lambda h: 0)
        text += hours("three", 3) + hours("one", 1) + hours("huge", 200, lambda h: 1e149 * (1 + h % 2 / 10))
        rows = self.rows("forecast", self.file(text), "--horizon", "4")
        self.assertEqual(len(rows), 20)
        for r in rows:
            self.assertTrue(all(math.isfinite(float(r[k])) for k in list(r)[2:5]), r)


class Broken(Case):
    """What is wrong with a file is told, and what is right with it is used."""

    def test_rows_that_cannot_be_read_are_told_with_their_line_and_left_out(self):
        good = self.rows("forecast", self.file(HEADER + hours("web")), "--horizon", "2")
        text = HEADER + "web,yesterday,3\n" + hours("web") + "web,2026-06-30T00:00:00Z,lots\nweb\n"
        r = self.ok("forecast", self.file(text), "--horizon", "2", "-o", "csv")
        self.assertEqual(list(csv.DictReader(io.StringIO(r.stdout))), good)
        self.assertIn("line 2: timestamp 'yesterday' is neither", r.stderr)
        self.assertIn("line 675: value 'lots' is not a number", r.stderr)
        self.assertIn("line 676: 1 fields, and the header has 3", r.stderr)
        self.assertIn("3 of 675 rows could not be read and were left out", r.stderr)

    def test_many_bad_rows_are_counted_not_listed(self):
        text = HEADER + hours("web") + "web,never,1\n" * 200
        r = self.ok("forecast", self.file(text), "--horizon", "2")
        self.assertIn("200 of 872 rows could not be read", r.stderr)
        self.assertLess(len(r.stderr.splitlines()), 10)

    def test_a_series_without_a_value_has_no_forecast(self):
        text = HEADER + hours("web", 100) + "gone,2026-06-01T00:00:00Z,\ngone,2026-06-01T01:00:00Z,NaN\n"
        r = self.ok("forecast", self.file(text), "--horizon", "2", "-o", "csv")
        self.assertEqual({line.split(",")[0] for line in r.stdout.splitlines()[1:]}, {"web"})
        self.assertIn("1 of 2 series have no value and no forecast", r.stderr)
        self.assertEqual(self.ok("backtest", self.file(text), "--horizon", "5").stdout.count("gone"), 0)

    def test_a_series_without_a_usable_value_does_not_stop_the_others(self):
        path = self.file(HEADER + hours("beyond", 200, lambda h: 1e300) + hours("web"))
        for command in (("forecast", "--horizon", "2"), ("backtest", "--horizon", "2"), ("seasonality",)):
            with self.subTest(command[0]):
                r = self.ok(command[0], path, *command[1:], "-o", "csv")
                self.assertEqual({line.split(",")[0] for line in r.stdout.splitlines()[1:]}, {"web"})
        r = self.ok("forecast", path, "--horizon", "2")
        self.assertIn("1 of 2 series have no value and no forecast", r.stderr)

    def test_of_doubled_stamps_the_last_counts_and_the_reason_says_so(self):
        text = HEADER + hours("web", value=lambda h: 9999) + hours("web")
        item = self.json("forecast", self.file(text), "--horizon", "2")[0]
        self.assertLess(item["points"][0]["predicted_value"], 200)
        self.assertIn("672 doubled stamps, the last ones count", item["reason"])

    def test_order_does_not_matter(self):
        rows = hours("web").splitlines(True)
        good = self.rows("forecast", self.file(HEADER + "".join(rows)), "--horizon", "2")
        self.assertEqual(self.rows("forecast", self.file(HEADER + "".join(reversed(rows))), "--horizon", "2"), good)

    def test_files_that_mean_nothing(self):
        for command in (("forecast", "--horizon", "2"), ("backtest", "--horizon", "2"), ("seasonality",)):
            with self.subTest(command[0]):
                args = (command[0], self.file(""), *command[1:])
                self.refused(1, "the file is empty", *args)
                self.file(HEADER)
                self.refused(1, "no row below its header", *args)
                self.file(hours("web", 30))
                self.refused(1, "column 'web' is not known", *args)
                self.file(HEADER + "a,b,c\n")
                self.refused(1, "none of 1 rows can be read", *args)
                self.refused(4, "No such file", command[0], args[1] + ".not", *command[1:])

    def test_flags(self):
        path = self.file(HEADER + hours("web", 60))
        for code, said, *flags in (
            (2, "--horizon is missing"),
            (2, "--horizon 0 is not in 1 to 4096", "--horizon", "0"),
            (2, "--horizon 4097 is not in", "--horizon", "4097"),
            (2, "'soon' is neither a number of steps nor a span", "--horizon", "soon"),
            (1, "the horizon is over 4096 steps", "--horizon", "400d"),
            (2, "no model 'seasonl-naive'; did you mean 'seasonal-naive'?", "--horizon", "2", "--model", "seasonl-naive"),
            (2, "'0' is not a percentage", "--horizon", "2", "--level", "0"),
            (2, "'100' is not a percentage", "--horizon", "2", "--level", "100"),
            (2, "'high' is not a percentage", "--horizon", "2", "--level", "high"),
            (2, "'1' is not a list of steps", "--horizon", "2", "--seasons", "1"),
            (2, "'24,,168' is not a list", "--horizon", "2", "--seasons", "24,,168"),
            (2, "--seasons: at most 3", "--horizon", "2", "--seasons", "2,3,4,5"),
            (4, "no calendar 'XNYZ'; did you mean 'XNYS'?", "--horizon", "2", "--calendar", "XNYZ"),
        ):
            for command in ("forecast", "backtest"):
                with self.subTest(f"{command} {' '.join(flags)}"):
                    self.refused(code, said, command, path, *flags)
        self.refused(2, "FILE is missing", "forecast", "--horizon", "2")


class Calendars(Case):
    """Hourly volume of New York up to the day before the eve of Thanksgiving."""

    SLOTS = (9, 5, 4, 3, 4, 6, 12)

    def setUp(self):
        super().setUp()
        sessions = self.rows("calendar", "sessions", "XNYS", "--from", "2026-06-01", "--to", "2026-12-04")
        self.bars, text = {}, HEADER
        for i, s in enumerate(sessions):
            at = datetime.datetime.fromisoformat(s["open_utc"].replace("Z", "+00:00"))
            end = datetime.datetime.fromisoformat(s["close_utc"].replace("Z", "+00:00"))
            at = at.replace(minute=0)
            for slot in range(7):
                t = at + datetime.timedelta(hours=slot)
                if t < end:
                    self.bars[stamp(t)] = s["session"]
                    if s["session"] < "2026-11-25":
                        text += f"volume,{stamp(t)},{self.SLOTS[slot] * (100 + i * 7 % 13):g}\n"
        self.path = self.file(text)

    def test_only_steps_of_sessions_are_forecast(self):
        rows = self.rows("forecast", self.path, "--horizon", "21", "--calendar", "XNYS")
        wanted = [t for t in self.bars if self.bars[t] >= "2026-11-25"][: len(rows)]
        self.assertEqual([r["timestamp"] for r in rows], wanted)
        days = {r["timestamp"][:10] for r in rows}
        self.assertIn("2026-11-25", days)
        self.assertNotIn("2026-11-26", days)  # Thanksgiving
        self.assertFalse([t for t in wanted if t.startswith("2026-11-27T18")])  # closes at 13:00 EST
        point = [float(r["predicted_value"]) for r in rows[:7]]
        self.assertEqual(max(point), point[6])
        self.assertAlmostEqual(point[6] / point[3], 4, delta=0.5)

    def test_the_reason_names_the_grid(self):
        item = self.json("forecast", self.path, "--horizon", "7", "--calendar", "xnys")[0]
        self.assertIn("session", item["reason"])

    def test_without_a_calendar_nights_are_forecast_too(self):
        rows = self.rows("forecast", self.path, "--horizon", "24")
        self.assertEqual(len({r["timestamp"][11:13] for r in rows}), 24)

    def test_backtest_and_bad_rows_of_a_calendar(self):
        items = self.json("backtest", self.path, "--horizon", "7", "--calendar", "XNYS", "--model", "seasonal-naive")
        self.assertEqual([i["model"] for i in items], ["auto", "seasonal-naive"])
        self.assertLess(items[0]["wape"], 0.2)


class Backtest(Case):
    def test_every_model_beside_auto(self):
        path = self.file(HEADER + hours("web"))
        rows = self.rows("backtest", path, "--horizon", "24")
        models = [r["model"] for r in rows]
        self.assertEqual(models[0], "auto")
        self.assertIn("seasonal-naive", models)
        self.assertGreater(len(models), 10)
        self.assertEqual([r["chosen"] for r in rows].count("true"), 1)
        best = min(rows, key=lambda r: float(r["wape"]))
        self.assertEqual(best["chosen"], "true")
        auto = rows[0]
        self.assertLess(float(auto["mase"]), 1)
        self.assertLess(float(auto["wape"]), 0.05)

    def test_a_model_knows_only_what_was_known(self):
        """Of a series that jumps at the end, repeating the last day cannot know the jump."""
        path = self.file(HEADER + hours("web", value=lambda h: 10 if h < 27 * 24 else 30))
        flags = ("--horizon", "24", "--origins", "1", "--model", "seasonal-naive", "--seasons", "24")
        naive = self.json("backtest", path, *flags)[1]
        self.assertAlmostEqual(naive["wape"], 20 / 30, places=6)
        self.assertEqual((naive["origins"], naive["coverage"]), (1, 0.0))

    def test_table(self):
        r = self.ok("backtest", self.file(HEADER + hours("web")), "--horizon", "24", "--model", "theta")
        self.assertRegex(r.stdout, r"^SERIES +MODEL +WAPE +SMAPE +MASE +COVERED +BIAS +BEST\n")
        self.assertRegex(r.stdout, r"(?m)^web +auto +\d+\.\d % .* \*$")
        self.assertNotIn("-0.0", r.stdout)

    def test_what_cannot_be_measured_is_a_dash(self):
        path = self.file(HEADER + hours("flat", value=lambda h: 0))
        r = self.ok("backtest", path, "--horizon", "24", "--model", "theta", env=UTF8)
        self.assertIn("–", r.stdout)
        self.assertNotIn("nan", r.stdout.lower().replace("naive", ""))
        self.assertIsNone(self.json("backtest", path, "--horizon", "24", "--model", "theta")[0]["mase"])

    def test_too_short_is_told(self):
        r = self.ok("backtest", self.file(HEADER + hours("web", 60)), "--horizon", "3d")
        self.assertIn("1 of 1 series are too short", r.stderr)
        self.assertNotIn("web", r.stdout)


class Seasonality(Case):
    def test_days_are_found_and_noise_has_none(self):
        noise = lambda h: (h * 2654435761 % 4294967296) ** 2 % 1000003 % 997  # noqa: E731
        path = self.file(HEADER + hours("web") + hours("noise", value=noise))
        web, other = self.json("seasonality", path)
        self.assertTrue(web["seasonal"])
        self.assertIn(24, [round(p["steps"]) for p in web["periods"]])
        self.assertEqual([p["seconds"] for p in web["periods"] if round(p["steps"]) == 24], [86400])
        self.assertEqual((other["seasonal"], other["periods"]), (False, []))
        r = self.ok("seasonality", path, env=UTF8)
        self.assertRegex(r.stdout, r"(?m)^web +24 steps +1 d 0 h +\d+ %$")
        self.assertIn("1 of 2 series have no season", r.stderr)

    def test_csv(self):
        rows = self.rows("seasonality", self.file(HEADER + hours("web")))
        self.assertEqual(list(rows[0]), ["series", "steps", "seconds", "strength"])
        self.assertTrue(0 < float(rows[0]["strength"]) <= 1)


class Guide(Case):
    def test_commands_print_what_the_guide_shows(self):
        remedy = "run: tests/cli/guide.py docs/guide/forecasting.md bench/data/series, and take what it prints"
        with open(os.path.join(SOURCE, "docs/guide/forecasting.md"), encoding="utf-8") as f:
            shown = list(guide.commands(f.read()))
        for line, output in shown:
            with self.subTest(line):
                self.assertEqual(guide.output_of(line, os.path.join(SOURCE, "bench/data/series")), output, remedy)
        self.assertGreaterEqual(len(shown), 6)


class Help(Case):
    def test_the_commands_are_explained(self):
        for command in ("forecast", "backtest", "seasonality"):
            text = run(command, "--help").stdout
            self.assertIn(f"loadline {command} ", text)
            self.assertIn("Long CSV", text)
        self.assertIn("seasonal-naive", run("forecast", "--help").stdout)


if __name__ == "__main__":
    unittest.main()
