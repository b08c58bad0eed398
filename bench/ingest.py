#!/usr/bin/env python3
"""The same remote-write requests to Loadline and to its peers from Debian, one after the other.

Requests of 2,000 samples with six labels are made once (ingest_load) and sent over four
connections, each request when the one before was answered.  CPU is utime + stime of the server,
its background work included until it has been quiet for a second.  Only Loadline's answer means that
the samples are on disk; the peers' figures are those of Debian's versions.
"""
import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

LANES, SERIES = 4, 2000
RAW = """mapping:
  - match: ['{__name__=~"container_.*"}']
    raw: true
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as r:
            return r.status, r.read()
    except urllib.error.HTTPError as e:
        return e.code, e.read()


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmHWM:")) / 1024


def disk_bytes(folder):
    """What is allocated: files are made larger than their content ahead of time."""
    return sum(os.lstat(os.path.join(d, f)).st_blocks * 512 for d, _, files in os.walk(folder) for f in files)


def stored_prometheus(port, start, end):
    query = urllib.parse.quote(f"sum(count_over_time({{__name__=~'container_.+'}}[{(end - start) // 1000 + 60}s]))")
    status, body = get(port, f"/api/v1/query?query={query}&time={end / 1000 + 1}")
    rows = json.loads(body)["data"]["result"] if status == 200 else []
    return int(float(rows[0]["value"][1])) if rows else 0


def stored_victoria(port, start, end):
    match = urllib.parse.quote('{__name__=~"container_.+"}')
    get(port, "/internal/force_flush")  # what it acknowledged can be read some seconds later otherwise
    body = get(port, f"/api/v1/export?match={match}&start={start // 1000 - 60}&end={end // 1000 + 60}")[1]
    return sum(len(json.loads(line)["values"]) for line in body.splitlines())


def stored_loadline(port, _start, _end):
    match = urllib.parse.quote('{__name__=~"container_.+"}')
    body = get(port, f"/api/v1/series/export?match={match}")[1]
    return sum(len(json.loads(line)["points"]) for line in body.splitlines())


class Server:
    def __init__(self, name, argv, write, ready, stored, means):
        self.name, self.argv, self.write, self.ready = name, argv, write, ready
        self.stored, self.means = stored, means

    def start(self, folder):
        self.port, self.folder = free_port(), folder
        argv = [a.format(port=self.port, dir=folder) for a in self.argv]
        self.process = subprocess.Popen(argv, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            if self.process.poll() is not None:
                raise SystemExit(f"{self.name} ended: {' '.join(argv)}")
            try:
                if get(self.port, self.ready)[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise SystemExit(f"{self.name} does not get ready")

    def settle(self):
        """CPU seconds once it rests."""
        before = cpu_seconds(self.process.pid)
        for _ in range(20):
            time.sleep(1)
            now = cpu_seconds(self.process.pid)
            if now - before < 0.05:
                return now
            before = now
        return before

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def servers(binary, folder):
    config = os.path.join(folder, "loadline.yml")
    with open(config, "w", encoding="utf-8") as f:
        f.write(RAW)
    raw = subprocess.run([binary, "check", "config", config], capture_output=True, check=False).returncode == 0
    flags = ["--config.file=" + config] if raw else []
    yield Server("loadline" if raw else "loadline (not stored)",
                 [binary, "serve", *flags, "--web.listen-address=127.0.0.1:{port}", "--storage.path={dir}/data"],
                 "/api/v1/write", "/-/ready", stored_loadline, "on disk" if raw else "read, and not kept")
    yield Server("prometheus", ["prometheus", "--config.file=/dev/null", "--storage.tsdb.path={dir}/data",
                                "--web.listen-address=127.0.0.1:{port}", "--web.enable-remote-write-receiver"],
                 "/api/v1/write", "/-/ready", stored_prometheus, "received")
    yield Server("victoria-metrics", ["victoria-metrics", "-httpListenAddr=127.0.0.1:{port}",
                                      "-storageDataPath={dir}/data", "-memory.allowedBytes=256MB",
                                      "-retentionPeriod=1"],
                 "/api/v1/write", "/health", stored_victoria, "received")


def measure(server, tool, requests, start, end):
    with tempfile.TemporaryDirectory() as folder:
        server.start(folder)
        try:
            pid, idle = server.process.pid, cpu_seconds(server.process.pid)
            out = subprocess.run([tool, "send", requests, str(server.port), server.write, str(pid)], check=False,
                                 capture_output=True, text=True)
            if out.returncode != 0:
                raise SystemExit(f"{server.name}: {out.stderr.strip()}")
            samples, took, _, p50, p99, longest, refused, said = out.stdout.split()
            cpu = server.settle() - idle
            stored = server.stored(server.port, start, end)
            peak = peak_mb(pid)
        finally:
            server.stop()
        data = os.path.join(folder, "data")
        n = int(samples)
        return {"samples": n, "per_cpu": n / max(cpu, 0.01), "per_s": n / float(took), "p50": float(p50),
                "p99": float(p99), "max": float(longest), "refused": int(refused), "said": int(said),
                "stored": stored, "disk": disk_bytes(data) / n, "peak": peak, "words": out.stderr}


def report(rows):
    print(f"{'':22}{'samples/CPU-s':>14}{'samples/s':>11}{'p50 ms':>8}{'p99 ms':>8}{'B/sample':>10}{'peak MB':>9}  "
          "the answer means")
    for name, (means, r) in rows.items():
        print(f"{name:22}{r['per_cpu']:14.0f}{r['per_s']:11.0f}{r['p50']:8.1f}{r['p99']:8.1f}{r['disk']:10.1f}"
              f"{r['peak']:9.0f}  {means}")
    ours = next(iter(rows))
    for name in list(rows)[1:]:
        ratio = rows[ours][1]["per_cpu"] / rows[name][1]["per_cpu"]
        print(f"{ours} / {name}: {ratio:.2f} of its samples per CPU second")


def faults(rows):
    for name, (_, r) in rows.items():
        if r["refused"]:
            yield f"{name} refused {r['refused']} requests: {r['words'].strip()}"
        if r["stored"] != r["samples"]:
            yield f"{name} has {r['stored']} of {r['samples']} samples"


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--loadline", required=True)
    p.add_argument("--tools", help="folder of ingest_load")
    p.add_argument("--quick", action="store_true")
    p.add_argument("--blocks", type=int, help="blocks of 2,000 series for each of the four connections")
    p.add_argument("--steps", type=int, help="samples of each series")
    a = p.parse_args()
    binary = os.path.abspath(a.loadline)
    tool = os.path.join(a.tools or os.path.join(os.path.dirname(binary), "bench"), "ingest_load")
    blocks, steps = a.blocks or (1 if a.quick else 3), a.steps or (40 if a.quick else 240)
    rounds = 1 if a.quick else 3
    end = int(time.time()) * 1000
    start = end - (steps - 1) * 15000
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        requests = os.path.join(folder, "requests")
        subprocess.run([tool, "make", requests, str(LANES), str(blocks), str(steps), str(start)], check=True)
        size = os.path.getsize(requests)
        n = LANES * blocks * steps
        print(f"{n} requests of {SERIES} samples, {LANES * blocks * SERIES} series, six labels, "
              f"{size / n / SERIES:.1f} B/sample on the wire, {LANES} connections, median of {rounds}")
        print("reading them alone:", subprocess.run([tool, "decode", requests], check=True, capture_output=True,
                                                    text=True).stdout.strip(), flush=True)
        for server in servers(binary, folder):
            if not (os.path.isabs(server.argv[0]) or shutil.which(server.argv[0])):
                print(f"{server.name}: not installed, left out", file=sys.stderr)
                continue
            got = [measure(server, tool, requests, start, end) for _ in range(rounds)]
            middle = {k: statistics.median(r[k] for r in got) if isinstance(got[0][k], float) else got[-1][k]
                      for k in got[0]}
            rows[server.name] = (server.means, middle)
    report(rows)
    wrong = list(faults(rows))
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
