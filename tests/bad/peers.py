"""Real senders and servers beside the daemon: Debian's Prometheus and node_exporter."""
import json
import os
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from live import free_port, span, until


def get(url, timeout=20):
    with urllib.request.urlopen(url, timeout=span(timeout)) as r:
        return r.read()


def answers(url):
    try:
        return bool(get(url, 2)) or True
    except (OSError, urllib.error.URLError):
        return False


class Peer:
    """A process with a port of its own; ended with the day."""

    def __init__(self, day, name, command, ready, port):
        self.day, self.name, self.port, self.command, self.ready = day, name, port, command, ready
        self.log = os.path.join(day.folder, f"{name}{port}.log")
        self.process = None
        day.cleanup.append(self.kill)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self, wait=30):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.day.need(
            until(lambda: answers(self.url + self.ready), wait, 0.1) is not None,
            f"{self.name} did not start: {open(self.log, encoding='utf-8', errors='replace').read()[-500:]}",
        )
        return self

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def node_exporter(day):
    port = free_port()
    command = ["prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{port}"]
    return Peer(day, "node_exporter", command, "/metrics", port).start()


class Prometheus(Peer):
    """scrape: {job: [host:port]}; write: the URL that samples are sent to, or None."""

    def __init__(self, day, scrape, write=None, interval="5s", receiver=False):
        port = free_port()
        folder = os.path.join(day.folder, f"prometheus{port}")
        os.makedirs(folder)
        self.config, self.write, self.interval = os.path.join(folder, "prometheus.yml"), write, interval
        self.configure(scrape)
        command = [
            "prometheus",
            f"--config.file={self.config}",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{port}",
            "--web.enable-lifecycle",
        ]
        super().__init__(day, "prometheus", command + ["--web.enable-remote-write-receiver"] * receiver, "/-/ready", port)

    def configure(self, scrape):
        with open(self.config, "w", encoding="ascii") as f:
            f.write(self.text(scrape, self.write, self.interval))

    def stop_scraping(self):
        """What is not sent yet goes on being sent."""
        self.configure({})
        urllib.request.urlopen(urllib.request.Request(self.url + "/-/reload", method="POST"), timeout=span(20)).close()

    @staticmethod
    def text(scrape, write, interval):
        lines = [f"global: {{scrape_interval: {interval}, scrape_timeout: {interval}}}", "scrape_configs:"]
        for job, targets in scrape.items():
            page = targets if isinstance(targets, dict) else {"targets": targets}
            lines.append(f"  - job_name: {job}")
            if "path" in page:
                lines.append(f"    metrics_path: {page['path']}")
            if "honor" in page:
                lines.append("    honor_labels: true")
            lines.append(f"    static_configs: [{{targets: {json.dumps(page['targets'])}}}]")
        if write:
            lines += [
                "remote_write:",
                f"  - url: {write}",
                "    queue_config: {batch_send_deadline: 1s, min_backoff: 100ms, max_backoff: 2s, retry_on_http_429: true}",
            ]
        return "\n".join(lines) + "\n"

    def query(self, expression, at=None):
        form = {"query": expression, **({"time": at} if at else {})}
        body = urllib.parse.urlencode(form).encode()
        with urllib.request.urlopen(self.url + "/api/v1/query", body, timeout=span(60)) as r:
            answer = json.load(r)
        self.day.must(answer["status"] == "success", f"{expression}: {answer}")
        return answer["data"]["result"]

    def own(self, name):
        """The sum of one of its own counters or gauges, read from its page."""
        total = 0.0
        for line in get(self.url + "/metrics").decode().splitlines():
            if line.startswith(name) and line[len(name)] in " {":
                total += float(line.rsplit(" ", 1)[1])
        return total

    def caught_up(self, wait=90):
        """Waits until remote-write has nothing left to send; nothing is scraped any more."""
        idle = []

        def done():
            pending = self.own("prometheus_remote_storage_samples_pending")
            behind = self.own("prometheus_remote_storage_highest_timestamp_in_seconds") - self.own(
                "prometheus_remote_storage_queue_highest_sent_timestamp_seconds"
            )
            idle.append(pending == 0 and behind <= 0)
            return len(idle) >= 10 and all(idle[-10:])
        return until(done, wait, 0.2) is not None
