"""What a page of metrics becomes in the daemon, and what another mapping would make of it."""
import http.server
import json
import os
import tempfile
import threading
import time
import unittest

from support import Daemon, run, wait_until

CONFIG = """
collect:
  host: {{enabled: false}}
  scrape:
    - {{job: orders, targets: "127.0.0.1:{port}", interval: 1s}}
mapping:
  - match: trades_total
    service: '{{job}}'
    business: trades
    venue: XNYS
"""


class Page(http.server.BaseHTTPRequestHandler):
    """Counters that go on by ten a second."""

    began = time.time()
    broken = False

    def do_GET(self):
        if Page.broken:
            self.send_error(500)
            return
        n = 10 * (time.time() - Page.began)
        text = (
            "# TYPE http_requests_total counter\n"
            f'http_requests_total{{code="200"}} {n}\n'
            "# TYPE trades_total counter\n"
            f"trades_total {2 * n}\n"
            "# TYPE queue_items gauge\n"
            'queue_items{queue="in"} 7\n'
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args):
        pass


class Mapping(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.config = os.path.join(cls.folder.name, "loadline.yml")
        with open(cls.config, "w", encoding="ascii") as f:
            f.write(CONFIG.format(port=cls.server.server_address[1]))
        cls.daemon = Daemon(cls.folder.name, f"--config.file={cls.config}").start()
        wait_until(lambda: cls.cell("API_CALLS"))

    @classmethod
    def tearDownClass(cls):
        cls.daemon.stop()
        cls.server.shutdown()
        cls.server.server_close()
        cls.folder.cleanup()

    @classmethod
    def get(cls, path):
        status, body = cls.daemon.request("GET", path)[:2]
        assert status == 200, (path, status, body)
        return body if isinstance(body, (dict, list)) else json.loads(body)

    @classmethod
    def cell(cls, resource):
        items = cls.get("/api/v1/services")["items"]
        found = [s["resources"].get(resource) for s in items if s["service"] == "orders"]
        return found[0] if found else None

    def rules(self, text):
        path = os.path.join(self.folder.name, "rules.yml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def check(self, text, *args):
        return run("check", "mapping", self.rules(text), f"--server={self.daemon.url}", *args)

    def test_a_scraped_counter_is_a_rate(self):
        rate = wait_until(lambda: self.cell("API_CALLS")["current_value"])
        self.assertAlmostEqual(rate, 10, delta=3)

    def test_the_source_is_among_the_sources(self):
        sources = {s["name"]: s for s in self.get("/api/v1/discovery")["sources"]}
        self.assertEqual(sources["orders"]["state"], "up")
        self.assertEqual(sources["orders"]["kind"], "scrape")

    def test_what_no_rule_reads_is_listed_with_the_reason(self):
        def listed():
            return [u for u in self.get("/api/v1/discovery")["unmatched"] if u["metric"] == "queue_items"]

        entry = wait_until(listed)[0]
        self.assertEqual(entry["series"], 1)
        self.assertIn("no rule", entry["reason"])
        self.assertIn('queue="in"', entry["example"])
        r = run("services", "--unmatched", f"--server={self.daemon.url}")
        self.assertEqual(r.returncode, 0)
        self.assertIn("queue_items", r.stdout)

    def test_business_counts_come_from_a_counter(self):
        items = wait_until(lambda: self.get("/api/v1/business?metric=trades")["items"])
        self.assertEqual((items[0]["service"], items[0]["venue"]), ("orders", "XNYS"))
        self.assertGreater(items[0]["value"], 0)

    def test_another_mapping_is_compared_live(self):
        r = self.check(
            "mapping:\n"
            "  - match: queue_items\n"
            "    service: '{job}'\n"
            "    resource_type: QUEUE_DEPTH\n"
            "    part: '{queue}'\n"
            "  - match: http_requests_total\n"
            "    service: 'shop'\n",
            "--listen", "4s", "-o", "json",
        )
        self.assertEqual(r.returncode, 0, r.stderr)
        changes = {(c["change"], c["service"], c["resource_type"], c["part"]) for c in json.loads(r.stdout)["changes"]}
        self.assertIn(("added", "orders", "QUEUE_DEPTH", "in"), changes)
        self.assertIn(("added", "shop", "API_CALLS", ""), changes)
        self.assertIn(("removed", "orders", "API_CALLS", ""), changes)
        # Nothing was changed by looking.
        self.assertIsNone(self.cell("QUEUE_DEPTH"))

    def test_the_same_mapping_changes_nothing(self):
        with open(self.config, encoding="ascii") as f:
            r = self.check(f.read(), "--listen", "3s")
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertEqual(r.stdout, "")
        self.assertIn(" 0 change", r.stderr)

    def test_wrong_rules_say_where(self):
        r = self.check("mapping:\n  - match: '{job='\n    service: x\n", "--offline")
        self.assertEqual(r.returncode, 3)
        self.assertIn("rules.yml:2", r.stderr)
        r = self.check("mapping:\n  - match: 'up'\n    servce: x\n", "--offline")
        self.assertEqual(r.returncode, 3)
        self.assertIn("service", r.stderr)
        r = self.check("mapping:\n  - match: 'up'\n    service: '{job'\n", "--offline")
        self.assertEqual(r.returncode, 3)

    def test_rules_without_a_daemon(self):
        self.assertEqual(self.check("mapping:\n  - match: up\n    drop: true\n", "--offline").returncode, 0)
        r = run("check", "mapping", self.rules("mapping: []\n"), "--server=http://127.0.0.1:1")
        self.assertEqual(r.returncode, 5)
        self.assertIn("loadline serve", r.stderr)

    def test_z_a_broken_page_is_down_and_never_zero(self):
        Page.broken = True
        try:
            def down():
                s = {s["name"]: s for s in self.get("/api/v1/discovery")["sources"]}["orders"]
                return s if s["state"] == "down" else None

            self.assertIn("500", wait_until(down)["error"])
            # Its series have ended: no data, and not zero.
            cell = wait_until(lambda: (self.cell("API_CALLS") or {}).get("stale") and self.cell("API_CALLS"))
            self.assertIsNone(cell["current_value"])
        finally:
            Page.broken = False
        self.assertTrue(wait_until(lambda: self.cell("API_CALLS")["current_value"]))
