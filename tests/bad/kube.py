#!/usr/bin/env python3
"""Four hundred services of a Kubernetes cluster, through a real Prometheus: all are found by name, with
counts, requests and readiness; the time from the first query to a full Overview.  --quick: 60."""
import json
import math
import os
import subprocess
import sys
import time

from live import Day, free_port, until
from peers import Peer, Prometheus

GENERATOR = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "gen_kube.py")


def config(port):
    return f"""
collect:
  host: {{enabled: false}}
  prometheus:
    - name: cluster
      url: http://127.0.0.1:{port}
      interval: 5s
      rate_window: 30s
storage: {{max_series: 100000}}
"""


def generator(day, services, port):
    command = [sys.executable, GENERATOR, "--services", str(services), "--port", str(port), "--timestamps"]
    return Peer(day, "cluster", command, "/ksm", port).start()


def services(d):
    out, cursor = [], ""
    while True:
        page = d.json("/api/v1/services?limit=1000" + (f"&cursor={cursor}" if cursor else ""))
        out += page["items"]
        cursor = page["next_cursor"]
        if not cursor:
            return {s["service"]: s for s in out}


def near(a, b, share=1e-6):
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=share, abs_tol=1e-9)


def is_full(found, wanted):
    return all(w["service"] in found and {"CPU", "MEMORY"} <= set(found[w["service"]]["resources"]) for w in wanted)


def main():
    with Day("kube") as day:
        day.need_tools("prometheus")
        n = 60 if day.quick else 400
        cluster = generator(day, n, free_port())
        wanted = [json.loads(x) for x in subprocess.run(
            [sys.executable, GENERATOR, "--services", str(n), "--expect"], capture_output=True, check=True
        ).stdout.splitlines()]
        target = [f"127.0.0.1:{cluster.port}"]
        pages = {job: {"targets": target, "path": "/" + job, "honor": True} for job in ("ksm", "cadvisor", "kubelet")}
        prometheus = Prometheus(day, pages, interval="5s").start()
        day.need(until(lambda: prometheus.query("count(rate(container_cpu_usage_seconds_total[30s]))"), 60, 1)
                 is not None, "Prometheus has no rates within 60 s")
        time.sleep(6)
        d = day.daemon(config=config(prometheus.port))
        began = time.time()
        d.start()
        took = until(lambda: is_full(services(d), wanted), 60, 0.1)
        found = services(d)
        missing = [w["service"] for w in wanted if w["service"] not in found]
        day.must(took is not None, f"the Overview is not full within 60 s: {len(missing)} of {n} missing, {missing[:5]}")
        day.must(len(found) == n, f"{len(found)} services instead of {n}")
        day.figures["full_s"] = f"{time.time() - began:.1f}" if took is None else f"{took:.1f}"
        wrong = 0
        for w in wanted:
            s = found.get(w["service"])
            if not s:
                continue
            pairs = [("desired", w["desired"]), ("ready", w["ready"])]
            amounts = [(k, r, w[f"{k}_{r.lower()}"]) for k in ("request", "limit") for r in ("CPU", "MEMORY")]
            same = (
                s.get("kind") == w["kind"]
                and all(near(s.get(k), v) for k, v in pairs)
                and all(near(s.get(k + "s", {}).get(r), v) for k, r, v in amounts)
            )
            if not same:
                wrong += 1
                if wrong <= 3:
                    print("differs:", w, {k: s.get(k) for k in ("kind", "desired", "ready", "requests", "limits")})
        day.must(wrong == 0, f"{wrong} of {n} services have other counts, requests, limits or kinds")
        def source():
            return next(s for s in d.json("/api/v1/discovery")["sources"] if s["name"] == "cluster")

        until(lambda: source()["state"] == "up" and not source()["error"], 5, 0.5)
        status = source()
        day.must(status["state"] == "up" and not status["error"], f"the source is {status}")
        page_ms = min(timed(lambda: d.request("GET", "/api/v1/summary")) for _ in range(5))
        day.figures.update(services=len(found), series=status.get("series", 0), poll_ms=round(status["duration_ms"]),
                           summary_ms=round(page_ms, 1), rss_mib=d.rss_kib() // 1024)


def timed(f):
    began = time.monotonic()
    f()
    return (time.monotonic() - began) * 1000


main()
