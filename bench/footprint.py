#!/usr/bin/env python3
"""Footprint of the daemon and of its peers, measured alike in one run.

RSS after an idle spell, exec to first HTTP 200 (median of several starts), CPU while idle.
Limits are printed with each figure; the exit code says whether all hold.
"""
import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def status_of(port, path):
    """The HTTP status of a GET, or None while nobody answers."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5) as s:
            head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
            s.sendall(head.encode())
            return int(s.recv(64).split(b" ")[1])
    except (OSError, IndexError, ValueError):
        return None


class Program:
    def __init__(self, name, argv, path):
        self.name, self.argv, self.path = name, argv, path

    def start(self, folder):
        port = free_port()
        argv = [a.format(port=port, dir=folder) for a in self.argv]
        began = time.perf_counter()
        process = subprocess.Popen(
            argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
        )
        while status_of(port, self.path) != 200:
            if process.poll() is not None or time.perf_counter() - began > 30:
                raise SystemExit(f"{self.name}: did not answer {self.path}: {' '.join(argv)}")
            time.sleep(0.0005)
        return process, (time.perf_counter() - began) * 1000

    @staticmethod
    def stop(process):
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def memory_kb(pid, field):
    with open(f"/proc/{pid}/status" if field == "VmRSS" else f"/proc/{pid}/smaps_rollup") as f:
        for line in f:
            if line.startswith(field + ":"):
                return int(line.split()[1])
    return 0


def schedstat_seconds(pid):
    """CPU time in ns of all threads, finer than clock ticks."""
    total = 0
    for tid in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{tid}/schedstat") as f:
            total += int(f.read().split()[0])
    return total / 1e9


def measure(program, starts, idle):
    start_ms = measure_start(program, starts)
    with tempfile.TemporaryDirectory() as folder:
        process, _ = program.start(folder)
        time.sleep(5)
        before = schedstat_seconds(process.pid)
        time.sleep(idle)
        cpu = (schedstat_seconds(process.pid) - before) / idle
        rss = memory_kb(process.pid, "VmRSS") / 1024
        pss = memory_kb(process.pid, "Pss") / 1024
        program.stop(process)
    return {
        "start_ms": start_ms,
        "rss_mb": rss,
        "pss_mb": pss,
        "idle_cpu_pct": cpu * 100,
    }


def peers():
    listen = "127.0.0.1:{port}"
    yield Program(
        "node-exporter", ["prometheus-node-exporter", "--web.listen-address=" + listen], "/"
    )
    yield Program(
        "prometheus",
        [
            "prometheus",
            "--config.file=/dev/null",
            "--storage.tsdb.path={dir}",
            "--web.listen-address=" + listen,
        ],
        "/-/healthy",
    )
    yield Program(
        "victoria-metrics",
        [
            "victoria-metrics",
            "-httpListenAddr=" + listen,
            "-storageDataPath={dir}",
            "-memory.allowedBytes=256MB",
        ],
        "/health",
    )


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--loadline", default="build/loadline")
    p.add_argument("--quick", action="store_true", help="fewer starts, shorter idle spell")
    p.add_argument("--idle", type=float, help="seconds of idling measured")
    args = p.parse_args()
    binary = os.path.abspath(args.loadline)
    starts, idle = (5, args.idle or 30) if args.quick else (15, args.idle or 120)

    ours = Program("loadline", [binary, "serve", "--web.listen-address=127.0.0.1:{port}",
                                "--storage.path={dir}/data"], "/-/healthy")
    page = Program("loadline (page)", ours.argv, "/")
    results = {"loadline": measure(ours, starts, idle)}
    results["loadline"]["page_ms"] = measure_start(page, starts)
    for peer in peers():
        if shutil.which(peer.argv[0]):
            results[peer.name] = measure(peer, max(3, starts // 3), idle)
        else:
            print(f"{peer.name}: not installed, left out", file=sys.stderr)

    print(f"{'program':<18}{'start ms':>10}{'RSS MB':>9}{'PSS MB':>9}{'idle CPU %':>12}")
    for name, r in results.items():
        figures = f"{r['start_ms']:>10.1f}{r['rss_mb']:>9.1f}{r['pss_mb']:>9.1f}"
        print(f"{name:<18}{figures}{r['idle_cpu_pct']:>12.3f}")
    return verdicts(results, os.path.getsize(binary))


def measure_start(program, starts):
    times = []
    for _ in range(starts):
        with tempfile.TemporaryDirectory() as folder:
            process, ms = program.start(folder)
            times.append(ms)
            program.stop(process)
    return statistics.median(times)


def verdicts(results, size):
    us, exporter = results["loadline"], results.get("node-exporter")
    checks = [
        ("idle RSS", us["rss_mb"], 12, "MB"),
        ("exec to first 200", us["start_ms"], 30, "ms"),
        ("exec to the page", us["page_ms"], 30, "ms"),
        ("idle CPU", us["idle_cpu_pct"], 0.2, "% of a core"),
        ("binary", size / 1e6, 3, "MB"),
    ]
    if exporter:
        checks.insert(1, ("RSS / node-exporter", us["rss_mb"] / exporter["rss_mb"], 0.75, "x"))
    failed = 0
    for name, value, limit, unit in checks:
        ok = value <= limit
        failed += not ok
        print(f"{'ok  ' if ok else 'OVER'} {name}: {value:.3g} {unit} (limit {limit} {unit})")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
