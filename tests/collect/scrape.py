#!/usr/bin/env python3
"""The scraper (tests/tools/scrape_dump.c) against real servers on loopback.

usage: SCRAPE_DUMP=build-asan/tests/collect/scrape_dump scrape.py [TEST]
"""
import gzip
import http.server
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from ports import free_port

DUMP = os.path.abspath(os.environ.get("SCRAPE_DUMP", "build-asan/tests/collect/scrape_dump"))
T0 = 1_764_000_000_000
TEXT = "text/plain; version=0.0.4; charset=utf-8"
OM = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PAGE = "# TYPE load gauge\nload 1.5\n# TYPE calls_total counter\ncalls_total{code=\"200\"} 7\n"


class Pages(http.server.ThreadingHTTPServer):
    """Answers each path with what the test put there: a function of the handler."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages, self.seen = {}, []
        self.where = f"127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def put(self, page, kind=TEXT, path="/metrics"):
        self.pages[path] = lambda h: h.answer(page, kind)

    def handle_error(self, request, client_address):
        pass  # clients that go away are part of the tests


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.seen.append((self.path, self.headers))
        self.server.pages[self.path](self)

    def answer(self, page, kind=TEXT, status=200, extra=()):
        body = page if isinstance(page, bytes) else page.encode()
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in extra:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Scraper:
    def __init__(self, *keys, env=None):
        self.process = subprocess.Popen(
            [DUMP, *keys],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, **(env or {})},
        )
        self.now = T0

    def poll(self, stop=False):
        """Series by name and labels, targets by URL, and what was said of the poll."""
        self.now += 15_000
        self.process.stdin.write(f"{'s' if stop else ''}{self.now}\n")
        self.process.stdin.flush()
        series, targets = [], {}
        while True:
            row = json.loads(self.process.stdout.readline())
            if "poll" in row:
                return series, targets, row
            if "target" in row:
                targets[row["target"]] = row
            else:
                series.append(row)

    def close(self):
        self.process.stdin.close()
        code = self.process.wait(300)
        self.process.stdout.close()
        return code


def pick(series, name, **labels):
    return [
        s
        for s in series
        if s["labels"]["__name__"] == name and all(s["labels"].get(k) == v for k, v in labels.items())
    ]


class Case(unittest.TestCase):
    def setUp(self):
        self.server = Pages()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def scraper(self, *keys, target=True):
        own = [f"target={self.server.where}"] if target else []
        s = Scraper(*own, *keys)
        self.addCleanup(lambda: s.process.poll() is None and self.assertEqual(s.close(), 0))
        return s

    def value(self, series, name, **labels):
        found = pick(series, name, **labels)
        self.assertEqual(len(found), 1, f"{name}{labels}: {found}")
        self.assertFalse(found[0]["stale"])
        return float(found[0]["value"])

    def refused(self, fault, *keys, path="/metrics", said=""):
        """The last good scrape ends, up is 0, and nothing of the page comes."""
        self.server.put(PAGE, path="/good")
        good_first = dict(self.server.pages)
        bad = self.server.pages[path]
        self.server.pages[path] = good_first["/good"]
        s = self.scraper(*keys)
        series, _, poll = s.poll()
        self.assertEqual(self.value(series, "up"), 1, poll)
        self.server.pages[path] = bad
        series, targets, poll = s.poll()
        self.assertEqual(self.value(series, "up"), 0)
        self.assertEqual(self.value(series, "scrape_samples_scraped"), 0)
        names = sorted(x["labels"]["__name__"] for x in series if x["stale"])
        self.assertEqual(names, ["calls_total", "load"])
        self.assertEqual(len(series), 5)
        self.assertEqual([t["fault"] for t in targets.values()], [fault])
        self.assertEqual((poll["requests"], poll["failed"], poll["poll"]), (1, 1, True))
        self.assertIn(said, poll["note"])
        series, _, _ = s.poll()
        self.assertEqual([x for x in series if x["stale"]], [], "ended twice")
        self.server.pages[path] = good_first["/good"]
        series, _, _ = s.poll()
        self.assertEqual(self.value(series, "load"), 1.5)
        return targets


class Scraping(Case):
    """Pages."""

    def test_a_good_page(self):
        self.server.put(PAGE)
        series, targets, poll = self.scraper("label=env=prod").poll()
        labels = {"job": "test", "instance": self.server.where, "env": "prod"}
        self.assertEqual(self.value(series, "load", **labels), 1.5)
        self.assertEqual(self.value(series, "calls_total", code="200", **labels), 7)
        self.assertEqual(self.value(series, "up", **labels), 1)
        self.assertEqual(self.value(series, "scrape_samples_scraped", **labels), 2)
        self.assertGreaterEqual(self.value(series, "scrape_duration_seconds", **labels), 0)
        self.assertEqual(len(series), 5)
        self.assertEqual({x["t"] for x in series}, {T0 + 15_000})
        kinds = {x["labels"]["__name__"]: x["kind"] for x in series}
        self.assertEqual((kinds["load"], kinds["calls_total"]), (1, 2))
        self.assertEqual(targets[f"http://{self.server.where}/metrics"]["fault"], "ok")
        self.assertEqual((poll["note"], poll["complete"], poll["failed"]), ("", True, 0))
        accept = self.server.seen[0][1]["Accept"]
        self.assertTrue(accept.startswith("application/openmetrics-text;version=1.0.0,text/plain"))
        self.assertIn("gzip", self.server.seen[0][1]["Accept-Encoding"])

    def test_the_content_type_says_which_format(self):
        self.server.put("# TYPE a counter\na_total 3\n# EOF\n", OM)
        s = self.scraper()
        series, _, _ = s.poll()
        self.assertEqual(pick(series, "a_total")[0]["kind"], 2)
        for kind in (TEXT, None, "application/octet-stream"):
            self.server.put("b  1\n\n# EOF\n", kind)
            series, _, _ = s.poll()
            self.assertEqual(self.value(series, "b"), 1)

    def test_openmetrics_that_does_not_end(self):
        self.server.put("# TYPE a counter\na_total 3\n", OM)
        self.refused("format", said="# EOF")

    def test_gzip(self):
        body = gzip.compress(PAGE.encode())
        self.server.pages["/metrics"] = lambda h: h.answer(body, extra=[("Content-Encoding", "gzip")])
        series, _, _ = self.scraper().poll()
        self.assertEqual(self.value(series, "load"), 1.5)

    def test_gzip_that_is_cut(self):
        body = gzip.compress("".join(f"m{i} {i * 7919 % 1000}\n" for i in range(5000)).encode())
        half = body[: len(body) // 2]
        self.server.pages["/metrics"] = lambda h: h.answer(half, extra=[("Content-Encoding", "gzip")])
        _, targets, _ = self.scraper().poll()
        self.assertIn(list(targets.values())[0]["fault"], ("unreachable", "format"))

    def test_gzip_that_swells(self):
        body = gzip.compress(b"# " + b"x" * (8 << 20) + b"\n")
        self.server.pages["/metrics"] = lambda h: h.answer(body, extra=[("Content-Encoding", "gzip")])
        self.refused("too_large", "max_bytes=65536")

    def test_html(self):
        self.server.put("<html>sign in</html>", "text/html; charset=utf-8")
        self.refused("content_type", said="HTML")

    def test_html_that_hides(self):
        self.server.put("<html>sign in</html>\n")
        self.refused("format", said="line 1, column 1")

    def test_not_200(self):
        for status in (204, 401, 404, 500, 503):
            with self.subTest(status):
                self.server.pages["/metrics"] = lambda h, s=status: h.answer(PAGE if s != 204 else "", status=s)
                self.refused("status", said=f"status {status}")

    def test_redirects_are_not_followed(self):
        self.server.put("stolen 1\n", path="/elsewhere")
        self.server.pages["/metrics"] = lambda h: h.answer("", status=302, extra=[("Location", "/elsewhere")])
        self.refused("status", said="redirects are not followed")
        self.assertNotIn("/elsewhere", [path for path, _ in self.server.seen])

    def test_a_page_that_is_cut(self):
        def cut(h):
            h.send_response(200)
            h.send_header("Content-Type", TEXT)
            h.send_header("Content-Length", str(len(PAGE) + 100))
            h.end_headers()
            h.wfile.write(PAGE.encode())
            h.close_connection = True

        self.server.pages["/metrics"] = cut
        self.refused("unreachable")

    def test_a_page_without_length_that_is_cut_inside_a_number(self):
        def cut(h):
            h.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nload 12")
            h.close_connection = True

        self.server.pages["/metrics"] = cut
        self.refused("format", said="cut")

    def test_an_answer_that_is_cut_in_its_header(self):
        def cut(h):
            h.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/pl")
            h.close_connection = True

        self.server.pages["/metrics"] = cut
        self.refused("unreachable")

    def test_nobody_is_there(self):
        series, targets, poll = self.scraper(f"target=127.0.0.1:{free_port()}", target=False).poll()
        self.assertEqual(self.value(series, "up"), 0)
        self.assertEqual(len(series), 3)
        self.assertEqual(list(targets.values())[0]["fault"], "unreachable")
        self.assertTrue(poll["poll"])

    def test_slow(self):
        def slow(h):
            time.sleep(300)
            h.answer(PAGE)

        self.server.pages["/metrics"] = slow
        begin = time.monotonic()
        self.refused("timeout", "timeout_ms=300")
        self.assertLess(time.monotonic() - begin, 200)

    def test_endless(self):
        def endless(h):
            h.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
            while True:
                h.wfile.write(b"# and so on\n" * 1000)

        self.server.pages["/metrics"] = endless
        self.refused("too_large", "max_bytes=1000000")

    def test_endless_drops(self):
        def drops(h):
            h.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
            while True:
                h.wfile.write(b"#\n")
                time.sleep(0.05)

        self.server.pages["/metrics"] = drops
        self.refused("timeout", "timeout_ms=500")

    def test_too_many_samples(self):
        self.server.put("".join(f"m{i} 1\n" for i in range(101)))
        self.refused("too_many_samples", "max_samples=100", said="more than 100 samples")

    def test_just_enough_samples(self):
        self.server.put("".join(f"m{i} 1\n" for i in range(100)))
        series, _, _ = self.scraper("max_samples=100").poll()
        self.assertEqual(self.value(series, "scrape_samples_scraped"), 100)

    def test_series_of_all_targets_are_limited(self):
        pages = {f"/{i}": "".join(f"m{k} {i}\n" for k in range(60)) for i in range(3)}
        for path, page in pages.items():
            self.server.put(page, path=path)
        keys = [f"target=http://{self.server.where}/{i}" for i in range(3)]
        s = self.scraper(*keys, "max_series=130", target=False)
        for _ in range(3):  # what is remembered is counted right, again and again
            series, targets, _ = s.poll()
            faults = sorted(t["fault"] for t in targets.values())
            self.assertEqual(faults, ["ok", "ok", "too_many_samples"])
            self.assertEqual(len([x for x in series if not x["stale"]]), 120 + 9)

    def test_what_vanishes_ends_once(self):
        s = self.scraper()
        self.server.put("a 1\nb{x=\"1\"} 1\nb{x=\"2\"} 1\n")
        s.poll()
        self.server.put("a 2\nb{x=\"2\"} 1\nc 1\n")
        series, _, _ = s.poll()
        ended = [x["labels"] for x in series if x["stale"]]
        self.assertEqual(ended, [{"__name__": "b", "x": "1", "job": "test", "instance": self.server.where}])
        self.assertEqual(self.value(series, "c"), 1)
        series, _, _ = s.poll()
        self.assertFalse([x for x in series if x["stale"]])

    def test_labels_that_conflict(self):
        self.server.put('a{job="x",instance="y",exported_job="z",up="w"} 1\n')
        series, _, _ = self.scraper().poll()
        self.assertEqual(
            pick(series, "a")[0]["labels"],
            {
                "__name__": "a",
                "job": "test",
                "instance": self.server.where,
                "exported_job": "z",
                "exported_exported_job": "x",
                "exported_instance": "y",
                "up": "w",
            },
        )

    def test_times_of_the_page(self):
        page = f"a 1 {T0 - 5000}\na 2 {T0}\nb 3\nfar 4 9223372036854775807\n"
        self.server.put(page)
        series, _, poll = self.scraper().poll()
        self.assertEqual([(x["value"], x["t"]) for x in pick(series, "a")], [("1", T0 + 15_000)])
        self.assertEqual(self.value(series, "far"), 4)
        self.assertIn("1 samples repeat", poll["note"])
        s = self.scraper("honor_timestamps=1")
        series, _, poll = s.poll()
        got = [(x["value"], x["t"]) for x in pick(series, "a")]
        self.assertEqual(got, [("1", T0 - 5000), ("2", T0)])
        self.assertEqual(pick(series, "b")[0]["t"], T0 + 15_000)
        self.assertEqual(pick(series, "far"), [])
        self.assertIn("times that cannot be", poll["note"])
        self.server.put("c 1\n")
        series, _, _ = s.poll()
        ended = [x["labels"]["__name__"] for x in series if x["stale"]]
        self.assertEqual(ended, ["b"], "a page that dates its series says itself when they were")

    def test_values_are_kept_bit_for_bit(self):
        self.server.put("a NaN\nb +Inf\nc -0\nd 0.1\ne 1e-320\nf 18014398509481985\n")
        series, _, _ = self.scraper().poll()
        values = {x["labels"]["__name__"]: x["value"] for x in series}
        self.assertEqual(values["a"].strip("-"), "nan")
        self.assertFalse(pick(series, "a")[0]["stale"], "a NaN that was measured ends nothing")
        self.assertEqual((values["b"], values["c"]), ("inf", "-0"))
        self.assertEqual(float(values["d"]), 0.1)
        self.assertEqual(float(values["e"]), 1e-320)
        self.assertEqual(float(values["f"]), 18014398509481984)

    def test_a_token_from_a_file(self):
        self.server.put(PAGE)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "token")
            s = self.scraper(f"bearer_file={path}")
            _, targets, _ = s.poll()
            self.assertEqual(list(targets.values())[0]["fault"], "credentials")
            self.assertEqual(self.server.seen, [])
            with open(path, "w", encoding="ascii") as f:
                f.write("s3cret\n")
            series, _, _ = s.poll()
            self.assertEqual(self.value(series, "up"), 1)
            self.assertEqual(self.server.seen[0][1]["Authorization"], "Bearer s3cret")

    def test_targets_side_by_side(self):
        def slow(h):
            time.sleep(2)
            h.answer(PAGE)

        keys = []
        for i in range(16):
            self.server.pages[f"/{i}"] = slow
            keys.append(f"target=http://{self.server.where}/{i}")
        begin = time.monotonic()
        series, targets, _ = self.scraper(*keys, target=False).poll()
        self.assertLess(time.monotonic() - begin, 25, "16 targets of 2 s each, 8 at a time")
        self.assertEqual(len(targets), 16)
        self.assertEqual(len(pick(series, "up")), 16)

    def test_the_time_of_a_poll_is_bounded(self):
        def slow(h):
            time.sleep(300)

        keys = []
        for i in range(40):
            self.server.pages[f"/{i}"] = slow
            keys.append(f"target=http://{self.server.where}/{i}")
        begin = time.monotonic()
        series, targets, _ = self.scraper(*keys, "timeout_ms=3000", "budget_ms=5000", target=False).poll()
        self.assertLess(time.monotonic() - begin, 200)
        faults = [t["fault"] for t in targets.values()]
        self.assertEqual((faults.count("timeout"), faults.count("skipped")), (16, 24))
        self.assertEqual({x["value"] for x in pick(series, "up")}, {"0"})

    def test_a_daemon_that_ends_marks_nothing(self):
        self.server.put(PAGE)
        s = self.scraper()
        s.poll()
        series, _, poll = s.poll(stop=True)
        self.assertEqual((series, poll["poll"]), ([], False))
        series, _, _ = s.poll()
        self.assertEqual(self.value(series, "load"), 1.5)

    def test_no_proxy_stands_between(self):
        self.server.put(PAGE)
        port = self.server.server_port
        s = Scraper(f"target=0.0.0.0:{port}", env={"http_proxy": "http://127.0.0.1:1"})  # this host, too
        self.addCleanup(s.close)
        series, _, poll = s.poll()
        self.assertEqual(self.value(series, "up"), 1, poll)

    def test_wrong_targets_are_said(self):
        self.server.put(PAGE)
        keys = [f"target={t}" for t in ("a b:1", "169.254.169.254:80", "x:99999", "user@h:1")]
        series, targets, poll = self.scraper(*keys).poll()
        self.assertEqual(len(targets), 1)
        self.assertEqual(self.value(series, "load"), 1.5)
        self.assertIn("target 'a b:1'", poll["note"])
        self.assertIn("3 more targets", poll["note"])


class Files(Case):
    """Targets from files."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.server.put(PAGE)
        self.server.put("other 1\n", path="/other")

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path + ".new", "w", encoding="utf-8") as f:
            f.write(text if isinstance(text, str) else json.dumps(text))
        os.rename(path + ".new", path)

    def files(self, *keys):
        return self.scraper(f"sd={self.folder}/*.json", f"sd={self.folder}/*.yml", *keys, target=False)

    def test_json_and_yaml(self):
        self.write("a.json", [{"targets": [self.server.where], "labels": {"team": "x", "job": "own"}}])
        self.write("b.yml", f"- targets: ['{self.server.where}']\n  labels:\n    __metrics_path__: /other\n    __meta_x: y\n")
        series, targets, _ = self.files("label=team=all").poll()
        self.assertEqual(self.value(series, "load", team="x", job="own"), 1.5)
        self.assertEqual(self.value(series, "other", team="all", job="test"), 1)
        self.assertNotIn("__meta_x", pick(series, "other")[0]["labels"])
        self.assertEqual(len(targets), 2)

    def test_files_come_change_and_go(self):
        s = self.files()
        series, targets, poll = s.poll()
        self.assertEqual((series, targets, poll["poll"]), ([], {}, True))
        self.write("a.json", [{"targets": [self.server.where]}])
        series, _, _ = s.poll()
        self.assertEqual(self.value(series, "load"), 1.5)
        self.write("a.json", [{"targets": [self.server.where], "labels": {"v": "2"}}])
        series, _, _ = s.poll()
        self.assertEqual(self.value(series, "load", v="2"), 1.5)
        self.assertEqual(len([x for x in series if x["stale"]]), 5, "the old labels end, up too")
        os.unlink(os.path.join(self.folder, "a.json"))
        series, targets, _ = s.poll()
        self.assertEqual(targets, {})
        self.assertEqual([x["stale"] for x in series], [True] * 5)
        self.assertEqual(s.poll()[0], [])

    def test_a_broken_file_keeps_its_targets(self):
        self.write("a.json", [{"targets": [self.server.where]}])
        s = self.files()
        s.poll()
        for broken in ("[{", "", '[{"targets": "x"}]', '[{"target": ["x:1"]}]', '{"targets": []}'):
            with self.subTest(broken):
                self.write("a.json", broken)
                for _ in range(2):
                    series, _, poll = s.poll()
                    self.assertEqual(self.value(series, "load"), 1.5)
                    self.assertIn("a.json", poll["note"])
        self.write("a.json", "[]")
        series, _, poll = s.poll()
        self.assertEqual(([x["stale"] for x in series], poll["note"]), ([True] * 5, ""))

    def test_one_target_twice_is_one(self):
        group = {"targets": [self.server.where, self.server.where]}
        self.write("a.json", [group, group])
        series, targets, _ = self.files().poll()
        self.assertEqual((len(targets), len(pick(series, "up"))), (1, 1))

    def test_more_targets_than_allowed(self):
        self.write("a.json", [{"targets": [f"127.0.0.1:{i}" for i in range(1, 10)]}])
        _, targets, poll = self.files("max_targets=4").poll()
        self.assertEqual(len(targets), 4)
        self.assertIn("5 targets over the limit of 4", poll["note"])


if __name__ == "__main__":
    result = unittest.main(verbosity=1, exit=False, argv=sys.argv).result
    failed = len(result.failures) + len(result.errors)
    print(f"{max(0, result.testsRun - failed)} passed, {failed} failed")
    sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)
