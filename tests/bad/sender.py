#!/usr/bin/env python3
"""P1, P17 on the remote-write path: a real Prometheus scrapes node_exporter and sends to Loadline, which
is stopped, killed and started again meanwhile.  Under a raw mapping every sample that Prometheus has
is in Loadline, bit for bit, and none twice.  Ten minutes; --quick: 40 s."""
import json
import os
import signal
import struct
import subprocess
import time

from live import BIN, Day, until
from peers import Prometheus, node_exporter

RAW = """
mapping:
  - match: '{__name__=~".+"}'
    raw: true
storage:
  max_labeled_series: 50000
"""


def bits(text):
    return struct.unpack("<Q", struct.pack("<d", float(text)))[0]


def key(labels):
    return json.dumps(labels, sort_keys=True, ensure_ascii=False)


def in_prometheus(prometheus, span, at):
    """{series: {ms: bits}}; the API tells no stale markers."""
    out = {}
    for r in prometheus.query(f'{{__name__=~".+"}}[{span}s]', at):
        out[key(r["metric"])] = {round(float(t) * 1000): bits(v) for t, v in r["values"]}
    return out


def in_loadline(day, d, since, until_):
    """The same from `loadline export`, without stale markers; counts points that are there twice."""
    p = subprocess.run(
        [BIN, "export", f"--server=http://127.0.0.1:{d.port}", "--match", '{__name__=~".+"}',
         "--from", str(since), "--to", str(until_), "-o", "ndjson"],
        capture_output=True, check=False,
    )
    day.need(p.returncode == 0, f"export failed: {p.stderr.decode()[:300]}")
    out, twice, stale = {}, 0, 0
    for line in p.stdout.splitlines():
        row = json.loads(line)
        points = out.setdefault(key(row["labels"]), {})
        for point in row["points"]:
            t, value = point[0], point[1]
            if len(point) > 2 and int(point[2], 16) == 0x7FF0000000000002:
                stale += 1
                continue
            twice += t in points
            points[t] = bits(value)
    return out, twice, stale


def compare(day, prometheus, exporter, d, began):
    """What Prometheus has, up to a moment that remote-write has passed."""
    now = time.time()
    at = now - 6
    span = int(at - began) + 5
    there = in_prometheus(prometheus, span, at)
    exporter.kill()  # its series end: each gets a stale marker
    day.need(until(lambda: prometheus.query("up == 0"), 20, 0.5) is not None, "Prometheus does not miss its target")
    prometheus.stop_scraping()
    day.need(prometheus.caught_up(), "Prometheus did not get rid of its samples within 90 s")
    here, twice, stale = in_loadline(day, d, began - 10, int(now) + 60)
    total = missing = wrong = 0
    for series, points in there.items():
        mine = here.get(series, {})
        for t, value in points.items():
            total += 1
            missing += t not in mine
            wrong += t in mine and not same(mine[t], value)
    day.must(total > 1000, f"only {total} samples to compare")
    day.must(missing == 0, f"{missing} of {total} samples are missing")
    day.must(wrong == 0, f"{wrong} of {total} samples have other bits")
    day.must(stale >= len(there) - 10, f"{stale} stale markers for {len(there)} series")
    day.must(twice == 0, f"{twice} samples are there twice")
    day.figures.update(series=len(there), samples=total, missing=missing, wrong=wrong, twice=twice, stale=stale)


def same(a, b):
    """JSON tells a NaN without its payload."""
    nan = lambda x: (x & 0x7FF0000000000000) == 0x7FF0000000000000 and x & 0xFFFFFFFFFFFFF
    return a == b or (nan(a) and nan(b))


def main():
    with Day("sender") as day:
        day.need_tools("prometheus", "prometheus-node-exporter")
        exporter = node_exporter(day)
        d = day.daemon(config=RAW)
        d.start()
        prometheus = Prometheus(
            day, {"node": [f"127.0.0.1:{exporter.port}"]}, f"http://127.0.0.1:{d.port}/api/v1/write",
            interval="1s" if day.quick else "5s",
        ).start()
        began = time.time()
        length = 25 if day.quick else 600
        kills = stops = 0
        while time.time() - began < length:
            time.sleep(day.rng.uniform(2, 5) if day.quick else day.rng.uniform(10, 40))
            if day.rng.random() < 0.5:
                code, _ = d.end(signal.SIGTERM)
                day.must(code == 0, f"SIGTERM ended it with {code}")
                stops += 1
            else:
                os.kill(d.pid, signal.SIGKILL)
                d.process.wait()
                kills += 1
            time.sleep(day.rng.uniform(0.2, 3))
            d.start()
        dropped = prometheus.own("prometheus_remote_storage_samples_dropped_total")
        failed = prometheus.own("prometheus_remote_storage_samples_failed_total")
        day.must(failed == 0, f"Prometheus gave up on {failed} samples")
        until(lambda: d.answers("/-/ready"), 10)
        compare(day, prometheus, exporter, d, began)
        day.figures.update(kills=kills, stops=stops, dropped=int(dropped), failed=int(failed))


main()
