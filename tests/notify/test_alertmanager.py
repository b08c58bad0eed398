"""Debian's own Alertmanager takes, groups and resolves what the daemon tells it."""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest
import urllib.request

from receivers import hook, telling
from support import free_port, wait_until

PROGRAM = shutil.which("prometheus-alertmanager")


def get(url):
    with urllib.request.urlopen(url, timeout=10) as r:
        return json.load(r)


def told(sink, status):
    """Keys of the alerts of which the Alertmanager has told its own receiver that."""
    return {a["labels"]["key"] for s in sink.requests() for a in json.loads(s["body"])["alerts"]
            if a["status"] == status}


@contextlib.contextmanager
def alertmanager(sink):
    """Groups by the name of the alert, and tells `sink`."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"http://127.0.0.1:{free_port()}"
        config = {
            "route": {"receiver": "sink", "group_by": ["alertname"], "group_wait": "1s",
                      "group_interval": "1s"},
            "receivers": [{"name": "sink", "webhook_configs": [{"url": sink}]}],
        }
        path = os.path.join(folder, "am.yml")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(config, f)
        with open(os.path.join(folder, "log"), "w", encoding="utf-8") as log:
            p = subprocess.Popen(
                [PROGRAM, f"--config.file={path}", f"--storage.path={folder}/data",
                 f"--web.listen-address={url[7:]}", "--cluster.listen-address="],
                stdout=log, stderr=log)
        try:
            def ready():
                with contextlib.suppress(OSError):
                    return get(url + "/api/v2/status")
                return None
            wait_until(ready, 60)
            yield url
        finally:
            p.terminate()
            p.wait(30)


class Alertmanager(unittest.TestCase):
    def test_it_takes_groups_and_resolves(self):
        self.assertTrue(PROGRAM, "install prometheus-alertmanager")
        with hook() as sink, alertmanager(sink.url) as am:
            receivers = [{"name": "am", "kind": "alertmanager", "url": am + "/"}]
            with telling(receivers, "http://127.0.0.1:1") as d:
                self.assertIn("versionInfo", get(am + "/api/v2/status"))
                alerts = wait_until(lambda: get(am + "/api/v2/alerts"))
                self.assertEqual(len(alerts), 1)
                self.assertEqual(alerts[0]["status"]["state"], "active")
                self.assertEqual(
                    alerts[0]["labels"],
                    {"alertname": "LoadlineSourceDown", "severity": "warning",
                     "key": "source/prom"})
                self.assertIn("prom is down", alerts[0]["annotations"]["summary"])

                # a second source is down too: one group of two
                with open(d.config, encoding="utf-8") as f:
                    config = json.load(f)
                config["collect"]["prometheus"].append(
                    {"name": "other", "url": "http://127.0.0.1:1", "interval": "1s"})
                with open(d.config, "w", encoding="utf-8") as f:
                    json.dump(config, f)
                d.send(signal.SIGHUP)
                groups = wait_until(lambda: [g for g in get(am + "/api/v2/alerts/groups")
                                             if len(g["alerts"]) == 2])
                self.assertEqual(groups[0]["labels"], {"alertname": "LoadlineSourceDown"})

                wait_until(lambda: "source/other" in told(sink, "firing"), 60)

                # neither is there any more: it is told so, and tells its own receiver
                del config["collect"]["prometheus"]
                with open(d.config, "w", encoding="utf-8") as f:
                    json.dump(config, f)
                d.send(signal.SIGHUP)
                wait_until(lambda: get(am + "/api/v2/alerts") == [], 60)
                both = {"source/prom", "source/other"}
                wait_until(lambda: told(sink, "resolved") == both, 60)
                page = d.request("GET", "/metrics")[1].decode()
                self.assertIn('loadline_notifications_failed_total{receiver="am"} 0', page)
