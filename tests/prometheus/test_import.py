"""`loadline import prometheus`: from a real Prometheus whose past was made by promtool, into a
small stand-in of the daemon, cut and gone on, whole and without anything twice."""
import contextlib
import http.server
import json
import os
import signal
import subprocess
import threading
import time
import unittest
import urllib.parse

from fake import Fake, Real, backfill, folder, have, send, serve, wait_until
from history import hosts
from support import BIN, Daemon, environment, free_port, run

END = int(time.time()) // 86400 * 86400 - 86400
HOUR, DAY = 3600, 86400
DAYS, HOSTS = 3, 2
OF_MEMORY = f"service=node&resource_type=MEMORY&instance=host0&from={END - DAYS * DAY}&to={END}" \
            "&step=300"


class Store:
    """What the daemon would keep: rows by their key, cursors with them or not at all."""

    def __init__(self):
        self.rows, self.cursors, self.posts, self.writes = {}, {}, 0, 0
        self.fault, self.lock, self.server, self.port = None, threading.Lock(), None, free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def take(self, body):
        doc = json.loads(body)
        for r in doc["rollups"]:
            key = tuple(r[k] for k in ("service", "resource_type", "instance", "part",
                                       "step", "t"))
            assert r["t"] % r["step"] == 0 and r["step"] in (300, 3600), r
            assert r["max"] >= r["mean"] >= 0 and r["max"] >= r["p95"] and r["count"] > 0, r
            self.rows[key] = r
            self.writes += 1
        if "cursor" in doc:
            self.cursors[doc["cursor"]["name"]] = doc["cursor"]["value"]

    def answer(self, h):
        at = urllib.parse.urlsplit(h.path)
        if h.command == "GET":
            value = self.cursors.get(urllib.parse.parse_qs(at.query)["cursor"][0])
            return send(h, {"value": value})
        body = h.rfile.read(int(h.headers["Content-Length"]))
        with self.lock:
            self.posts += 1
            if self.fault:
                return self.fault(h, body)
            self.take(body)
        return send(h, {"accepted": len(json.loads(body)["rollups"]), "rejected": []})

    def start(self):
        store = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version, wbufsize = "HTTP/1.1", 1 << 16

            def log_message(self, *args):
                pass

            def do_GET(self):
                with contextlib.suppress(OSError):
                    store.answer(self)

            do_POST = do_GET

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = allow_reuse_address = True

            def handle_error(self, *args):
                pass  # clients that are killed

        self.server = Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True,
                         kwargs={"poll_interval": 0.02}).start()
        return self

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


def arguments(url, store, *more, since=f"{DAYS}d", load="100"):
    return ["import", "prometheus", "--url", url, "--since", since, "--until", str(END), "--load",
            load, "--server", store.url, *more]


@unittest.skipUnless(have("prometheus") and have("promtool"), "script/setup test")
class Import(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.context = folder()
        where = cls.context.__enter__()
        backfill(where, hosts(HOSTS, END - DAYS * DAY - 600, END + 60))
        cls.prometheus = Real(where).start()

    @classmethod
    def tearDownClass(cls):
        cls.prometheus.stop()
        cls.context.__exit__(None, None, None)

    def setUp(self):
        self.store = Store().start()
        self.addCleanup(self.store.stop)

    def run_import(self, *more, **kw):
        return run(*arguments(self.prometheus.url, self.store, *more, **kw), timeout=600)

    def expected(self, expr, step):
        out = {}
        for r in self.prometheus.query(expr, "query_range", start=END - DAYS * DAY + step, end=END,
                                       step=step):
            host = r["metric"]["instance"].split(":")[0]
            out.update({(host, int(t) - step): float(v) for t, v in r["values"]})
        return out

    def stored(self, kind, part, step, field):
        return {(k[2], k[5]): r[field] for k, r in self.store.rows.items()
                if k[1] == kind and k[3] == part and k[4] == step}

    def assert_same(self, got, want):
        self.assertEqual(set(got), set(want))
        for key, value in want.items():
            self.assertAlmostEqual(got[key], value, delta=1e-9 * abs(value), msg=key)

    def test_1_rows_are_what_prometheus_says(self):
        r = self.run_import("-o", "json")
        self.assertEqual((r.returncode, r.stderr), (0, ""), r.stderr)
        cpu = 'sum by (instance)(rate(node_cpu_seconds_total{mode!~"idle|iowait"}[5m]))'
        self.assert_same(self.stored("CPU", "", 300, "mean"), self.expected(cpu, 300))
        used = "%s_over_time(node_memory_MemTotal_bytes[5m]) - %s_over_time(" \
               "node_memory_MemAvailable_bytes[5m])"
        self.assert_same(self.stored("MEMORY", "", 300, "mean"),
                         self.expected(used % ("avg", "avg"), 300))
        self.assert_same(self.stored("MEMORY", "", 300, "max"),
                         self.expected(used % ("min", "min"), 300))
        self.assert_same(self.stored("MEMORY", "", 300, "capacity"),
                         self.expected("avg_over_time(node_memory_MemTotal_bytes[5m])", 300))
        fine, coarse = (self.stored("MEMORY", "", s, "mean") for s in (300, 3600))
        self.assertEqual(len(coarse), HOSTS * DAYS * 24)
        for (host, t), mean in coarse.items():
            parts = [fine[host, t + i * 300] for i in range(12)]
            self.assertAlmostEqual(mean, sum(parts) / 12, delta=1e-9 * mean)
        doc = json.loads(r.stdout)
        self.assertEqual(doc["rows_5m"] + doc["rows_1h"], len(self.store.rows))
        self.assertEqual((doc["windows"], doc["rejected"], doc["refused_metrics"]), (DAYS, 0, 0))

    def test_2_killed_at_any_point_it_goes_on_without_loss_or_doubles(self):
        self.assertEqual(self.run_import().returncode, 0)
        whole = self.store.rows
        self.store.rows, self.store.cursors = {}, {}
        before = self.store.posts
        kills = 0
        for at in (1, 1, 1):  # posts after which it is killed
            p = subprocess.Popen([BIN, *arguments(self.prometheus.url, self.store)],
                                 env=environment(), stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
            wait_until(lambda: self.store.posts - before >= at or p.poll() is not None, 60, 0.001)
            if p.poll() is None:
                p.kill()
                kills += 1
            p.wait()
            before = self.store.posts
        self.assertGreaterEqual(kills, 1)
        r = self.run_import()
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertEqual(self.store.rows, whole)
        r = self.run_import()
        self.assertIn("0 rows of 5 min", r.stdout)

    def test_3_a_daemon_that_goes_away_and_comes_back(self):
        def die(h, body):
            self.store.fault = None
            self.store.take(body)  # kept, but nobody hears of it
            h.connection.close()

        self.store.fault = die
        r = self.run_import()
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertIn("again in 1 s", r.stderr)
        rows = dict(self.store.rows)
        self.store.rows, self.store.cursors, self.store.fault = {}, {}, None
        p = subprocess.Popen([BIN, *arguments(self.prometheus.url, self.store)], env=environment(),
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8")
        posts = self.store.posts
        wait_until(lambda: self.store.posts > posts, 60, 0.005)
        self.store.stop()
        time.sleep(1.5)
        self.store.start()
        _, said = p.communicate(timeout=600)
        self.assertEqual(p.returncode, 0, said)
        self.assertEqual(self.store.rows, rows)

    def test_8_the_real_daemon_killed_in_between(self):
        with folder() as where:
            d = Daemon(where).start()
            args = arguments(self.prometheus.url, d)
            p = subprocess.Popen([BIN, *args], env=environment(), stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE, encoding="utf-8")
            wait_until(lambda: d.request("GET", f"/api/v1/metrics?{OF_MEMORY}")[0] == 200, 60,
                       0.005)
            d.stop(signal.SIGKILL)
            time.sleep(0.5)
            d.start()
            said = p.communicate(timeout=600)[1]
            self.assertEqual(p.returncode, 0, said)
            r = run(*args)
            self.assertIn("going on", r.stderr)
            status, body = d.request("GET", f"/api/v1/metrics?{OF_MEMORY}")
            d.stop()
        self.assertEqual(status, 200, body)
        doc = json.loads(body)
        self.assertEqual((doc["t0"], doc["step"]), (END - DAYS * DAY, 300))
        used = "avg_over_time(node_memory_MemTotal_bytes[5m]) - avg_over_time(" \
               "node_memory_MemAvailable_bytes[5m])"
        want = self.expected(used, 300)
        values = doc["columns"]["value"]
        self.assertEqual(len(values), DAYS * 288)
        for i, value in enumerate(values):
            self.assertAlmostEqual(value, want["host0", doc["t0"] + i * 300], delta=1)

    def test_4_interrupted_by_a_person(self):
        p = subprocess.Popen([BIN, *arguments(self.prometheus.url, self.store, load="2")],
                             env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             encoding="utf-8")
        wait_until(lambda: self.store.posts > 0 or p.poll() is not None, 100)
        p.send_signal(signal.SIGINT)
        out, said = p.communicate(timeout=300)
        self.assertEqual((p.returncode, out), (130, ""), said)
        self.assertIn("run the same command again to go on", said)

    def test_5_a_dry_run_stores_nothing(self):
        r = self.run_import("--dry-run", since="6h")
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertIn("would import", r.stdout)
        self.assertEqual((self.store.posts, self.store.rows), (0, {}))

    def test_6_wider_than_before_begins_anew_and_narrower_is_in(self):
        self.assertEqual(self.run_import(since="1d").returncode, 0)
        self.assertIn("going on", self.run_import(since="6h").stderr)
        self.assertNotIn("going on", self.run_import(since="2d").stderr)
        first = min(k[5] for k in self.store.rows)
        self.assertEqual(first, END - 2 * DAY)
        self.assertNotIn("going on", self.run_import("--restart", since="6h").stderr)

    def test_7_hours_only_and_peaks(self):
        r = self.run_import("--step", "1h", since="1d")
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertEqual({k[4] for k in self.store.rows}, {3600})
        r = self.run_import("--peaks", since="6h")
        self.assertEqual(r.returncode, 0, r.stderr)
        mean, top = (self.stored("CPU", "", 300, f) for f in ("mean", "max"))
        self.assertTrue(any(top[k] > mean[k] for k in mean))


def history(fake, fault):
    """A fake with one gauge of node_exporter; `fault` may answer a query_range."""
    fake.series = {"node_procs_running": [({"instance": "a:9100", "job": "node"}, "3")]}
    plain = fake.answer

    def answer(h, path, form):
        if not path.endswith("/query_range"):
            return plain(h, path, form)
        start, end, step = (float(form[k][0]) for k in ("start", "end", "step"))
        points = int((end - start) / step) + 1
        fake.asked.append((path, form["query"][0], points))
        if fault(h, points):
            return None
        values = [[start + i * step, "3"] for i in range(points)]
        return send(h, {"status": "success", **fake.extra, "data": {
            "resultType": "matrix", "result": [
                {"metric": {"instance": "a:9100", "job": "node"}, "values": values}]}})

    fake.answer = answer


class BadServers(unittest.TestCase):
    def setUp(self):
        self.store, self.fake = Store().start(), Fake()
        self.addCleanup(self.store.stop)

    def run_import(self, fault, *more, **kw):
        history(self.fake, fault)
        with serve(self.fake) as url:
            return run(*arguments(url, self.store, *more, since="1d", **kw), timeout=600)

    def assert_whole(self, r):
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertEqual(len([k for k in self.store.rows if k[4] == 300]), 288)
        self.assertEqual({r["mean"] for r in self.store.rows.values()}, {2})  # less the exporter

    def test_too_large_is_asked_in_halves(self):
        def fault(h, points):
            if points > 40:
                send(h, {"status": "error", "errorType": "execution", "error":
                         "query processing would load too many samples into memory"}, 422)
            return points > 40

        self.assert_whole(self.run_import(fault))
        asked = [p for path, _, p in self.fake.asked if path.endswith("_range")]
        self.assertEqual(asked[:4], [288, 144, 72, 36])
        self.assertEqual(max(asked[4:]), 36)

    def test_busy_is_waited_for_as_long_as_it_wants(self):
        times = []

        def fault(h, points):
            times.append(time.monotonic())
            if len(times) > 1:
                return False
            send(h, b"", 429, headers=[("Retry-After", "2")])
            return True

        r = self.run_import(fault)
        self.assert_whole(r)
        self.assertGreater(times[1] - times[0], 1.9)
        self.assertIn("again in 2 s", r.stderr)

    def test_half_an_answer_is_not_taken(self):
        fails = [True, True]

        def fault(h, points):
            self.fake.extra = {"warnings": ["store 2 is away"]} if fails else {}
            if fails:
                fails.pop()
            return False

        r = self.run_import(fault)
        self.assert_whole(r)
        self.assertIn("store 2 is away", r.stderr)

    def test_a_metric_that_is_refused_is_left_out_and_said(self):
        def fault(h, points):
            send(h, {"status": "error", "errorType": "execution", "error": "bad"}, 422)
            return True

        r = self.run_import(fault)
        self.assertEqual(r.returncode, 1)
        self.assertIn("left out: node_procs_running", r.stderr)
        self.assertEqual(self.store.rows, {})

    def test_credentials_that_are_refused_end_it_at_once(self):
        def fault(h, points):
            send(h, b"", 401)
            return True

        r = self.run_import(fault)
        self.assertEqual(r.returncode, 6)
        self.assertEqual(len([1 for p, *_ in self.fake.asked if p.endswith("_range")]), 1)

    def test_the_load_is_bounded(self):
        def fault(h, points):
            time.sleep(0.1)
            return False

        began = time.monotonic()
        self.assert_whole(self.run_import(fault, load="20"))
        self.assertGreater(time.monotonic() - began, 3 * 0.1 / 0.2)

    def test_the_daemon_refuses(self):
        self.store.fault = lambda h, body: send(h, {
            "accepted": 1, "rejected": [{"index": 0, "reason": "the limit of series is reached"}]})
        r = self.run_import(lambda h, points: False)
        self.assertEqual(r.returncode, 1)
        self.assertIn("limit of series", r.stdout)

    def test_no_daemon(self):
        self.store.stop()
        r = self.run_import(lambda h, points: False)
        self.assertEqual(r.returncode, 5)
        self.assertEqual(self.fake.asked, [])

    def test_nothing_to_import(self):
        with serve(Fake()) as url:
            r = run(*arguments(url, self.store))
        self.assertEqual(r.returncode, 4)
        self.assertIn("none of the metrics", r.stderr)

    def test_wrong_command_lines(self):
        for args in ((), ("--url", "http://a", "--source", "b"), ("--url", "ftp://a"),
                     ("--url", "http://u:p@a"), ("--url", "http://a", "--load", "101")):
            r = run("import", "prometheus", *args)
            self.assertEqual(r.returncode, 2, (args, r.stderr))
            self.assertNotIn("u:p", r.stderr.replace("--url", ""))
        self.assertEqual(run("import", "prometheus", "--source", "x").returncode, 4)

    def test_a_source_of_the_configuration(self):
        with folder() as where:
            token, config = os.path.join(where, "token"), os.path.join(where, "l.yml")
            with open(token, "w", encoding="ascii") as f:
                f.write("abc\n")
            history(self.fake, lambda h, points: False)
            with serve(self.fake) as url:
                with open(config, "w", encoding="ascii") as f:
                    f.write(f"collect:\n  prometheus:\n    - name: prod\n      url: {url}\n"
                            f"      http: {{bearer_token_file: {token}, tenant: a}}\n")
                r = run("import", "prometheus", "--source", "prod", "--config.file", config,
                        "--since", "1d", "--until", str(END), "--server", self.store.url)
            self.assert_whole(r)
            self.assertEqual(self.fake.headers[0]["Authorization"], "Bearer abc")
            self.assertEqual(self.fake.headers[0]["X-Scope-OrgID"], "a")
