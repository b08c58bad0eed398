"""The calendar commands: forms, errors, overlays, states of knowledge, checks, drawings."""
import csv
import datetime
import io
import json
import os
import re
import tempfile
import unittest

from support import SOURCE, UTF8, run

COMMANDS = ("check", "closed", "diff", "events", "list", "now", "sessions", "show")

OVERLAY = """overlay: desk
author: jo@example.com
entries:
  - {calendar: XNYS, closed: 2027-02-03, added: 2027-01-28T14:00:00Z, reason: day of mourning}
  - {calendar: XLON, date: 2027-05-04, close: "12:30", added: 2027-01-05, reason: early close}
  - {calendar: XNYS, opened: 2027-05-15, open: "09:30", close: "13:00", added: 2027-02-01, reason: test}
  - {calendar: XNYS, event: load_test, date: 2027-02-04, time: "18:30", added: 2027-01-30}
"""

RULES = """calendar: DESK
name: the desk's own hours
extends: XNYS
sessions:
  - {open: "08:00", close: "18:00"}
adhoc_closed:
  - {date: 2026-07-06, known: 2026-05-01, reason: move}
"""


def calendar(*args, **kw):
    return run("calendar", *args, **kw)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def ok(self, *args, **kw):
        r = calendar(*args, **kw)
        self.assertEqual(r.returncode, 0, r.stderr)
        return r

    def rows(self, *args):
        return list(csv.DictReader(io.StringIO(self.ok(*args, "-o", "csv").stdout)))

    def json(self, *args):
        return json.loads(self.ok(*args, "--json").stdout)

    def refused(self, code, said, *args):
        r = calendar(*args)
        self.assertEqual((r.returncode, r.stdout), (code, ""), r.stderr)
        self.assertIn(said, r.stderr)


class Sessions(Case):
    def test_table(self):
        r = self.ok("sessions", "XNYS", "--from", "2026-11-25", "--to", "2026-11-30", env=UTF8)
        self.assertEqual(r.stderr, "")
        self.assertRegex(r.stdout, r"(?m)^Wed 25 Nov 2026 +09:30 EST +16:00 EST +– +–$")
        self.assertRegex(r.stdout, r"(?m)^Fri 27 Nov 2026 +09:30 EST +13:00 EST .*half day: black_friday$")
        self.assertNotIn("26 Nov", r.stdout)

    def test_a_session_that_opens_the_evening_before_says_so(self):
        r = self.ok("sessions", "CMES-EQUITY", "--from", "2026-11-23", "--to", "2026-11-23")
        self.assertRegex(r.stdout, r"(?m)^Mon 23 Nov 2026 +22 Nov 17:00 CST +16:00 CST ")

    def test_csv_is_in_utc(self):
        rows = self.rows("sessions", "xnas", "--from", "2026-03-06", "--to", "2026-03-09")
        self.assertEqual(
            [(r["session"], r["open_utc"], r["close_utc"], r["projected"]) for r in rows],
            [
                ("2026-03-06", "2026-03-06T14:30:00Z", "2026-03-06T21:00:00Z", "false"),
                ("2026-03-09", "2026-03-09T13:30:00Z", "2026-03-09T20:00:00Z", "false"),
            ],
        )

    def test_breaks(self):
        args = ("sessions", "XHKG", "--from", "2026-02-13", "--to", "2026-02-16")
        full, half = self.rows(*args)
        self.assertEqual(full["break_start_utc"], "2026-02-13T04:00:00Z")
        self.assertEqual(full["break_end_utc"], "2026-02-13T05:00:00Z")
        self.assertEqual((half["break_start_utc"], half["close_utc"]), ("", "2026-02-16T04:00:00Z"))
        items = self.json(*args)["items"]
        self.assertIsNone(items[1]["break_start"])
        self.assertEqual((items[1]["class"], items[1]["reason"]), ("half", "cny_eve"))

    def test_ndjson_and_phases(self):
        r = self.ok("sessions", "XLON", "--from", "2026-03-09", "--to", "2026-03-13", "-o", "ndjson")
        items = [json.loads(line) for line in r.stdout.splitlines()]
        self.assertEqual(len(items), 5)
        names = [p["phase"] for p in items[0]["phases"]]
        self.assertEqual(names[:2] + names[-2:], ["pre", "opening_auction", "closing_auction", "post"])

    def test_zones_of_times(self):
        args = ("sessions", "XNYS", "--from", "2026-03-09", "--to", "2026-03-09")
        self.assertIn("09:30 EDT", self.ok(*args, "--tz", "market").stdout)
        self.assertIn("13:30 UTC", self.ok(*args, "--tz", "utc").stdout)
        self.assertIn("22:30 JST", self.ok(*args, "--tz", "Asia/Tokyo").stdout)

    def test_what_is_not_announced_is_projected(self):
        r = self.ok("sessions", "XNYS", "--from", "2028-12-29", "--to", "2029-01-02")
        self.assertIn("XNYS is announced up to 2028-12-31", r.stderr)
        self.assertRegex(r.stdout, r"(?m)^Tue 2 Jan 2029 .*projected$")
        self.assertNotRegex(r.stdout, r"29 Dec 2028 .*projected")

    def test_nothing_is_said_of_days_before_the_first(self):
        r = self.ok("sessions", "XCBF", "--from", "2004-03-01", "--to", "2004-03-26", "-o", "csv")
        self.assertIn("XCBF is known from 2004-03-26", r.stderr)
        self.assertEqual([line[:10] for line in r.stdout.splitlines()[1:]], ["2004-03-26"])

    def test_ics(self):
        text = self.ok("sessions", "XNYS", "--from", "2026-11-25", "--to", "2026-11-27", "--ics").stdout
        self.assertTrue(text.startswith("BEGIN:VCALENDAR"))
        self.assertIn("DTSTART:20261127T143000Z", text)
        self.assertEqual(text.count("BEGIN:VEVENT"), 3)  # two sessions and a holiday

    def test_errors(self):
        self.refused(4, "did you mean 'XNYS'?", "sessions", "XNYZ")
        self.refused(2, "is after --to", "sessions", "XNYS", "--from", "2027-01-02", "--to", "2027-01-01")
        self.refused(2, "--from", "sessions", "XNYS", "--from", "2027-02-30")
        self.refused(2, "CODE is missing", "sessions")


class Knowledge(Case):
    """XNYS was closed on 9 January 2025; that became known on 30 December 2024."""

    def days(self, *flags):
        rows = self.rows("sessions", "XNYS", "--from", "2025-01-08", "--to", "2025-01-10", *flags)
        return [r["session"][-2:] for r in rows]

    def test_known_at(self):
        self.assertEqual(self.days(), ["08", "10"])
        self.assertEqual(self.days("--known-at", "2024-12-20"), ["08", "09", "10"])
        self.assertEqual(self.days("--known-at", "2024-12-31"), ["08", "10"])

    def test_a_day_counts_to_its_end(self):
        overlay = self.file("desk.yaml", OVERLAY)
        args = ("sessions", "XNYS", "--calendars.overlays", overlay)
        args += ("--from", "2027-02-03", "--to", "2027-02-03", "--known-at")
        self.assertEqual(len(self.rows(*args, "2027-01-27")), 1)
        self.assertEqual(len(self.rows(*args, "2027-01-28T13:59:59Z")), 1)
        self.assertEqual(len(self.rows(*args, "2027-01-28T14:00:00Z")), 0)
        self.assertEqual(len(self.rows(*args, "2027-01-28")), 0)

    def test_diff_with_what_was_known(self):
        args = ("diff", "XNYS", "--from", "2025-01-01", "--to", "2025-12-31", "--was")
        (row,) = self.rows(*args, "2024-12-01")
        self.assertEqual((row["date"], row["change"], row["is"]), ("2025-01-09", "closed", "closed"))
        self.assertEqual(row["was"], "2025-01-09T14:30:00Z/2025-01-09T21:00:00Z")
        r = self.ok(*args, "2025-01-05")
        self.assertEqual((r.stdout, r.stderr), ("", "loadline: no day differs\n"))
        self.assertEqual(self.rows(*args, "2025-01-05"), [])

    def test_events(self):
        overlay = self.file("desk.yaml", OVERLAY)
        args = ("events", "XNYS", "--calendars.overlays", overlay, "--from", "2027-02-01", "--to", "2027-02-05")
        args += ("--event", "load_test")
        (row,) = self.rows(*args)
        self.assertEqual((row["time_utc"], row["basis"]), ("2027-02-04T23:30:00Z", "overlay"))
        self.assertEqual(self.rows(*args, "--known-at", "2027-01-29"), [])


class Overlays(Case):
    def test_diff(self):
        overlay = self.file("desk.yaml", OVERLAY)
        args = ("--calendars.overlays", overlay, "--from", "2027-01-01", "--to", "2027-12-31")
        got = [(r["date"], r["change"], r["reason"]) for r in self.rows("diff", "XNYS", *args)]
        self.assertEqual(
            got, [("2027-02-03", "closed", "day of mourning"), ("2027-05-15", "opened", "test")]
        )
        (item,) = self.json("diff", "XLON", *args)["items"]
        self.assertEqual((item["change"], item["is"][-20:]), ("other hours", "2027-05-04T11:30:00Z"))
        r = self.ok("diff", "XNYS", *args, "-o", "wide")
        self.assertRegex(r.stdout, r"(?m)^Wed 3 Feb 2027 +closed +09:30 to 16:00 EST +closed +day of mourning$")

    def test_later_files_win_and_the_list_counts_them(self):
        first = self.file("one.yaml", OVERLAY)
        second = self.file(
            "two.yaml",
            'overlay: two\nentries:\n  - {calendar: XNYS, opened: 2027-02-03, open: "10:00", close: "12:00",'
            " added: 2027-01-30}\n",
        )
        args = ("--calendars.overlays", first, "--calendars.overlays", second)
        (row,) = self.rows("sessions", "XNYS", *args, "--from", "2027-02-03", "--to", "2027-02-03")
        self.assertEqual(row["open_utc"], "2027-02-03T15:00:00Z")
        listed = {r["calendar"]: r["overlay_entries"] for r in self.rows("list", *args)}
        self.assertEqual((listed["XLON"], listed["XTKS"]), ("1", "0"))
        self.assertGreaterEqual(int(listed["XNYS"]), 3)

    def test_a_wrong_one_is_refused(self):
        unknown = self.file("desk.yaml", OVERLAY.replace("XLON", "XLOM"))
        self.refused(3, "XLOM", "list", "--calendars.overlays", unknown)
        self.refused(3, "nosuch.yaml", "list", "--calendars.overlays", "nosuch.yaml")

    def test_in_the_configuration(self):
        self.file("desk.yaml", OVERLAY)
        config = self.file("loadline.yml", "calendars:\n  overlays: [desk.yaml]\n")
        rows = self.rows("diff", "XNYS", "--config.file", config, "--from", "2027-01-01", "--to", "2027-12-31")
        self.assertEqual(len(rows), 2)


class Rules(Case):
    def test_a_folder_of_ones_own(self):
        self.file("rules/DESK.yaml", RULES)
        rules = os.path.join(self.folder, "rules")
        args = ("sessions", "DESK", "--calendars.rules", rules, "--from", "2026-07-02", "--to", "2026-07-07")
        rows = self.rows(*args)
        self.assertEqual([r["session"][-2:] for r in rows], ["02", "07"])
        self.assertEqual(rows[0]["open_utc"], "2026-07-02T12:00:00Z")
        before = self.rows(*args, "--known-at", "2026-04-30")
        self.assertEqual([r["session"][-2:] for r in before], ["02", "06", "07"])
        listed = {r["calendar"]: r["file"] for r in self.rows("list", "--calendars.rules", rules)}
        self.assertTrue(listed["DESK"].endswith("DESK.yaml"))
        self.assertEqual(listed["XNYS"], "")

    def test_diff_with_rules(self):
        self.file("rules/XNYS.yaml", RULES.replace("DESK", "XNYS").replace("extends: XNYS", "extends: XLON"))
        rules = os.path.join(self.folder, "rules")
        days = ("--from", "2026-07-06", "--to", "2026-07-07")
        rows = self.rows("diff", "XNYS", "--with-rules", rules, *days)
        self.assertEqual([r["change"] for r in rows], ["closed", "other hours"])
        self.refused(3, "/nonexistent", "diff", "XNYS", "--with-rules", "/nonexistent", *days)


class Check(Case):
    def test_every_shipped_file(self):
        folder = os.path.join(SOURCE, "calendars")
        files = [f for f in os.listdir(folder) if f.endswith(".yaml")]
        files += ["events/" + f for f in os.listdir(os.path.join(folder, "events"))]
        self.assertGreater(len(files), 40)
        for name in files:
            with self.subTest(name):
                r = self.ok("check", os.path.join(folder, name))
                self.assertIn("is valid", r.stdout)

    def test_a_broken_file_says_where(self):
        path = self.file("DESK.yaml", RULES.replace("07-06", "07-36").replace("name:", "nmae:"))
        r = calendar("check", path)
        self.assertEqual((r.returncode, r.stdout), (3, ""))
        self.assertIn("DESK.yaml:2:1: unknown key 'nmae'; did you mean 'name'?", r.stderr)
        self.assertIn("DESK.yaml:7:12: date: '2026-07-36' is not a date", r.stderr)
        r = calendar("check", path, "--json")
        doc = json.loads(r.stdout)
        self.assertEqual((r.returncode, doc["valid"]), (3, False))
        self.assertEqual([(e["line"], e["column"]) for e in doc["errors"]], [(2, 1), (7, 12)])

    def test_rules_that_do_not_compile(self):
        path = self.file("DESK.yaml", RULES.replace('"18:00"', '"07:00"'))
        self.refused(3, "DESK.yaml:5", "check", path)

    def test_an_overlay(self):
        self.assertIn("is valid", self.ok("check", self.file("desk.yaml", OVERLAY)).stdout)
        self.refused(3, "desk.yaml:4", "check", self.file("desk.yaml", OVERLAY.replace("closed:", "clsoed:")))

    def test_no_such_file(self):
        self.refused(4, "/nonexistent.yaml", "check", "/nonexistent.yaml")

    def old(self, announced_to):
        valid = f"tz: America/New_York\nvalid: {{from: 2020-01-01, announced_to: {announced_to}}}\n"
        self.file("rules/OLD.yaml", RULES.replace("DESK", "OLD").replace("sessions:", valid + "sessions:"))
        return ("--calendars.rules", os.path.join(self.folder, "rules"))

    def test_a_stale_calendar_that_is_used_is_exit_1(self):
        rules = self.old("2025-12-31")
        r = calendar("check", *rules, "--calendars.use", "OLD", "-o", "csv")
        self.assertEqual(r.returncode, 1)
        row = next(r for r in csv.DictReader(io.StringIO(r.stdout)) if r["calendar"] == "OLD")
        self.assertEqual((row["verdict"], row["used"]), ("STALE", "true"))
        self.assertRegex(row["message"], r"^announced days ended \d+ days ago")
        self.assertEqual(calendar("check", *rules).returncode, 0)  # nobody needs it

    def test_soon_stale(self):
        today = datetime.datetime.now(datetime.timezone.utc).date()
        for days, code in ((20, 1), (40, 0)):
            rules = self.old(today + datetime.timedelta(days=days))
            r = calendar("check", *rules, "--calendars.use", "OLD")
            self.assertEqual(r.returncode, code, r.stdout)

    def test_a_refused_file_of_the_folder_is_exit_3(self):
        self.file("rules/DESK.yaml", RULES.replace('"08:00"', '"8"'))
        r = calendar("check", "--calendars.rules", os.path.join(self.folder, "rules"))
        self.assertEqual(r.returncode, 3)
        self.assertIn("DESK.yaml:5", r.stdout + r.stderr)


class Now(Case):
    def test_one_moment_in_two_markets(self):
        r = self.ok("now", "XNYS,XLON", "--at", "2026-03-09T14:00:00Z", "-o", "csv")
        ny, london = csv.DictReader(io.StringIO(r.stdout))
        self.assertEqual((ny["phase"], ny["open"], ny["session"]), ("regular", "true", "2026-03-09"))
        self.assertEqual((ny["minutes_since_open"], ny["minutes_to_close"]), ("30", "360"))
        self.assertEqual((london["minutes_to_close"], london["next_close"]), ("150", "2026-03-09T16:30:00Z"))

    def test_half_open(self):
        for at, open_ in (("20:59:59", True), ("21:00:00", False)):
            (item,) = self.json("now", "XNYS", "--at", f"2026-11-25T{at}Z")["items"]
            self.assertEqual(item["open"], open_, at)

    def test_why_it_is_closed(self):
        r = self.ok("now", "XNYS", "--at", "2026-11-26T15:00:00Z")
        self.assertRegex(r.stdout, r"(?m)^XNYS +closed .*27 Nov 09:30 EST +closed: thanksgiving$")
        (item,) = self.json("now", "XNYS", "--at", "2026-11-26T15:00:00Z")["items"]
        self.assertEqual((item["class"], item["session"]), ("closed_holiday", None))
        self.assertIsNone(item["minutes_to_close"])

    def test_errors(self):
        self.refused(2, "is missing", "now")
        self.refused(2, "an empty code", "now", "XNYS,,XLON")
        self.refused(2, "more than 8 calendars", "now", ",".join(["XNYS"] * 9))
        self.refused(1, "says nothing about", "now", "XNYS", "--at", "1980-01-01T00:00:00Z")


class List(Case):
    def test_forms(self):
        rows = self.rows("list")
        items = self.json("list")["items"]
        self.assertEqual([r["calendar"] for r in rows], [i["calendar"] for i in items])
        files = os.listdir(os.path.join(SOURCE, "calendars"))
        self.assertEqual(len(rows), len([f for f in files if f.endswith(".yaml") and f[:-5].isupper() or f[0] == "2"]))
        by_code = {i["calendar"]: i for i in items}
        self.assertEqual(by_code["24-7"]["phase"], "regular")
        self.assertIn("XNAS", by_code["XNYS"]["aliases"])
        self.assertTrue(by_code["XNYS"]["sources"])

    def test_fits_a_terminal(self):
        for width in (80, 100):
            r = self.ok("list", env={**UTF8, "COLUMNS": str(width)})
            self.assertLessEqual(max(map(len, r.stdout.splitlines())), width)
            self.assertIn("ANNOUNCED TO", r.stdout)


class Events(Case):
    def test_a_month(self):
        args = ("events", "XNYS", "--from", "2026-12-01", "--to", "2026-12-31")
        rows = {(r["event"], r["date"]): r for r in self.rows(*args)}
        expiry = rows["opt_expiry_quarterly_witching", "2026-12-18"]
        self.assertEqual((expiry["time_utc"], expiry["basis"]), ("2026-12-18T21:00:00Z", "rule"))
        self.assertEqual(rows["half_day", "2026-12-24"]["time_utc"], "2026-12-24T18:00:00Z")
        self.assertRegex(self.ok(*args).stdout, r"(?m)^Wed 9 Dec 2026 +fomc_decision +14:00 EST +.*list$")
        clock = {r["event"] for r in self.rows(*args, "--all")} - {e for e, _ in rows}
        self.assertIn("closing_auction", clock)
        named = self.rows(*args, "--event", "closing_auction")
        self.assertEqual((len(named), named[0]["time_utc"]), (22, "2026-12-01T20:50:00Z"))

    def test_ics_and_none(self):
        text = self.ok("events", "XLON", "--from", "2026-12-01", "--to", "2026-12-31", "--ics").stdout
        self.assertIn("SUMMARY:", text)
        r = self.ok("events", "XLON", "--event", "nonsense")
        self.assertEqual(r.stdout, "")
        self.assertIn("no event in these days", r.stderr)


class Closed(Case):
    def test_windows(self):
        args = ("closed", "XNYS", "--from", "2026-11-26", "--to", "2026-11-26")
        (window,) = self.json(*args)["items"]
        self.assertEqual(window["start"], "2026-11-26T01:00:00Z")
        self.assertEqual(window["seconds"], 23 * 3600)
        self.assertEqual(self.rows(*args, "--min", "24h"), [])
        three = self.rows("closed", "XNYS,XLON,24-7", "--from", "2026-11-26", "--to", "2026-11-30")
        self.assertEqual(three, [])
        far = self.json("closed", "XNYS", "--from", "2035-12-25", "--to", "2035-12-25")["items"]
        self.assertEqual(far[0]["seconds"], 24 * 3600)  # the evening before is a half day's

    def test_errors(self):
        self.refused(4, "XNYZ", "closed", "XLON,XNYZ")


class Show(Case):
    def test_a_year(self):
        text = self.ok("show", "XNYS", "2026").stdout
        self.assertTrue(text.startswith("XNYS, 251 sessions, America/New_York\n"))
        self.assertIn("January 2026            February 2026           March 2026\n", text)
        self.assertIn(" 1  2  3  4", text)
        self.assertIn("23 24 25 26x27h28 29", text)
        self.assertRegex(text, r"(?m)^  Fri 27 Nov 2026 +09:30-13:00 EST, half day: black_friday$")
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        self.assertNotRegex(text, r"(?m) $")

    def test_a_year_beyond_the_usual_horizon(self):
        r = self.ok("show", "XNYS", "2035")
        self.assertIn("later days are computed", r.stderr)
        self.assertRegex(r.stdout, r"^XNYS, 2\d\d sessions")
        self.assertRegex(r.stdout, r"(?m)^  Tue 25 Dec 2035 +closed: christmas$")
        march = self.ok("show", "XCBF", "2004-03").stdout
        self.assertIn("22?23?24?25?26 27 28", march)

    def test_a_session_on_a_day_off(self):
        text = self.ok("show", "XBOM", "2026-02").stdout
        self.assertRegex(text, r"(?m)^ +1\+$")
        self.assertRegex(text, r"(?m)^  Sun 1 Feb 2026 +09:15-15:30 IST, extra")

    def test_a_week_at_several_widths(self):
        for width, minutes in ((60, 60), (80, 30), (100, 30), (140, 15)):
            r = self.ok("show", "XNYS,XLON", "2026-03-11", env={**UTF8, "COLUMNS": str(width)})
            lines = r.stdout.splitlines()
            self.assertEqual(lines[0], "Week of Mon 9 Mar 2026, hours of UTC")
            self.assertIn(f"a cell is {minutes} minutes", lines[-1])
            self.assertEqual(len(lines), 2 + 14 + 1)
            self.assertLessEqual(max(map(len, lines[:-1])), width)
            edge = {line.rindex("┊") for line in lines[2:-1]}
            self.assertEqual(edge, {lines[1].index("24")})
            opens = lines[2].index("█") - lines[1].index("0")
            self.assertEqual(opens * minutes // 60, 13)

    def test_without_utf8(self):
        text = self.ok("show", "XNYS,XTKS", "2026-03-09").stdout
        self.assertTrue(text.isascii())
        self.assertIn("#####..######", text)

    def test_its_zone(self):
        text = self.ok("show", "XNYS", "2026-03-09", "--tz", "market").stdout
        self.assertIn("hours of EDT", text)

    def test_json(self):
        doc = self.json("show", "XNYS,XLON", "2026-11")
        self.assertEqual([len(i["sessions"]) for i in doc["items"]], [20, 21])

    def test_errors(self):
        for word in ("20x6", "2026-13", "1066", "March"):
            self.refused(2, "is not a year, a month", "show", "XNYS", word)
        self.refused(2, "-o csv", "show", "XNYS", "-o", "csv")


class Guide(Case):
    """What docs/guide/calendars.md shows is what the program prints."""

    def test_blocks_are_fresh(self):
        with open(os.path.join(SOURCE, "docs/guide/calendars.md"), encoding="utf-8") as f:
            text = f.read()
        for kind, name, body in re.findall(r"```yaml\n(?=(overlay|calendar): (\w+)\n)(.*?)```", text, re.S):
            self.file(("rules/" if kind == "calendar" else "") + name + ".yaml", body)
        commands = 0
        for block in re.findall(r"```console\n(.*?)```", text, re.S):
            for shown in re.split(r"(?m)^\$ ", block)[1:]:
                line, _, output = shown.partition("\n")
                program, *args = line.split()
                with self.subTest(line):
                    self.assertEqual(program, "loadline")
                    self.assertEqual(run(*args, env=UTF8, cwd=self.folder).stdout, output)
                commands += 1
        self.assertGreaterEqual(commands, 6)


class Help(Case):
    def test_every_command_is_in_the_group(self):
        text = run("calendar", "--help").stdout
        for name in COMMANDS:
            self.assertIn(f"calendar {name}", text)
        self.assertEqual(calendar().returncode, 2)


if __name__ == "__main__":
    unittest.main()
