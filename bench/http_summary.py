#!/usr/bin/env python3
"""Requests per CPU second of GET /api/v1/summary, and of a bare libmicrohttpd peer."""
import argparse
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

LIMIT = 0.8


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(port, path):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    c.request("GET", path)
    r = c.getresponse()
    return r.status, r.read()


def wait_ready(port):
    for _ in range(200):
        try:
            if get(port, "/-/ready")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    sys.exit("http_summary: the daemon does not get ready")


def measure(tools, port, path, seconds, pid):
    out = subprocess.run([os.path.join(tools, "http_load"), str(port), path, str(seconds), "32",
                          str(pid)], check=True, capture_output=True, text=True).stdout
    requests, took, cpu = map(float, out.split())
    return requests / max(cpu, 0.01), requests / took


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--loadline", required=True)
    p.add_argument("--tools", help="folder of http_load and http_bare")
    p.add_argument("--quick", action="store_true")
    a = p.parse_args()
    tools = a.tools or os.path.join(os.path.dirname(a.loadline), "bench")
    rounds, seconds = (5, 1) if a.quick else (9, 2)
    port = free_port()
    with tempfile.TemporaryDirectory() as data:
        daemon = subprocess.Popen(
            [a.loadline, "serve", f"--web.listen-address=127.0.0.1:{port}",
             f"--storage.path={data}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        bare = None
        try:
            wait_ready(port)
            size = len(get(port, "/api/v1/summary")[1])
            bare = subprocess.Popen([os.path.join(tools, "http_bare"), str(size)],
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            bare_port = int(bare.stdout.readline())
            ours, theirs = [], []
            for _ in range(rounds):
                ours.append(measure(tools, port, "/api/v1/summary", seconds, daemon.pid))
                theirs.append(measure(tools, bare_port, "/", seconds, bare.pid))
        finally:
            daemon.terminate()
            daemon.wait()
            if bare:
                bare.stdin.close()
                bare.wait()
    mine, peer = (statistics.median(x[0] for x in rows) for rows in (ours, theirs))
    print(f"answer {size} bytes, {rounds} rounds of {seconds} s in turns, 32 connections")
    print(f"{'':20} requests/CPU-s  requests/s")
    for name, rows, cpu in (("GET /api/v1/summary", ours, mine), ("bare libmicrohttpd", theirs, peer)):
        print(f"{name:20} {cpu:14.0f} {statistics.median(x[1] for x in rows):11.0f}")
    ratio = mine / peer
    print(f"ratio {ratio:.2f} (at least {LIMIT})")
    return 0 if ratio >= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
