"""Debian's Prometheus scraping Debian's node_exporter."""
import signal
import subprocess
import time
import unittest

from fake import Real, folder, free_port, have, poll, wait_until

CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: node
    static_configs: [{{targets: ['127.0.0.1:{port}']}}]
"""
ASKS = ("--ask=node_load1", "--ask=node_cpu_seconds_total:counter",
        "--ask=node_memory_MemTotal_bytes:fact", "--ask=kube_pod_info:fact",
        '--ask-selector={__name__=~"node_filesystem_.*",job="node"}', "--rate-window=10s")


@unittest.skipUnless(have("prometheus") and have("prometheus-node-exporter"), "script/setup test")
class RealPrometheus(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.context = folder()
        where = cls.context.__enter__()
        port = free_port()
        cls.exporter = subprocess.Popen(
            ["prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.prometheus = Real(where, CONFIG.format(port=port)).start()
        wait_until(lambda: len(cls.prometheus.query(
            "count_over_time(node_cpu_seconds_total[20s]) > 3")) > 0, 60, 0.5)

    @classmethod
    def tearDownClass(cls):
        if cls.exporter.poll() is None:
            cls.exporter.kill()
        cls.exporter.wait()
        cls.prometheus.stop()
        cls.context.__exit__(None, None, None)

    def test_1_every_series_once_with_the_value_that_prometheus_has(self):
        p, = poll(f"--url={self.prometheus.url}", *ASKS)
        self.assertEqual((p["ok"], p["complete"], p["note"], p["failed"]), (True, True, "", 0))
        texts = [str(sorted(s["labels"].items())) for s in p["series"]]
        self.assertEqual(len(texts), len(set(texts)))
        at = p["series"][0]["t"] / 1000
        for metric, expr in (("node_load1", "node_load1"),
                             ("node_cpu_seconds_total", "rate(node_cpu_seconds_total[10s])")):
            want = {str(sorted({**r["metric"], "__name__": metric}.items())): float(r["value"][1])
                    for r in self.prometheus.query(expr, time=at)}
            got = {str(sorted(s["labels"].items())): float(s["value"]) for s in p["series"]
                   if s["labels"]["__name__"] == metric}
            self.assertEqual(got, want)
            self.assertTrue(got)
        self.assertFalse([s for s in p["series"] if s["labels"]["__name__"] == "kube_pod_info"])

    def test_2_a_dead_exporter_gives_no_old_values(self):
        self.exporter.send_signal(signal.SIGKILL)
        self.exporter.wait()
        wait_until(lambda: not self.prometheus.query("up == 1"), 20, 0.5)
        time.sleep(1)
        p, = poll(f"--url={self.prometheus.url}", *ASKS)
        self.assertEqual(p["series"], [], p["note"])
        self.assertFalse(p["complete"])
        self.assertIn("1 of 1 targets are down", p["note"])
        self.assertIn("whose target is up", p["note"])  # rate() would still have an answer


@unittest.skipUnless(have("victoria-metrics") and have("prometheus-node-exporter"),
                     "script/setup test")
class RealVictoriaMetrics(unittest.TestCase):
    def test_the_same_questions_and_a_target_that_dies(self):
        with folder() as where:
            exporter_at, port = free_port(), free_port()
            with open(f"{where}/scrape.yml", "w", encoding="ascii") as f:
                f.write(CONFIG.format(port=exporter_at))
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            exporter = subprocess.Popen(
                ["prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{exporter_at}"],
                **quiet)
            server = subprocess.Popen(
                ["victoria-metrics", f"-storageDataPath={where}/vm", "-search.latencyOffset=1s",
                 f"-httpListenAddr=127.0.0.1:{port}", f"-promscrape.config={where}/scrape.yml"],
                **quiet)
            try:
                self.look(f"http://127.0.0.1:{port}", exporter)
            finally:
                for p in (exporter, server):
                    p.kill()
                    p.wait()

    def look(self, url, exporter):
        def now():
            return poll(f"--url={url}", *ASKS)[0]

        def rates(p):
            return [s for s in p["series"] if s["kind"] == "rate"]

        wait_until(lambda: len(rates(now())) > 0, 60, 0.5)
        p = now()
        self.assertEqual((p["complete"], p["failed"], p["note"]), (True, 0, ""))
        names = {s["labels"]["__name__"] for s in p["series"]}
        self.assertLessEqual({"node_load1", "node_cpu_seconds_total"}, names)
        self.assertTrue(all(s["labels"]["__name__"] == "node_cpu_seconds_total" for s in rates(p)))
        exporter.kill()
        exporter.wait()
        p = wait_until(lambda: (lambda p: not p["series"] and p)(now()), 30, 0.5)
        self.assertIn("1 of 1 targets are down", p["note"])
