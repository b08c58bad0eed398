"""What was found where: `sources`, `services --found` and `--unmatched`, against a made-up answer."""
import csv
import io
import json
import unittest

from support import UTF8, broken_server, reply, run

SOURCE = {
    "name": "prod",
    "kind": "prometheus",
    "url": "http://prom:9090",
    "state": "up",
    "last_success": "2020-01-01T00:00:00Z",
    "interval_seconds": 30,
    "duration_ms": 12.3,
    "points": 1234,
    "series": 1000,
    "mapped": 900,
    "unmatched": 90,
    "dropped": 10,
    "refused": 7,
    "coverage_pct": 99.5,
    "error": None,
    "note": "3 of 12 queries failed: up",
}
NOTHING = {key: None for key in SOURCE} | {"name": "ams", "kind": "agent", "state": "waiting"}
SERVICE = {
    "service": "prod/order-gateway",
    "kind": "Deployment",
    "source": "prod",
    "rule": "kubernetes",
    "resources": ["CPU", "API_CALLS"],
    "series": 24,
    "desired": 12,
    "ready": 11,
    "requests": {"CPU": 6, "MEMORY": 6 * 2**30},
    "limits": {"CPU": 12},
    "oldest_start": "2020-01-01T00:00:00Z",
    "newest_start": "2020-01-02T00:00:00Z",
}
BARE = {"service": "batch", "kind": None, "source": "vms", "rule": "systemd", "resources": ["MEMORY"],
        "series": 1, "desired": None, "ready": None, "requests": None, "limits": None,
        "oldest_start": None, "newest_start": None}
UNMATCHED = {"metric": "foo_total", "series": 12, "reason": "no rule reads this metric",
             "example": 'foo_total{job="x"}', "source": "prod"}
ANSWER = {
    "generated": "2026-11-28T02:00:00Z",
    "sources": [SOURCE, NOTHING, {**SOURCE, "name": "dr", "state": "down", "error": "503\x1b[31m", "note": None}],
    "services": [SERVICE, BARE],
    "unmatched": [UNMATCHED, {**UNMATCHED, "metric": "bar"}],
}


class Found(unittest.TestCase):
    def ask(self, *args, answer=ANSWER):
        seen = []

        def give(h):
            seen.append(h.path)
            reply(h, 200, answer)

        with broken_server(give) as url:
            r = run(*args, "--server", url, env=UTF8)
        self.assertEqual(seen, ["/api/v1/discovery"])
        return r

    def rows(self, *args, **kw):
        r = self.ask(*args, "-o", "csv", **kw)
        self.assertEqual(r.returncode, 0, r.stderr)
        return list(csv.DictReader(io.StringIO(r.stdout)))

    def test_sources_for_programs(self):
        up, waiting, down = self.rows("sources")
        self.assertEqual((up["series"], up["mapped"], up["unmatched"], up["refused"]), ("1000", "900", "90", "7"))
        self.assertEqual((up["coverage_pct"], up["last_success"]), ("99.5", SOURCE["last_success"]))
        self.assertEqual({k: v for k, v in waiting.items() if v},
                         {"name": "ams", "kind": "agent", "state": "waiting"})
        self.assertIn("503", down["error"])

    def test_sources_for_people(self):
        r = self.ask("sources")
        lines = r.stdout.splitlines()
        self.assertEqual(len(lines), 1 + 3 + 2, r.stdout)
        self.assertRegex(lines[0], "^SOURCE .* UNMATCHED .* REFUSED .* COVERAGE")
        self.assertNotIn("0", lines[2], "what is not known became a number")
        self.assertEqual(lines[4], "prod: 3 of 12 queries failed: up")
        self.assertTrue(lines[5].startswith("dr: 503"))
        self.assertNotIn("\x1b", r.stdout)
        self.assertLessEqual(max(map(len, lines)), 80)

    def test_found_services(self):
        r = self.ask("services", "--found")
        self.assertRegex(r.stdout, r"prod/order-gateway .* 11/12  6\.00 / 12\.0 cores .*GiB / –")
        self.assertRegex(r.stdout, r"batch .* –  .*–  .*–")
        self.assertLessEqual(max(map(len, r.stdout.splitlines())), 80)
        full, bare = self.rows("services", "--found")
        self.assertEqual(full["resources"], "cpu api_calls")
        self.assertEqual((full["ready"], full["desired"]), ("11", "12"))
        self.assertEqual((full["cpu_request_cores"], full["cpu_limit_cores"]), ("6", "12"))
        self.assertEqual(full["memory_limit_bytes"], "")
        self.assertEqual(bare["ready"] + bare["desired"] + bare["newest_start"], "")

    def test_unmatched(self):
        r = self.ask("services", "--unmatched")
        self.assertIn("no rule reads this metric", r.stdout)
        self.assertEqual(self.rows("services", "--unmatched")[0], {k: str(v) for k, v in UNMATCHED.items()})

    def test_filter_and_limit(self):
        self.assertEqual([s["service"] for s in self.rows("services", "--found", "-q", "ORDER")],
                         [SERVICE["service"]])
        self.assertEqual(len(self.rows("services", "--unmatched", "-n", "1")), 1)
        self.assertEqual([s["name"] for s in self.rows("sources", "-q", "d")], ["prod", "dr"])

    def test_json_and_ndjson(self):
        items = json.loads(self.ask("services", "--unmatched", "--json").stdout)["items"]
        self.assertEqual(items, ANSWER["unmatched"])
        lines = self.ask("sources", "-o", "ndjson").stdout.splitlines()
        self.assertEqual([json.loads(x) for x in lines], ANSWER["sources"])

    def test_nothing_is_said(self):
        empty = {"sources": [], "services": [], "unmatched": []}
        for args, words in ((("sources",), "no source"), (("services", "--found"), "no service"),
                            (("services", "--unmatched"), "nothing that came")):
            r = self.ask(*args, answer=empty)
            self.assertEqual(r.returncode, 0)
            self.assertIn(words, r.stderr)

    def test_an_answer_of_another_shape(self):
        for answer in ({}, {"sources": 7}, []):
            r = self.ask("sources", answer=answer)
            self.assertEqual((r.returncode, r.stdout), (5, ""), answer)
            self.assertIn("no list of sources", r.stderr)
        odd = {"services": [7, {"service": 7, "resources": 7, "ready": "x", "requests": []}]}
        self.assertEqual(self.ask("services", "--found", answer=odd).returncode, 0)

    def test_two_lists_at_once(self):
        r = run("services", "--found", "--unmatched", "--server", "http://127.0.0.1:1")
        self.assertEqual((r.returncode, r.stdout), (2, ""))
        self.assertIn("ask for one", r.stderr)

    def test_a_daemon_without_the_route(self):
        problem = {"title": "Not found", "status": 404, "detail": "no such address"}
        with broken_server(lambda h: reply(h, 404, problem, "application/problem+json")) as url:
            r = run("sources", "--server", url)
        self.assertEqual((r.returncode, r.stdout), (4, ""))


if __name__ == "__main__":
    unittest.main()
